"""Where a customer's records come from, why they are one customer, and how that came about, as parts of their card."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.cli.card import Line, Part, worded
from sync.cli.showing import joined, local

Row = Mapping[str, Any]

_EVENTS = {
    ("merged", True): "took in",
    ("merged", False): "went into",
    ("split", True): "came out of",
    ("split", False): "let go",
}


def reference(record: Row) -> str:
    """What names a record on the command line."""
    return f"{record['source']}:{record['external_id']}"


def origins(customer: Row, history: Sequence[Row], notices: Mapping[str, str]) -> Iterator[Part]:
    """The records with their origins, what joined them, merges and splits, and the free texts where they are shown.
    `notices`: party → address of its own privacy notice."""
    records = customer["records"]
    if records:
        yield Part("Records and their origins", [*_records(records), *_notices(records, notices)])
    if why := [*_joined(records)]:
        yield Part("Why they are one customer", why)
    if history:
        yield Part("Merges and splits", [line for row in history for line in _happened(row, customer["id"])])
    if notes := [(f"{reference(record)}: {record['notes']}",) for record in records if record.get("notes")]:
        yield Part("Notes", notes)


def _records(records: Sequence[Row]) -> Iterator[Line]:
    """What is the same of all of them is told once, at the end."""
    shared = {_ground(record) for record in records}
    for record in records:
        yield reference(record), joined((record["brand"], _handled(record)))
        yield None, f"{record['retrieved_from']}, {local(record['retrieved_at'])}; {_kept(record)}"
        if len(shared) > 1:
            yield None, _ground(record)
    if len(shared) == 1:
        yield "all of them" if len(records) > 1 else None, shared.pop()


def _notices(records: Sequence[Row], notices: Mapping[str, str]) -> Iterator[Line]:
    """Each handler's own privacy notice, once."""
    handlers = {record["processor_id"]: record["processor"] for record in records}
    for place, party in enumerate(party for party in handlers if party in notices):
        yield None if place else "their own notices", f"{handlers[party]}: {notices[party]}"


def _handled(record: Row) -> str:
    handler = record["controller"] if record["processor"] == "none" else record["processor"]
    return f"{handler}: stated {record['role_stated']}, {_assessed(record['role_assessed'])}"


def _assessed(finding: str) -> str:
    return "not assessed" if finding == "unassessed" else f"assessed {finding}"


def _kept(record: Row) -> str:
    transfer = record["transfer"]
    place = transfer["storage_country"]
    kept = "kept in an unknown place" if place == "unknown" else f"kept in {place}"
    if transfer["direction"] == "none":
        return kept
    found = _assessed(transfer["mechanism_assessed"])
    return f"{kept}, {worded(transfer['direction'])} by {transfer['mechanism_stated']}, {found}"


def _ground(record: Row) -> str:
    basis = joined(record["legal_basis"])
    return f"controller {record['controller']}, basis {basis}, notice {record['notice_version']}"


def _joined(records: Sequence[Row]) -> Iterator[Line]:
    """Each set of reasons once, with the records that it joined; a record that is alone has none."""
    by_reasons: dict[str, list[Row]] = defaultdict(list)
    for record in records:
        if reasons := joined(record["link"]["reasons"]):
            by_reasons[reasons].append(record)
    for reasons, group in by_reasons.items():
        if len(by_reasons) == 1:
            yield (reasons,)
        else:
            yield "\n".join(map(reference, group)), reasons


def _happened(row: Row, customer_id: str) -> Iterator[Line]:
    mine = row["customer_id"] == customer_id
    other = row["other_id"] if mine else row["customer_id"]
    yield local(row["at"]), f"{_EVENTS[row['event'], mine]} {other}, by {row['actor']}"
    if row["reasons"]:
        yield None, joined(row["reasons"])
