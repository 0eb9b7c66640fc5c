"""What stands in a backup, line by line, before it is compressed and encrypted. Decides, does nothing.

JSON lines, so that `age --decrypt` and `gunzip` read them without this program:

1. The head: form, revision of the tables, when it was written, which key its digests are of, the newest erasure, and
   each table with its columns and its number of rows.
2. For each table its rows in blocks (`[[…],…]`, values in the order of the columns), then an end with their SHA-256.
   Times are UTC as SQLite has them, truths 0 and 1: one form for both databases.
3. The end of all, with an HMAC-SHA-256 (RFC 2104), keyed with `privacy.key_file`, over the head and every table's end.
   Anybody may encrypt to a recipient, so age alone does not tell who wrote a file.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from store.backup.errors import UnreadableError

FORM = 1
Block = Sequence[Sequence[Any]]

_NAME = "rekisteri_backup"
_FOREIGN = "is no backup of rekisteri"
_BROKEN = "is damaged; take another backup"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A table in a backup."""

    name: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Head:
    """What a backup says of itself. `key`: fingerprint of the key of its digests. `erasures`: the newest tombstone's
    id, 0 where nobody was erased."""

    schema: str
    written_at: str
    key: str
    erasures: int
    tables: tuple[Shelf, ...]
    form: int = field(default=FORM)

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)


class Taker(Protocol):
    """Who takes in what a backup holds. Raises what it will; that ends the reading."""

    def begin(self, head: Head) -> None:
        """The backup begins."""
        ...

    def table(self, table: Shelf) -> AbstractContextManager[Callable[[Block], None]]:
        """A table begins; what it gives takes its blocks."""
        ...


def written(head: Head, key: bytes, blocks: Callable[[Shelf], Iterable[Block]]) -> Iterator[bytes]:
    """The lines of a backup. `blocks`: the rows of a table, as many as the head says."""
    code = _code(key)
    first = _line({_NAME: head.form} | {name: value for name, value in asdict(head).items() if name != "form"})
    code.update(first)
    yield first
    for table in head.tables:
        digest, rows = hashlib.sha256(), 0
        for block in blocks(table):
            line = _line(block)
            digest.update(line)
            rows += len(block)
            yield line
        end = _line({"table": table.name, "rows": rows, "sha256": digest.hexdigest()})
        code.update(end)
        yield end
    yield _line({"end": head.rows, "hmac": code.hexdigest()})


def taken(key: bytes, fingerprint: str, taker: Taker) -> Generator[None, bytes, Head]:
    """Send it the lines of a backup, each with its end; it returns after the last. Raises `UnreadableError`."""
    code = _code(key)
    line = yield
    head = _head(line, fingerprint)
    code.update(line)
    taker.begin(head)
    for table in head.tables:
        digest, rows = hashlib.sha256(), 0
        with taker.table(table) as take:
            while (line := (yield)).startswith(b"[["):
                digest.update(line)
                block = _block(line)
                rows += len(block)
                take(block)
        if line != _line({"table": table.name, "rows": table.rows, "sha256": digest.hexdigest()}) or rows != table.rows:
            raise UnreadableError(_BROKEN)
        code.update(line)
    line = yield
    if not hmac.compare_digest(line, _line({"end": head.rows, "hmac": code.hexdigest()})):
        raise UnreadableError(_BROKEN)
    return head


def _head(line: bytes, fingerprint: str) -> Head:
    try:
        found = json.loads(line)
        form = found.pop(_NAME)
    except (ValueError, KeyError, AttributeError, TypeError):
        raise UnreadableError(_FOREIGN) from None
    if form != FORM:
        raise UnreadableError("was written by a newer version of rekisteri; install that version")
    try:
        tables = tuple(Shelf(one["name"], tuple(one["columns"]), one["rows"]) for one in found.pop("tables"))
        head = Head(tables=tables, **found)
    except (KeyError, TypeError):
        raise UnreadableError(_BROKEN) from None
    if head.key != fingerprint:
        raise UnreadableError("belongs to another key than privacy.key_file; put the key file of its time back")
    return head


def _block(line: bytes) -> Block:
    try:
        block: Block = json.loads(line)
    except ValueError:
        raise UnreadableError(_BROKEN) from None
    return block


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _code(key: bytes) -> "hmac.HMAC":
    own = hmac.digest(key, b"rekisteri.backup", "sha256")
    return hmac.new(own, digestmod=hashlib.sha256)
