"""Nothing of a person and no secret gets out of the database, on good days and bad ones, at log level debug."""

import csv
import http.client
import json
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from connectors.sandbox.app import Sandbox
from connectors.thinkific.sandbox import API_KEY, ThinkificSandbox
from connectors.thinkific.sandbox_events import sign
from connectors.timma.sandbox import TOKEN
from store.engine import reading
from sync.standing import standing
from tests.scenarios.daemons import Daemon, daemon
from tests.scenarios.programs import forked
from tests.scenarios.world import NOW, World, streams
from tests.waiting import until

FIRST, LAST, NOTE = "Zyqvarina", "Xölkonduori", "kipupisteqwx"
"""Syllables that occur nowhere else. Nobody is called so, and nobody has noted that."""
EMAIL, PHONE, STREET = "zyqvarina@example.org", "+358400001987", "Qwxmallikuja 7"
PLANTED = (FIRST, LAST, NOTE, EMAIL, PHONE, "0400001987", "400 001 987", STREET, API_KEY, TOKEN, "wrong-zecret")


def spoil(sandbox: Sandbox, stream: str, at: int, **wire: Any) -> str:
    """Change fields of a row as they are sent; gives the row's id."""
    rows = sandbox.streams()[stream]
    row = rows.everything()[at]
    row.edits = {**(row.edits or {}), **wire}
    rows.forget(lambda _: True)
    return str(row.record.id)


@pytest.fixture
def planted(world: World) -> World:
    """Somebody who would be recognised stands in the lists of both platforms, in good rows and in bad ones."""
    person = {"first_name": FIRST, "last_name": LAST, "email": EMAIL}
    client = {"name": f"{FIRST} {LAST}", "phone": PHONE, "email": EMAIL, "info": NOTE, "address": STREET}
    world.thinkific.edit(world.thinkific.population.accounts[0].id, **person)
    spoil(world.thinkific, "users", 1, id=None, **person)
    spoil(world.thinkific, "users", 2, created_at=NOTE, **person | {"email": f"{EMAIL}x"})
    spoil(world.thinkific, "enrollments", 0, percentage_completed=NOTE, user_name=LAST, user_email=EMAIL)
    spoil(world.thinkific, "enrollments", 1, id={LAST: EMAIL})
    spoil(world.timma, "clients", 0, **client)
    spoil(world.timma, "clients", 1, id=None, **client)
    spoil(world.timma, "clients", 2, acceptEmailMarketing=NOTE, email=f"{LAST} {EMAIL}", phone=f"{PHONE} {LAST}")
    spoil(world.timma, "bookings", 0, clientMessage=NOTE, start=LAST, clientName=LAST)
    spoil(world.timma, "bookings", 1, clientMessage=NOTE, id=None)
    world.configure("log", level="debug")
    world.configure("thinkific", requests_per_minute=60_000)
    return world


def said_by(world: World, *words: str, **env: str) -> str:
    """Everything that the program says, and everything that it leaves beside its database."""
    done = forked(world.folder, *words, env=env)
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr + "".join(_left_behind(world.folder))


def _left_behind(folder: Path) -> Iterable[str]:
    """Names of all files, and the texts of those that are neither database, configuration nor the salon's own."""
    for path in sorted(folder.rglob("*")):
        yield str(path.relative_to(folder))
        if path.is_file() and not path.name.startswith("rekisteri.") and "inbox" not in path.parts:
            yield path.read_bytes().decode("latin-1")


def leaked(text: str) -> list[str]:
    return [word for word in PLANTED if word.casefold() in text.casefold()]


def bad_answers(world: World) -> dict[str, str]:
    for sandbox in (world.thinkific, world.timma):
        sandbox.faults = "500@2,cut@4,reset@6,429@8"
    return {}


def refused_key(world: World) -> dict[str, str]:
    return {"REKISTERI_THINKIFIC__API_KEY": "wrong-zecret", "REKISTERI_TIMMA__API__TOKEN": "wrong-zecret"}


def full_database(world: World) -> dict[str, str]:
    """The database refuses every row; its own errors quote the whole statement."""
    world.tell(
        "CREATE TRIGGER refuse BEFORE INSERT ON source_record WHEN NEW.kind = 'customer' "
        "BEGIN SELECT RAISE(ABORT, 'no room for Xölkonduori'); END"
    )
    return {}


def unheard_of(world: World) -> dict[str, str]:
    """A list where an object should be, in a row that names a person."""
    spoil(world.thinkific, "users", 3, custom_profile_fields={LAST: EMAIL}, roles=LAST, first_name=[FIRST])
    spoil(world.timma, "clients", 3, name=[FIRST, {LAST: EMAIL}], deletedOn={LAST: 1})
    return {}


@pytest.mark.parametrize("trouble", [None, bad_answers, refused_key, full_database, unheard_of])
def test_nothing_of_a_person_and_no_secret_is_said_or_left_behind(
    planted: World, trouble: Callable[[World], dict[str, str]] | None
) -> None:
    env = trouble(planted) if trouble else {}
    said = said_by(planted, "sync", **env)
    assert "quarantined" in said or trouble in (refused_key, full_database)
    with reading(planted.engine) as connection:
        said += str(standing(connection, planted.settings, NOW, running=False))
    assert leaked(said) == []
    assert "nobody foresaw" not in said


def test_what_was_planted_is_in_the_database_so_that_the_above_means_something(planted: World) -> None:
    report = planted.run()
    assert sum(stream["quarantined"] for stream in streams(report).values()) >= 3
    assert {FIRST, EMAIL} <= set(leaked(str(planted.customers())))
    assert leaked(str(report)) == []
    assert LAST in str(planted.ask("SELECT fields FROM quarantine"))


