"""HTML that is escaped by construction: only what is made here is markup, everything else is text."""

from collections.abc import Iterable, Sequence
from html import escape


class Markup(str):
    """HTML that was made here."""

    __slots__ = ()


_ON_LINES = frozenset({"tr", "section", "header", "nav", "table", "title"})
"""Elements after which the source goes on on a new line; within a cell that would show."""

_LONG = 36

Node = str | None
"""Markup, or a text that is not escaped yet; `None` is nothing."""


def plain(value: object) -> str:
    """A value without control characters, those of writing direction among them, which could make a text look like
    another. A line break stays."""
    text = str(value)
    if text.isprintable():  # nearly always, and much quicker to ask at once
        return text
    return "".join(char if char.isprintable() or char == "\n" else "�" for char in text)


def html(*nodes: Node) -> Markup:
    """Nodes one after the other."""
    return Markup("".join(node if isinstance(node, Markup) else escape(plain(node)) for node in nodes if node))


def el(tag: str, *nodes: Node, **attributes: str) -> Markup:
    """An element; `class_` is written `class`."""
    written = "".join(f' {name.rstrip("_")}="{escape(plain(value))}"' for name, value in attributes.items())
    end = "\n" if tag in _ON_LINES else ""
    return Markup(f"<{tag}{written}>{html(*nodes)}</{tag}>{end}")


def facts(pairs: Iterable[tuple[str, Node]]) -> Markup:
    """A list of names and values; pairs without a value are left out."""
    found = [el("div", el("dt", name), el("dd", value)) for name, value in pairs if value]
    return el("dl", *found) if found else Markup()


def table(headings: Sequence[str], rows: Iterable[Sequence[Node]]) -> Markup:
    """A table; nothing where there are no rows. A row of one cell goes across all columns."""
    across = str(len(headings))
    body = [
        el("tr", *map(_cell, row)) if len(row) > 1 else el("tr", el("td", *row, colspan=across), class_="across")
        for row in rows
    ]
    if not body:
        return Markup()
    head = el("thead", el("tr", *(el("th", heading, scope="col") for heading in headings)))
    return el("div", el("table", head, el("tbody", *body)), class_="wide")


def _cell(node: Node) -> Markup:
    """A cell. Words stay whole, but for one that is too long for paper."""
    if node and len(node) > _LONG and not isinstance(node, Markup) and max(map(len, node.split()), default=0) > _LONG:
        return el("td", node, class_="long")
    return el("td", node)


def listed(items: Iterable[Node]) -> Markup:
    """A list."""
    return el("ul", *(el("li", item) for item in items))
