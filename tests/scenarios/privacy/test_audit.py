"""R-12, R-48: every look and act is noted with its purpose, in a chain in which no change stays unseen."""

from typing import Any

import pytest

from privacy.trail import verify
from store import audit
from store.engine import make_engine, writing
from tests.scenarios.privacy.house import House

AINO, EERO = "timma:1", "timma:3"


def events(house: House, *words: str) -> list[dict[str, Any]]:
    """The trail, without the look that shows it."""
    found: list[dict[str, Any]] = house.json("audit", "show", *words)["events"]
    return [one for one in found if one["action"] != "audit.show"]


def told(house: House, *words: str) -> list[tuple[str, str]]:
    return [(one["action"], one["purpose"]) for one in events(house, *words)]


def kept(house: House) -> str:
    """The head, as somebody writes it down."""
    return house.run("audit", "head").stdout.split()[0]


def test_r12_every_look_list_and_export_names_a_purpose_of_the_register(house: House) -> None:
    begun = len(events(house))
    house.run("customers", "show", AINO, "--purpose", "service")
    house.run("customers", "find", "aino", "--purpose", "refunds_and_claims")
    house.run("customers", "list")
    house.run("customers", "export", "--output", str(house.folder / "all.jsonl"), "--purpose", "analysis")
    house.run("customers", "show", AINO, "--purpose", "curiosity", status=2)
    assert told(house)[begun:] == [
        ("customers.show", "service"),
        ("customers.find", "refunds_and_claims"),
        ("customers.list", "register_upkeep"),
        ("customers.export", "analysis"),
    ]


def test_r48_the_trail_of_a_person_shows_who_looked_and_whoever_reads_it_is_noted(house: House) -> None:
    for person in (AINO, "school:s1", EERO):
        house.run("customers", "show", person, "--purpose", "service")
    found = house.json("audit", "show", "--customer", "school:s1")["events"]
    assert [(one["action"], one["purpose"]) for one in found] == [
        ("customers.show", "service"), ("customers.show", "service"), ("audit.show", "register_upkeep"),
    ]  # fmt: skip
    assert len({one["customer_id"] for one in found}) == 1
    assert all(one["actor"] and one["at"].endswith("Z") for one in found)


def test_r48_who_looked_under_another_id_is_still_shown_after_a_split(house: House) -> None:
    house.run("customers", "show", AINO)
    house.run("review", "split", AINO, "school:s1")
    ids = []
    for record in (AINO, "school:s1"):
        house.run("customers", "show", record)
        looks = [one["customer_id"] for one in events(house, "--customer", record) if one["action"] == "customers.show"]
        assert len(looks) == 2, "of all that was one, and of what it is now"
        ids.append(len(set(looks)))
    assert sorted(ids) == [1, 2], "one of both has the id that they had together"


def test_r48_no_change_of_the_trail_stays_unseen(house: House) -> None:
    house.run("customers", "show", AINO)
    head = kept(house)
    house.run("customers", "show", EERO)
    assert house.json("audit", "verify", "--head", head)["ok"]
    engine = make_engine(f"sqlite:///{house.folder / 'rekisteri.db'}")
    with writing(engine) as connection:
        last = audit.newest(connection)
        connection.exec_driver_sql("DROP TRIGGER audit_event_delete")
        for name, key in (("audit_event", "id"), ("audit_payload", "event_id")):
            connection.exec_driver_sql(f"DELETE FROM {name} WHERE {key} >= ?", (last - 1,))
        assert verify(connection).broken is None, "a cut tail does not show by itself"
    engine.dispose()
    said = house.run("audit", "verify", "--head", head, status=1)
    assert f"event {last - 1} is gone, though the kept head shows that it was there" in said.stdout


@pytest.mark.parametrize("what", ["erasure", "retention"])
def test_r48_the_chain_holds_through_erasure_and_retention(house: House, what: str) -> None:
    for person in (AINO, EERO, "school:s2"):
        house.run("customers", "show", person, "--purpose", "service")
    head = kept(house)
    if what == "erasure":
        house.run("request", "erase", house.ask("erasure", AINO), "--yes")
    else:
        rule = ("--after", "1d", "--from", "last_activity", "--basis", "own need")
        house.run("retention", "set", "customers", *rule)
        engine = make_engine(f"sqlite:///{house.folder / 'rekisteri.db'}")
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE source_record SET first_seen_at = '2020-01-01 09:00:00.000000'")
        engine.dispose()
        house.run("retention", "run", "--yes")
    assert house.json("audit", "verify", "--head", head)["ok"]
    emptied = [one["action"] for one in events(house) if one["detail"] is None]
    assert "customers.show" in emptied
    assert "audit.emptied" in [one["action"] for one in events(house)]
    assert "deleted" in house.run("audit", "show", "--limit", "99").stdout


def test_r48_what_was_decided_of_a_run_and_of_the_register_is_noted(house: House) -> None:
    (first,) = events(house)
    assert (first["action"], first["detail"]["old"], first["detail"]["new"]) == ("register.changed", 0, 1)
    register = house.folder / "processing.toml"
    register.write_text(register.read_text("utf-8").replace("Testi Yhteyshenkilö", "Toinen Yhteyshenkilö"), "utf-8")
    house.run("sync", "--accept-vanished")
    accepted, changed = events(house)[1:]
    assert (accepted["action"], accepted["actor"]) == ("sync.accept_vanished", changed["actor"])
    assert (changed["action"], changed["detail"]["old"], changed["detail"]["new"]) == ("register.changed", 1, 2)
    assert changed["detail"]["old_sha256"] == first["detail"]["new_sha256"] != changed["detail"]["new_sha256"]
    house.run("sync")
    assert len(events(house)) == 3
