"""What a person declares, written down and applied to the registry at once.

Call everything here inside `store.engine.writing`.
"""

from collections.abc import Iterator

from pydantic_core import from_json
from sqlalchemy import Connection

from store import declarations
from store.decisions import customer_named, records_of
from store.declarations import CONTACT_KINDS, CORRECTION, Contact, Said, first_names, published_contacts
from store.matching import features
from sync.decisions import UnknownError
from sync.reconcile.keys import fold_email
from sync.reconciling import Act, Rules, Tally, reconcile_records


def declare(connection: Connection, said: Said, customer_id: str, *, rules: Rules, act: Act) -> int:
    """Write down what a customer declared, and publish what follows; the declaration's id.

    It hangs on all records of the customer and on all their contacts, the published ones too, and a correction on those
    that it brings: a platform that is told of it sends them. Raises `UnknownError`.
    """
    borne = customer_named(connection, customer_id)
    if borne is None:
        raise UnknownError(f"no customer {customer_id}")
    records = records_of(connection, borne)
    id_ = declarations.write(connection, said, records, _contacts(connection, borne, records, said), records[0])
    _apply(connection, id_, rules, act)
    return id_


def lift(connection: Connection, declaration_id: int, reason: str, *, rules: Rules, act: Act) -> int:
    """Lift a declaration that is in force, for a reason; the lift's id. Raises `UnknownError`."""
    found = declarations.get(connection, declaration_id)
    if found is None or found.lifted_at is not None:
        raise UnknownError(f"no declaration {declaration_id} is in force")
    said = found.lift(at=act.now, recorded_at=act.now, recorded_by=act.actor, reason=reason)
    id_ = declarations.write(connection, said, found.records, (), found.anchor)
    _apply(connection, found.id, rules, act)
    return id_


def _apply(connection: Connection, declaration_id: int, rules: Rules, act: Act) -> None:
    found = declarations.get(connection, declaration_id)
    if found is not None and found.reached:
        reconcile_records(connection, found.reached, rules, act, Tally())


def _contacts(connection: Connection, customer_id: str, records: list[int], said: Said) -> set[Contact]:
    """The contacts of the records, those that are published, which may be corrected ones, and those that a correction
    brings."""
    hung = declarations.contacts_of(connection, records)
    names = {first for row in features(connection, records) for first in first_names(row[1])}
    for kind, value in (*published_contacts(connection, customer_id), *_brought(said)):
        folded = fold_email(value) if kind == "email" else value
        hung |= {(kind, folded, first) for first in names}
    return hung


def _brought(said: Said) -> Iterator[tuple[str, str]]:
    for kind in CONTACT_KINDS:
        if said.kind == CORRECTION and said.field == f"{kind}s" and said.value:
            yield from ((kind, value) for value in from_json(said.value))
