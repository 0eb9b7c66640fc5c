"""The answer to who asks what is held of them."""

import json
import zipfile

import pytest

from sync.cli.opening import actor
from tests.scenarios.privacy.house import CONTACT, NOTE, House

SAID = {
    "fi": ("Tietosuojavaltuutetun toimisto", "Timma Oy", "Muu kurssien jälleenmyyjä"),
    "en": ("Tietosuojavaltuutetun toimisto", "Timma Oy", "Muu kurssien jälleenmyyjä"),
}


@pytest.mark.parametrize("language", SAID)
def test_r52_an_access_answer_holds_all_that_is_known_and_where_it_is_from(house: House, language: str) -> None:
    house.run("customers", "show", "timma:1", "--purpose", "feedback")
    house.grant("timma:1", "email", "hieromo")
    path = house.folder / "answer.zip"
    request = house.ask("access", "timma:1", identified=False)
    words = ("request", "package", request, "--output", str(path), "--lang", language)
    assert "identify" in house.refused(*words)
    house.run("request", "identify", request, "--method", "passport shown")
    house.run(*words)
    assert path.stat().st_mode & 0o777 == 0o600

    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        texts = {name: package.read(name).decode() for name in names}
    assert {"index.html", "data.json", "schema.json"} <= set(names)
    assert any(name.endswith(".csv") for name in names)
    page, data = texts["index.html"], texts["data.json"]
    for words_ in (*SAID[language], "Hieromo Hyvinvointipalvelut", CONTACT, "timma.fi/dataprotection"):
        assert words_ in page, words_
    for value in (
        "Aino.Malli@example.com",
        "+358400000501",
        "Mallikatu 1",
        "Hieronta 60 min",
        "folder 3, page 12",
        NOTE,
    ):
        assert value in page, value
        assert value in data, value
    assert json.loads(data)
    looked = next(purpose for purpose in ("Asiakaspalautteen käsittely", "feedback") if purpose in page + data)
    assert looked, "that she was looked at, and what for"
    whole = "\n".join(texts.values())
    for other in ("Otso", "Eero", "eero@example.com", "Ilona"):
        assert other not in whole, "no other person's data"
    assert actor() not in page, "no name of the staff"
