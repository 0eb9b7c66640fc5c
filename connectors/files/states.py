"""What a booking's own words say about its state. Pure, no clock.

A note such as "ei ilmaantunut" never makes a no-show by itself; `hints_at_no_show` lets a person be told.
"""

import re
from functools import lru_cache

from config.sections import NO_SHOW_WORDS
from connectors.files.headings import folded
from connectors.records import BookingState

_STATE_WORDS = {
    BookingState.COMPLETED: ("toteutunut", "valmis", "maksettu", "käynyt", "completed", "sold"),
    BookingState.CANCELLED: ("peruttu", "peruutettu", "poistettu", "cancelled"),
    BookingState.BOOKED: ("varattu", "vahvistettu", "booked", "reserved"),
    BookingState.PENDING_PAYMENT: ("odottaa maksua", "payment"),
}
_HINT = re.compile(r"ei (?:ilmaantunut|ilmestynyt|saapunut|tullut)|saapumatta|no.?show|did(?: not|n t|nt) show")


def plain(word: str) -> str:
    """A state word as it is compared: folded, signs as single spaces."""
    return " ".join(re.sub(r"[^\w]+", " ", folded(word)).split())


_BY_WORD = {plain(word): state for state, words in _STATE_WORDS.items() for word in words}


@lru_cache(maxsize=8)
def _plain_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(plain(word) for word in words)


def is_no_show(text: str | None, words: tuple[str, ...] = NO_SHOW_WORDS) -> bool:
    """Whether a reason or a state is one of the no-show words."""
    return bool(text) and plain(text or "") in _plain_words(words)


def of_word(word: str | None) -> BookingState:
    """State of a word in a file's state column."""
    return _BY_WORD.get(plain(word), BookingState.UNKNOWN) if word else BookingState.UNKNOWN


def of_row(word: str | None, reason: str | None, *, cancelled: bool, no_show_words: tuple[str, ...]) -> BookingState:
    """State of a file's booking, first match wins: no-show words, cancellation, the state column's word."""
    if is_no_show(reason, no_show_words) or is_no_show(word, no_show_words):
        return BookingState.NO_SHOW
    if cancelled or reason:
        return BookingState.CANCELLED
    return of_word(word)


def hints_at_no_show(note: str | None) -> bool:
    """Whether a free text sounds like a no-show."""
    return bool(note) and bool(_HINT.search(plain(note or "")))
