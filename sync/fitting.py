"""Which source an export file was probably meant for, and how that source would read it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config.settings import Source
from connectors.files import Preview, preview


def fit(path: Path, sources: Sequence[Source]) -> tuple[Source | None, Preview]:
    """The source whose inbox holds the file, else the one that knows most of its headings; without any, none."""
    readers = [(source, inbox) for source in sources if (inbox := source.inbox)]
    folder = path.resolve().parent
    mine = [source for source, inbox in readers if inbox.resolve() == folder]
    tried: list[tuple[Source | None, Preview]] = [
        (source, preview(path, source)) for source in mine or [source for source, _ in readers]
    ]
    return max(tried or [(None, preview(path))], key=lambda pair: _known(pair[1]))


def _known(found: Preview) -> tuple[bool, int]:
    return found.kind is not None, sum(column.field is not None for column in found.columns)


def as_dict(source: Source | None, found: Preview) -> dict[str, Any]:
    """The JSON document of `rekisteri check FILE`. No cell of the file is in it, but the first row of a file that
    is not read for want of headings."""
    shown = asdict(found)
    shown["kind"] = found.kind and found.kind.value
    shown["rejected"] = {reason: list(rows) for reason, rows in (found.rejected or {}).items()}
    shown["columns"] = [
        {
            "heading": column.heading,
            "field": column.field,
            "reason": column.reason,
            "refusals": {reason: list(rows) for reason, rows in column.refusals.items()},
        }
        for column in found.columns
    ]
    shown["problems"] = [problem.as_dict() for problem in found.problems]
    return {"source": source and source.name, "would_be_read": found.kind is not None, **shown}
