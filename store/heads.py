"""The keys of all tombstones in memory, so that a page of strangers asks the database nothing.

Of each digest the first 64 bits are kept, its head: a digest with another head is nobody's. To compare a page:

1. A table of bits, eight or more places a head, has a mark at the last bits of each: mostly that says no at once, and
   it is small enough for the processor to have at hand.
2. Of digests whose place has a mark the whole head is looked for among the sorted ones.

A set of digests would be gone through by each search for cycles, and a row each takes five times as long to read.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection

from store.bulk import run_plain

_PLACES = 8
_HEAD = 8  # bytes

_Heads = npt.NDArray[np.int64]


class Heads:
    """The heads of digests that are known."""

    def __init__(self, heads: _Heads) -> None:
        self._sorted = np.sort(heads)
        marks = np.zeros(1 << max(len(heads) * _PLACES, 1).bit_length(), np.bool_)
        self._last = np.int64(len(marks) - 1)
        marks[heads & self._last] = True
        self._marks = np.packbits(marks, bitorder="little")

    def know_any(self, digests: Sequence[bytes]) -> bool:
        """Whether any of these whole digests, which are of one length, may be known."""
        asked = _heads(digests)
        asked = asked[self._marked(asked & self._last)]
        if not len(asked):
            return False
        at = np.minimum(np.searchsorted(self._sorted, asked), len(self._sorted) - 1)
        return bool((self._sorted[at] == asked).any())

    def add(self, digest: bytes) -> None:
        """One more is known."""
        head = _heads((digest,))
        self._sorted = np.insert(self._sorted, np.searchsorted(self._sorted, head), head)
        place = int(head[0] & self._last)
        self._marks[place >> 3] |= 1 << (place & 7)

    def _marked(self, places: _Heads) -> npt.NDArray[np.bool_]:
        found: npt.NDArray[np.bool_] = (self._marks[places >> 3] >> (places & 7) & 1).astype(np.bool_)
        return found


def read(connection: Connection) -> Heads:
    """Of the keys of all tombstones, released ones too."""
    joined = "string_agg" if connection.dialect.name == "postgresql" else "group_concat"
    text = run_plain(connection, f"SELECT {joined}(digest, '') FROM tombstone_key").scalar()
    return Heads(np.frombuffer(bytes.fromhex(text or ""), np.int64)[::2])


def _heads(digests: Sequence[bytes]) -> _Heads:
    """As this machine writes numbers."""
    return np.frombuffer(b"".join(digests), np.int64)[:: len(digests[0]) // _HEAD if digests else 1]
