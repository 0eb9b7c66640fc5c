"""What the daemon answers, over real sockets."""

import hmac
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as plain_text
from sqlalchemy import select

from config.errors import ConfigError
from connectors.base import Problem
from store import runs
from store.engine import make_engine, writing
from store.tables import PlatformEvent, table
from store.trial import try_writing
from sync.report import RunReport, SourceReport, StreamReport
from sync.web.deliveries import MOST_BYTES
from sync.web.server import Server
from tests.sync.web.conftest import Process
from tests.sync.web.refusing import refusing

NOW = datetime.now(UTC)


def report(**statuses: int) -> RunReport:
    source = SourceReport(requests=9, retries=2, waited_s=1.5, statuses=statuses)
    source.streams["users"] = StreamReport(fetched=5, new=3, unchanged=1, quarantined=1)
    source.problems.append(Problem(file="maija.csv", reason="a word"))
    return RunReport("run", NOW, datetime.now(UTC), sources={"thinkific": source})


def body(**fields: object) -> bytes:
    event = {
        "id": "20261125000000000000001",
        "resource": "user",
        "action": "signup",
        "created_at": "2026-11-25T12:00:00Z",
        "payload": {"id": 5, "first_name": "Testi", "last_name": "Testinen", "email": "testi@example.com"},
    }
    return json.dumps(event | fields).encode()


def signed(text: bytes, key: str = "a-key") -> dict[str, str]:
    return {"x-thinkific-hmac-sha256": hmac.new(key.encode(), text, "sha256").hexdigest()}


def test_a_process_that_can_serve_says_so(process: Process) -> None:
    assert process.ask("/livez").status == 200
    assert process.ask("/readyz").status == 200
    process.parts["scheduler"] = False
    assert process.ask("/livez").status == 200
    assert process.ask("/readyz").status == 503


def test_health_has_the_form_of_the_draft_and_the_checks_of_the_contract(process: Process) -> None:
    answer = process.ask("/health")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/health+json")
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json
    assert found["status"] == "warn"
    assert list(found["checks"]) == [
        "database", "scheduler", "sync:timma:age", "sync:thinkific:age", "quarantine:rows", "review:pairs",
        "requests:overdue",
    ]  # fmt: skip
    rows = found["checks"]["quarantine:rows"][0]
    assert (rows["status"], rows["observedValue"], rows["observedUnit"]) == ("pass", 0, "rows")
    assert datetime.fromisoformat(rows["time"]).tzinfo
    assert "never ran" in found["checks"]["sync:timma:age"][0]["output"]
    assert "output" not in rows


def test_health_fails_and_passes_by_what_the_database_tells(process: Process) -> None:
    with writing(process.engine) as connection:
        for source in ("timma", "thinkific"):
            runs.release_source(connection, source, datetime.now(UTC))
    assert process.soon(lambda: process.ask("/health").json["status"] == "pass")
    assert process.ask("/health").status == 200
    with writing(process.engine) as connection:
        runs.hold_source(connection, "thinkific", "GET /users: access refused (status 401)", NOW)
    assert process.soon(lambda: process.ask("/health").status == 503)
    answer = process.ask("/health")
    assert answer.json["status"] == "fail"
    assert "is held" in answer.json["checks"]["sync:thinkific:age"][0]["output"]


def test_a_dead_part_fails(process: Process) -> None:
    process.parts["runner"] = False
    answer = process.ask("/health")
    assert answer.status == 503
    assert answer.json["checks"]["scheduler"][0]["output"] == "a part of the daemon has ended: runner"


def test_a_database_that_takes_nothing_fails_until_it_takes_something(process: Process) -> None:
    with refusing(process.engine) as words:
        assert process.ask("/readyz").status == 200
        text = body()
        assert process.ask("/webhooks/thinkific", "POST", text, signed(text)).status == 503
        answer = process.ask("/health")
        assert answer.status == 503
        check = answer.json["checks"]["database"][0]
        assert check["status"] == "fail"
        assert check["output"].startswith(f"nothing can be written to the database: {words}")
        assert (process.ask("/readyz").status, process.ask("/livez").status) == (503, 200)
        assert "Nothing can be written to the database." in process.ask("/").text
        assert 'rekisteri_up{part="database"} 0.0' in process.ask("/metrics").text
    try_writing(process.engine)
    assert process.ask("/health").json["checks"]["database"][0]["status"] == "pass"
    assert process.ask("/webhooks/thinkific", "POST", text, signed(text)).status == 204
    assert process.ask("/readyz").status == 200


