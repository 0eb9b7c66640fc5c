"""The two ends of an age key pair (https://age-encryption.org/v1): the recipient encrypts, the identity reads."""

from pathlib import Path
from typing import Any

import pyrage

from config.errors import ConfigError


def recipient_of(text: str) -> Any:
    """A public key (`age1…`), of the setting `backup.recipient`. Raises `ConfigError`."""
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        problem = "is no age recipient; write the public key that age-keygen shows, age1…"
        raise ConfigError(problem, "backup.recipient") from None


def identity_of(path: Path, setting: str) -> Any:
    """The private key in a file as age-keygen writes it. `setting` named the file. Raises `ConfigError`, which quotes
    nothing of it."""
    try:
        lines = path.read_text("ascii").splitlines()
    except OSError as error:
        problem = f"{path} cannot be read ({error.strerror}); name the file that age-keygen wrote"
        raise ConfigError(problem, setting) from None
    except UnicodeDecodeError:
        lines = []
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    try:
        (key,) = keys
        return pyrage.x25519.Identity.from_str(key)
    except (ValueError, pyrage.IdentityError):
        problem = f"{path} holds no age identity; name the file that age-keygen wrote, with one line AGE-SECRET-KEY-1…"
        raise ConfigError(problem, setting) from None
