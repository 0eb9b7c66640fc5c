"""The parts of the page about what was booked, studied and bought. Pure."""

from collections.abc import Callable, Iterator, Sequence

from privacy.package.markup import Markup, Node, el, html, table
from privacy.package.showing import Document, Part, when
from privacy.package.words import Words

Cells = Sequence[Node]


def bookings(document: Document, words: Words) -> Markup:
    """Bookings by start."""

    def cells(row: Part) -> Cells:
        return (
            el("span", words.span(row["starts_at"], row["ends_at"]), class_="t"),
            row["service"],
            row["employee"],
            _state(row, words),
            _prices(row["payload"], words),
            _origin(row),
        )

    keys = ("starts", "service", "employee", "state", "price", "origin")
    return _table(keys, document["bookings"], cells, words)


def _state(row: Part, words: Words) -> Markup:
    return html(words.term("booking", row["state"]), _gone(row, words))


def _gone(row: Part, words: Words) -> Markup | None:
    if not row["gone_at"]:
        return None
    return html(" (", words.say("gone", time=words.time(row["gone_at"])), ")")


def _prices(payload: Part, words: Words) -> Markup | None:
    price, paid = payload.get("price_cents"), payload.get("paid_cents")
    if price is None and paid is None:
        return None
    if paid in (None, price):
        return _money(price, words)
    return html(_money(price, words), f"{words.say('paid').lower()} ", _money(paid, words))


def _money(cents: int | None, words: Words) -> Markup:
    return el("span", words.money(cents), class_="t")


def _origin(row: Part) -> Markup:
    number = str(row["origin"])
    return el("a", number, href=f"#origin-{number}")


def enrollments(document: Document, words: Words) -> Markup:
    """Courses."""

    def cells(row: Part) -> Cells:
        return (
            html(row["course"] or row["course_id"], _gone(row, words)),
            None if row["progress"] is None else f"{row['progress']:.0%}".replace("%", " %"),
            words.flag(row["completed"]),
            when(row["payload"].get("started_at"), words),
            when(row["updated_at"], words),
            _origin(row),
        )

    keys = ("course", "progress", "completed", "started", "updated", "origin")
    return _table(keys, document["enrollments"], cells, words)


def orders(document: Document, words: Words) -> Markup:
    """Purchases."""

    def cells(row: Part) -> Cells:
        return (
            when(row["created_at"], words),
            html(row["product"], _gone(row, words)),
            _money(row["amount_cents"], words),
            row["status"],
            _origin(row),
        )

    return _table(("made", "product", "amount", "state", "origin"), document["orders"], cells, words)


def _table(keys: Sequence[str], parts: Sequence[Part], cells: Callable[[Part], Cells], words: Words) -> Markup:
    """A row for each, and one for its notes and for what was left out of it."""
    rows = (row for part in parts for row in (cells(part), *_aside(part, words)))
    return table([words.say(key) for key in keys], rows)


def _aside(part: Part, words: Words) -> Iterator[Cells]:
    notes = el("p", part["notes"], class_="note") if part["notes"] else None
    left_out = el("p", words.say("withheld_here"), class_="left-out") if part["withheld"] else None
    if notes or left_out:
        yield (html(notes, left_out),)
