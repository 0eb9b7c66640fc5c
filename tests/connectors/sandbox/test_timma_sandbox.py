"""The salon's sandbox against the REST contract that the project pins."""

import re

import pytest

from connectors.sandbox.rows import from_iso
from connectors.timma import sandbox as module
from tests.connectors.sandbox.conftest import PEOPLE, Served

OCTOBER = {"start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"}
AHEAD = {"start": "2026-11-01T00:00:00Z", "end": "2027-11-01T00:00:00Z"}
WHOLE = {"includeCancelled": "true"}


def test_clients_come_by_name_a_hundred_at_most_and_without_a_total(timma: Served) -> None:
    body = timma.client.get("/clients", params={"limit": 500}).json()
    names = [row["name"].casefold() for row in body["results"]]
    assert list(body) == ["results"]
    assert (len(names), names) == (100, sorted(names))
    assert len(PEOPLE.clients) > 100


def test_the_last_page_is_short_and_the_next_is_empty(timma: Served) -> None:
    full, rest = divmod(len(PEOPLE.clients), 100)
    assert len(timma.ids("/clients", page=full + 1)) == rest > 0
    assert timma.ids("/clients", page=full + 2) == []


def test_clients_backwards(timma: Served) -> None:
    last = timma.ids("/clients", page=1 + len(PEOPLE.clients) // 100)
    assert timma.ids("/clients", sort="name", direction="desc", limit=3) == last[::-1][:3]


def test_ids_are_24_hex_digits_and_services_small_numbers(timma: Served) -> None:
    hexes = [timma.ids("/clients"), timma.ids("/bookings", **AHEAD), timma.ids("/users")]
    assert all(re.fullmatch("[0-9a-f]{24}", one) for ids in hexes for one in ids)
    assert all(0 < int(one) < 10_000 for one in timma.ids("/services"))


def test_a_client_has_one_name_two_flags_and_no_identity_code(timma: Served) -> None:
    rows = [row for page in (1, 2) for row in timma.rows(timma.client.get("/clients", params={"page": page}))]
    assert {row["acceptEmailMarketing"] for row in rows} == {True, False, None}
    assert {row["socialSecurityNumber"] for row in rows} == {None}
    assert not {"firstName", "lastName", "createdAt"} & rows[0].keys()


def test_bookings_start_in_the_window(timma: Served) -> None:
    found = timma.ids("/bookings", **OCTOBER, **WHOLE)
    start, end = map(from_iso, OCTOBER.values())
    assert set(found) == {row.id for row in PEOPLE.bookings if start <= row.starts_at < end}
    assert 0 < len(found) < 100


def test_windows_side_by_side_share_no_booking_and_lose_none(timma: Served) -> None:
    halves = [
        {"start": "2026-10-01T00:00:00Z", "end": "2026-10-16T00:00:00Z"},
        {"start": "2026-10-16T00:00:00Z", "end": "2026-11-01T00:00:00Z"},
    ]
    parts = [timma.ids("/bookings", **half, **WHOLE) for half in halves]
    assert sorted(parts[0] + parts[1]) == sorted(timma.ids("/bookings", **OCTOBER, **WHOLE))


def test_cancelled_bookings_come_only_when_asked_for(timma: Served) -> None:
    kept, whole = timma.ids("/bookings", **OCTOBER), timma.rows(timma.client.get("/bookings", params=OCTOBER | WHOLE))
    assert set(kept) == {row["id"] for row in whole if row["deletedOn"] is None}
    assert {row["deletedOn"] is None for row in whole} == {True, False}


def test_a_booking_is_as_the_contract_has_it(timma: Served) -> None:
    rows = timma.rows(timma.client.get("/bookings", params=OCTOBER | WHOLE))
    sold = next(row for row in rows if row["status"] == "sold")
    assert sold["clientId"] in {row.id for row in PEOPLE.clients}
    assert sold["reservation"].keys() == {"serviceId", "serviceName", "servicePrice", "bookingNote"}
    assert sold["revenues"] == [{"sum": sold["reservation"]["servicePrice"]}]
    assert from_iso(sold["end"]) > from_iso(sold["start"])


def test_a_calendar_block_is_no_appointment(timma: Served) -> None:
    blocks = [row for row in PEOPLE.bookings if row.status == "notForSale"]
    first = {"start": "2024-01-01", "end": "2027-12-01", "limit": 100}
    rows = [
        row for page in range(1, 9) for row in timma.rows(timma.client.get("/bookings", params=first | {"page": page}))
    ]
    served = [row for row in rows if row["status"] == "notForSale"]
    assert len(served) == len(blocks) > 0
    assert {(row["clientId"], row["reservation"]) for row in served} == {(None, None)}


@pytest.mark.parametrize("parameters", [{}, {"start": "2026-10-01"}, {"start": "x", "end": "2026-10-01"}])
def test_without_a_window_bookings_are_refused_in_plain_text(timma: Served, parameters: dict[str, str]) -> None:
    answer = timma.client.get("/bookings", params=parameters)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")


def test_users_and_services_are_bare_arrays(timma: Served) -> None:
    assert isinstance(timma.client.get("/services").json(), list)
    assert len(timma.ids("/users", includeRemoved="true")) == len(timma.ids("/users")) + 1


def test_bookings_of_one_client(timma: Served) -> None:
    client = next(row.client_id for row in PEOPLE.bookings if row.client_id)
    ids = timma.ids(f"/clients/{client}/bookings", includeCancelled="true")
    assert set(ids) == {row.id for row in PEOPLE.bookings if row.client_id == client}


def test_not_found_is_html(timma: Served) -> None:
    for path in ("/nowhere", f"/clients/{'0' * 24}/bookings"):
        answer = timma.client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_a_removed_client_stays_with_a_time(timma: Served) -> None:
    first = timma.ids("/clients", limit=1)
    timma.sandbox.delete(first[0])
    (row,) = timma.rows(timma.client.get("/clients", params={"limit": 1}))
    assert (row["id"], row["deletedOn"]) == (first[0], "2026-11-01T00:00:00.000Z")


def test_clients_changed_since(timma: Served) -> None:
    timma.sandbox.advance(1, 0.05)
    since = timma.ids("/clients", updatedSince="2026-11-01T12:00:00Z")
    clients = timma.sandbox.population.clients
    assert set(since) == {row.id for row in clients if row.updated_at > from_iso("2026-11-01T12:00:00Z")}
    assert 0 < len(since) < 100


def test_a_429_over_the_limit_says_how_long_to_wait(timma: Served) -> None:
    timma.sandbox.rate.limit = 0
    answer = timma.client.get("/clients")
    assert answer.status_code == 429
    assert 0 <= int(answer.headers["retry-after"]) <= 60


def test_a_bearer_token_is_taken_too(timma: Served) -> None:
    headers = {"x-auth-token": "", "authorization": f"Bearer {module.TOKEN}"}
    assert timma.client.get("/services", headers=headers).status_code == 200
