"""Ids: UUIDv7 (RFC 9562), so that they sort by time and name nobody."""

import os
from datetime import datetime


def new_id(now: datetime, after: str | None = None) -> str:
    """A UUIDv7 of this time, as text. Order within a millisecond is random: nothing relies on it.

    It sorts behind the id `after`, also where the clock was set back since that was made (RFC 9562, section 6.2).
    """
    millis = int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF
    if after is not None:
        millis = max(millis, int(after.replace("-", "")[:12], 16) + 1)
    random = int.from_bytes(os.urandom(10), "big")
    value = millis << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & 0x3FFFFFFFFFFFFFFF
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
