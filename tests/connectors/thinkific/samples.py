"""Recorded rows, and how the tests change and map them."""

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from connectors.records import Customer, Enrollment, Order, SourceRecord
from connectors.thinkific.mapping import Doubts, Mapper, OwnFields

DATA = Path(__file__).parent / "data"
PHONE, ADDRESS, EMAIL, SMS = "11", "12", "13", "14"
NONE = OwnFields()
OWN = OwnFields(PHONE, ADDRESS, EMAIL, SMS)
NO_CODE = "311299-999Ö"
"""Shaped almost like an identity code, valid never."""
CODE_SHAPED = "310299-9990"
"""The shape of an identity code, on a day that does not exist."""


def sample(name: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return row["items"][0] if "items" in row and "meta" in row else row


def mapped(stream: str, row: Any, own: OwnFields = NONE, notes: bool = False) -> tuple[SourceRecord, list[str]]:
    """The record, and the columns in doubt."""
    doubts = Doubts()
    record = Mapper(own, notes=notes).map(stream, row, doubts)
    return record, [problem.column or "" for problem in doubts.problems(stream)]


def own_field(definition: object, value: object, label: str = "Puhelin") -> dict[str, Any]:
    return {"id": 1, "value": value, "label": label, "custom_profile_field_definition_id": definition}


def customer(own: OwnFields = OWN, **changes: Any) -> tuple[Customer, list[str]]:
    record, columns = mapped("users", {**sample("users"), "custom_profile_fields": [], **changes}, own)
    assert isinstance(record.payload, Customer)
    return record.payload, columns


def enrollment(**changes: Any) -> tuple[Enrollment, list[str]]:
    record, columns = mapped("enrollments", {**sample("enrollment"), **changes})
    assert isinstance(record.payload, Enrollment)
    return record.payload, columns


def order(**changes: Any) -> tuple[Order, list[str]]:
    record, columns = mapped("orders", {**sample("order"), **changes})
    assert isinstance(record.payload, Order)
    return record.payload, columns


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
