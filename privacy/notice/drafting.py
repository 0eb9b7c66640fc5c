"""A new notice (GDPR Art. 13 and 14) from the register, the rules and what is collected. Pure.

Its sentences are written for it; gaps are marked where nothing tells what would have to stand there. It is a draft: a
person reads and publishes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from config.entries import Processing
from config.identifiers import EEA
from config.register import ProcessingRegister
from privacy.notice.fields import EXTERNAL, FIELDS, NOTED
from privacy.notice.findings import RIGHTS, Kept
from privacy.notice.words import NoticeWords
from privacy.package.contents import AUTHORITY
from privacy.recipients import PARTNER
from privacy.retention import CATEGORIES

NOTHING = "–"
"""A cell without anything to say."""
_NOT_KNOWN = ("unknown", "unassessed")


@dataclass(frozen=True, slots=True)
class Other:
    """Who gets data beside the parties of the register: a sub-processor (`under`: for whom), or an approved recipient
    of a `kind` (`partner`, `processor`). `safeguard`: what carries a transfer to it."""

    name: str
    country: str
    kind: str
    under: str | None = None
    safeguard: str = "none"


@dataclass(frozen=True, slots=True)
class Told:
    """What a draft is made of. `rules`: category of retention → period (ISO 8601) and from when it counts; `duty`:
    whether one of them rests on a law, so that an erasure keeps something (`privacy.holding`)."""

    register: ProcessingRegister
    kept: Kept
    rules: Mapping[str, tuple[str, str]]
    others: Sequence[Other] = ()
    measures: Sequence[str] = ()
    segments: bool = False
    duty: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values."""

    pairs: tuple[tuple[str, str], ...]


