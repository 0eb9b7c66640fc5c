"""The page that the person reads: the whole answer in plain words, on a screen and on A4 paper. Pure.

No script, nothing from the net, every value escaped (`markup`).
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from privacy.package import page_contacts, page_group, page_life, page_origin, page_use
from privacy.package.markup import Markup, Node, el, facts, html, listed, table
from privacy.package.showing import Document, brand, reference, told
from privacy.package.words import Words

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_SUMS = ("records", "bookings", "enrollments", "orders", "look_ups")

Section = tuple[str, Callable[[Document, Words], Markup]]
"""Key of its heading, and what makes it; nothing made, no section."""


def page(document: Document, words: Words) -> str:
    """The whole page."""
    made = [(key, body) for key, make in SECTIONS if (body := make(document, words))]
    head = html(
        Markup('<meta charset="utf-8">\n'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'),
        Markup('<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">\n'),
        el("title", words.say("title")),
        Markup(f"<style>\n{_style()}</style>\n"),
    )
    sections = [el("section", el("h2", words.say(key)), body, id=key) for key, body in made]
    body = el(
        "body", _header(document, words), _short(document, words), _nav([key for key, _ in made], words), *sections,
        el("footer", el("p", words.say("private"), class_="quiet")),
    )  # fmt: skip
    return "<!doctype html>\n" + el("html", el("head", head), body, lang=words.language)


def _style() -> str:
    return Path(__file__).with_name("style.css").read_text("utf-8")


def _header(document: Document, words: Words) -> Markup:
    package = document["package"]
    request = package["request"]
    answers = words.say(
        "answers",
        number=request["id"],
        day=words.day(request["received_on"]),
        time=words.time(package["made_at"]),
    )
    names = [value["value"] for value in document["values"] if value["field"] == "name"]
    return el(
        "header",
        el("p", document["controller"]["name"], class_="quiet"),
        el("h1", words.say("title")),
        el("p", *names, class_="who"),
        el("p", answers, class_="quiet"),
    )


def _short(document: Document, words: Words) -> Markup:
    sums = [
        html(el("b", str(len(document[name]))), " ", words.say(f"sum_{name}", len(document[name])))
        for name in _SUMS
        if document[name]
    ]
    return html(el("p", words.say("intro")), el("ul", *(el("li", one) for one in sums), class_="sums"))


def _nav(keys: list[str], words: Words) -> Markup:
    links = [el("li", el("a", words.say(key), href=f"#{key}")) for key in keys]
    return el("nav", el("h4", words.say("contents")), el("ol", *links))


def _controller(document: Document, words: Words) -> Markup:
    controller, person = document["controller"], document["person"]
    notices = [
        words.say("notice_of", name=notice["name"], day=words.day(notice["drawn_up"]))
        for notice in controller["notices"]
    ]
    pairs: Iterator[tuple[str, Node]] = iter(
        (
            ("controller_name", controller["name"]),
            ("business_id", told(controller["business_id"])),
            ("address", told(controller["address"])),
            ("contact", controller["contact"]),
            ("register", controller["register"]),
            ("notice", "\n".join(notices)),
            ("person_id", person["id"]),
            ("known_since", words.time(person["known_since"])),
        )
    )
    return facts((words.say(key), value) for key, value in pairs)


def _values(document: Document, words: Words) -> Markup:
    rows = [
        (
            words.term("field", value["field"]),
            brand(document, value["value"], words) if value["field"] == "brands" else str(value["value"]),
            words.term("collected", "person") if value["rule"] == "pinned" else reference(document, value),
            words.term("rule", value["rule"]),
        )
        for value in _in_order(document["values"])
    ]
    headings = [words.say(key) for key in ("field", "value", "from", "why")]
    return html(el("p", words.say("values_told"), class_="told"), table(headings, rows) or el("p", words.say("none")))


def _in_order(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = ["name", "first_name", "last_name", "emails", "phones", "address", "brands"]
    return sorted(values, key=lambda value: order.index(value["field"]) if value["field"] in order else len(order))


def _about(document: Document, words: Words) -> Markup:
    withheld = document["package"]["withheld"]
    return html(
        el("p", words.say("about_files")),
        el("p", words.say("portable_told").replace("*", "")),
        el("p", words.say("withheld", withheld)) if withheld else None,
    )


def _retention(document: Document, words: Words) -> Markup:
    retention = document["retention"]
    if retention["state"] == "undefined":
        return el("p", words.say("retention_undefined"))
    rows = [
        (
            words.term("retention_category", rule["category"]),
            words.period(rule["after"]),
            words.term("retention_from", rule["from"]),
        )
        for rule in retention["rules"]
    ]
    headings = [words.say(key) for key in ("retention_what", "retention_after", "retention_counted")]
    partly = retention["state"] == "partly_defined"
    return html(table(headings, rows), el("p", words.say("retention_partly")) if partly else None)


def _rights(document: Document, words: Words) -> Markup:
    authority = document["authority"]
    pairs = [("authority", authority["name"])]
    pairs += [(key, authority[key]) for key in ("visit", "post", "phone", "email", "site")]
    return html(
        el("p", words.say("rights_told")),
        listed(words.term("right", one["right"]) for one in document["rights"]),
        facts((words.say(key), value) for key, value in pairs),
    )


SECTIONS: tuple[Section, ...] = (
    ("controller", _controller),
    ("values", _values),
    ("records", page_origin.records),
    ("bookings", page_life.bookings),
    ("enrollments", page_life.enrollments),
    ("orders", page_life.orders),
    ("marketing", page_use.marketing),
    ("joining", page_origin.joining),
    ("unread", page_origin.unread),
    ("purposes", page_use.purposes),
    ("recipients", page_use.recipients),
    ("look_ups", page_use.look_ups),
    ("retention", _retention),
    ("automated", page_group.automated),
    ("contacts", page_contacts.contacts),
    ("requests", page_use.requests),
    ("rights", _rights),
    ("about", _about),
)
