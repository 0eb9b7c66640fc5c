"""Inboxes and readers of files."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Page, Position
from connectors.files.connector import FileConnector, FileOptions
from connectors.files.rows import Rules

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def stopped() -> threading.Event:
    """A stop that is set already: the second look at a file is taken at once."""
    event = threading.Event()
    event.set()
    return event


class Inbox:
    """A folder with files, and its reading."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, name: str, rows: Iterable[Sequence[str]], *, encoding: str = "utf-8-sig", sign: str = ";") -> Path:
        """A file of plain cells, CRLF."""
        return self.text(name, "".join(sign.join(row) + "\r\n" for row in rows), encoding)

    def text(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        """A file with exactly this text."""
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        return path

    def connector(self, **options: Any) -> FileConnector:
        """A connector on this folder."""
        rules = Rules(**{name: options.pop(name) for name in ("notes", "no_show_words") if name in options})
        return FileConnector(
            FileOptions("register", "files.register", self.folder, "other_register", rules=rules, **options), stopped()
        )

    def pages(self, stream: str = "clients", position: Mapping[str, Any] | None = None, **options: Any) -> list[Page]:
        """All pages of a stream."""
        return list(self.connector(**options).read(stream, Position(now=NOW, **(position or {}))))

    def page(self, stream: str = "clients", **options: Any) -> Page:
        """The one page of a stream."""
        (page,) = self.pages(stream, **options)
        return page

    def reasons(self, stream: str = "clients", **options: Any) -> list[str]:
        """Reasons of all problems."""
        return [problem.reason for page in self.pages(stream, **options) for problem in page.problems]


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return Inbox(folder)


@pytest.fixture
def customers() -> Callable[[int], list[list[str]]]:
    """A heading row and so many made-up customers."""

    def made(count: int) -> list[list[str]]:
        rows = [[f"a{number}", f"Testi {number}", f"04000{number:05}"] for number in range(count)]
        return [["Asiakasnumero", "Nimi", "Puhelin"], *rows]

    return made
