"""The parts of the page about what was booked, studied and bought. Pure."""

from collections.abc import Iterable, Sequence

from privacy.package.markup import Markup, Node, el, html, table
from privacy.package.showing import Document, Part, when
from privacy.package.words import Words


def bookings(document: Document, words: Words) -> Markup:
    """Bookings by start."""
    rows = (
        (
            _begun(row, words),
            row["service"],
            row["employee"],
            _state(row, words),
            _prices(row["payload"], words),
            _origin(row),
        )
        for row in document["bookings"]
    )
    return _table(("starts", "service", "employee", "state", "price", "origin"), rows, words)


def _begun(row: Part, words: Words) -> Markup:
    return html(el("span", words.span(row["starts_at"], row["ends_at"]), class_="t"), _aside(row, words))


def _aside(row: Part, words: Words) -> Markup:
    """Notes, and that something was left out."""
    notes = el("p", row["notes"], class_="note") if row["notes"] else None
    left_out = el("p", words.say("withheld_here"), class_="left-out") if row["withheld"] else None
    return html(notes, left_out)


def _state(row: Part, words: Words) -> Markup:
    return html(words.term("booking", row["state"]), _gone(row, words))


def _gone(row: Part, words: Words) -> Markup | None:
    if not row["gone_at"]:
        return None
    return html(" (", words.say("gone", time=words.time(row["gone_at"])), ")")


def _prices(payload: Part, words: Words) -> str | None:
    price, paid = payload.get("price_cents"), payload.get("paid_cents")
    if price is None and paid is None:
        return None
    if paid in (None, price):
        return words.money(price)
    return f"{words.money(price)} / {words.say('paid').lower()} {words.money(paid)}"


def _origin(row: Part) -> Markup:
    number = str(row["origin"])
    return el("a", number, href=f"#origin-{number}")


def enrollments(document: Document, words: Words) -> Markup:
    """Courses."""
    rows = (
        (
            html(row["course"] or row["course_id"], _gone(row, words), _aside(row, words)),
            None if row["progress"] is None else f"{row['progress']:.0%}".replace("%", " %"),
            words.flag(row["completed"]),
            when(row["payload"].get("started_at"), words),
            when(row["updated_at"], words),
            _origin(row),
        )
        for row in document["enrollments"]
    )
    return _table(("course", "progress", "completed", "started", "updated", "origin"), rows, words)


def orders(document: Document, words: Words) -> Markup:
    """Purchases."""
    rows = (
        (
            when(row["created_at"], words),
            html(row["product"], _gone(row, words), _aside(row, words)),
            words.money(row["amount_cents"]),
            row["status"],
            _origin(row),
        )
        for row in document["orders"]
    )
    return _table(("made", "product", "amount", "state", "origin"), rows, words)


def _table(keys: Sequence[str], rows: Iterable[Sequence[Node]], words: Words) -> Markup:
    made = table([words.say(key) for key in keys], rows)
    return el("div", made, class_="wide") if made else Markup()
