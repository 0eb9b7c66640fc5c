"""One row's cells by field, read with a memory of what was refused, masked or odd. Pure."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TypeVar

from connectors.contacts import clean_email, read_phone
from connectors.errors import RejectRow
from connectors.files import values
from connectors.minimise import MASK, mask

Value = TypeVar("Value")

BLANKS = frozenset({"", "-", "–", "—"})
ID_LENGTH = 200
LONG_ID = f"an id of more than {ID_LENGTH} characters"
IDENTITY_AS_ID = "an identity code stands where the id should be; it is not used"


class Cells:
    """Reads typed values from a row of texts.

    `odd` collects (field, reason) of cells refused or doubtful; `masked` counts identity codes found on the way.
    `units` says what a heading tells of a column's unit.
    """

    def __init__(self, fields: Mapping[str, str], units: Mapping[str, str] | None = None) -> None:
        self._fields = fields
        self._units = units or {}
        self.odd: list[tuple[str, str]] = []
        self.masked = 0

    def raw(self, field: str) -> str:
        """The cell, spaces tidied; a lone dash is a blank."""
        cell = self._fields.get(field)
        if not cell:
            return ""
        text = values.tidy(cell)
        return "" if text in BLANKS else text

    def unit(self, field: str) -> str:
        """The unit that the column's heading names."""
        return self._units.get(field, "")

    def text(self, field: str) -> str | None:
        """A text, masked."""
        return values.tidy(self._mask(field)) if self.raw(field) else None

    def prose(self, field: str) -> str | None:
        """Free text with its line breaks, masked."""
        if not self.raw(field):
            return None
        return "\n".join(values.tidy(line) for line in self._mask(field).splitlines()).strip()

    def _mask(self, field: str) -> str:
        """The cell as it came, masked. Tidied first it would have lost a soft hyphen that is a code's sign."""
        masked, count = mask(self._fields.get(field, ""))
        self.masked += count
        return masked

    def identifier(self, field: str) -> str | None:
        """A source's own id. One that holds an identity code is dropped whole. Raises `RejectRow` where it is too long
        for an index."""
        text = self.raw(field)
        if MASK in self._mask(field):
            self.odd.append((field, IDENTITY_AS_ID))
            return None
        if len(text) > ID_LENGTH:
            raise RejectRow(LONG_ID, field)
        return text or None

    def phone(self, field: str) -> str | None:
        """A phone in E.164, read before any masking: `040123-4567` has the shape of an identity code."""
        reading = read_phone(self.raw(field))
        if reading.reason:
            self.odd.append((field, reading.reason))
        if reading.value is None:
            self._mask(field)
        return reading.value

    def email(self, field: str) -> str | None:
        """An e-mail address as given."""
        text = self.text(field)
        if text is None:
            return None
        address = clean_email(text)
        if address is None:
            self.odd.append((field, "not an e-mail address"))
        return address

    def value(self, field: str, read: Callable[[str], Value]) -> Value | None:
        """What `read` makes of the cell; a refused cell is `None` and remembered, a blank one only `None`."""
        text = self.raw(field)
        if not text:
            return None
        try:
            return read(text)
        except values.Refused as refused:
            self.odd.append((field, refused.reason))
            return None

    def flag(self, field: str) -> bool | None:
        """Yes, no, or unknown."""
        return self.value(field, values.read_flag)

    def count(self, field: str) -> int | None:
        """A whole number."""
        return self.value(field, values.read_count)

    def cents(self, field: str) -> int | None:
        """Euros as cents."""
        return self.value(field, values.read_cents)

    def day(self, field: str) -> date | None:
        """A date."""
        return self.value(field, values.read_day)

    def moment(self, field: str) -> datetime | None:
        """A point of time, UTC."""
        return self.flagged(field, self.value(field, values.read_moment))

    def flagged(self, field: str, moment: values.Moment | None) -> datetime | None:
        """The time of a moment, its flag remembered."""
        if moment and moment.flag:
            self.odd.append((field, moment.flag))
        return moment.at if moment else None
