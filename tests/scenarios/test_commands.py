"""The program as people and scripts meet it: processes, sockets, signals, exit statuses, what stands on disk."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy.exc import OperationalError

from connectors.sandbox.people import Population
from store import locks, registry, status
from store.engine import make_engine, open_database, reading
from tests.scenarios.programs import MAIN, Program, environment, forked
from tests.tree import ROOT

PROGRAM = (sys.executable, "-c", MAIN)
PEOPLE = 60
STREAM = {
    "outcome", "complete", "fetched", "new", "changed", "unchanged", "vanished", "held", "quarantined",
}  # fmt: skip


Done = subprocess.CompletedProcess[str]


def started(folder: Path, *words: str, env: Mapping[str, str] | None = None) -> Done:
    """Run the program in a folder by an interpreter of its own."""
    return subprocess.run(
        (*PROGRAM, *words), cwd=folder, env=environment(env), capture_output=True, text=True, timeout=180, check=False
    )


def rekisteri(
    folder: Path, *words: str, env: Mapping[str, str] | None = None, status: int = 0, by: Callable[..., Done] = forked
) -> Done:
    """Run the program in a folder; it must end with this status and without a traceback."""
    done = by(folder, *words, env=env)
    assert "Traceback" not in done.stderr
    assert done.returncode == status, done.stdout + done.stderr
    return done


def document(folder: Path, *words: str, **options: Any) -> Any:
    return json.loads(rekisteri(folder, *words, "--json", **options).stdout)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    """`rekisteri sandbox` in a process of its own; the configuration that it prints."""
    words = (*PROGRAM, "sandbox", "--customers", str(PEOPLE))
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()) as process:
        assert process.stdout
        lines = list(iter(process.stdout.readline, "# Serving until Ctrl-C.\n"))
        yield "".join(lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


@pytest.fixture
def room(tmp_path: Path, sandbox: str) -> Path:
    """A folder with the configuration that `rekisteri sandbox` printed."""
    (tmp_path / "rekisteri.toml").write_text(sandbox)
    (tmp_path / "rekisteri.toml").chmod(0o600)
    return tmp_path


class FirstRun(NamedTuple):
    """A folder after its first run, and the report of that."""

    folder: Path
    report: Any


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory, sandbox: str) -> FirstRun:
    """`rekisteri sync` for the first time."""
    folder = tmp_path_factory.mktemp("first")
    (folder / "rekisteri.toml").write_text(sandbox)
    (folder / "rekisteri.toml").chmod(0o600)
    return FirstRun(folder, document(folder, "sync", by=started))


@pytest.fixture
def synced(room: Path, first_run: FirstRun) -> Path:
    """A copy of the folder after its first run."""
    shutil.copy(first_run.folder / "rekisteri.db", room)
    return room


def test_from_a_printed_configuration_to_an_exported_registry(synced: Path, first_run: FirstRun) -> None:
    first = first_run.report
    assert document(synced, "check")["outcome"] == "ok"
    assert first.keys() == {"run_id", "started_at", "finished_at", "outcome", "sources", "registry"}
    assert first["registry"].keys() == {"records", "customers", "created", "merged", "split", "review"}
    for source in first["sources"].values():
        assert source.keys() == {"outcome", "error", "requests", "retries", "waited_s", "streams", "problems"}
        for stream in source["streams"].values():
            assert stream.keys() >= STREAM
            assert stream["fetched"] == sum(stream[name] for name in ("new", "changed", "unchanged", "quarantined"))
    again = document(synced, "sync")
    assert [(s["new"], s["changed"]) for one in again["sources"].values() for s in one["streams"].values()] == [
        (0, 0)
    ] * 8
    assert again["registry"] == first["registry"] | {"created": 0}
    rekisteri(synced, "customers", "export", "--output", "all.jsonl")
    customers = [json.loads(line) for line in (synced / "all.jsonl").read_text("utf-8").splitlines()]
    assert len(customers) == first["registry"]["customers"]
    assert sum(len(customer["records"]) for customer in customers) == first["registry"]["records"]
    assert {len({record["source"] for record in customer["records"]}) for customer in customers} == {1, 2}


def test_everything_on_disk_is_private(first_run: FirstRun) -> None:
    rekisteri(first_run.folder, "customers", "export", "--output", "all.csv", "--format", "csv")
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in first_run.folder.iterdir()}
    assert {name: mode for name, mode in modes.items() if mode != "0o600"} == {}
    assert {"rekisteri.db", "all.csv"} <= modes.keys()


def test_nothing_personal_and_no_secret_is_told_on_standard_error(room: Path) -> None:
    env = {"REKISTERI_LOG__LEVEL": "debug", "REKISTERI_THINKIFIC__API_KEY": "wrong-secret"}
    said = rekisteri(room, "sync", env=env, status=1).stderr
    people = Population(1, PEOPLE).people
    words = {word for person in people for word in (person.last_name, *person.emails, *person.phones)}
    assert "a source is lost" in said
    assert [word for word in words | {"sandbox-api-key", "sandbox-token", "wrong-secret"} if word in said] == []


def test_a_refused_key_holds_its_source_alone_until_a_call_succeeds(synced: Path) -> None:
    report = document(synced, "sync", env={"REKISTERI_THINKIFIC__API_KEY": "wrong"}, status=1)
    assert report["outcome"] == "partial"
    outcomes = {name: source["outcome"] for name, source in report["sources"].items()}
    assert outcomes == {"timma": "ok", "thinkific": "failed"}
    assert "thinkific.api_key" in document(synced, "status")["sources"]["thinkific"]["held_reason"]
    assert document(synced, "sync", "thinkific")["sources"].keys() == {"thinkific"}
    assert document(synced, "status")["sources"]["thinkific"]["held_since"] is None


def test_a_source_that_is_not_configured_is_status_2_in_one_line(room: Path) -> None:
    done = rekisteri(room, "sync", "tima", status=2)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)


def test_a_database_that_another_run_holds_is_status_3(room: Path) -> None:
    engine = open_database(f"sqlite:///{room / 'rekisteri.db'}")
    with (
        locks.holding(engine, "run"),
        Program(room, "sync") as process,
    ):
        assert "another run is in progress" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate()
    assert (process.returncode, said.count("\n")) == (3, 1)


def test_a_run_that_is_asked_to_stop_reports_what_landed_and_the_next_one_goes_on(
    room: Path, first_run: FirstRun
) -> None:
    slow = {"REKISTERI_TIMMA__API__REQUESTS_PER_MINUTE": "10"}
    with Program(room, "sync", "--json", env=slow) as process:
        _wait_until_done(room, "thinkific")
        process.send_signal(signal.SIGTERM)
        report = json.loads(process.communicate()[0])
    assert (process.returncode, report["outcome"], report["sources"]["thinkific"]["outcome"]) == (1, "partial", "ok")
    assert "stop" in report["sources"]["timma"]["error"]
    whole = document(room, "sync")
    assert whole["registry"]["customers"] == first_run.report["registry"]["customers"]


def _wait_until_done(room: Path, source: str) -> None:
    """Until this source's part of the run is written down, a minute at most."""
    engine = make_engine(f"sqlite:///{room / 'rekisteri.db'}")
    for _ in range(600):
        with suppress(OperationalError), reading(engine) as connection:  # no tables yet
            if status.last_source_run(connection, source):
                break
        time.sleep(0.1)
    engine.dispose()


