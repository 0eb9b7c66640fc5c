"""The school's sandbox against what is known of Thinkific's wire."""

import re
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from connectors.sandbox.rows import from_iso
from connectors.thinkific import sandbox as module
from tests.connectors.sandbox.conftest import PEOPLE, Served

MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NOW = "2026-10-20"


def pages(served: Served, path: str, **parameters: Any) -> Iterator[dict[str, Any]]:
    """Every page's body, as `meta` leads."""
    page: int | None = 1
    while page is not None:
        body = served.client.get(path, params={**parameters, "page": page}).json()
        page = body["meta"]["pagination"]["next_page"]
        yield body


def every(served: Served, path: str, **parameters: Any) -> list[dict[str, Any]]:
    return [row for body in pages(served, path, limit=250, **parameters) for row in body["items"]]


def test_a_page_has_25_rows_unless_told_otherwise_and_never_more_than_250(thinkific: Served) -> None:
    assert len(thinkific.ids("/users")) == 25
    assert len(thinkific.ids("/users", limit=7)) == 7
    assert len(thinkific.ids("/users", limit=1000)) == 250
    assert len(PEOPLE.accounts) > 250


def test_meta_leads_from_the_first_page_to_the_last(thinkific: Served) -> None:
    seen = [body["meta"]["pagination"] for body in pages(thinkific, "/users", limit=100)]
    total = len(PEOPLE.accounts)
    assert [one["current_page"] for one in seen] == [1, 2, 3]
    assert (seen[0]["prev_page"], seen[1]["prev_page"], seen[-1]["next_page"]) == (None, 1, None)
    assert {(one["total_pages"], one["total_items"]) for one in seen} == {(3, total)}
    assert seen[-1]["entries_info"] == f"201-{total} of {total}"


def test_past_the_end_there_are_no_rows(thinkific: Served) -> None:
    body = thinkific.client.get("/users", params={"page": 99999}).json()
    assert (body["items"], body["meta"]["pagination"]["next_page"]) == ([], None)


def test_a_lying_total(thinkific: Served) -> None:
    thinkific.sandbox.faults = "lie:3@1/users"
    totals = [thinkific.client.get("/users").json()["meta"]["pagination"]["total_items"] for _ in range(2)]
    assert totals == [len(PEOPLE.accounts) + 3, len(PEOPLE.accounts)]


def test_credentials_may_be_a_key_with_subdomain_or_a_bearer_token(thinkific: Served) -> None:
    url = f"{thinkific.url}{module.ROOT}/courses"
    known = {"X-Auth-API-Key": module.API_KEY, "X-Auth-Subdomain": module.SUBDOMAIN}
    statuses = [
        httpx.get(url, headers=headers).status_code
        for headers in (
            known,
            {"Authorization": f"Bearer {module.ACCESS_TOKEN}"},
            {"X-Auth-API-Key": module.API_KEY},
            {**known, "X-Auth-Subdomain": "toinen"},
            {"Authorization": "Bearer wrong"},
        )
    ]
    assert statuses == [200, 200, 401, 401, 401]
    assert httpx.get(url).json() == {"error": "Authentication Error"}


def test_every_answer_carries_the_rate_limit_in_epoch_milliseconds(thinkific: Served) -> None:
    thinkific.sandbox.rate.limit = 120
    for path in ("/users", "/users/1", "/nowhere"):
        headers = thinkific.client.get(path).headers
        assert headers["ratelimit-limit"] == headers["x-ratelimit-limit-minute"] == "120"
        assert headers["ratelimit-remaining"] == headers["x-ratelimit-remaining-minute"]
        reset = int(headers["ratelimit-reset"])
        assert reset % 60_000 == 0
        assert 0 < reset / 1000 - time.time() <= 60
    assert int(headers["ratelimit-remaining"]) <= 119


def test_over_the_limit_there_is_a_429_with_the_reset_and_no_retry_after(thinkific: Served) -> None:
    thinkific.sandbox.rate.limit = 0
    answer = thinkific.client.get("/users")
    assert (answer.status_code, answer.json(), answer.headers["ratelimit-remaining"]) == (
        429,
        {"error": "Retry later"},
        "0",
    )
    assert "retry-after" not in answer.headers


