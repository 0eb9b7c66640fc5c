"""A drafted notice as a text or as a page to put on a web site or to print. Pure."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

from privacy.notice.drafting import NOTHING, Block, Draft, Facts, Items
from privacy.package.markup import Markup, Node, el, facts, html, listed, table

_WIDTH = 78
_LINK = re.compile(r"https://\S+")


def as_text(draft: Draft) -> str:
    """Lines of at most 78 letters; tables become lists, so that a screen reader and a mail can have it."""
    parts = [draft.title, "=" * len(draft.title), "", draft.name, "", _wrapped(draft.note), "", _wrapped(draft.intro)]
    for section in draft.sections:
        parts += ["", section.heading, "-" * len(section.heading)]
        parts += [line for block in section.blocks for line in ("", *_lines(block))]
    return "\n".join(parts) + "\n"


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, str):
        yield _wrapped(block)
    elif isinstance(block, Items):
        yield from (_wrapped(text, "- ") for text in block.texts)
    elif isinstance(block, Facts):
        yield from (_wrapped(f"{name}: {value}") for name, value in block.pairs)
    else:
        for first, *others in block.rows:
            yield _wrapped(first, "- ")
            for heading, cell in zip(block.headings[1:], others, strict=True):
                if cell != NOTHING:
                    yield textwrap.indent(_wrapped(f"{heading}: {cell}"), "  ")


def _wrapped(text: str, mark: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


def as_page(draft: Draft, language: str) -> str:
    """A whole page that loads nothing and prints on A4."""
    style = Path(__file__).with_name("style.css").read_text("utf-8")
    head = el(
        "head",
        Markup('<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'),
        el("title", f"{draft.title}: {draft.name}"),
        Markup(f"<style>\n{style}</style>\n"),
    )
    sections = [
        el("section", el("h2", section.heading), *(_node(block, draft.mark) for block in section.blocks))
        for section in draft.sections
    ]
    body = el(
        "body",
        el("header", el("p", draft.note, class_="draft"), el("h1", draft.title), el("p", draft.name, class_="name")),
        el("p", draft.intro),
        *sections,
    )
    return "<!doctype html>\n" + el("html", head, body, lang=language)


def _node(block: Block, mark: str) -> Markup:
    if isinstance(block, str):
        return el("p", _marked(block, mark))
    if isinstance(block, Items):
        return listed(_marked(text, mark) for text in block.texts)
    if isinstance(block, Facts):
        return facts((name, _marked(value, mark)) for name, value in block.pairs)
    return table(block.headings, [[_marked(cell, mark) for cell in row] for row in block.rows])


def _marked(text: str, mark: str) -> Node:
    """Gaps stand out, addresses of the net can be followed."""
    parts = re.split(rf"({re.escape(mark)}[^\]]*\]|{_LINK.pattern})", text)
    return html(*(_part(part, mark) for part in parts))


def _part(part: str, mark: str) -> Node:
    if part.startswith(mark):
        return el("mark", part)
    if _LINK.fullmatch(part):
        href = part.rstrip(".,")
        return html(el("a", href, href=href), part[len(href) :])
    return part
