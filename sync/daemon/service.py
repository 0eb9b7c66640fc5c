"""The daemon: one process that holds the instance lock, and in it the scheduler, the runner, HTTP and the inbox.

The main thread owns the signals and does nothing else but wait for them, look whether every part lives, and tell the
service manager. A first SIGTERM or SIGINT ends it gently, within `FAREWELL_S`; a second one at once. SIGHUP reads the
configuration again.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from queue import Empty, SimpleQueue

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from config.agreement import require_agreement
from config.errors import ConfigError
from config.logging import configure, logger
from config.register import load_register
from config.settings import Settings, require_folders
from config.version import installed_version
from store import locks
from store.engine import open_database
from store.locks import Lock, LockedError
from sync.daemon.guard import Guard
from sync.daemon.inbox import Inbox
from sync.daemon.notify import notify, watchdog_s
from sync.daemon.runner import Runner
from sync.run import chosen
from sync.web.host import Totals
from sync.web.server import Server

DONE, DEAD, TAKEN_OVER = 0, 1, 3
FAREWELL_S = 8.0
"""After so many seconds the process ends whatever hangs; that harms nothing, as no crash does."""
_BEAT_S = 1.0
_STARTS_WITHIN_S = 0.25
_SWITCH_S = 0.001  # while rows are mapped, an answer must not wait long for its turn


class Daemon:
    """The background service, as its parts and its HTTP side see it (`sync.web.host.Host`)."""

    engine: Engine

    def __init__(self, load: Callable[[], Settings], *, standby: bool = False) -> None:
        self._load, self._standby = load, standby
        self._settings = load()
        self.totals = Totals()
        self._stop, self._again = threading.Event(), False
        # No event: a signal that sets one just while the main thread begins to wait on it hangs for ever.
        self._woken: SimpleQueue[None] = SimpleQueue()
        self._status = DONE
        self._up = False
        self._ended = threading.Event()
        self._told = ""

    @property
    def settings(self) -> Settings:
        """The settings as last read."""
        return self._settings

    @property
    def running(self) -> tuple[str, ...]:
        """Sources that are being pulled now."""
        return self._runner.running

    @property
    def parts(self) -> Mapping[str, bool]:
        """Which parts are alive."""
        runner = self._runner
        return {"scheduler": runner.scheduler_alive, "runner": runner.alive, "inbox": self._inbox.alive}

    def event_arrived(self) -> None:
        """A delivery is on disk."""
        self._inbox.wake()

    def run(self) -> int:
        """Serve until a signal; the exit status. Raises `ConfigError`, `DatabaseError`, `LockedError`."""
        sys.setswitchinterval(_SWITCH_S)
        threading.Thread(target=self._see_to_the_end, name="end", daemon=True).start()
        try:
            with self._signals():
                _require_usable(self._settings)
                self.engine = open_database(self._settings.database.url.get_secret_value())
                try:
                    self._run_alone()
                finally:
                    self.engine.dispose()
        finally:
            self._ended.set()
        return self._status

    def _run_alone(self) -> None:
        if self._standby and self.engine.dialect.name != "postgresql":
            raise ConfigError("a standby needs PostgreSQL, which two machines can reach; run one daemon", "--standby")
        with self._instance() as lock:
            if lock is not None:
                self._serve(lock)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._asked) for number in (signal.SIGTERM, signal.SIGINT)}
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, self._asked_again)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _asked(self, _number: int, _frame: object) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_DFL)
        self._end()

    def _asked_again(self, _number: int, _frame: object) -> None:
        self._again = True
        self._woken.put(None)

    def _end(self) -> None:
        self._stop.set()
        self._woken.put(None)

    def _pause(self, seconds: float) -> None:
        """Wait, at most until somebody wakes the main thread."""
        with suppress(Empty):
            self._woken.get(timeout=seconds)

    @contextmanager
    def _instance(self) -> Iterator[Lock | None]:
        """The instance lock; `None` where a standby was asked to stop while it waited."""
        if not self._standby:
            with locks.holding(self.engine, "instance", wait_s=_STARTS_WITHIN_S) as lock:
                yield lock
            return
        while not self._stopped_waiting():
            wait = locks.holding(
                self.engine, "instance", wait_s=float("inf"), stopped=self._stopped_waiting, waiting=self._tell_waiting
            )
            with ExitStack() as stack:
                try:
                    lock = stack.enter_context(wait)
                except LockedError:
                    break
                except SQLAlchemyError:
                    self._pause(_BEAT_S)  # the database is away; whoever comes first when it is back goes on
                    continue
                yield lock
            return
        yield None

    def _stopped_waiting(self) -> bool:
        """Whether a standby is to end. It is asked again and again, so the watchdog hears of it from here."""
        if watchdog_s():
            notify("WATCHDOG=1")
        return self._stop.is_set()

    def _tell_waiting(self) -> None:
        logger("sync").info("another daemon is running; waiting to take over")
        notify("READY=1", "STATUS=standby: another daemon is running")

    def _serve(self, lock: Lock) -> None:
        self._runner = Runner(self.engine, lambda: self._settings, self.totals)
        self._inbox = Inbox(self.engine, lambda: self._settings, self.totals)
        self._server = Server(self)
        self._guard = Guard(lock, self._taken_over)
        try:
            self._server.start()
            self._inbox.start()
            self._runner.start()
            self._guard.start()
            self._tell_up()
            self._watch()
        finally:
            self._shut_down()

    def _taken_over(self) -> None:
        self._status = TAKEN_OVER
        self._end()

    def _tell_up(self) -> None:
        names = [source.name for source in self._settings.sources()]
        self._up = True
        logger("sync").info("the daemon is up", listens=self._server.url, sources=names, version=installed_version())
        notify("READY=1", "STATUS=idle")

    def _watch(self) -> None:
        watchdog = watchdog_s()
        beat = min(_BEAT_S, watchdog / 2 if watchdog else _BEAT_S)
        while not self._stop.is_set():
            self._pause(beat)
            if self._again:
                self._again = False
                self._read_again()
            dead = [name for name, alive in self._all_parts().items() if not alive]
            if dead and not self._stop.is_set():
                logger("sync").error("a part of the daemon has ended; all of it ends", parts=dead)
                self._status = DEAD
                self._end()
                return
            self._tell_status()
            if watchdog:
                notify("WATCHDOG=1")

    def _all_parts(self) -> Mapping[str, bool]:
        return {**self.parts, "http": self._server.alive, "guard": self._guard.alive}

    def _tell_status(self) -> None:
        running = self.running
        told = f"reading {', '.join(running)}" if running else "idle"
        if told != self._told:
            self._told = told
            notify(f"STATUS={told}")

    def _read_again(self) -> None:
        """Take over a changed configuration. One that cannot be used changes nothing."""
        before = self._settings
        try:
            settings = self._load()
            _require_usable(settings)
        except ConfigError as error:
            logger("sync").error("the configuration was not taken over", error=str(error))
            return
        if settings.database.url != before.database.url:
            logger("sync").warning("another database.url needs a restart; the daemon stays with the former")
        self._settings = settings
        configure(settings.log.level, settings.log.format)
        # It writes down when each source is read next, and the database may be busy: signals must not wait for that.
        threading.Thread(target=self._runner.reschedule, name="reschedule", daemon=True).start()
        if settings.http != before.http:
            self._move(before)
        logger("sync").info("the configuration was read again", sources=[source.name for source in settings.sources()])

    def _move(self, before: Settings) -> None:
        """Listen on another address; where that cannot be had, on the former."""
        former, self._server = self._server, Server(self)
        former.stop()
        try:
            self._server.start()
        except ConfigError as error:
            logger("sync").error("the new address cannot be had; the daemon stays at the former", error=str(error))
            self._settings = self._settings.model_copy(update={"http": before.http})
            self._server = Server(self)
            self._server.start()
        logger("sync").info("the daemon listens", listens=self._server.url)

    def _shut_down(self) -> None:
        notify("STOPPING=1")
        self._runner.stop()
        self._server.stop()
        self._inbox.stop(FAREWELL_S)
        self._runner.join(FAREWELL_S)
        self._guard.stop()
        if self._up:
            logger("sync").info("the daemon has ended", status=self._status)

    def _see_to_the_end(self) -> None:
        """Whatever hangs when it is time to go, a database or a part, is left behind."""
        self._stop.wait()
        if not self._ended.wait(FAREWELL_S):
            logger("sync").warning("the daemon has ended, though not all of it in time", status=self._status)
            os._exit(self._status)


def _require_usable(settings: Settings) -> None:
    """Raise `ConfigError` where no run could begin: no source, a missing folder, a register that does not fit."""
    chosen(settings, ())
    require_folders(settings)
    require_agreement(settings, load_register(settings.processing.register_path))
