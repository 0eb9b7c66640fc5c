"""A file that stands there whole or not at all, private from its first byte, whatever happens to the program.

1. It is written without a name (`O_TMPFILE`; open(2)), so that the kernel takes it away with a program that is killed.
   Where a file system does not know that, it is written beside the wanted one as `.NAME.PID.part`.
2. Written, and on the disk, it gets that name, and takes the wanted one's place at once.
3. What a killed program left under such a name goes with the next file of the same name.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_OWN_FILES = Path("/proc/self/fd")


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """The file to write. It takes the place of `path` where the block ends well. Raises `OSError`."""
    _remove_stale(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = _unnamed(path.parent)
    named = handle is None
    if handle is None:
        # O_EXCL and O_NOFOLLOW: in a folder that others may write to, nobody can have put something there before.
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            if not named:
                _name(file.fileno(), beside)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _unnamed(folder: Path) -> int | None:
    """A new file in this folder that has no name, `None` where that cannot be, or could not be named later."""
    kind = getattr(os, "O_TMPFILE", None)
    if kind is None or not _OWN_FILES.is_dir():
        return None
    try:
        return os.open(folder, os.O_WRONLY | kind, 0o600)
    except OSError:
        return None  # where nothing can be written at all, the named file says so


def _name(handle: int, path: Path) -> None:
    """Give a file without a name this one. With a folder given, and only then, Python follows the link to the file."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.link(_OWN_FILES / str(handle), path.name, dst_dir_fd=folder)
    finally:
        os.close(folder)


def _remove_stale(path: Path) -> None:
    """Remove what exports to this path left when they were killed: they hold people and nobody would look for them."""
    part = re.compile(rf"\.{re.escape(path.name)}\.([1-9]\d{{0,8}})\.part")
    with suppress(OSError):
        for beside in list(path.parent.iterdir()):
            named = part.fullmatch(beside.name)
            if named and not _runs(int(named[1])):
                beside.unlink()


def _runs(pid: int) -> bool:
    """Whether another process of this number runs; what bears our own number is from one that had it before."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return pid != os.getpid()
