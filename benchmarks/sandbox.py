"""The sandbox platform that the benchmarks pull from, in a process of its own, with its rate limit off."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from benchmarks.measuring import environment

PLATFORM = "thinkific"
UNPACED = 100_000_000
ROOT = Path(__file__).parent.parent
_open = build_opener(ProxyHandler({})).open  # loopback must not go through a proxy of the environment


@dataclass
class Served:
    """A running sandbox. `url` is its address; `settings` the configuration section that points the program at it.

    `step` is the day that its people have reached.
    """

    url: str
    settings: dict[str, Any]
    step: int = 0

    def change(self, share: float) -> None:
        """Let a day pass, on which this share of the rows changes; answers are made ready before this returns."""
        self.step += 1
        told = json.dumps({"step": self.step, "share": share, "warm": True}).encode()
        with _open(Request(f"{self.url}/_sandbox/step", told, {"Content-Type": "application/json"})) as answer:
            answer.read()


@contextmanager
def started(name: str, *options: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """A platform's sandbox in a process of its own: its address, and the section of the settings that points at it.

    It ends with this process, since its standard input does.
    """
    command = [sys.executable, "-m", "connectors.sandbox", "--platform", name, "--until-eof", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True, env=environment()) as process:
        assert process.stdin
        assert process.stdout
        try:
            ready = json.loads(process.stdout.readline())
            yield ready["url"], ready["settings"][name]
        finally:
            process.stdin.close()


@contextmanager
def served(customers: int, seed: int) -> Iterator[Served]:
    """Serve this many made-up people; five in eight of them have an account at the school, with two courses each."""
    people = ("--seed", str(seed), "--customers", str(customers), "--bookings-per-client", "0")
    with started(PLATFORM, "--warm", *people) as (url, settings):
        yield Served(url, settings)


def configure(folder: Path, platform: Served, database: str) -> Path:
    """Write a configuration that reads this sandbox without a pace."""
    section = platform.settings | {"requests_per_minute": UNPACED}
    lines = ["[database]", f"url = {json.dumps(database)}", *_lines(PLATFORM, section)]
    file = folder / "rekisteri.toml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _lines(name: str, section: dict[str, Any]) -> Iterator[str]:
    """A TOML table; JSON's strings and numbers are TOML's too."""
    yield f"[{name}]"
    tables = {key: value for key, value in section.items() if isinstance(value, dict)}
    yield from (
        f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in section.items() if key not in tables
    )
    for key, table in tables.items():
        yield from _lines(f"{name}.{key}", table)
