"""A change of match model is one act, and the whole registry decided at once is what incremental runs made of it."""

from typing import Any

from config.settings import Settings
from store.engine import reading, writing
from sync.models import active, adopt, configured
from sync.reconcile.model import Model, shipped
from sync.rematch import rematch
from sync.whole import Difference
from tests.sync.engine import Registry

PHONE, MAIL = "+358400000101", "maija@example.com"


def lenient(join: float) -> Model:
    """The shipped model with another threshold for joining."""
    document = shipped().document
    return Model({**document, "version": "other", "thresholds": {"join": join, "review": min(join, 15.0)}})


def person(first: str, last: str, **contacts: Any) -> dict[str, Any]:
    return {"first_name": first, "last_name": last, **contacts}


def settle(registry: Registry) -> Registry:
    """A mother and child on one phone, one person at both places, a doubtful pair, a rare name twice, a decision."""
    registry.land(
        "salon",
        {
            "mother": person("Maija", "Testaaja", phone=PHONE, email=MAIL),
            "half": person("Kaisa-Liisa", "Kumpulaisniemi", phone="+358400000102"),
            "rare": person("Tellervo", "Kumpulaisniemi", phone="+358400000103"),
            "one": person("Onni", "Virtanen", email="onni@example.com"),
        },
    )
    registry.land(
        "school",
        {
            "mother": person("Maija", "Testaaja", email=MAIL),
            "child": person("Onni", "Testaaja", phone=PHONE),
            "half": person("Kaisa", "Kumpulaisniemi", phone="+358400000102"),
            "rare": person("Tellervo", "Kumpulaisniemi", email="tellervo@example.com"),
            "two": person("Aino", "Virtanen", email="aino@example.com"),
        },
    )
    registry.reconcile()
    registry.decide("same", "salon:one", "school:two")
    return registry


def test_decided_at_once_it_is_what_runs_made_of_it(registry: Registry) -> None:
    settle(registry)
    assert registry.people() >= {frozenset({"salon:mother", "school:mother"}), frozenset({"school:child"})}
    assert registry.pairs() == {frozenset({"salon:half", "school:half"}), frozenset({"salon:rare", "school:rare"})}
    assert registry.difference() == Difference(waiting=2)


def test_another_model_changes_what_it_says_and_no_more(registry: Registry) -> None:
    settle(registry)
    together = registry.customer_of("salon:mother")
    found = registry.rematch(lenient(900.0))
    assert found.splits == [(together, registry.customer_of("school:mother"))]
    assert (found.joins, len(found.reviews), found.waiting) == ([], 1, 3)
    assert frozenset({"salon:one", "school:two"}) in registry.people(), "what a person decided stands"
    grown = registry.snapshot()
    assert registry.difference() == Difference(waiting=3)
    registry.rebuild()
    assert registry.snapshot() == grown
    back = registry.rematch(shipped())
    assert (back.joins, back.splits, back.settled) == ([(together, found.splits[0][1])], [], 1)
    assert registry.customer_of("school:mother") == together


def test_a_registry_keeps_its_model_until_it_is_told(registry: Registry) -> None:
    with writing(registry.engine) as connection:
        adopt(connection, lenient(33.0))
    with reading(registry.engine) as connection:
        held = active(connection, Settings())
    assert (held.version, held.join) == ("other", 33.0)
    assert held.fingerprint != configured(Settings()).fingerprint == shipped().fingerprint


def test_what_the_former_model_decided_since_the_look_is_decided_anew(registry: Registry) -> None:
    """An event, or a person's decision, waits for no lock of a run, and is reconciled at once."""
    settle(registry)
    former, model = registry.model, lenient(900.0)
    registry.model = model
    registry.difference()
    registry.model = former
    aino = person("Aino", "Testaaja", email="aino@example.com", phone="+358400000188")
    for source in ("salon", "school"):
        registry.land(source, {"late": aino})
    registry.reconcile()
    assert registry.customer_of("salon:late") == registry.customer_of("school:late")
    registry.model = model
    rematch(registry.engine, registry.rules, registry.act())
    assert registry.customer_of("salon:late") != registry.customer_of("school:late")
    assert registry.difference().records == []
