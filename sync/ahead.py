"""Read one page ahead: the next page is fetched while the last one is written."""

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.1
_FAREWELL_S = 1.0


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _End:
    pass


def ahead(items: Iterator[T], name: str, stopped: Callable[[], bool] = lambda: False) -> Iterator[T]:
    """The items, each computed in a thread while the caller works on the one before. At most one waits.

    An exception of `items` is raised where the item would have come. Leaving early stops the thread after the item that
    it works on. Once `stopped` says so, no item is waited for: a platform that is silent would be waited for too long.
    """
    ready: queue.Queue[T | _Raised | _End] = queue.Queue(maxsize=1)
    left = threading.Event()
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(_fill, items, ready, left), name=name, daemon=True)
    thread.start()
    try:
        while (item := _next(ready, stopped)) is not None:
            if isinstance(item, _End):
                return
            if isinstance(item, _Raised):
                raise item.error
            yield item
    finally:
        left.set()
        _drain(ready)
        thread.join(_FAREWELL_S if stopped() else None)


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
