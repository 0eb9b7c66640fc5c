"""The notice check on a registry: its last look is kept, so that whoever asks how things stand need not look again."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config import UPKEEP
from config.logging import logger
from config.place import HELSINKI
from config.register import ProcessingRegister
from config.settings import Settings
from privacy.notice import checking
from privacy.notice.checking import Checked
from privacy.notice.judging import Answer
from store import audit, findings
from store.engine import reading, writing
from store.faults import database_fault
from store.findings import Look

_OFTEN_ENOUGH = timedelta(days=1)


def look(engine: Engine, settings: Settings, register: ProcessingRegister, now: datetime) -> Checked:
    """Check the notice, and keep how many findings are open."""
    today = now.astimezone(HELSINKI).date()
    with reading(engine) as connection:
        checked = checking.check(connection, register, settings.processing.register_path, today)
    with writing(engine) as connection:
        findings.note_look(connection, Look(now, checked.open, register.digest))
    return checked


def answer(engine: Engine, register: ProcessingRegister, checked: Checked, given: Answer) -> Checked:
    """Answer a finding of a look, and audit it; how things stand then. Raises `ConfigError`, `NotPossibleError`."""
    detail = {"finding": given.finding, "verdict": given.verdict}
    with writing(engine) as connection:
        after = checking.answer(connection, checked, given)
        findings.note_look(connection, Look(given.answered_at, after.open, register.digest))
        audit.note(connection, given.answered_at, given.answered_by, "notice.answer", UPKEEP, detail=detail)
    return after


def look_at_times(engine: Engine, settings: Settings, register: ProcessingRegister) -> None:
    """At the end of a run: look where the last look is a day old or went by another register. To look for a field that
    nobody has goes through every record, which is too much for each run. Fails nothing."""
    now = datetime.now(UTC)
    try:
        with reading(engine) as connection:
            last = findings.last_look(connection)
        if last is None or last.register != register.digest or not last.at <= now < last.at + _OFTEN_ENOUGH:
            look(engine, settings, register, now)
    except SQLAlchemyError as error:
        logger("sync").warning("the notice could not be checked", error=database_fault(error))
