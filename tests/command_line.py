"""`rekisteri` run in the process of the tests."""

import sys
from collections.abc import Mapping, Sequence
from functools import cache

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from sync.cli import app

# Typer makes every command anew for each call of its runner, which takes longer than most of them.
_made = cache(get_command)


def rekisteri(words: Sequence[str], stdin: bytes | None = None, env: Mapping[str, str] | None = None) -> Result:
    """`rekisteri WORDS`: what it says, and the status that it leaves with. Raises what it does not handle."""
    runner = CliRunner()
    with runner.isolation(input=stdin, env=env) as streams:
        with pytest.raises(SystemExit) as left:
            _made(app).main(args=list(words))
        sys.stdout.flush()
        sys.stderr.flush()
        stdout, stderr, output = (stream.getvalue() for stream in streams)
    assert isinstance(left.value.code, int)
    return Result(runner, stdout, stderr, output, None, left.value.code, None)