def test_a_reader_that_goes_away_ends_the_export_without_a_traceback(synced: Path) -> None:
    words = (*PROGRAM, "customers", "export", "--output", "-")
    with subprocess.Popen(
        words, cwd=synced, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (1, "")


def test_the_demo_shows_the_whole_job_and_keeps_it_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shown = document(tmp_path, "demo", "--customers", str(PEOPLE), "--dir", str(folder))
    assert shown["outcome"] == "ok"
    assert {record["source"] for record in shown["customer"]["records"]} == {"thinkific", "timma"}
    second = shown["second_run"]["sources"]
    assert second["thinkific"]["streams"]["users"]["new"] == shown["changes"]["thinkific"]["accounts"]["new"] > 0
    assert second["timma"]["streams"]["clients"]["new"] == shown["changes"]["timma"]["clients"]["new"]
    assert (folder / "rekisteri.toml").stat().st_mode & 0o777 == 0o600
    engine = open_database(f"sqlite:///{folder / 'rekisteri.db'}")
    with reading(engine) as connection:
        assert registry.count(connection) == shown["second_run"]["registry"]["customers"]
    engine.dispose()


def test_the_demo_is_told_in_plain_text_without_a_terminal_and_heeds_no_setting(tmp_path: Path) -> None:
    env = {"REKISTERI_DATABASE__URL": "sqlite:///elsewhere.db", "TMPDIR": str(tmp_path)}
    shown = rekisteri(tmp_path, "demo", "--customers", str(PEOPLE), env=env, by=started)
    for words in (
        "thinkific: over HTTP",
        "timma: export files",
        "Records and their origins",
        "Nothing of this was kept",
    ):
        assert words in shown.stdout
    assert "\x1b" not in shown.stdout
    assert shown.stderr == ""
    assert list(tmp_path.iterdir()) == []
