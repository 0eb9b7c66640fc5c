"""`rekisteri match train`: what it says, what it writes, and that it changes nothing."""

import json
from typing import Any

import pytest

from sync.reconcile.model import load_model
from tests.sync.cli.conftest import Desk
from tests.sync.test_training import TOWN, town


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """A registry that is large enough to learn from."""
    for source, people in town().items():
        desk.registry.land(source, people)
    desk.registry.reconcile()
    return desk


def test_the_file_is_a_model_which_once_configured_is_the_one_compared_with(busy: Desk) -> None:
    """One test, since learning takes seconds: what is said, what is written, and that the registry stays as it is."""
    before = busy.registry.customers(), busy.registry.pairs()
    path = busy.folder / "my model.json"
    shown = busy.run("match", "train", "--output", str(path))
    assert (shown.exit_code, shown.stderr) == (0, "")
    assert f'set match.model = "{path}"' in shown.stdout
    assert "rekisteri rematch --dry-run" in shown.stdout
    assert path.stat().st_mode & 0o777 == 0o600
    assert not any(text in shown.stdout for text in personal(busy))
    config = busy.folder / "rekisteri.toml"
    config.write_text(f"[match]\nmodel = {json.dumps(str(path))}\n")
    made = busy.json("match", "train")
    assert made.keys() == {"records", "pairs", "labels", "names", "weights", "outcomes", "output"}
    assert (made["records"], made["labels"], made["names"]) == (TOWN, {"found": 0, "used": 0}, "shipped")
    assert [set(counts) for counts in made["outcomes"].values()] == [{"join", "review", "apart"}] * 2
    assert made["output"] is None
    assert (busy.registry.customers(), busy.registry.pairs()) == before
    detail = {"records": TOWN, "pairs": made["pairs"], "labels": 0}
    assert busy.audit() == [("match.train", "register_upkeep", None, detail)] * 2
    written = load_model(path).document["weights"]
    levels = [(comparison, level) for comparison, levels in made["weights"].items() for level in levels]
    for comparison, level in levels:
        both = made["weights"][comparison][level]
        assert both["old"] == both["new"] == written[comparison][level]


def personal(desk: Desk) -> set[str]:
    """Contacts and last names of everybody."""
    fields: list[Any] = [
        person.get(field) for people in town().values() for person in people.values()
        for field in ("email", "phone", "last_name", "street")
    ]  # fmt: skip
    return {text for text in fields if text and len(text) > 5}


def test_too_small_a_registry_is_status_1_in_one_line_and_writes_nothing(people: Desk) -> None:
    path = people.folder / "model.json"
    done = people.run("match", "train", "--output", str(path))
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "too small a registry to learn from" in done.stderr
    assert not path.exists()


def test_a_file_that_is_there_is_a_usage_error(people: Desk) -> None:
    path = people.folder / "model.json"
    path.write_text("mine")
    done = people.run("match", "train", "--output", str(path))
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("rekisteri: --output: ")
    assert path.read_text() == "mine"
    assert people.audit() == []
