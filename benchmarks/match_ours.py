"""This program's own matching, as a contestant of `benchmarks.match_bench`."""

from pathlib import Path
from typing import Any


def run(records_jsonl: Path) -> dict[str, Any]:
    """Match the records of a file (`benchmarks.population`) and say what came out, as `match_score.document` has it.

    Besides `curve`, `seconds`, `peak_mib`, `oracle` and `own_clusters` (precision, recall, f1 of what it joins by
    itself) the answer has `review`: the figures of `match_score.Review`.
    """
    raise NotImplementedError(f"no matching of our own is wired up yet for {records_jsonl.name}")
