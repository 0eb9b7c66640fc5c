"""The tables of an answer as CSV files, as Finnish Excel likes them: UTF-8 with BOM, semicolons. Pure."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import to_json

from privacy.package.words import Words

Cell = Callable[[str], str]
"""What makes a text harmless, so that no spreadsheet takes it for a formula."""

COLUMNS: Mapping[str, Sequence[str]] = {
    "values": ("field", "value", "source", "external_id", "rule", "observed_at", "portable"),
    "records": (
        "source", "external_id", "origin", "retrieved_from", "retrieved_at", "first_seen_at", "source_updated_at",
        "payload", "notes", "portable", "joined_reasons", "joined_by", "joined_at",
    ),
    "bookings": (
        "source", "external_id", "starts_at", "ends_at", "service", "employee", "state", "payload", "notes", "gone_at",
        "origin", "retrieved_from", "retrieved_at", "portable",
    ),
    "enrollments": (
        "source", "external_id", "course_id", "course", "progress", "completed", "updated_at", "payload", "notes",
        "gone_at", "origin", "retrieved_from", "retrieved_at", "portable",
    ),
    "orders": (
        "source", "external_id", "product", "amount_cents", "status", "created_at", "payload", "notes", "gone_at",
        "origin", "retrieved_from", "retrieved_at", "portable",
    ),
    "origins": (
        "number", "source", "activity", "kind", "brand", "controller", "processor", "role_stated", "role_assessed",
        "legal_basis", "purpose", "data_categories", "collected_from", "notice_version", "origin_country",
        "storage_country", "direction", "exporter", "importer", "mechanism_stated", "mechanism_assessed", "instrument",
    ),
    "marketing": ("channel", "brand", "state", "rule", "since"),
    "marketing_history": (
        "at", "by", "channel", "brand", "state", "source", "method", "evidence", "grantee", "notice_version",
        "recorded_at", "lifted_at",
    ),
    "objections": ("at", "scope", "brand", "reason", "notice_version", "recorded_at", "lifted_at"),
    "restrictions": ("at", "reason", "notice_version", "recorded_at", "lifted_at"),
    "corrections": ("at", "field", "value", "reason", "notice_version", "recorded_at", "lifted_at"),
    "direct_marketing": ("brand", "relationship_ended_on", "reason", "entered_at", "left_at", "left_reason"),
    "history": ("at", "event", "reasons"),
    "recipients": (
        "name", "activity", "role_stated", "role_assessed", "business_id", "country", "storage_country", "notice_url",
    ),
    "disclosures": (
        "at", "recipient", "kind", "country", "purpose", "basis", "brand", "channel", "fields", "statute", "document",
    ),
    "purposes": ("id", "text", "terms"),
    "segments": (
        "segment", "rule_in_words", "written", "purpose", "brand", "channel", "defined_at", "included", "left_out",
    ),
    "look_ups": ("at", "action", "purpose", "whole_registry"),
    "cases": (
        "id", "type", "state", "holds_back", "brand", "channel", "received_on", "subject", "answered_at", "answer",
        "reopened_at", "reopen_reason", "closed_at", "outcome",
    ),
    "contacts": ("at", "channel", "sender", "brand", "purpose", "summary", "case"),
    "requests": (
        "id", "type", "channel", "received_on", "due_on", "status", "outcome", "justification", "identity_method",
        "identified_at", "extended_at", "extension_reason", "closed_at",
    ),
}  # fmt: skip
"""Table → its columns, by the names that `data.json` uses."""

_WORDS = {
    ("values", "field"): "field", ("corrections", "field"): "field", ("values", "rule"): "rule",
    ("marketing", "rule"): "rule", ("bookings", "state"): "booking", ("marketing", "state"): "consent",
    ("marketing_history", "state"): "consent", ("objections", "scope"): "scope", ("requests", "type"): "request",
    ("cases", "type"): "case_type", ("cases", "state"): "case_state", ("cases", "channel"): "way",
    ("contacts", "channel"): "way", ("contacts", "sender"): "sender",
    ("requests", "outcome"): "outcome", ("history", "reasons"): "reason", ("origins", "legal_basis"): "basis",
    ("origins", "data_categories"): "category", ("origins", "role_stated"): "role",
    ("origins", "role_assessed"): "role", ("origins", "direction"): "direction",
    ("origins", "mechanism_stated"): "mechanism", ("origins", "mechanism_assessed"): "mechanism",
    ("origins", "collected_from"): "collected", ("origins", "kind"): "kind", ("recipients", "role_stated"): "role",
    ("recipients", "role_assessed"): "role", ("history", "event"): "event", ("marketing_history", "by"): "by",
    ("marketing", "channel"): "channel", ("marketing_history", "channel"): "channel",
    ("recipients", "country"): "country", ("recipients", "storage_country"): "country",
    ("disclosures", "kind"): "recipient_kind", ("disclosures", "country"): "country",
    ("disclosures", "basis"): "basis", ("disclosures", "channel"): "channel", ("disclosures", "fields"): "field",
    ("segments", "channel"): "channel", ("segments", "left_out"): "left_out",
    ("records", "joined_reasons"): "reason", ("records", "joined_by"): "decided",
    ("origins", "origin_country"): "country", ("origins", "storage_country"): "country",
}  # fmt: skip
"""Columns whose codes are said in words: table and column → table of words."""


def tables(document: Mapping[str, Any], words: Words, harmless: Cell) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file; tables without a row are left out."""
    parts = dict(document) | {
        "records": [_with_joining(record) for record in document["records"]],
        "marketing": document["marketing"]["states"],
        "marketing_history": document["marketing"]["history"],
        "origins": [{**origin, **origin["transfer"]} for origin in document["origins"]],
    }
    for name, columns in COLUMNS.items():
        if parts[name]:
            yield f"{name}.csv", _file(name, columns, parts[name], words, harmless)


def _with_joining(record: Mapping[str, Any]) -> dict[str, Any]:
    joined = record["joined"]
    return {
        **record,
        "joined_reasons": joined["reasons"],
        "joined_by": joined["decided_by"] if joined["reasons"] else None,
        "joined_at": joined["decided_at"],
    }


def _file(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], words: Words, harmless: Cell) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([words.term("column", column) for column in columns])
    for row in rows:
        writer.writerow([harmless(_cell(name, column, row.get(column), words)) for column in columns])
    return text.getvalue().encode("utf-8-sig", errors="replace")


def _cell(name: str, column: str, value: Any, words: Words) -> str:
    said = _WORDS.get((name, column))
    if isinstance(value, str):
        return words.spreadsheet_time(value) if column in _TIMES else words.term(said, value) if said else value
    if isinstance(value, bool):
        return words.flag(value)
    if isinstance(value, list):
        return ", ".join(words.term(said, one) if said else str(one) for one in value)
    if isinstance(value, dict):
        return to_json(value).decode()
    return "" if value is None else str(value)


_TIMES = frozenset(
    {
        "at", "observed_at", "retrieved_at", "first_seen_at", "source_updated_at", "starts_at", "ends_at", "gone_at",
        "updated_at", "created_at", "since", "recorded_at", "lifted_at", "entered_at", "left_at", "identified_at",
        "extended_at", "closed_at", "answered_at", "reopened_at", "defined_at", "joined_at",
    }
)  # fmt: skip
