"""A free text has a length, so that nothing that reads all of them takes for ever."""

import pytest

from sync.cli.requested import LONGEST
from tests.sync.cli.conftest import Desk

LONG = "x " * (LONGEST // 2) + "x"


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("case", "open", "--type", "claim", "--channel", "letter", "--subject", LONG), "--subject"),
        (("contact", "add", "1", "--channel", "phone", "--direction", "in", "--summary", LONG), "--summary"),
        (
            ("breach", "open", "--nature", LONG, "--categories", "customers", "--risk", "none", "--discovered",
             "2026-07-01T09:30"),
            "--nature",
        ),
        (("segment", "define", "kanta", "--rule", f'service is "{LONG}"', "--purpose", "analysis"), "--rule"),
        (("request", "identify", "1", "--method", LONG), "--method"),
        (
            ("agreement", "add", "timma", "--type", "dpv:ControllerProcessorAgreement", "--url",
             f"https://example.com/{'x' * LONGEST}"),
            "--url",
        ),
    ],
)  # fmt: skip
def test_a_text_that_is_too_long_is_refused_in_one_line(desk: Desk, words: tuple[str, ...], option: str) -> None:
    done = desk.run(*words)
    assert done.exit_code == 2
    assert f"{option}: is longer than {LONGEST} characters" in done.stderr
    assert done.stderr.count("\n") == 1
    assert desk.audit() == []


def test_from_standard_input_too_and_one_of_that_length_is_kept(desk: Desk) -> None:
    claim = ("case", "open", "--type", "claim", "--channel", "letter", "--subject", "-")
    assert desk.run(*claim, stdin=LONG.encode()).exit_code == 2
    assert len(desk.json(*claim, stdin=LONG[2:].encode())["subject"]) == LONGEST - 1
