"""The salon by the files that it downloads itself: what is read, what is left, what is never taken."""

import csv
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.people import Population
from connectors.timma.sandbox import export_files
from tests.scenarios.world import TODAY, Report, World, people, reasons, streams, who_is_who

NOBODY = ("new", "changed", "unchanged", "quarantined")


@pytest.fixture(autouse=True)
def _quick_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The two looks at a file a tenth of a second apart: the whole second has its test with the inbox."""
    monkeypatch.setattr("connectors.files.inbox.LOOK_APART_S", 0.1)


@pytest.fixture
def inbox(world: World) -> Path:
    """The inbox of a salon that is read by files alone."""
    inbox = world.by_files()
    del world.tree["thinkific"]
    world.configure("timma")
    return inbox


def salon(crowd: Population) -> list[Any]:
    return [row for row in crowd.clients if row.deleted_on is None]


def write(path: Path, *rows: list[str], encoding: str = "utf-8-sig") -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


def numbers(report: Report, stream: str = "clients") -> tuple[int, ...]:
    return tuple(streams(report)[stream][name] for name in NOBODY)


@pytest.mark.parametrize(
    "how",
    [
        {"encoding": "utf-8-sig"},
        {"encoding": "cp1252"},
        {"encoding": "utf-16", "delimiter": "\t"},
        {"form": "xlsx"},
        {"encoding": "cp1252", "ids": False},
    ],
    ids=lambda how: "-".join(map(str, how.values())),
)
def test_customers_and_bookings_are_read_whatever_program_wrote_them(
    any_world: World, calm_world: World, how: dict[str, Any]
) -> None:
    crowd = people()
    for one in (any_world, calm_world):
        del one.tree["thinkific"]
    export_files(crowd, calm_world.by_files())
    calm_world.run()
    export_files(crowd, any_world.by_files(), **how)
    report = any_world.run()
    assert report["outcome"] == "ok"
    assert numbers(report)[3] == numbers(report, "bookings")[3] == 0
    seen = [world.customers() for world in (any_world, calm_world)]
    shown = [sorted(_shown(customer) for customer in customers) for customers in seen]
    assert shown[0] == shown[1]
    assert any("ä" in str(name) for name, *_ in shown[0])
    assert sum(len(customer["bookings"]) for customer in seen[0]) > len(crowd.bookings) / 2


def _shown(customer: dict[str, Any]) -> tuple[str, ...]:
    """What does not depend on whether the file has customer numbers."""
    bookings = sorted((b["starts_at"], b["service"], b["state"]) for b in customer["bookings"])
    return tuple(map(str, (customer["name"], customer["emails"], customer["phones"], bookings)))


def test_the_same_file_again_brings_nothing_and_a_full_run_reads_it_again(world: World, inbox: Path) -> None:
    export_files(people(), inbox)
    first = world.run()
    before = world.customers()
    again = world.run()
    assert numbers(again) == numbers(again, "bookings") == (0, 0, 0, 0)
    for path in inbox.iterdir():
        (inbox / f"kopio-{path.name}").write_bytes(path.read_bytes())
    assert numbers(world.run()) == (0, 0, 0, 0)
    full = world.run(full=True)
    assert numbers(full) == (0, 0, streams(first)["clients"]["new"], 0)
    assert world.customers() == before


def test_a_newer_file_changes_and_adds_and_its_silence_deletes_nobody(world: World, inbox: Path) -> None:
    crowd = people()
    export_files(crowd, inbox)
    world.run()
    before = world.live("clients")
    later = crowd.change(1, 0.1)
    later.clients = [row for row in later.clients if row.id != crowd.clients[0].id]
    export_files(later, inbox)
    report = world.run()
    assert report["outcome"] == "ok"
    new, changed, *_ = numbers(report)
    assert new > 0 < changed
    assert streams(report)["clients"]["vanished"] == 0
    assert before < world.live("clients")


@pytest.mark.parametrize(
    "name", ["asiakkaat.csv.part", ".asiakkaat.csv", "~$asiakkaat.xlsx", "asiakkaat.csv.crdownload"]
)
def test_a_download_in_progress_is_left_alone(world: World, inbox: Path, name: str) -> None:
    for path in export_files(people(), inbox, what=["customers"]):
        path.rename(inbox / name)
    assert numbers(world.run()) == (0, 0, 0, 0)
    (inbox / name).rename(inbox / "asiakkaat.csv")
    assert numbers(world.run())[0] == len(salon(people()))


def test_a_file_that_is_still_being_written_is_read_by_the_next_run(world: World, inbox: Path) -> None:
    """The rows come while the program looks at the file: it sees it grow between its two looks."""
    path = inbox / "asiakkaat.csv"
    stop = threading.Event()

    def keep_writing() -> None:
        with path.open("w", encoding="utf-8") as file:
            file.write("Asiakasnumero;Nimi;Puhelinnumero\n")
            number = 0
            while not stop.wait(0.02):
                number += 1
                file.write(f"{number};Testi Henkilö{number};+35840000{number:04d}\n")
                file.flush()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        assert numbers(world.run()) == (0, 0, 0, 0)
    finally:
        stop.set()
        writer.join()
    rows = len(path.read_text("utf-8").splitlines()) - 1
    assert numbers(world.run())[0] == rows > 0


@pytest.mark.parametrize("after_import", ["archive", "delete", "keep"])
def test_what_becomes_of_a_file_that_is_in(world: World, inbox: Path, after_import: str) -> None:
    world.configure("timma", after_import=after_import)
    export_files(people(), inbox)
    world.run()
    left = sorted(str(path.relative_to(inbox)) for path in inbox.rglob("*.csv"))
    assert (
        left
        == {
            "archive": ["archive/asiakkaat.csv", "archive/varaukset.csv"],
            "delete": [],
            "keep": ["asiakkaat.csv", "varaukset.csv"],
        }[after_import]
    )
    assert numbers(world.run()) == (0, 0, 0, 0)


def test_a_file_that_nobody_can_read_is_reported_and_stays(world: World, inbox: Path) -> None:
    world.configure("timma", after_import="delete")
    (inbox / "kuva.csv").write_bytes(bytes(range(256)) * 40)
    (inbox / "muistio.csv").write_text("eilen;tänään\nx;y\n", "utf-8")
    export_files(people(), inbox)
    report = world.run()
    assert numbers(report)[0] == len(salon(people()))
    assert {problem.get("file") for problem in report["sources"]["timma"]["problems"]} >= {"kuva.csv", "muistio.csv"}
    assert sorted(path.name for path in inbox.iterdir()) == ["kuva.csv", "muistio.csv"]


def test_a_booking_finds_its_customer_by_number_phone_address_or_name(any_world: World) -> None:
    del any_world.tree["thinkific"]
    inbox = any_world.by_files()
    write(
        inbox / "asiakkaat.csv",
        ["Asiakasnumero", "Etunimi", "Sukunimi", "Puhelinnumero", "Sähköposti"],
        ["1", "Testi", "Numero", "", ""],
        ["2", "Testi", "Puhelin", "0400 000 201", ""],
        ["3", "Testi", "Posti", "", "posti@example.com"],
        ["4", "Testi", "Nimekäs", "", "nimekas@example.com"],
        ["5", "Äiti", "Perhe", "0400 000 202", ""],
        ["6", "Lapsi", "Perhe", "0400 000 202", ""],
        ["7", "Sama", "Nimi", "", "sama1@example.com"],
        ["8", "Sama", "Nimi", "", "sama2@example.com"],
    )
    write(
        inbox / "varaukset.csv",
        ["Varausnumero", "Asiakasnumero", "Asiakas", "Puhelinnumero", "Sähköposti", "Alkaa", "Palvelu", "Tila"],
        ["a", "1", "Aivan Muu", "", "", "2.3.2026 10.00", "Hieronta", "Toteutunut"],
        ["b", "", "Testi Puhelin", "+358400000201", "", "2.3.2026 11.00", "Hieronta", "Toteutunut"],
        ["c", "", "Testi Posti", "", "posti@example.com", "2.3.2026 12.00", "Hieronta", "Peruttu"],
        ["d", "", "Testi Nimekäs", "", "", "2.3.2026 13.00", "Hieronta", "Ei saapunut"],
        ["e", "", "Lapsi Perhe", "0400000202", "", "2.3.2026 14.00", "Hieronta", "Toteutunut"],
        ["f", "", "Sama Nimi", "", "", "2.3.2026 15.00", "Hieronta", "Toteutunut"],
        ["g", "", "Outo Vieras", "0400000299", "", "2.3.2026 16.00", "Hieronta", "Toteutunut"],
    )
    report = any_world.run()
    assert (numbers(report), numbers(report, "bookings")) == ((8, 0, 0, 0), (7, 0, 0, 0))
    owners = {
        booking["external_id"]: [record["external_id"] for record in customer["records"]]
        for customer in any_world.customers()
        for booking in customer["bookings"]
    }
    assert sorted((booking[-1], *owner) for booking, owner in owners.items()) == [
        ("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "6"),
    ]  # fmt: skip
    assert any_world.customer_of("4")["no_show_count"] == 1
    assert streams(any_world.run(full=True))["bookings"]["changed"] == 0


CODE = "310190-999A"
"""Of an identity code's shape, and of nobody: the check character is wrong."""


