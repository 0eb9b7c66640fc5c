"""Every word of an answer is there in both languages."""

import ast
import re
from typing import Any, get_args

import pytest

from config import entries
from config.register import load_register
from connectors.records import BookingState, Customer
from privacy.gate import SCOPES
from privacy.package.held import plain_reasons
from privacy.package.tables import COLUMNS
from privacy.package.words import LANGUAGES, Words, tables
from privacy.requests import OUTCOMES, TYPES
from privacy.retention import CATEGORIES, TRIGGERS
from sync.moves import BY_PERSON, NOTHING_LEFT
from sync.reconcile import judge, survivorship
from sync.reconcile.consent import BY_DECLARATION, BY_FLAG
from sync.reconcile.corrections import RULE
from sync.reconcile.names import FIRST_WORDS, LAST_WORDS
from tests.tree import ROOT, modules

KEYED_BY_WORDING = ("purpose", "activity")
FILLED = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_in_both_languages_with_the_same_blanks(language: str) -> None:
    for name, table in tables().items():
        for key, words in table.items() if name not in KEYED_BY_WORDING else ():
            assert words[language], (name, key)
            assert set(FILLED.findall(words["fi"])) == set(FILLED.findall(words["en"])), (name, key)


def said() -> set[str]:
    """The keys with which the modules of the package call `say`, and headings given by key."""
    found = set()
    for _, tree in modules("privacy/package"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say":
                found |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return found


def test_every_sentence_that_is_said_is_written() -> None:
    assert len(said()) > 40
    assert said() - tables()["text"].keys() == set()


def test_every_sentence_that_is_written_is_said() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "privacy" / "package").glob("*.py"))
    unsaid = [
        key
        for key in tables()["text"]
        if not re.search(f"[\"']{key}[\"']", source) and not key.startswith(("sum_", "by_", "period_"))
    ]
    unsaid = [key for key in unsaid if key not in tables()["event"]]
    assert unsaid == []


def missing(table: str, codes: Any) -> set[str]:
    return {str(code) for code in codes} - tables()[table].keys()


def test_every_code_of_the_register_has_words() -> None:
    assert missing("role", (*get_args(entries.Role), *get_args(entries.AssessedRole))) == set()
    assert missing("direction", get_args(entries.Direction)) == set()
    assert missing("basis", get_args(entries.LegalBasis)) == set()
    assert missing("mechanism", (*get_args(entries.Mechanism), "unassessed")) == set()
    assert missing("collected", get_args(entries.CollectedFrom)) == set()
    register = load_register(None)
    terms = {term for entry in register.processing for kind in entry.data_categories.values() for term in kind}
    assert missing("category", terms | {term for kind in register.data_categories.values() for term in kind}) == set()
    assert missing("purpose", (purpose.text for purpose in register.purposes.values())) == set()
    assert missing("activity", (activity.name for activity in register.activities.values())) == set()
    countries = {party.country for party in register.parties.values()}
    assert missing("country", countries | {entry.transfer.storage_country for entry in register.processing}) == set()


def test_every_code_of_the_store_has_words() -> None:
    assert missing("booking", (*BookingState, "past_unconfirmed")) == set()
    assert missing("field", Customer.model_fields) == set()
    assert missing("scope", SCOPES) == set()
    assert missing("request", TYPES) == set()
    assert missing("outcome", OUTCOMES) == set()
    assert missing("column", {column for columns in COLUMNS.values() for column in columns}) == set()


def test_every_rule_has_words() -> None:
    written = set(re.findall(r'"(\w+)"', ast.unparse(ast.parse(open_(survivorship))).replace("'", '"')))
    known = {"most_recent", "source_precedence", "external_id", "fuller_name", "only_value", "all",
             "counted_from_bookings", "stated_by_source"}  # fmt: skip
    assert known <= written, "the rules are these still"
    assert missing("rule", known | {BY_FLAG, BY_DECLARATION, RULE}) == set()


def open_(module: Any) -> str:
    return (ROOT / "sync" / "reconcile" / f"{module.__name__.rpartition('.')[2]}.py").read_text("utf-8")


def test_every_reason_has_words_that_say_nothing_of_others() -> None:
    groups = (
        judge._SAME_WORDS, judge._SHARED_WORDS, judge._DIFFERENT_WORDS, FIRST_WORDS, LAST_WORDS, BY_PERSON,
    )  # fmt: skip
    reasons = [reason for group in groups for reason in group.values()]  # type: ignore[attr-defined]
    reasons += [NOTHING_LEFT, "addresses nearly agree", "nothing else in common"]
    for reason in reasons:
        (plain,) = plain_reasons(f'["{reason}"]')
        assert missing("reason", [plain]) == set(), reason
        assert "others have" not in plain


def test_a_code_without_words_is_shown_as_it_is() -> None:
    assert Words("fi").term("country", "XX") == "XX"
    assert Words("en").action("something.new") == "the data were handled"
    assert Words("fi").action("direct_marketing.move") == "suoramarkkinointirekisteri"
    assert Words("fi").task("call them") == "call them"


def test_times_and_amounts_are_written_as_in_each_language() -> None:
    stamp = "2026-11-24T22:05:00.000Z"
    assert Words("fi").time(stamp) == "25.11.2026 klo 0.05"
    assert Words("en").time(stamp) == "25 November 2026, 0:05"
    assert Words("fi").spreadsheet_time(stamp) == "25.11.2026 0:05"
    assert Words("en").spreadsheet_time(stamp) == "2026-11-25 00:05"
    assert Words("fi").span(stamp, "2026-11-24T23:05:00.000Z") == "25.11.2026 klo 0.05–1.05"
    assert (Words("fi").money(-6505), Words("en").money(6505)) == ("−65,05", "65.05")
    assert Words("fi").say("waiting", 1) == "Yksi vertailu toiseen tietueeseen odottaa ihmisen ratkaisua."


def test_every_category_of_retention_and_its_trigger_has_words() -> None:
    assert CATEGORIES.keys() == tables()["retention_category"].keys()
    assert TRIGGERS.keys() == tables()["retention_from"].keys()
    assert Words("fi").period("P1Y6M1D") == "1 vuosi 6 kuukautta 1 päivä"
    assert Words("en").period("P6Y") == "6 years"
