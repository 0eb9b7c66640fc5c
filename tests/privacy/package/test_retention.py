"""The answer tells for how long data are kept, as far as it is defined."""

import json

from jsonschema import Draft202012Validator

from privacy.package.archive import schema
from privacy.package.page import page
from privacy.package.words import Words
from privacy.retention import CATEGORIES
from store import retention
from store.engine import writing
from tests.privacy.package.desk import Desk
from tests.sync.engine import START


def rule(desk: Desk, category: str, period: str | None, trigger: str) -> None:
    with writing(desk.registry.engine) as connection:
        ruling = retention.Ruling(category, period, trigger, "claim: Testi Toinen", START, "tester")
        retention.set_rule(connection, ruling)


def test_the_rules_in_force_are_told_without_the_basis(desk: Desk) -> None:
    desk.note("salon", "maija", "", first_name="Maija", last_name="Malli", phone="+358400000101")
    desk.registry.reconcile()
    assert desk.answer("salon:maija")["retention"] == {"state": "undefined"}
    rule(desk, "orders", "P6Y", "year_end")
    rule(desk, "notes", "P1Y", "created")
    rule(desk, "notes", None, "created")
    document = desk.answer("salon:maija")
    told = [{"category": "orders", "after": "P6Y", "from": "year_end"}]
    assert document["retention"] == {"state": "partly_defined", "rules": told}
    Draft202012Validator(json.loads(schema())).validate(document)
    shown = page(document, Words("fi"))
    assert [words for words in ("Ostot", "6 vuotta", "vuoden lopusta", "Muiden tietojen") if words not in shown] == []
    assert "Toinen" not in shown
    for category in CATEGORIES:
        rule(desk, category, "P2Y6M", "year_end")
    document = desk.answer("salon:maija")
    assert document["retention"]["state"] == "defined"
    shown = page(document, Words("en"))
    assert "2 years 6 months" in shown and "no period has been defined" not in shown