def test_free_text_is_in_no_byte_of_the_database_unless_it_is_asked_for(planted: World) -> None:
    """The notes of rows that were refused are no exception."""
    planted.run()
    assert NOTE not in _bytes_of(planted)
    planted.configure("timma", notes=True)
    planted.run(full=True)
    assert NOTE in _bytes_of(planted)


def test_notes_of_a_file_are_in_no_byte_either(planted: World) -> None:
    inbox = planted.by_files()
    with (inbox / "asiakkaat.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows(
            [
                ["Asiakasnumero", "Nimi", "Puhelinnumero", "Lisätiedot", "Huomiot"],
                ["1", f"{FIRST} {LAST}", PHONE, NOTE, NOTE],
                ["1", f"{FIRST} Toinen", PHONE, NOTE, NOTE],
                ["", "", "", NOTE, NOTE],
            ]
        )
    said = said_by(planted, "sync", "--json")
    assert leaked(said) == []
    assert "quarantined" in said
    assert FIRST in _bytes_of(planted)
    assert NOTE not in _bytes_of(planted)


def _bytes_of(world: World) -> str:
    """The database and its journal, as they stand on disk."""
    world.close()
    return "".join(path.read_bytes().decode("utf-8", "ignore") for path in sorted(world.folder.glob("rekisteri.db*")))


def refused_events(world: World) -> None:
    """No delivery can be kept, and the database says so in words that quote it."""
    world.tell(
        "CREATE TRIGGER refuse_event BEFORE INSERT ON platform_event "
        "BEGIN SELECT RAISE(ABORT, 'no room for Xölkonduori'); END"
    )


def refused_changes(world: World) -> None:
    """Deliveries are kept, and what they say is refused each time that it is tried."""
    world.tell(
        "CREATE TRIGGER refuse_change BEFORE UPDATE ON source_record "
        "BEGIN SELECT RAISE(ABORT, 'no room for Xölkonduori'); END"
    )


def deliveries(school: ThinkificSandbox) -> Iterator[tuple[bytes, str]]:
    """Bodies that speak of the planted person, good and bad, and how each is signed."""
    account = school.population.accounts[4].id
    person = {"first_name": FIRST, "last_name": LAST, "email": f"x{EMAIL}"}
    good = school.envelope("user.updated", account, fields=person)
    bodies = [
        good,
        good,
        school.envelope("user.updated", account, fields=person | {"id": {LAST: EMAIL}}),
        school.envelope("user.updated", account, fields=person | {"id": None, "bio": NOTE}),
        school.envelope("user.signup", account, fields=person | {"id": 987001, "created_at": NOTE}),
        school.envelope("user.signup", account, fields=person | {"id": f"{FIRST} {LAST}"}),
        school.envelope("lead.created", account, fields=person),
        school.envelope("user.updated", account, event_id=f"{FIRST} {EMAIL}", fields=person),
        school.envelope("user.updated", account, created_at=LAST, fields=person),
        school.envelope(f"{LAST}.{FIRST}", account, fields=person),
        json.dumps([person]).encode(),
        f"{FIRST} {EMAIL}".encode(),
        json.dumps({"id": 1, "resource": "user", "action": "updated", "payload": LAST}).encode(),
    ]
    yield from ((body, sign(body, API_KEY)) for body in bodies)
    yield good, sign(good, "wrong-zecret")
    yield good, EMAIL
    yield good + b" " * 2**21, "0" * 64


def told_by(
    running: Daemon, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> str:
    """All of an answer: status, headers, body."""
    connection = http.client.HTTPConnection(urlsplit(running.url).netloc, timeout=10)
    try:
        connection.request(method, quote(path, safe="/?=&"), body, headers or {})
        answer = connection.getresponse()
        return f"{answer.status} {answer.reason}\n{answer.headers}\n{answer.read().decode()}"
    except OSError as error:  # an answer that came before the body was read may be lost with the connection
        return str(error)
    finally:
        connection.close()


@pytest.mark.parametrize("trouble", [None, refused_events, refused_changes])
def test_nothing_leaves_the_daemon_either(planted: World, trouble: Callable[[World], None] | None) -> None:
    """Whatever it is sent and asked, at log level debug: not in a line, an answer, a metric, or beside the database."""
    planted.run()
    if trouble:
        trouble(planted)
    school = planted.thinkific
    assert isinstance(school, ThinkificSandbox)
    said, statuses = "", set()
    with daemon(planted.folder) as running:
        for body, signed in deliveries(school):
            answer = told_by(running, "POST", "/webhooks/thinkific", body, {"x-thinkific-hmac-sha256": signed})
            statuses.add(answer[:3])
            said += answer
        for path in ("/", "/health", "/metrics", "/readyz", "/livez", f"/{LAST}", f"/health?{EMAIL}"):
            for language in ("fi", "en", LAST.encode("ascii", "ignore").decode()):
                said += told_by(running, "GET", path, headers={"accept-language": language, "x-name": EMAIL})
        said += told_by(running, "POST", f"/webhooks/{EMAIL}", FIRST.encode())
        said += told_by(running, f"{FIRST.upper()}", "/health")
        until(lambda: trouble is refused_events or not _waiting(planted) or "could not be processed" in running.said)
        running.process.send_signal(signal.SIGHUP)
        until(lambda: running.logged("the configuration was read again"))
        said += said_by(planted, "status") + said_by(planted, "status", "--json")
        assert running.end(signal.SIGTERM) == 0
        said += running.said
    assert leaked(said) == []
    assert {"401"} < statuses
    assert ("503" in statuses) is (trouble is refused_events)
    if trouble is None:
        assert f"x{EMAIL}" in str(planted.customers())


def _waiting(world: World) -> list[Any]:
    return world.ask("SELECT 1 FROM platform_event WHERE state = 'waiting'")
