"""What people declare, in tests: written down for whoever has a record."""

from datetime import timedelta
from typing import Any

from store.declarations import Said
from store.engine import reading, writing
from store.registry import View, customers
from sync import declaring
from tests.sync.engine import Registry


def declare(registry: Registry, record: str, kind: str, *, days_ago: float = 0, **fields: Any) -> int:
    """The customer that has this record declares something; the declaration's id."""
    act = registry.act()
    said = Said(
        kind=kind,
        controller="hieromo",
        grantee="hieromo",
        notice_version="2021-03-22",
        at=act.now - timedelta(days=days_ago),
        recorded_at=act.now,
        recorded_by=act.actor,
        **fields,
    )
    with writing(registry.engine) as connection:
        return declaring.declare(connection, said, registry.customer_of(record), rules=registry.rules, act=act)


def consent(registry: Registry, record: str, state: str, *, channel: str = "email", **fields: Any) -> int:
    """A consent event; with evidence where it is a grant, unless told otherwise."""
    evidence = fields.pop("evidence", "form 7" if state == "granted" else None)
    return declare(
        registry, record, "consent", state=state, channel=channel, method="paper form", evidence=evidence, **fields
    )


def lift(registry: Registry, declaration: int) -> int:
    """A declaration is lifted."""
    with writing(registry.engine) as connection:
        return declaring.lift(connection, declaration, "asked for", rules=registry.rules, act=registry.act())


def shown(registry: Registry, record: str) -> dict[str, Any]:
    """The customer that has this record, as the registry shows it."""
    with reading(registry.engine) as connection:
        (found,) = customers(connection, [registry.customer_of(record)], View(registry.clock))
    return found


def state(registry: Registry, record: str, channel: str = "email", brand: str | None = None) -> str:
    """What marketing the customer that has this record allows."""
    golden = registry.golden(record, ".".join(filter(None, ("marketing", channel, brand))))
    return str(golden[0][0]) if golden else "unknown"
