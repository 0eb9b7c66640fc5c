"""Read one page ahead: the next page is fetched while the last one is written."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")


class _Raised:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class _End:
    pass


def ahead(items: Iterator[T], name: str) -> Iterator[T]:
    """The items, each computed in a thread while the caller works on the one before. At most one waits.

    An exception of `items` is raised where the item would have come. Leaving early stops the thread after the item that
    it works on.
    """
    ready: queue.Queue[T | _Raised | _End] = queue.Queue(maxsize=1)
    left = threading.Event()
    thread = threading.Thread(target=_fill, args=(items, ready, left), name=name, daemon=True)
    thread.start()
    try:
        while True:
            item = ready.get()
            if isinstance(item, _End):
                return
            if isinstance(item, _Raised):
                raise item.error
            yield item
    finally:
        left.set()
        _drain(ready)
        thread.join()


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
            ready.put(item, timeout=0.1)
        except queue.Full:
            continue
        return


def _drain(ready: "queue.Queue[T | _Raised | _End]") -> None:
    try:
        while True:
            ready.get_nowait()
    except queue.Empty:
        return
