"""The life of a request: what may follow what, and by when."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from privacy import requests
from privacy.errors import NotPossibleError
from privacy.requests import CLOSED, OUTCOMES, TYPES, WITHOUT_IDENTITY, Asked, By
from privacy.terms import REQUEST_STATUSES, RIGHTS
from store import requests as stored
from store.engine import writing
from store.requests import Request
from tests.sync.engine import Registry

NOON = datetime(2026, 11, 24, 10, tzinfo=UTC)
RECEIVED = date(2026, 11, 20)  # due on Monday, 21 December

Act = Callable[..., Request]


@pytest.fixture
def people(light_registry: Registry) -> Registry:
    light_registry.land("salon", {"one": {"first_name": "Maija", "last_name": "Malli", "phone": "+358400000101"}})
    light_registry.reconcile()
    return light_registry


def by(days: int = 0) -> By:
    return By("tester", NOON + timedelta(days=days))


def do(registry: Registry, deed: Callable[..., Request], *given: Any, days: int = 0) -> Request:
    with writing(registry.engine) as connection:
        return deed(connection, *given, by(days))


def opened(registry: Registry, type_: str = "access", received: date = RECEIVED) -> Request:
    return do(registry, requests.begin, Asked(type_, "salon:one", received, "phone"))


def life(registry: Registry, request: Request) -> list[str]:
    with writing(registry.engine) as connection:
        return [step.what for step in stored.steps(connection, request.id)]


def test_a_request_is_due_a_month_after_its_receipt(people: Registry) -> None:
    found = opened(people)
    assert (found.type, found.channel, found.status) == ("access", "phone", "dpv:RequestInitiated")
    assert (found.received_on, found.due_on) == (RECEIVED, date(2026, 12, 21))
    assert found.customer_id == people.customer_of("salon:one")
    assert (found.opened_at, found.opened_by) == (NOON, "tester")
    with writing(people.engine) as connection:
        (step,) = stored.steps(connection, found.id)
    assert (step.what, step.status, step.detail) == ("open", found.status, {"due_at": "2026-12-21"})


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked("access", "salon:nobody", RECEIVED, "email"), "no customer or record"),
        (Asked("access", "salon:one", date(2026, 11, 25), "email"), "still to come"),
    ],
)
def test_nobody_asks_who_is_not_there_nor_tomorrow(people: Registry, asked: Asked, said: str) -> None:
    with pytest.raises(NotPossibleError, match=said):
        do(people, requests.begin, asked)


def test_today_is_finlands(people: Registry) -> None:
    late = By("tester", datetime(2026, 11, 24, 22, 30, tzinfo=UTC))
    with writing(people.engine) as connection:
        found = requests.begin(connection, Asked("access", "salon:one", late.today, "email"), late)
    assert found.received_on == date(2026, 11, 25)


@pytest.mark.parametrize("days", [0, 27])
def test_it_is_extended_once_within_the_first_month(people: Registry, days: int) -> None:
    found = opened(people)
    extended = do(people, requests.extend, found.id, "many", days=days)
    assert (extended.due_on, extended.status) == (date(2027, 2, 22), "dpv:RequestActionDelayed")
    assert (extended.extension_reason, extended.extended_at) == ("many", by(days).now)
    with pytest.raises(NotPossibleError, match="once"):
        do(people, requests.extend, found.id, "more", days=days)


def test_after_the_first_month_it_is_too_late_to_extend(people: Registry) -> None:
    found = opened(people)
    with pytest.raises(NotPossibleError, match=r"until 21\.12\.2026"):
        do(people, requests.extend, found.id, "many", days=28)
    assert life(people, found) == ["open"]


@pytest.mark.parametrize("type_", TYPES)
def test_an_identity_is_needed_but_where_it_must_be_easy(people: Registry, type_: str) -> None:
    found = opened(people, type_)
    with writing(people.engine) as connection:
        if type_ in WITHOUT_IDENTITY:
            assert requests.ready(connection, found.id) == found
            return
        with pytest.raises(NotPossibleError, match=f"request identify {found.id}"):
            requests.ready(connection, found.id)
        identified = requests.identify(connection, found.id, "called back", by(1))
        assert requests.ready(connection, found.id) == identified
    assert (identified.identity_method, identified.identified_by, identified.identified_at) == (
        "called back", "tester", by(1).now,
    )  # fmt: skip
    assert identified.status == "dpv:RequestRequiredActionPerformed"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_what_is_closed_is_changed_by_nothing_but_its_tasks_and_lifts(people: Registry, outcome: str) -> None:
    found = opened(people, "objection")
    with writing(people.engine) as connection:
        requests.carried_out(connection, found, [7], [("Firm", "correct phones")], by())
        (task,) = stored.tasks(connection, found.id)
    closed = do(people, requests.close, found.id, outcome, "why", days=1)
    assert (closed.outcome, closed.justification, closed.closed_by) == (outcome, "why", "tester")
    assert closed.status == CLOSED[outcome]
    for deed, given in (
        (requests.identify, ("again",)),
        (requests.extend, ("more",)),
        (requests.close, ("fulfilled", None)),
    ):
        with pytest.raises(NotPossibleError, match=r"was closed on 25\.11\.2026"):
            do(people, deed, found.id, *given, days=2)
    with writing(people.engine) as connection, pytest.raises(NotPossibleError, match="closed"):
        requests.ready(connection, found.id)
    done = do(people, requests.finish_task, found.id, task.id, "a mail", days=2)
    assert done == closed
    assert do(people, requests.lifted, closed, [7], days=3) == closed
    assert life(people, found) == ["open", "apply", "close", "task_done", "lift"]


@pytest.mark.parametrize(
    ("type_", "way"),
    [
        ("access", "request package 1 --output FILE.zip"),
        ("erasure", "request erase 1"),
        ("objection", "request apply 1 --scope SCOPE"),
        ("restriction", "request apply 1`"),
    ],
)
@pytest.mark.parametrize("outcome", ["fulfilled", "partly_fulfilled"])
def test_nothing_counts_as_fulfilled_that_was_not_done_or_said_to_be(
    people: Registry, type_: str, way: str, outcome: str
) -> None:
    found = opened(people, type_)
    with pytest.raises(NotPossibleError, match=way):
        do(people, requests.close, found.id, outcome, None)
    assert life(people, found) == ["open"]
    assert do(people, requests.close, found.id, outcome, "by a letter").justification == "by a letter"


@pytest.mark.parametrize("outcome", ["refused", "withdrawn"])
def test_what_comes_to_nothing_needs_nothing_done(people: Registry, outcome: str) -> None:
    assert do(people, requests.close, opened(people).id, outcome, None).outcome == outcome


def test_what_is_not_there_is_named(people: Registry) -> None:
    found = opened(people)
    with pytest.raises(NotPossibleError, match="no request 99"):
        do(people, requests.close, 99, "fulfilled", None)
    with pytest.raises(NotPossibleError, match="no task 5"):
        do(people, requests.finish_task, found.id, 5, "a mail")
    people.vanish("salon", "one")
    people.reconcile()
    with writing(people.engine) as connection, pytest.raises(NotPossibleError, match="registry no more"):
        requests.person_of(connection, found)


def test_types_are_rights_and_statuses_are_terms(light_registry: Registry) -> None:
    assert set(TYPES) <= set(RIGHTS)
    named = {requests.INITIATED, requests.IDENTIFIED, requests.DELAYED, requests.ACCEPTED, *CLOSED.values()}
    assert named <= set(REQUEST_STATUSES)
    assert CLOSED.keys() == set(OUTCOMES)