def test_identity_codes_are_dropped_counted_and_nowhere_on_disk(any_world: World) -> None:
    del any_world.tree["thinkific"]
    inbox = any_world.by_files(notes=True)
    write(
        inbox / "asiakkaat.csv",
        ["Asiakasnumero", "Nimi", "Henkilötunnus", "Puhelinnumero", "Lisätiedot"],
        ["1", "Testi Eka", CODE, "0400 000 211", f"hetu {CODE}"],
        ["2", f"Testi {CODE}", CODE.lower(), "0400 000 212", ""],
        ["", "", CODE, "", ""],
        ["4", "", CODE, f"{CODE}", f"{CODE}"],
    )
    report = any_world.run()
    assert streams(report)["clients"]["masked"] >= 6
    assert "identity codes are never read" in reasons(report)
    shown = str(report) + str(any_world.customers(notes=True))
    assert CODE.lower() not in shown.lower()
    assert "[masked]" in shown
    any_world.close()
    for stored in _everything(any_world):
        assert CODE.lower() not in stored.lower()


def _everything(world: World) -> list[str]:
    """The database: its file's bytes, or every row of every table."""
    if world.url.startswith("sqlite"):
        paths = sorted(world.folder.glob("rekisteri.db*"))
        assert paths
        return [path.read_bytes().decode("latin-1") for path in paths]
    names = world.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    assert len(names) > 10
    return [str(world.ask(f"SELECT * FROM {name}")) for (name,) in names]


def test_files_and_rest_together_end_in_what_rest_says_and_a_full_run_too(world: World, calm_world: World) -> None:
    """A file is a picture of some day, the interface says how it is now: so it comes last."""
    before, now = people(), people().change(1, 0.1)
    world.platforms.calm(now)
    for one in (world, calm_world):
        one.configure("timma", api={"history_from": str(TODAY - timedelta(days=800))})
    calm_world.run()
    inbox = world.folder / "inbox"
    inbox.mkdir()
    export_files(before, inbox)
    world.configure("timma", inbox=str(inbox))
    for wish in ({}, {}, {"full": True}):
        assert world.run(**wish)["outcome"] == "ok"
        shown = [sorted(_shown(customer) for customer in one.customers()) for one in (world, calm_world)]
        assert shown[0] == shown[1]
    assert who_is_who(world.customers()) == who_is_who(calm_world.customers())
