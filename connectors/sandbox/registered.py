"""Finds the platforms that have a sandbox: every package beside this one with a module named `sandbox`.

That module offers `SIDE`, `build` and `settings` (see `Platform`). Nothing here names a platform.
"""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import connectors
from connectors.sandbox.app import Sandbox
from connectors.sandbox.crowd import Crowd
from connectors.sandbox.faults import FaultPlan
from connectors.sandbox.made import Noise, Side
from connectors.sandbox.people import Population


class Platform(Protocol):
    """What a platform's `sandbox` module offers.

    `SIDE`: which rows of a population it serves. `build` makes the sandbox. `settings` is the configuration, as a
    dict under the section's name with credentials, that points the program at a sandbox served at this address.
    """

    SIDE: Side

    def build(
        self, population: Population, *, rate_limit: int | None = None, faults: FaultPlan | str | None = None
    ) -> Sandbox:
        """A sandbox that serves this population."""
        ...

    def settings(self, url: str) -> dict[str, Any]:
        """The configuration that points at `url`."""
        ...


@cache
def platforms() -> dict[str, Platform]:
    """Name of each platform package that has a sandbox, and its `sandbox` module; sorted by name."""
    return {name: cast(Platform, import_module(f"connectors.{name}.sandbox")) for name in sorted(_names())}


def _names() -> Iterator[str]:
    """Packages with a `sandbox` module, found by looking at the files: importing each to see would run them all."""
    for root in map(Path, connectors.__path__):
        for package in pkgutil.iter_modules([str(root)]):
            inside = {module.name for module in pkgutil.iter_modules([str(root / package.name)])}
            if package.ispkg and "sandbox" in inside:
                yield package.name


def platform(name: str) -> Platform:
    """The platform of this name. Raises `LookupError` saying which ones there are."""
    known = platforms()
    if name not in known:
        raise LookupError(f"no sandbox for a platform named so; there are: {', '.join(known)}")
    return known[name]


def truth_of(crowd: Crowd) -> dict[tuple[str, str], int]:
    """Which person each row is: (platform, external id) → person id."""
    return {
        (name, external_id): person
        for name, platform in platforms().items()
        for external_id, person, _ in crowd.records(platform.SIDE)
    }


def noise_of(crowd: Crowd) -> dict[tuple[str, str], Noise]:
    """How each row differs from its person: (platform, external id) → kind, rows without noise left out."""
    return {
        (name, external_id): kind
        for name, platform in platforms().items()
        for external_id, _, kind in crowd.records(platform.SIDE)
        if kind is not Noise.NONE
    }
