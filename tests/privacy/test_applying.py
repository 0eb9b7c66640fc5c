"""What a request comes to: declarations and tasks, decided without a database."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import ConfigError
from config.register import load_register
from privacy.applying import (
    ALL,
    CHANNELS,
    FIELDS,
    SCOPES,
    Got,
    Wish,
    declarations,
    declared_at,
    require_fitting,
    tasks,
)
from privacy.errors import NotPossibleError
from privacy.notices import notice_at
from privacy.package.words import Words
from privacy.requests import By
from store.declarations import Said
from store.requests import Request
from sync.reconcile import consent, corrections

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
REGISTER = load_register(None)


def request(type_: str, received: date = date(2026, 11, 20), **values: Any) -> Request:
    return Request(
        id=12, type=type_, customer_id="c", anchor_record_id=1, received_on=received, channel="letter",
        opened_at=NOW, opened_by="tester", due_on=received, status="", **values,
    )  # fmt: skip


def made(type_: str, wish: Wish, **values: Any) -> list[Said]:
    return declarations(request(type_, **values), wish, REGISTER, By("tester", NOW), "asked for")


def test_an_objection_comes_to_one_declaration_a_scope() -> None:
    found = made("objection", Wish(scopes=("genealogy", "direct_advertising", "genealogy")))
    assert [(one.kind, one.scope) for one in found] == [
        ("objection", "genealogy"),
        ("objection", "direct_advertising"),
    ]
    assert [one.scope for one in made("objection", Wish(scopes=("genealogy", ALL)))] == list(SCOPES)


def test_a_withdrawal_is_of_both_channels_and_all_brands_unless_said_otherwise() -> None:
    found = made("withdrawal", Wish())
    assert [(one.kind, one.state, one.channel, one.brand) for one in found] == [
        ("consent", "withdrawn", "email", None),
        ("consent", "withdrawn", "sms", None),
    ]
    (one,) = made("withdrawal", Wish(channels=("sms",), brand="hieromo"))
    assert (one.channel, one.brand) == ("sms", "hieromo")


def test_a_declaration_says_who_when_and_why() -> None:
    (one,) = made("restriction", Wish())
    assert (one.kind, one.controller, one.grantee, one.notice_version) == (
        "restriction", "hieromo", "hieromo", "2021-03-22",
    )  # fmt: skip
    assert (one.reason, one.request_id, one.recorded_at, one.recorded_by) == ("asked for", 12, NOW, "tester")
    assert one.method == "request by letter"


@pytest.mark.parametrize(
    ("field", "values", "written"),
    [
        ("phones", ["+358400000101", "+358400000102"], ["+358400000101", "+358400000102"]),
        ("emails", [], []),
        ("last_name", ["Oikea"], "Oikea"),
        ("address", [], None),
    ],
)
def test_a_correction_is_a_list_or_a_text_or_nothing(field: str, values: list[str], written: Any) -> None:
    (one,) = made("rectification", Wish(field=field, values=values))
    assert (one.kind, one.field, json.loads(one.value or "")) == ("correction", field, written)


@pytest.mark.parametrize(
    ("type_", "wish", "said"),
    [
        ("objection", Wish(), "--scope: say what"),
        ("objection", Wish(scopes=("direct_advertisng",)), "--scope: no such scope; did you mean direct_advertising?"),
        ("rectification", Wish(values=["x"]), "--field: say which"),
        ("rectification", Wish(field="emial", values=["x"]), "--field: no such field; did you mean emails?"),
        ("rectification", Wish(field="name"), "--value: say what is right"),
        ("rectification", Wish(field="name", values=["x", "y"]), "--value: name has one value only"),
        ("withdrawal", Wish(brand="hieromoo"), "--brand: the register has no brand hieromoo; did you mean hieromo?"),
    ],
)
def test_what_cannot_be_meant_names_the_option_and_the_way_out(type_: str, wish: Wish, said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("?", r"\?")):
        made(type_, wish)


@pytest.mark.parametrize(
    ("type_", "wish", "said"),
    [
        ("rectification", Wish(scopes=("all",)), "--scope: .* it takes --field and --value"),
        ("objection", Wish(field="name", values=["x"]), "--field: .* it takes --scope"),
        ("restriction", Wish(channels=("sms",)), "--channel: .* it takes no option of this kind"),
        ("withdrawal", Wish(values=[]), "--value: .* it takes --channel and --brand"),
    ],
)
def test_options_of_another_type_are_refused(type_: str, wish: Wish, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        require_fitting(request(type_), wish)


@pytest.mark.parametrize(
    ("type_", "way"),
    [("access", "request package 12"), ("portability", "request package 12"), ("erasure", "request erase 12")],
)
def test_what_another_command_answers_is_said(type_: str, way: str) -> None:
    with pytest.raises(NotPossibleError, match=way):
        require_fitting(request(type_), Wish())


@pytest.mark.parametrize("type_", ["rectification", "objection", "restriction", "withdrawal"])
def test_the_parties_are_told_of_corrections_and_restrictions(type_: str) -> None:
    wish = Wish(field="phones") if type_ == "rectification" else Wish()
    require_fitting(request(type_), wish)
    found = tasks(request(type_), wish, ["Firm", "Other firm"])
    what = {"rectification": "correct phones", "restriction": "restrict the use of the data"}.get(type_)
    assert found == ([("Firm", what), ("Other firm", what)] if what else [])


HAD = (
    Got("Names Oy", frozenset({"first_name", "brands"})),
    Got("Mail Oy", frozenset({"name", "emails"}), "email", "hieromo"),
    Got("Mail Oy", frozenset({"emails"}), "email", "artsport"),
    Got("Messages Oy", frozenset({"phones"}), "sms"),
)


@pytest.mark.parametrize(
    ("type_", "wish", "told"),
    [
        ("rectification", Wish(field="emails"), {"Mail Oy": "tell them of the corrected emails"}),
        ("rectification", Wish(field="last_name"),
         dict.fromkeys(("Names Oy", "Mail Oy"), "tell them of the corrected last_name")),
        ("rectification", Wish(field="address"), {}),
        ("restriction", Wish(),
         dict.fromkeys(("Names Oy", "Mail Oy", "Messages Oy"), "tell them that the use is restricted")),
        ("withdrawal", Wish(), {"Mail Oy": "tell them that consent was withdrawn on email",
                                "Messages Oy": "tell them that consent was withdrawn on sms"}),
        ("withdrawal", Wish(channels=("sms",), brand="hieromo"),
         {"Messages Oy": "tell them that consent was withdrawn on sms"}),
        ("withdrawal", Wish(channels=("email",), brand="hieromo"),
         {"Mail Oy": "tell them that consent was withdrawn on email"}),
        ("objection", Wish(), {}),
    ],
)  # fmt: skip
def test_recipients_are_told_once_each_of_what_they_got(type_: str, wish: Wish, told: dict[str, str]) -> None:
    found = tasks(request(type_), wish, [], HAD)
    assert (dict(found), len(found)) == (told, len(told))
    for language in ("fi", "en"):
        assert all(Words(language).task(what) != what for _, what in found)


@given(st.dates(date(2018, 5, 25), date(2026, 11, 24)))
def test_a_request_counts_from_the_end_of_its_day_and_never_from_later_than_now(received: date) -> None:
    found = declared_at(received, NOW)
    assert found <= NOW
    assert found == NOW or found.astimezone(UTC).date() == received
    (one,) = made("restriction", Wish(), received=received)
    assert one.at == found


def test_the_notice_is_the_newest_that_held_on_the_day() -> None:
    (first,) = REGISTER.notices.values()
    later = first.model_copy(update={"valid_from": date(2027, 1, 1)})
    ended = first.model_copy(update={"valid_to": date(2026, 12, 31)})
    register = REGISTER.model_copy(update={"notices": {"old": ended, "new": later}})
    found = [notice_at(register, date(*day)) for day in ((2021, 3, 21), (2021, 3, 22), (2026, 12, 31), (2027, 1, 1))]
    assert found == ["unknown", "old", "old", "new"]


def test_the_words_are_those_of_reconciling() -> None:
    assert FIELDS == ("first_name", "last_name", "name", "emails", "phones", "address")
    assert set(FIELDS) == set(corrections.FIELDS)
    assert CHANNELS == consent.CHANNELS
