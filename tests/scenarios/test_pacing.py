"""The platform's limit is kept without being run into, and without dawdling."""

import time
from math import ceil

from connectors.pace import MARGIN_S
from tests.scenarios.world import World, people

LIMIT, WINDOW_S = 8, 1.2
"""The platform's 120 requests a minute, in small."""


def test_more_requests_than_a_window_allows_are_spread_without_a_refusal(world: World) -> None:
    world.platforms.calm(people(1, 1000))
    world.thinkific.rate.limit, world.thinkific.rate.window_s = LIMIT, WINDOW_S
    began = time.monotonic()
    report = world.run("thinkific")
    took = time.monotonic() - began
    source = report["sources"]["thinkific"]
    assert (report["outcome"], source["retries"], world.thinkific.statuses[429]) == ("ok", 0, 0)
    assert source["requests"] > 1.5 * LIMIT
    assert source["waited_s"] > 0
    windows = ceil(source["requests"] / (LIMIT - ceil(LIMIT / 10)))
    assert source["waited_s"] < windows * (WINDOW_S + MARGIN_S)
    assert took < windows * (WINDOW_S + MARGIN_S) + 5


def test_within_the_limit_nobody_waits(world: World) -> None:
    world.thinkific.rate.limit = 120
    report = world.run("thinkific")
    assert report["sources"]["thinkific"]["waited_s"] == 0
    assert report["sources"]["thinkific"]["requests"] < 20


def test_others_who_use_up_the_window_are_heeded(world: World) -> None:
    """The limit is the whole site's. Another program has taken most of the window before we begin."""
    world.thinkific.rate.limit, world.thinkific.rate.window_s = 30, 1.2
    for _ in range(24):
        world.thinkific.rate.take(time.time())
    report = world.run("thinkific")
    assert (report["outcome"], world.thinkific.statuses[429]) == ("ok", 0)


def test_a_refusal_is_waited_for_as_long_as_the_platform_says(world: World) -> None:
    world.timma.faults = "429:1.2@2"
    report = world.run("timma")
    source = report["sources"]["timma"]
    assert (report["outcome"], source["retries"]) == ("ok", 1)
    assert 1.2 <= source["waited_s"] < 2.5
