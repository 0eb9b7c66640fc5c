"""Thinkific's rows as source records. Pure.

Only the fields named here are read; what else an answer holds (biography, avatar, company, roles, affiliate data,
course texts) is dropped with the answer. A value that cannot be read becomes `None` and a doubt, not a lost row; a row
is rejected only where it has no id.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError

from connectors.base import Problem, Rejected
from connectors.contacts import clean_email, read_phone, to_e164
from connectors.errors import RejectRow
from connectors.minimise import mask_fields
from connectors.records import (
    Course,
    Customer,
    Enrollment,
    FieldDefinition,
    Kind,
    Order,
    Product,
    SourceRecord,
)
from connectors.thinkific.values import UnreadableError, cents, cents_of_units, flag, identifier, moment, share, text

T = TypeVar("T")
Row = Mapping[str, Any]

OWN = "custom_profile_fields"
OWN_ID = "custom_profile_field_definition_id"

ALLOWED: Mapping[str, tuple[str, ...]] = {
    "custom_profile_field_definitions": ("id", "label", "field_type", "required"),
    "courses": ("id", "name", "product_id"),
    "products": (
        "id", "name", "productable_id", "productable_type", "status", "price", "product_prices", "created_at",
    ),
    "users": ("id", "first_name", "last_name", "full_name", "email", "created_at", OWN),
    "enrollments": (
        "id", "user_id", "course_id", "course_name", "percentage_completed", "completed", "expired", "is_free_trial",
        "started_at", "activated_at", "completed_at", "expiry_date", "created_at", "updated_at",
    ),
    "orders": (
        "id", "user_id", "product_id", "product_name", "amount_cents", "amount_dollars", "subscription", "status",
        "created_at", "created at", "items",
    ),
}  # fmt: skip
"""Fields of each stream that may be kept in quarantine."""

NOTES = ("headline", "bio")
"""Free text of a user, read only where `thinkific.notes` is on."""

_PARTS: Mapping[str, tuple[str, ...]] = {
    OWN: ("value", OWN_ID),
    "items": ("product_id", "product_name", "amount_cents", "amount_dollars"),
    "product_prices": ("is_primary", "price", "currency"),
}
# Street, five digits, town: how a Finnish address is written in one line or several.
_POSTAL_CODE = re.compile(r"[\s,]+(?:FI-)?(\d{5})[\s,]+(?=[^\W\d])")
_TOWN = re.compile(r"[^\d,\n]+")


@dataclass(frozen=True, slots=True)
class OwnFields:
    """Definition ids of the site's own profile fields. By id only: anyone may rename a label."""

    phone: str | None = None
    address: str | None = None
    email_marketing: str | None = None
    sms_marketing: str | None = None

    @property
    def ids(self) -> frozenset[str]:
        """Those that are set."""
        return frozenset(filter(None, (self.phone, self.address, self.email_marketing, self.sms_marketing)))


class Doubts:
    """What could not be read on one page, gathered by column: a changed format must not make a problem a row."""

    _SHOWN = 5

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], list[str]] = {}
        self.row_id = ""

    def add(self, column: str, reason: str) -> None:
        """Note a value of the present row."""
        self._rows.setdefault((column, reason), []).append(self.row_id)

    def ids(self) -> frozenset[str]:
        """The rows of which something could not be read."""
        return frozenset(id_ for ids in self._rows.values() for id_ in ids)

    def problems(self, stream: str) -> tuple[Problem, ...]:
        """One problem a column and reason, naming the first rows by id."""
        return tuple(
            Problem(reason=f"{stream}: {reason} in {len(ids)} rows, ids {self._named(ids)}", column=column)
            for (column, reason), ids in self._rows.items()
        )

    def _named(self, ids: list[str]) -> str:
        return ", ".join(ids[: self._SHOWN]) + (", …" if len(ids) > self._SHOWN else "")


