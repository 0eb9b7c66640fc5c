"""What a request makes others do: the words of its tasks, and which tasks turn others round. Pure.

A field or a channel follows where one is missing.
"""

from collections.abc import Iterable, Mapping

from store.requests import Task

CORRECT, RESTRICT, DELETE = "correct", "restrict the use of the data", "delete the person's data"
"""What a party that handles the person's records is asked to do."""
TELL_CORRECTED, TELL_RESTRICTED = "tell them of the corrected", "tell them that the use is restricted"
TELL_WITHDRAWN, TELL_ERASED = "tell them that consent was withdrawn on", "tell them that the person is erased"
"""What a recipient of a disclosure is told."""
OVERTAKEN = "overtaken: the opposite was asked for before it was done"
"""Proof of a task that nobody has to do any more, and of which nobody is told that it was done."""

_ENDS: Mapping[str, str] = {
    CORRECT: "take back the correction of",
    RESTRICT: "end the restriction",
    TELL_CORRECTED: "tell them that the correction is taken back of",
    TELL_RESTRICTED: "tell them that the restriction has ended",
    TELL_WITHDRAWN: "tell them that the withdrawal is taken back on",
}
"""Task → the one that ends it, once what it came from is lifted."""
_TURNS = {**_ENDS, **{end: begin for begin, end in _ENDS.items()}}


def after_lift(tasks: Iterable[Task]) -> list[tuple[str, str]]:
    """What is to be done now, as (party, what): of a task that nobody noted as done too, for it may have been."""
    return [(task.party, ends) for task in tasks if (ends := _said(task.what, _ENDS))]


def overtaken(tasks: Iterable[Task], todo: Iterable[tuple[str, str]]) -> list[Task]:
    """The tasks that wait and whose opposite is to be done now."""
    turned = {(party, _said(what, _TURNS)) for party, what in todo}
    return [task for task in tasks if task.done_at is None and (task.party, task.what) in turned]


def _said(what: str, words: Mapping[str, str]) -> str | None:
    """The other words of a task, with its field or channel."""
    for begins, others in words.items():
        rest = what.removeprefix(begins)
        if what.startswith(begins) and rest[:1] in ("", " "):
            return others + rest
    return None
