"""Ids: UUIDv7 (RFC 9562), so that they sort by time and name nobody."""

import os
from datetime import datetime


def new_id(now: datetime) -> str:
    """A UUIDv7 of this time, as text. Order within a millisecond is random: nothing relies on it."""
    millis = int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF
    random = int.from_bytes(os.urandom(10), "big")
    value = millis << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62 | random & 0x3FFFFFFFFFFFFFFF
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
