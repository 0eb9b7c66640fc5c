"""What the commands share that list or judge people for a use: channels, brands, mailboxes, the columns of a list."""

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.register import ProcessingRegister
    from privacy.uses import Mailbox

HEADINGS = ("name", "address", "brand", "customer_id", "consented_at", "consent_from")
"""Of a list of addresses; the fields of `privacy.marketing.Recipient`."""


class Channel(StrEnum):
    """The channels of marketing that need a consent of their own."""

    EMAIL = "email"
    SMS = "sms"


def mailboxes() -> "Mailbox":
    """One text for all spellings of a mailbox; none where a part of the address was masked, for it reaches nobody."""
    from connectors.minimise import MASK
    from sync.reconcile.keys import fold_email

    return lambda address: None if MASK in address else fold_email(address)


def named_brand(register: "ProcessingRegister", named: str | None) -> str:
    """The brand that was named, or the only one. Raises `ConfigError`."""
    from config.errors import ConfigError

    if named is not None:
        return named
    if len(register.brands) > 1:
        raise ConfigError(f"say for which brand: {', '.join(register.brands)}", "--brand")
    return next(iter(register.brands))
