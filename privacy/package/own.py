"""What is the person's own, and what says something of somebody else and is left out (GDPR Art. 15(4)). Pure.

A family shares phones and books for one another. So of a booking:

1. The client's name is the person's where each of its words, or the first name, is one of theirs; an initial will do.
2. A contact is the person's where one of their records has or had it; else it stays only beside their own name (or
   none) and where nobody else has it.
3. The free text stays only where the name does.

A first name that was cut from one joined string does not count as known: it may be the family's.

In free text the names and contacts of other people to whom something leads from here are masked, inflected ones too.
Names that lead nowhere are not known, which is why somebody has to read the free texts before they are handed over.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from config.letters import SIGNS, without_accents

MASK = "[…]"
_CLIENT = ("client_name", "client_email", "client_phone")
_NAMES = ("name", "first_name", "last_name")
_CASES = "n|t|a|ä|ta|tä|na|nä|ksi|kin|ssa|ssä|sta|stä|lla|llä|lle|lta|ltä|ltta|seen|ni|nsa|nsä"
_ENDINGS = rf"(?:{_CASES}|h?[aeiouyäö]n)?"
"""Of Finnish cases, as far as names meet them."""
_WORD = re.compile(rf"(?:[^\W\d_]|[{SIGNS}])+")
_BEGINS, _ENDS = rf"(?<![\w{SIGNS}])", rf"(?![\w{SIGNS}])"

Payload = Mapping[str, Any]


def words_of(name: str | None) -> list[str]:
    """The words of a name, folded: `Äijälä, Maija` → `aijala`, `maija`."""
    return _WORD.findall(without_accents(name or "").casefold())


class Own:
    """What is known of the person and of those around them. `payloads`: of the person's records; `contacts`: every
    e-mail address and phone of theirs; `others`: payloads of other people; `taken`: contacts that others have."""

    def __init__(
        self, payloads: Iterable[Payload], contacts: Iterable[str], others: Iterable[Payload], taken: Collection[str]
    ) -> None:
        self._payloads, self._others, self._taken = list(payloads), list(others), taken
        stated = (payload.get(name) for payload in self._payloads for name in ("email", "phone"))
        self._contacts = {contact.casefold() for contact in (*contacts, *stated) if contact}

    @cached_property
    def _words(self) -> set[str]:
        return {word for payload in self._payloads for name in _NAMES for word in words_of(payload.get(name))}

    @cached_property
    def _first(self) -> set[str]:
        sure = (payload for payload in self._payloads if not payload.get("name_guessed"))
        return {word for payload in sure for word in words_of(payload.get("first_name"))}

    def named(self, name: str | None) -> bool:
        """Whether this is the person's name, or none."""
        words = words_of(name)
        mine = all(word in self._words or (len(word) == 1 and self._begins(word)) for word in words)
        return mine or not self._first.isdisjoint(words)

    def _begins(self, initial: str) -> bool:
        return any(word.startswith(initial) for word in self._words)

    def foreign(self, payload: Payload) -> list[str]:
        """Of a booking's payload the members that say something of somebody else."""
        mine = self.named(payload.get("client_name"))
        found = [] if mine else ["client_name"]
        for name in _CLIENT[1:]:
            contact = (payload.get(name) or "").casefold()
            if contact and contact not in self._contacts and (not mine or contact in self._taken):
                found.append(name)
        return found

    def masked(self, text: str | None) -> str | None:
        """Free text without the names and contacts of other people who are known."""
        return self._strangers.sub(MASK, text) if text and self._strangers else text

    @cached_property
    def _strangers(self) -> re.Pattern[str] | None:
        names = {
            word
            for payload in self._others
            for name in _NAMES
            for word in _WORD.findall(payload.get(name) or "")
            if len(word) > 1 and self._words.isdisjoint(words_of(word))
        }
        contacts = {payload[name] for payload in self._others for name in ("email", "phone") if payload.get(name)}
        theirs = {contact for contact in contacts if contact.casefold() not in self._contacts}
        found = sorted(map(_written, theirs))
        found += sorted(rf"{_BEGINS}{re.escape(form)}{_ENDINGS}{_ENDS}" for name in names for form in _forms(name))
        return re.compile("|".join(found), re.IGNORECASE) if found else None


def _forms(name: str) -> Iterator[str]:
    """What Finnish endings are put to: Veikko, Veiko-n; Virtanen, Virtase-n; Markus, Markukse-n; Mikael, Mikaeli-n."""
    yield name
    if name[-1].casefold() in "aeiouyäö":
        if len(name) > 3 and name[-2].casefold() == name[-3].casefold():
            yield name[:-2] + name[-1]
    elif name.casefold().endswith("nen"):
        yield from (name[:-3] + "se", name[:-3] + "s")
    elif name[-1].casefold() == "s":
        yield from (name[:-1] + "kse", name[:-1] + "s")
    else:
        yield name + "i"


def _written(contact: str) -> str:
    """A Finnish phone with or without its country code and with gaps; an e-mail address as it is."""
    digits = contact.removeprefix("+358")
    if digits == contact:
        return re.escape(contact)
    gap = r"[\s-]?"
    return rf"(?:\+?358{gap}|\b0){gap.join(digits)}\b"
