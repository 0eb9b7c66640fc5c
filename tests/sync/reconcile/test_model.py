"""The match model: what is in it, and what is refused."""

import json
from collections.abc import Callable
from copy import deepcopy
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from config.errors import ConfigError
from sync.reconcile.model import Model, checked, load_model, shipped
from sync.reconcile.names import First, Last

SMALL: dict[str, Any] = {
    "version": "test",
    "thresholds": {"join": 20.5, "review": 19.0},
    "weights": {
        "first": {"same": 8.0, "different": -11.0},
        "last": {"same": 10.0},
        "email": {"same": 20.0, "different": -3.0},
        "phone": {"same": 20.0},
        "address": {},
    },
    "names": {
        "first": {"usual": 0.004, "rarest": 0.001, "shares": {"anna": 0.016, "anna maria": 0.002}},
        "last": {"usual": 0.004, "rarest": 0.001, "shares": {}},
    },
}


def changed(**parts: Any) -> dict[str, Any]:
    return {**deepcopy(SMALL), **parts}


def written(folder: Path, document: object) -> Path:
    path = folder / "own model.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_the_shipped_model_is_a_sound_one_and_stands_without_a_setting() -> None:
    model = load_model(None)
    assert model.fingerprint == shipped().fingerprint
    assert checked(model.document, "the shipped one").version == model.version
    assert model.review <= model.join


def test_the_shipped_weights_say_what_anybody_would() -> None:
    model = shipped()
    first, last = model.first, model.last
    assert first[First.SAME] > first[First.TYPO] > 0 > first[First.DIFFERENT]
    assert last[Last.SAME] > last[Last.TYPO] > 0 > last[Last.DIFFERENT]
    for kind in (model.email, model.phone):
        assert kind[1] > kind[2] > 0 > kind[3], "a contact that others have too says less"
    assert all(array[0] == 0 for array in (first, last, model.email, model.phone, model.address))


def test_a_level_without_a_weight_weighs_nothing(tmp_path: Path) -> None:
    model = load_model(written(tmp_path, SMALL))
    assert model.first.tolist() == [0, 8, 0, 0, 0, 0, 0, 0, 0, -11]
    assert model.email.tolist() == [0, 20, 0, -3, 0]
    assert not model.address.any()
    assert (model.version, model.join, model.review) == ("test", 20.5, 19.0)


def test_a_rare_name_says_more_and_an_unlisted_one_is_as_rare_as_any() -> None:
    model = Model(SMALL)
    assert model.rarity("first", ("anna",)) == -2
    assert model.rarity("first", ("anna", "maria")) == 1
    assert model.rarity("first", ("tellervo",)) == log2(0.004 / 0.001)
    assert model.rarity("last", ()) == 0


def test_the_fingerprint_is_that_of_what_decides() -> None:
    print_ = Model(SMALL).fingerprint
    assert Model(changed(version="2", made_by="somebody", notes=["x"])).fingerprint == print_
    assert Model(dict(reversed(SMALL.items()))).fingerprint == print_
    other = {
        Model(changed(**{part: {**SMALL[part], "x": {}}})).fingerprint for part in ("weights", "thresholds", "names")
    }
    assert len(other | {print_}) == 4


def without(part: str) -> Callable[[dict[str, Any]], None]:
    def damage(document: dict[str, Any]) -> None:
        del document[part]

    damage.__name__ = f"without {part}"
    return damage


def put(value: object, *path: str) -> Callable[[dict[str, Any]], None]:
    def damage(document: dict[str, Any]) -> None:
        inner = document
        for part in path[:-1]:
            inner = inner[part]
        inner[path[-1]] = value

    damage.__name__ = f"{'.'.join(path)} is {value!r}"
    return damage


@pytest.mark.parametrize(
    "damage",
    [
        *(without(part) for part in SMALL),
        put(None, "weights"),
        put([], "weights", "first"),
        put("much", "weights", "email", "same"),
        put(None, "weights", "email", "same"),
        put(float("nan"), "weights", "email", "same"),
        put(float("inf"), "weights", "phone", "same"),
        put(float("nan"), "thresholds", "join"),
        put(18.0, "thresholds", "join"),
        put({}, "thresholds"),
        put({}, "names", "first"),
        put(0, "names", "last", "usual"),
        put(-0.1, "names", "last", "rarest"),
        put(0, "names", "first", "shares", "anna"),
        put("often", "names", "first", "shares", "anna"),
        put([], "names", "first", "shares"),
    ],
    ids=lambda damage: damage.__name__,
)
def test_a_damaged_model_is_refused_by_the_name_of_its_file(
    tmp_path: Path, damage: Callable[[dict[str, Any]], None]
) -> None:
    document = deepcopy(SMALL)
    damage(document)
    path = written(tmp_path, document)
    with pytest.raises(ConfigError) as raised:
        load_model(path)
    assert str(path) in str(raised.value)
    assert raised.value.setting == "match.model"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"model"', "17", '{"version": "1"}'])
def test_what_is_no_model_at_all_is_refused_by_the_name_of_its_file(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        load_model(path)
    assert str(path) in str(raised.value)


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    binary = tmp_path / "model.bin"
    binary.write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "nowhere.json", tmp_path, binary):
        with pytest.raises(ConfigError) as raised:
            load_model(path)
        assert str(path) in str(raised.value)


def test_weights_stand_in_the_order_of_their_levels() -> None:
    weights = {level.name.lower(): float(level) for level in First}
    model = Model(changed(weights={**SMALL["weights"], "first": weights}))
    assert np.array_equal(model.first, np.arange(len(First)))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400], ids=["nan", "inf", "huge"])
def test_a_share_that_is_no_number_is_refused(tmp_path: Path, value: float) -> None:
    document = deepcopy(SMALL)
    document["names"]["first"]["shares"]["anna"] = value
    with pytest.raises(ConfigError):
        load_model(written(tmp_path, document))


def test_a_huge_threshold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_model(written(tmp_path, changed(thresholds={"join": 10**400, "review": 1})))


def test_json_without_an_end_of_depth_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_model(written(tmp_path, "[" * 100_000))


def test_a_level_that_no_comparison_has_is_refused(tmp_path: Path) -> None:
    document = deepcopy(SMALL)
    document["weights"]["first"]["sam"] = 1.0
    with pytest.raises(ConfigError):
        load_model(written(tmp_path, document))
