"""Where a backup is written: beside its name, which it takes once it is whole and was read back."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from store.backup.errors import BackupError


@contextmanager
def fresh(path: Path) -> Iterator[Path]:
    """A file beside `path` to be filled, private from the first byte. At the end it takes that name, which nothing may
    have before. Raises `BackupError`."""
    beside = path.with_name(f".{path.name}.part")
    _refuse_taken(path)
    try:
        with _begun(beside, path) as file:
            file.truncate()
            yield beside
            _take_name(beside, path)
    finally:
        _clear(beside)


@contextmanager
def _begun(beside: Path, path: Path) -> Iterator[BinaryIO]:
    """That file, open and nobody else's."""
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BackupError(
            f"{path} cannot be written ({error.strerror}); name a file in a folder that is there"
        ) from None
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(path) from None
        if not beside.exists() or beside.stat().st_ino != os.fstat(file.fileno()).st_ino:
            raise _busy(path)  # it has become a backup meanwhile
        yield file


def _clear(beside: Path) -> None:
    """Take away the file that nobody writes: not one that a backup is at, and at whatever point ours was stopped."""
    with suppress(OSError):
        handle = os.open(beside, os.O_RDWR | os.O_NOFOLLOW)
        with os.fdopen(handle, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            beside.unlink()


def _busy(path: Path) -> BackupError:
    return BackupError(f"another backup is writing {path}; wait for it, or name another file")


def _refuse_taken(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise BackupError(f"{path} is there already and is never overwritten; name another file")


def _take_name(beside: Path, path: Path) -> None:
    """Not by a hard link, which a memory stick knows nothing of: an empty file keeps the place for an instant."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        _refuse_taken(path)
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