def test_a_planned_429_may_tell_the_reset_alone(thinkific: Served) -> None:
    thinkific.sandbox.faults = "429-reset:2@1"
    answer = thinkific.client.get("/users")
    assert 0 < int(answer.headers["ratelimit-reset"]) / 1000 - time.time() <= 2
    assert "retry-after" not in answer.headers


def test_numbers_come_as_text_and_times_with_milliseconds(thinkific: Served) -> None:
    enrollments, orders = every(thinkific, "/enrollments"), every(thinkific, "/orders")
    assert {row["percentage_completed"] for row in enrollments} == {"0.0", "0.25", "0.5", "0.75", "1.0"}
    assert all(isinstance(row["amount_dollars"], str) for row in orders)
    assert all(isinstance(row["items"][0]["amount_dollars"], float) for row in orders)
    assert all(isinstance(row["price"], str) for row in every(thinkific, "/products"))
    for row in [*enrollments, *orders, *every(thinkific, "/users")]:
        assert MILLISECONDS.fullmatch(row["created_at"])


def test_what_the_description_requires_may_be_null(thinkific: Served) -> None:
    enrollments, orders = every(thinkific, "/enrollments"), every(thinkific, "/orders")
    for field in ("expiry_date", "started_at", "completed_at", "activated_at"):
        assert {row[field] is None for row in enrollments} == {True, False}, field
    assert {row["product_id"] is None for row in orders} == {True, False}
    assert {row["status"] for row in orders} == {"Complete", "complete"}


def test_a_course_of_an_enrollment_may_be_missing_from_the_courses(thinkific: Served) -> None:
    courses = {row["id"] for row in every(thinkific, "/courses")}
    assert {row["course_id"] for row in every(thinkific, "/enrollments")} - courses
    assert courses <= {row["productable_id"] for row in every(thinkific, "/products")}


def test_own_fields_are_named_by_the_definitions_and_the_settings(thinkific: Served) -> None:
    definitions = {row["id"]: row["label"] for row in every(thinkific, "/custom_profile_field_definitions")}
    assert definitions == {101: "Puhelin", 102: "Sähköpostimarkkinointi", 103: "Osoite"}
    assert set(module.settings("")["thinkific"]["fields"].values()) == set(definitions)
    fields = [own for row in every(thinkific, "/users") for own in row["custom_profile_fields"]]
    assert {(own["custom_profile_field_definition_id"], own["label"]) for own in fields} == set(definitions.items())
    consents = {own["value"] for own in fields if own["custom_profile_field_definition_id"] == 102}
    assert consents == {"Kyllä", "Ei", "", None}


def test_one_row_by_its_id_is_bare(thinkific: Served) -> None:
    (row,) = thinkific.rows(thinkific.client.get("/users", params={"limit": 1}))
    assert thinkific.client.get(f"/users/{row['id']}").json() == row
    missing = thinkific.client.get("/users/1")
    assert (missing.status_code, missing.json()) == (404, {"error": "Record not found."})


def test_enrollments_changed_after_a_time(thinkific: Served) -> None:
    found = every(thinkific, "/enrollments", **{"query[updated_after]": f"{NOW}T12:00:00Z"})
    limit = from_iso(f"{NOW}T12:00:00Z")
    expected = {row.id for row in PEOPLE.enrollments if row.updated_at > limit}
    assert {row["id"] for row in found} == expected
    assert 0 < len(expected) < len(PEOPLE.enrollments)


