"""Texts of the privacy notice: files beside the processing register, or shipped with it."""

from hashlib import sha256
from pathlib import Path

from config import layers
from config.entries import Notice
from config.errors import ConfigError

_SHIPPED = Path(__file__).parent
NO_FILE = "none"


def notice_text(notice: Notice, register: Path | None) -> str | None:
    """The text of a version, `None` where none is kept. `register`: the register's file, `None` for the shipped one.

    Raises `ConfigError` where the file is not there or is no text.
    """
    content = _content(notice, register)
    return None if content is None else content.decode("utf-8-sig").replace("\r\n", "\n")


def with_digest(notice: Notice, register: Path | None) -> Notice:
    """The same with the SHA-256 of its file, so that an edited text is another content of the register.

    Raises `ConfigError` where the register states another one.
    """
    content = _content(notice, register)
    found = NO_FILE if content is None else sha256(content).hexdigest()
    if notice.sha256 not in (NO_FILE, found):
        raise ConfigError(
            "sha256 is not that of its text; what was published is never edited: add a version, or correct the digest"
        )
    return notice.model_copy(update={"sha256": found})


def _content(notice: Notice, register: Path | None) -> bytes | None:
    """A file that is not beside the register may be one that is shipped: whoever copies the register has it still."""
    if notice.file == NO_FILE:
        return None
    places = [register.parent / notice.file] if register else []
    shipped = _SHIPPED / notice.file
    file = next((place for place in (*places, shipped) if layers.is_file(place)), None)
    if file is None:
        raise ConfigError(f"the text {(*places, shipped)[0]} is not there; correct `file` or leave it out")
    try:
        content = file.read_bytes()
        if content.decode("utf-8-sig").strip():
            return content
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read ({error.strerror}); check its permissions") from None
    raise ConfigError(f"{file} is empty; put the text of the notice into it")
