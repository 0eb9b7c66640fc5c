"""Which files are read, and what becomes of them."""

import os
import threading
import time
from pathlib import Path
from typing import cast

import pytest

from connectors.files.inbox import AfterImport, Arrival, arrivals, candidates, look_at, put_away
from tests.connectors.files.conftest import stopped


def write(path: Path, text: str = "x", age: float = 0) -> Path:
    path.write_text(text)
    os.utime(path, (1_000_000_000 - age, 1_000_000_000 - age))
    return path


def arrival(path: Path) -> Arrival:
    (found,) = (one for one in arrivals(candidates(path.parent), (), stopped()) if one.look.path == path)
    return found


@pytest.mark.parametrize(
    "name", ["a.csv.part", "~$a.xlsx", ".a.csv", ".DS_Store", "a.csv.crdownload", "A.CSV.PART", "desktop.ini", "a.tmp"]
)
def test_unfinished_and_hidden_files_are_passed_over(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    assert candidates(tmp_path) == []


def test_folders_inside_are_not_looked_into(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    write(tmp_path / "archive" / "a.csv")
    assert candidates(tmp_path) == []


def test_files_come_oldest_first_then_by_name(tmp_path: Path) -> None:
    for name, age in (("c.csv", 0.0), ("b.csv", 50.0), ("a.csv", 0.0), ("d.csv", 99.0)):
        write(tmp_path / name, age=age)
    assert [look.path.name for look in candidates(tmp_path)] == ["d.csv", "b.csv", "a.csv", "c.csv"]


class Meanwhile(threading.Event):
    """A stop whose wait is short and lets somebody write meanwhile."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__()
        self.path, self.text = path, text
        self.waited: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout)
        with self.path.open("a") as file:
            file.write(self.text)
        return False


def test_a_file_still_being_written_is_left_for_the_next_run(tmp_path: Path) -> None:
    growing, still = write(tmp_path / "a.csv"), write(tmp_path / "b.csv")
    stop = Meanwhile(growing, "more")
    assert [one.look.path for one in arrivals(candidates(tmp_path), (), stop)] == [still]
    assert stop.waited[0] == pytest.approx(1.0, abs=0.3)


def test_a_file_rewritten_to_the_same_size_is_left_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv")
    assert arrivals(candidates(tmp_path), (), Meanwhile(path, "")) != []
    stop = Meanwhile(path, "")
    stop.wait = lambda timeout=None: bool(path.write_text("y")) and False  # type: ignore[method-assign]
    assert arrivals(candidates(tmp_path), (), stop) == []


def test_a_fresh_file_that_stands_still_is_read_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x")
    assert [one.look.path for one in arrivals(candidates(tmp_path), (), stopped())] == [path]


def test_files_of_known_content_cost_no_wait(tmp_path: Path) -> None:
    known = arrival(write(tmp_path / "a.csv"))
    began = time.monotonic()
    again = arrivals(candidates(tmp_path), {known.sha256}, threading.Event())
    assert time.monotonic() - began < 0.5
    assert again == [known]


def test_the_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.csv"), write(tmp_path / "b.txt", age=9)
    assert arrival(first).sha256 == arrival(second).sha256
    assert arrival(write(tmp_path / "c.csv", "y")).sha256 != arrival(first).sha256


@pytest.mark.parametrize(("choice", "left"), [("keep", ["a.csv"]), ("archive", ["archive"]), ("delete", [])])
def test_an_imported_file_is_kept_archived_or_deleted(tmp_path: Path, choice: str, left: list[str]) -> None:
    put_away(arrival(write(tmp_path / "a.csv")), cast("AfterImport", choice))
    assert sorted(path.name for path in tmp_path.iterdir()) == left


def test_the_archive_never_overwrites(tmp_path: Path) -> None:
    for text in ("one", "two", "three"):
        put_away(arrival(write(tmp_path / "a.csv", text)), "archive")
    archived = {path.name: path.read_text() for path in (tmp_path / "archive").iterdir()}
    assert archived == {"a.csv": "one", "a (2).csv": "two", "a (3).csv": "three"}


def test_a_file_that_changed_after_its_import_stays(tmp_path: Path) -> None:
    found = arrival(write(tmp_path / "a.csv"))
    found.look.path.write_text("something new")
    put_away(found, "delete")
    assert found.look.path.exists()


def test_a_file_that_cannot_be_put_away_stays_and_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = arrival(write(tmp_path / "a.csv"))
    (tmp_path / "archive").write_text("a file where the folder should be")
    put_away(found, "archive")
    assert look_at(found.look.path) == found.look
    assert "could not be put away" in caplog.text
    assert "a.csv" not in caplog.text
