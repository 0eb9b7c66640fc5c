"""The answer to who asks what is held of them."""

import json
import zipfile

import pytest

from tests.scenarios.privacy.house import CONTACT, NOTE, House

VALUES = (
    "Aino.Malli@example.com", "+358400000501", "Mallikatu 1", "Hieronta 60 min", "folder 3, page 12", NOTE,
)  # fmt: skip


@pytest.mark.parametrize("language", ["fi", "en"])
def test_r52_an_access_answer_holds_all_that_is_known_and_where_it_is_from(house: House, language: str) -> None:
    house.run("customers", "show", "timma:1", "--purpose", "feedback")
    house.grant("timma:1", "email", "hieromo")
    path = house.folder / "answer.zip"
    request = house.ask("access", "timma:1", identified=False)
    words = ("request", "package", request, "--output", str(path), "--lang", language)
    assert "identify" in house.refused(*words)
    assert not path.exists()
    house.run("request", "identify", request, "--method", "passport shown")
    house.run(*words)
    assert path.stat().st_mode & 0o777 == 0o600

    with zipfile.ZipFile(path) as package:
        texts = {name: package.read(name).decode() for name in package.namelist()}
    page, data = texts["index.html"], json.loads(texts["data.json"])
    assert f'lang="{language}"' in page
    assert data.keys() == json.loads(texts["schema.json"])["properties"].keys()
    assert {name.rpartition(".")[2] for name in texts} == {"html", "json", "csv"}
    for value in VALUES:
        assert value in page, value
        assert value in texts["data.json"], value

    records = {(record["source"], record["external_id"]) for record in data["records"]}
    assert records == {("timma", "1"), ("school", "s1")}
    origins = {origin["source"]: origin["transfer"]["origin_country"] for origin in data["origins"]}
    assert origins == {"timma": "FI", "school": "unknown"}
    assert {one["name"] for one in data["recipients"]} == {"Timma Oy", "Muu kurssien jälleenmyyjä"}
    assert (data["retention"]["state"], data["automated_decisions"]) == ("undefined", "none")
    assert "feedback" in {look["purpose"] for look in data["look_ups"]}
    told = ("Hieromo Hyvinvointipalvelut", "2061058-6", CONTACT, "Tietosuojavaltuutetun toimisto", "Timma Oy",
            "Muu kurssien jälleenmyyjä", "varaa.timma.fi/dataprotection")  # fmt: skip
    assert [words for words in told if words not in page] == []

    whole = "\n".join(texts.values())
    assert [other for other in ("Otso", "Eero", "eero@example.com", "Ilona") if other in whole] == []
    assert {name for look in data["look_ups"] for name in look} == {"at", "action", "purpose", "whole_registry"}, (
        "of who looked there is no name"
    )
