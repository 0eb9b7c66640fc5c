"""What the page says, in both languages, of one and of many."""

from datetime import UTC, datetime, timedelta
from string import Formatter

import pytest

from store.health import PastRun
from sync.health import Check, Reason
from sync.web.chart import chart
from sync.web.speech import Speech
from sync.web.words import ENGLISH, FINNISH, MATTERS, SPANS, WORDS

NOW = datetime(2026, 11, 25, 12, 7, tzinfo=UTC)
EN, FI = Speech(ENGLISH, NOW), Speech(FINNISH, NOW)


def fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text)} - {None}


def test_both_languages_say_the_same_things_of_the_same_values() -> None:
    assert WORDS[ENGLISH].keys() == WORDS[FINNISH].keys()
    for word, text in WORDS[ENGLISH].items():
        assert fields(text) == fields(WORDS[FINNISH][word]), word
        assert ("|" in text) == ("|" in WORDS[FINNISH][word]), word
    assert set(MATTERS[ENGLISH]) == set(MATTERS[FINNISH]) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("speech", [EN, FI], ids=["en", "fi"])
def test_every_matter_has_a_sentence_and_advice(speech: Speech, reason: Reason) -> None:
    what, advice = speech.matter(Check("a", "warn", 2, "rows", reason, "salon", "a word of a platform"))
    assert what.endswith(".") and advice.endswith(".")
    assert "{" not in what + advice and "`" not in advice and "|" not in what
    assert "a word of a platform" not in what + advice


@pytest.mark.parametrize(
    ("value", "english", "finnish"),
    [
        (1, "1 pair waits for your decision.", "1 pari odottaa päätöstäsi."),
        (2, "2 pairs wait for your decision.", "2 paria odottaa päätöstäsi."),
        (1234, "1,234 pairs wait for your decision.", "1\u00a0234 paria odottaa päätöstäsi."),
    ],
)
def test_one_is_not_many(value: int, english: str, finnish: str) -> None:
    check = Check("review:pairs", "warn", value, "pairs", Reason.REVIEW)
    assert (EN.matter(check)[0], FI.matter(check)[0]) == (english, finnish)


@pytest.mark.parametrize(
    ("moment", "english", "finnish"),
    [
        (NOW, "today at 14:07", "tänään klo 14.07"),
        (NOW + timedelta(hours=10), "tomorrow at 00:07", "huomenna klo 0.07"),
        (NOW - timedelta(hours=15), "yesterday at 23:07", "eilen klo 23.07"),
        (NOW + timedelta(days=8), "3 Dec at 14:07", "3.12. klo 14.07"),
        (datetime(2026, 7, 1, 12, tzinfo=UTC), "1 Jul at 15:00", "1.7. klo 15.00"),
    ],
)
def test_times_are_finlands_and_near_days_have_names(moment: datetime, english: str, finnish: str) -> None:
    assert EN.time(moment).replace("\u00a0", " ") == english
    assert FI.time(moment).replace("\u00a0", " ") == finnish


@pytest.mark.parametrize(
    ("seconds", "english", "finnish"),
    [
        (-5, "0 seconds", "0 sekuntia"),
        (1, "1 second", "1 sekunti"),
        (60, "1 minute", "1 minuutti"),
        (719, "11 minutes", "11 minuuttia"),
        (3600, "1 hour", "1 tunti"),
        (86_400, "24 hours", "24 tuntia"),
        (200_000, "2 days", "2 päivää"),
    ],
)
def test_a_span_is_said_in_one_unit(seconds: float, english: str, finnish: str) -> None:
    assert (EN.span(seconds), FI.span(seconds)) == (english, finnish)
    assert len(SPANS[ENGLISH]) == len(SPANS[FINNISH]) == 4


def test_what_is_said_cannot_be_markup() -> None:
    what, advice = EN.matter(Check("a", "fail", None, None, Reason.HELD, "<b>&"))
    assert "&lt;b&gt;&amp;" in what and "<code>rekisteri sync &lt;b&gt;&amp;</code>" in advice


def run(outcome: str, seconds: float = 4.0, news: int = 0) -> PastRun:
    return PastRun(NOW, NOW + timedelta(seconds=seconds), outcome, news)


@pytest.mark.parametrize(
    ("outcomes", "english", "finnish"),
    [
        (["ok"], "Last run: well", "Viime haku: onnistui"),
        (["failed"], "Last run: 1 failed", "Viime haku: 1 epäonnistui"),
        (["ok", "ok"], "Last 2 runs: all well", "Viimeiset 2 hakua: kaikki onnistuivat"),
        (
            ["ok", "partial", "failed", "failed"],
            "Last 4 runs: 1 well, 1 in part, 2 failed",
            "Viimeiset 4 hakua: 1 onnistui, 1 osin, 2 epäonnistui",
        ),
    ],
)
def test_a_chart_says_in_words_what_it_shows(outcomes: list[str], english: str, finnish: str) -> None:
    for speech, told in ((EN, english), (FI, finnish)):
        drawn = "".join(chart([run(outcome) for outcome in outcomes], speech))
        assert f'aria-label="{told}"' in drawn and f">{told}</p>" in drawn
        assert drawn.count("<rect") == len(outcomes)


def test_a_bar_says_what_the_run_brought_and_failures_are_crossed_out() -> None:
    drawn = "".join(chart([run("ok", news=1), run("failed", 0.0, news=7)], EN))
    assert "well, 4 s, 1 row new or changed" in drawn
    assert "failed, 0 s, 7 rows new or changed" in drawn
    assert drawn.count("<path") == 2  # the floor, and one cross
    assert "".join(chart([], EN)) == ""


def test_a_run_that_a_set_back_clock_ended_before_it_began_has_a_bar() -> None:
    drawn = "".join(chart([run("ok", -100.0), PastRun(NOW, None, "ok", 0)], FI))
    assert drawn.count('height="3.0"') == 2
