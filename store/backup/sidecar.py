"""The sidecar: which erasures there were and what people forbade, in a file beside the key that outlives the database,
for a restore to replay (`store.backup.entries`).

It names nobody. Its first line says how many lines follow, how long they are and the code
of the last; it is written over in place once they are on the disk. Lines are only ever added:

    {"mac":"<64 hex characters>","entry":{…}}

The code of a line is an HMAC-SHA-256 (RFC 2104), keyed with `privacy.key_file`, over the code of the line before and
the entry as it stands; so a changed, moved or missing line is found, and by the first line a cut file. A crash leaves
at most a line too many, which counts where it is whole and goes with the next addition where it is not.
"""

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from store.backup.entries import Entry, entry_of, plain
from store.backup.errors import SidecarError

_SUFFIX = ".erasures"
_FORM, _FORMS = 2, (1, 2)  # form 1 knows no declarations
_BEFORE, _BETWEEN, _AFTER = b'{"mac":"', b'","entry":', b"}\n"
_CODE, _CODE_OF_KEY = 64, 16
_START = len(_BEFORE) + _CODE + len(_BETWEEN)
_ANEW = "move it aside, and `rekisteri backup` writes it anew from the registry"


class _Head(NamedTuple):
    """How many lines follow, where in the file they end, the code of the last, and the form of all of it."""

    lines: int
    end: int
    last: str
    form: int = _FORM


def beside(key_file: Path) -> Path:
    """Where the sidecar of a key stands: `rekisteri.erasures` beside `rekisteri.key`."""
    return key_file.with_suffix(_SUFFIX)


def start(path: Path, key: bytes) -> None:
    """Make an empty one with mode 0600, unless it is there: whoever finds none knows that one is missing."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SidecarError(f"{path} cannot be made ({error.strerror}); mend the folder's rights") from None
    with os.fdopen(handle, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not file.read(1):
            empty = _Head(0, 0, _seed(key))
            _write(file, _head_line(key, empty._replace(end=len(_head_line(key, empty)))))


def append(path: Path, key: bytes, entries: Sequence[Entry]) -> None:
    """Add entries; they are on the disk when this returns. Raises `SidecarError`, also where there is no sidecar: to
    begin one takes all that was erased before (`store.backup.keeping_up`)."""
    with _opened(path, "r+b", fcntl.LOCK_EX) as file:
        head = _head(path, key, file.readline())
        end, last = head.end, head.last
        file.seek(end)
        rest = file.read()
        lines = head.lines
        for line in rest[: rest.rfind(b"\n") + 1].splitlines(keepends=True):  # of an addition that a crash cut short
            last = _checked(path, key, last, line)
            end, lines = end + len(line), lines + 1
        added = bytearray()
        for entry in entries:
            raw = json.dumps(plain(entry), separators=(",", ":")).encode()
            last = _code(key, last, raw)
            added += _line(last, raw)
        file.seek(end)
        file.truncate()
        _write(file, bytes(added))
        file.seek(0)
        _write(file, _head_line(key, _Head(lines + len(entries), end + len(added), last)))


def read(path: Path, key: bytes) -> list[Entry]:
    """Every entry, in the order in which they were added. Raises `SidecarError`."""
    with _opened(path, "rb", fcntl.LOCK_SH) as file:
        first = file.readline()
        head = _head(path, key, first)
        body = file.read()
    if len(first) + len(body) < head.end or not (first + body).endswith(b"\n"):
        raise SidecarError(f"{path} was cut; {_ANEW}")
    last, entries, at = _seed(key), [], len(first)
    for line in body.splitlines(keepends=True):
        last = _checked(path, key, last, line)
        entries.append(entry_of(json.loads(line)["entry"]))
        at += len(line)
        if at == head.end and (len(entries), last) != (head.lines, head.last):
            raise SidecarError(f"{path} was changed; {_ANEW}")
    return entries


def state(path: Path, key: bytes) -> str:
    """What changes with every addition, and is read at once whatever the sidecar's length. Raises `SidecarError`."""
    with _opened(path, "rb", fcntl.LOCK_SH) as file:
        head = _head(path, key, file.readline())
    return f"{head.lines} {head.last}"


def begun(path: Path) -> bool:
    """Whether there is one that tells of an erasure, as far as can be told without the key."""
    try:
        with path.open("rb") as file:
            return len(file.readlines(1 << 10)) > 1
    except OSError:
        return False


@contextmanager
def _opened(path: Path, mode: str, lock: int) -> Iterator[Any]:
    try:
        with path.open(mode) as file:
            fcntl.flock(file, lock)
            yield file
    except FileNotFoundError:
        raise SidecarError(f"{path} is not there, so nobody knows who was erased; put it back") from None
    except OSError as error:
        raise SidecarError(f"{path} cannot be used ({error.strerror}); mend its rights") from None


def _write(file: Any, data: bytes) -> None:
    file.write(data)
    file.flush()
    os.fsync(file.fileno())


def _head(path: Path, key: bytes, line: bytes) -> _Head:
    try:
        found = json.loads(line)["entry"]
        head = _Head(int(found["lines"]), int(found["end"]), str(found["last"]), int(found["form"]))
        mine = found["key"] == _seed(key)[:_CODE_OF_KEY]
    except (ValueError, KeyError, TypeError):
        raise SidecarError(f"{path} is no sidecar, or was cut; {_ANEW}") from None
    if head.form not in _FORMS:
        raise SidecarError(f"{path} was written by a newer version of rekisteri; install that version")
    if not mine:
        raise SidecarError(
            f"{path} belongs to another key than privacy.key_file; put the two that belong together back"
        )
    if line != _head_line(key, head):
        raise SidecarError(f"{path} was changed; {_ANEW}")
    return head


def _head_line(key: bytes, head: _Head) -> bytes:
    """Of the same length whatever it says, so that it can be written over."""
    found = {
        "form": head.form,
        "key": _seed(key)[:_CODE_OF_KEY],
        "lines": f"{head.lines:012}",
        "end": f"{head.end:012}",
        "last": head.last,
    }
    raw = json.dumps(found, separators=(",", ":")).encode()
    return _line(_code(key, "head", raw), raw)


def _checked(path: Path, key: bytes, before: str, line: bytes) -> str:
    """The code of a line, if it is right after the one before."""
    code = line[len(_BEFORE) : len(_BEFORE) + _CODE].decode("ascii", "replace")
    raw = line[_START : -len(_AFTER)]
    if line != _line(code, raw) or not hmac.compare_digest(_code(key, before, raw), code):
        raise SidecarError(f"{path} was changed; {_ANEW}")
    return code


def _line(code: str, raw: bytes) -> bytes:
    return b"".join((_BEFORE, code.encode(), _BETWEEN, raw, _AFTER))


def _code(key: bytes, before: str, raw: bytes) -> str:
    return hmac.new(_own(key), before.encode() + b"\n" + raw, hashlib.sha256).hexdigest()


def _seed(key: bytes) -> str:
    return hmac.new(_own(key), b"first", hashlib.sha256).hexdigest()


def _own(key: bytes) -> bytes:
    """A key of our own, so that no code here can be any digest of a person."""
    return hmac.digest(key, b"rekisteri.erasures", "sha256")
