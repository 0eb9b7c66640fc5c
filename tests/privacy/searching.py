"""A person's values in whatever form they may be left behind, looked for in bytes and in every column of a database."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from unicodedata import combining, normalize

from sqlalchemy import Engine, select
from sqlmodel import SQLModel

from store.engine import reading


def forms(*values: str) -> set[str]:
    """Each value raw, in upper and lower case, without diacritics, as JSON escapes it; a phone in its local form."""
    found: set[str] = set()
    for value in values:
        plain = "".join(char for char in normalize("NFKD", value) if not combining(char))
        for text in (value, plain):
            found |= {text, text.upper(), text.lower(), text.casefold()}
        if value.startswith("+358"):
            local = "0" + value[4:]
            found |= {value[1:], value[4:], local, f"{local[:3]} {local[3:6]} {local[6:]}", f"{local[:3]} {local[3:]}"}
    found |= {json.dumps(text)[1:-1] for text in found} | {json.dumps(text).lower()[1:-1] for text in found}
    return found


def found_in(text: str | bytes, wanted: Iterable[str]) -> set[str]:
    """Which of these stand in a text or in bytes."""
    data = text.encode() if isinstance(text, str) else text
    return {form for form in wanted if form.encode() in data}


def in_files(folder: Path, wanted: Iterable[str], *, but: Iterable[str] = ()) -> dict[str, set[str]]:
    """Which of these stand in the bytes of the files below a folder, or in their names, but below the folders `but`."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name.partition("/")[0] not in but:
            here = found_in(path.read_bytes(), wanted) | found_in(name, wanted)
            found |= {name: here} if here else {}
    return found


def in_tables(engine: Engine, wanted: Iterable[str]) -> dict[str, set[str]]:
    """Which of these stand in any column of any table: `table` → forms."""
    forms_ = list(wanted)
    found: dict[str, set[str]] = {}
    for name, text in _rows(engine):
        if here := found_in(text, forms_):
            found.setdefault(name, set()).update(here)
    return found


def everything(engine: Engine) -> dict[str, list[str]]:
    """Every row of every table, to compare with later."""
    found: dict[str, list[str]] = {}
    for name, text in _rows(engine):
        found.setdefault(name, []).append(text)
    return {name: sorted(rows) for name, rows in found.items()}


def _rows(engine: Engine) -> Iterator[tuple[str, str]]:
    with reading(engine) as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(select(table)).all():
                yield table.name, "\n".join(str(value) for value in row)
