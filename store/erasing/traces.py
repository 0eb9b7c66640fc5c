"""By what a person is found in a text: contacts however they are written, names, numbers that a source gave. Pure."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from unicodedata import combining, normalize

_GAP = r"[\s().\-\u2010-\u2013/]{0,2}"  # as people write between digits of a phone
_TAIL = 8  # last digits of a phone: what country codes, zeros and exits leave alone
_SHORTEST = 2  # letters of a name that is looked for by itself


def words_of(text: str) -> list[str]:
    """The words of a text as names are compared: `Äijälä-Östen, M.` → `aijala`, `osten`, `m`."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(char for char in normalize("NFKD", plain) if not combining(char))
    return re.findall(r"[^\W_]+", plain)


def _stems(word: str) -> Iterator[str]:
    """What Finnish endings are put to: Virtanen, Virtase-n."""
    yield word
    if word.endswith("nen") and len(word) > 4:
        yield from (f"{word[:-3]}se", f"{word[:-3]}s")


@dataclass(frozen=True)
class Traces:
    """What a person leaves in texts.

    `emails` and `phones` (E.164): however they are written. `names`: whole ones and addresses, of two words or more, in
    either order. `words`: of names, each by itself. `numbers`: ids that a source gave.
    """

    emails: Collection[str] = ()
    phones: Collection[str] = ()
    names: Collection[str] = ()
    words: Collection[str] = ()
    numbers: Collection[str] = ()

    def holds(self, text: str | None) -> bool:
        """Whether a contact, a whole name or an address stands in it."""
        if not text:
            return False
        return bool(self._contact and self._contact.search(text.casefold())) or self._said(self._name, text)

    def names_in(self, text: str | None) -> bool:
        """Whether that does, or a single name, inflected or not."""
        return bool(text) and (self.holds(text) or self._said(self._word, text or ""))

    def mentions(self, text: str | None) -> bool:
        """Whether that does, or an id."""
        return self.names_in(text) or self.numbers_in(text)

    def numbers_in(self, text: str | None) -> bool:
        """Whether an id stands in it by itself."""
        return bool(text and self._number and self._number.search(text))

    @staticmethod
    def _said(pattern: re.Pattern[str] | None, text: str) -> bool:
        return pattern is not None and pattern.search(f" {' '.join(words_of(text))} ") is not None

    @cached_property
    def _contact(self) -> re.Pattern[str] | None:
        """Addresses stand by themselves; of a phone the last digits do, whatever comes before them."""
        mails = (rf"(?<![\w.+-]){re.escape(one.casefold())}(?![\w-])" for one in self.emails)
        return _any(*mails, *(_phone(one) for one in self.phones))

    @cached_property
    def _name(self) -> re.Pattern[str] | None:
        return _any(*(_beginning(name) for text in self.names for name in _orders(words_of(text))))

    @cached_property
    def _word(self) -> re.Pattern[str] | None:
        found = {word for text in self.words for word in words_of(text) if len(word) >= _SHORTEST}
        stems = {stem for word in found for stem in _stems(word)}
        return _any(*(_beginning(stem) for stem in stems))

    @cached_property
    def _number(self) -> re.Pattern[str] | None:
        return _any(*(rf"(?<!\w){re.escape(one)}(?!\w)" for one in self.numbers))


def _beginning(words: str) -> str:
    """These words with whatever ending; a short one, or a number, stands by itself."""
    last = words.rpartition(" ")[2]
    return f" {re.escape(words)}{'' if len(last) > 3 and last.isalpha() else ' '}"


def _any(*patterns: str) -> re.Pattern[str] | None:
    return re.compile("|".join(sorted(set(patterns)))) if patterns else None


def _orders(words: list[str]) -> Iterable[str]:
    """`First Last` and `Last First`; a single word is no whole name."""
    if len(words) < 2:
        return ()
    return {" ".join(words), " ".join((words[-1], *words[:-1])), " ".join((*words[1:], words[0]))}


def _phone(e164: str) -> str:
    digits = re.sub(r"\D", "", e164)
    tail = digits[-min(_TAIL, max(len(digits) - 3, 1)) :]
    return rf"{_GAP.join(tail)}(?!\d)"
