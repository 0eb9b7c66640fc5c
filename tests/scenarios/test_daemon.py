"""The daemon as a service manager, a monitor and a platform meet it: a process, signals, sockets."""

import json
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from connectors.thinkific.sandbox import API_KEY
from connectors.thinkific.sandbox_events import sign
from store import locks, status
from store.engine import reading
from sync.run import Wish, run
from tests.scenarios.conftest import environment
from tests.scenarios.daemons import PROGRAM, daemon, sync
from tests.scenarios.world import Platforms, World
from tests.waiting import until

SLOW = "slow:60@*"


def test_what_is_late_is_read_at_once_and_a_signal_ends_it_gently(any_world: World, calm_world: World) -> None:
    with daemon(any_world.folder) as running:
        assert running.ask("/readyz")[0] == 200
        until(lambda: running.is_read("timma") and running.is_read("thinkific"))
        checks = running.health()["checks"]
        assert (checks["database"][0]["status"], checks["scheduler"][0]["status"]) == ("pass", "pass")
        counted = 'rekisteri_runs_total{outcome="ok",source="timma"} 1.0'
        until(lambda: counted in running.ask("/metrics")[1].decode())
        assert running.end(signal.SIGTERM) == 0
    assert [line["status"] for line in running.logged("the daemon has ended")] == [0]
    calm_world.run()
    assert any_world.portrait() == calm_world.portrait()
    last = any_world.ask("SELECT trigger, outcome FROM run")
    assert [tuple(row) for row in last] == [("schedule", "ok")]
    with reading(any_world.engine) as connection:
        assert status.held(connection, "timma").next_run_at is not None


def test_a_stop_in_the_midst_of_a_pull_keeps_the_page_in_hand(world: World, calm_world: World) -> None:
    world.configure("timma", api={"requests_per_minute": 20})
    with daemon(world.folder) as running:
        until(lambda: world.ask("SELECT 1 FROM source_run WHERE source = 'thinkific'"))
        began = time.monotonic()
        assert running.end(signal.SIGINT) == 0
        assert time.monotonic() - began < 10
    assert [tuple(row) for row in world.ask("SELECT outcome FROM run")] == [("partial",)]
    world.configure("timma", api={"requests_per_minute": 60_000})
    assert world.run()["outcome"] == "ok"
    calm_world.run()
    assert world.portrait() == calm_world.portrait()


def test_a_platform_that_is_silent_does_not_hold_up_the_end(world: World) -> None:
    world.timma.faults = SLOW
    with daemon(world.folder) as running:
        until(lambda: world.timma.faulted["slow"])
        began = time.monotonic()
        assert running.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 10


def test_a_second_signal_ends_it_at_once(world: World, calm_world: World) -> None:
    world.timma.faults = SLOW
    with daemon(world.folder) as running:
        until(lambda: world.timma.faulted["slow"])
        began = time.monotonic()
        while running.process.poll() is None:  # two signals that come before the first is heard are one
            running.process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        assert running.process.returncode == -signal.SIGTERM
        assert time.monotonic() - began < 3
    world.timma.faults = ""
    calm_world.run()
    world.run()
    assert world.portrait() == calm_world.portrait()


def test_a_source_that_is_lost_is_told_once_and_taken_back_with_the_mended_configuration(world: World) -> None:
    world.configure("thinkific", api_key="wrong")
    with daemon(world.folder) as running:
        until(lambda: running.logged("a source is lost", source="thinkific"))
        until(lambda: running.health()["checks"]["sync:thinkific:age"][0]["status"] == "fail")
        assert running.ask("/health")[0] == 503
        until(lambda: running.is_read("timma"))
        world.configure("thinkific", api_key=API_KEY)
        running.process.send_signal(signal.SIGHUP)
        until(lambda: running.logged("a source is back", source="thinkific"))
        until(lambda: running.is_read("thinkific"))
        assert running.ask("/health")[0] == 200
        assert running.end(signal.SIGTERM) == 0
    assert len(running.logged("a source is lost")) == 1
    assert running.logged("a source is lost")[0]["run"]


