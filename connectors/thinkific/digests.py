"""Rows told apart without mapping them: a digest of those values of a row that its mapping rests on, and of no other.

Most rows of a sweep are as they were, and to map one takes longer than all else that is done with it. Two rows with one
digest map alike under one version of the program and of the libraries that read values, and under the same settings;
all of these are part of it.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from config.version import installed_version, library_version
from connectors.thinkific.mapping import NOTES, OWN, Mapper, first_item, id_or_none

MAPPING = 1
"""Counts up with each change of what the mapping makes of a row."""
_LIBRARIES = ("phonenumberslite", "email-validator", "pydantic")
_USER = ("first_name", "last_name", "full_name", "email", "created_at")
_LENGTH = 32  # hexadecimal digits, 128 bits


class Digests:
    """Makes the digests of one site's rows, of the streams that are read whole each time and have many."""

    def __init__(self, mapper: Mapper) -> None:
        own = mapper.own
        self._mapper = mapper
        self._notes = NOTES if mapper.notes else ()
        self._values = {"users": self._of_user, "orders": _of_order}
        versions = [MAPPING, installed_version(), *map(library_version, _LIBRARIES)]
        fields = [own.phone, own.address, own.email_marketing, own.sms_marketing, mapper.notes]
        self._seed = sha256(to_json([versions, fields]))

    def of(self, stream: str, rows: Sequence[Any]) -> dict[str, str]:
        """Digests by id, 32 hexadecimal digits each. Without rows that have no id, or one that another row of the page
        has too: of those it matters which came last."""
        if stream not in self._values:
            return {}
        ids = [id_or_none(row) for row in rows]
        times = Counter(ids)
        once = [(id_, row) for id_, row in zip(ids, rows, strict=True) if id_ and times[id_] == 1]
        return {id_: digest for id_, row in once if (digest := self._digest(self._values[stream](row)))}

    def _digest(self, values: Sequence[Any]) -> str | None:
        """`None` for a row that has to be mapped to be understood: no value that is read has parts."""
        if any(isinstance(value, list | dict) for value in values):
            return None
        made = self._seed.copy()
        try:
            made.update(to_json(values))
        except (PydanticSerializationError, ValueError):
            return None
        return made.hexdigest()[:_LENGTH]

    def _of_user(self, row: Mapping[str, Any]) -> list[Any]:
        values = [row.get(name) for name in (*_USER, *self._notes)]
        for field, value in sorted(self._mapper.own_values(row.get(OWN)).items(), key=str):
            values += (field, value)
        return values


def _of_order(row: Mapping[str, Any]) -> list[Any]:
    """What may stand for another value stands for nothing where that is there."""
    said, item = row.get, first_item(row)
    return [
        said("user_id"),
        said("product_id") if _is_there(said("product_id")) else item.get("product_id"),
        said("product_name") if _is_there(said("product_name")) else item.get("product_name"),
        said("amount_cents"),
        None if _is_there(said("amount_cents")) else said("amount_dollars"),
        said("subscription"),
        said("status"),
        said("created_at") if _is_there(said("created_at")) else said("created at"),
    ]


def _is_there(value: Any) -> bool:
    return not (value is None or (isinstance(value, str) and not value.strip()))


def others(rows: Sequence[Any], ids: Collection[str]) -> list[Any]:
    """The rows without those of these ids."""
    return [row for row in rows if id_or_none(row) not in ids]
