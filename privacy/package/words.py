"""Words and forms of an answer in Finnish or English; the words themselves are data (`words.toml`)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import ClassVar

from config.place import HELSINKI

FINNISH, ENGLISH = "fi", "en"
LANGUAGES = (FINNISH, ENGLISH)

_HERE = Path(__file__).parent

Table = Mapping[str, Mapping[str, str]]


@cache
def tables(folder: Path = _HERE) -> Mapping[str, Table]:
    """Every table of words of a folder's `words.toml`, by default the answer's: table → code → language → words."""
    return tomllib.loads((folder / "words.toml").read_text("utf-8"))


class Words:
    """What an answer says in one language. Another document names the `folder` of words of its own, which go first."""

    folder: ClassVar[Path] = _HERE

    def __init__(self, language: str) -> None:
        self.language = language

    def say(self, key: str, number: int | None = None, **values: object) -> str:
        """A sentence or heading, filled in; of `one|many` what fits the number."""
        text = self._text("text", key) or key
        one, _, many = text.partition("|")
        chosen = one if number == 1 or not many else many
        return chosen.format(number=number, **values) if "{" in chosen else chosen

    def term(self, table: str, code: str) -> str:
        """A code in words; one that has none as it is."""
        return self._text(table, code) or code

    def terms(self, table: str, codes: Iterable[str]) -> str:
        """Several codes in words, one after the other."""
        return ", ".join(self.term(table, code) for code in codes)

    def action(self, action: str) -> str:
        """What was done, as the audit trail names it: by its whole name, else by the group it belongs to."""
        group = action.partition(".")[0].replace("-", "_")
        return self._text("action", action) or self._text("action", group) or self.term("action", "other")

    def task(self, what: str) -> str:
        """What others were asked or told; where no words are whole, the last names a field of ours or a channel."""
        if whole := self._text("task", what):
            return whole
        deed, _, field = what.rpartition(" ")
        found = self._text("task", deed)
        return found.format(field=self.term("field", field).lower()) if found else what

    def _text(self, table: str, key: str) -> str | None:
        found = tables(self.folder).get(table, {}).get(key, {}).get(self.language)
        if found or (self.folder != _HERE and table not in tables()):
            return found
        return tables()[table].get(key, {}).get(self.language)

    def time(self, stamp: str | None) -> str:
        """A time of the surface by Finland's clocks: `24.11.2026 klo 9.05`."""
        if stamp is None:
            return self.say("nothing")
        moment = datetime.fromisoformat(stamp).astimezone(HELSINKI)
        return self._form("time", moment, hour=moment.hour, minute=f"{moment.minute:02d}")

    def span(self, starts: str | None, ends: str | None) -> str:
        """A time, and the hour until which it lasted."""
        if starts is None or ends is None:
            return self.time(starts)
        return f"{self.time(starts)}–{self.time(ends).rpartition(' ')[2]}"

    def spreadsheet_time(self, stamp: str) -> str:
        """A time by Finland's clocks that a spreadsheet takes for one: `24.11.2026 9:05`, else `2026-11-24 09:05`."""
        moment = datetime.fromisoformat(stamp).astimezone(HELSINKI)
        if self.language != FINNISH:
            return f"{moment:%Y-%m-%d %H:%M}"
        return f"{moment.day}.{moment.month}.{moment.year} {moment.hour}:{moment.minute:02d}"

    def period(self, period: str) -> str:
        """A period of retention (ISO 8601): `1 vuosi 6 kuukautta`."""
        units = ((int(number), unit) for number, unit in re.findall(r"(\d+)([YMD])", period))
        return " ".join(self.say(f"period_{unit.lower()}", number) for number, unit in units)

    def day(self, day: str | None) -> str:
        """A date: `24.11.2026`."""
        return self._form("day", date.fromisoformat(day)) if day else self.say("nothing")

    def _form(self, form: str, day: date, **further: object) -> str:
        month = self.term("month", str(day.month))
        return self.term("form", form).format(day=day.day, month=month, year=day.year, **further)

    def money(self, cents: int | None) -> str:
        """An amount in hundredths: `20,00`."""
        if cents is None:
            return self.say("nothing")
        units, rest = divmod(abs(cents), 100)
        sign = "−" if cents < 0 else ""
        return sign + self.term("form", "money").format(units=units, cents=f"{rest:02d}")

    def flag(self, value: bool | None) -> str:
        """Yes, no or nothing."""
        return self.say("nothing") if value is None else self.say("yes" if value else "no")
