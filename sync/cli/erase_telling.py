"""An erasure on a screen and as JSON: what goes or went, what a duty keeps, what is left to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sync.cli.showing import document, lines, table
from sync.wording import quantity

if TYPE_CHECKING:
    from privacy.erasure import Erased


def counted(erased: "Erased") -> dict[str, Any]:
    """What went, as JSON."""
    return {
        "tombstone": erased.tombstone,
        "records": len(erased.records),
        "counts": erased.counts,
        "held": [
            {
                "category": one.category,
                "basis": one.basis,
                "until": one.until.isoformat() if one.until else None,
                "kind": one.kind,
                "source": one.source,
            }
            for one in erased.held
        ],
        "recipients": list(erased.recipients),
    }


def tell_before(id_: int, erased: "Erased", files: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """What would go."""
    would = counted(erased) | {"tombstone": None}
    if as_json:
        document({"id": id_, "erased": would, "files": list(files), "dry_run": True})
        return
    lines(f"Request {id_}: this would go.")
    _show_counts(would["counts"])
    lines(*_held(would["held"], "would be kept"), *_had(would["recipients"]), *_in_files(files))


def _show_counts(counts: Mapping[str, int]) -> None:
    table("", ("table", "rows"), sorted(counts.items()), right=("rows",))


def tell(done: Mapping[str, Any]) -> None:
    """What was done, and what is left to do."""
    erased, id_ = done["erased"], done["id"]
    lines(f"Request {id_}: the person is erased, {quantity(erased['records'], 'source record')} among the rest.")
    _show_counts(erased["counts"])
    lines(*_held(erased["held"], "kept"), *_in_files(done["files"]))
    waiting = [task for task in done["tasks"] if task["done_at"] is None]
    for task in waiting:
        lines(f"Still to do at {task['party']}: {task['what']} (task {task['id']})")
    if waiting:
        lines(f"Note each with: rekisteri request task-done {id_} TASK --proof TEXT")
    lines(f"When the person has been answered: rekisteri request close {id_} --outcome fulfilled")


def _held(held: Sequence[Mapping[str, Any]], verb: str) -> Iterator[str]:
    """What an open claim and what a duty keep, by rule."""
    groups: dict[tuple[str, str, str], int] = {}
    for one in held:
        rule = one["category"], one["basis"], f"until {one['until']}" if one["until"] else "without an end"
        groups[rule] = groups.get(rule, 0) + 1
    claims = sorted(one["basis"].partition(": ")[2] for one in held if one["kind"] == "case")
    if claims:
        number = sum(count for (category, *_), count in groups.items() if category == "claims")
        rows, which = quantity(number, "row"), ", ".join(claims)
        yield f"An open claim holds back {rows}, kept without name and contact until it is closed: {which}"
    for (category, basis, until), number in sorted(groups.items()):
        if category == "claims":
            continue
        yield f"{number} of {category} {verb} without name and contact, {until}: {basis}"


def _had(recipients: Sequence[str]) -> Iterator[str]:
    """Third parties to whom data of the person were disclosed."""
    for name in recipients:
        yield f"Data of the person were disclosed to {name}, who would have to be told."


def _in_files(files: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for one in files:
        if one["read"]:
            yield f"The person stands in a file of {one['source']} still: {one['file']}"
        else:
            yield f"A file of {one['source']} cannot be read; look whether the person stands in it: {one['file']}"
    if files:
        yield "What becomes of files after an import, `after_import` of their source says; these are yours to delete."
