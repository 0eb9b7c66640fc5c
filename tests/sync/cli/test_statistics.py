"""Statistics from the command line: figures in three forms, and nobody in any of them."""

import csv
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.records import BookingState
from store.engine import reading
from store.tables import MasterCustomer, SourceRecord, table
from tests.sync.cli.conftest import NOW, Desk
from tests.sync.declaring import declare

NAMES = ("Aatos", "Bertta", "Daavid", "Elli", "Frans", "Greta")
GROUPINGS: list[tuple[str, ...]] = [(), *(("--by", by) for by in ("month", "brand", "service", "course", "channel"))]
FORMS = ("table", "csv", "json")


@pytest.fixture
def salon(desk: Desk) -> Desk:
    """Six customers with a massage each of two days ago, and the first of them with four of another kind."""
    people = {
        name: {"first_name": name, "last_name": f"{name}nen", "phone": f"+3584055500{number:02}"}
        for number, name in enumerate(NAMES)
    }
    desk.registry.land("salon", people)
    done: dict[str, Any] = {"starts_at": NOW - timedelta(days=2), "state": BookingState.COMPLETED}
    for name in NAMES:
        desk.registry.book("salon", {f"b-{name}": done | {"service": "Hieronta"}}, name)
    desk.registry.book("salon", {f"own-{number}": done | {"service": "Aatoksen oma"} for number in range(9)}, NAMES[0])
    desk.registry.reconcile()
    return desk


def made(desk: Desk, *words: str) -> Any:
    done = desk.run("statistics", *words, "--format", "json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


def test_figures_of_enough_people_are_shown_and_audited(salon: Desk) -> None:
    found = made(salon)
    assert found["groups"] == [
        {"group": "all", "bookings": 15, "no_shows": 0, "enrollments": 0, "orders": 0, "new_customers": 6}
    ]
    by_service = made(salon, "--by", "service")
    assert by_service["groups"] == [{"group": "Hieronta", "bookings": 6, "no_shows": 0}]
    assert (by_service["totals"], by_service["unnamed"]) == ({"bookings": 6, "no_shows": 0}, 1)
    assert salon.audit() == [
        ("statistics.make", "channel_statistics", None, {"by": "all", "groups": 1, "unnamed": 0}),
        ("statistics.make", "channel_statistics", None, {"by": "service", "groups": 1, "unnamed": 1}),
    ]


def test_a_group_of_few_is_held_back_in_words(salon: Desk) -> None:
    today, long_ago = f"{NOW:%Y-%m-%d}", f"{NOW - timedelta(days=400):%Y-%m-%d}"
    shown = salon.run("statistics", "--by", "service").stdout
    assert "Aatoksen oma" not in shown and "1 group with fewer than 5 people not shown." in shown
    assert "total of what is shown" in shown
    assert made(salon, "--to", long_ago)["groups"][0]["bookings"] == 0
    assert made(salon, "--from", long_ago, "--to", today)["groups"][0]["bookings"] == 15


def test_a_restriction_takes_a_person_out_of_the_figures(salon: Desk) -> None:
    for name in NAMES[:2]:
        declare(salon.registry, f"salon:{name}", "restriction")
    done = salon.run("statistics")
    assert "<5: fewer than 5 people are behind it" in done.stdout, "four people are left"
    assert made(salon)["groups"][0]["bookings"] == "<5"


@pytest.mark.parametrize("words", GROUPINGS, ids=lambda words: "-".join(words) or "all")
def test_nothing_in_any_form_identifies_anybody(salon: Desk, words: tuple[str, ...]) -> None:
    customer, record = table(MasterCustomer), table(SourceRecord)
    with reading(salon.registry.engine) as connection:
        ids = set(connection.execute(select(customer.c.id)).scalars())
        ids |= set(connection.execute(select(record.c.external_id).where(record.c.kind != "course")).scalars())
    telling = {*ids, *NAMES, "Aatoksen oma", "+3584055500"}
    for form in FORMS:
        done = salon.run("statistics", *words, "--format", form)
        assert done.exit_code == 0
        assert [one for one in telling if one in done.stdout + done.stderr] == []


def test_a_file_is_csv_or_json_by_its_name(salon: Desk) -> None:
    for name in ("tilasto.csv", "tilasto.json"):
        assert salon.run("statistics", "--by", "channel", "--output", str(salon.folder / name)).exit_code == 0
    with (salon.folder / "tilasto.csv").open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.DictReader(file, delimiter=";")) == [
            {
                "channel": "salon",
                "bookings": "15",
                "no_shows": "0",
                "enrollments": "0",
                "orders": "0",
                "new_customers": "6",
            }
        ]
    found = json.loads((salon.folder / "tilasto.json").read_text("utf-8"))
    assert (found["by"], found["from"], found["groups"][0]["group"]) == ("channel", None, "salon")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--from", "1.1.2026"), "--from: is no date; write it as 2026-11-24"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "--to: is before --from"),
        (("--format", "table", "--output", "x.txt"), "--format: a table is for the screen"),
        (("--by", "person"), "--by"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_line(desk: Desk, words: tuple[str, ...], said: str) -> None:
    done = desk.run("statistics", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr
