"""Made-up records as a careful user of a matching library would hand them over: cleaned, folded, one column a field.

Every peer gets the same file, so that none of them pays for cleaning. Names are folded (small letters without marks)
and joined ones taken apart, "Last, First" by its comma; tags, Gmail's dots and capitals are off the e-mail addresses;
role addresses, and contacts on more than `SHARED` records, are left out, for no peer could make anything of
them. `label` tells the truth about `LABELLED` people who have two or more records, and nothing about the others.

    python -m benchmarks.match_prepared RECORDS.jsonl OUTPUT.csv
"""

import csv
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from benchmarks.match_baseline import contacts, names, tokens
from benchmarks.population import Record

SHARED = 100
LABELLED = 500
COLUMNS = (
    "unique_id",
    "source",
    "first_name",
    "last_name",
    "full_name",
    "phone",
    "email",
    "address",
    "person",
    "label",
)


def read(file: Path) -> Iterator[Record]:
    """The records of a file, one after another."""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            yield Record(**json.loads(line))


def labelled(file: Path) -> frozenset[int]:
    """People whose truth is told: by chance, but the same ones every time."""
    counts = Counter(record.person for record in read(file))
    several = sorted(person for person, count in counts.items() if count > 1)
    return frozenset(Random(1).sample(several, min(LABELLED, len(several))))


def row(at: int, record: Record, uses: Mapping[str, int], told: frozenset[int]) -> tuple[object, ...]:
    """One line of the file, in the order of `COLUMNS`; what is missing is an empty cell."""
    first, last = (" ".join(part) for part in names(record))
    kept = [contact for contact in contacts(record) if uses[contact] <= SHARED]
    phone = next((contact for contact in kept if "@" not in contact), "")
    email = next((contact for contact in kept if "@" in contact), "")
    address = " ".join(tokens_and_numbers(record.address or ""))
    label = record.person if record.person in told else ""
    return at, record.source, first, last, f"{first} {last}".strip(), phone, email, address, record.person, label


def tokens_and_numbers(text: str) -> Iterator[str]:
    """The folded words of an address, numbers kept."""
    for word in text.replace(",", " ").split():
        yield word if word.isdigit() else "".join(tokens(word)) or word.lower()


def prepare(source: Path, target: Path) -> None:
    """Write the file: first count how often each contact is used, then write line by line."""
    uses: dict[str, int] = defaultdict(int)
    for record in read(source):
        for contact in contacts(record):
            uses[contact] += 1
    told = labelled(source)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(row(at, record, uses, told) for at, record in enumerate(read(source)))


def prepared(source: Path, folder: Path) -> Path:
    """The file, made by a process of its own, whose memory a peer need not answer for."""
    target = folder / "prepared.csv"
    subprocess.run([sys.executable, "-m", __name__, str(source), str(target)], check=True)
    return target


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), Path(sys.argv[2]))
