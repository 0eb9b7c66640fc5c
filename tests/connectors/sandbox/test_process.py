"""A sandbox in a process of its own."""

import json
import signal
import subprocess
import sys
from typing import Any

import httpx
import pytest


def started(*arguments: str) -> tuple["subprocess.Popen[bytes]", dict[str, Any]]:
    """The process, and what it says when it listens."""
    command = [sys.executable, "-m", "connectors.sandbox", "--customers", "40", *arguments]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def test_it_says_where_it_is_serves_is_steered_and_stops_on_a_signal() -> None:
    process, told = started("--platform", "timma", "--seed", "3", "--faults", "500@1", "--warm")
    with process:
        assert (told["platform"], told["pid"]) == ("timma", process.pid)
        api = told["settings"]["timma"]["api"]
        headers = {"x-auth-token": api["token"]}
        assert httpx.get(api["base_url"] + "/clients", headers=headers).status_code == 500
        assert (
            len(httpx.get(api["base_url"] + "/clients", headers=headers).json()["results"]) == told["rows"]["clients"]
        )
        stats = httpx.post(told["url"] + "/_sandbox/step", json={"step": 2}).json()
        assert (stats["step"], stats["requests"]) == (2, {"/clients": 2})
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, b"", b"")


def test_it_can_end_with_its_standard_input() -> None:
    process, told = started("--platform", "thinkific", "--both", "0", "--school-only", "1", "--until-eof")
    with process:
        assert told["rows"]["users"] == 40
        _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, b"")


def test_an_unknown_platform_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "connectors.sandbox", "--platform", "nobody"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 2
    assert "thinkific" in done.stderr


@pytest.mark.parametrize("option", ["--faults=nonsense"])
def test_a_plan_that_cannot_be_read_is_a_usage_error(option: str) -> None:
    command = [sys.executable, "-m", "connectors.sandbox", "--platform", "timma", option]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 2
    assert "cannot read the fault" in done.stderr
