"""How reports look: tables and lines for people, one JSON document for machines. Standard output alone."""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]

_WIDTH_OF_A_PIPE = 160


def write(text: str) -> None:
    """Text to standard output in UTF-8, whatever the locale says: JSON is UTF-8 (RFC 8259)."""
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    buffer.write(text.encode(errors="replace"))


def document(value: Mapping[str, Any]) -> None:
    """The one JSON document."""
    write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def long_document(head: Mapping[str, Any], name: str, items: Iterable[Mapping[str, Any]]) -> None:
    """One JSON document whose list `name`, after the members of `head`, may be longer than memory."""
    write(json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}") + f',\n  "{name}": [')
    separator = "\n    "
    for item in items:
        write(separator + json.dumps(item, ensure_ascii=False))
        separator = ",\n    "
    write("\n  ]\n}\n")
    sys.stdout.flush()


def console() -> "Console":
    """Where people read. Into a pipe, lines are long rather than cut."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_A_PIPE
    return Console(width=width, highlight=False, markup=False, emoji=False)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[str] = ()) -> None:
    """A table; columns in `right` hold numbers. Nothing where there are no rows."""
    from rich import box
    from rich.table import Table

    grid = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE, pad_edge=False)
    for column in columns:
        number = column in right
        grid.add_column(column, justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in rows:
        grid.add_row(*(plain(cell) for cell in row))
    if grid.row_count:
        console().print(grid)


def lines(*texts: str) -> None:
    """Lines for people."""
    for text in texts:
        console().print(plain(text), soft_wrap=True)


def plain(value: Any) -> str:
    """A cell as text, without the control characters by which a platform's text could steer a terminal."""
    text = "–" if value is None else str(value)
    return "".join(character if character.isprintable() or character == "\n" else "�" for character in text)


def joined(values: Iterable[Any], mark: str = ", ") -> str | None:
    """Values on one line, `None` where there are none."""
    return mark.join(str(value) for value in values if value is not None) or None


def local(stamp: str | None) -> str | None:
    """A time of the surface as people in Helsinki read it: `24.11.2026 9.05`."""
    if stamp is None:
        return None
    from datetime import datetime

    from config.place import HELSINKI

    moment = datetime.fromisoformat(stamp).astimezone(HELSINKI)
    return f"{moment.day}.{moment.month}.{moment.year} {moment.hour}.{moment.minute:02d}"


def day(text: str) -> str:
    """A day of the surface as people in Finland read it: `24.11.2026`."""
    from datetime import date

    from config.place import written

    return written(date.fromisoformat(text))


def span(seconds: float) -> str:
    """A length of time in words: `40 s`, `12 min`, `3 h`, `2 days`."""
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size or (unit != "days" and seconds >= size):
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def counted(counts: Mapping[str, int]) -> Iterator[str]:
    """`3 × reason`, the most frequent first."""
    for reason, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"{number} × {reason}"
