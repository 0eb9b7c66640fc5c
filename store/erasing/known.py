"""What a person's records are known by: contacts, first names, whole names; and who else has them who stays."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, Row, select

from store.among import among
from store.declarations import CONTACT_KINDS, first_names
from store.erasing.traces import words_of
from store.tables import DeclarationContact, DeclarationRecord, MatchFeature, MatchKey, table

NAME_KINDS = ("name", "fullname")

_key = table(MatchKey)
_feature = table(MatchFeature)
_on_record = table(DeclarationRecord)
_on_contact = table(DeclarationContact)

Contact = tuple[str, str]
"""Kind and folded value of a match key."""


def contacts_of(connection: Connection, people: Collection[Row[Any]]) -> frozenset[Contact]:
    """Contacts that these records have or had, or that were declared to be theirs. A row that had vanished when it came
    has no keys: of its address it counts whether it is anybody's key, for an office's is none."""
    ids = [row.id for row in people]
    found = keys_of(connection, ids, CONTACT_KINDS)
    keyed = {record for record, _ in keyed_by(connection, ids)}
    said = [from_json(row.payload) for row in people if row.id not in keyed]
    found |= {("phone", payload["phone"]) for payload in said if payload.get("phone")}
    mails = [payload["email"].casefold() for payload in said if payload.get("email")]
    if mails:
        query = select(_key.c.value).where(_key.c.kind == "email", among(connection, _key.c.value, mails))
        found |= {("email", value) for value in connection.execute(query).scalars()}
    hung = (
        select(_on_contact.c.kind, _on_contact.c.value)
        .join(_on_record, _on_record.c.declaration_id == _on_contact.c.declaration_id)
        .where(among(connection, _on_record.c.record_id, ids))
    )
    firsts = firsts_of(connection, people)
    mine = hung.where(_on_contact.c.first_name.in_([*firsts, ""]))
    return frozenset(found | {(kind, value) for kind, value in connection.execute(mine).all()})


def keys_of(connection: Connection, ids: Collection[int], kinds: Collection[str]) -> set[Contact]:
    """Keys of these kinds that the records have or had."""
    return {key for _, key in keyed_by(connection, ids) if key[0] in kinds}


def keyed_by(connection: Connection, ids: Collection[int]) -> list[tuple[int, Contact]]:
    """Every key that each of these records has or had."""
    query = select(_key.c.record_id, _key.c.kind, _key.c.value).where(among(connection, _key.c.record_id, ids))
    return [(record, (kind, value)) for record, kind, value in connection.execute(query).all()]


def firsts_of(connection: Connection, people: Collection[Row[Any]]) -> set[str]:
    """First names, folded as they are compared; of a record that lives by its features, of a vanished one by its
    payload."""
    lines = _lines(connection, [row.id for row in people])
    found = {first for line in lines.values() for first in first_names(line)}
    found.update(*(_first_words(row.payload) for row in people if row.id not in lines))
    return found - {""}


def _lines(connection: Connection, ids: Collection[int]) -> dict[int, str]:
    query = select(_feature.c.record_id, _feature.c.name).where(among(connection, _feature.c.record_id, ids))
    return dict(connection.execute(query).all())


def _first_words(payload: str) -> list[str]:
    said = from_json(payload)
    guessed = said.get("name_guessed") and said.get("name")
    return compared(said.get("name") if guessed or not said.get("first_name") else said["first_name"])


def compared(name: str | None) -> list[str]:
    """The words of a name as features have them: `ae` and `oe` as the `a` and `o` for which they may stand."""
    return [word.replace("ae", "a").replace("oe", "o") for word in words_of(name or "")]


def holders_of(
    connection: Connection, contacts: Collection[Contact], leaving: Collection[int]
) -> dict[Contact, frozenset[str]]:
    """Contacts that living records have which stay, with the first names of these."""
    found: dict[Contact, set[int]] = defaultdict(set)
    for contact, record in _live(connection, CONTACT_KINDS, contacts):
        if record not in leaving:
            found[contact].add(record)
    lines = _lines(connection, {record for records in found.values() for record in records})
    return {
        contact: frozenset(first for record in records for first in first_names(lines.get(record, "")))
        for contact, records in found.items()
    }


def _live(connection: Connection, kinds: Collection[str], keys: Collection[Contact]) -> Iterator[tuple[Contact, int]]:
    """Which living customer records have these keys."""
    for kind in kinds:
        values = [value for other, value in keys if other == kind]
        query = select(_key.c.value, _key.c.record_id).join(_feature, _feature.c.record_id == _key.c.record_id)
        query = query.where(_key.c.kind == kind, _key.c.current, among(connection, _key.c.value, values))
        yield from (((kind, value), record) for value, record in connection.execute(query).all())


def borne_by_others(
    connection: Connection, kinds: Collection[str], values: Collection[str], leaving: Collection[int]
) -> set[Contact]:
    """Which keys of these kinds and values living records have which stay."""
    keys = [(kind, value) for kind in kinds for value in values]
    return {key for key, record in _live(connection, kinds, keys) if record not in leaving}
