"""The file of a backup: lines, compressed (gzip, RFC 1952) and encrypted to a recipient (https://age-encryption.org/v1).

Nothing that is readable touches the disk on the way in or out.
"""

import hashlib
import os
import zlib
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from store.backup.errors import BackupError, UnreadableError
from store.backup.form import Head

_GZIP = 31  # the window's size of zlib, and its word for gzip's frame
_QUICK = 1  # level; higher ones save a tenth and take three times as long
_PIECE = 1 << 16
_LONGEST_LINE = 1 << 28
_DAMAGED = "is cut or damaged; take another backup"
_NOT_FOR_US = "is encrypted to somebody else; give the identity that belongs to its recipient"

Reading = Generator[None, bytes, Head]
"""Takes one line at a time and returns what the backup said of itself (`store.backup.form.taken`)."""


def seal(path: Path, lines: Iterable[bytes], recipient: Any) -> str:
    """Compress and encrypt lines into a file that is there; its SHA-256. On the disk when this returns.

    Raises `BackupError`, and whatever `lines` raises.
    """
    source = _Source(_compressed(lines))
    with path.open("r+b") as file:
        sink = _Sink(file)
        try:
            pyrage.encrypt_io(source, sink, [recipient])
        except (pyrage.EncryptError, OSError) as error:
            raise source.failed or _not_written(sink.failed or error) from None
        file.flush()
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # so that reading back asks the disk
    return sink.digest.hexdigest()


def _not_written(error: Exception) -> BackupError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "it was not taken"
    return BackupError(f"the backup cannot be written ({reason}); make room, or name another place")


def digest_of(path: Path) -> str:
    """The SHA-256 of a file as it stands on the disk."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unseal(path: Path, identity: Any, reading: Reading) -> Head:
    """Decrypt and unpack a file into `reading`. Raises `UnreadableError` and whatever `reading` raises."""
    unpacked = _Unpacked(reading)
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, unpacked, [identity])
        return unpacked.result()
    except UnreadableError as error:
        raise UnreadableError(f"{path} {error}") from None
    except pyrage.DecryptError as error:
        raise UnreadableError(f"{path} {_reason(str(error), path)}") from None
    except OSError as error:
        if unpacked.failed is error:
            raise
        reason = f"cannot be read ({error.strerror})" if error.strerror else _DAMAGED
        raise UnreadableError(f"{path} {reason}") from None
    finally:
        reading.close()


def _reason(said: str, path: Path) -> str:
    if "matching keys" in said:
        return _NOT_FOR_US
    with path.open("rb") as file:
        begins = file.read(4)
    return _DAMAGED if begins == b"age-" else "is no backup of rekisteri: it is not encrypted with age"


def _compressed(lines: Iterable[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(_QUICK, wbits=_GZIP)
    for line in lines:
        if piece := squeeze.compress(line):
            yield piece
    yield squeeze.flush()


class _Source:
    """Bytes to be read from an iterator. `failed`: what it raised, which age would turn into a text."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""
        self.failed: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self._left:
                self._left = next(self._pieces)
        except StopIteration:
            return b""
        except BaseException as error:
            self.failed = error
            raise
        end = len(self._left) if size < 0 else size
        given, self._left = self._left[:end], self._left[end:]
        return given


class _Sink:
    """Bytes to be written to a file, hashed on the way."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digest = hashlib.sha256()
        self.failed: OSError | None = None

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        try:
            return self._file.write(data)
        except OSError as error:
            self.failed = error
            raise

    def flush(self) -> None:
        self._file.flush()


class _Unpacked:
    """Takes what was decrypted, unpacks it, and hands on whole lines."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._unpack = zlib.decompressobj(wbits=_GZIP)
        self._line = bytearray()
        self._head: Head | None = None
        self.failed: BaseException | None = None
        next(reading)

    def write(self, data: bytes) -> int:
        try:
            self._take(bytes(data))
        except BaseException as error:
            self.failed = error
            raise
        return len(data)

    def flush(self) -> None:
        pass

    def _take(self, data: bytes) -> None:
        try:
            plain = self._unpack.decompress(data)
        except zlib.error:
            raise UnreadableError("is no backup of rekisteri") from None
        *whole, rest = plain.split(b"\n")
        for part in whole:
            self._line += part
            self._hand_on(bytes(self._line) + b"\n")
            self._line.clear()
        self._line += rest
        if len(self._line) > _LONGEST_LINE or self._unpack.unused_data:
            raise UnreadableError("is no backup of rekisteri")

    def _hand_on(self, line: bytes) -> None:
        if self._head is not None:
            raise UnreadableError(_DAMAGED)
        try:
            self._reading.send(line)
        except StopIteration as end:
            self._head = end.value

    def result(self) -> Head:
        """What the backup said of itself, once all of it was there. Raises `UnreadableError`."""
        if self._head is None or self._line or not self._unpack.eof:
            raise UnreadableError(_DAMAGED)
        return self._head
