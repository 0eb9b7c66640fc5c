"""The record of processing as a page that reads well on a screen, light or dark, and on A4 paper. Pure.

No script, nothing from the net, every value escaped (`privacy.package.markup`).
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from privacy.package.markup import Markup, Node, el, facts, html, table
from privacy.record.telling import COLUMNS, Document, Part, activity_name, cell, heading
from privacy.record.words import RecordWords

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_ONCE = ("controller", "representative", "dpo", "measures")
"""Columns that are the same for every activity: told once."""


def page(document: Document, words: RecordWords) -> str:
    """The whole page."""
    used = [part for part in document["activities"] if part["in_use"]]
    unused = [part for part in document["activities"] if not part["in_use"]]
    head = html(
        Markup('<meta charset="utf-8">\n'),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'),
        Markup('<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">\n'),
        el("title", words.say("title")),
        Markup(f"<style>\n{_style()}</style>\n"),
    )
    body = el(
        "body",
        _header(document, words),
        _sums(document, used, words),
        el("section", el("h2", heading("controller", words)), _controller(document, words), id="controller"),
        el("section", el("h2", words.say("overview")), _overview(used, document, words), id="overview"),
        *(_activity(number, part, document, words) for number, part in enumerate(used, 1)),
        _section("unused", _unused(unused, document, words), words),
        el("section", el("h2", heading("measures", words)), _measures(document, words), id="measures"),
        _section("unsettled", _unsettled(document, words), words),
        el("footer", el("p", words.say("page_private"), class_="quiet")),
    )
    return "<!doctype html>\n" + el("html", el("head", head), body, lang=words.language)


def _style() -> str:
    """The access answer's style, and what a document for the office needs beside it: dark screens, numbered parts."""
    sheets = (Path(__file__).parent.parent / "package" / "style.css", Path(__file__).with_name("style.css"))
    return "".join(sheet.read_text("utf-8") for sheet in sheets)


def _section(key: str, body: Markup, words: RecordWords) -> Markup | None:
    told = el("p", words.say(f"{key}_told"), class_="told")
    return el("section", el("h2", words.say(key)), told, body, id=key) if body else None


def _header(document: Document, words: RecordWords) -> Markup:
    return el(
        "header",
        el("p", document["controller"]["name"], class_="quiet"),
        el("h1", words.say("title")),
        el("p", document["register"]["name"], class_="who"),
        el("p", words.say("subtitle", time=words.time(document["made_at"])), class_="quiet"),
    )


def _sums(document: Document, used: list[Part], words: RecordWords) -> Markup:
    undefined = {rule["category"] for part in used for rule in part["retention"] if rule["state"] == "undefined"}
    sums = (("people", document["customers"]), ("in_use", len(used)), ("undefined", len(undefined)))
    items = [el("li", el("b", str(number)), " ", words.say(f"sum_{key}", number)) for key, number in sums]
    return html(el("p", words.say("internal")), el("ul", *items, class_="sums"))


def _controller(document: Document, words: RecordWords) -> Markup:
    one = document["controller"]
    name, address, contact = cell("controller", document, {}, words)
    brands = ", ".join(one["brands"])
    rows: list[tuple[str, Node]] = [
        (words.say("controller_name"), f"{name}\n{address}"),
        (words.say("contact"), contact.partition(": ")[2]),
        (words.say("brand"), brands),
        *((words.say(key), "\n".join(cell(key, document, {}, words))) for key in ("representative", "dpo")),
        (words.say("notice_version"), f"{document['notice']['version']}: {document['notice']['name']}"),
    ]
    return facts(rows)


def _overview(used: Iterable[Part], document: Document, words: RecordWords) -> Markup:
    rows = [
        (
            el("a", f"{number}. {activity_name(part, words)}", href=f"#activity-{number}"),
            "\n".join(cell("legal_basis", document, part, words)),
            _settled(part, words),
            "\n".join(cell("review_on", document, part, words)),
        )
        for number, part in enumerate(used, 1)
    ]
    return table([words.say(key) for key in ("activity", "legal_basis", "limits", "review_on")], rows)


def _settled(part: Part, words: RecordWords) -> str:
    """How many of the activity's time limits are set."""
    rules = part["retention"]
    defined = sum(rule["state"] == "defined" for rule in rules)
    return words.say("undefined") if not defined else f"{defined}/{len(rules)}"


def _activity(number: int, part: Part, document: Document, words: RecordWords) -> Markup:
    columns = [column for column in COLUMNS if column not in ("activity", "in_use", *_ONCE)]
    pairs = ((heading(column, words), _lines(cell(column, document, part, words))) for column in columns)
    name = f"{number}. {activity_name(part, words)}"
    return el("section", el("h2", name), facts(pairs), id=f"activity-{number}", class_="activity")


def _lines(lines: list[str]) -> Markup | None:
    """One line plainly, several below each other with room between them."""
    return html(*(el("span", line, class_="line") for line in lines)) if lines else None


def _unused(unused: Iterable[Part], document: Document, words: RecordWords) -> Markup:
    rows = [
        (
            activity_name(part, words),
            *("\n".join(cell(key, document, part, words)) for key in ("legal_basis", "review_on")),
        )
        for part in unused
    ]
    return table([words.say(key) for key in ("activity", "legal_basis", "review_on")], rows)


def _measures(document: Document, words: RecordWords) -> Markup:
    rows = [
        (one["name"], words.term("measure_kind", one["kind"]), one["term"], words.day(one["since"]), _day(one, words))
        for one in document["measures"]
    ]
    headings = [words.say(key) for key in ("measure", "measure_kind", "measure_term", "since", "review_on")]
    return table(headings, rows) or el("p", words.say("none_recorded").capitalize() + ".")


def _day(one: Part, words: RecordWords) -> str:
    return words.day(one["review_on"]) if one["review_on"] else words.say("not_set")


def _unsettled(document: Document, words: RecordWords) -> Markup:
    rows: Iterator[tuple[Node, ...]] = (
        (one["name"], words.term("country", one["country"]), one["evidence"]) for one in document["unsettled"]
    )
    return table([words.say(key) for key in ("party", "country", "stated_words")], rows)
