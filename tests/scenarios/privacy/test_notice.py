"""The privacy notice in versions, held against what is so (R-04, R-43), on both databases."""

import json
from pathlib import Path

import pytest

from config.register import SHIPPED
from tests.scenarios.privacy.house import AINO, CONTACT, EERO, House, build

OLD, NEW = "2021-03-22", "2026-01-01"
CAMPAIGN = "party_unverified:campaign_monitor"
ADDED = f"""
[notices."{NEW}"]
name = "Tietosuojaseloste 2026"
language = "fi"
drawn_up = {NEW}
valid_from = {NEW}
file = "seloste-2026.txt"
"""


@pytest.fixture
def own_house(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house in a database of each kind."""
    monkeypatch.setenv("REKISTERI_DATABASE__URL", database_url)
    folder = tmp_path / "house"
    folder.mkdir()
    return build(folder, SHIPPED.read_text("utf-8").replace('contact = ""', f'contact = "{CONTACT}"'))


def edit(house: House, old: str, new: str) -> None:
    path = house.folder / "processing.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def found(house: House, status: int = 1) -> dict[str, str]:
    """State of each finding."""
    document = json.loads(house.run("notice", "check", "--json", status=status).stdout)
    return {one["finding"]: one["state"] for one in document["findings"]}


def versions(house: House, customer: str) -> set[str]:
    return {record["notice_version"] for record in house.show(customer)["records"] if record["source"] == "timma"}


def test_r04_the_notice_is_kept_in_versions_and_what_comes_later_points_to_the_new_one(own_house: House) -> None:
    old = own_house.run("notice", "show").stdout
    assert "Laadittu: 22.3.2021" in old
    own_house.run("notice", "draft", "--output", str(own_house.folder / "seloste-2026.txt"))
    edit(own_house, "# ---- Brands", f"{ADDED}\n# ---- Brands")
    edit(own_house, f'notice = "{OLD}"', f'notice = "{NEW}"')
    changed = (*EERO[:2], "Uusi", *EERO[3:])
    own_house.salon(AINO, changed)
    own_house.run("sync")
    assert (versions(own_house, "timma:1"), versions(own_house, "timma:3")) == ({OLD}, {NEW})
    own_house.grant("timma:1", "email", "hieromo")
    events = own_house.json("consent", "show", "timma:1")["records"]
    said = {event["notice_version"] for one in events for event in one["events"] if event["origin"] == "declared"}
    assert said == {NEW}
    assert own_house.run("notice", "show").stdout.startswith("Tietosuojaseloste\n=====")
    assert own_house.run("notice", "show", OLD).stdout == old


def test_r04_a_notice_that_was_published_is_not_edited_unseen(own_house: House) -> None:
    (own_house.folder / "seloste-2026.txt").write_text("Tietosuojaseloste 2026.", "utf-8")
    edit(own_house, "# ---- Brands", f'{ADDED}sha256 = "{"0" * 64}"\n\n# ---- Brands')
    assert "sha256 is not that of its text" in own_house.run("notice", "show", status=2).stderr


def test_r43_a_party_without_a_task_is_a_finding_until_somebody_settles_it(own_house: House) -> None:
    assert found(own_house)[CAMPAIGN] == "open"
    checks = own_house.json("status")["health"]["checks"]
    number = checks["notice:findings"]["value"]
    assert (checks["notice:findings"]["status"], number) == ("warn", list(found(own_house).values()).count("open"))
    answer = ("notice", "answer", CAMPAIGN, "--reason", "never in use", "--verdict")
    own_house.run(*answer, "resolved")
    assert found(own_house)[CAMPAIGN] == "resolved"
    assert own_house.json("status")["health"]["checks"]["notice:findings"]["value"] == number - 1
    own_house.run(*answer, "reopened")
    assert found(own_house)[CAMPAIGN] == "open"
    text = (own_house.folder / "processing.toml").read_text("utf-8")
    entry = text[text.index("[parties.campaign_monitor]") : text.index("[parties.course_reseller]")]
    edit(own_house, entry, "")
    assert CAMPAIGN not in found(own_house)


def test_r43_a_run_tells_how_many_findings_are_open_and_none_of_them_names_a_person(own_house: House) -> None:
    check = own_house.json("status")["health"]["checks"]["notice:findings"]  # the first run has looked
    assert check["value"] == list(found(own_house).values()).count("open") > 20
    told = own_house.run("notice", "check", status=1).stdout + own_house.run("notice", "draft", "--output", "-").stdout
    assert all(word not in told for word in (AINO[1], EERO[2], "aino.malli", AINO[3]))
