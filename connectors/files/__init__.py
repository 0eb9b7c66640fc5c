"""Registers kept as files (`files.NAME`), and the file reader that other platforms' exports share."""

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from config.sections import ACTIVITIES, NO_SHOW_WORDS, FilesOptions
from connectors.base import Connector
from connectors.errors import StopRun
from connectors.files.connector import FileConnector, FileOptions
from connectors.files.preview import ColumnPreview, Preview, preview_file
from connectors.files.rows import Rules

if TYPE_CHECKING:
    from config.settings import Source

__all__ = ["ColumnPreview", "FileConnector", "FileOptions", "Preview", "connect", "preview"]


def connect(source: "Source", stop: threading.Event | None = None) -> Connector:
    """The connector of one further register."""
    options = source.options
    if not isinstance(options, FilesOptions) or options.inbox is None:
        raise StopRun(f"files.{source.name}.inbox is missing")
    return FileConnector(
        FileOptions(
            name=source.name,
            setting=f"files.{source.name}",
            inbox=options.inbox,
            activity=ACTIVITIES["files"],
            columns=options.columns,
            rules=Rules(notes=source.notes),
        ),
        stop,
    )


def preview(path: Path, source: "Source | None" = None) -> Preview:
    """How a file would be read by a source; without one, by the shipped headings alone."""
    if source is None:
        return preview_file(path, {}, Rules())
    options = source.options
    section = f"files.{source.name}" if isinstance(options, FilesOptions) else source.name
    words = getattr(options, "no_show_words", NO_SHOW_WORDS)
    rules = Rules(notes=source.notes, no_show_words=words)
    return preview_file(path, getattr(options, "columns", {}), rules, section)
