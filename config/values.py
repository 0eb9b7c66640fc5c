"""Types of single settings: each accepts what a person writes and refuses with the way out, never quoting the value."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, StringConstraints

_base_dir: ContextVar[Path | None] = ContextVar("base_dir", default=None)

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_SQLITE = re.compile(r"sqlite(?:\+pysqlite)?://(?P<path>/[^?]*)?(?P<query>\?.*)?", re.DOTALL)
_POSTGRESQL = re.compile(r"(?:postgres|postgresql|postgresql\+psycopg)://(?P<rest>.+)", re.DOTALL)


@contextmanager
def paths_relative_to(folder: Path) -> Iterator[None]:
    """While it lasts, relative paths in settings mean paths below `folder`; else below the working directory."""
    token = _base_dir.set(folder)
    try:
        yield
    finally:
        _base_dir.reset(token)


def absolute(path: Path) -> Path:
    """`path` as an absolute path, `~` resolved. Raises `ValueError` for the home of a user that is not there."""
    try:
        return (_base_dir.get() or Path.cwd()) / path.expanduser()
    except RuntimeError:
        raise ValueError("begins with ~ and a user that is not there; write the whole path") from None


def _path_text(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("is empty; give a path or leave the setting out")
    return value


def _secret(value: Any) -> Any:
    """Trimmed as copying leaves it. What is left must fit a header: blanks and line breaks are slips of copying."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str):
        return value
    if any(not character.isascii() or not "!" <= character <= "~" for character in text.strip()):
        raise ValueError("holds a blank, a line break or a special letter; copy it again")
    return text.strip()


def _no_switch(value: Any) -> Any:
    # Left alone, pydantic would read true as 1.
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")  # noqa: TRY004 - pydantic takes ValueError alone
    return value


def _day(value: Any) -> Any:
    # Left alone, pydantic would read a bare number as seconds since 1970.
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
        return value.strip()
    raise ValueError("is no day; write it as 2015-01-31")


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = re.fullmatch(r"\s*(\d{1,6})\s*([smhd])\s*", value) if isinstance(value, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError('is no duration; write a whole number and s, m, h or d, such as "24h"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def is_loopback(host: str) -> bool:
    """Whether a host never leaves this machine: 127.0.0.0/8, ::1 or `localhost`."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _base_url(text: str) -> str:
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise ValueError("is no URL; write https://host/path") from None
    if url.scheme not in ("https", "http") or not host:
        raise ValueError("is no web address; write https://host/path")
    if url.username or url.password or url.query or url.fragment:
        raise ValueError("may hold no user, password, query or fragment; give secrets in their own settings")
    if url.scheme == "http" and not is_loopback(host):
        raise ValueError("plain http is accepted on this machine alone (127.0.0.1, ::1, localhost); use https://")
    return text.rstrip("/")


def _database_url(value: Any) -> Any:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str):
        return value
    if match := _POSTGRESQL.fullmatch(text.strip()):
        return _postgresql_url(f"postgresql+psycopg://{match['rest']}")
    if match := _SQLITE.fullmatch(text.strip()):
        return _sqlite_url(match["path"] or "/", match["query"] or "")
    raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")


def database_url(text: str) -> str:
    """A URL as `database.url` takes it, given elsewhere. Raises `ValueError`."""
    return str(_database_url(text))


def _postgresql_url(text: str) -> str:
    """Parsed as the engine will parse it. An unescaped @ would leave half a password in the host, which errors name."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        host = make_url(text).host or ""
    except (ArgumentError, ValueError):
        host = "@"
    if "@" in host:
        raise ValueError(
            "is no URL of a database; write postgresql+psycopg://USER:PASSWORD@HOST:PORT/NAME, the port in digits, "
            "and in the password %40 for @, %3A for : and %2F for /"
        )
    return text


def _sqlite_url(path: str, query: str) -> str:
    name = path[1:]
    if not name or name == ":memory:" or name.startswith("file:"):
        raise ValueError("needs a file, such as sqlite:///rekisteri.db: a registry in memory ends with the program")
    return f"sqlite:///{absolute(Path(name))}{query}"


def _schedule(text: str) -> str:
    from cronsim import CronSim, CronSimError

    try:
        next(CronSim(text, datetime.now(UTC)))
    except CronSimError:
        raise ValueError(
            "is no crontab expression: five fields (minute, hour, day, month, weekday), each in its range, such as "
            '"*/15 * * * *"'
        ) from None
    except StopIteration:
        raise ValueError("is a crontab expression that never comes true") from None
    return " ".join(text.split())


def _words(value: Any) -> Any:
    return [word.strip() for word in value.split(",") if word.strip()] if isinstance(value, str) else value


def _id_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", text):
        raise ValueError("is no HTTP header name")
    return text.lower()


def _url_path(text: str) -> str:
    if not re.fullmatch(r"/[A-Za-z0-9._~/{}-]*", text):
        raise ValueError("is no path; write it from a slash on, such as /clients, without a query")
    return text


def _recipient(text: str) -> str:
    """By its form; its checksum is looked at where it is used."""
    if text.upper().startswith("AGE-SECRET-KEY-"):
        raise ValueError("is the secret half of a pair of keys; give the public one, which begins age1")
    if not re.fullmatch(r"age1[02-9ac-hj-np-z]{58}", text):
        raise ValueError("is no age recipient; give the public key that age-keygen shows, age1 and 58 characters")
    return text


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Secret = Annotated[SecretStr, BeforeValidator(_secret), Field(min_length=1)]
Whole = Annotated[int, BeforeValidator(_no_switch)]
Share = Annotated[float, BeforeValidator(_no_switch), Field(ge=0, le=1)]
Day = Annotated[date, BeforeValidator(_day)]
FilePath = Annotated[Path, BeforeValidator(_path_text), AfterValidator(absolute)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A positive time span, written as a whole number and a unit: `90s`, `30m`, `24h`, `7d`."""
BaseUrl = Annotated[Text, AfterValidator(_base_url)]
"""Web address without a slash at the end; plain http on loopback alone."""
DatabaseUrl = Annotated[SecretStr, BeforeValidator(_database_url)]
"""SQLAlchemy URL of an SQLite file (made absolute) or of PostgreSQL through psycopg."""
Recipient = Annotated[Text, AfterValidator(_recipient)]
"""Whom a file is encrypted to: a public key of age (https://age-encryption.org/v1)."""
Schedule = Annotated[Text, AfterValidator(_schedule)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_words)]
"""A list of words; in the environment separated by commas."""
IdText = Annotated[Text, BeforeValidator(_id_text)]
HeaderName = Annotated[Text, AfterValidator(_header)]
UrlPath = Annotated[Text, AfterValidator(_url_path)]
