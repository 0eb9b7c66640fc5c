"""A backup takes its name when it is whole, and takes it from nobody."""

import fcntl
import os
import signal
from pathlib import Path
from typing import BinaryIO

import pytest

from store.backup.errors import BackupError
from store.backup.place import fresh


def test_the_name_is_taken_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "registry.age"
    with fresh(path) as beside:
        beside.write_bytes(b"whole")
        assert not path.exists()
        assert beside.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_stays_of_one_that_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), fresh(tmp_path / "registry.age") as beside:
        beside.write_bytes(b"half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_nothing_stays_of_one_that_is_stopped_as_it_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = fcntl.flock

    def stopped(file: BinaryIO, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        os.kill(os.getpid(), signal.SIGTERM)
        lock(file, how)

    def leave(*_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(fcntl, "flock", stopped)
    before = signal.signal(signal.SIGTERM, leave)
    try:
        with pytest.raises(SystemExit), fresh(tmp_path / "registry.age"):
            pytest.fail("it went on")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("taken", ["file", "folder", "link"])
def test_a_name_that_is_taken_is_refused(tmp_path: Path, taken: str) -> None:
    path = tmp_path / "registry.age"
    if taken == "file":
        path.write_bytes(b"mine")
    elif taken == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(BackupError, match="never overwritten"), fresh(path):
        pass
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_that_is_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "registry.age"
    with pytest.raises(BackupError, match="never overwritten"), fresh(path):
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"


def test_what_a_killed_one_left_is_used_again(tmp_path: Path) -> None:
    path = tmp_path / "registry.age"
    (tmp_path / ".registry.age.part").write_bytes(b"of one that was killed, and longer")
    with fresh(path) as beside, beside.open("r+b") as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"


def test_two_at_once_do_not_share_a_file(tmp_path: Path) -> None:
    with (tmp_path / ".registry.age.part").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(BackupError, match="another backup is writing"), fresh(tmp_path / "registry.age"):
            pass


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="name a file in a folder that is there"), fresh(tmp_path / "no" / "x.age"):
        pass
    assert list(tmp_path.iterdir()) == []
