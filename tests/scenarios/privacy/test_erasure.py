"""An erasure from the request to the next sync: who asked is gone, and whoever is near to them is whole."""

import multiprocessing
import os
import sys
import time
from pathlib import Path
from random import Random

import pytest

from config.settings import load
from store.engine import make_engine
from tests.privacy.searching import everything, forms, in_files, in_tables
from tests.scenarios.conftest import THOROUGH
from tests.scenarios.privacy.house import AINO, CHILD, EERO, House

HERS = forms("Aino", "Aino Malli", "Aino.Malli@example.com", "Mallikatu 1") - {"aino"}
"""Of Aino what is not her child's too: he bears her last name and has her phone. The match model lists the folded first
name as one that many people have."""
KILLS = 40 if THOROUGH else 5
INBOXES = ("salon", "school")
FORKS = multiprocessing.get_context("forkserver")


def found(house: House) -> dict[str, set[str]]:
    """Where she can be read: tables and files, but the inboxes, which are the owner's."""
    settings = load(house.folder / "rekisteri.toml", env={})
    engine = make_engine(settings.database.url.get_secret_value())
    try:
        return in_tables(engine, HERS) | in_files(house.folder, HERS, but=INBOXES)
    finally:
        engine.dispose()


def test_r57_who_is_erased_is_gone_and_does_not_come_back_and_the_child_stays(house: House) -> None:
    child, eero = house.show("timma:2"), house.show("timma:3")
    assert {"source_record", "golden_value", "rekisteri.db"} <= found(house).keys()
    request = house.ask("erasure", "timma:1")
    done = house.json("request", "erase", request, "--yes")
    assert found(house) == {}
    assert {(one["source"], one["file"]) for one in done["files"]} == {
        ("timma", "asiakkaat-0.csv"), ("timma", "varaukset.csv"), ("school", "osallistujat.csv"),
    }  # fmt: skip
    assert sorted(task["party"] for task in done["tasks"]) == ["Muu kurssien jälleenmyyjä", "Timma Oy"]
    assert all("delete" in task["what"] for task in done["tasks"])

    house.salon(("1", "Aino", "Uusi", *AINO[3:]), CHILD, EERO)
    house.sync()
    assert found(house) == {}
    house.run("customers", "show", "timma:1", status=1)
    assert {key: value for key, value in house.show("timma:2").items() if key != "records"} == {
        key: value for key, value in child.items() if key != "records"
    }
    assert house.show("timma:3")["id"] == eero["id"]


def test_r57_nothing_of_the_person_is_said_on_either_stream(house: House) -> None:
    request = house.ask("erasure", "timma:1")
    for words in (("--dry-run",), ("--yes",), ("--yes",)):
        done = house.run("request", "erase", request, *words)
        assert not {form for form in HERS if form in done.stdout + done.stderr}


def test_r57_an_archived_file_is_named_and_one_that_nobody_can_read(house: House) -> None:
    archive = house.folder / "salon" / "archive"
    archive.mkdir()
    (house.folder / "salon" / "asiakkaat-0.csv").rename(archive / "vanhat.csv")
    (house.folder / "salon" / "rikki.csv").write_text('Nimi;Puh\n"Aino', "utf-8")
    request = house.ask("erasure", "timma:1")
    files = house.json("request", "erase", request, "--dry-run")["files"]
    assert {(one["file"], one["read"]) for one in files if one["source"] == "timma"} == {
        ("archive/vanhat.csv", True), ("rikki.csv", False), ("varaukset.csv", True),
    }  # fmt: skip
    said = house.run("request", "erase", request, "--yes").stdout
    assert "after_import" in said
    assert "rikki.csv" in said


def test_r57_the_child_goes_and_the_mother_stays_whole(house: House) -> None:
    aino = house.show("timma:1")
    request = house.ask("erasure", "timma:2")
    files = house.json("request", "erase", request, "--yes")["files"]
    assert [one["file"] for one in files] == ["asiakkaat-0.csv"]
    house.salon(AINO, ("2", "Otso", "Malli", "0400 000 501", "", "", "", "", "", ""), EERO)
    house.sync()
    after = house.show("timma:1")
    kept = ("id", "name", "emails", "phones", "address", "bookings", "marketing")
    assert {name: after[name] for name in kept} == {name: aino[name] for name in kept}
    house.run("customers", "show", "timma:2", status=1)


def erase_in_a_process(folder: Path, request: str) -> None:
    """`rekisteri request erase`, in a process that may be killed; what it says is thrown away."""
    from sync.cli import main

    os.chdir(folder)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    sys.argv = ["rekisteri", "request", "erase", request, "--yes"]
    main()


def test_r57_a_kill_at_any_moment_leaves_the_person_whole_or_gone(
    house: House, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """And the next call finishes what is left to do."""
    request = house.ask("erasure", "timma:1")
    rng, outcomes = Random(7), set[bool]()
    FORKS.set_forkserver_preload([__name__, "sync.cli.erase", "sync.erasing", "sync.run", "privacy.key"])
    before, lasts = _tables(house), 0.0
    for number in range(60):
        if number > KILLS and len(outcomes) == 2:
            break
        copy = house.copy(tmp_path_factory.mktemp(f"copy-{number}"))
        process = FORKS.Process(target=erase_in_a_process, args=(copy.folder, request))
        began = time.monotonic()
        process.start()
        if number:  # the first one tells how long it takes
            process.join(lasts * rng.random() * 1.2)
            process.kill()
        process.join()
        lasts = lasts or time.monotonic() - began
        whole = _tables(copy) == before
        outcomes.add(whole)
        if not whole:
            left = {name for name in found(copy) if not name.startswith("rekisteri.db")}
            assert left == set(), "in no table any more, though perhaps in the file still"
        copy.json("request", "erase", request, "--yes")
        assert found(copy) == {}
    copy.sync()
    assert found(copy) == {}
    assert outcomes == {True, False}, "it was killed before and after"


def _tables(house: House) -> dict[str, list[str]]:
    engine = make_engine(f"sqlite:///{house.folder / 'rekisteri.db'}")
    try:
        return everything(engine)
    finally:
        engine.dispose()
