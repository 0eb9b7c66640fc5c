"""One customer on a screen."""

from collections.abc import Iterator, Mapping
from typing import Any

from sync.cli.showing import joined, lines, local, table

SHOWN_ACTIVITIES = 20


def show_person(customer: Mapping[str, Any], *, activities: int = SHOWN_ACTIVITIES) -> None:
    """Values with their origins, records with theirs, the latest activities."""
    lines(f"{customer['name'] or 'no name'}, customer {customer['id']}, known since {local(customer['created_at'])}")
    table(
        "Values",
        ("field", "value", "from", "by the rule", "observed"),
        [
            (
                name,
                value["value"],
                f"{value['source']}:{value['external_id']}",
                value["rule"],
                local(value["observed_at"]),
            )
            for name, values in customer["fields"].items()
            for value in values
        ],
    )
    table(
        "Records and their origins",
        ("record", "handled by", "roles stated / assessed", "kept in", "basis", "retrieved", "joined by"),
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
    for record in customer["records"]:
        if record.get("notes"):
            lines(f"Notes of {record['source']}:{record['external_id']}: {record['notes']}")


def _record(record: Mapping[str, Any]) -> tuple[Any, ...]:
    transfer, link = record["transfer"], record["link"]
    where = transfer["storage_country"]
    if transfer["mechanism_stated"] != "none":
        where += f" ({transfer['mechanism_stated']}, {transfer['direction']})"
    return (
        f"{record['source']}:{record['external_id']}",
        record["processor"] if record["processor"] != "none" else record["controller"],
        f"{record['role_stated']} / {record['role_assessed']}",
        where,
        joined(record["legal_basis"]),
        f"{record['retrieved_from']}\n{local(record['retrieved_at'])}",
        "\n".join([link["method"], *link["reasons"]]),
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
