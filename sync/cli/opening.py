"""What most commands begin with: settings, logging, the database; and on whose behalf they act."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Settings and the open database."""

    settings: "Settings"
    engine: "Engine"


def settings_of(ctx: typer.Context) -> "Settings":
    """The settings, with logging set up as they say. Raises `ConfigError`."""
    from config.logging import configure
    from config.settings import load

    settings = load(ctx.obj)
    configure(settings.log.level, settings.log.format)
    return settings


@contextmanager
def opened(ctx: typer.Context) -> Iterator[Desk]:
    """Settings and database for as long as the command lasts. Raises `ConfigError`, `DatabaseError`."""
    from store.engine import open_database

    settings = settings_of(ctx)
    engine = open_database(settings.database.url.get_secret_value())
    try:
        yield Desk(settings, engine)
    finally:
        engine.dispose()


MOST = 2**31 - 1
"""Of the integers that are numbers of rows."""


def readable(text: str) -> str:
    """An argument without the bytes that are no UTF-8, and without control characters: no database takes either."""
    whole = text.encode(errors="replace").decode()
    return "".join(character for character in whole if character.isprintable())


def given(text: str | None) -> str | None:
    """`readable`, of an option that may be left out."""
    return None if text is None else readable(text)


def optional(text: str | None) -> str | None:
    """`readable`, of an option that an empty text leaves out."""
    return (given(text) or "").strip() or None


def actor() -> str:
    """The person at the keyboard as the system knows them; the environment, which anyone can set, is not asked."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
