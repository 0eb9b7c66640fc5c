"""`status`, and the words that are shared by reports."""

from datetime import UTC, datetime, timedelta

import pytest

from store import locks, runs, schedule
from store.engine import writing
from sync.cli.running import describe_problem, show_run
from sync.cli.showing import day, local, plain, span
from sync.crontab import following as next_run
from tests.sync.cli.conftest import NOW, Desk


@pytest.fixture
def salon(desk: Desk) -> Desk:
    """A source that is configured and has never run."""
    (desk.folder / "inbox").mkdir()
    (desk.folder / "rekisteri.toml").write_text('[timma]\ninbox = "inbox"\n[schedule]\ntimma = "0 3 * * *"\n')
    return desk


def ran(desk: Desk, outcome: str, error: str | None = None) -> None:
    with writing(desk.registry.engine) as connection:
        runs.begin(connection, "run-2", NOW, full=False)
        source = {"source": "timma", "outcome": outcome, "error": error, "requests": 3, "retries": 1, "waited_s": 0.5}
        runs.note_source(connection, {"run_id": "run-2", **source}, [])
        problem = {"file": "a.csv", "row": 7, "column": "Nimi", "reason": "damaged"}
        runs.note_problems(connection, [{"run_id": "run-2", "source": "timma", **problem}])
        runs.finish(connection, "run-2", NOW, outcome, "{}")


def test_a_source_tells_of_requests_only_where_there_were_any(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"outcome": "ok", "error": None, "problems": [], "streams": {}, "requests": 0, "retries": 0, "waited_s": 0.0}
    asked = told | {"requests": 3, "retries": 2, "waited_s": 37.507}
    show_run({"run_id": "1", "outcome": "ok", "registry": None, "sources": {"timma": told, "thinkific": asked}})
    said = capsys.readouterr().out
    assert "timma: ok\n" in said
    assert "thinkific: ok, 3 requests, 2 of them tried again, waited 38 s\n" in said


def test_a_source_that_never_ran_says_what_to_do(salon: Desk) -> None:
    shown = salon.json("status")["sources"]["timma"]
    assert (shown["last_run"], shown["age_s"], shown["held_since"]) == (None, None, None)
    assert shown["quarantine"] == {"rows": 0, "reasons": {}}
    assert "Timma never ran to its end. Run `rekisteri sync timma`" in salon.run("status").stdout
    ran(salon, "partial")  # that it ran, and yet not to its end, is said too
    assert "Timma never ran to its end." in salon.run("status").stdout


def test_a_good_run_sets_the_age_of_the_data(salon: Desk) -> None:
    ran(salon, "ok")
    with writing(salon.registry.engine) as connection:
        runs.release_source(connection, "timma", datetime.now(UTC) - timedelta(minutes=5))
    shown = salon.json("status")["sources"]["timma"]
    assert 300 <= shown["age_s"] < 330
    assert shown["last_run"]["problems"] == [{"file": "a.csv", "row": 7, "column": "Nimi", "reason": "damaged"}]
    assert "timma: its last run wants you to look at:\n  a.csv, row 7, Nimi: damaged" in salon.run("status").stdout


def test_a_held_source_says_why(salon: Desk) -> None:
    ran(salon, "failed", "the platform refuses us")
    with writing(salon.registry.engine) as connection:
        runs.hold_source(connection, "timma", "look at timma.api.token", NOW)
    assert salon.json("status")["sources"]["timma"]["held_reason"] == "look at timma.api.token"
    shown = salon.run("status")
    assert "look at timma.api.token" in shown.stdout
    assert shown.exit_code == 0


def test_it_judges_as_health_does_and_says_what_to_do(salon: Desk) -> None:
    ran(salon, "failed", "the platform is down")
    with writing(salon.registry.engine) as connection:
        runs.release_source(connection, "timma", datetime.now(UTC) - timedelta(minutes=5))
    assert salon.json("status")["health"]["status"] == "pass"
    assert "All is well." in salon.run("status").stdout
    with writing(salon.registry.engine) as connection:
        for _ in range(2):
            schedule.failed(connection, "timma", NOW)
    shown = salon.json("status")
    assert shown["health"]["status"] == "warn"
    assert shown["health"]["checks"]["sync:timma:age"]["reason"] == "failing"
    assert (shown["sources"]["timma"]["failures"], shown["sources"]["timma"]["lost_since"][:10]) == (2, f"{NOW:%F}")
    said = salon.run("status").stdout
    assert "Something waits for you" in said and "The last runs of timma failed. It is tried again by itself." in said


