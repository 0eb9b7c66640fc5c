"""Every act and every look is an event of the audit chain: the whole command tree is lived through, or says why not.

Whoever adds a command says here how it is called and what the chain says of it then (`LIFE`), which test of its own
shows that (`ELSEWHERE`), or why the chain says nothing (`NOTHING`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
import pytest

from config.place import HELSINKI
from config.register import load_register
from privacy.trail import verify
from store import audit
from store.engine import reading
from tests.privacy.outsiders import arrive
from tests.sync.cli.conftest import Desk
from tests.test_docs import commands, defined, program

BOTH, OTHER = "salon:both", "school:school"
YESTERDAY = f"{datetime.now(HELSINKI) - timedelta(days=1):%Y-%m-%d}"

# The words of a command, what the chain says of it, and further words. Files stand in the desk's folder.
LIFE: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("customers list", "customers.list", ()),
    ("customers show", "customers.show", (BOTH, "--purpose", "service")),
    ("customers find", "customers.find", ("maija",)),
    ("customers export", "customers.export", ("--output", "all.csv", "--format", "csv")),
    ("review list", "review.list", ()),
    ("review same", "review.same", ("salon:doubt", "school:doubt")),
    ("review undo", "review.undo", ("1",)),
    ("review different", "review.different", ("salon:doubt", "school:doubt")),
    ("review split", "review.split", (BOTH, "school:both")),
    ("consent record", "consent.record", (BOTH, "--channel", "sms", "--state", "refused", "--method", "phone")),
    ("consent show", "consent.show", (BOTH,)),
    ("consent export", "consent.export", ("--output", "consents.jsonld")),
    ("marketing-list", "marketing.list", ("--channel", "email", "--brand", "hieromo", "--output", "list.csv")),
    ("direct-marketing move", "direct_marketing.move", (OTHER, "--relationship-ended", YESTERDAY, "--reason", "moved")),
    ("direct-marketing list", "direct_marketing.list", ()),
    ("direct-marketing remove", "direct_marketing.remove", (OTHER, "--reason", "asked")),
    ("case open", "case.open", ("--type", "feedback", "--customer", BOTH, "--channel", "email", "--subject", "video")),
    ("case list", "case.list", ()),
    ("case show", "case.show", ("1",)),
    ("case answer", "case.answer", ("1", "--text", "apologised")),
    ("case close", "case.close", ("1", "--outcome", "mended")),
    ("case reopen", "case.reopen", ("1", "--reason", "not mended")),
    ("contact add", "contact.add", (BOTH, "--channel", "phone", "--direction", "in", "--summary", "asked for a time")),
    ("contact list", "contact.list", (BOTH,)),
    ("segment define", "segment.define", ("regulars", "--rule", "bookings >= 1", "--purpose", "analysis")),
    ("segment run", "segment.run", ("regulars", "--output", "regulars.csv")),
    ("segment retire", "segment.retire", ("regulars",)),
    (
        "recipient approve",
        "recipient.approve",
        ("Kumppani Oy", "--kind", "partner", "--country", "FI", "--purpose", "service", "--reason", "agreed"),
    ),
    ("recipient list", "recipient.list", ()),
    (
        "disclose",
        "disclosure.make",
        (
            "--recipient",
            "Kumppani Oy",
            "--purpose",
            "service",
            "--basis",
            "eu-gdpr:A6-1-b",
            "--fields",
            "name",
            "--output",
            "out.csv",
        ),
    ),
    ("disclosures list", "disclosure.list", ()),
    ("recipient revoke", "recipient.revoke", ("Kumppani Oy", "--reason", "it ended")),
    ("request open", "request.open", ("--type", "rectification", "--customer", BOTH)),
    ("request list", "request.list", ()),
    ("request show", "request.show", ("1",)),
    ("request identify", "request.identify", ("1", "--method", "called back")),
    ("request extend", "request.extend", ("1", "--reason", "much paper")),
    ("request apply", "request.apply", ("1", "--field", "first_name", "--value", "Maija-Liisa")),
    ("request lift", "request.lift", ("1", "--reason", "was right before")),
    ("request tasks", "request.tasks", ("1",)),
    ("request task-done", "request.task_done", ("1", "3", "--proof", "corrected there")),
    ("request close", "request.close", ("1", "--outcome", "fulfilled")),
    ("request open", "request.open", ("--type", "access", "--customer", BOTH)),
    ("request identify", "request.identify", ("2", "--method", "called back")),
    ("request package", "request.package", ("2", "--output", "answer.zip")),
    ("request open", "request.open", ("--type", "erasure", "--customer", OTHER)),
    ("request erase", "request.preview", ("3", "--dry-run")),
    ("request erase", "request.erase", ("3", "--yes")),
    ("erased list", "erased.list", ()),
    ("retention set", "retention.set", ("notes", "--after", "30d", "--from", "created", "--basis", "own need")),
    ("retention run", "retention.review", ("--dry-run",)),
    ("indirect list", "indirect.list", ()),
    ("indirect told", "indirect.told", ("reseller:tuomo", "--on", "2026-02-01", "--method", "letter")),
    ("indirect exempt", "indirect.exempt", ("reseller:toini", "--letter", "a", "--reason", "told by the partner")),
    ("agreement add", "agreement.add", ("timma", "--type", "dpv:ControllerProcessorAgreement")),
    ("agreement review", "agreement.review", ("1", "--next", "2099-01-01")),
    ("agreement end", "agreement.end", ("1", "--on", "2026-01-31", "--reason", "another provider")),
    (
        "measure add",
        "measure.add",
        ("backups", "--kind", "technical", "--term", "dpv:EncryptionAtRest", "--since", "2026-01-15"),
    ),
    ("measure review", "measure.review", ("1", "--next", "2099-01-01")),
    ("measure end", "measure.end", ("1", "--on", "2026-01-31")),
    (
        "breach open",
        "breach.open",
        ("--nature", "a lost stick", "--categories", "customers", "--risk", "risk", "--discovered", YESTERDAY),
    ),
    ("breach list", "breach.list", ()),
    ("breach show", "breach.show", ("1",)),
    ("breach update", "breach.update", ("1", "--consequences", "none", "--measures", "all is new")),
    ("breach told", "breach.told", ("1", "--whom", "authority", "--at", YESTERDAY)),
    ("breach close", "breach.close", ("1",)),
    ("notice answer", "notice.answer", ("residue:theatre", "--verdict", "accepted", "--reason", "in the next notice")),
    ("record-of-processing", "record_of_processing", ("--output", "record.html")),
    ("statistics", "statistics.make", ("--by", "month")),
    ("rematch", "rematch", ("--yes",)),
    ("audit show", "audit.show", ("--customer", BOTH)),
    ("backup", "backup", ("registry.age",)),
)
ELSEWHERE = {
    "sync": "tests/scenarios/privacy/test_audit.py::test_r48_what_was_decided_of_a_run_and_of_the_register_is_noted",
    "restore": "tests/privacy/test_trail.py::test_a_restored_chain_is_whole_and_goes_on_with_the_restore",
    "match train": "tests/sync/cli/test_match.py"
    "::test_the_file_is_a_model_which_once_configured_is_the_one_compared_with",
    "erased admit": "tests/sync/cli/test_erased.py::test_a_customer_is_let_in_with_all_that_is_theirs",
    "erased refuse": "tests/sync/cli/test_erased.py::test_what_is_refused_is_gone_and_nobody_is_asked_again",
    "webhooks register": "tests/sync/cli/test_webhooks.py::test_both_acts_are_in_the_audit_chain",
    "webhooks remove": "tests/sync/cli/test_webhooks.py::test_both_acts_are_in_the_audit_chain",
}
_NOBODY = "shows nobody and changes nothing"
NOTHING = {
    "init": "writes a file, there is no registry yet",
    "check": _NOBODY,
    "status": _NOBODY,
    "daemon": "its runs and events are noted as such",
    "demo": "made-up people in a registry of its own",
    "sandbox": "made-up people without a registry",
    "segment list": _NOBODY,
    "segment show": _NOBODY,
    "retention status": _NOBODY,
    "agreement list": _NOBODY,
    "measure list": _NOBODY,
    "notice show": _NOBODY,
    "notice check": _NOBODY,
    "notice draft": _NOBODY,
    "audit verify": _NOBODY,
    "audit head": _NOBODY,
    "webhooks list": _NOBODY,
}


@pytest.fixture
def house(people: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """People of every kind, two of whom nobody knows but a reseller; backups can be made."""
    strangers = {"tuomo": "Toinen", "toini": "Vieras"}
    people_of_others = {
        name: {"first_name": name.title(), "last_name": last, "email": f"{name}@example.com"}
        for name, last in strangers.items()
    }
    arrive(people.registry, people_of_others)
    recipient = pyrage.x25519.Identity.generate().to_public()
    (people.folder / "rekisteri.toml").write_text(f'[backup]\nrecipient = "{recipient}"\n')
    monkeypatch.chdir(people.folder)
    yield people


def test_every_command_is_in_the_chain_or_says_why_not() -> None:
    lived = {path for path, _, _ in LIFE}
    assert not lived & NOTHING.keys()
    told = lived | ELSEWHERE.keys() | NOTHING.keys()
    assert told == {path.removeprefix("rekisteri ") for path, _ in commands(program())}
    files = [test.partition("::") for test in ELSEWHERE.values()]
    assert [f"{file}::{test}" for file, _, test in files if test not in defined(file)] == []


def test_a_life_of_the_registry_is_in_its_chain_step_by_step(house: Desk) -> None:
    engine, seen = house.registry.engine, 0
    for path, action, words in LIFE:
        done = house.run(*path.split(), *words)
        assert done.exit_code == 0, (path, done.stderr)
        with reading(engine) as connection:
            noted = [row for row in audit.trail(connection) if row.id > seen]
        seen += len(noted)
        assert action in {row.action for row in noted}, path
    with reading(engine) as connection:
        assert verify(connection).broken is None
        purposes = {row.purpose for row in audit.trail(connection)}
    assert purposes <= set(load_register(None).purpose_ids)


def test_nothing_else_says_anything(house: Desk) -> None:
    quiet = [path for path, why in NOTHING.items() if why == _NOBODY and path not in ("check", "webhooks list")]
    words = {"segment show": ("x",), "notice draft": ("--output", "draft.txt")}
    for path in quiet:
        assert "nobody foresaw" not in house.run(*path.split(), *words.get(path, ())).stderr
    assert house.audit() == []
    assert {file.name for file in Path().iterdir()} >= {"draft.txt"}
