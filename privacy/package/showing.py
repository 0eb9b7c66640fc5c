"""Small turns of phrase that the parts of the page share. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from privacy.package.markup import Markup, el
from privacy.package.words import Words

Document = Mapping[str, Any]
Part = Mapping[str, Any]


def told(value: str | None) -> str | None:
    """A value of the register, `None` where it says that nobody knows or that there is none."""
    return None if value in (None, "unknown", "none") else value


def reference(part: Part) -> str:
    """How a record is called: its source and its identifier there."""
    return f"{part['source']}: {part['external_id']}"


def cell(name: str, value: Any, words: Words) -> str:
    """A member of a payload in words."""
    if isinstance(value, bool):
        return words.flag(value)
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, str) and name.endswith("_at"):
        return _time(value, words)
    if isinstance(value, str) and name.endswith("_on"):
        return words.day(value)
    return str(value)


def _time(value: str, words: Words) -> str:
    try:
        return words.time(datetime.fromisoformat(value).isoformat())
    except ValueError:
        return value


def when(stamp: str | None, words: Words) -> Markup:
    """A time that stays on its line."""
    return el("span", words.time(stamp), class_="t")


def on(day: str | None, words: Words) -> Markup:
    """A date that stays on its line."""
    return el("span", words.day(day), class_="t")


def retrieved(part: Part, words: Words) -> str:
    """When and from where a row was retrieved."""
    key = "from_file" if part["file"] else "retrieved_from"
    return words.say(key, time=words.time(part["retrieved_at"]), place=part["retrieved_from"])
