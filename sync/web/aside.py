"""Runs what asks the database in a few threads of its own, so that a database that hangs takes no other answer along.

The threads do not keep the process alive, unlike those of a usual pool: a hung one would, at the end.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Aside:
    """At most so many calls at once; who waits longer than its patience goes without an answer."""

    def __init__(self, name: str, threads: int) -> None:
        self._name, self._most = name, threads
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    async def run(self, call: Callable[[], T], patience_s: float) -> T:
        """What the call answers or raises. Raises `TimeoutError`; a call that has begun by then goes on to its end."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put((call, loop, future))
        if len(self._threads) < self._most:
            thread = threading.Thread(target=self._work, name=self._name, daemon=True)
            self._threads.append(thread)
            thread.start()
        async with asyncio.timeout(patience_s):
            return await future

    def stop(self) -> None:
        """Begin no further call."""
        for _ in self._threads:
            self._jobs.put(None)

    def _work(self) -> None:
        while job := self._jobs.get():
            call, loop, future = job
            if future.cancelled():
                continue
            try:
                answer = call()
            except Exception as error:
                _settle(loop, future, future.set_exception, error)
            else:
                _settle(loop, future, future.set_result, answer)
            del call, job, future  # a body may be large, and the next job long in coming


def _settle(
    loop: asyncio.AbstractEventLoop, future: "asyncio.Future[Any]", settle: Callable[[Any], None], value: object
) -> None:
    def told() -> None:
        if not future.done():
            settle(value)

    with suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(told)
