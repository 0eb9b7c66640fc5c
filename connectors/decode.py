"""A body to a JSON value that the registry can hold. Pure.

One damaged text or number in one row must not block its whole page for ever: half an emoji or a stray Latin-1 byte
becomes U+FFFD, a number that no program can hold `None`. Only a body that is cut or no JSON at all is refused.
"""

import json
from typing import Any

from pydantic_core import from_json


def decode(body: bytes) -> Any:
    """The JSON value. Raises `ValueError`."""
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError:
        return _cleaned(_damaged(body))
    return _cleaned(value) if b"\\u0000" in body else value


def _damaged(body: bytes) -> Any:
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text, parse_constant=lambda _: None, parse_int=_whole)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _whole(digits: str) -> int | None:
    """An integer; Python refuses to read one of more than some 4,300 digits."""
    try:
        return int(digits)
    except ValueError:
        return None


def _cleaned(value: Any) -> Any:
    """Without lone surrogates, which no encoding can carry, and NULs, which PostgreSQL refuses in text."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(item) for key, item in value.items()}
    return value
