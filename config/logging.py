"""Log lines: a sentence and fields, for people on a terminal and as JSON lines elsewhere, on standard error.

Nothing personal and no secret may reach a line. So fields whose names speak of them are dropped here whatever they
hold, and an exception is shown by its type and place: texts of foreign exceptions quote URLs, rows and parameters.
"""

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog

from config.errors import ConfigError

_WITHHELD = "withheld"

_PERSONAL = re.compile(
    r"(^|_)(e?_?mail|phone|mobile|(first|last|full)?name|address|street|postal|city|birth|ssn|hetu|note|token|secret|"
    r"password|api_?key|authorization|cookie|credential)(e?s)?($|_)"
)
_BULKY = re.compile(
    r"(^|_)(payload|field|record|body|content|param|query|url|text|value|message|header|dsn|row)s?($|_)"
)
_ROOMS = frozenset({"config", "connectors", "store", "sync", "privacy"})
_HARMLESS = frozenset({"file_name", "thread_name"})

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def drop_personal(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop fields whose names speak of a person, a secret or a whole row, and say which, so that the slip is seen."""
    dropped = [key for key, value in event.items() if _speaks_of_a_person(key.lower(), value)]
    for key in dropped:
        del event[key]
    if dropped:
        event[_WITHHELD] = sorted(dropped)
    return event


def _speaks_of_a_person(key: str, value: object) -> bool:
    """A number under a bulky name is a count (`records=3`) and may stay."""
    if key in _HARMLESS:
        return False
    return bool(_PERSONAL.search(key)) or (not isinstance(value, int | float) and bool(_BULKY.search(key)))


def flatten(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep plain values only: an object's own words may quote a row."""
    for key, value in event.items():
        if isinstance(value, BaseException):
            event[key] = describe(value)
        elif isinstance(value, Path):
            event[key] = str(value)
        elif not _plain(value):
            event[key] = type(value).__name__
    return event


def _plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(part, str | int | float) for part in value)
    return isinstance(value, str | int | float | None)


def describe(error: BaseException) -> str:
    """Type and place of an exception and of its causes; its text only where it is a `ConfigError`, which is ours."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    said = f": {error}" if isinstance(error, ConfigError) else ""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    behind = f" from {describe(cause)}" if cause is not None and cause is not error else ""
    return f"{name}{said}{_place(error)}{behind}"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return ""
    last = frames[-1]
    return f" at {'/'.join(Path(last.filename).parts[-2:])}:{last.lineno} in {last.name}"


def show_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put `exc_info` into the field `error` as `describe` words it."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else given[1] if isinstance(given, tuple) else None
    if given and error is None:
        error = sys.exc_info()[1]
    if error is not None:
        event["error"] = describe(error)
    return event


def configure(
    level: Literal["debug", "info", "warning", "error"] = "info",
    format: Literal["console", "json"] | None = None,
    stream: TextIO | None = None,
) -> None:
    """Set up logging for the process, the standard library's loggers included. `stream`: standard error by default."""
    out = sys.stderr if stream is None else stream
    terminal = out.isatty()
    console = format == "console" or (format is None and terminal)
    processors: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        show_exception,
        drop_personal,
        flatten,
        _console(colors=terminal) if console else structlog.processors.JSONRenderer(ensure_ascii=False),
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_StandardLogging()]
    root.setLevel(max(number, logging.WARNING))


def _console(colors: bool) -> structlog.typing.Processor:
    return structlog.dev.ConsoleRenderer(colors=colors, exception_formatter=structlog.dev.plain_traceback)


class _StandardLogging(logging.Handler):
    """Passes on what comes through the standard library's loggers.

    Of other people's libraries it tells that they spoke, and where, but not what they said: they quote URLs, rows and
    parameters. Our own rooms' sentences are kept, without their arguments.
    """

    def emit(self, record: logging.LogRecord) -> None:
        own = record.name.partition(".")[0] in _ROOMS
        structlog.get_logger().log(
            record.levelno,
            str(record.msg) if own else "a library has something to say",
            library=record.name,
            place=f"{record.module}:{record.lineno}",
            exc_info=record.exc_info,
        )


def bound(**fields: Any) -> AbstractContextManager[object]:
    """Adds these fields to every line that this thread logs inside, and those that take over its context."""
    return structlog.contextvars.bound_contextvars(**fields)


def logger(room: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that names its room, such as `sync` or `connectors`."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind(room=room)
    return bound
