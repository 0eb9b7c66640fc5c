"""The marketing list: who is on it, who is left out and why, and how it is written."""

import csv
import io
import json
import stat
from hashlib import sha256
from typing import Any

import pytest
from openpyxl import load_workbook

from config.register import SHIPPED
from tests.sync.cli.conftest import Desk
from tests.sync.declaring import consent, declare, lift

MAIJA, PEKKA = "salon:both", "school:school"


def listed(desk: Desk, channel: str = "email", brand: str = "artsport") -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of the list, and the counts."""
    words = ("marketing-list", "--channel", channel, "--brand", brand, "--format", "jsonl", "--output", "-", "--json")
    done = desk.run(*words)
    assert done.exit_code == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()], json.loads(done.stderr)


def dropped(counts: dict[str, Any]) -> dict[str, int]:
    """The reasons for which somebody was left out."""
    assert counts["listed"] + sum(counts["dropped"].values()) == counts["customers"]
    return {reason: number for reason, number in counts["dropped"].items() if number}


def test_who_consents_is_listed_with_what_says_so_and_all_others_are_counted(people: Desk) -> None:
    consent(people.registry, MAIJA, "granted", days_ago=1)
    consent(people.registry, PEKKA, "refused")
    rows, counts = listed(people)
    assert [(row["name"], row["address"], row["brand"], row["consent_from"]) for row in rows] == [
        ("Maija Äijälä", "Maija.Aijala@example.com", "artsport", "declared")
    ]
    assert rows[0]["customer_id"] == people.registry.customer_of(MAIJA)
    assert rows[0]["consented_at"].endswith("Z")
    assert (counts["listed"], counts["addresses"], counts["customers"]) == (1, 1, 9)
    assert dropped(counts) == {"refused": 1, "unknown": 7}


def test_nobody_is_listed_where_nobody_said_anything(people: Desk) -> None:
    rows, counts = listed(people, "sms")
    assert (rows, dropped(counts)) == ([], {"unknown": 9})


def test_a_yes_on_one_channel_or_to_one_brand_is_none_on_another(people: Desk) -> None:
    consent(people.registry, MAIJA, "granted", brand="artsport")
    assert listed(people, "email", "artsport")[1]["listed"] == 1
    assert listed(people, "email", "hieromo")[1]["listed"] == listed(people, "sms")[1]["listed"] == 0


def test_who_restricted_or_objected_is_left_out_until_it_is_lifted(people: Desk) -> None:
    registry = people.registry
    consent(registry, MAIJA, "granted")
    objection = declare(registry, MAIJA, "objection", scope="distance_selling")
    declare(registry, MAIJA, "objection", scope="genealogy")
    assert dropped(listed(people)[1])["objected"] == 1
    restriction = declare(registry, MAIJA, "restriction")
    assert dropped(listed(people)[1])["restricted"] == 1
    lift(registry, restriction)
    lift(registry, objection)
    assert listed(people)[1]["listed"] == 1


def test_a_merge_brings_an_objection_along_and_a_split_gives_it_back(people: Desk) -> None:
    registry = people.registry
    consent(registry, "salon:doubt", "granted", channel="sms")
    declare(registry, "school:namesake", "objection", scope="direct_advertising")
    assert len(listed(people, "sms")[0]) == 1
    decision = registry.decide("same", "salon:doubt", "school:namesake")
    rows, counts = listed(people, "sms")
    assert (rows, dropped(counts)["objected"]) == ([], 1)
    registry.undo(decision)
    assert len(listed(people, "sms")[0]) == 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [("consent", {"state": "withdrawn", "channel": "sms"}), ("consent", {"state": "refused", "channel": "sms"}),
     ("objection", {"scope": "direct_advertising"})],
)  # fmt: skip
def test_a_mother_is_not_written_to_on_the_phone_of_a_child_who_said_no(
    people: Desk, kind: str, said: dict[str, str]
) -> None:
    registry = people.registry
    consent(registry, "salon:mother", "granted", channel="sms")
    assert listed(people, "sms")[1]["listed"] == 1
    no = declare(registry, "school:child", kind, **said)
    assert dropped(listed(people, "sms")[1])["contact_withdrawn_by_other"] == 1
    lift(registry, no)
    assert listed(people, "sms")[1]["listed"] == 1


def test_a_shared_address_is_listed_once_and_both_are_counted(people: Desk) -> None:
    for record in ("salon:mother", "school:child"):
        consent(people.registry, record, "granted", channel="sms")
    rows, counts = listed(people, "sms")
    assert [row["address"] for row in rows] == ["+358400000103"]
    assert (counts["listed"], counts["addresses"]) == (2, 1)


def test_spellings_of_one_mailbox_are_one_address(people: Desk) -> None:
    registry = people.registry
    registry.land("salon", {"dots": {"first_name": "Aino", "email": "ma.ija@gmail.com"}})
    registry.land("school", {"tag": {"first_name": "Onni", "email": "maija+kurssi@gmail.com"}})
    registry.reconcile()
    for record in ("salon:dots", "school:tag"):
        consent(registry, record, "granted")
    assert len(listed(people)[0]) == 1
    consent(registry, "school:tag", "withdrawn")
    rows, counts = listed(people)
    assert (rows, dropped(counts)["contact_withdrawn_by_other"]) == ([], 1)


def test_who_has_no_contact_on_the_channel_or_a_masked_one_is_left_out(people: Desk) -> None:
    registry = people.registry
    registry.land("salon", {"masked": {"first_name": "Aino", "email": "[masked]@example.com"}})
    registry.reconcile()
    for record in ("salon:masked", "salon:salon"):
        consent(registry, record, "granted")
    rows, counts = listed(people)
    assert (rows, dropped(counts)["no_contact"]) == ([], 2)


def test_the_file_is_private_csv_for_finnish_excel_and_holds_no_formula(people: Desk) -> None:
    registry = people.registry
    registry.land("salon", {"evil": {"name": "=1+1", "email": "-x@example.com", "phone": "+358400000109"}})
    registry.reconcile()
    consent(registry, "salon:evil", "granted")
    file = people.folder / "list.csv"
    file.write_text("an older one")
    file.chmod(0o644)
    done = people.run("marketing-list", "--channel", "email", "--brand", "artsport", "--output", str(file))
    assert (done.exit_code, done.stderr) == (0, "")
    assert "1 of 10 customers, 1 address\n" in done.stdout
    assert "9 left out: whether they consent is not known" in done.stdout
    assert "`rekisteri consent record`" in done.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (row,) = csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8-sig"), newline=""), delimiter=";")
    assert list(row) == ["name", "address", "brand", "customer_id", "consented_at", "consent_from"]
    assert (row["name"], row["address"]) == ("'=1+1", "'-x@example.com")


def test_the_ending_says_which_form_unless_it_is_named(people: Desk) -> None:
    consent(people.registry, MAIJA, "granted")
    words = ("marketing-list", "--channel", "email", "--brand", "artsport", "--output")
    for name in ("a.xlsx", "a.jsonl", "a.txt"):
        assert people.run(*words, str(people.folder / name)).exit_code == 0
    sheet = load_workbook(people.folder / "a.xlsx")["markkinointi"]
    assert [cell.value for cell in list(sheet.iter_rows())[1]][:2] == ["Maija Äijälä", "Maija.Aijala@example.com"]
    assert json.loads((people.folder / "a.jsonl").read_text("utf-8"))["name"] == "Maija Äijälä"
    assert (people.folder / "a.txt").read_bytes().startswith(b"\xef\xbb\xbfname;")
    assert people.run(*words, str(people.folder / "b.xlsx"), "--format", "jsonl").exit_code == 0
    assert (people.folder / "b.xlsx").read_text("utf-8").startswith("{")


def test_a_list_on_standard_output_has_its_counts_beside_it(people: Desk) -> None:
    consent(people.registry, MAIJA, "granted")
    done = people.run("marketing-list", "--channel", "email", "--brand", "artsport", "--output", "-")
    assert done.stdout_bytes.startswith(b"\xef\xbb\xbfname;address;")
    assert "1 of 9 customers" in done.stderr
    assert "example.com" not in done.stderr


def test_the_list_is_audited_with_counts_and_the_sum_of_the_file(people: Desk) -> None:
    consent(people.registry, MAIJA, "granted")
    file = people.folder / "list.csv"
    people.run("marketing-list", "--channel", "email", "--brand", "artsport", "--output", str(file))
    ((action, purpose, customer, detail),) = people.audit()
    assert (action, purpose, customer) == ("marketing.list", "communication_and_marketing", None)
    assert detail["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert {name: detail[name] for name in ("channel", "brand", "format", "customers", "listed", "unknown")} == {
        "channel": "email", "brand": "artsport", "format": "csv", "customers": 9, "listed": 1, "unknown": 8,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--channel", "email"), 2, "--brand: say for which brand: hieromo, artsport"),
        (("--channel", "email", "--brand", "artsprot"), 2, "--brand: the register has no brand artsprot; did you mean"),
        (("--channel", "letter", "--brand", "artsport"), 2, "'letter' is not one of 'email', 'sms'"),
        (("--brand", "artsport"), 2, "Missing option '--channel'"),
    ],
)
def test_what_cannot_be_meant_is_one_line_and_lists_nobody(
    people: Desk, words: tuple[str, ...], status: int, said: str
) -> None:
    file = people.folder / "list.csv"
    done = people.run("marketing-list", *words, "--output", str(file))
    assert (done.exit_code, done.stderr.count("\n"), said in done.stderr) == (status, 1, True), done.stderr
    assert (file.exists(), people.audit()) == (False, [])


def test_a_place_that_takes_no_file_is_status_1(people: Desk) -> None:
    file = people.folder / "missing" / "list.csv"
    done = people.run("marketing-list", "--channel", "email", "--brand", "artsport", "--output", str(file))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)


def test_where_the_register_has_one_brand_it_need_not_be_named(people: Desk) -> None:
    shipped = SHIPPED.read_text("utf-8")
    register = people.folder / "processing.toml"
    register.write_text(shipped.replace('[brands.hieromo]\nname = "Hieromo"\n', ""), "utf-8")
    assert register.read_text("utf-8") != shipped
    (people.folder / "rekisteri.toml").write_text('[processing]\nregister = "processing.toml"\n')
    consent(people.registry, MAIJA, "granted")
    done = people.run("marketing-list", "--channel", "email", "--output", "-", "--format", "jsonl")
    assert (done.exit_code, json.loads(done.stdout)["brand"]) == (0, "artsport")
