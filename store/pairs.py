"""Pairs that wait for a person or note a family, and the decisions in force, with what is needed to judge them."""

from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, or_, select

from store.among import chunks
from store.tables import Decision, DecisionPair, Link, MatchPair, SourceRecord, table
from store.times import stamp

_record = table(SourceRecord)
_link = table(Link)
_pair = table(MatchPair)
_decision = table(Decision)
_decision_pair = table(DecisionPair)

Shown = dict[str, Any]


def pairs(connection: Connection, verdict: str) -> list[Shown]:
    """The pairs of this verdict (`review`, `apart`), the most alike first."""
    query = select(_pair).where(_pair.c.verdict == verdict)
    rows = connection.execute(query.order_by(_pair.c.score.desc(), _pair.c.a_record_id, _pair.c.b_record_id)).all()
    people = _people(connection, {id_ for row in rows for id_ in (row.a_record_id, row.b_record_id)})
    shown = []
    for row in rows:
        a, b = people.get(row.a_record_id), people.get(row.b_record_id)
        if a is None or b is None:  # gone at its platform since; the next run takes the pair away
            continue
        shown.append(
            {
                "a": a["birth_id"],
                "b": b["birth_id"],
                "a_customer": a["customer"],
                "b_customer": b["customer"],
                "a_record": a["record"],
                "b_record": b["record"],
                "score": row.score,
                "reasons": from_json(row.reasons),
                "found_at": stamp(row.found_at),
            }
        )
    return shown


def _people(connection: Connection, ids: Iterable[int]) -> dict[int, Shown]:
    columns = (
        _record.c.id, _record.c.birth_id, _record.c.source, _record.c.stream, _record.c.external_id, _record.c.payload,
        _link.c.customer_id,
    )  # fmt: skip
    found: dict[int, Shown] = {}
    for batch in chunks(ids):
        query = select(*columns).join(_link, _link.c.record_id == _record.c.id).where(_record.c.id.in_(batch))
        for row in connection.execute(query).all():
            payload = from_json(row.payload)
            found[row.id] = {
                "birth_id": row.birth_id,
                "customer": row.customer_id,
                "record": {
                    "source": row.source,
                    "stream": row.stream,
                    "external_id": row.external_id,
                    "name": payload.get("name") or _joined(payload.get("first_name"), payload.get("last_name")),
                    "email": payload.get("email"),
                    "phone": payload.get("phone"),
                },
            }
    return found


def _joined(first: str | None, last: str | None) -> str | None:
    return " ".join(part for part in (first, last) if part) or None


def decisions(connection: Connection) -> list[Shown]:
    """The decisions in force, the newest first, with the birth ids and the references of their records."""
    a, b = _record.alias("a"), _record.alias("b")
    query = (
        select(
            _decision,
            a.c.birth_id.label("a"),
            b.c.birth_id.label("b"),
            (a.c.source + ":" + a.c.external_id).label("a_record"),
            (b.c.source + ":" + b.c.external_id).label("b_record"),
        )
        .join(_decision_pair, _decision_pair.c.decision_id == _decision.c.id)
        .join(a, a.c.id == _decision_pair.c.a_record_id)
        .join(b, b.c.id == _decision_pair.c.b_record_id)
        .where(_decision.c.undone_at.is_(None))
        .order_by(_decision.c.id.desc(), _decision_pair.c.a_record_id, _decision_pair.c.b_record_id)
    )
    found: dict[int, Shown] = {}
    for row in connection.execute(query).all():
        shown = found.setdefault(
            row.id,
            {
                "id": row.id,
                "verdict": row.verdict,
                "pairs": [],
                "records": [],
                "decided_by": row.decided_by,
                "decided_at": stamp(row.decided_at),
            },
        )
        shown["pairs"].append([row.a, row.b])
        shown["records"].append([row.a_record, row.b_record])
    return list(found.values())


def customers_of_decision(connection: Connection, decision: int) -> list[str]:
    """The customers to whom the records of a decision belong now, sorted."""
    query = (
        select(_link.c.customer_id)
        .distinct()
        .join(
            _decision_pair,
            or_(_decision_pair.c.a_record_id == _link.c.record_id, _decision_pair.c.b_record_id == _link.c.record_id),
        )
        .where(_decision_pair.c.decision_id == decision)
    )
    return sorted(connection.execute(query).scalars())
