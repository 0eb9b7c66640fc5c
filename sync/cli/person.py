"""One customer on a screen."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sync.cli.showing import lines, local, table

SHOWN_ACTIVITIES = 20


def show_person(
    customer: Mapping[str, Any], history: Sequence[Mapping[str, Any]], *, activities: int = SHOWN_ACTIVITIES
) -> None:
    """Values with their origins, records with theirs, the latest activities, and how the customer came together."""
    lines(f"{customer['name'] or 'no name'}, customer {customer['id']}, known since {local(customer['created_at'])}")
    table(
        "Values",
        ("field", "value", "from", "by the rule"),
        [
            (name, value["value"], f"{value['source']}:{value['external_id']}", value["rule"])
            for name, values in customer["fields"].items()
            for value in values
        ],
    )
    table(
        "Records and their origins",
        ("record", "handled by", "kept in, on what basis", "joined by"),
        [_record(record) for record in customer["records"]],
    )
    table(
        "Bookings",
        ("starts", "service", "employee", "state"),
        [
            (local(row["starts_at"]), row["service"], row["employee"], row["state"])
            for row in customer["bookings"][-activities:]
        ],
    )
    table("Courses", ("course", "progress", "completed", "updated"), list(_enrollments(customer, activities)))
    table("Orders", ("product", "amount", "status", "made"), list(_orders(customer, activities)))
    table(
        "Merges and splits",
        ("when", "what", "by", "why"),
        [
            (local(row["at"]), _happened(row, customer["id"]), row["actor"], "\n".join(row["reasons"]))
            for row in history
        ],
    )
    for record in customer["records"]:
        if record.get("notes"):
            lines(f"Notes of {record['source']}:{record['external_id']}: {record['notes']}")


def _happened(row: Mapping[str, Any], customer_id: str) -> str:
    mine = row["customer_id"] == customer_id
    other = row["other_id"] if mine else row["customer_id"]
    words = {
        ("merged", True): "took in",
        ("merged", False): "went into",
        ("split", True): "came out of",
        ("split", False): "let go",
    }
    return f"{words[row['event'], mine]} {other}"


def _record(record: Mapping[str, Any]) -> tuple[Any, ...]:
    transfer, link = record["transfer"], record["link"]
    handler = record["processor"] if record["processor"] != "none" else record["controller"]
    roles = f"stated {record['role_stated']}, assessed {record['role_assessed']}"
    mechanism = transfer["mechanism_stated"]
    kept = [transfer["storage_country"], f"transfer {mechanism}, {transfer['direction']}"]
    return (
        f"{record['source']}:{record['external_id']}\n{record['retrieved_from']}\n{local(record['retrieved_at'])}",
        f"{handler}\n{roles}",
        "\n".join([*kept[: 1 if mechanism == "none" else 2], *record["legal_basis"]]),
        "\n".join([link["method"], *link["reasons"]]) if link["reasons"] else "alone",
    )


def _enrollments(customer: Mapping[str, Any], most: int) -> Iterator[tuple[Any, ...]]:
    for row in customer["enrollments"][-most:]:
        progress = None if row["progress"] is None else f"{row['progress']:.0%}"
        completed = {True: "yes", False: "no"}.get(row["completed"])
        yield row["course"] or row["course_id"], progress, completed, local(row["updated_at"])


def _orders(customer: Mapping[str, Any], most: int) -> Iterator[tuple[Any, ...]]:
    for row in customer["orders"][-most:]:
        amount = None if row["amount_cents"] is None else f"{row['amount_cents'] / 100:.2f}"
        yield row["product"], amount, row["status"], local(row["created_at"])
