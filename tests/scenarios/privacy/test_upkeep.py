"""What the controller keeps beside the data: contracts, measures, breaches, figures, and telling people (Art. 14)."""

import json
from datetime import datetime, timedelta
from zipfile import ZipFile

from config.place import HELSINKI
from tests.scenarios.privacy.house import STUDENTS, House

NOW = datetime.now(HELSINKI)


def test_r07_every_party_has_its_contract_its_review_and_its_subprocessors_or_is_named(house: House) -> None:
    assert "timma" in house.json("agreement", "list")["without"], "a party without a contract is told"
    terms = ("--type", "dpv:ControllerProcessorAgreement", "--signed", "2025-03-01", "--review", f"{NOW:%Y-%m-%d}")
    house.run("agreement", "add", "timma", *terms, "--file", str(house.folder / "processing.toml"))
    house.run("agreement", "add", "Example Hosting Oy", "--under", "timma", "--country", "FI", "--type",
              "dpv:SubProcessorAgreement")  # fmt: skip
    found = house.json("agreement", "list")
    contract, under = found["agreements"]
    assert "timma" not in found["without"]
    assert (under["under"], len(contract["sha256"]), contract["review_due"]) == ("timma", 64, True)
    assert "Agreements that are to be looked at again: 1" in house.run("status").stdout
    house.run("agreement", "end", "1", "--on", "2026-01-31", "--reason", "the salon moved to another provider")
    assert "timma" in house.json("agreement", "list")["without"]


def test_r18_use_is_counted_without_persons_and_never_of_few(house: House) -> None:
    by_service = house.run("statistics", "--by", "service").stdout
    assert "Hieronta" not in by_service, "two visits of one person are no figure"
    assert "1 group with fewer than 5 people not shown." in by_service
    visits = tuple(
        (f"c{number}", f"1{number}", f"Testi Kävijä{number}", "3.3.2026 10.00", "Päähieronta", "Testi Hieroja",
         "Toteutunut")
        for number in range(5)
    )  # fmt: skip
    people = tuple(
        (f"1{number}", f"Nimi{number}", f"Kävijä{number}", f"0405 550 00{number}", "", "", "", "", "", "")
        for number in range(5)
    )
    house.salon(*people)
    house.save("salon/varaukset-2.csv", ("Varausnumero", "Asiakasnumero", "Asiakas", "Alkaa", "Palvelu", "Työntekijä",
                                         "Tila"), visits)  # fmt: skip
    house.run("sync")
    for words in ((), ("--by", "service"), ("--by", "month"), ("--by", "brand"), ("--by", "channel")):
        for form in ("table", "csv", "json"):
            said = house.run("statistics", *words, "--format", form).stdout
            assert not [name for name in ("Kävijä", "Aino", "Nimi", "0405", "+358") if name in said]
    assert "Päähieronta;5;0" in house.run("statistics", "--by", "service", "--format", "csv").stdout


def test_r34_who_came_from_others_is_told_within_a_month_and_the_answer_says_so(house: House) -> None:
    found = house.json("indirect", "list")
    assert (found["people"], len(found["unknown"])) == ([], 2), "of the reseller's two it is not known"
    register = house.folder / "processing.toml"
    register.write_text(
        register.read_text("utf-8").replace('collected_from = "unknown"', 'collected_from = "third_party"'), "utf-8"
    )
    house.save("school/osallistujat-2.csv", STUDENTS, (("s3", "Ulla", "Uusi", "ulla@example.com", ""),))
    house.run("sync")
    (ulla,) = house.json("indirect", "list", "--due")["people"]
    today = NOW.date()
    assert (ulla["records"], ulla["overdue"]) == (["school:s3"], False)
    due = datetime.fromisoformat(ulla["due_on"]).date()
    assert today + timedelta(days=28) <= due <= today + timedelta(days=40), "a month, and on to a working day"

    house.run("contact", "add", "school:s3", "--channel", "email", "--direction", "out", "--summary", "welcome")
    assert house.json("indirect", "list", "--due")["people"][0]["due_on"] == f"{today}", "with the first message"
    house.run("indirect", "told", "school:s3", "--on", f"{today}", "--method", "e-mail with the notice")
    assert house.json("indirect", "list", "--due")["people"] == []
    request = house.ask("access", "school:s3")
    answer = house.folder / "answer"
    house.run("request", "package", request, "--output", str(answer.with_suffix(".zip")))
    assert _told(house, "answer.zip") == {"told_on": f"{today}", "exemption": None}


def _told(house: House, name: str) -> object:
    with ZipFile(house.folder / name) as archive:
        data = next(file for file in archive.namelist() if file.endswith("data.json"))
        return json.loads(archive.read(data))["records"][0]["informed"]


def test_r49_measures_of_protection_are_data_with_terms_and_a_time(house: House) -> None:
    for name, kind, term in (
        ("encrypted backups", "technical", "dpv:EncryptionAtRest"),
        ("personal accounts", "technical", "dpv:PasswordAuthentication"),
        ("firewall", "technical", "dpv:NetworkSecurityProtocols"),
        ("locked rooms", "organisational", "dpv:PhysicalSecureStorage"),
    ):
        house.run("measure", "add", name, "--kind", kind, "--term", term, "--since", "2026-01-15")
    house.run("measure", "end", "3", "--on", "2026-06-30")
    assert [one["name"] for one in house.json("measure", "list")["measures"]] == [
        "encrypted backups", "personal accounts", "locked rooms",
    ]  # fmt: skip
    assert house.json("measure", "list", "--all")["measures"][2]["until"] == "2026-06-30"


def test_r60_a_breach_is_written_down_told_in_time_and_closed(house: House) -> None:
    words = ("--nature", "an export went to a wrong address", "--categories", "customers", "--risk", "high")
    house.run("breach", "open", *words, "--discovered", f"{NOW - timedelta(hours=80):%Y-%m-%dT%H:%M}", "--people", "3")
    assert "Breaches of which the authority should have been told: 1" in house.run("status").stdout
    assert "the authority and the people must be told" in house.refused("breach", "close", "1")
    at = f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    house.run("breach", "told", "1", "--whom", "authority", "--at", at, "--reason", "found out on a Sunday")
    house.run("breach", "told", "1", "--whom", "people", "--at", at)
    house.run("breach", "update", "1", "--consequences", "unwanted mail", "--measures", "the receiver deleted it")
    house.run("breach", "close", "1")
    shown = house.json("breach", "show", "1")
    assert (shown["state"], shown["delay_reason"], shown["to_tell"]) == ("closed", "found out on a Sunday", [])
    assert "reaches" not in house.run("status").stdout
