"""Values that a person corrected: they stand over what any source says, until they are lifted (GDPR Art. 16).

A correction stands with one customer only, so that none shows after a split on somebody else: the one that holds its
anchor, the record on whose customer it was made. Where the source has removed that, it is the earliest of the other
records on which it hangs, else the earliest that a contact leads to, which no person has declared to be somebody else.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

RULE = "pinned"
LISTS = ("emails", "phones")
NAMES = ("name", "first_name", "last_name")
FIELDS = (*NAMES, *LISTS, "address")

Pair = tuple[int, int]
Pinned = dict[str, tuple[list[Any], "Correction"]]
"""Of each field that is corrected the values that stand, and what says so."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected field; `value` is JSON: a list for emails and phones, else a text, `null` or empty for none. `hangs`:
    records on which it hangs; `reaches`: live records, some by a contact."""

    id: int
    field: str
    value: str
    at: datetime
    anchor: int
    hangs: frozenset[int]
    reaches: frozenset[int]

    def holder(self, apart: Collection[Pair]) -> int | None:
        """The record with whose customer it stands. `apart`: pairs (low, high) that a person declared to be two."""
        if self.anchor in self.reaches:
            return self.anchor
        direct = sorted(self.hangs & self.reaches)
        for record in (*direct, *sorted(self.reaches - self.hangs)):
            if (min(record, self.anchor), max(record, self.anchor)) not in apart:
                return record
        return None


def pinned(
    members: Collection[int],
    corrections: Sequence[Correction],
    apart: Collection[Pair],
    golden: Mapping[str, Sequence[Any]],
) -> Pinned:
    """What corrections make of a customer with these records. `golden`: published values by field, before.

    1. Of each field the latest correction that stands with this customer counts.
    2. Where a part of the name is corrected, the whole name is put together anew.
    3. Where the whole name is corrected and its parts are not, these stay only if they still make it up.
    """
    latest: dict[str, Correction] = {}
    for one in sorted(corrections, key=lambda one: (one.at, one.id)):
        if one.holder(apart) in members:
            latest[one.field] = one
    found: Pinned = {name: (_values(one), one) for name, one in latest.items()}
    return found | _names(found, golden)


def _values(one: Correction) -> list[Any]:
    value = json.loads(one.value)
    if one.field in LISTS:
        return list(value or ())
    return [value] if value else []


def _names(found: Pinned, golden: Mapping[str, Sequence[Any]]) -> Pinned:
    said = [found[name][1] for name in NAMES if name in found]
    if not said:
        return {}

    def part(name: str) -> Sequence[Any]:
        return found[name][0] if name in found else golden.get(name, ())

    whole = " ".join([*part("first_name"), *part("last_name")])
    newest = max(said, key=lambda one: (one.at, one.id))
    if "name" not in found:
        return {"name": ([whole] if whole else [], newest)}
    if found["name"][0] == [whole]:
        return {}
    return {name: ([], newest) for name in ("first_name", "last_name") if name not in found}
