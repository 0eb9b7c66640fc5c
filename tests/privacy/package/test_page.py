"""The page is whole, quiet and cannot be tricked; the tables are harmless."""

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from privacy.package.archive import archive, files
from privacy.package.markup import el, html, table
from privacy.package.page import page
from privacy.package.words import LANGUAGES, Words
from privacy.requests import extend
from store.engine import writing
from sync.cli.exporting import harmless
from tests.privacy.package.desk import Desk

VOID = {"meta", "br"}
HOSTILE = "<script>alert(1)</script> \"'&><img src=x> \u202eevil\u2066"


class Reader(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def document(light_desk: Desk) -> dict[str, Any]:
    """Of somebody whose every text is hostile."""
    light_desk.note(
        "salon", "h", HOSTILE, first_name=HOSTILE, last_name="=1+1", name=HOSTILE, street=HOSTILE, city=HOSTILE,
        discounts=(HOSTILE,), regular_employee="=1+1", email_marketing=True, email="h@example.com",
    )  # fmt: skip
    light_desk.book("h", HOSTILE, notes=HOSTILE, service=HOSTILE, employee=HOSTILE, client_name=HOSTILE)
    light_desk.registry.reconcile()
    light_desk.say("salon:h", "consent", channel="sms", state="granted", method=HOSTILE, evidence=HOSTILE)
    light_desk.say("salon:h", "objection", scope="genealogy", reason=HOSTILE)
    light_desk.say("salon:h", "correction", field="name", value='"<b>"', reason=HOSTILE)
    return light_desk.answer("salon:h")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_people_wrote_becomes_markup(document: dict[str, Any], language: str) -> None:
    text = page(document, Words(language))
    read = Reader(text)
    assert read.open == []
    assert {tag for tag, _ in read.tags} <= {
        "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "p", "ul", "ol", "li", "b",
        "nav", "a", "section", "dl", "div", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td", "span", "footer",
    }  # fmt: skip
    assert "<script>alert(1)</script> \"'&><img src=x> �evil�" in read.text
    assert not {"\u202e", "\u2066"} & set(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_runs_and_loads_nothing(document: dict[str, Any], language: str) -> None:
    read = Reader(page(document, Words(language)))
    attributes = [(tag, name, value) for tag, given in read.tags for name, value in given.items()]
    assert [one for one in attributes if one[1].startswith("on") or one[1] in ("src", "style")] == []
    assert {value[:1] for _, name, value in attributes if name == "href" and value} == {"#"}
    ids = {value for _, name, value in attributes if name == "id"}
    assert {value[1:] for _, name, value in attributes if name == "href" and value} <= ids
    style = read.text.partition("color-scheme")[2]
    assert "url(" not in style
    assert "@import" not in style
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in attributes


@pytest.mark.parametrize(("language", "heading"), [("fi", "Oikeutesi"), ("en", "Your rights")])
def test_the_page_says_in_its_language_what_the_law_asks_for(
    document: dict[str, Any], language: str, heading: str
) -> None:
    read = Reader(page(document, Words(language)))
    assert ("html", {"lang": language}) in read.tags
    for said in (heading, "Tietosuojavaltuutetun toimisto", "Thinkific Labs Inc.", "Kaasutehtaankatu", "C-579/21"):
        assert said in read.text, said


@pytest.mark.parametrize(
    ("language", "system", "brand", "alone"),
    [("fi", "Järjestelmä", "Brändi", "ainoa tietue"), ("en", "system", "Brand", "on its own")],
)
def test_a_customer_reads_names_and_no_word_of_the_program(
    light_desk: Desk, language: str, system: str, brand: str, alone: str
) -> None:
    light_desk.registry.land("school", {"s1": {"first_name": "Maija", "email": "maija@example.com"}})
    light_desk.registry.reconcile()
    light_desk.say("school:s1", "consent", channel="sms", state="granted", method="form", brand="artsport")
    number = light_desk.ask("school:s1", "objection")
    with writing(light_desk.registry.engine) as connection:
        extend(connection, number, "many bookings", light_desk.by())
    document = light_desk.answer("school:s1", language)
    document["records"][0]["retrieved_from"] = "GET /users"
    text = page(document, Words(language))
    read = Reader(text).text
    assert "GET /" not in text and "school: " not in text and "school:" not in text
    assert 'Thinkific Labs Inc. <span class="id">s1</span>' in text
    assert brand in read and "ArtSport" in read and "artsport" not in read
    assert system.casefold() in read.casefold()
    assert text.count(alone) == 1, "why records are joined is told once"
    cells = re.findall("<td[^>]*>(.*?)</td>", text, re.DOTALL)
    assert "passport shown" in cells
    assert [cell for cell in cells if "many bookings" in cell and 'class="t"' in cell], "beside the day"


def test_tables_are_as_finnish_excel_likes_them_and_compute_nothing(document: dict[str, Any]) -> None:
    found = {name: content for name, content in files(document, harmless) if name.startswith("csv/")}
    assert {"csv/values.csv", "csv/records.csv", "csv/bookings.csv", "csv/corrections.csv"} <= found.keys()
    for name, content in found.items():
        assert content.startswith(b"\xef\xbb\xbf"), name
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert len({len(row) for row in rows}) == 1, name
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "-"))], name
    values = found["csv/values.csv"].decode("utf-8-sig")
    assert values.startswith("tieto;arvo;lähde;")
    assert "'=1+1" in values


def test_the_same_document_makes_the_same_archive(document: dict[str, Any]) -> None:
    assert archive(document, harmless) == archive(document, harmless)


def test_markup_escapes_what_is_no_markup() -> None:
    assert el("p", "<b>", html("a & b"), None, class_='"') == '<p class="&quot;">&lt;b&gt;a &amp; b</p>'
    assert table(["a"], []) == ""
    assert 'colspan="2"' in table(["a", "b"], [("1", "2"), ("across",)])
