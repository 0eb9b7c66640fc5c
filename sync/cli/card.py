"""How a card looks: headed parts of aligned columns without lines, what matters most in red at the top."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sync.cli.showing import console, plain

Line = Sequence[Any]
"""Cells of one line of a part; `None` is an empty cell."""


class Part(NamedTuple):
    """A part of a card: its heading, and its lines. A heading alone is told too; without either it is left out."""

    title: str
    rows: Sequence[Line] = ()
    loud: bool = False


def show(parts: Iterable[Part]) -> None:
    """The parts one below the other, at the width of the screen."""
    from rich.table import Table

    screen = console()
    for part in parts:
        style = "bold red" if part.loud else "bold"
        screen.print(plain(part.title), style=style)
        grid = Table.grid(padding=(0, 2, 0, 0))
        for _ in range(max(map(len, part.rows), default=0) + 1):  # the first one indents
            grid.add_column(overflow="fold")
        for row in part.rows:
            grid.add_row("", *("" if cell is None else plain(cell) for cell in row))
        if part.rows:
            screen.print(grid)
        screen.print()


def day(moment: date | datetime) -> str:
    """A day as people in Helsinki write it: `24.11.2026`."""
    from config.place import written

    return written(moment)


def worded(term: str) -> str:
    """A word of the surface as people read it: `past_unconfirmed` → `past unconfirmed`."""
    return term.replace("_", " ")
