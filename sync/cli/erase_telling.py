"""An erasure on a screen and as JSON: what goes or went, what a duty keeps, what is left to do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sync.cli.showing import document, lines, table
from sync.wording import quantity

if TYPE_CHECKING:
    from privacy.erasure import Erased


HOLDS = {
    "agreement": "contracts",
    "audit_payload": "what the audit trail says of the person",
    "breach": "breaches of personal data",
    "case_file": "feedback and claims",
    "contact_event": "messages, calls, letters and talks",
    "customer_alias": "former ids",
    "customer_event": "merges and splits",
    "decision": "decisions about who is who",
    "decision_pair": "decisions about who is who, by pair",
    "declaration": "consents, objections, restrictions and corrections",
    "declaration_contact": "the contacts on which these hang",
    "declaration_record": "the records on which these hang",
    "direct_marketing_entry": "the direct-marketing register",
    "disclosure": "disclosures",
    "disclosure_record": "whose data were disclosed",
    "finding_answer": "answers about the notice",
    "flag_observation": "marketing flags of the platforms",
    "golden_value": "values that the registry shows",
    "held_record": "what a duty keeps",
    "imported_file": "names of files",
    "indirect_notice": "whether the person was told where the data came from",
    "link": "which record belongs to whom",
    "master_customer": "the customer",
    "match_feature": "names and contacts, to know records again",
    "match_key": "names and contacts, to find records by",
    "match_pair": "comparisons of records",
    "measure": "measures of protection",
    "platform_event": "what platforms sent by themselves",
    "quarantine": "rows that could not be read",
    "recipient": "recipients",
    "reconcile_queue": "records that wait to be compared",
    "reentry_decision": "decisions about erased people",
    "request_event": "steps of requests",
    "request_task": "tasks of requests",
    "retention_rule": "rules of retention",
    "rights_request": "requests",
    "run_problem": "what runs found odd",
    "segment": "segments",
    "source_record": "customers, bookings, courses and orders as they came",
    "source_run": "runs",
    "source_state": "sources",
    "tombstone": "tombstones",
}
"""What a table holds, for whoever has never seen it."""


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
    rows = [(HOLDS.get(name, name), name, number) for name, number in sorted(counts.items())]
    table("", ("what", "table", "rows"), rows, right=("rows",))


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
        yield "The answer to the person says so (GDPR Art. 12(4))."
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
            yield f"The person is still in a file of {one['source']}: {one['file']}"
        else:
            yield f"A file of {one['source']} cannot be read; look whether the person is in it: {one['file']}"
    if files:
        yield "Files are yours to delete; `after_import` of a source says what becomes of each once it is in."
