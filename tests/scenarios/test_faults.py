"""A bad day at the platforms ends in the registry of a calm one."""

import pytest

from connectors.sandbox.faults import BY_CHANCE
from tests.scenarios.conftest import THOROUGH
from tests.scenarios.world import World, people, streams

SEEDS = range(1, 21) if THOROUGH else range(1, 2)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_request_in_six_that_fails_changes_nothing(any_world: World, calm_world: World, seed: int) -> None:
    crowd, retries = people(seed), 0
    for day in (0, 1) if THOROUGH or any_world.engine.dialect.name == "sqlite" else (1,):
        any_world.platforms.calm(crowd.change(day, 0.05))
        calm_world.run()
        for sandbox in (any_world.thinkific, any_world.timma):
            sandbox.faults = f"random:1/6:seed={seed + day}"
        report = any_world.run()
        assert report["outcome"] == "ok"
        retries += sum(source["retries"] for source in report["sources"].values())
        assert any_world.portrait() == calm_world.portrait()
    assert retries > 0
    assert sum(stream["new"] for stream in streams(report).values()) > 0


def test_every_kind_of_fault_is_got_over(world: World, calm_world: World) -> None:
    calm_world.run()
    world.thinkific.faults = ",".join(f"{kind}@{2 * at + 1}" for at, kind in enumerate(BY_CHANCE))
    report = world.run()
    assert report["outcome"] == "ok"
    assert set(world.thinkific.faulted) >= {"429", "500", "503", "522", "cut", "reset"}
    assert world.portrait() == calm_world.portrait()