def test_nobody_waits_for_a_writer(process: Process) -> None:
    with writing(process.engine) as connection, ThreadPoolExecutor(50) as pool:
        runs.hold_source(connection, "timma", "not seen by anybody yet", NOW)
        began = time.monotonic()
        answers = list(pool.map(lambda _: process.ask("/health").json["status"], range(50)))
    assert set(answers) == {"warn"}
    assert time.monotonic() - began < 5


def test_metrics_are_openmetrics_and_every_name_is_ours(process: Process) -> None:
    process.totals.add_run(report(**{"2xx": 8, "5xx": 1}))
    process.totals.add_event("thinkific", "taken")
    process.totals.add_event("thinkific", "landed")
    answer = process.ask("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    families = list(text_string_to_metric_families(answer.text))
    assert list(plain_text(answer.text.removesuffix("# EOF\n")))
    samples = {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }
    assert {name.partition("_")[0] for name, *_ in samples} == {"rekisteri"}
    assert samples["rekisteri_runs_total", "ok", "thinkific"] == 1
    assert samples["rekisteri_runs_total", "failed", "timma"] == 0
    assert samples["rekisteri_rows_total", "new", "thinkific", "users"] == 3
    assert samples["rekisteri_requests_total", "thinkific", "5xx"] == 1
    assert samples["rekisteri_retries_total", "thinkific"] == 2
    assert samples["rekisteri_waiting_seconds_total", "thinkific"] == 1.5
    assert samples["rekisteri_run_duration_seconds_count", "thinkific"] == 1
    assert samples["rekisteri_deliveries_total", "taken", "thinkific"] == 1
    assert samples["rekisteri_events_total", "landed", "thinkific"] == 1
    assert samples["rekisteri_registry_customers",] == 0
    assert samples["rekisteri_review_pairs",] == 0
    assert samples["rekisteri_rights_requests_open",] == samples["rekisteri_rights_requests_overdue",] == 0
    assert samples["rekisteri_quarantine_rows", "timma"] == 0
    assert samples["rekisteri_up", "database"] == 1
    assert "maija" not in answer.text


@pytest.mark.parametrize(
    ("accepted", "language", "word"),
    [
        ("fi-FI,fi;q=0.9,en;q=0.8", "fi", "Lähteet"),
        ("en;q=0.5, fi", "fi", "Lähteet"),
        ("sv-FI,en;q=0.9,fi;q=0.1", "en", "Sources"),
        ("", "en", "Sources"),
        ("fi;q=x", "en", "Sources"),
    ],
)
def test_the_page_speaks_the_language_of_its_reader(process: Process, accepted: str, language: str, word: str) -> None:
    answer = process.ask("/", headers={"accept-language": accepted})
    assert (answer.status, answer.headers["content-language"]) == (200, language)
    assert f'<html lang="{language}">' in answer.text
    assert word in answer.text
    assert "<script" not in answer.text and "http" not in answer.text.replace("http-equiv", "")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_page_shows_runs_and_what_waits_and_quotes_no_reason(process: Process) -> None:
    with writing(process.engine) as connection:
        runs.begin(connection, "run", NOW, full=False)
        row = {"run_id": "run", "source": "timma", "outcome": "failed", "error": "a word", "requests": 1, "retries": 0}
        runs.note_source(connection, row | {"waited_s": 0.0}, [])
        runs.finish(connection, "run", NOW, "failed", "{}")
        runs.hold_source(connection, "timma", "look <b>yonder</b>", NOW)
    assert process.soon(lambda: "The source timma is held" in process.ask("/").text)
    text = process.ask("/").text
    assert "This needs your attention" in text and "The source timma is held" in text
    assert '<g class="failed"' in text and "1 failed" in text
    assert "yonder" not in text and "a word" not in text


def test_a_delivery_is_on_disk_before_it_is_answered(process: Process) -> None:
    text = body()
    assert process.ask("/webhooks/thinkific", "POST", text, signed(text)).status == 204
    assert process.ask("/webhooks/thinkific", "POST", text, signed(text)).status == 204
    event = table(PlatformEvent)
    with process.engine.connect() as connection:
        rows = connection.execute(select(event.c.topic, event.c.state, event.c.external_id)).all()
    assert [tuple(row) for row in rows] == [("user.signup", "waiting", "5")]
    assert process.arrived == 2
    assert (process.totals.events["thinkific", "taken"], process.totals.events["thinkific", "seen"]) == (1, 1)


@pytest.mark.parametrize(
    ("path", "text", "key", "status"),
    [
        ("thinkific", body(), "another", 401),
        ("thinkific", b"{}", "a-key", 400),
        ("thinkific", b"\xff", "a-key", 400),
        ("thinkific", b"x" * (MOST_BYTES + 1), "a-key", 413),
        ("thinkific", body(payload={"id": 1, "bio": "x" * (MOST_BYTES - 400)}), "a-key", 204),
        ("timma", body(), "a-key", 404),
        ("nobody", body(), "a-key", 404),
    ],
)
def test_what_is_no_delivery_is_turned_away(process: Process, path: str, text: bytes, key: str, status: int) -> None:
    answer = process.ask(f"/webhooks/{path}", "POST", text, signed(text, key))
    assert (answer.status, answer.body) == (status, b"")
    assert process.arrived == (status == 204)


def test_without_a_signature_nothing_is_read_into_the_registry(process: Process) -> None:
    assert process.ask("/webhooks/thinkific", "POST", body()).status == 401
    assert process.ask("/webhooks/thinkific").status == 405


@pytest.mark.parametrize(
    ("header", "sent"),
    [
        (b"transfer-encoding: chunked", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (b"content-length: 900000000", b""),
    ],
    ids=["without saying how long", "far too long"],
)
def test_a_body_that_is_too_large_is_refused_however_it_comes(process: Process, header: bytes, sent: bytes) -> None:
    where = urlsplit(process.url)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall(b"POST /webhooks/thinkific HTTP/1.1\r\nhost: x\r\n" + header + b"\r\n\r\n")
        if sent:
            connection.sendall(sent * 20 + b"0\r\n\r\n")
        answer = connection.recv(4096)
    assert b" 413 " in answer.split(b"\r\n", 1)[0]


def test_a_database_that_does_not_take_it_is_an_answer_to_come_again(process: Process, tmp_path: Path) -> None:
    text, whole = body(), process.engine
    process.engine = make_engine(f"sqlite:///{tmp_path / 'without-tables.db'}")
    answer = process.ask("/webhooks/thinkific", "POST", text, signed(text))
    process.engine.dispose()
    process.engine = whole
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")
    assert process.arrived == 0


def test_a_port_that_is_taken_is_named(process: Process) -> None:
    port = urlsplit(process.url).port
    other = Process(
        process.engine,
        process.settings.model_copy(update={"http": process.settings.http.model_copy(update={"port": port})}),
    )
    with pytest.raises(ConfigError, match=r"http\.port.*cannot listen"):
        Server(other).start()


def test_an_answer_in_flight_is_given_before_the_server_stops(process: Process) -> None:
    other = Process(process.engine, process.settings)
    server = Server(other)
    server.start()
    where, text = urlsplit(server.url), body()
    head = {**signed(text), "host": "x", "content-length": str(len(text)), "expect": "100-continue"}
    lines = ["POST /webhooks/thinkific HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall("\r\n".join(lines).encode())
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 "), "the body is waited for"
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        assert process.soon(lambda: not listens(server.url))
        time.sleep(0.3)  # what does not wait for answers ends a tenth of a second after it listens no more
        connection.sendall(text)
        assert connection.recv(4096).startswith(b"HTTP/1.1 204 ")
    stopping.join(10)
    assert (other.arrived, server.alive) == (1, False)


def listens(url: str) -> bool:
    """Whether somebody takes connections there."""
    where = urlsplit(url)
    try:
        socket.create_connection((where.hostname, where.port), timeout=10).close()
    except ConnectionError:
        return False
    return True
