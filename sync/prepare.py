"""From a connector's page to what lands: payloads as JSON, masked and hashed, with their match keys."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from pydantic_core import from_json

from connectors.base import Page, Rejected, Stream
from connectors.minimise import SHORTEST, mask
from connectors.records import Kind, SourceRecord
from store.batch import Batch, FileMark, Matching, RejectedRow, Row
from sync.reconcile.keys import customer_keys, feature_row, owner_keys

_NO_FLAGS: Mapping[str, bool | None] = {}


@dataclass(frozen=True, slots=True)
class Landing:
    """What all pages of a stream share. `names_help`: the source has bookings, which may name their
    customer by a contact or a name."""

    source: str
    stream: Stream
    run_id: str
    origin_id: int
    owner_stream: str | None
    names_help: bool


def prepare(page: Page, landing: Landing, now: datetime, asked_at: datetime | None = None) -> tuple[Batch, int]:
    """The page, asked for at `asked_at`, ready to land, and how many identity codes were masked in it."""
    masked = page.masked
    rows = []
    for record in page.records:
        row, found = to_row(record, names_help=landing.names_help)
        if not found:  # what was masked is told with every run
            row.digest = page.digests.get(row.external_id)
        rows.append(row)
        masked += found
    batch = Batch(
        source=landing.source,
        stream=landing.stream.name,
        kind=landing.stream.kind.value,
        run_id=landing.run_id,
        now=now,
        origin_id=landing.origin_id,
        retrieved_from=page.retrieved_from,
        rows=rows,
        rejected=[_rejected(rejected) for rejected in page.rejected],
        owner_stream=landing.owner_stream,
        cursor=page.cursor,
        file=FileMark(page.file.name, page.file.sha256, page.file.rows) if page.file else None,
        asked_at=asked_at,
        unchanged=page.unchanged,
    )
    return batch, masked


def to_row(record: SourceRecord, *, names_help: bool) -> tuple[Row, int]:
    """One record ready to land. Identity codes are masked by their shape wherever they stand (GDPR Art. 87, Finnish
    Data Protection Act § 29: a personal identity code may be processed only where the law says so)."""
    fields: dict[str, Any] = record.payload.__dict__
    payload, masked, notes = record.payload.model_dump_json(exclude_none=True), 0, None
    if _is_suspicious(fields):
        payload, masked = mask(payload)
    spoken = from_json(payload) if masked else fields  # keys are made of what is kept, here as in a rebuild
    if record.notes:
        notes, found = mask(record.notes)
        masked += found
    digest = hashlib.sha256(payload.encode())
    if record.owner_id:
        digest.update(b"\nowner " + record.owner_id.encode())
    if notes:
        digest.update(b"\n" + notes.encode())
    customer = record.kind is Kind.CUSTOMER
    booking = record.kind is Kind.BOOKING
    row = Row(
        external_id=record.external_id,
        payload=payload,
        sha256=digest.hexdigest(),
        notes=notes,
        owner_id=record.owner_id,
        updated_at=record.updated_at,
        deleted=record.deleted,
        state=fields["state"].value if booking else None,
        matching=partial(_matching, record, spoken, names_help=names_help) if customer or booking else Matching,
        flags={"email": fields["email_marketing"], "sms": fields["sms_marketing"]} if customer else _NO_FLAGS,
    )
    return row, masked


def _is_suspicious(fields: dict[str, Any]) -> bool:
    """Whether a field holds an identity code. Quicker than to search the whole JSON, where every date looks a little
    like one."""
    for value in fields.values():
        kind = type(value)
        if kind is str:
            if len(value) >= SHORTEST and mask(value)[1]:
                return True
        elif kind is tuple and mask("\n".join(value))[1]:
            return True
    return False


def _matching(record: SourceRecord, fields: Mapping[str, Any], *, names_help: bool) -> Matching:
    if record.kind is Kind.CUSTOMER:
        return customer_matching(fields, with_name=names_help)
    return Matching(owner_keys(fields)) if record.owner_id is None else Matching()


def customer_matching(payload: Mapping[str, Any], *, with_name: bool) -> Matching:
    """By what a customer record with this payload is found and compared."""
    made = feature_row(payload)
    features = (made.name, made.address or None, made.email, made.phone)
    return Matching(customer_keys(payload, made, with_name=with_name), features)


def _rejected(rejected: Rejected) -> RejectedRow:
    fields = json.dumps(dict(rejected.fields), ensure_ascii=False, sort_keys=True, default=str)
    key = rejected.external_id or "row-" + hashlib.sha256(fields.encode()).hexdigest()[:24]
    return RejectedRow(key, fields, rejected.reason, rejected.column, rejected.file, rejected.row)