def test_a_configuration_that_cannot_be_used_changes_nothing(world: World) -> None:
    with daemon(world.folder) as running:
        until(lambda: running.is_read("timma") and running.is_read("thinkific"))
        file = world.folder / "rekisteri.toml"
        good = file.read_text("utf-8")
        file.write_text(good + "\n[nonsense]\nx = 1\n", "utf-8")
        running.process.send_signal(signal.SIGHUP)
        until(lambda: running.logged("the configuration was not taken over"))
        assert running.ask("/livez")[0] == 200
        world.configure("health", fail_after="1s")
        running.process.send_signal(signal.SIGHUP)
        until(lambda: running.logged("the configuration was read again"))
        until(lambda: running.health()["status"] == "fail")
        assert running.end(signal.SIGTERM) == 0


def test_what_a_cut_run_left_waiting_is_taken_in_at_the_start(world: World) -> None:
    world.run()
    world.tell("INSERT INTO reconcile_queue (record_id) SELECT record_id FROM link")
    world.configure("schedule", timma="0 4 1 1 *", thinkific="0 4 1 1 *")
    with daemon(world.folder) as running:
        until(lambda: not world.ask("SELECT 1 FROM reconcile_queue LIMIT 1"))
        assert running.end(signal.SIGTERM) == 0


def test_a_folder_that_is_gone_holds_its_source_alone(world: World) -> None:
    inbox = world.by_files()
    assert world.run()["outcome"] == "ok"
    settings = world.settings
    inbox.rmdir()
    report = run(world.engine, settings, Wish()).as_dict()
    assert {name: source["outcome"] for name, source in report["sources"].items()} == {
        "timma": "failed", "thinkific": "ok",
    }  # fmt: skip
    assert "timma.inbox" in str(world.held("timma"))
    inbox.mkdir()
    assert run(world.engine, settings, Wish()).as_dict()["outcome"] == "ok"
    assert world.held("timma") is None


@pytest.mark.parametrize("moment", ["at the start", "later"])
def test_without_a_source_there_is_nothing_to_run(world: World, moment: str) -> None:
    file = world.folder / "rekisteri.toml"
    good = file.read_text("utf-8")
    bare = f'[database]\nurl = "{world.url}"\n'
    if moment == "at the start":
        file.write_text(bare, "utf-8")
        with daemon(world.folder, up=False) as running:
            assert running.process.wait(90) == 2
        assert "no source is configured" in running.said
        return
    file.write_text(good, "utf-8")
    with daemon(world.folder) as running:
        until(lambda: running.logged("a run has ended"))
        file.write_text(bare, "utf-8")
        running.process.send_signal(signal.SIGHUP)
        until(lambda: running.logged("the configuration was not taken over"))
        assert "sync:timma:age" in running.health()["checks"]
        assert running.end(signal.SIGTERM) == 0


def test_a_second_one_is_status_3_and_a_sync_beside_it_works(world: World) -> None:
    with daemon(world.folder) as running:
        until(lambda: running.is_read("timma") and running.is_read("thinkific"))
        second = subprocess.run(
            (*PROGRAM, "daemon"), cwd=world.folder, env=environment(), capture_output=True, text=True, check=False
        )
        assert (second.returncode, second.stderr.count("\n")) == (3, 1)
        assert sync(world.folder) == 0
        assert running.ask("/livez")[0] == 200


