"""What the sources hold of the made-up people: a card for each, sometimes two.

Rates are the constants below; the table in the docstring of the package tells them together.
"""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from benchmarks.population import writing
from benchmarks.population.people import Person, Town

SOURCES = ("salon", "school")
BOTH, SALON_ONLY = 0.25, 0.375
SECOND_CARD, THIRD_CARD = 0.03, 0.10
OLDER = 0.5
NO_PHONE = {"salon": 0.07, "school": 0.21}
NO_EMAIL = {"salon": 0.17, "school": 0.02}
ADDRESS = {"salon": 0.20, "school": 0.35}
BORROWED_ADULT, BORROWED_CHILD = 0.05, 0.35
FAMILY_EMAIL, PARENTS_EMAIL = 0.25, 0.20
BOTH_SHARED = 0.1
WORK_EMAIL = 0.5
SECOND_EMAIL = 0.6
SALON_PHONES = (0.005, 0.001, 0.0002)
NO_MAILBOX = 0.001
OLD_NAME, BOTH_NAMES = 0.75, 0.05
NOBODY = "eisahkopostia@salonki.example"


class Record(NamedTuple):
    """A card. `name` is set where there are no parts; `phone` is E.164; `address` one line; `person` the truth."""

    source: str
    external_id: str
    first_name: str | None
    last_name: str | None
    name: str | None
    phone: str | None
    email: str | None
    address: str | None
    person: int


class _Desk:
    """Writes the cards of one person after another."""

    def __init__(self, rng: Random, town: Town) -> None:
        self._rng = rng
        self._draw = rng.random
        self._own_phones = tuple(town.phone() for _ in SALON_PHONES)

    def cards(self, person: Person) -> Iterator[Record]:
        """The cards of a person at the sources where they are a customer, without their ids."""
        draw = self._draw
        number = draw()
        at = SOURCES if number < BOTH else SOURCES[:1] if number < BOTH + SALON_ONLY else SOURCES[1:]
        for source in at:
            yield self._card(person, source)
            if draw() < SECOND_CARD:
                yield self._card(person, source, again=True)
                if draw() < THIRD_CARD:
                    yield self._card(person, source, again=True)

    def _card(self, person: Person, source: str, *, again: bool = False) -> Record:
        """One card. An older one has the former phone, home and name, where there are such."""
        draw = self._draw
        older = draw() < OLDER
        last = self._last(person, older)
        name = writing.name(source, (person.first, person.second), last, self._rng)
        address = None
        if draw() < ADDRESS[source]:
            address = writing.postal(person.homes[0 if older else -1], self._rng)
        phone = self._phone(person, source, older)
        shares = phone is None or phone != person.borrowed or draw() < BOTH_SHARED
        email = self._email(person, source, older, again=again, shares=shares)
        return Record(source, "", name.first, name.last, name.joined, phone, email, address, person.number)

    def _last(self, person: Person, older: bool) -> str:
        if not person.maiden:
            return person.last
        number = self._draw()
        if number < BOTH_NAMES:
            return f"{person.maiden}-{person.last}"
        return person.maiden if older and number < BOTH_NAMES + OLD_NAME else person.last

    def _phone(self, person: Person, source: str, older: bool) -> str | None:
        """The phone on a card: none, the salon's own, another one's in the household, or the person's own."""
        number = self._draw()
        if source == "salon":
            for phone, share in zip(self._own_phones, SALON_PHONES, strict=True):
                if number < share:
                    return phone
                number -= share
        if number > 1 - NO_PHONE[source]:
            return None
        if person.borrowed and self._draw() < (BORROWED_CHILD if person.child else BORROWED_ADULT):
            return person.borrowed
        if not person.phones:
            return person.borrowed
        return person.phones[0 if older else -1]

    def _email(self, person: Person, source: str, older: bool, *, again: bool, shares: bool) -> str | None:
        """The e-mail on a card: none, nobody's, work's, the family's, or one of the person's own as written here.

        `again`: it is a second card. `shares`: the family's address comes into question.
        """
        draw = self._draw
        number = draw()
        if number > 1 - NO_EMAIL[source]:
            return None
        if source == "salon" and number < NO_MAILBOX:
            return NOBODY
        if person.work_email and draw() < WORK_EMAIL:
            return person.work_email
        if shares and person.family_email and draw() < (PARENTS_EMAIL if person.child else FAMILY_EMAIL):
            return person.family_email
        own = person.emails
        if again and source == "school":
            other = writing.same_mailbox(own[0], draw(), self._rng)
            return own[-1] if len(own) > 1 and draw() < 0.7 else other
        return writing.email(own[-1] if not older and draw() < SECOND_EMAIL else own[0], self._rng)


def population(records: int, seed: int) -> list[Record]:
    """This many cards, shuffled; the same seed and size make the same ones.

    The people of the last household may have fewer cards than they would have.
    """
    rng = Random(seed)
    town = Town(rng)
    desk = _Desk(rng, town)
    made: list[Record] = []
    for household in town.households():
        for person in household:
            made.extend(desk.cards(person))
        if len(made) >= records:
            break
    del made[records:]
    rng.shuffle(made)
    counts = dict.fromkeys(SOURCES, 0)
    for at, record in enumerate(made):
        counts[record.source] += 1
        made[at] = record._replace(external_id=str(counts[record.source]))
    return made
