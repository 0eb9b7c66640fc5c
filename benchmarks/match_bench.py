"""Compares matching programs on made-up people and on FEBRL: right how often, how fast, with how much memory.

Every program runs in a process of its own, one after another, and is given the same records. Peers stand in an
environment of their own, `benchmarks/.venv-match`, which `make bench-match` sets up. Seconds are those of matching,
training included, without reading files, cleaning and scoring; the memory is the process's most by then.

    python -m benchmarks.match_bench [--records 5000 20000 200000 1000000] [--seed 1] [--only NAME …] [--plot FILE.svg]
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import environment, machine, measure

HERE = Path(__file__).parent
PEERS = HERE / ".venv-match/bin/python"
SIZES = (5_000, 20_000, 200_000, 1_000_000)
NEEDED = 0.998
"""The precision that is asked for; the tables tell the best recall at it."""
FEBRL = (3, 4)

Document = dict[str, Any]


@dataclass(frozen=True)
class Contestant:
    """A program: how it is started, up to how many records it can be asked, and how it is started for FEBRL."""

    name: str
    interpreter: Path
    arguments: tuple[str, ...]
    most: int | None = None
    febrl: bool = True


CONTESTANTS = (
    Contestant("rules", Path(sys.executable), ("-m", "benchmarks.match_baseline")),
    Contestant("splink", PEERS, ("-m", "benchmarks.match_splink")),
    Contestant("splink-labelled", PEERS, ("-m", "benchmarks.match_splink", "--labelled"), febrl=False),
    Contestant("goldenmatch", PEERS, ("-m", "benchmarks.match_goldenmatch")),
    Contestant("dedupe", PEERS, ("-m", "benchmarks.match_dedupe"), most=5_000, febrl=False),
    Contestant("rekisteri", Path(sys.executable), ("-m", "benchmarks.match_ours")),
)


def documents(contestant: Contestant, further: Sequence[str], folder: Path) -> Iterator[Document]:
    """What a program prints; nothing, and why, where it cannot run."""
    command = [str(contestant.interpreter), *contestant.arguments, *further]
    print(f"{contestant.name}: {' '.join(map(str, further))} …", file=sys.stderr, flush=True)
    try:
        done = measure(command, folder, environment(PYTHONPATH=str(HERE.parent)))
    except RuntimeError as failure:
        print(f"{contestant.name} is left out: {str(failure).strip().splitlines()[-1]}", file=sys.stderr)
        return
    for line in done.output.splitlines():
        if line.startswith("{"):
            yield {"peak_mib": done.peak_mib} | json.loads(line)


def people(options: argparse.Namespace, chosen: Sequence[Contestant], folder: Path) -> Iterator[Document]:
    """Every program on every size of made-up people."""
    for size in options.records:
        made = folder / str(size)
        figures = ["--records", str(size), "--seed", str(options.seed), "--output", str(made)]
        # In a process of its own: programs inherit the peak of this one, which must stay small.
        subprocess.run([sys.executable, "-m", "benchmarks.population", *figures], cwd=HERE.parent, check=True)
        file = made / "records.jsonl"
        for contestant in chosen:
            if contestant.most is None or size <= contestant.most:
                yield from documents(contestant, [str(file)], folder)
        shutil.rmtree(made)


def febrl(chosen: Sequence[Contestant], folder: Path) -> Iterator[Document]:
    """Every program that can on FEBRL; peers get all its fields, ours and the rules what the mapping leaves."""
    subprocess.run([str(PEERS), "-m", "benchmarks.match_febrl", str(folder)], cwd=HERE.parent, check=True)
    for number in FEBRL:
        for contestant in chosen:
            if contestant.febrl:
                peer = contestant.interpreter == PEERS
                further = ["--febrl", str(number)] if peer else [str(folder / f"febrl{number}.jsonl")]
                yield from ({"set": f"FEBRL {number}"} | found for found in documents(contestant, further, folder))


def percent(figures: Iterable[float | None]) -> str:
    """Shares as cells of a table."""
    return " | ".join("–" if figure is None else f"{figure:.4f}" for figure in figures)


def own(document: Document) -> tuple[float, float]:
    """Precision and recall of what a program joins by itself, or of its only point."""
    if found := document.get("own_clusters"):
        return found["precision"], found["recall"]
    (_, precision, recall), *_ = document["curve"]
    return precision, recall


def people_table(found: Iterable[Document]) -> str:
    """Made-up people, as a Markdown table."""
    lines = [
        "| records | program | precision | recall | oracle's precision | and recall | recall at 0.998 "
        "| review, share of records | recall with review | seconds | peak MiB |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for document in found:
        oracle = document.get("oracle") or [None, None, None]
        needed = max((recall for _, precision, recall in document["curve"] if precision >= NEEDED), default=None)
        review = document.get("review") or {}
        shares = (*own(document), *oracle[1:], needed, review.get("per_record"), review.get("recall"))
        lines.append(
            f"| {document['size']:,} | {document['name']} | {percent(shares)} "
            f"| {document['seconds']:.1f} | {document['peak_mib']:,.0f} |"
        )
    return "\n".join(lines)


def febrl_table(found: Iterable[Document]) -> str:
    """FEBRL, as a Markdown table."""
    lines = ["| set | program | precision | recall | F1 | seconds |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for document in found:
        precision, recall = own(document)
        shares = percent((precision, recall, 2 * precision * recall / (precision + recall)))
        lines.append(f"| {document['set']} | {document['name']} | {shares} | {document['seconds']:.1f} |")
    return "\n".join(lines)


def main() -> None:
    """Run all and print tables."""
    names = [contestant.name for contestant in CONTESTANTS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--records", type=int, nargs="+", default=SIZES, help="sizes of the made-up sets")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people")
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="some of the programs")
    parser.add_argument("--plot", type=Path, help="write precision against recall here, as SVG")
    parser.add_argument("--results", type=Path, help="write all figures here, as JSON")
    options = parser.parse_args()
    chosen = [contestant for contestant in CONTESTANTS if contestant.name in options.only]
    with tempfile.TemporaryDirectory() as name:
        on_people = list(people(options, chosen, Path(name)))
        on_febrl = list(febrl(chosen, Path(name)))
    print(f"{machine()}; seed {options.seed}\n\n{people_table(on_people)}\n\n{febrl_table(on_febrl)}")
    if options.results:
        options.results.write_text(json.dumps({"people": on_people, "febrl": on_febrl}), encoding="utf-8")
    if options.plot:
        command = [str(PEERS), "-m", "benchmarks.match_plot", str(options.plot.resolve())]
        subprocess.run(command, cwd=HERE.parent, input=json.dumps(on_people), text=True, check=True)


if __name__ == "__main__":
    main()
