"""A key that is refused holds its own source and no other, until a call succeeds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.timma.sandbox import export_files
from store.engine import reading
from sync.standing import standing
from tests.scenarios.world import World, people


def shown(world: World, source: str) -> dict[str, Any]:
    """A source as `rekisteri status --json` shows it."""
    with reading(world.engine) as connection:
        document = standing(connection, world.settings, datetime.now(UTC), running=False)
    found: dict[str, Any] = document["sources"][source]
    return found


@pytest.mark.parametrize("setting", [{"api_key": "not-the-key"}, {"subdomain": "muualla"}])
def test_a_refused_key_holds_the_source_and_says_what_to_look_at(any_world: World, setting: dict[str, str]) -> None:
    right = any_world.tree["thinkific"]
    any_world.configure("thinkific", **setting)
    report = any_world.run("thinkific")
    assert report["outcome"] == "failed"
    error = report["sources"]["thinkific"]["error"]
    for words in ("401", "thinkific.api_key", "thinkific.subdomain", "plan"):
        assert words in error
    assert not any(value in error for value in setting.values())
    assert report["sources"]["thinkific"]["requests"] == 1
    held = shown(any_world, "thinkific")
    assert held["held_reason"] == error
    any_world.run("thinkific")
    assert shown(any_world, "thinkific")["held_since"] == held["held_since"]
    any_world.tree["thinkific"] = right
    any_world.configure("thinkific")
    assert any_world.run("thinkific")["outcome"] == "ok"
    free = shown(any_world, "thinkific")
    assert (free["held_since"], free["held_reason"]) == (None, None)
    assert free["last_ok_at"]


def test_the_other_source_goes_on_while_one_is_held(any_world: World) -> None:
    inbox = any_world.by_files()
    export_files(people(), inbox)
    any_world.configure("thinkific", api_key="not-the-key")
    report = any_world.run()
    assert report["outcome"] == "partial"
    assert {name: source["outcome"] for name, source in report["sources"].items()} == {
        "timma": "ok",
        "thinkific": "failed",
    }
    salon = [row for row in people().clients if row.deleted_on is None]
    assert report["registry"]["records"] == len(salon)
    assert shown(any_world, "timma")["held_reason"] is None


def test_what_a_source_brought_before_its_key_was_taken_away_stays(world: World) -> None:
    world.run()
    before = world.customers()
    world.configure("thinkific", api_key="not-the-key")
    assert world.run()["outcome"] == "partial"
    assert world.customers() == before


def test_a_token_that_is_refused_at_the_salon_names_its_settings(world: World) -> None:
    world.configure("timma", api={"token": "not-the-token"})
    report = world.run()
    assert report["outcome"] == "partial"
    assert "timma.api.token" in report["sources"]["timma"]["error"]
    assert report["sources"]["thinkific"]["outcome"] == "ok"


def test_a_server_that_fails_is_no_hold(world: World) -> None:
    """There is nothing that a person must mend."""
    world.thinkific.faults = "503@1,429@2"
    assert world.run("thinkific")["outcome"] == "ok"
    assert shown(world, "thinkific")["held_reason"] is None