class Mapper:
    """Maps the rows of one site."""

    def __init__(self, own: OwnFields, *, notes: bool = False) -> None:
        self.own = own
        self._own_ids = own.ids
        # A look-up instead of `identifier`, for speed: `11`, `11.0` (equal to it), `"11"` and `"11.0"`.
        self._own_on_wire: dict[Any, str] = {wire: own_id for own_id in own.ids for wire in _on_wire(own_id)}
        self.notes = notes
        self._by_stream: Mapping[str, Callable[[Row, Doubts], SourceRecord]] = {
            "custom_profile_field_definitions": _definition,
            "courses": _course,
            "products": _product,
            "users": self._user,
            "enrollments": _enrollment,
            "orders": _order,
        }

    def map(self, stream: str, row: Any, doubts: Doubts) -> SourceRecord:
        """One row. Raises `RejectRow`."""
        if not isinstance(row, Mapping):
            raise RejectRow("the row is no object")
        doubts.row_id = _required_id(row)
        try:
            return self._by_stream[stream](row, doubts)
        except ValidationError as error:
            column = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"]))
            raise RejectRow("a value does not fit", column) from None

    def reject(self, stream: str, row: Any, error: RejectRow) -> tuple[Rejected, int]:
        """The row for quarantine, and how many identity codes were masked in it."""
        kept, masked = self.keep(stream, row) if isinstance(row, Mapping) else ({}, 0)
        rejected = Rejected(external_id=id_or_none(row), fields=kept, reason=error.reason, column=error.column)
        return rejected, masked

    def keep(self, stream: str, row: Row) -> tuple[dict[str, Any], int]:
        """The allow-listed fields of a row, from which it can be mapped later, and how many identity codes were masked
        in them."""
        fields = self._allowed(stream, row)
        # A phone written 040123-4567 has the shape of an identity code, and its field says that it is none.
        own = [mask_fields(part, keep=self._phone_keys(part)) for part in fields.pop(OWN, ())]
        kept, masked = mask_fields(fields)
        if own:
            kept[OWN] = [part for part, _ in own]
        return kept, masked + sum(found for _, found in own)

    def _allowed(self, stream: str, row: Row) -> dict[str, Any]:
        names = ALLOWED[stream] + (NOTES if self.notes and stream == "users" else ())
        fields = {name: _parts(name, row[name]) for name in names if name in row}
        if OWN in fields:
            fields[OWN] = [part for part in fields[OWN] if id_or_none(part, OWN_ID) in self._own_ids]
        return fields

    def _phone_keys(self, part: Row) -> tuple[str, ...]:
        return ("value",) if id_or_none(part, OWN_ID) == self.own.phone else ()

    def _user(self, row: Row, doubts: Doubts) -> SourceRecord:
        first = _read(row, "first_name", text, doubts)
        last = _read(row, "last_name", text, doubts)
        # full_name is these two joined; where only it is filled, it is not cut, since a name has no sure seam.
        name = _read(row, "full_name", text, doubts) or " ".join(filter(None, (first, last))) or None
        payload = Customer(
            name=name,
            first_name=first,
            last_name=last,
            email=_email(row, doubts),
            created_at=_read(row, "created_at", moment, doubts),
            **(self._from_own_fields(row.get(OWN), doubts) if self._own_ids else {}),
        )
        notes = "\n".join(filter(None, (_read(row, key, text, doubts) for key in NOTES))) if self.notes else None
        return SourceRecord(external_id=doubts.row_id, kind=Kind.CUSTOMER, payload=payload, notes=notes or None)

    def _from_own_fields(self, entries: Any, doubts: Doubts) -> dict[str, Any]:
        values = self.own_values(entries)
        if not values:
            return {}
        own = self.own
        found = _address(values.get(own.address))
        found["phone"] = _phone(values.get(own.phone), doubts)
        for name, field in (("email_marketing", own.email_marketing), ("sms_marketing", own.sms_marketing)):
            found[name] = _read({name: values[field]}, name, flag, doubts) if field in values else None
        return found

    def own_values(self, entries: Any) -> dict[str | None, Any]:
        """Filled values by definition id; the first one counts."""
        values: dict[str | None, Any] = {}
        for entry in entries if isinstance(entries, list) else ():
            try:
                field = self._own_on_wire.get(entry[OWN_ID])
                value = entry["value"]
            except (KeyError, TypeError):
                continue  # no object, or one without an id or a value
            if field is not None and value is not None and value != "" and field not in values:
                values[field] = value
        return values


def _definition(row: Row, doubts: Doubts) -> SourceRecord:
    payload = FieldDefinition(
        label=_read(row, "label", text, doubts),
        field_type=_read(row, "field_type", _text_or_number, doubts),
        required=_read(row, "required", flag, doubts),
    )
    return SourceRecord(external_id=doubts.row_id, kind=Kind.FIELD, payload=payload)


def _course(row: Row, doubts: Doubts) -> SourceRecord:
    payload = Course(name=_read(row, "name", text, doubts), product_id=_read(row, "product_id", identifier, doubts))
    return SourceRecord(external_id=doubts.row_id, kind=Kind.COURSE, payload=payload)


def _product(row: Row, doubts: Doubts) -> SourceRecord:
    kind = _read(row, "productable_type", _lower, doubts)
    price = _primary_price(row.get("product_prices"))
    amount = _read(price, "price", cents_of_units, doubts) if price else None
    payload = Product(
        name=_read(row, "name", text, doubts),
        kind=kind,
        course_id=_read(row, "productable_id", identifier, doubts) if kind == "course" else None,
        status=_read(row, "status", _lower, doubts),
        price_cents=_read(row, "price", cents_of_units, doubts) if amount is None else amount,
        currency=(_read(price, "currency", text, doubts) or "").upper() or None,
        created_at=_read(row, "created_at", moment, doubts),
    )
    return SourceRecord(external_id=doubts.row_id, kind=Kind.PRODUCT, payload=payload)


def _primary_price(prices: Any) -> Row:
    """The primary price, else the only one."""
    found = [price for price in prices if isinstance(price, Mapping)] if isinstance(prices, list) else []
    primary = [price for price in found if price.get("is_primary") is True]
    return primary[0] if primary else found[0] if len(found) == 1 else {}


