"""Exit statuses: every error that a person can cause becomes one line on standard error and its status.

0 done, 1 not all of it could be done, 2 usage or configuration, 3 another instance holds the lock (docs/contract.md).
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import typer
from typer.core import TyperGroup

DONE, NOT_ALL, USAGE, LOCKED = 0, 1, 2, 3
_CONTACT = re.compile(
    r"""[^\s"'()<>=,;]+@[^\s"'()<>=,;]+"""  # an e-mail address
    r"""|(?<!\w)(?<!\w-)(?!\d{4}-\d\d-\d\d)\+?\d(?:[ ().-]?\d){6,}(?![\w-])"""  # a phone number, and no day
)
_MORE = "Got unexpected extra argument"
_PLAINER = (
    (r"^Invalid value for '([^']+)'[^:]*: ", r"\1: "),
    (r"Value error, ", ""),
    (r"Input should be a valid integer.*", "must be a whole number"),
    (r"Input should be (?:greater than or equal to|at least) (\S+)", r"must be at least \1"),
    (r"Input should be (?:less than or equal to|at most) (\S+)", r"must be at most \1"),
)
"""What the parser says, and the same in plain words."""


class NotThereError(Exception):
    """A customer, record, decision or file that was named is not there. The text is for the person who named it."""


@runtime_checkable
class _UsageError(Protocol):
    """What the parser raises. It is known by its manner, since the library keeps the class to itself."""

    exit_code: int

    def format_message(self) -> str: ...


class Program(TyperGroup):
    """The root command. Usage errors are one line, and no command ends in a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Parse and run, then leave with the status."""
        kwargs["standalone_mode"] = False
        kwargs["prog_name"] = "rekisteri"
        typed = kwargs.get("args") or sys.argv[1:]
        try:
            status = super().main(*args, **kwargs)
            sys.stdout.flush()
        except (typer.Abort, BrokenPipeError):  # whoever read has read enough
            status = NOT_ALL
        except Exception as error:
            status = self._explain(error, typed)
        _let_go_of_what_did_not_leave()
        sys.exit(status or DONE)

    def _explain(self, error: Exception, typed: Sequence[str]) -> int:
        if not isinstance(error, _UsageError):
            status, text = verdict(error)
            complain(without_people(text, typed))
            return status
        asked = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError" and asked is not None:
            typer.echo(asked.get_help(), err=True)
        else:
            way = f"; see `{asked.command_path} --help`" if asked is not None else ""
            text = error.format_message().rstrip(".")
            if text.startswith(_MORE):
                text = "that is more than it takes; what has a space in it stands in quotes"
            for said, plainer in _PLAINER:
                text = re.sub(said, plainer, text)
            complain(without_people(text, typed) + way)
        return USAGE


def _let_go_of_what_did_not_leave() -> None:
    """What standard output refused waits in its buffer; the interpreter would try again at its end, fail again, and
    leave with a status of its own."""
    try:
        sys.stdout.flush()
    except OSError:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def complain(text: str) -> None:
    """One line on standard error."""
    typer.echo(f"rekisteri: {' '.join(text.split())}", err=True)


def without_people(text: str, typed: Iterable[str]) -> str:
    """An error's text in which nothing stands of what was `typed` and looks like a person's: an e-mail address, a phone
    number, words with a space between them. Who mistypes a command has often looked somebody up. What has a `/` is a
    path."""
    for personal in sorted(_personal(typed), key=len, reverse=True):
        text = re.sub(re.escape(personal), "…", text, flags=re.IGNORECASE)
    return text


def _personal(typed: Iterable[str]) -> Iterator[str]:
    for word in typed:
        value = word.partition("=")[2] if word.startswith("-") and "=" in word else word
        if "/" in value:
            continue
        yield from _CONTACT.findall(value)
        if " " in value.strip():
            yield value
            yield " ".join(value.split())


def verdict(error: Exception) -> tuple[int, str]:
    """Exit status and sentence of an error. Foreign errors are named by type and place: their texts quote rows."""
    from sqlalchemy.exc import SQLAlchemyError

    from config.errors import ConfigError
    from config.logging import describe
    from connectors.errors import ConnectorError
    from privacy.errors import NotPossibleError
    from store.backup.errors import BackupError
    from store.engine import AwayError, DatabaseError
    from store.faults import database_fault
    from store.locks import LockedError
    from sync.decisions import UnknownError

    match error:
        case AwayError():
            status, text = NOT_ALL, str(error)
        case ConfigError():
            status, text = USAGE, str(error)
        case NotThereError() | NotPossibleError() | UnknownError() | ConnectorError() | BackupError():
            status, text = NOT_ALL, str(error)
        case DatabaseError():
            status, text = USAGE, f"database.url: {error}"
        case LockedError():
            status, text = LOCKED, f"{error}; look with `rekisteri status`"
        case SQLAlchemyError():
            status, text = NOT_ALL, f"the database did not take it: {database_fault(error)}"
        case OSError(strerror=str(reason)):
            status, text = NOT_ALL, f"{error.filename}: {reason}" if error.filename else reason
        case _:
            status, text = NOT_ALL, f"something went wrong that nobody foresaw: {describe(error)}"
    return status, text
