"""Small turns of phrase that the parts of the page share. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from privacy.package.markup import Markup, el, html
from privacy.package.words import Words

Document = Mapping[str, Any]
Part = Mapping[str, Any]


def told(value: str | None) -> str | None:
    """A value of the register, `None` where it says that nobody knows or that there is none."""
    return None if value in (None, "unknown", "none") else value


def system(document: Document, source: str) -> str:
    """A source by the name of the party that handles it; the controller's where that is nobody else, and the source's
    own where nothing that was read tells."""
    for origin in document["origins"]:
        if origin["source"] == source:
            return str(told(origin["processor"]) or document["controller"]["name"])
    return source


def reference(document: Document, part: Part) -> Markup:
    """Where a row is from, and its identifier there."""
    return html(system(document, part["source"]), " ", el("span", part["external_id"], class_="id"))


def brand(document: Document, id_: str | None, words: Words) -> str:
    """A brand by its name; without one, all of them."""
    return words.say("all_brands") if id_ is None else brand_names(document).get(id_, id_)


def brand_names(document: Document) -> Mapping[str, str]:
    """Brand → its name."""
    return {one["id"]: one["name"] for one in document["controller"]["brands"]}


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
    """When a row was retrieved, and from which file, if any."""
    time = words.time(part["retrieved_at"])
    return words.say("from_file", time=time, place=part["retrieved_from"]) if part["file"] else time
