"""By what a person is found in a text: contacts however they are written, names, numbers that a source gave. Pure."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from unicodedata import normalize

from config.letters import WORD, without_accents

_GAP = r"[\s().\-\u2010-\u2013/]{0,2}"  # as people write between digits of a phone
_TAIL = 8  # last digits of a phone: what country codes, zeros and exits leave alone
CUT = "[…]"
"""What is left where a trace was."""
_SHORTEST = 2  # letters of a name that is looked for by itself
_PASSES = 3  # what stood between a first and a last name is cut in one, the names around it in the next


def words_of(text: str) -> list[str]:
    """The words of a text as names are compared: `Äijälä-Östen, M.` → `aijala`, `osten`, `m`."""
    return WORD.findall(without_accents(text.casefold()))


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

    def without(self, text: str, *, of_others: bool = False) -> str:
        """The text with `[…]` in place of every contact, name and id, as far as they can be cut out; what is left may
        still be asked (`mentions`), for a spelling may defy the scissors. In a text that is `of_others`, a single name
        that a name follows which is none of these is somebody else's."""
        cut = normalize("NFC", text)
        contact = _any(*map(_mail, self.emails), *(_head(one) + _phone(one) for one in self.phones))
        for plain in filter(None, (contact, self._number)):
            cut = re.sub(plain.pattern, CUT, cut, flags=re.IGNORECASE)
        if self._name:
            cut = _cut(self._name, cut)
        return _cut(self._word, cut, before_a_name=not of_others) if self._word else cut

    @staticmethod
    def _said(pattern: re.Pattern[str] | None, text: str) -> bool:
        return pattern is not None and pattern.search(f" {' '.join(words_of(text))} ") is not None

    @cached_property
    def _contact(self) -> re.Pattern[str] | None:
        """Addresses stand by themselves; of a phone the last digits do, whatever comes before them."""
        return _any(*map(_mail, self.emails), *map(_phone, self.phones))

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


def _cut(pattern: re.Pattern[str], text: str, *, before_a_name: bool = True) -> str:
    """The text without the words that the pattern knows."""
    for _ in range(_PASSES):
        spans = [span for span in _spans(pattern, text) if before_a_name or not _is_named_on(text, span[1])]
        if not spans:
            break
        ends = [0, *(end for _, end in spans)]
        starts = [*(start for start, _ in spans), len(text)]
        text = CUT.join(text[end:start] for end, start in zip(ends, starts, strict=True))
    return text


def _is_named_on(text: str, end: int) -> bool:
    """Whether a word with a capital follows at once."""
    following = re.compile(r"[^\S\n]+(\w)").match(text, end)
    return following is not None and following[1].isupper()


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    """Where words stand that the pattern knows, as places in the text itself, in their order."""
    tokens = [(match.span(), word) for match in WORD.finditer(text) for word in words_of(match[0])]
    begins = list(accumulate((len(word) + 1 for _, word in tokens), initial=0))
    for found in pattern.finditer(f" {' '.join(word for _, word in tokens)} "):
        first, last = (bisect_right(begins, place) - 1 for place in (found.start(), found.end() - 1))
        yield tokens[first][0][0], tokens[last][0][1]


def _beginning(words: str) -> str:
    """These words with whatever ending; a short one, or a number, stands by itself."""
    last = words.rpartition(" ")[2]
    return f" {re.escape(words)}{'' if len(last) > 3 and last.isalpha() else '(?= )'}"


def _any(*patterns: str) -> re.Pattern[str] | None:
    return re.compile("|".join(sorted(set(patterns)))) if patterns else None


def _orders(words: list[str]) -> Iterable[str]:
    """`First Last` and `Last First`; a single word is no whole name."""
    if len(words) < 2:
        return ()
    return {" ".join(words), " ".join((words[-1], *words[:-1])), " ".join((*words[1:], words[0]))}


def _mail(address: str) -> str:
    return rf"(?<![\w.+-]){re.escape(address.casefold())}(?![\w-])"


def _phone(e164: str) -> str:
    return rf"{_GAP.join(_parted(e164)[1])}(?!\d)"


def _head(e164: str) -> str:
    """What may stand before the last digits: `+358 (0)4`, `0035 84`, `04` or nothing."""
    return r"[+(]?(?:00)?" + "".join(rf"(?:0{_GAP})?(?:{digit}{_GAP})?" for digit in _parted(e164)[0])


def _parted(e164: str) -> tuple[str, str]:
    digits = re.sub(r"\D", "", e164)
    last = min(_TAIL, max(len(digits) - 3, 1))
    return digits[:-last], digits[-last:]
