"""What an answer says of joining and of segments (GDPR Art. 15(1)(h)), on both databases."""

import csv
import io
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from privacy import segments
from privacy.package.archive import files, schema
from privacy.uses import use_for
from store.engine import writing
from sync.cli.exporting import harmless
from tests.judging import judged
from tests.privacy.package.desk import REGISTER, STAFF, Desk, members, written

PHONE = "+358405550001"


@pytest.fixture
def maija(desk: Desk) -> Desk:
    """Maija at the salon and the school, her mother on the same phone; somebody else."""
    person = {"first_name": "Maija", "last_name": "Malli", "phone": PHONE}
    desk.registry.land("salon", {"maija": person, "aino": person | {"first_name": "Aino"}})
    desk.registry.land("school", {"maija": person, "eero": {"first_name": "Eero", "email": "eero@example.com"}})
    desk.book("maija", "b1", starts_at=desk.registry.clock, service="Hieronta")
    desk.registry.reconcile()
    return desk


def define(desk: Desk, name: str, rule: str, purpose: str = "analysis", **use: str) -> None:
    by = desk.by()
    with writing(desk.registry.engine) as connection:
        wanted = use_for(REGISTER, purpose, **use)
        segments.define(connection, name, rule, wanted, REGISTER, author=STAFF, now=by.now)


def test_the_segments_that_fit_today_are_named_with_their_rule_and_why_one_is_left_out(maija: Desk) -> None:
    define(maija, "kanta", "bookings >= 1 and brand is artsport")
    define(maija, "kanta", "bookings >= 1")
    define(maija, "muut", "bookings = 0")
    define(maija, "viestit", "service is hieronta", channel="sms", brand="artsport")
    define(maija, "vanha", "bookings >= 0")
    with writing(maija.registry.engine) as connection:
        segments.retire(connection, "vanha", REGISTER, actor=STAFF, now=maija.by().now)
    document = maija.answer("salon:maija", "en")
    named = ("segment", "written", "rule_in_words", "purpose", "channel", "included", "left_out")
    assert members(document["segments"], *named) == [
        ("kanta", "bookings >= 1", "bookings at least 1", "analysis", None, True, None),
        ("viestit", "service is hieronta", "has booked the service “hieronta”", "analysis", "sms", False, "unknown"),
    ]
    assert "analysis" in {one["id"] for one in document["purposes"]}
    assert [one["segment"] for one in maija.answer("school:eero")["segments"]] == ["muut"]
    Draft202012Validator(json.loads(schema())).validate(document)
    assert STAFF not in written(document), "who wrote a rule is not said"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fi", ("Sinusta ei tehdä automaattisia päätöksiä", "vertaa", "ihminen ratkaisee", "oikeudellisia", "kanta",
                "varauksia vähintään 1", "sääntö", "sama puhelinnumero")),
        ("en", ("No automated decisions", "compares names", "a person decides", "no legal", "kanta",
                "bookings at least 1", "a rule", "same phone")),
    ],
)  # fmt: skip
def test_the_page_says_how_records_are_joined_by_which_rule_and_that_nothing_follows(
    maija: Desk, language: str, told: tuple[str, ...]
) -> None:
    define(maija, "kanta", "bookings >= 1")
    document = maija.answer("salon:maija", language)
    texts = {name: content.decode("utf-8-sig") for name, content in files(document, harmless)}
    section = texts["index.html"].partition('<section id="automated">')[2].partition("</section>\n<section id=")[0]
    assert [words for words in told[:-2] if words not in section] == []
    assert 'href="#joining"' in section and "<table" not in section.partition("<h3>")[0]
    for words in told[-2:]:
        assert words in texts["index.html"].partition('<section id="joining">')[2], "said once"
    assert document["matching"] == {
        "compares": ["name", "email", "phone", "address"], "joined_by": "rule", "in_doubt": "person",
        "legal_effect": "none", "profiling": "none",
    }  # fmt: skip
    (group,) = table(texts["csv/segments.csv"])
    assert list(group.values())[:3] == ["kanta", told[-3], "bookings >= 1"]
    joined = [list(row.values())[-3:-1] for row in table(texts["csv/records.csv"])]
    assert all(why.startswith(told[-1]) and by == told[-2] for why, by in joined)
    assert len(joined) == 2


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def test_what_somebody_else_on_a_shared_phone_said_is_not_told(maija: Desk) -> None:
    define(maija, "viestit", "bookings >= 1", channel="sms", brand="artsport")
    maija.say("salon:maija", "consent", channel="sms", state="granted", method="form", evidence="folder 3")
    assert maija.answer("salon:maija")["segments"][0]["included"] is True
    maija.say("salon:aino", "consent", channel="sms", state="withdrawn", method="form")
    (found,) = maija.answer("salon:maija")["segments"]
    assert (found["included"], found["left_out"]) == (False, "no_contact")


def test_who_is_in_no_segment_is_told_so(maija: Desk) -> None:
    document = maija.answer("school:eero", "en")
    assert document["segments"] == []
    text = written(document)
    assert "Today no rule in force groups you." in text
    assert 'lists that were made earlier are among those under <a href="#look_ups">' in text


def test_an_answer_speaks_of_no_score_but_that_of_matching(maija: Desk) -> None:
    define(maija, "kanta", "bookings >= 1")
    document: dict[str, Any] = maija.answer("salon:maija")
    assert judged(document) == {("records", "joined", "score"), ("matching", "profiling")}
    assert (document["automated_decisions"], document["matching"]["profiling"]) == ("none", "none")
