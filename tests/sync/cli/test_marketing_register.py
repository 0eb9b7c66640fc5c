"""The direct-marketing register: an act of its own, that an objection stops and that stands for no consent."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from config.place import HELSINKI
from tests.sync.cli.conftest import Desk
from tests.sync.declaring import consent, declare, lift

MAIJA, PEKKA = "salon:both", "school:school"
WHY = ("--reason", "moved away")
ENDED = ("--relationship-ended", "2026-01-31", *WHY)


def move(desk: Desk, who: str, *words: str) -> Any:
    return desk.json("direct-marketing", "move", who, *ENDED, *words)


def outcome(desk: Desk, brand: str = "artsport") -> dict[str, int]:
    """How many e-mail marketing for a brand may be sent to, and the reasons of the others, without the unknown."""
    words = ("marketing-list", "--channel", "email", "--brand", brand, "--output", str(desk.folder / "list.csv"))
    counts = desk.json(*words)
    reasons = {reason: number for reason, number in counts["dropped"].items() if number and reason != "unknown"}
    return {"listed": counts["listed"], **reasons}


def test_a_move_is_told_listed_and_audited(people: Desk) -> None:
    maija = people.registry.customer_of(MAIJA)
    done = move(people, MAIJA)
    assert done == {"entry": 1, "customer_id": maija, "brand": None, "relationship_ended_on": "2026-01-31"}
    (entry,) = people.json("direct-marketing", "list")["entries"]
    assert (entry["customer_id"], entry["name"], entry["reason"]) == (maija, "Maija Äijälä", "moved away")
    assert (entry["relationship_ended_on"], entry["left_at"]) == ("2026-01-31", None)
    assert people.audit() == [
        ("direct_marketing.move", "communication_and_marketing", maija, {"entry": 1}),
        ("direct_marketing.list", "communication_and_marketing", None, {"entries": 1}),
    ]


def test_the_register_stands_for_no_consent(people: Desk) -> None:
    move(people, MAIJA)
    assert outcome(people) == {"listed": 0}
    consent(people.registry, MAIJA, "granted")
    assert outcome(people) == {"listed": 1}


def test_who_left_is_written_to_no_more_until_they_are_a_customer_again(people: Desk) -> None:
    maija = people.registry.customer_of(MAIJA)
    consent(people.registry, MAIJA, "granted")
    move(people, MAIJA)
    assert people.json("direct-marketing", "remove", MAIJA, *WHY) == {"entries": [1], "customer_id": maija}
    assert outcome(people) == {"listed": 0, "relationship_ended": 1}
    assert people.json("direct-marketing", "list")["entries"] == []
    people.json("direct-marketing", "remove", MAIJA, *WHY, "--relationship-resumed", "2026-02-01")
    assert outcome(people) == {"listed": 1}
    (entry,) = people.json("direct-marketing", "list", "--all")["entries"]
    assert (entry["left_reason"], entry["relationship_resumed_on"]) == ("moved away", "2026-02-01")
    done = people.run("direct-marketing", "remove", MAIJA, *WHY, "--relationship-resumed", "2026-02-01")
    assert (done.exit_code, "is not in the register" in done.stderr) == (1, True)


def test_who_is_a_customer_again_while_in_the_register_leaves_it(people: Desk) -> None:
    consent(people.registry, MAIJA, "granted")
    move(people, MAIJA)
    people.json("direct-marketing", "remove", MAIJA, *WHY, "--relationship-resumed", "2026-02-01")
    assert people.json("direct-marketing", "list")["entries"] == []
    assert outcome(people) == {"listed": 1}


def test_a_relationship_ended_with_one_brand_goes_on_with_the_other(people: Desk) -> None:
    consent(people.registry, MAIJA, "granted", brand="artsport")
    consent(people.registry, MAIJA, "granted", brand="hieromo")
    move(people, MAIJA, "--brand", "hieromo")
    people.json("direct-marketing", "remove", MAIJA, *WHY)
    assert outcome(people, "hieromo") == {"listed": 0, "relationship_ended": 1}
    assert outcome(people, "artsport") == {"listed": 1}


@pytest.mark.parametrize(
    ("kind", "said", "why"),
    [
        ("restriction", {}, "the use of their data is restricted"),
        ("objection", {"scope": "direct_advertising"}, "they object to such use"),
        ("objection", {"scope": "distance_selling"}, "they object to such use"),
        ("objection", {"scope": "other_direct_marketing"}, "they object to such use"),
    ],
)
def test_nobody_is_moved_against_their_word_until_it_is_lifted(
    people: Desk, kind: str, said: dict[str, str], why: str
) -> None:
    no = declare(people.registry, MAIJA, kind, **said)
    done = people.run("direct-marketing", "move", MAIJA, *ENDED)
    assert (done.exit_code, done.stdout, why in done.stderr, done.stderr.count("\n")) == (1, "", True, 1)
    assert (people.json("direct-marketing", "list")["entries"], len(people.audit())) == ([], 1)
    lift(people.registry, no)
    assert move(people, MAIJA)["entry"] == 1


def test_an_objection_to_something_else_and_a_withdrawal_stop_no_move(people: Desk) -> None:
    declare(people.registry, MAIJA, "objection", scope="genealogy")
    consent(people.registry, MAIJA, "withdrawn")
    assert move(people, MAIJA)["entry"] == 1


def test_an_id_that_was_merged_away_leads_to_who_has_its_records(people: Desk) -> None:
    registry = people.registry
    retired = registry.customer_of(PEKKA)
    decision = registry.decide("same", MAIJA, PEKKA)
    maija = registry.customer_of(MAIJA)
    assert maija != retired
    assert move(people, retired)["customer_id"] == maija
    registry.undo(decision)
    (entry,) = people.json("direct-marketing", "list")["entries"]
    assert entry["customer_id"] == maija, "it hangs on the earliest record of who was one then"


def test_nobody_is_moved_twice_but_for_another_brand(people: Desk) -> None:
    move(people, MAIJA, "--brand", "hieromo")
    done = people.run("direct-marketing", "move", MAIJA, *ENDED, "--brand", "hieromo")
    assert (done.exit_code, "is in the register already" in done.stderr) == (1, True)
    assert move(people, MAIJA, "--brand", "artsport")["entry"] == 2
    assert people.json("direct-marketing", "remove", MAIJA, *WHY)["entries"] == [1, 2]


def test_people_are_told_in_words(people: Desk) -> None:
    assert "Nobody is in the direct-marketing register" in people.run("direct-marketing", "list").stdout
    said = people.run("direct-marketing", "move", MAIJA, *ENDED).stdout
    assert "Consent is needed as before" in said
    shown = people.run("direct-marketing", "list").stdout
    assert ("Maija Äijälä" in shown, "31.1.2026" in shown, "moved away" in shown) == (True, True, True)
    assert (
        "is not in the direct-marketing register any more"
        in people.run("direct-marketing", "remove", MAIJA, *WHY).stdout
    )


TOMORROW = (datetime.now(HELSINKI) + timedelta(days=2)).date().isoformat()


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("move", "nobody", *ENDED), 1, "no customer or record with this id"),
        (("remove", MAIJA, *WHY), 1, "is not in the register"),
        (("move", MAIJA, "--relationship-ended", TOMORROW, *WHY), 2, "--relationship-ended: is still to come"),
        (
            ("move", MAIJA, "--relationship-ended", "31.1.2026", *WHY),
            2,
            "--relationship-ended: is no date; write it as 2026-11-24",
        ),
        (("move", MAIJA, "--relationship-ended", "2026-01-31", "--reason", " "), 2, "--reason: is empty"),
        (("remove", MAIJA, "--reason", "010190-123X"), 2, "--reason: holds a personal identity code"),
        (("move", MAIJA, *ENDED, "--brand", "hiero"), 2, "--brand: the register has no brand hiero; did you mean"),
        (("remove", MAIJA, *WHY, "--relationship-resumed", TOMORROW), 2, "--relationship-resumed: is still to come"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(
    people: Desk, words: tuple[str, ...], status: int, said: str
) -> None:
    done = people.run("direct-marketing", *words)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (status, "", 1), done.stderr
    assert said in done.stderr
    assert people.audit() == []
    assert json.loads(people.run("direct-marketing", "list", "--all", "--json").stdout) == {"entries": []}
