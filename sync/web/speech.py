"""Sentences, times and numbers in the language of who reads the page. Everything comes back ready for HTML."""

from datetime import datetime
from html import escape

from config.place import HELSINKI
from sync.health import Check
from sync.web.words import FINNISH, MATTERS, MONTHS, SPANS, WORDS

_NO_BREAK = "\u00a0"


class Speech:
    """Speaks one language at one moment."""

    def __init__(self, language: str, now: datetime) -> None:
        self.language, self._now = language, now
        self._words = WORDS[language]

    def say(self, word: str, number: int | None = None, **values: object) -> str:
        """A phrase of `WORDS`; of `one|many` the one that goes with the number."""
        shown = {} if number is None else {"number": self.number(number)}
        return escape(_fitting(self._words[word], number).format(**shown, **values))

    def matter(self, check: Check) -> tuple[str, str]:
        """What is the matter, and what to do. What a platform said stays out: it may name more than whose it is."""
        if check.reason is None:
            return "", ""
        value = check.value or 0
        shown = {
            "subject": check.subject,
            "number": self.number(value),
            "span": self.span(value),
        }
        what, advice = MATTERS[self.language][check.reason]
        return escape(_fitting(what, value).format(**shown)), _commands(advice.format(**shown))

    def number(self, number: int) -> str:
        """`12 345` with a space that does not break, or `12,345`."""
        return f"{number:,}".replace(",", _NO_BREAK) if self.language == FINNISH else f"{number:,}"

    def time(self, moment: datetime) -> str:
        """By Finland's clocks, the day in words where it is near: `tänään klo 9.05`, `24 Nov at 09:05`."""
        there = moment.astimezone(HELSINKI)
        days = (there.date() - self._now.astimezone(HELSINKI).date()).days
        near = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
        month = MONTHS[self.language][there.month - 1]
        day = self._words[near] if near else self._words["day"].format(day=there.day, month=month)
        hour = (
            f"{there.hour}.{there.minute:02d}" if self.language == FINNISH else f"{there.hour:02d}:{there.minute:02d}"
        )
        return escape(self._words["at"].format(day=day, hour=hour).replace(" ", _NO_BREAK))

    def span(self, seconds: float) -> str:
        """A length of time in one unit."""
        seconds = max(0.0, seconds)
        for size, words in zip((86_400, 3600, 60), SPANS[self.language], strict=False):
            if seconds >= 2 * size or (size < 86_400 and seconds >= size):
                return _fitting(words, int(seconds // size)).format(number=int(seconds // size))
        return _fitting(SPANS[self.language][-1], int(seconds)).format(number=int(seconds))


def _fitting(text: str, number: int | None) -> str:
    one, _, many = text.partition("|")
    return many if many and number != 1 else one


def _commands(text: str) -> str:
    """Words between back-ticks are commands."""
    parts = (escape(part) for part in text.split("`"))
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
