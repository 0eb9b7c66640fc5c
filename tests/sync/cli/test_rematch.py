"""`rekisteri rematch`: a change of match model is looked at, then done or refused."""

import json
from pathlib import Path

from sync.reconcile.model import shipped
from tests.sync.cli.conftest import Desk


def strict(desk: Desk) -> Path:
    """Let the settings name a model under which nothing joins."""
    document = {**shipped().document, "version": "strict", "thresholds": {"join": 900.0, "review": 20.0}}
    (desk.folder / "strict.json").write_text(json.dumps(document))
    (desk.folder / "rekisteri.toml").write_text('[match]\nmodel = "strict.json"\n')
    return desk.folder / "strict.json"


def test_a_dry_run_says_what_would_come_apart_and_changes_nothing(people: Desk) -> None:
    before = people.registry.snapshot()
    strict(people)
    told = people.json("rematch", "--dry-run")
    assert (told["model"]["version"], told["splits"]["count"], told["joins"]["count"]) == ("strict", 1, 0)
    assert told["splits"]["examples"][0][0] == people.registry.customer_of("salon:both")
    assert (told["review"]["count"], told["review"]["waiting"], told["done"]) == (1, 2, None)
    assert people.registry.snapshot() == before
    shown = people.run("rematch", "--dry-run")
    assert shown.exit_code == 0
    assert "Would come apart: 1 customer from another." in shown.stdout
    assert "Nothing was changed." in shown.stdout
    assert "Maija" not in shown.stdout


def test_it_can_be_refused_and_done(people: Desk) -> None:
    before = people.registry.snapshot()
    strict(people)
    assert people.run("rematch", stdin=b"n\n").exit_code == 1
    assert people.registry.snapshot() == before
    told = people.json("rematch", "--yes")
    assert told["done"] == {"created": 0, "merged": 0, "split": 1}
    assert people.registry.customer_of("salon:both") != people.registry.customer_of("school:both")
    assert people.audit()[-1][0] == "rematch"
    again = people.json("rematch", "--dry-run")
    assert (again["records"], again["splits"]["count"]) == (0, 0)


def test_decisions_are_judged_by_the_model_that_the_registry_has(people: Desk) -> None:
    people.json("rematch", "--yes")
    strict(people)
    people.json("review", "different", "salon:doubt", "school:doubt")
    assert people.registry.customer_of("salon:both") == people.registry.customer_of("school:both")


def test_bad_models_and_json_without_a_choice_are_usage_errors(people: Desk) -> None:
    assert people.run("rematch", "--json").exit_code == 2
    strict(people).write_text("{")
    done = people.run("rematch", "--dry-run")
    assert (done.exit_code, "match.model" in done.stderr) == (2, True)
    strict(people).unlink()
    done = people.run("rematch", "--dry-run")
    assert (done.exit_code, "strict.json" in done.stderr) == (2, True)


def test_the_shipped_model_changes_nothing(people: Desk) -> None:
    told = people.json("rematch", "--dry-run")
    assert (told["records"], told["joins"]["count"], told["splits"]["count"], told["review"]["waiting"]) == (0, 0, 0, 1)
