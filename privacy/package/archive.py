"""The one file that the person gets. Pure: from the document to bytes."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from config.place import HELSINKI
from privacy.package.held import portable
from privacy.package.page import page
from privacy.package.tables import Cell, tables
from privacy.package.words import Words

_PRIVATE = 0o600 << 16
"""Mode of each file in the archive, where an unpacker heeds it."""


def schema() -> bytes:
    """The JSON Schema (2020-12) of `data.json`."""
    return Path(__file__).with_name("schema.json").read_bytes()


def files(document: Mapping[str, Any], harmless: Cell) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file, the page first. `harmless` makes cells of the tables safe for spreadsheets."""
    words = Words(document["package"]["language"])
    yield "index.html", page(document, words).encode("utf-8", errors="replace")
    yield "data.json", to_json(document, indent=2)
    yield "schema.json", schema()
    yield "portable.json", to_json(portable(document), indent=2)
    for name, content in tables(document, words, harmless):
        yield f"csv/{name}", content


def archive(document: Mapping[str, Any], harmless: Cell) -> bytes:
    """The whole archive."""
    made = datetime.fromisoformat(document["package"]["made_at"]).astimezone(HELSINKI)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in files(document, harmless):
            entry = zipfile.ZipInfo(name, made.timetuple()[:6])
            entry.external_attr = _PRIVATE
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, content)
    return buffer.getvalue()
