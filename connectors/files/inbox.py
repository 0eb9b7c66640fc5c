"""Which files of the inbox are read, and what becomes of them afterwards.

A file is known by its content. One that is still being written (size or time differs between two looks a second
apart) is left for the next run; a file's age says nothing.
"""

import logging
import os
import threading
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from connectors.files.container import fingerprint
from connectors.minimise import mask

LOOK_APART_S = 1.0
AfterImport = Literal["keep", "archive", "delete"]

_log = logging.getLogger(__name__)
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".tmp", ".filepart")
_SYSTEM = frozenset({"desktop.ini", "thumbs.db"})


@dataclass(frozen=True, slots=True)
class Look:
    """A file as one look found it. Equal looks mean that nothing was written between them."""

    path: Path
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that stands still, with the digest of its content (hex), empty where it cannot be opened."""

    look: Look
    sha256: str


def look_at(path: Path) -> Look | None:
    """The file now, or `None` where it is gone or no plain file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return Look(path, stat.st_size, stat.st_mtime_ns) if path.is_file() else None


def candidates(folder: Path) -> list[Look]:
    """The files that may be read, oldest first, then by name. Unfinished, hidden and lock files are left out."""
    looks = (look_at(path) for path in folder.iterdir() if _may_be_read(path.name))
    return sorted((look for look in looks if look), key=lambda look: (look.mtime_ns, look.path.name))


def _may_be_read(name: str) -> bool:
    lower = name.lower()
    return not (lower.startswith((".", "~$")) or lower.endswith(_UNFINISHED) or lower in _SYSTEM)


def arrivals(looks: Iterable[Look], known: Container[str], stop: threading.Event) -> list[Arrival]:
    """Settled files, in the order given; known content too, since it may be put away. Waits only for new ones."""
    began = time.monotonic()
    found = [_digested(look) for look in looks]
    if any(arrival.sha256 and arrival.sha256 not in known for arrival in found):
        stop.wait(max(0.0, LOOK_APART_S - (time.monotonic() - began)))
    return [arrival for arrival in found if look_at(arrival.look.path) == arrival.look]


def _digested(look: Look) -> Arrival:
    try:
        return Arrival(look, fingerprint(look.path))
    except OSError:
        return Arrival(look, "")


def told_name(path: Path) -> str:
    """A file's name as it may be told and stored: bytes that are no UTF-8 replaced, identity codes masked."""
    return mask(os.fsencode(path.name).decode("utf-8", "replace"))[0]


def put_away(arrival: Arrival, after_import: AfterImport) -> None:
    """Do with an imported file what the owner chose, unless it changed meanwhile. A failure leaves it where it is."""
    if after_import == "keep" or look_at(arrival.look.path) != arrival.look:
        return
    try:
        if after_import == "delete":
            arrival.look.path.unlink()
        else:
            _archive(arrival.look.path)
    except OSError:
        _log.warning("an imported file could not be put away; it stays in the inbox")


def _archive(path: Path) -> None:
    folder = path.parent / "archive"
    folder.mkdir(exist_ok=True)
    for target in _names(folder, path):
        try:
            # Claims the name first: a plain rename would overwrite a file of the same name.
            target.touch(exist_ok=False)
        except FileExistsError:
            continue
        path.replace(target)
        return


def _names(folder: Path, path: Path) -> Iterator[Path]:
    yield folder / path.name
    for number in range(2, 10_000):
        yield folder / f"{path.stem} ({number}){path.suffix}"
