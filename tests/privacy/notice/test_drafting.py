"""A drafted notice: made of what is so, its gaps marked, and in agreement with the check."""

from datetime import date

import pytest

from config.register import load_register
from privacy.notice.drafting import Draft, Other, Told, draft
from privacy.notice.findings import Kept, Notice, findings
from privacy.notice.writing import as_page, as_text
from privacy.retention import CATEGORIES
from tests.privacy.notice.conftest import House

TODAY = date(2026, 11, 26)
PARTNER = Other("Kumppani Oy", "FI", "partner")


def complete(house: House) -> Told:
    """What is told where nothing is missing."""
    house.processing("timma", {"storage_country": "FI"})
    rules = dict.fromkeys(CATEGORIES, ("P5Y", "created"))
    return Told(house.register, house.kept, rules, [PARTNER], ["levyn salaus"], segments=True)


def shipped(kept: Kept | None = None) -> Told:
    return Told(load_register(None), kept or Kept(), {})


def test_a_complete_draft_has_one_gap_and_the_check_finds_nothing_in_it(house: House) -> None:
    told = complete(house)
    made = draft(told, house.language, TODAY)
    assert made.gaps == 1  # which data have to be given, nothing tells
    text = as_text(made)
    assert [one.code for one in findings(house.register, Notice("next", house.language, text), house.kept)] == []
    assert ("Kumppani Oy" in text, "levyn salaus" in text) == (True, True)
    assert {"fi": "5 vuotta", "en": "5 years"}[house.language] in text


@pytest.mark.parametrize(("language", "mark"), [("fi", "[PUUTTUU: "), ("en", "[MISSING: ")])
def test_what_nothing_tells_is_marked(language: str, mark: str) -> None:
    made = draft(shipped(), language, TODAY)
    text = as_text(made)
    # contact, required, kinds of data, 2+2 roles, countries of 2, task, 3 places, mechanism and instrument, measures
    assert made.gaps == text.replace("\n", " ").count(mark.rstrip()) > len(CATEGORIES) + 10
    assert as_page(made, language).count("<mark>") == made.gaps


def test_it_says_nothing_in_the_words_of_the_old_notice() -> None:
    text = " ".join(as_text(draft(shipped(), "fi", TODAY)).split())
    assert "toteuttaminen" not in text and "luokittelu" not in text
    assert "Palvelujen antaminen sinulle" in text


def test_only_those_whose_data_are_here_are_told_of() -> None:
    text = as_text(draft(shipped(Kept(feeding=frozenset({"timma"}))), "fi", TODAY))
    assert "Timma Oy" in text and "Thinkific" not in text


def parts(made: Draft) -> str:
    return repr(made.sections)


def test_recipients_outside_the_eea_are_told_with_what_carries_them() -> None:
    others = [
        Other("Mailer Inc", "US", "processor", safeguard="eu-gdpr:A46-2-c"),
        Other("Amazon", "US", "processor", under="thinkific"),
        Other("Nowhere", "unknown", "processor", under="nobody"),
    ]
    told = Told(load_register(None), Kept(), {}, others)
    said = parts(draft(told, "en", TODAY))
    assert (
        "Mailer Inc: the country where the data lie is United States; what carries them there: standard clauses" in said
    )
    assert "sub-processor of Thinkific Labs Inc." in said and "sub-processor of nobody" in said
    assert "Amazon: the country where the data lie is United States; what carries them there: [MISSING" in said
    assert "[MISSING: Nowhere: in which country" in said
    assert "We give your data to nobody for advertising." in said


def test_what_the_law_keeps_is_told_where_a_rule_rests_on_it(house: House) -> None:
    by_law = Told(house.register, house.kept, {"orders": ("P6Y", "year_end")}, duty=True)
    assert "the law obliges us to keep, such as the books" in parts(draft(by_law, "en", TODAY))
    assert "such as the books" not in parts(draft(shipped(), "en", TODAY))


def test_where_nothing_lies_abroad_it_says_so(house: House) -> None:
    house.processing("timma", {"storage_country": "FI"})
    house.processing("thinkific", {"storage_country": "IE"})
    said = parts(draft(Told(house.register, house.kept, {}), "en", TODAY))
    assert "No data are kept outside the EU or EEA." in said and "copy of the safeguards" not in said


def test_a_page_escapes_what_it_is_told_and_links_to_the_handlers_notices() -> None:
    register = load_register(None).model_copy(update={"name": "<b>Nimi</b> & Co"})
    page = as_page(draft(Told(register, Kept(), {}), "fi", TODAY), "fi")
    assert "<b>" not in page and "&lt;b&gt;Nimi&lt;/b&gt; &amp; Co" in page
    assert '<a href="https://www.thinkific.com/dpa/">' in page
    assert page.startswith('<!doctype html>\n<html lang="fi">') and "<script" not in page


def test_lines_of_the_text_fit_a_mail() -> None:
    lines = as_text(draft(shipped(), "fi", TODAY)).splitlines()
    assert max(len(line) for line in lines if " " in line.strip()) <= 80
