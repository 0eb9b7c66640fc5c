"""Ids, rows that are rejected, doubts, and that no JSON at all is a crash."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RejectRow
from connectors.thinkific.mapping import ALLOWED, Doubts, Mapper
from tests.connectors.thinkific.samples import CODE_SHAPED, JSON, NO_CODE, OWN, mapped, own_field, sample


@pytest.mark.parametrize(("sent", "external_id"), [(7, "7"), (7.0, "7"), ("7", "7"), (" 7 ", "7"), ("7.0", "7")])
def test_one_id_in_any_dress_is_one_id(sent: object, external_id: str) -> None:
    record, _ = mapped("enrollments", {**sample("enrollment"), "id": sent, "user_id": sent})

    assert (record.external_id, record.owner_id) == (external_id, external_id)


@pytest.mark.parametrize("stream", ALLOWED)
@pytest.mark.parametrize("row", [None, 3, "x", [], {}, {"id": None}, {"id": ""}, {"id": True}, {"id": 1.5}, {"id": []}])
def test_a_row_without_an_id_is_rejected(stream: str, row: Any) -> None:
    mapper = Mapper(OWN)
    with pytest.raises(RejectRow) as raised:
        mapper.map(stream, row, Doubts())

    rejected, _ = mapper.reject(stream, row, raised.value)
    assert rejected.external_id is None
    assert rejected.reason == raised.value.reason


def test_quarantine_keeps_allowed_fields_alone_and_masks_identity_codes() -> None:
    row = {
        "first_name": f"Maija {CODE_SHAPED}",
        "last_name": NO_CODE,
        "bio": "sekret",
        "avatar_url": "sekret",
        "hetu": CODE_SHAPED,
        "email": {"nested": "sekret"},
        "custom_profile_fields": [
            {**own_field(11, "040123-4567"), "extra": "sekret"},
            own_field(12, CODE_SHAPED),
            own_field(99, "sekret"),
        ],
    }
    rejected, masked = Mapper(OWN).reject("users", row, RejectRow("the row has no id", "id"))

    assert rejected.fields == {
        "first_name": "Maija [masked]",
        "last_name": NO_CODE,
        "email": None,
        "custom_profile_fields": [
            {"value": "040123-4567", "custom_profile_field_definition_id": 11},
            {"value": "[masked]", "custom_profile_field_definition_id": 12},
        ],
    }
    assert (masked, rejected.column) == (2, "id")


def test_a_quarantined_row_maps_once_it_has_what_it_lacked() -> None:
    row = {"user_id": 5, "items": [{"product_id": 9, "product_name": "Kurssi", "x": 1}], "status": "Complete"}
    mapper = Mapper(OWN)
    rejected, _ = mapper.reject("orders", row, RejectRow("the row has no id", "id"))

    record = mapper.map("orders", {**rejected.fields, "id": 1}, Doubts())

    assert record == mapper.map("orders", {**row, "id": 1}, Doubts())


def test_many_doubts_of_one_kind_are_one_problem() -> None:
    mapper, doubts = Mapper(OWN), Doubts()
    for number in range(1, 9):
        mapper.map("enrollments", {"id": number, "updated_at": "soon"}, doubts)

    (problem,) = doubts.problems("enrollments")
    assert problem.reason == "enrollments: no time in 8 rows, ids 1, 2, 3, 4, 5, …"
    assert problem.column == "updated_at"


@given(st.data())
def test_no_json_at_all_makes_the_mapping_crash(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(sorted(ALLOWED)))
    row = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(ALLOWED[stream], JSON)))
    doubts, mapper = Doubts(), Mapper(OWN, notes=True)

    try:
        record = mapper.map(stream, row, doubts)
    except RejectRow as error:
        rejected, _ = mapper.reject(stream, row, error)
        assert set(rejected.fields) <= set(ALLOWED[stream])
    else:
        assert record.external_id
        assert len(doubts.problems(stream)) <= len(ALLOWED[stream]) + 4
