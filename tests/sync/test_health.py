"""How healthy things are: a judgement over facts, the same for a monitor, the page and the command."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings, load
from store.health import Facts
from store.indirect import Untold
from store.status import Held
from store.upkeep import OpenBreach
from sync.health import FAIL, PASS, WARN, Check, Reason, of_database, of_process, of_registry, unwell, worst

NOW = datetime(2026, 11, 25, 12, 7, tzinfo=UTC)
CALM = Facts({}, {}, 0, 0, None, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "inbox").mkdir()
    file = tmp_path / "rekisteri.toml"
    file.write_text('[timma]\ninbox = "inbox"\n[schedule]\ntimma = "*/15 * * * *"\n[health]\nfail_after = "6h"\n')
    return load(file, env={})


def age(settings: Settings, held: Held) -> Check:
    return of_registry(replace(CALM, sources={"timma": held}), settings, NOW)[0]


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


@pytest.mark.parametrize(
    ("held", "status", "reason"),
    [
        (Held(last_ok_at=ago(minutes=7)), PASS, None),
        (Held(last_ok_at=ago(minutes=30)), PASS, None),
        (Held(last_ok_at=ago(minutes=31)), WARN, Reason.OLD),
        (Held(last_ok_at=ago(hours=6, minutes=1)), FAIL, Reason.TOO_OLD),
        (Held(), WARN, Reason.NEVER),
        (Held(failures=2, lost_since=ago(hours=1)), WARN, Reason.FAILING),
        (Held(failures=9, lost_since=ago(hours=7)), FAIL, Reason.TOO_OLD),
        (Held(last_ok_at=ago(minutes=20), failures=1, lost_since=ago(minutes=1)), WARN, Reason.FAILING),
        (Held(last_ok_at=ago(minutes=1), held_since=NOW, held_reason="look at timma.api.token"), FAIL, Reason.HELD),
        (Held(last_ok_at=NOW + timedelta(hours=3)), PASS, None),
    ],
)
def test_a_source_is_judged_by_the_age_of_its_data(
    settings: Settings, held: Held, status: str, reason: Reason | None
) -> None:
    found = age(settings, held)
    assert (found.name, found.status, found.reason) == ("sync:timma:age", status, reason)
    assert (found.output is None) == (found.advice is None) == (status == PASS)
    assert found.value is None or found.value >= 0


@pytest.mark.parametrize(
    ("at", "status", "reason"),
    [
        (None, WARN, Reason.NO_BACKUP),
        (ago(hours=25, minutes=59), PASS, None),
        (ago(hours=26, minutes=1), WARN, Reason.OLD_BACKUP),
        (NOW + timedelta(hours=1), PASS, None),
    ],
)
def test_backups_are_judged_by_the_age_of_the_newest(
    tmp_path: Path, at: datetime | None, status: str, reason: Reason | None
) -> None:
    file = tmp_path / "rekisteri.toml"
    file.write_text(f'[backup]\nrecipient = "age1{"q" * 58}"\ninterval = "26h"\n')
    checks = {check.name: check for check in of_registry(replace(CALM, backed_up_at=at), load(file, env={}), NOW)}
    found = checks["backup:age"]
    assert (found.status, found.reason) == (status, reason)
    assert (found.output is None) == (found.advice is None) == (status == PASS)
    assert (found.value is None) == (at is None)


def test_where_nobody_means_to_make_backups_none_is_missed(settings: Settings) -> None:
    assert "backup:age" not in {check.name for check in of_registry(CALM, settings, NOW)}


def test_a_night_without_runs_makes_nothing_old(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    file = tmp_path / "rekisteri.toml"
    file.write_text('[timma]\ninbox = "inbox"\n[schedule]\ntimma = "0 8-18 * * 1-5"\n[health]\nfail_after = "9d"\n')
    monday = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    facts = replace(CALM, sources={"timma": Held(last_ok_at=friday)})
    assert of_registry(facts, load(file, env={}), monday)[0].reason is None


@pytest.mark.parametrize(
    ("facts", "name", "output"),
    [
        (replace(CALM, quarantine={"timma": 2, "other": 1}), "quarantine:rows", "3 rows wait in quarantine"),
        (replace(CALM, review=1), "review:pairs", "1 pair waits for a decision"),
        (
            replace(CALM, due=(date(2026, 11, 24), date(2026, 11, 25))),
            "requests:overdue",
            "1 request waits past the due date",
        ),
        (replace(CALM, waiting=3, waiting_since=ago(minutes=11)), "events:waiting", "deliveries have waited for 660 s"),
        (replace(CALM, given_up=2), "events:waiting", "2 deliveries could not be processed"),
    ],
)
def test_what_waits_is_a_warning_with_a_way_out(settings: Settings, facts: Facts, name: str, output: str) -> None:
    found = {check.name: check for check in of_registry(facts, settings, NOW)}[name]
    assert found.status == WARN
    assert found.output is not None and found.output.startswith(output)
    assert found.advice


TOLD_LATE = OpenBreach("risk", ago(hours=73), None, None)
TO_TELL = OpenBreach("high", ago(hours=71), None, None)


@pytest.mark.parametrize(
    ("facts", "name", "reason", "value"),
    [
        ({"breaches": (OpenBreach("none", ago(days=9), None, None),)}, "breaches:open", None, 0),
        ({"breaches": (TO_TELL,)}, "breaches:open", Reason.BREACH, 1),
        ({"breaches": (TO_TELL, TO_TELL, TOLD_LATE)}, "breaches:open", Reason.BREACH_LATE, 1),
        ({"breaches": (OpenBreach("high", ago(hours=9), NOW, None),)}, "breaches:open", Reason.BREACH, 1),
        ({"reviews": {"agreements": (date(2026, 11, 26), None)}}, "agreements:review", None, 0),
        ({"reviews": {"agreements": (date(2026, 11, 25), None)}}, "agreements:review", Reason.REVIEW_DUE, 1),
        ({"reviews": {"measures": (date(2026, 11, 1),) * 2}}, "measures:review", Reason.REVIEW_DUE, 2),
        ({"untold": (Untold(ago(days=20), None, None, 3),)}, "art14:due", None, 0),
        ({"untold": (Untold(ago(days=40), None, None, 3),)}, "art14:due", Reason.UNTOLD, 3),
        ({"untold": (Untold(ago(days=20), ago(days=1), None, 3),)}, "art14:due", Reason.UNTOLD, 3),
    ],
)
def test_what_the_owner_owes_is_a_warning(
    settings: Settings, facts: dict[str, Any], name: str, reason: Reason | None, value: int
) -> None:
    found = {check.name: check for check in of_registry(replace(CALM, **facts), settings, NOW)}[name]
    assert (found.status, found.reason, found.value) == (WARN if reason else PASS, reason, value)
    assert (found.output is None) == (found.advice is None) == (reason is None)


def test_where_nothing_is_owed_nothing_is_said_of_it(settings: Settings) -> None:
    names = {check.name for check in of_registry(CALM, settings, NOW)}
    assert names.isdisjoint({"breaches:open", "agreements:review", "measures:review", "art14:due"})


def test_a_breach_says_until_when_by_finlands_clocks(settings: Settings) -> None:
    found = {check.name: check for check in of_registry(replace(CALM, breaches=(TO_TELL,)), settings, NOW)}
    assert str(found["breaches:open"].output).endswith("the authority by 25.11.2026 15.07")


@pytest.mark.parametrize(("hour", "value"), [(21, 0), (22, 1)])
def test_a_request_is_overdue_from_midnight_in_finland_on(settings: Settings, hour: int, value: int) -> None:
    facts = replace(CALM, due=(date(2026, 11, 25), date(2026, 11, 26)))
    now = NOW.replace(hour=hour)
    found = {check.name: check for check in of_registry(facts, settings, now)}["requests:overdue"]
    assert (found.status, found.value) == (WARN if value else PASS, value)


def test_what_landed_and_waits_is_a_warning_unless_a_run_is_at_it(settings: Settings) -> None:
    facts = replace(CALM, pending=True)
    found = {check.name: check for check in of_registry(facts, settings, NOW)}["registry:pending"]
    assert (found.status, found.reason) == (WARN, Reason.PENDING)
    assert "registry:pending" not in {check.name for check in of_registry(facts, settings, NOW, running=True)}


def test_deliveries_on_their_way_are_no_warning(settings: Settings) -> None:
    facts = replace(CALM, waiting=3, waiting_since=ago(seconds=20))
    assert "events:waiting" not in {check.name for check in of_registry(facts, settings, NOW)}


def test_a_dead_part_and_a_silent_database_fail() -> None:
    assert of_process({"scheduler": True, "runner": True}).status == PASS
    dead = of_process({"scheduler": True, "runner": False})
    assert (dead.name, dead.status, dead.output) == ("scheduler", FAIL, "a part of the daemon has ended: runner")
    assert of_database(4.9, 5).status == PASS
    refusing = of_database(0.1, 5, "the disk is full; make room")
    assert (refusing.status, refusing.reason) == (FAIL, Reason.REFUSING)
    assert refusing.output == "nothing can be written to the database: the disk is full; make room"
    assert of_database(7.2, 5, "the disk is full").reason is Reason.SILENT
    silent = of_database(7.2, 5)
    assert (silent.name, silent.status, silent.output) == ("database", FAIL, "the database has not answered for 7 s")


def test_the_worst_decides_and_comes_first() -> None:
    checks = [Check("a"), Check("b", WARN), Check("c", FAIL), Check("d", WARN)]
    assert (worst(checks), worst(checks[:2]), worst([])) == (FAIL, WARN, PASS)
    assert [check.name for check in unwell(checks)] == ["c", "b", "d"]
