"""Eighty lines of rules, to be beaten: same phone or e-mail, and first names agree; rare equal names too, if wanted.

Contacts on more than `SHARED` cards decide nothing. First names agree where a folded one is the same, starts the other,
or has one slip in it; so they do where first and last name are swapped. The variant also joins the only two
records of one folded full name where, by how often either name is used, fewer than `RARE` others should have both.

    python -m benchmarks.match_baseline RECORDS.jsonl     prints JSON, both variants
"""

import json
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.match_score import Groups, document, score
from benchmarks.population import Record
from benchmarks.population.writing import GMAIL

SHARED = 12
RARE = 0.025
_ROLES = frozenset(("info", "toimisto", "myynti", "asiakaspalvelu", "hallinto", "posti"))


@lru_cache(maxsize=1 << 17)
def tokens(text: str) -> tuple[str, ...]:
    """Small letters without marks, word by word."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return tuple(re.findall(r"[a-z?]+", "".join(char for char in folded if not unicodedata.combining(char))))


def contacts(record: Record) -> Iterator[str]:
    """Phone and mailbox, the latter without tag, Gmail's dots and capitals, unless it is somebody's role."""
    if record.phone:
        yield record.phone
    if record.email:
        local, _, domain = record.email.lower().partition("@")
        local = local.partition("+")[0]
        if local not in _ROLES:
            yield f"{local.replace('.', '') if domain == GMAIL else local}@{domain}"


def names(record: Record) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Folded first and last names; of a joined name, "Last, First" told from "First Last" by its comma."""
    if record.name:
        one, _, other = record.name.partition(",")
        words = tokens(one)
        return (tokens(other), words) if other else (words[:-1], words[-1:])
    return tokens(record.first_name or ""), tokens(record.last_name or "")


def one_slip(one: str, other: str) -> bool:
    """Whether the words differ by one letter changed, left out or added, or two swapped; short words never do."""
    one, other = sorted((one, other), key=len)
    if len(one) < 4 or len(other) - len(one) > 1:
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) < len(other):
        return one[at:] == other[at + 1 :]
    return (
        one[at + 1 :] == other[at + 1 :]
        or one[at : at + 2] + one[at + 2 :] == other[at + 1 : at + 2] + other[at : at + 1] + other[at + 2 :]
    )


@lru_cache(maxsize=1 << 17)
def agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two first names could be one person's."""
    return bool(one and other) and (
        one[0].startswith(other[0]) or other[0].startswith(one[0]) or one_slip(one[0], other[0])
    )


def match(records: Sequence[Record], *, rare: bool) -> list[int]:
    """A label for every record."""
    groups, named = Groups(range(len(records))), [names(record) for record in records]
    blocks: dict[str, list[int]] = defaultdict(list)
    for at, record in enumerate(records):
        for contact in contacts(record):
            blocks[contact].append(at)
    for block in blocks.values():
        for one, other in combinations(block, 2) if 1 < len(block) <= SHARED else ():
            (first, last), (its_first, its_last) = named[one], named[other]
            if agree(first, its_first) or (agree(first, its_last) and agree(last, its_first)):
                groups.join(one, other)
    if rare:
        same: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for at, (first, last) in enumerate(named):
            if first and last:
                same[tuple(sorted(first + last))].append(at)
        uses = Counter(word for first, last in named for word in first[:1] + last[-1:])
        for block in same.values():
            first, last = named[block[0]]
            if len(block) == 2 and uses[first[0]] * uses[last[-1]] < RARE * len(records):
                groups.join(block[0], block[1])
    return groups.labels()


def main() -> None:
    """Match, score and print."""
    with Path(sys.argv[1]).open(encoding="utf-8") as lines:
        records = [Record(**json.loads(line)) for line in lines]
    truth = [record.person for record in records]
    for name, rare in (("rules", False), ("rules, rare equal names", True)):
        begun = time.perf_counter()
        labels = match(records, rare=rare)
        seconds = time.perf_counter() - begun
        found: dict[str, Any] = score(truth, labels).figures()
        print(json.dumps(document(name, len(records), [(0.0, found["precision"], found["recall"])], seconds=seconds)))


if __name__ == "__main__":
    main()
