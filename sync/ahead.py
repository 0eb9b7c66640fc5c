"""Read ahead: the next pages are fetched while the last ones are written. With what goes by the way: when each was
asked for, and until when."""

import contextvars
import queue
import threading
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.1
_FAREWELL_S = 1.0


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _End:
    pass


def bunches(items: Iterator[T], name: str, stopped: Callable[[], bool], most: int) -> Generator[list[T], None, None]:
    """The items as they come: those that were computed in a thread while the caller worked on the ones before, one at
    least and `most` at most. Nobody waits for a bunch to fill, and no more than `most` wait to be taken.

    An exception of `items` is raised where the item would have come. Leaving early stops the thread after the item that
    it works on. Once `stopped` says so, no item is waited for: a platform that is silent would be waited for too long.
    """
    ready: queue.Queue[T | _Raised | _End] = queue.Queue(maxsize=most)
    left = threading.Event()
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_fill, items, ready, left), name=name, daemon=True)
    thread.start()
    try:
        while (item := _next(ready, stopped)) is not None:
            bunch: list[T] = []
            while item is not None and not isinstance(item, _Raised | _End):
                bunch.append(item)
                item = _there(ready) if len(bunch) < most and not stopped() else None
            if bunch:
                yield bunch
            if isinstance(item, _Raised):
                raise item.error
            if isinstance(item, _End):
                return
    finally:
        left.set()
        _drain(ready)
        thread.join(_FAREWELL_S if stopped() else None)


def _there(ready: "queue.Queue[T | _Raised | _End]") -> T | _Raised | _End | None:
    try:
        return ready.get_nowait()
    except queue.Empty:
        return None


def _next(ready: "queue.Queue[T | _Raised | _End]", stopped: Callable[[], bool]) -> T | _Raised | _End | None:
    while True:
        try:
            return ready.get(timeout=_LOOK_S)
        except queue.Empty:
            if stopped():
                return None


def _fill(items: Iterator[T], ready: "queue.Queue[T | _Raised | _End]", left: threading.Event) -> None:
    try:
        for item in items:
            _put(ready, item, left)
            if left.is_set():
                return
        _put(ready, _End(), left)
    except BaseException as error:
        _put(ready, _Raised(error), left)


def _put(ready: "queue.Queue[T | _Raised | _End]", item: "T | _Raised | _End", left: threading.Event) -> None:
    while not left.is_set():
        try:
            ready.put(item, timeout=_LOOK_S)
        except queue.Full:
            continue
        return


def _drain(ready: "queue.Queue[T | _Raised | _End]") -> None:
    try:
        while True:
            ready.get_nowait()
    except queue.Empty:
        return


def timed(items: Iterator[T]) -> Iterator[tuple[datetime, T]]:
    """Each item with the time at which it was asked for."""
    while True:
        asked_at = datetime.now(UTC)
        item = next(items, None)
        if item is None:
            return
        yield asked_at, item


def until(items: Iterator[T], stop: threading.Event) -> Iterator[T]:
    """The items, until somebody asks to stop; the one in hand is finished."""
    for item in items:
        yield item
        if stop.is_set():
            return
