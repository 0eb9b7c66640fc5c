"""By which digests a row would be known again (`sync.recognising`): its own id, its owner's, and its contacts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json

from connectors.contacts import to_e164
from privacy.pseudonym import EMAIL, PHONE, Pseudonyms
from store.batch import CUSTOMER, Batch, RejectedRow, Row
from store.declarations import first_names
from sync.reconcile.keys import OWNER, mailbox
from sync.reconcile.names import joined_name, tokens


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
    """Makes the digests of the rows of one page. `own`: makes that of a row's own id."""

    def __init__(self, pseudonyms: Pseudonyms, batch: Batch) -> None:
        self._pseudonyms, self._batch = pseudonyms, batch
        self.own = pseudonyms.records(batch.source, batch.stream)
        self._owner = pseudonyms.records(batch.source, batch.owner_stream) if batch.owner_stream else None

    def owner(self, id_: str | None) -> str:
        """Of the owner that a row names; an empty text, which is no digest, for none."""
        return self._owner(id_) if id_ and self._owner else ""

    def of_customers(self, rows: Sequence[Row]) -> list[str]:
        """All digests of customer rows, but for those with names, without telling whose each is."""
        own, email, phone = self.own, self._pseudonyms.email, self._pseudonyms.phone
        found = [own(row.external_id) for row in rows]
        features = [made for row in rows if (made := row.matched().features)]
        found += [email(made[2]) for made in features if made[2]]
        return found + [phone(made[3]) for made in features if made[3]]

    def named(self, contact: Borne, first_name: str) -> str:
        """Of a contact together with a first name."""
        of = self._pseudonyms.email_of if contact.kind == EMAIL else self._pseudonyms.phone_of
        return of(contact.value, first_name)

    def borne(self, row: Row) -> list[Borne]:
        """The contacts that a row states of its customer."""
        if self._batch.kind == CUSTOMER:
            features = row.matched().features
            return self._borne(features[2], features[3]) if features else []
        if row.owner_id is None:
            keys = dict(row.matched().keys)
            return self._borne(keys.get(OWNER + EMAIL), keys.get(OWNER + PHONE))
        said = from_json(row.payload)
        return self._borne(mailbox(said.get("client_email")), said.get("client_phone"))

    def _borne(self, email: str | None, phone: str | None) -> list[Borne]:
        found = [Borne(EMAIL, email, self._pseudonyms.email(email))] if email else []
        return [*found, Borne(PHONE, phone, self._pseudonyms.phone(phone))] if phone else found

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
        contacts = [contact for text in texts for contact in self._borne(*_contact_in(text))]
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


def _contact_in(text: str) -> tuple[str | None, str | None]:
    return (mailbox(text), None) if "@" in text else (None, to_e164(text))
