"""Where the privacy notice, the processing register and the data do not agree (GDPR Art. 5, 12-14, 28, 44). Pure.

1. What the register says by itself: roles, parties, bases, what carries transfers.
2. What is kept beside the data: rules of retention, agreements, measures, recipients.
3. What the text of the notice in force says, by its phrases, against both and against what is collected.

A finding says what does not agree. What is right is the owner's to find out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from config.entries import Processing
from config.identifiers import EEA
from config.register import ProcessingRegister
from privacy import terms
from privacy.notice.reading import LANGUAGES, Reading
from privacy.notice.sentences import SENTENCES
from privacy.retention import CATEGORIES

BOTH = "processor+controller"
CLAUSES = "eu-gdpr:A46-2-c"
CLAUSES_IN_FORCE = "2021/914"
"""Decision (EU) 2021/914; contracts under the older clauses were void from 27 December 2022 on (its Art. 4(4))."""
ADEQUATE: Mapping[str, frozenset[str]] = {"2002/2": frozenset({"CA"})}
"""Adequacy decisions that name one country → that country."""
RIGHTS = (
    "access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal", "complaint",
)  # fmt: skip
_OPEN = ("unassessed", "unknown")


@dataclass(frozen=True, slots=True)
class Kept:
    """What there is. `feeding`: parties whose records are there; `collected`: fields (`privacy.notice.fields`) of which
    anything is; `empty`: no customer at all; `defined`: categories of retention with a period; `agreements`: parties
    with one in force; `partners`: whether anybody may get data for marketing; `measures`: whether any is written
    down."""

    feeding: frozenset[str] = frozenset()
    collected: frozenset[str] = frozenset()
    empty: bool = True
    defined: frozenset[str] = frozenset()
    agreements: frozenset[str] = frozenset()
    partners: bool = False
    measures: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """The version in force, `None` where there is none, and its text, where it is kept."""

    version: str | None
    language: str = "none"
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """`code`: its kind, and after a colon what it is about. `quote`: the sentence of the notice, or `None` where it
    says nothing. `what`: what does not agree; `way`: what can be done."""

    code: str
    quote: str | None
    what: str
    way: str


@dataclass(frozen=True, slots=True)
class _Case:
    register: ProcessingRegister
    notice: Notice
    kept: Kept
    reading: Reading


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    about: str = ""
    quote: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)


def findings(register: ProcessingRegister, notice: Notice, kept: Kept) -> list[Finding]:
    """Everything that does not agree, each once."""
    case = _Case(register, notice, kept, Reading(notice.text or "", notice.language))
    found = [one for rule in _OF_REGISTER for one in rule(case)]
    if notice.version is None:
        found.append(_Found("notice_missing"))
    elif notice.text is None or notice.language not in LANGUAGES:
        found.append(_Found("text_missing", words={"version": notice.version}))
    else:
        found += [one for rule in _OF_TEXT for one in rule(case)]
    return list({one.code: one for one in map(_told, found)}.values())


def _told(found: _Found) -> Finding:
    what, way = SENTENCES[found.kind]
    words = {"about": found.about, "plain": found.about.replace("_", " "), **found.words}
    code = f"{found.kind}:{found.about}" if found.about else found.kind
    return Finding(code, found.quote, what.format(**words), way.format(**words))


# ---- The register by itself, and what is kept beside the data --------------------------------------------------------


def _roles(case: _Case) -> Iterator[_Found]:
    for entry in case.register.processing:
        name = {"name": _name(case, entry.party)}
        if entry.role_stated == BOTH and entry.role_assessed == "unassessed":
            yield _Found("roles_stated_twice", entry.party, _evidence(case, entry), name)
        elif entry.role_assessed not in (*_OPEN, entry.role_stated) and entry.role_stated != "unknown":
            words = {**name, "stated": entry.role_stated, "assessed": entry.role_assessed}
            yield _Found("role_differs", entry.party, _evidence(case, entry), words)


def _parties(case: _Case) -> Iterator[_Found]:
    for id_, party in case.register.parties.items():
        if party.state == "unverified":
            quote = party.evidence if party.evidence != "none" else None
            yield _Found("party_unverified", id_, quote, {"name": party.name})


def _contact(case: _Case) -> Iterator[_Found]:
    if not case.register.contact.strip():
        yield _Found("contact_missing", quote=case.reading.quote("says", "contact"))


def _bases(case: _Case) -> Iterator[_Found]:
    for entry in case.register.processing:
        if "unknown" in entry.legal_basis:
            yield _Found("basis_missing", entry.party, None, {"name": _name(case, entry.party)})


def _mechanisms(case: _Case) -> Iterator[_Found]:
    for entry in case.register.processing:
        stated, assessed = entry.transfer.mechanism_stated, entry.transfer.mechanism_assessed
        settled = assessed not in _OPEN
        words = {"name": _name(case, entry.party), "stated": stated, "assessed": assessed}
        if (assessed if settled else stated) == CLAUSES and CLAUSES_IN_FORCE not in entry.transfer.instrument:
            yield _Found("mechanism_old", entry.party, _clauses(case), words)
        if settled and stated not in (assessed, "unknown"):
            yield _Found("mechanism_differs", entry.party, _clauses(case), words)


def _retention(case: _Case) -> Iterator[_Found]:
    quote = case.reading.quote("says", "no_retention")
    for category in CATEGORIES:
        if category not in case.kept.defined:
            yield _Found("retention_undefined", category, quote, {"what": CATEGORIES[category].what})


def _agreements(case: _Case) -> Iterator[_Found]:
    """Of processors (GDPR Art. 28(3)) and joint controllers (Art. 26), as assessed, else as stated."""
    for entry in case.register.processing:
        role = entry.role_stated if entry.role_assessed == "unassessed" else entry.role_assessed
        if "processor" not in role and role != "joint_controller":
            continue
        if entry.party not in (case.register.controller, *case.kept.agreements):
            quote = case.reading.quote("says", "agreements")
            yield _Found("agreement_missing", entry.party, quote, {"name": _name(case, entry.party)})


def _measures(case: _Case) -> Iterator[_Found]:
    if not case.kept.measures:
        yield _Found("measures_missing", quote=case.reading.quote("says", "measures"))


# ---- The text of the notice ------------------------------------------------------------------------------------------


def _residues(case: _Case) -> Iterator[_Found]:
    for code, quote in case.reading.said("residue").items():
        yield _Found("residue", code, quote)


def _sources(case: _Case) -> Iterator[_Found]:
    """Sources that are named, while no party whose part in the register rests on them has a record here."""
    fed = [case.register.parties[id_] for id_ in case.kept.feeding if id_ in case.register.parties]
    told = [Reading(f"{party.name}. {party.evidence}", case.notice.language) for party in fed]
    for code, quote in case.reading.said("source").items():
        if not any(one.says("source", code) for one in told):
            yield _Found("source_without_connector", code, quote)


def _rights(case: _Case) -> Iterator[_Found]:
    for right in RIGHTS:
        if not case.reading.says("right", right):
            yield _Found("rights_omitted", right)


def _storage(case: _Case) -> Iterator[_Found]:
    for entry in case.register.processing:
        transfer = entry.transfer
        country = transfer.storage_country
        if country in EEA or country in ("none", "unknown"):
            continue
        words = {"name": _name(case, entry.party), "country": country, "instrument": transfer.instrument}
        words["beside"] = _beside(_seat(case, entry), country)
        if not case.reading.names_country(country):
            yield _Found("storage_not_named", entry.party, case.reading.quote("country", _seat(case, entry)), words)
        covered = [held for number, held in ADEQUATE.items() if number in transfer.instrument]
        if transfer.mechanism_assessed == terms.ADEQUACY and covered and country not in covered[0]:
            yield _Found("storage_not_covered", entry.party, None, words)


def _listed(case: _Case) -> Iterator[_Found]:
    listed = case.reading.said("field")
    for name in sorted(case.kept.collected - listed.keys()):
        yield _Found("field_not_listed", name)
    if not case.kept.empty:
        for name, quote in listed.items():
            if name not in case.kept.collected:
                yield _Found("field_never_collected", name, quote)


def _said(case: _Case) -> Iterator[_Found]:
    """What must be said, and what cannot be said beside it."""
    said = case.reading.said("says")
    if case.register.contact.strip() and "contact" not in said:
        yield _Found("contact_missing")
    if "basis" not in said:
        yield _Found("basis_missing")
    if said.keys() >= {"no_profiling", "profiling"}:
        yield _Found("profiling_contradiction", quote=said["no_profiling"], words={"other": said["profiling"]})
    if (free_text := case.reading.quote("field", "notes")) and "health" not in said:
        yield _Found("health_not_named", quote=free_text)
    if "own_systems_only" in said and case.kept.feeding - {case.register.controller}:
        yield _Found("places_contradiction", quote=said["own_systems_only"])
    if "partners" in said and not case.kept.partners:
        yield _Found("partner_without_recipient", quote=said["partners"])
    if case.kept.partners and "partners" not in said:
        yield _Found("recipient_not_named", "partner")


def _name(case: _Case, party: str) -> str:
    return case.register.parties[party].name


def _seat(case: _Case, entry: Processing) -> str:
    return case.register.parties[entry.party].country


def _beside(seat: str, country: str) -> str:
    """Of a party whose seat a decision covers, and the country where its copy lies not."""
    decisions = [number for number, covered in ADEQUATE.items() if seat in covered and country not in covered]
    return "".join(f"; the adequacy decision {number}/EC covers {seat} alone" for number in decisions)


def _evidence(case: _Case, entry: Processing) -> str | None:
    """The last sentence that the role rests on and that the notice has: where two are stated, the second."""
    there = [words for words in entry.evidence if case.notice.text is None or case.reading.has(words)]
    return there[-1] if there else None


def _clauses(case: _Case) -> str | None:
    return case.reading.quote("says", "clauses")


Rule = Callable[[_Case], Iterator[_Found]]
_OF_REGISTER: tuple[Rule, ...] = (
    _roles, _parties, _contact, _bases, _mechanisms, _retention, _agreements, _measures,
)  # fmt: skip
_OF_TEXT: tuple[Rule, ...] = (_residues, _sources, _rights, _storage, _listed, _said)
