"""What a notice says, known by phrases (`phrases.toml`), each with the sentence that says it. Pure."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("fi", "en")
"""Those whose phrases are known."""

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+(?=[A-ZÅÄÖ])|\n+")
_LONGEST = 300


class Reading:
    """A notice as it is read in its language."""

    def __init__(self, text: str, language: str) -> None:
        self._text, self._language = text, language
        self._ends = [match.span() for match in _SENTENCE_ENDS.finditer(text)]

    def quote(self, table: str, code: str) -> str | None:
        """The first sentence that says it, `None` where none does."""
        found = next(self._spans(table, code), None)
        return None if found is None else self._sentence(found)

    def says(self, table: str, code: str) -> bool:
        """Whether it says it anywhere."""
        return next(self._spans(table, code), None) is not None

    def said(self, table: str) -> dict[str, str]:
        """All of a table that it says, each with its sentence."""
        found = {code: self.quote(table, code) for code in _phrases()[table]}
        return {code: quote for code, quote in found.items() if quote is not None}

    def names_country(self, code: str) -> bool:
        """Whether it names a country, by ISO 3166-1 code; as that code where its name is not known here."""
        if code in _phrases()["country"]:
            return self.says("country", code)
        return re.search(rf"\b{code}\b", self._text) is not None

    def has(self, words: str) -> bool:
        """Whether these very words stand there, however the lines are broken."""
        return " ".join(words.split()) in " ".join(self._text.split())

    def _spans(self, table: str, code: str) -> Iterator[int]:
        found = (pattern.search(self._text) for pattern in _patterns(table, code, self._language))
        yield from (match.start() for match in found if match)

    def _sentence(self, place: int) -> str:
        begins = max((end for _, end in self._ends if end <= place), default=0)
        ends = min((start for start, _ in self._ends if start > place), default=len(self._text))
        before, after = "", ""
        if ends - begins > _LONGEST:
            first = max(begins, min(place - _LONGEST // 3, ends - _LONGEST))
            before, after = "…" if first > begins else "", "…" if first + _LONGEST < ends else ""
            begins, ends = first, first + _LONGEST
        return before + " ".join(self._text[begins:ends].split()).lstrip("•*- ") + after


def codes(table: str) -> Iterable[str]:
    """The codes of a table of phrases."""
    return _phrases()[table]


@cache
def _phrases() -> Mapping[str, Mapping[str, Mapping[str, list[str]]]]:
    return tomllib.loads(Path(__file__).with_name("phrases.toml").read_text("utf-8"))


@cache
def _patterns(table: str, code: str, language: str) -> tuple[re.Pattern[str], ...]:
    found = _phrases()[table].get(code, {}).get(language, [])
    return tuple(re.compile(one.replace(" ", r"\s+"), re.IGNORECASE) for one in found)
