"""The program: the daemon, killed and started anew where that is wished, and commands beside it."""

import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.daemon import Daemon
from benchmarks.measuring import environment
from benchmarks.sandbox import ROOT
from benchmarks.soak.platforms import World
from sync.sandboxes import toml_of

STARTS_WITHIN_S, STOPS_WITHIN_S = 60.0, 10.0
_PROGRAM = (sys.executable, "-c", "from sync.cli import main; main()")


@dataclass
class Installation:
    """A folder with a configuration; `said` counts commands by their exit status, `wrong` has what must not be."""

    folder: Path
    said: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def configure(self, world: World, database: str, port: int) -> None:
        """Point at both platforms; every source is due every minute."""
        tree: dict[str, Any] = {
            "database": {"url": database},
            "http": {"port": port},
            "log": {"level": "debug", "format": "json"},
            "schedule": dict.fromkeys(world.platforms, "* * * * *"),
            **{name: platform.settings for name, platform in world.platforms.items()},
        }
        file = self.folder / "rekisteri.toml"
        file.write_text(toml_of(tree), "utf-8")
        file.chmod(0o600)

    def command(self, *words: str, allowed: tuple[int, ...] = (0,)) -> Any:
        """A command to its end; its JSON, where it printed any."""
        done = subprocess.run(
            (*_PROGRAM, *words), cwd=self.folder, env=self._env(), capture_output=True, text=True, check=False
        )
        self.said[f"{words[0]} {done.returncode}"] += 1
        if done.returncode not in allowed or "Traceback" in done.stderr:
            self.wrong.append(f"{' '.join(words[:2])} ended with {done.returncode}: {done.stderr[-500:]}")
        with suppress(ValueError):
            return json.loads(done.stdout)
        return None

    def start(self, port: int) -> Daemon:
        """Start the daemon; it answers when this returns."""
        with (self.folder / "daemon.txt").open("ab") as log:
            process = subprocess.Popen(
                (*_PROGRAM, "daemon"),
                cwd=self.folder,
                env=self._env(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        daemon = Daemon(port, process)
        until = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < until and process.poll() is None:
            with suppress(OSError):
                if daemon.ask("GET", "/livez")[1] == 200:
                    return daemon
            time.sleep(0.05)
        process.kill()
        raise RuntimeError(f"the daemon does not answer:\n{self.log()[-2000:]}")

    def stop(self, daemon: Daemon) -> float:
        """Ask it to stop; seconds until it ended, which must be with status 0 within ten seconds."""
        begun = time.monotonic()
        daemon.process.send_signal(signal.SIGTERM)
        try:
            status = daemon.process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            daemon.process.kill()
            self.wrong.append(f"the daemon did not stop within {STOPS_WITHIN_S:.0f} s")
        else:
            if status:
                self.wrong.append(f"the daemon ended with {status}")
        return time.monotonic() - begun

    def log(self) -> str:
        """Everything that the daemon has said."""
        return (self.folder / "daemon.txt").read_text("utf-8", "replace")

    def decide(self, rng: random.Random) -> None:
        """A person decides about one of the pairs that wait, and now and then takes a decision back."""
        found = self.command("review", "list", "--json") or {"pairs": [], "decisions": []}
        if found["decisions"] and rng.random() < 0.2:
            one = rng.choice(found["decisions"])
            self.command("review", "undo", str(one["id"]), allowed=(0, 1))
        elif found["pairs"]:
            pair = rng.choice(found["pairs"])
            both = [f"{end['source']}:{end['external_id']}" for end in (pair["a_record"], pair["b_record"])]
            # Between the list and the decision one of both may have gone.
            self.command("review", rng.choice(("same", "different")), *both, allowed=(0, 1))

    def _env(self) -> dict[str, str]:
        return environment(PYTHONPATH=str(ROOT))


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
