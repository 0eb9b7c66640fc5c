"""The documents name every setting and every field, and nothing that is not there."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from config.entries import Activity, Brand, Notice, Party, Processing, Purpose, Transfer
from config.keys import known_paths
from config.layers import CONFIG_VARIABLE
from config.register import ProcessingRegister
from config.sections import BOOKING_FIELDS, CUSTOMER_FIELDS
from config.settings import Settings, settings_shape

DOCS = Path(__file__).parents[2] / "docs"


def text_of(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows() -> dict[str, str]:
    """Setting → default, of every row of the tables of settings."""
    return dict(re.findall(r"^\| `([a-z]+\.[A-Za-z_.]+)` \| (.*?) \|", text_of("configuration.md"), flags=re.MULTILINE))


def settings() -> set[str]:
    found = set()
    for path in known_paths(settings_shape()):
        stands_for = "SOURCE" if path[0] == "schedule" else "NAME"
        last = "FIELD" if "columns" in path else path[-1]
        found.add(".".join((*path[:-1], last)).replace("*", stands_for))
    return found


def test_every_setting_is_documented_and_every_documented_one_exists() -> None:
    assert rows().keys() == settings()


def default_of(setting: str) -> Any:
    value: Any = Settings().model_dump()
    for part in setting.split("."):
        value = value[part]
    return value


WORDED = (
    "FIELD",
    "NAME",
    "SOURCE",
    "_file",
    "processing.",
    "database.",
    "fail_after",
    "interval",
    "no_show_words",
    "secret",
    "format",
)


@pytest.mark.parametrize("setting", sorted(name for name in settings() if not any(word in name for word in WORDED)))
def test_the_documented_default_is_the_default(setting: str) -> None:
    default = default_of(setting)
    shown = str(default).lower() if isinstance(default, bool) else str(default)
    assert rows()[setting] == ("none" if default is None else f"`{shown}`")


@pytest.mark.parametrize("field", (*CUSTOMER_FIELDS, *BOOKING_FIELDS))
def test_every_field_of_a_file_is_listed(field: str) -> None:
    assert f"`{field}`" in text_of("configuration.md").split("## Fields of a file")[1]


def test_every_variable_that_the_document_names_is_one() -> None:
    known = {f"REKISTERI_{'__'.join(path)}".upper() for path in known_paths(settings_shape())} | {CONFIG_VARIABLE}
    for name in re.findall(r"REKISTERI_[A-Z_]*[A-Z]", text_of("configuration.md")):
        assert name.replace("__RESELLER__", "__*__") in known


ENTRIES = [ProcessingRegister, Notice, Brand, Party, Activity, Purpose, Processing, Transfer]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_field_of_the_register_is_explained(entry: type[BaseModel]) -> None:
    text = text_of("processing-register.md")
    for field in entry.model_fields:
        assert re.search(rf"[`.\[]{field}\b", text), field
