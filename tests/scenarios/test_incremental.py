"""The second run brings what changed, all of it, and little else."""

from typing import Any

from tests.scenarios.world import World, people, streams, who_is_who

SHARE = 0.05


def both(*worlds: World) -> list[dict[str, Any]]:
    return [world.run() for world in worlds]


def test_a_run_that_brings_nothing_new_changes_nothing(any_world: World) -> None:
    any_world.run()
    before = any_world.customers()
    again = any_world.run()
    assert all((s["new"], s["changed"], s["vanished"]) == (0, 0, 0) for s in streams(again).values())
    assert any_world.customers() == before


def test_a_second_run_brings_exactly_what_changed(any_world: World) -> None:
    before, after = people(), people().change(1, SHARE)
    any_world.run()
    any_world.platforms.calm(after)
    report = streams(any_world.run())
    for stream, name in (("users", "accounts"), ("enrollments", "enrollments"), ("clients", "clients")):
        old = {row.id: row for row in getattr(before, name)}
        new = [row for row in getattr(after, name) if row.id not in old]
        changed = [row for row in getattr(after, name) if row.id in old and row is not old[row.id]]
        assert report[stream]["new"] == len(new) > 0, stream
        assert 0 < report[stream]["changed"] <= len(changed), stream
    assert any_world.live("users") == {str(row.id) for row in after.accounts}


def test_days_of_increments_give_what_one_look_at_the_end_gives(any_world: World, calm_world: World) -> None:
    """But for what only a sweep can tell: then the weekly one is due, and the two are the same."""
    for step in range(3):
        any_world.platforms.calm(people().change(step, SHARE))
        any_world.run()
    any_world.tell("UPDATE stream_state SET swept_at = :long_ago", long_ago="2020-01-01 00:00:00.000000")
    any_world.run()
    calm_world.run()
    for stream in ("users", "enrollments", "clients"):
        assert any_world.live(stream) == calm_world.live(stream), stream
    assert who_is_who(any_world.customers()) == who_is_who(calm_world.customers())
    ours, theirs = any_world.portrait()["records"], calm_world.portrait()["records"]
    live = {record[:4] for record in ours if record[4]}
    assert live >= {record[:4] for record in theirs if record[4]}


def test_enrollments_are_asked_for_by_the_time_of_their_change(world: World) -> None:
    world.run()
    world.platforms.calm(people().change(1, SHARE))
    report = streams(world.run())
    total = len(world.thinkific.population.enrollments)
    assert report["enrollments"]["fetched"] < total / 2
    assert not report["enrollments"]["complete"]


def test_a_filter_that_the_platform_ignores_loses_nothing(world: World, calm_world: World) -> None:
    after = people().change(1, SHARE)
    both(world, calm_world)
    world.platforms.calm(after)
    calm_world.run()
    rows = world.thinkific.streams()["enrollments"]
    whole = rows.view
    rows.view = lambda key, make: whole("everything", list)  # type: ignore[method-assign]
    try:
        report = world.run()
    finally:
        del rows.view
    assert streams(report)["enrollments"]["fetched"] >= len(after.enrollments)
    assert "did not heed" in str(report["sources"]["thinkific"]["problems"])
    live = world.live("enrollments")
    assert live == {str(row.id) for row in after.enrollments}
    assert live <= calm_world.live("enrollments")


def test_an_enrollment_that_is_removed_is_found_by_the_weekly_sweep(any_world: World) -> None:
    any_world.run()
    gone = str(any_world.thinkific.population.enrollments[0].id)
    any_world.thinkific.delete(gone, "enrollments")
    assert streams(any_world.run("thinkific"))["enrollments"]["vanished"] == 0
    assert gone in any_world.live("enrollments")
    any_world.tell("UPDATE stream_state SET swept_at = :long_ago", long_ago="2020-01-01 00:00:00.000000")
    sweep = streams(any_world.run("thinkific"))["enrollments"]
    assert (sweep["complete"], sweep["vanished"]) == (True, 1)
    assert gone not in any_world.live("enrollments")


def test_a_full_run_reads_everything_again_and_changes_nothing(any_world: World) -> None:
    any_world.run()
    before = any_world.customers()
    report = streams(any_world.run(full=True))
    assert report["enrollments"]["fetched"] == len(people().enrollments)
    assert all((s["new"], s["changed"]) == (0, 0) for s in report.values())
    assert any_world.customers() == before


def test_a_row_that_came_as_it_is_held_is_not_mapped_again_but_when_all_is_read_anew(any_world: World) -> None:
    """What nobody but us can have changed shows which rows were mapped."""
    any_world.run()
    users = len(any_world.thinkific.population.accounts)
    any_world.tell("UPDATE source_record SET payload_sha256 = 'spoilt' WHERE stream = 'users'")
    report = streams(any_world.run())["users"]
    assert (report["fetched"], report["unchanged"], report["complete"]) == (users, users, True)
    report = streams(any_world.run(full=True))["users"]
    assert (report["fetched"], report["changed"]) == (users, users)


def test_a_change_of_what_is_read_of_a_row_maps_every_row_again(any_world: World) -> None:
    any_world.run()
    users = len(any_world.thinkific.population.accounts)
    assert any(customer["address"] for customer in any_world.customers() if only_school(customer))
    any_world.configure("thinkific", fields={"address": None})
    report = streams(any_world.run())["users"]
    assert report["fetched"] == users
    assert report["changed"] > 0
    assert all(customer["address"] is None for customer in any_world.customers() if only_school(customer))
    report = streams(any_world.run())["users"]
    assert (report["changed"], report["unchanged"]) == (0, users)


def only_school(customer: dict[str, Any]) -> bool:
    return {record["source"] for record in customer["records"]} == {"thinkific"}
