"""What is not listed any more is gone only where nothing else can explain it."""

from typing import Any

import pytest

from tests.scenarios.world import World, people, reasons, streams


@pytest.fixture
def synced(any_world: World) -> World:
    """After the first run."""
    assert any_world.run()["outcome"] == "ok"
    return any_world


def account(world: World) -> Any:
    """Somebody of the school who studies there."""
    studying = {row.user_id for row in world.thinkific.population.enrollments}
    return next(row for row in world.thinkific.population.accounts if row.id in studying)


def test_a_deleted_user_vanishes_after_a_complete_sweep_and_a_404_of_their_own(synced: World) -> None:
    gone = account(synced)
    synced.thinkific.delete(gone.id)
    synced.thinkific.forget_requests()
    report = synced.run("thinkific")
    assert (report["outcome"], streams(report)["users"]["vanished"]) == ("ok", 1)
    assert synced.thinkific.requests[f"/api/public/v1/users/{gone.id}"] == 1
    assert str(gone.id) not in synced.live("users")
    assert synced.ask("SELECT count(*) FROM source_record WHERE external_id = :id", id=str(gone.id)) == [(1,)]
    assert all(str(gone.id) != r["external_id"] for c in synced.customers() for r in c["records"])
    assert all(c["records"] for c in synced.customers())


def test_a_user_whom_the_platform_still_has_stays_though_no_list_names_them(synced: World) -> None:
    """The list leaves a row out, consistently; asked for it by its id, the platform gives it."""
    hidden = account(synced)
    path = f"/api/public/v1/users/{hidden.id}"
    rows = synced.thinkific.streams()["users"]
    row = rows._by_id[str(hidden.id)]
    rows.keep(lambda other: other.id != hidden.id)
    rows._by_id[str(hidden.id)] = row
    report = synced.run("thinkific")
    assert synced.thinkific.requests[path] == 1
    assert "yet still at the platform" in reasons(report)
    assert streams(report)["users"]["vanished"] == 0
    assert str(hidden.id) in synced.live("users")


def test_a_record_that_comes_back_brings_its_customer_id_back(synced: World) -> None:
    back = account(synced)
    before = synced.customer_of(str(back.id))
    synced.thinkific.delete(back.id)
    synced.run("thinkific")
    synced.platforms.calm(people())
    report = synced.run("thinkific")
    assert streams(report)["users"]["changed"] == 1
    after = synced.customer_of(str(back.id))
    assert after["id"] == before["id"]
    assert after["emails"] == before["emails"]


@pytest.mark.parametrize("fault", ["lie:1@*/users", "lie:-1@*/users"])
def test_under_a_total_that_is_not_reached_nothing_is_gone_and_the_sweep_is_repeated_once(
    world: World, fault: str
) -> None:
    world.run()
    gone = account(world)
    world.thinkific.delete(gone.id)
    world.thinkific.faults = fault
    world.thinkific.forget_requests()
    report = world.run("thinkific")
    users = streams(report)["users"]
    assert (users["complete"], users["vanished"], users["fetched"]) == (False, 0, 2 * (len(people().accounts) - 1))
    assert "rows moved while they were read, twice" in reasons(report)
    assert str(gone.id) in world.live("users")


def test_one_bad_sweep_is_made_good_by_its_repetition(world: World) -> None:
    world.run()
    gone = account(world)
    world.thinkific.delete(gone.id)
    world.thinkific.faults = "lie:1@1/users"
    users = streams(world.run("thinkific"))["users"]
    assert (users["complete"], users["vanished"], users["outcome"]) == (True, 1, "ok")


@pytest.mark.parametrize("fault", ["shuffle@2/users,shuffle@4/users", "push@2/users,push@4/users"])
def test_rows_that_move_between_pages_are_never_taken_for_gone(world: World, fault: str) -> None:
    """More than a page of users; at each second page a row slips from the one part to the other."""
    crowd = people(2, 700)
    world.platforms.calm(crowd)
    world.run("thinkific")
    assert len(crowd.accounts) > 250
    world.thinkific.faults = fault
    world.thinkific.forget_requests()
    report = world.run("thinkific")
    assert world.thinkific.faulted
    assert streams(report)["users"]["vanished"] == 0
    assert world.live("users") == {str(row.id) for row in crowd.accounts}


def lose_many(world: World) -> set[str]:
    """More than a fifth of the users go at once; gives their ids."""
    accounts = world.thinkific.population.accounts
    gone = [row.id for row in accounts[: len(accounts) // 3]]
    assert len(gone) > 5
    for id_ in gone:
        world.thinkific.delete(id_)
    return {str(id_) for id_ in gone}


def test_many_gone_at_once_are_held_until_a_person_accepts_it(synced: World) -> None:
    before = synced.portrait()["customers"]
    gone = lose_many(synced)
    synced.thinkific.forget_requests()
    held = synced.run("thinkific")
    assert (held["outcome"], streams(held)["users"]["held"], streams(held)["users"]["vanished"]) == (
        "partial",
        len(gone),
        0,
    )
    assert "--accept-vanished" in reasons(held)
    assert not any(path.rpartition("/")[2] in gone for path in synced.thinkific.requests)
    assert gone <= synced.live("users")
    assert len(synced.portrait()["customers"]) == len(before)
    accepted = synced.run("thinkific", accept_vanished=True)
    assert (accepted["outcome"], streams(accepted)["users"]["vanished"]) == ("ok", len(gone))
    assert not gone & synced.live("users")


def test_many_that_are_back_before_anybody_accepted_were_never_gone(synced: World) -> None:
    before = synced.portrait()
    lose_many(synced)
    assert synced.run("thinkific")["outcome"] == "partial"
    synced.platforms.calm(people())
    again = streams(synced.run("thinkific"))["users"]
    assert (again["outcome"], again["changed"], again["vanished"], again["held"]) == ("ok", 0, 0, 0)
    assert synced.portrait()["customers"] == before["customers"]


def test_a_removed_client_goes_by_its_date_and_not_by_its_absence(synced: World) -> None:
    """The salon's lists have no total: who is missing from them stays, who has a date of removal goes."""
    clients = synced.timma.streams()["clients"]
    missing, removed = [row for row in synced.timma.population.clients if row.deleted_on is None][:2]
    clients.keep(lambda row: row.id != missing.id)
    synced.timma.delete(removed.id)
    report = synced.run("timma")
    assert (report["outcome"], streams(report)["clients"]["vanished"]) == ("ok", 1)
    assert missing.id in synced.live("clients")
    assert removed.id not in synced.live("clients")