def test_what_the_daemon_means_to_do_is_told_only_where_one_is_running(salon: Desk) -> None:
    planned = datetime(2099, 1, 1, tzinfo=UTC)
    with writing(salon.registry.engine) as connection:
        schedule.plan(connection, "timma", planned)
    alone = salon.json("status")
    assert alone["daemon"] is False and alone["health"]["checks"].keys() == {
        "database", "sync:timma:age", "quarantine:rows", "review:pairs", "requests:overdue",
    }  # fmt: skip
    assert alone["sources"]["timma"]["next_run_at"] < "2099"
    assert "No daemon is running" in salon.run("status").stdout
    with locks.holding(salon.registry.engine, "instance"):
        assert salon.json("status")["sources"]["timma"]["next_run_at"] == "2099-01-01T00:00:00.000Z"
        assert "The daemon is running." in salon.run("status").stdout


def test_a_run_that_a_crash_cut_has_failed_and_one_in_progress_has_not(salon: Desk) -> None:
    cut = salon.json("status")
    assert (cut["running"], cut["last_run"]["outcome"]) == (False, "failed")
    with locks.holding(salon.registry.engine, "run"):
        going = salon.json("status")
    assert (going["running"], going["last_run"]["outcome"]) == (True, "running")


def test_one_pair_is_said_in_the_singular(people: Desk) -> None:
    assert people.json("status")["registry"]["review"] == 1
    assert "1 pair waits for your decision" in people.run("status").stdout


def test_requests_and_what_they_make_to_be_done_elsewhere_are_told(people: Desk) -> None:
    assert people.json("status")["requests"] == {"open": 0, "next_due": None, "tasks": {}}
    opened = people.json("request", "open", "--type", "rectification", "--customer", "salon:both")
    said = people.run("status").stdout
    assert f"1 request waits for your answer, the next by {day(opened['due_at'])}: `rekisteri request list`." in said
    id_ = str(opened["id"])
    people.json("request", "identify", id_, "--method", "in person")
    people.json("request", "apply", id_, "--field", "last_name", "--value", "Oikea")
    assert len(people.json("request", "tasks", id_)["tasks"]) == 1
    assert people.json("status")["requests"]["tasks"] == {id_: 1}
    people.json("request", "close", id_, "--outcome", "fulfilled")
    said = people.run("status").stdout
    assert f"1 task waits to be done elsewhere, of request {id_}: `rekisteri request tasks {id_}`." in said
    assert "for your answer" not in said


def test_without_a_source_it_says_so(desk: Desk) -> None:
    assert "No source is configured" in desk.run("status").stdout


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        ("*/15 * * * *", "2026-11-24T07:01:00+00:00", "2026-11-24T07:15:00+00:00"),
        ("0 3 * * *", "2026-06-01T12:00:00+00:00", "2026-06-02T00:00:00+00:00"),  # summer time
        ("0 3 * * *", "2026-12-01T12:00:00+00:00", "2026-12-02T01:00:00+00:00"),
        ("0 3 * * 1", "2026-11-24T12:00:00+00:00", "2026-11-30T01:00:00+00:00"),  # 1 is Monday
    ],
)
def test_the_next_run_is_due_by_the_clocks_of_finland(schedule: str, now: str, due: str) -> None:
    assert next_run(schedule, datetime.fromisoformat(now)).astimezone(UTC).isoformat() == due


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7199, "1 h"), (86_400, "24 h"), (200_000, "2 days")],
)
def test_a_span_is_said_in_one_unit(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_time_is_finlands_for_people() -> None:
    assert local("2026-11-24T07:05:00.000Z") == "24.11.2026 9.05"
    assert local(None) is None


def test_text_of_a_platform_cannot_steer_the_terminal() -> None:
    assert plain("\x1b[31mred\x07\nÄ") == "�[31mred�\nÄ"


def test_a_problem_names_its_place_where_it_has_one() -> None:
    assert describe_problem({"reason": "all of it"}) == "all of it"