def test_a_port_that_is_taken_is_status_2(world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with daemon(world.folder, up=False, REKISTERI_HTTP__PORT=port) as running:
            assert running.process.wait(90) == 2
    assert "http.port" in running.said and "Traceback" not in running.said


def test_a_standby_needs_postgresql(world: World) -> None:
    with daemon(world.folder, "--standby", up=False) as running:
        assert running.process.wait(90) == 2
    assert "needs PostgreSQL" in running.said


def test_a_service_manager_is_told_how_it_goes(world: World, tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name)
        manager.settimeout(60)
        heard: list[str] = []
        with daemon(world.folder, NOTIFY_SOCKET=name, WATCHDOG_USEC="400000") as running:
            while heard.count("WATCHDOG=1") < 3:
                heard += manager.recv(4096).decode().splitlines()
            assert running.end(signal.SIGTERM) == 0
        while "STOPPING=1" not in heard:
            heard += manager.recv(4096).decode().splitlines()
    assert heard[0] == "READY=1"
    assert any(line.startswith("STATUS=") for line in heard)
    assert heard.index("WATCHDOG=1") < heard.index("STOPPING=1")


def test_a_standby_takes_over_when_the_first_one_is_killed(tmp_path: Path, postgresql_url: str, world: World) -> None:
    world.tree["database"] = {"url": postgresql_url}
    world.configure("log", level="info")
    with daemon(world.folder) as first, daemon(world.folder, "--standby", up=False) as second:
        until(lambda: second.logged("another daemon is running; waiting to take over"))
        first.process.kill()
        began = time.monotonic()
        until(lambda: second.logged("the daemon is up"), within_s=30)
        assert time.monotonic() - began < 30
        until(lambda: second.is_read("timma"))
        assert second.end(signal.SIGTERM) == 0


def test_who_lost_its_lock_to_another_ends_with_3(tmp_path: Path, postgresql_url: str, platforms: Platforms) -> None:
    """As when PostgreSQL was restarted, and the standby was the first to be back."""
    world = World(tmp_path, postgresql_url, platforms)
    with daemon(world.folder) as running:
        until(lambda: running.is_read("timma"))
        ended = world.ask(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks"
            " WHERE locktype = 'advisory' AND objsubid = 1 AND objid = :key AND pid <> pg_backend_pid()",
            key=locks.KEYS["instance"],
        )
        assert [tuple(row) for row in ended] == [(True,)]
        with locks.holding(world.engine, "instance"):
            assert running.process.wait(90) == 3
    assert running.logged("another daemon has taken over; this one ends")
    assert "Traceback" not in running.said
    world.close()


def test_a_standby_that_waits_is_ended_by_a_signal(postgresql_url: str, world: World) -> None:
    world.tree["database"] = {"url": postgresql_url}
    world.configure("log", level="info")
    with daemon(world.folder), daemon(world.folder, "--standby", up=False) as second:
        until(lambda: second.logged("another daemon is running; waiting to take over"))
        assert second.end(signal.SIGTERM) == 0


def test_what_a_platform_sends_is_in_the_registry_within_a_second(any_world: World) -> None:
    any_world.run()
    with daemon(any_world.folder) as running:
        user = json.loads(any_world.thinkific.users.bytes_of(any_world.thinkific.users.everything()[0]))
        body = any_world.thinkific.envelope("user.updated", str(user["id"]), fields={"last_name": "Uusinimi"})
        began = time.monotonic()
        answer = running.ask("/webhooks/thinkific", body, {"X-Thinkific-Hmac-Sha256": sign(body, API_KEY)})
        assert answer == (204, b"")
        until(lambda: any_world.customer_of(str(user["id"]))["last_name"] == "Uusinimi" or _named(any_world, user))
        assert time.monotonic() - began < 20
        assert running.ask("/webhooks/thinkific", body, {"X-Thinkific-Hmac-Sha256": "0" * 64})[0] == 401
        counted = 'rekisteri_events_total{outcome="landed",source="thinkific"} 1.0'
        until(lambda: counted in running.ask("/metrics")[1].decode())
        assert running.end(signal.SIGTERM) == 0
    record = next(r for r in any_world.customer_of(str(user["id"]))["records"] if r["source"] == "thinkific")
    assert record["retrieved_from"] == "event user.updated"


def _named(world: World, user: dict[str, object]) -> bool:
    """Whether some record of the person says the new name, where another source's name is the golden one."""
    rows = world.ask(
        "SELECT payload FROM source_record WHERE stream = 'users' AND external_id = :id", id=str(user["id"])
    )
    return "Uusinimi" in rows[0][0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_while_it_starts_leaves_nothing_behind(world: World, number: int) -> None:
    with daemon(world.folder, up=False) as running:
        until((world.folder / "rekisteri.db").exists)
        running.process.send_signal(number)
        assert running.process.wait(60) is not None
    assert "Traceback" not in running.said
    assert world.run()["outcome"] == "ok"
