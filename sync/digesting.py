"""By which digests a row would be known again (`sync.recognising`): its own id, its owner's, and its contacts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json

from connectors.contacts import to_e164
from privacy.pseudonym import BEGINNING, EMAIL, LAST, PHONE, Pseudonyms, beginnings, short
from store.batch import CUSTOMER, Batch, RejectedRow, Row
from store.declarations import first_names
from sync.reconcile.keys import OWNER, mailbox
from sync.reconcile.names import joined_name, short_forms, tokens

BOOKING = "booking"


class Borne(NamedTuple):
    """A contact, folded, and its digest."""

    kind: str
    value: str
    digest: str


class Lead(NamedTuple):
    """What a row that nobody could read leads to: what may be an owner's id, as a digest; a contact; a first name."""

    owners: Sequence[str]
    contacts: Sequence[Borne]
    words: Sequence[str]

    def names(self) -> Sequence[str]:
        """What may be the first name."""
        return self.words


class Digesting:
    """Makes the digests of the rows of one batch."""

    def __init__(self, pseudonyms: Pseudonyms, batch: Batch) -> None:
        self._pseudonyms, self._batch = pseudonyms, batch
        self._own = pseudonyms.records(batch.source, batch.stream)
        self._owner = pseudonyms.records(batch.source, batch.owner_stream) if batch.owner_stream else None

    def own(self, external_id: str) -> str:
        """Of a row's own id."""
        return short(self._own, external_id)

    def owner(self, id_: str | None) -> str:
        """Of the owner that a row names; an empty text, which is no digest, for none."""
        return short(self._owner, id_) if id_ and self._owner else ""

    def all_of(self, rows: Sequence[Row], strangers: Sequence[Row]) -> list[bytes]:
        """Every digest of these rows, whole, without telling whose each is: the own ids, and of `strangers` among them
        the owners and the mere contacts too."""
        found = self._own([row.external_id for row in rows])
        if self._owner:
            found += self._owner({row.owner_id for row in strangers if row.owner_id})
        stated = [self._stated(row) for row in strangers] if self._batch.kind in (CUSTOMER, BOOKING) else []
        found += self._pseudonyms.emails([email for email, _ in stated if email])
        return found + self._pseudonyms.phones([phone for _, phone in stated if phone])

    def borne(self, row: Row) -> list[Borne]:
        """The contacts that a row states of its customer."""
        return [
            self._borne(kind, value) for kind, value in zip((EMAIL, PHONE), self._stated(row), strict=True) if value
        ]

    def _borne(self, kind: str, value: str) -> Borne:
        of = self._pseudonyms.email if kind == EMAIL else self._pseudonyms.phone
        return Borne(kind, value, of(value))

    def _stated(self, row: Row) -> tuple[str | None, str | None]:
        """E-mail address and phone, folded."""
        if self._batch.kind == CUSTOMER:
            features = row.matched().features
            return (features[2], features[3]) if features else (None, None)
        if self._batch.kind != BOOKING:  # nothing else that people do states a contact
            return None, None
        if row.owner_id is None:
            keys = dict(row.matched().keys)
            return keys.get(OWNER + EMAIL), keys.get(OWNER + PHONE)
        said = from_json(row.payload)
        return mailbox(said.get("client_email")), said.get("client_phone")

    def named(self, contact: Borne, first_name: str) -> str:
        """Of a contact together with a first name."""
        of = self._pseudonyms.email_of if contact.kind == EMAIL else self._pseudonyms.phone_of
        return of(contact.value, first_name)

    def like(self, contact: Borne, first_name: str) -> Iterator[str]:
        """Of a contact together with what somebody may be called who may have this first name: one that begins with it,
        one with which it begins, one of which it is a short form or the other way round."""
        for said in (f"{BEGINNING}{first_name}", *beginnings(first_name), *sorted(short_forms(first_name))):
            yield self.named(contact, said)

    def as_last(self, contact: Borne, word: str) -> str:
        """Of a contact together with a last name."""
        return self.named(contact, f"{LAST}{word}")

    def first_names(self, row: Row) -> Sequence[str]:
        """What may be the first name that a row states. Of a booking's, each word may."""
        if self._batch.kind == CUSTOMER:
            features = row.matched().features
            return first_names(features[0] if features else "")
        return first_names(joined_name(from_json(row.payload).get("client_name")).text)

    def lead(self, rejected: RejectedRow) -> Lead:
        """What the fields of a row that nobody could read lead to."""
        texts = list(_texts(from_json(rejected.fields)))
        owners = [self.owner(text) for text in texts] if self._batch.kind != CUSTOMER else []
        contacts = [self._borne(kind, value) for text in texts for kind, value in _contacts_in(text)]
        return Lead(owners, contacts, tuple({word for text in texts for word in tokens(text)}))


def _texts(value: Any) -> Iterator[str]:
    """The texts and numbers in a JSON value, as texts."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)


def _contacts_in(text: str) -> Iterator[tuple[str, str]]:
    if "@" in text and (folded := mailbox(text)):
        yield EMAIL, folded
    elif phone := to_e164(text):
        yield PHONE, phone