Block = str | Items | Facts | Grid


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted notice. `name`: of the register; `note`: to whoever publishes it."""

    title: str
    name: str
    note: str
    intro: str
    sections: tuple[Section, ...]
    mark: str

    @property
    def gaps(self) -> int:
        """How many gaps are to be filled in."""
        return repr(self.sections).count(self.mark)


def draft(told: Told, language: str, today: date) -> Draft:
    """The notice as it would have to be today."""
    words = NoticeWords(language)
    sections = tuple(Section(words.say(heading), tuple(make(told, words))) for heading, make in _SECTIONS)
    note = words.say("draft_of", day=words.day(today.isoformat()))
    return Draft(words.say("title"), told.register.name, note, words.say("intro"), sections, words.mark)


def _who(told: Told, words: NoticeWords) -> Iterator[Block]:
    register = told.register
    party = register.parties[register.controller]
    address = party.address if party.address != "unknown" else words.missing("controller_address")
    pairs = [(words.say("controller_name"), party.name)]
    if party.business_id not in ("unknown", "none"):
        pairs.append((words.say("business_id"), party.business_id))
    pairs += [
        (words.say("address"), address),
        (words.say("who_to_ask"), register.contact.strip() or words.missing("contact")),
        (words.say("brands"), ", ".join(brand.name for brand in register.brands.values())),
    ]
    yield Facts(tuple(pairs))


def _entries(told: Told) -> list[Processing]:
    """What is done: of those whose records are here, of everybody in an empty registry."""
    fed = [entry for entry in told.register.processing if entry.party in told.kept.feeding]
    return fed or list(told.register.processing)


def _why(told: Told, words: NoticeWords) -> Iterator[Block]:
    bases: dict[str, dict[str, None]] = {}
    for entry in _entries(told):
        for purpose in entry.purposes:
            bases.setdefault(purpose, {}).update(dict.fromkeys(entry.legal_basis))
    rows = tuple(
        (words.term("purpose", told.register.purposes[name].text), _joined(bases[name], "basis", words))
        for name in told.register.purposes
        if name in bases
    )
    yield Grid((words.say("use"), words.say("basis")), rows)
    if any("eu-gdpr:A6-1-f" in found for found in bases.values()):
        yield words.say("interest")
    yield words.say("marketing")
    yield words.say("duties")


def _joined(codes: Iterable[str], table: str, words: NoticeWords) -> str:
    return ", ".join(words.missing(table) if code in _NOT_KNOWN else words.term(table, code) for code in codes)


def _data(told: Told, words: NoticeWords) -> Iterator[Block]:
    names = [name for name in (*FIELDS, NOTED, EXTERNAL) if name in told.kept.collected]
    yield Items(tuple(words.term("field", name) for name in names)) if names else words.missing("data")
    if NOTED in names:
        yield words.say("health")
    yield words.missing("required")


def _from_where(told: Told, words: NoticeWords) -> Iterator[Block]:
    found = {(entry.party, entry.collected_from): None for entry in _entries(told)}
    yield Items(
        tuple(
            words.say("source_of", name=_name(told, party), collected=_joined([collected], "collected", words))
            for party, collected in found
        )
    )


def _handlers(told: Told, words: NoticeWords) -> Iterator[Block]:
    rows = [_handler(told, entry, words) for entry in _entries(told) if entry.party != told.register.controller]
    for other in told.others:
        role, country = _role(told, other, words), _country(other.country, words)
        rows.append((other.name, role, NOTHING, country, NOTHING))
    headings = tuple(words.say(key) for key in ("party", "role", "task", "country", "more"))
    yield Grid(headings, tuple(rows))
    doubtful = [party.name for party in told.register.parties.values() if party.state == "unverified"]
    if doubtful:
        yield Items(tuple(words.missing("task", name=name) for name in doubtful))
    if not any(other.kind == PARTNER for other in told.others):
        yield words.say("no_partners")
    yield words.say("authorities")


def _role(told: Told, other: Other, words: NoticeWords) -> str:
    if other.under:
        above = told.register.parties.get(other.under)
        return words.say("sub_processor", name=above.name if above else other.under)
    return words.say("partner") if other.kind == PARTNER else words.term("role", other.kind)


def _handler(told: Told, entry: Processing, words: NoticeWords) -> tuple[str, ...]:
    party = told.register.parties[entry.party]
    settled = entry.role_assessed != "unassessed"
    role = words.term("role", entry.role_assessed) if settled else words.missing("role")
    activity = words.term("activity", told.register.activities[entry.activity].name)
    notice = party.notice_url if party.notice_url not in ("unknown", "none") else NOTHING
    return party.name, role, activity, _country(party.country, words), notice


def _abroad(told: Told, words: NoticeWords) -> Iterator[Block]:
    found = [*_lying(told, words), *_recipients_abroad(told, words)]
    yield Items(tuple(found)) if found else words.say("none_abroad")
    if found:
        yield words.say("copy")


def _lying(told: Told, words: NoticeWords) -> Iterator[str]:
    for entry in _entries(told):
        transfer, name = entry.transfer, _name(told, entry.party)
        if transfer.storage_country == "unknown":
            yield words.missing("storage", name=name)
        elif transfer.storage_country not in EEA and transfer.storage_country != "none":
            known = transfer.instrument not in ("unknown", "none")
            yield words.say(
                "lies",
                name=name,
                country=words.term("country", transfer.storage_country),
                mechanism=_joined([transfer.mechanism_assessed], "mechanism", words),
                instrument=f" ({transfer.instrument if known else words.missing('instrument')})",
            )


def _recipients_abroad(told: Told, words: NoticeWords) -> Iterator[str]:
    for other in told.others:
        if other.country == "unknown":
            yield words.missing("storage", name=other.name)
        elif other.country not in EEA:
            mechanism = "unknown" if other.safeguard == "none" else other.safeguard
            country = words.term("country", other.country)
            carried = _joined([mechanism], "mechanism", words)
            yield words.say("lies", name=other.name, country=country, mechanism=carried, instrument="")


def _how_long(told: Told, words: NoticeWords) -> Iterator[Block]:
    rows = []
    for category in CATEGORIES:
        period, trigger = told.rules.get(category, (None, None))
        kept = words.period(period) if period else words.missing("retention")
        counted = words.term("retention_from", trigger) if period and trigger else NOTHING
        rows.append((words.term("retention_category", category), kept, counted))
    yield Grid(tuple(words.say(key) for key in ("kept_what", "kept_for", "counted_from")), tuple(rows))
    if told.duty:
        yield words.say("longer")


def _rights(_told: Told, words: NoticeWords) -> Iterator[Block]:
    yield Items(tuple(words.term("right", right) for right in RIGHTS))
    yield words.say("how_to_ask")
    name, site, phone, post = (AUTHORITY[key] for key in ("name", "site", "phone", "post"))
    yield words.say("authority_told", name=name, site=site, phone=phone, post=post)


def _decisions(told: Told, words: NoticeWords) -> Iterator[Block]:
    yield words.say("no_decisions")
    yield words.say("joining_told")
    if told.segments:
        yield words.say("groups")


def _safety(told: Told, words: NoticeWords) -> Iterator[Block]:
    yield Items(tuple(told.measures)) if told.measures else words.missing("measures")


def _country(code: str, words: NoticeWords) -> str:
    return words.missing("country") if code == "unknown" else words.term("country", code)


def _name(told: Told, party: str) -> str:
    return told.register.parties[party].name


_SECTIONS = (
    ("who", _who),
    ("why", _why),
    ("data", _data),
    ("from_where", _from_where),
    ("handlers", _handlers),
    ("abroad", _abroad),
    ("how_long", _how_long),
    ("your_rights", _rights),
    ("decisions", _decisions),
    ("safety", _safety),
)
