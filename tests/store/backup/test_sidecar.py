"""The sidecar gives back what was added to it, and notices whatever else was done to it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from store.backup import sidecar
from store.backup.entries import Decided, Declared, Entry, Erased, Lifted, Released, Saying, Tombstoned
from store.backup.errors import SidecarError

KEY, OTHER = b"k" * 32, b"o" * 32
NOW = datetime(2026, 1, 1, 9, 0, 0, 123, tzinfo=UTC)
SAID = Saying("consent", "email", "withdrawn", None, "artsport", NOW, NOW)
FIRST, SECOND = Tombstoned(1, NOW), Tombstoned(2, NOW)
ENTRIES: list[Entry] = [
    Erased(FIRST, "request", (("email", "ab"), ("record", "cd")), 7, date(2032, 1, 1)),
    Erased(SECOND, "retention", ()),
    Released(FIRST, NOW),
    Decided(SECOND, "ef", "admit", NOW),
    Declared(SAID, "hieromo", "hieromo", "2021-03-22", ("aa", "bb"), (("phone+first", "cc"),)),
    Lifted(SAID, NOW, NOW),
]

OF_FORM_1 = (
    b'{"mac":"66985b41c27ff406b31505dabe947cefeaa0fe5b71e06c9b423ab6e0151ce9e0","entry":{"form":1,"key":"9'
    b'ce25af4bb9d04e9","lines":"000000000001","end":"000000000466","last":"42203504a95d9617b763418d56cba56'
    b'e88473fe160d95b1548eeabb6a7d25bd3"}}'
    b"\n"
    b'{"mac":"42203504a95d9617b763418d56cba56e88473fe160d95b1548eeabb6a7d25bd3","entry":{"what":"erased","'
    b'id":1,"effective_at":"2026-01-01T09:00:00.000123+00:00","basis":"request","request":7,"review_on":nu'
    b'll,"keys":[["email","ab"]]}}'
    b"\n"
)
"""As it was written when it knew no declarations: of the first entry without its other key and its day of review."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sidecar with entries, added in two goes."""
    path = tmp_path / "rekisteri.erasures"
    sidecar.start(path, KEY)
    sidecar.append(path, KEY, ENTRIES[:1])
    sidecar.append(path, KEY, ENTRIES[1:])
    return path


def test_it_stands_beside_the_key() -> None:
    assert sidecar.beside(Path("etc/rekisteri.key")) == Path("etc/rekisteri.erasures")


def test_entries_come_back_in_their_order(path: Path) -> None:
    assert sidecar.read(path, KEY) == ENTRIES
    assert path.stat().st_mode & 0o777 == 0o600


def test_to_begin_one_that_is_there_changes_nothing(path: Path) -> None:
    sidecar.start(path, KEY)
    assert sidecar.read(path, KEY) == ENTRIES


def test_one_that_a_crash_left_empty_is_begun_again(tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.erasures"
    path.touch()
    sidecar.start(path, KEY)
    assert sidecar.read(path, KEY) == []


def test_wherever_it_is_cut_that_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(SidecarError):
            sidecar.read(path, KEY)


def test_whatever_byte_is_changed_that_is_noticed(path: Path) -> None:
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(SidecarError):
            sidecar.read(path, KEY)


@pytest.mark.parametrize(
    "order", [(0, 2, 1, 3, 4, 5, 6), (0, 2, 3, 4, 5, 6), (0, 1, 1, 2, 3, 4, 5, 6), (0, 1, 2, 3, 4, 5)]
)
def test_moved_missing_and_repeated_lines_are_noticed(path: Path, order: str) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[int(place)] for place in order))
    with pytest.raises(SidecarError):
        sidecar.read(path, KEY)


def test_another_key_is_no_key_of_it(path: Path) -> None:
    for use in (lambda: sidecar.read(path, OTHER), lambda: sidecar.append(path, OTHER, [])):
        with pytest.raises(SidecarError, match=r"another key than privacy\.key_file"):
            use()


def test_one_that_is_missing_is_not_begun_by_the_way(tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.erasures"
    for use in (lambda: sidecar.read(path, KEY), lambda: sidecar.append(path, KEY, ENTRIES)):
        with pytest.raises(SidecarError, match="is not there"):
            use()
    assert not path.exists()


@pytest.mark.parametrize("rest", [b'{"mac":"aa', b"{}", b'{"mac'])
def test_half_a_line_that_a_crash_left_goes_with_the_next_addition(path: Path, rest: bytes) -> None:
    path.write_bytes(path.read_bytes() + rest)
    with pytest.raises(SidecarError):
        sidecar.read(path, KEY)
    sidecar.append(path, KEY, [Released(SECOND, NOW)])
    assert sidecar.read(path, KEY) == [*ENTRIES, Released(SECOND, NOW)]


def test_a_whole_line_that_the_head_does_not_know_yet_counts(path: Path) -> None:
    """A crash between the line and the head."""
    head = path.read_bytes().splitlines(keepends=True)[0]
    sidecar.append(path, KEY, [Released(SECOND, NOW)])
    path.write_bytes(head + b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert sidecar.read(path, KEY) == [*ENTRIES, Released(SECOND, NOW)]
    sidecar.append(path, KEY, [Released(FIRST, NOW)])
    assert sidecar.read(path, KEY) == [*ENTRIES, Released(SECOND, NOW), Released(FIRST, NOW)]


def test_a_newer_form_is_not_guessed_at(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"form":2', b'"form":3'))
    with pytest.raises(SidecarError, match="newer version"):
        sidecar.read(path, KEY)


def test_one_of_the_first_form_is_read_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "rekisteri.erasures"
    path.write_bytes(OF_FORM_1)
    first = Erased(FIRST, "request", (("email", "ab"),), 7)
    assert sidecar.read(path, KEY) == [first]
    sidecar.append(path, KEY, ENTRIES[-2:])
    assert sidecar.read(path, KEY) == [first, *ENTRIES[-2:]]
    assert b'"form":2' in path.read_bytes().splitlines()[0], "which an older version does not guess at"