@pytest.mark.parametrize(
    ("parameter", "value", "fits"),
    [
        ("created_after", NOW, lambda row: row["created_at"] > NOW),
        ("created_before", NOW, lambda row: row["created_at"] < NOW),
        ("updated_on", NOW, lambda row: row["updated_at"].startswith(NOW)),
        ("course_id", "502", lambda row: row["course_id"] == 502),
        ("completed", "true", lambda row: row["completed"]),
        ("completed", "false", lambda row: not row["completed"]),
        ("expired", "true", lambda row: row["expired"]),
        ("free_trial", "true", lambda row: row["is_free_trial"]),
        ("full", "true", lambda row: not row["is_free_trial"]),
    ],
)
def test_enrollments_by_a_known_filter(thinkific: Served, parameter: str, value: str, fits: Any) -> None:
    everything = every(thinkific, "/enrollments")
    expected = [row for row in everything if fits(row)]
    assert every(thinkific, "/enrollments", **{f"query[{parameter}]": value}) == expected
    assert 0 < len(expected) < len(everything)


def test_enrollments_of_one_user_by_id_or_address(thinkific: Served) -> None:
    user = next(row for row in PEOPLE.accounts if row.id in {one.user_id for one in PEOPLE.enrollments})
    mine = every(thinkific, "/enrollments", **{"query[user_id]": user.id})
    assert {row["user_id"] for row in mine} == {user.id}
    assert every(thinkific, "/enrollments", **{"query[email]": user.email.upper()}) == mine
    assert every(thinkific, "/enrollments", **{"query[email]": "nobody@example.com"}) == []


def test_a_user_by_address_or_by_an_own_field(thinkific: Served) -> None:
    user = next(row for row in PEOPLE.accounts if "+" in row.email)
    assert thinkific.ids("/users", **{"query[email]": user.email.upper()}) == [str(user.id)]
    pair = {"query[custom_profile_field_label]": "Sähköpostimarkkinointi", "query[custom_profile_field_value]": "Ei"}
    assert len(every(thinkific, "/users", **pair)) == len(
        [row for row in PEOPLE.accounts if row.email_marketing is False]
    )
    assert thinkific.ids("/users", **{"query[role]": "site_admin"}) == []


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/enrollments", "updated_after"),
        ("/enrollments", "course_id"),
        ("/enrollments", "query[updated_on_or_after]"),
        ("/users", "query[updated_after]"),
        ("/orders", "query[created_after]"),
    ],
)
def test_a_parameter_that_is_unknown_or_without_brackets_is_ignored(
    thinkific: Served, path: str, parameter: str
) -> None:
    assert thinkific.ids(path, **{parameter: "2099-01-01"}) == thinkific.ids(path)


def test_a_date_that_is_none_is_refused(thinkific: Served) -> None:
    answer = thinkific.client.get("/enrollments", params={"query[updated_after]": "eilen"})
    assert (answer.status_code, answer.json()) == (422, {"errors": {"updated_after": ["is invalid"]}})


def test_a_deleted_user_goes_with_the_enrollments_while_the_orders_stay_without_them(thinkific: Served) -> None:
    buyer = PEOPLE.orders[0].user_id
    orders = len(every(thinkific, "/orders"))
    thinkific.sandbox.delete(str(buyer))
    assert thinkific.client.get(f"/users/{buyer}").status_code == 404
    assert every(thinkific, "/enrollments", **{"query[user_id]": str(buyer)}) == []
    after = every(thinkific, "/orders")
    assert len(after) == orders
    assert (after[0]["user_id"], after[0]["user_email"], after[0]["user_name"]) == (None, None, "(deleted) (deleted)")


def test_a_user_who_vanishes_while_somebody_pages_is_really_gone(thinkific: Served) -> None:
    thinkific.sandbox.faults = "vanish@2/users"
    first = thinkific.ids("/users", limit=5)
    assert thinkific.ids("/users", limit=5, page=2)[0] == str(PEOPLE.accounts[6].id)
    assert thinkific.client.get(f"/users/{first[0]}").status_code == 404


def test_a_users_new_address_shows_in_the_enrollments(thinkific: Served) -> None:
    user = PEOPLE.enrollments[0].user_id
    thinkific.sandbox.warm()
    thinkific.sandbox.edit(user, email="uusi@example.com", first_name="Uusi")
    row = every(thinkific, "/enrollments", **{"query[user_id]": user})[0]
    assert row["user_email"] == "uusi@example.com"
    assert row["user_name"].startswith("Uusi ")