def _enrollment(row: Row, doubts: Doubts) -> SourceRecord:
    updated_at = _read(row, "updated_at", moment, doubts)
    payload = Enrollment(
        course_id=_read(row, "course_id", identifier, doubts),
        # Kept beside the id: courses of the new course builder never appear in the course list.
        course=_read(row, "course_name", text, doubts),
        progress=_read(row, "percentage_completed", share, doubts),
        completed=_read(row, "completed", flag, doubts),
        expired=_read(row, "expired", flag, doubts),
        free_trial=_read(row, "is_free_trial", flag, doubts),
        started_at=_read(row, "started_at", moment, doubts),
        activated_at=_read(row, "activated_at", moment, doubts),
        completed_at=_read(row, "completed_at", moment, doubts),
        expires_at=_read(row, "expiry_date", moment, doubts),
        created_at=_read(row, "created_at", moment, doubts),
        updated_at=updated_at,
    )
    return SourceRecord(
        external_id=doubts.row_id,
        kind=Kind.ENROLLMENT,
        payload=payload,
        owner_id=_read(row, "user_id", identifier, doubts),
        updated_at=updated_at,
    )


def _order(row: Row, doubts: Doubts) -> SourceRecord:
    item = first_item(row)
    payload = Order(
        product_id=_read(row, "product_id", identifier, doubts) or _read(item, "product_id", identifier, doubts),
        product=_read(row, "product_name", text, doubts) or _read(item, "product_name", text, doubts),
        amount_cents=_amount(row, doubts),
        subscription=_read(row, "subscription", flag, doubts),
        status=_read(row, "status", _lower, doubts),
        created_at=_created(row, doubts),
    )
    # Orders outlive their user; then there is no id.
    owner = _read(row, "user_id", identifier, doubts)
    return SourceRecord(external_id=doubts.row_id, kind=Kind.ORDER, payload=payload, owner_id=owner)


def _created(row: Row, doubts: Doubts) -> datetime | None:
    """Both spellings: the platform's description writes the key with a space."""
    return _read(row, "created_at", moment, doubts) or _read(row, "created at", moment, doubts)


def _amount(row: Row, doubts: Doubts) -> int | None:
    amount = _read(row, "amount_cents", cents, doubts)
    return _read(row, "amount_dollars", cents_of_units, doubts) if amount is None else amount


def first_item(row: Row) -> Row:
    """Of what an order holds the first, which stands for it where the order itself does not say."""
    items = row.get("items")
    return items[0] if isinstance(items, list) and items and isinstance(items[0], Mapping) else {}


def _read(row: Row, column: str, reader: Callable[[Any], T | None], doubts: Doubts) -> T | None:
    value = row.get(column)
    if value is None:
        return None
    try:
        return reader(value)
    except UnreadableError as error:
        doubts.add(column, str(error))
        return None


def _email(row: Row, doubts: Doubts) -> str | None:
    address = _read(row, "email", text, doubts)
    if address is None:
        return None
    cleaned = clean_email(address)
    if cleaned is None:
        doubts.add("email", "no e-mail address")
    return cleaned


def _phone(value: Any, doubts: Doubts) -> str | None:
    if value is None:
        return None
    if (plain := to_e164(str(value))) is not None:
        return plain
    reading = read_phone(str(value))
    if reading.reason:
        doubts.add("phone", reading.reason)
    return reading.value


def _address(value: Any) -> dict[str, Any]:
    written = value.strip() if isinstance(value, str) else ""
    found = _POSTAL_CODE.search(written)
    if found and found.start() and _TOWN.fullmatch(written, found.end()):
        street, city = written[: found.start()], written[found.end() :]
        return {"street": " ".join(street.split()), "postal_code": found[1], "city": " ".join(city.split())}
    return {"street": " ".join(written.split()) or None}


def _lower(value: Any) -> str | None:
    written = text(value)
    return written.lower() if written else None


def _text_or_number(value: Any) -> str | None:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value)


def _parts(name: str, value: Any) -> Any:
    """A nested list cut to its allow-listed keys."""
    if name not in _PARTS:
        return value if not isinstance(value, list | dict) else None
    rows = value if isinstance(value, list) else []
    return [{key: row[key] for key in _PARTS[name] if key in row} for row in rows if isinstance(row, Mapping)]


def _required_id(row: Row) -> str:
    try:
        found = identifier(row.get("id"))
    except UnreadableError:
        raise RejectRow("the id is no id", "id") from None
    if found is None:
        raise RejectRow("the row has no id", "id")
    return found


def _on_wire(own_id: str) -> tuple[str | int, ...]:
    return (own_id, f"{own_id}.0", int(own_id)) if own_id.isdecimal() else (own_id,)


def id_or_none(row: Any, key: str = "id") -> str | None:
    """The id of a row, if it has one that can be read."""
    try:
        return identifier(row.get(key)) if isinstance(row, Mapping) else None
    except UnreadableError:
        return None
