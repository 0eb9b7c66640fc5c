"""Whose it is, on the command line: two people were taken for one, were parted, and a platform removed one of them."""

import zipfile

import pytest

from tests.sync.cli.conftest import Desk

HERS, HIS = "school:9", "salon:1"
PERSON = {"first_name": "Aino", "last_name": "Malli", "email": "aino@example.com"}
TOLD = "her call", "her claim", "not her, the daughter"


@pytest.fixture
def parted(desk: Desk) -> Desk:
    """What was written of her, 1 and 2 being requests of hers, was written when they were one."""
    desk.registry.land("salon", {"1": PERSON})
    desk.registry.land("school", {"9": PERSON})
    desk.registry.reconcile()
    call, claim, refusal = TOLD
    desk.json("contact", "add", HERS, "--channel", "phone", "--direction", "in", "--summary", call)
    desk.json("case", "open", "--type", "claim", "--customer", HERS, "--channel", "phone", "--subject", claim)
    asked(desk, "access", HERS)
    desk.json("request", "close", "1", "--outcome", "refused", "--justification", refusal)
    asked(desk, "erasure", HERS)
    asked(desk, "rectification", HERS)
    desk.json("review", "split", desk.registry.customer_of(HIS), HIS)
    desk.registry.vanish("school", "9")
    desk.registry.reconcile()
    return desk


def asked(desk: Desk, type_: str, customer: str) -> str:
    id_ = str(desk.json("request", "open", "--type", type_, "--customer", customer)["id"])
    desk.json("request", "identify", id_, "--method", "called back")
    return id_


def package(desk: Desk, id_: str) -> bytes:
    desk.json("request", "package", id_, "--output", str(desk.folder / f"{id_}.zip"))
    with zipfile.ZipFile(desk.folder / f"{id_}.zip") as file:
        return b"\n".join(file.read(name) for name in file.namelist())


def test_an_erasure_takes_her_whose_record_was_removed_and_not_him(parted: Desk) -> None:
    him = parted.json("customers", "show", HIS)
    shown = parted.json("request", "show", "2")
    assert shown["customer_id"] not in parted.registry.customers()
    assert "no name" in parted.run("request", "list").stdout
    assert parted.json("request", "erase", "2", "--dry-run")["erased"]["records"] == 1
    done = parted.json("request", "erase", "2", "--yes")
    assert (done["erased"]["records"], done["customer_id"]) == (1, shown["customer_id"])
    assert parted.json("customers", "show", HIS) == him
    assert {customer for action, _, customer, _ in parted.audit() if action == "request.erase"} == {
        shown["customer_id"]
    }
    again = parted.run("request", "erase", "2", "--yes")
    assert (again.exit_code, "is erased already" in again.stdout) == (0, True)


def test_a_correction_of_hers_is_not_written_onto_him(parted: Desk) -> None:
    done = parted.run("request", "apply", "3", "--field", "emails", "--value", "else@example.com")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("rekisteri: the person of request 3 is in the registry no more")
    assert parted.json("customers", "show", HIS)["emails"] == ["aino@example.com"]


def test_nothing_of_hers_is_in_his_answer_and_his_erasure_leaves_it(parted: Desk) -> None:
    answer = package(parted, asked(parted, "access", HIS))
    assert [text for text in TOLD if text.encode() in answer] == []
    assert "her claim" not in parted.run("customers", "show", HIS).stdout
    parted.json("request", "erase", asked(parted, "erasure", HIS), "--yes")
    (case,) = parted.json("case", "list")["cases"]
    assert (case["subject"], case["customer_id"]) == ("her claim", None)
    parted.registry.land("school", {"9": PERSON})
    parted.registry.reconcile()
    assert "her call" in [one["text"] for one in parted.json("contact", "list", HERS)["timeline"]]


def test_what_left_for_others_is_told_when_its_record_was_removed(desk: Desk) -> None:
    desk.registry.land("salon", {"1": PERSON})
    desk.registry.land("school", {"9": PERSON | {"email": "else@example.com"}})
    desk.registry.reconcile()
    approved = ("--kind", "partner", "--country", "FI", "--purpose", "service", "--reason", "agreed")
    desk.json("recipient", "approve", "Tilit Oy", *approved)
    out = ("--purpose", "service", "--basis", "eu-gdpr:A6-1-f", "--fields", "name", "--output", str(desk.folder / "o"))
    desk.json("disclose", "--recipient", "Tilit Oy", "--customer", HIS, *out)
    desk.json("review", "same", HIS, HERS)
    desk.registry.vanish("salon", "1")
    desk.registry.reconcile()
    assert [one["recipient"] for one in desk.json("disclosures", "list", "--customer", HERS)["disclosures"]] == [
        "Tilit Oy"
    ]
    done = desk.json("request", "apply", asked(desk, "restriction", HERS))
    assert ("Tilit Oy", "tell them that the use is restricted") in [
        (one["party"], one["what"]) for one in done["tasks"]
    ]
    assert "Tilit Oy" in package(desk, asked(desk, "access", HERS)).decode(errors="replace")
