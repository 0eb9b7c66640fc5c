"""Everything that goes on at once: changes, deliveries, commands, questions, looks at the process, a kill."""

import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Engine, text

from benchmarks.daemon import Daemon
from benchmarks.soak.platforms import STEPS, World
from benchmarks.soak.program import Installation
from benchmarks.soak.watching import PATHS, Answers, Sample, look
from store import events
from store.engine import reading

EDIT_EVERY_S, LOOK_EVERY_S, ASK_EVERY_S, RELOAD_EVERY_S, COMMAND_EVERY_S = 2.0, 2.0, 0.5, 60.0, 11.0
SETTLES_WITHIN_S = 150.0


@dataclass
class Soak:
    """Everything that goes on at once. `daemon` is another one after a kill; `away`: there is none just now."""

    world: World
    installation: Installation
    daemon: Daemon
    engine: Engine
    rng: random.Random
    answers: Answers = field(default_factory=Answers)
    samples: list[Sample] = field(default_factory=list)
    deliveries: list[float] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    calm: threading.Event = field(default_factory=threading.Event)
    away: threading.Event = field(default_factory=threading.Event)
    began: float = field(default_factory=time.monotonic)
    wrong: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def begin(self) -> None:
        """Start everything that goes on beside what `bustle` does."""
        self._every(LOOK_EVERY_S, self._look)
        self._every(ASK_EVERY_S, self._ask)
        self._every(0.05, self._deliver)
        self._every(COMMAND_EVERY_S, self._command)

    def bustle(self, minutes: float, kill: bool) -> None:
        """Days pass, people change, the settings are read again, and in the middle the daemon is killed."""
        seconds = minutes * 60
        until, killed = time.monotonic() + seconds, not kill
        day, edit, reload = (time.monotonic() + first for first in (5.0, 2.0, RELOAD_EVERY_S))
        while (now := time.monotonic()) < until:
            if now >= edit:
                self.world.edit()
                edit = now + EDIT_EVERY_S
            if now >= day and self.world.happened["days"] < STEPS - 1:
                self.world.day()
                day += seconds / STEPS
            if now >= reload:
                self.daemon.process.send_signal(signal.SIGHUP)
                self.world.happened["settings read again"] += 1
                reload += RELOAD_EVERY_S
            if not killed and now >= until - seconds / 2:
                killed = True
                self._kill()
            self.over.wait(0.1)

    def settle(self) -> None:
        """No more faults, a last day, and every delivery arrives and is worked off."""
        self.calm.set()
        self.world.faults(None)
        self.world.day()
        until = time.monotonic() + SETTLES_WITHIN_S
        while time.monotonic() < until and (self.world.due or self._waiting()):
            time.sleep(0.5)
        time.sleep(3 * LOOK_EVERY_S)
        self.over.set()
        for thread in self._threads:
            thread.join(60)

    def faulted(self) -> dict[str, dict[str, int]]:
        """Faults of each platform by kind."""
        return {name: platform.stats()["faulted"] for name, platform in self.world.platforms.items()}

    def runs(self) -> dict[str, int]:
        """Runs by what began them and how they ended."""
        query = text("SELECT trigger, outcome, count(*) FROM run GROUP BY trigger, outcome")
        with reading(self.engine) as connection:
            return {f"{trigger} {outcome}": number for trigger, outcome, number in connection.execute(query).all()}

    def _waiting(self) -> int:
        with reading(self.engine) as connection:
            return sum(states.get(events.WAITING, 0) for states in events.standing(connection).values())

    def _every(self, pause_s: float, deed: Callable[[], None]) -> None:
        def again() -> None:
            while not self.over.wait(pause_s):
                try:
                    deed()
                except Exception as error:
                    self.wrong.append(f"{deed.__name__}: {type(error).__name__}: {error}")

        self._threads.append(threading.Thread(target=again, name=deed.__name__, daemon=True))
        self._threads[-1].start()

    def _look(self) -> None:
        with suppress(OSError):
            self.samples.append(look(self.daemon.process.pid, time.monotonic() - self.began))
        if self.daemon.process.poll() is not None and not self.away.is_set():
            self.wrong.append(f"the daemon ended by itself, with {self.daemon.process.returncode}")
            self.away.set()

    def _ask(self) -> None:
        if not self.away.is_set():
            for path in PATHS:
                self.answers.ask(self.daemon, path)

    def _deliver(self) -> None:
        while not self.away.is_set() and (body := self.world.next_due()) is not None:
            seconds = self.world.deliver(self.daemon, body)
            if seconds is not None:
                self.deliveries.append(seconds)

    def _command(self) -> None:
        """A person or a script beside the daemon."""
        if self.calm.is_set():
            return
        what = self.rng.randrange(4)
        if what == 0:
            self.installation.command("sync", *self.rng.choice(((), ("timma",), ("thinkific",))), allowed=(0, 1, 3))
        elif what == 1:
            self.installation.command("status", "--json")
        else:
            self.installation.decide(self.rng)

    def _kill(self) -> None:
        self.away.set()
        self.daemon.process.kill()
        self.daemon.process.wait()
        self.daemon = self.installation.start(self.daemon.port)
        self.samples.clear()
        self.began = time.monotonic()
        self.world.happened["daemons killed"] += 1
        self.away.clear()
