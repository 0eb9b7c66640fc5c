"""Rows told apart without mapping them: a digest of those fields of a row that the mapping reads, and of no other.

Most rows of a sweep are as they were, and to map one takes longer than all else that is done with it. Two rows with one
digest map alike under one version of the program and the same settings; both are part of it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from config.version import installed_version
from connectors.thinkific.mapping import OWN, OWN_ID, PARTS, Mapper, id_or_none, on_wire

MAPPING = 1
"""Counts up with each change of what the mapping makes of a row."""
_SWEPT = ("users", "orders")
"""Streams that are read whole each time and have many rows."""
_LENGTH = 32  # hexadecimal digits, 128 bits


class Digests:
    """Makes the digests of one site's rows."""

    def __init__(self, mapper: Mapper) -> None:
        own = mapper.own
        self._own = {wire for own_id in own.ids for wire in on_wire(own_id)}
        self._names = {stream: mapper.names(stream) for stream in _SWEPT}
        fields = (own.phone, own.address, own.email_marketing, own.sms_marketing)
        self._seed = sha256(to_json([MAPPING, installed_version(), *fields, self._names]))

    def of(self, stream: str, rows: Sequence[Any]) -> dict[str, str]:
        """Digests by id, 32 hexadecimal digits each. Without rows that have no id, or one that another row of the page
        has too: of those it matters which came last."""
        if stream not in self._names:
            return {}
        ids = [id_or_none(row) for row in rows]
        times = Counter(ids)
        once = [(id_, row) for id_, row in zip(ids, rows, strict=True) if id_ and times[id_] == 1]
        return {id_: digest for id_, row in once if (digest := self._digest(stream, row))}

    def _digest(self, stream: str, row: Mapping[str, Any]) -> str | None:
        """`None` for a row that has to be mapped to be understood."""
        names = self._names[stream]
        values = [row.get(name) for name in names]
        for at, value in enumerate(values):
            kind = type(value)
            if kind is list or kind is dict:
                if names[at] not in PARTS:
                    return None
                values[at] = self._parts(names[at], value)
        made = self._seed.copy()
        try:
            made.update(to_json(values))
        except (PydanticSerializationError, ValueError):
            return None
        return made.hexdigest()[:_LENGTH]

    def _parts(self, name: str, entries: Any) -> list[Any]:
        """Of a nested list what is read; of the site's own fields those that are."""
        parts = [part for part in entries if isinstance(part, Mapping)] if isinstance(entries, list) else []
        if name == OWN:
            parts = [part for part in parts if _is_any(part.get(OWN_ID), self._own)]
        return [[part.get(key) for key in PARTS[name]] for part in parts]


def others(rows: Sequence[Any], ids: Collection[str]) -> list[Any]:
    """The rows without those of these ids."""
    return [row for row in rows if id_or_none(row) not in ids]


def _is_any(value: Any, wanted: Collection[str | int]) -> bool:
    return isinstance(value, str | int | float) and value in wanted
