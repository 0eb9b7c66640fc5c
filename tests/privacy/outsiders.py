"""People whose records came from others."""

from collections.abc import Mapping
from typing import Any

from config.register import load_register
from store import origins
from store.engine import writing
from tests.sync.engine import START, Registry

PARTIES = {"third_party": "outside_source", "unknown": "course_reseller"}
"""Where the shipped register says that data were collected from → a party of it."""


def arrive(registry: Registry, people: Mapping[str, Mapping[str, Any]], *, collected_from: str = "third_party") -> None:
    """Land records that a party of this kind brought, as those of the source `reseller`, and reconcile."""
    register, before = load_register(None), registry.origin
    stated = register.origin(PARTIES[collected_from], "other_register", "customer")
    assert stated.collected_from == collected_from
    with writing(registry.engine) as connection:
        version = origins.register_version(connection, register.digest, "{}", stated.notice_version, START)
        registry.origin = origins.origin_id(
            connection,
            version,
            stated,
            source="reseller",
            activity="other_register",
            kind="customer",
            brand="artsport",
        )
    registry.land("reseller", people)
    registry.reconcile()
    registry.origin = before
