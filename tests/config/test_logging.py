"""Log lines: structured, in UTC, and never about a person or a secret."""

import io
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.errors import ConfigError
from config.logging import configure, describe, logger

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Lines:
    stream = io.StringIO()
    configure("info", None, stream)
    return lambda: [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_a_sentence_with_fields_and_a_time_in_utc(lines: Lines) -> None:
    logger("sync").info("page landed", source="school", rows=250, waited_s=0.5, file=Path("/in/a.csv"))
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "page landed",
        "level": "info",
        "room": "sync",
        "source": "school",
        "rows": 250,
        "waited_s": 0.5,
        "file": "/in/a.csv",
    }


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    logger("sync").debug("detail")
    assert lines() == []


PERSONAL = [
    "email", "e_mail", "emails", "client_email", "phone", "phones", "name", "first_name", "full_name", "address",
    "street", "city", "notes", "note", "token", "access_token", "api_key", "apikey", "API_KEY", "secret",
    "webhook_secret", "password", "Authorization", "cookie", "payload", "fields", "record", "body", "params", "query",
    "url", "text", "value", "headers", "message", "row",
]  # fmt: skip


@pytest.mark.parametrize("key", PERSONAL)
def test_fields_that_speak_of_a_person_or_a_secret_are_withheld(lines: Lines, key: str) -> None:
    logger("sync").info("row seen", **{key: "maija"})
    (line,) = lines()
    assert "maija" not in json.dumps(line)
    assert line["withheld"] == [key]


@pytest.mark.parametrize(
    "key", ["source", "stream", "rows", "records", "run_id", "status", "setting", "reason", "file_name"]
)
def test_fields_about_the_work_are_kept(lines: Lines, key: str) -> None:
    logger("sync").info("page landed", **{key: 3})
    assert lines()[0][key] == 3


@pytest.mark.parametrize("value", [object(), {"a": "maija"}, [{"a": "maija"}], {"maija"}, b"maija"])
def test_only_plain_values_are_written(lines: Lines, value: object) -> None:
    logger("sync").info("seen", thing=value)
    assert lines()[0]["thing"] == type(value).__name__


def fail() -> None:
    try:
        int("maija@example.com")
    except ValueError as error:
        raise KeyError("https://x/?email=maija") from error


def test_an_exception_is_shown_by_type_and_place_never_by_its_text(lines: Lines) -> None:
    try:
        fail()
    except KeyError as error:
        logger("sync").exception("run failed")
        logger("sync").error("run failed", error=error)
        logger("sync").error("run failed", exc_info=error)
    assert "maija" not in json.dumps(lines())
    for line in lines():
        assert line["error"].startswith("KeyError at config/test_logging.py:")
        assert "in fail from ValueError at" in line["error"]


def test_the_programs_own_configuration_error_is_shown_with_its_text() -> None:
    assert describe(ConfigError("is missing", "http.port")) == "config.errors.ConfigError: http.port: is missing"


def test_a_suppressed_cause_stays_out() -> None:
    try:
        try:
            fail()
        except KeyError:
            raise RuntimeError("x") from None
    except RuntimeError as error:
        assert "KeyError" not in describe(error)


def test_a_librarys_words_are_not_repeated(lines: Lines) -> None:
    logging.getLogger("wire").warning("GET https://x/?email=%s", "maija")
    logging.getLogger("wire").info("quiet")
    (line,) = lines()
    assert "maija" not in json.dumps(line)
    assert (line["library"], line["level"]) == ("wire", "warning")
    assert line["place"].startswith("test_logging:")


def test_a_room_of_ours_keeps_its_sentence_but_not_its_arguments(lines: Lines) -> None:
    logging.getLogger("connectors.files").warning("the file of %s stays", "maija")
    (line,) = lines()
    assert line["event"] == "the file of %s stays"


def test_a_librarys_exception_is_shown_by_type_and_place(lines: Lines) -> None:
    try:
        fail()
    except KeyError:
        logging.getLogger("wire").exception("maija")
    assert "maija" not in json.dumps(lines())
    assert lines()[0]["error"].startswith("KeyError at ")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "form", "is_json"), [(io.StringIO, None, True), (Terminal, None, False), (Terminal, "json", True)]
)
def test_a_terminal_gets_lines_for_people(stream: type[io.StringIO], form: Any, is_json: bool) -> None:
    out = stream()
    configure("info", form, out)
    logger("sync").info("page landed", rows=3)
    assert out.getvalue().startswith("{") is is_json
    assert "page landed" in out.getvalue()


def test_console_lines_hide_the_same(lines: Lines) -> None:
    out = io.StringIO()
    configure("info", "console", out)
    try:
        fail()
    except KeyError:
        logger("sync").exception("run failed", email="maija")
    assert "maija" not in out.getvalue()
    assert "KeyError at" in out.getvalue()
