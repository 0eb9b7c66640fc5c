"""Ids: UUIDv7 (RFC 9562), so that they sort by time and name nobody."""

import os
from datetime import datetime

_RANDOM = 10  # bytes of chance in an id


def new_id(now: datetime, after: str | None = None) -> str:
    """A UUIDv7 of this time, as text. Order within a millisecond is random: nothing relies on it.

    It sorts behind the id `after`, also where the clock was set back since that was made (RFC 9562, section 6.2).
    """
    millis = _millis(now)
    if after is not None:
        millis = max(millis, int(after.replace("-", "")[:12], 16) + 1)
    return _text(millis, os.urandom(_RANDOM))


def new_ids(now: datetime, count: int) -> list[str]:
    """So many UUIDv7 of this time. The system is asked once for what is random in them: each question to it gives other
    threads their turn."""
    millis, random = _millis(now), os.urandom(count * _RANDOM)
    return [_text(millis, random[start : start + _RANDOM]) for start in range(0, len(random), _RANDOM)]


def _millis(now: datetime) -> int:
    return int(now.timestamp() * 1000) & 0xFFFFFFFFFFFF


def _text(millis: int, random: bytes) -> str:
    chance = int.from_bytes(random, "big")
    value = millis << 80 | 0x7 << 76 | (chance >> 68) << 64 | 0b10 << 62 | chance & 0x3FFFFFFFFFFFFFFF
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
