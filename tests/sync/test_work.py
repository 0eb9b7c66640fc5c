"""Work grows with what changed, not with the registry (invariant 13)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from store import matching
from store.engine import reading
from sync.reconcile.model import shipped
from sync.scope import Scope, gather
from tests.sync.engine import Registry


def grow(registry: Registry, size: int) -> Registry:
    """So many people; each even one is at the school too, and shares a phone with the odd one after it."""
    salon = {
        str(number): {"first_name": first_name(number), "email": f"p{number}@example.com", "phone": phone(number)}
        for number in range(size)
    }
    registry.land("salon", salon)
    registry.land("school", {str(number): salon[str(number)] for number in range(0, size, 2)})
    registry.reconcile()
    return registry


def phone(number: int) -> str:
    return f"+35840{number // 2:07}"


WORDS = ("aho", "emu", "ihi", "oko", "uru", "yky", "ata", "epe", "isi", "olo")


def first_name(number: int) -> str:
    """Clearly different ones for different numbers."""
    return "".join(WORDS[int(digit)] for digit in f"{number:04}").title()


def scope_of_queue(registry: Registry) -> Scope:
    with reading(registry.engine) as connection:
        return gather(connection, matching.queued(connection, 10_000), shipped())


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile, with those of a list counted each."""
    sent: list[str] = []

    def note(_c: Any, _u: Any, statement: str, parameters: Any, _x: Any, executemany: bool) -> None:
        sent.extend([statement] * (len(parameters) if executemany else 1))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def writes(sent: list[str]) -> list[str]:
    return [statement for statement in sent if statement.startswith(("INSERT", "UPDATE", "DELETE", "COPY"))]


def test_one_changed_record_of_thousands_touches_a_handful(light_registry: Registry) -> None:
    one_changed_record(light_registry, 2000)


def test_one_changed_record_touches_as_many_where_there_are_few(registry: Registry) -> None:
    one_changed_record(registry, 20)


def one_changed_record(registry: Registry, size: int) -> None:
    large = grow(registry, size)
    assert scope_of_queue(large).evaluated == set()
    changed = {"first_name": first_name(8), "email": "p8@example.com", "phone": phone(8), "city": "Oulu"}
    large.land("salon", {"8": changed})
    scope = scope_of_queue(large)
    assert len(scope.evaluated) == 3, "itself, its companion at the school, and who shares the phone"
    assert len(scope.features) == 3
    with statements(large.engine) as sent:
        large.reconcile()
    assert len(sent) < 40
    assert len(large.customers()) == size


def test_a_record_that_moves_over_brings_both_neighbourhoods(registry: Registry) -> None:
    large = grow(registry, 100)
    large.land("salon", {"8": {"first_name": first_name(20), "email": "p20@example.com"}})
    scope = scope_of_queue(large)
    assert len(scope.evaluated) == 5, "itself, the companion it leaves, who shared its phone, and the two that it joins"
    tally = large.reconcile()
    assert (tally.created, tally.merged, tally.split) == (0, 1, 1), "its id is older than that of those it joins"
    assert large.customer_of("salon:8") == large.customer_of("school:20") == large.customer_of("salon:20")


def test_a_run_that_brings_nothing_new_writes_nothing(registry: Registry) -> None:
    large = grow(registry, 100)
    before = large.snapshot()
    unchanged = {"first_name": first_name(9), "email": "p9@example.com", "phone": phone(9)}
    with statements(large.engine) as sent:
        assert large.land("salon", {"9": unchanged}).unchanged == 1
        large.reconcile()
    assert [statement for statement in writes(sent) if "stream_state" not in statement] == [], "but the checkpoint"
    assert large.snapshot() == before


def test_a_rebuild_of_what_is_right_already_writes_only_keys_and_queue(registry: Registry) -> None:
    registry.land("salon", {str(n): {"first_name": "Maija", "email": f"p{n % 30}@example.com"} for n in range(60)})
    registry.reconcile()
    with statements(registry.engine) as sent:
        registry.rebuild()
    touched = ("match_key", "match_feature", "reconcile_queue", "counter", "customer_alias")
    assert [statement for statement in writes(sent) if not any(name in statement for name in touched)] == []
