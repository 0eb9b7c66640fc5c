"""The notice check on a registry: what there is, what does not agree, and what the owner answered."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from config.errors import ConfigError
from config.keys import near
from config.notices import notice_text
from config.register import ProcessingRegister
from privacy.errors import NotPossibleError
from privacy.notice import fields
from privacy.notice.findings import Kept, Notice, findings
from privacy.notice.judging import REOPENED, Answer, Judged, judged, number_open
from privacy.notices import UNKNOWN, notice_at
from privacy.recipients import PARTNER
from store import collected, disclosures, retention, upkeep
from store import findings as answered


@dataclass(frozen=True, slots=True)
class Checked:
    """`notice`: the version in force, `None` where there is none."""

    notice: str | None
    findings: list[Judged]

    @property
    def open(self) -> int:
        """How many findings wait for the owner."""
        return number_open(self.findings)


def check(connection: Connection, register: ProcessingRegister, file: Path | None, today: date) -> Checked:
    """Hold the notice in force against the register and the data. `file`: the register's, `None` for the shipped one.
    Call inside `store.engine.reading`. Raises `ConfigError` where the text cannot be read."""
    notice = notice_in_force(register, file, today)
    found = findings(register, notice, kept(connection))
    return Checked(notice.version, judged(found, _answers(connection)))


def notice_in_force(register: ProcessingRegister, file: Path | None, today: date) -> Notice:
    """The notice of today with its text. Raises `ConfigError`."""
    version = notice_at(register, today)
    if version == UNKNOWN:
        return Notice(None)
    notice = register.notices[version]
    return Notice(version, notice.language, notice_text(notice, file))


def kept(connection: Connection) -> Kept:
    """What there is, in the words of the check. Reads no value of anybody."""
    empty = collected.is_empty(connection)
    found = set(collected.holding(connection, fields.FIELDS))
    found |= {name for name, channel in fields.CONSENT.items() if collected.declared(connection, channel)}
    if collected.noted(connection):
        found.add(fields.NOTED)
    return Kept(
        feeding=collected.feeding(connection),
        collected=frozenset(found if empty else found | {fields.EXTERNAL}),
        empty=empty,
        defined=frozenset(name for name, rule in retention.rulings(connection).items() if rule.period is not None),
        agreements=frozenset(row.party for row in upkeep.agreements(connection) if row.under is None),
        partners=any(row.kind == PARTNER for row in disclosures.recipients(connection)),
        measures=bool(upkeep.measures(connection)),
    )


def answer(connection: Connection, checked: Checked, given: Answer) -> Checked:
    """Write down what the owner says to a finding; how things stand then. Call inside `store.engine.writing`.

    Raises `ConfigError` for a finding that the check does not make and that nobody answered, and `NotPossibleError`
    where one is to be reopened that nobody answered.
    """
    before = _answers(connection)
    known = {one.finding.code: None for one in checked.findings} | dict.fromkeys(before)
    if given.finding not in known:
        alike = near((given.finding,), dict.fromkeys(known)) if known else None
        way = f"did you mean {alike[0]}? All stand" if alike else "all stand"
        raise ConfigError(f"there is no such finding; {way} in `rekisteri notice check`", "FINDING")
    if given.verdict == REOPENED and given.finding not in before:
        raise NotPossibleError(f"nobody answered {given.finding}, so it is open already")
    said = (given.finding, given.verdict, given.reason, given.answered_at, given.answered_by)
    answered.answer(connection, *said)
    return Checked(checked.notice, judged([one.finding for one in checked.findings], _answers(connection)))


def _answers(connection: Connection) -> dict[str, Answer]:
    names = ("finding", "verdict", "reason", "answered_at", "answered_by")
    return {row.finding: Answer(*(getattr(row, name) for name in names)) for row in answered.answers(connection)}
