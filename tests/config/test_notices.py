"""The text of a privacy notice belongs to the register: kept in a file, known by its SHA-256."""

from hashlib import sha256
from pathlib import Path

import pytest

from config.errors import ConfigError
from config.notices import notice_text
from config.register import SHIPPED, load_register

VERSION = "2021-03-22"
FILE = f'file = "notices/{VERSION}.fi.txt"'


def copied(folder: Path, new: str = FILE) -> Path:
    """A copy of the shipped register whose notice has another line in the place of `file`."""
    text = SHIPPED.read_text("utf-8")
    assert FILE in text
    copy = folder / "mine.toml"
    copy.write_text(text.replace(FILE, new), "utf-8")
    return copy


def test_the_shipped_text_is_there_without_its_contact_person() -> None:
    notice = load_register(None).notices[VERSION]
    text = notice_text(notice, None)
    assert text is not None and text.startswith("Tietosuojaseloste\n") and "sukututkimusta varten." in text
    assert "[yhteyshenkilön nimi, sähköposti, puhelin]" in text
    assert notice.sha256 == sha256((SHIPPED.parent / notice.file).read_bytes()).hexdigest()


def test_a_copy_of_the_register_still_has_the_shipped_text(tmp_path: Path) -> None:
    copy = copied(tmp_path)
    assert load_register(copy).digest == load_register(None).digest
    assert notice_text(load_register(copy).notices[VERSION], copy) == notice_text(
        load_register(None).notices[VERSION], None
    )


def test_an_edited_text_is_another_content_of_the_register(tmp_path: Path) -> None:
    copy = copied(tmp_path, 'file = "ours.txt"')
    own = tmp_path / "ours.txt"
    own.write_bytes("\ufeffTietosuojaseloste\r\nYksi.\n".encode())
    before = load_register(copy)
    assert notice_text(before.notices[VERSION], copy) == "Tietosuojaseloste\nYksi.\n"
    own.write_text("Tietosuojaseloste\nKaksi.\n", "utf-8")
    assert load_register(copy).digest != before.digest


def test_without_a_text_the_register_is_read_all_the_same(tmp_path: Path) -> None:
    copy = copied(tmp_path, "")
    notice = load_register(copy).notices[VERSION]
    assert (notice.file, notice.sha256, notice_text(notice, copy)) == ("none", "none", None)


@pytest.mark.parametrize(
    ("line", "content", "says"),
    [
        ('file = "ours.txt"', None, r"ours\.txt is not there; correct `file` or leave it out"),
        ('file = "ours.txt"', b"\n \n", "is empty"),
        ('file = "ours.txt"', b"Sel\xe4ste", "is not UTF-8"),
        (f'{FILE}\nsha256 = "{"0" * 64}"', None, "sha256 is not that of its text"),
    ],
)
def test_a_text_that_cannot_be_is_named(tmp_path: Path, line: str, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "ours.txt").write_bytes(content)
    with pytest.raises(ConfigError, match=says) as caught:
        load_register(copied(tmp_path, line))
    assert f"notices.{VERSION}: " in str(caught.value)
    assert "\n" not in str(caught.value)
