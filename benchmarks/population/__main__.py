"""Writes made-up records: one line of JSON each with the truth for programs that match, and CSV files for import.

    python -m benchmarks.population --records 20000 --seed 1 --output DIR

makes `records.jsonl`, and `salon.csv` and `school.csv` with the headings that `rekisteri` knows.
"""

import argparse
import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.population import Record, population
from benchmarks.population.cards import SOURCES

HEADINGS = ("Asiakasnumero", "Etunimi", "Sukunimi", "Nimi", "Puhelinnumero", "Sähköposti", "Osoite")


def write_jsonl(records: Iterable[Record], file: Path) -> None:
    """One object a line, every field of `Record`."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(encode(dict(zip(Record._fields, record, strict=True))) + "\n" for record in records)


def read_jsonl(file: Path) -> list[Record]:
    """What `write_jsonl` wrote."""
    with file.open(encoding="utf-8") as lines:
        return [Record(**json.loads(line)) for line in lines]


def write_csv(records: Sequence[Record], folder: Path) -> None:
    """A file for each source, without the truth."""
    for source in SOURCES:
        with (folder / f"{source}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(HEADINGS)
            writer.writerows(record[1:8] for record in records if record.source == source)


def main() -> None:
    """Make and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--records", type=int, default=20_000, help="how many, both sources together")
    parser.add_argument("--seed", type=int, default=1, help="the same seed and size make the same records")
    parser.add_argument("--output", type=Path, required=True, help="folder for the files")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    records = population(options.records, options.seed)
    write_jsonl(records, options.output / "records.jsonl")
    write_csv(records, options.output)


if __name__ == "__main__":
    main()
