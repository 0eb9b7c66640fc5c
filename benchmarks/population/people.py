"""Who the made-up people are: households of customers with names, phones, mailboxes and homes.

Rates are the constants below; the table in the docstring of the package tells them together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from benchmarks.population import words
from benchmarks.population.writing import GMAIL, plain

Home = tuple[str, str, str]
"""Street with its number, flat or nothing, postal code and town."""

LANGUAGES = (("swedish", 0.05), ("other", 0.03), ("particled", 0.006))
COUPLE, ONE_PARENT, FAMILY = 0.15, 0.08, 0.07
ONE_LAST_NAME = 0.75
NAMED_AFTER = 0.005
ANY_DECADE = 1 / 12
WOMAN = 0.66
MAIDEN, MAIDEN_AGE = 0.12, 22
NO_PHONE_CHILD = 0.25
NEW_PHONE, NEW_HOME = 0.06, 0.20
SECOND_EMAIL = 0.25
FAMILY_EMAIL = 0.08
AT_WORK, COLLEAGUES = 0.015, (2, 12)
TODAY = 2026
GROWN = 18

_PROVIDERS = words.Choice(
    [(GMAIL, 42), ("luukku.example", 16), ("kotiposti.example", 14), ("suomiposti.example", 12), ("pilvi.example", 10),
     ("saunalahti.example", 6)]
)  # fmt: skip
_PREFIXES = ("40", "41", "44", "45", "46", "50")
_NUMBERS = 10_000_000
_STEP = 6_180_339  # coprime to the 10,000,000 numbers of a prefix, so that counting by it meets each once
_ROLES = ("info", "toimisto", "myynti", "asiakaspalvelu", "hallinto", "posti")
_ADULT_AGES = ((22, 0.14), (30, 0.24), (40, 0.24), (50, 0.20), (60, 0.13), (70, 0.05))


@dataclass(slots=True)
class Person:
    """Somebody. `maiden` is the last name before, where there was one; `phones` and `homes` the former one first.

    `borrowed` and `family_email` are contacts of the household, `work_email` one of colleagues.
    """

    number: int
    sex: str
    born: int
    first: str
    second: str | None
    last: str
    maiden: str | None
    phones: tuple[str, ...]
    emails: tuple[str, ...]
    homes: tuple[Home, ...]
    borrowed: str | None = None
    family_email: str | None = None
    work_email: str | None = None

    @property
    def child(self) -> bool:
        """Whether a parent answers for them."""
        return self.born > TODAY - GROWN


class Town:
    """Makes households. It keeps count of numbers and mailboxes, which are given once."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._draw = rng.random
        self._people = self._phones = self._companies = 0
        self._shift = int(rng.random() * _NUMBERS)
        self._mailboxes: set[str] = set()
        self._workplace = ("", 0)

    def households(self) -> Iterator[list[Person]]:
        """Households without end."""
        while True:
            yield self._household()

    def phone(self) -> str:
        """A number that nobody has yet, E.164."""
        at, prefix = divmod(self._phones, len(_PREFIXES))
        self._phones += 1
        return f"+358{_PREFIXES[prefix]}{(at * _STEP + self._shift) % _NUMBERS:07d}"

    def _household(self) -> list[Person]:
        """One to five people.

        1. Draw the kind of household, its language, last name and home.
        2. Make the first adult, perhaps a partner with a last name of their own in a quarter, and children.
        3. Let them lend each other phones, and share a mailbox.
        """
        draw = self._draw
        kind = draw()
        language = self._language()
        last, home = self._last(language), self._home()
        woman = "women" if draw() < WOMAN else "men"
        people = [self._person(language, woman, self._adult_year(), last, home)]
        parents = kind < FAMILY or kind > 1 - COUPLE
        if parents:
            other = last if draw() < ONE_LAST_NAME else self._last(language)
            born = people[0].born + int(draw() * 9) - 4
            partner = self._person(language, "men" if woman == "women" else "women", born, other, home)
            partner.homes = people[0].homes
            people.append(partner)
        if kind < FAMILY + ONE_PARENT:
            for _ in range(1 + int(draw() * (3 if parents else 2))):
                people.append(self._child(people, language, home))
        if len(people) > 1:
            self._share(people)
        return people

    def _language(self) -> str:
        number = self._draw()
        for language, share in LANGUAGES:
            if number < share:
                return language
            number -= share
        return "finnish"

    def _adult_year(self) -> int:
        number = self._draw()
        for age, share in _ADULT_AGES:
            if number < share:
                return TODAY - age - int(self._draw() * 10)
            number -= share
        return TODAY - 80

    def _first(self, language: str, sex: str, born: int) -> str:
        draw = self._draw
        if language in {"swedish", "particled"} and draw() < 0.85:
            return words.FIRST_SWEDISH[sex].take(draw())
        if language == "other" or draw() < ANY_DECADE:
            return words.FIRST_ANY[sex].take(draw())
        return words.FIRST[sex][min(2010, max(1940, born // 10 * 10))].take(draw())

    def _last(self, language: str) -> str:
        number = self._draw()
        if language == "swedish":
            return words.LAST_SWEDISH.take(number)
        if language == "other":
            return words.LAST_OTHER.take(number)
        return (words.LAST_PARTICLED if language == "particled" else words.LAST).take(number)

    def _home(self) -> Home:
        draw = self._draw
        street = words.STREETS[int(draw() * len(words.STREETS))]
        kind = words.KINDS.take(draw())
        joint = " " if street.endswith(("n", "ta")) else ""
        town, code = words.TOWNS.take(draw())
        flat = f"{'ABCDEF'[int(draw() ** 2 * 6)]} {1 + int(draw() * 60)}" if draw() < 0.6 else ""
        return f"{street}{joint}{kind} {1 + int(draw() ** 2 * 80)}", flat, f"{code}{'0358'[int(draw() * 4)]}0 {town}"

    def _person(self, language: str, sex: str, born: int, last: str, home: Home) -> Person:
        """Somebody with the contacts of their own; grown-ups may have had another name, phone or home before."""
        draw = self._draw
        first = self._first(language, sex, born)
        second = self._first(language, sex, born) if draw() < 0.5 else None
        adult = born <= TODAY - GROWN
        maiden = None
        if sex == "women" and born <= TODAY - MAIDEN_AGE and draw() < MAIDEN:
            maiden = self._last(language)
        has_phone = adult or draw() > NO_PHONE_CHILD
        phones = ((self.phone(), self.phone()) if draw() < NEW_PHONE else (self.phone(),)) if has_phone else ()
        homes = (self._home(), home) if adult and draw() < NEW_HOME else (home,)
        self._people += 1
        person = Person(self._people, sex, born, first, second, last, maiden, phones, (), homes)
        person.emails = (self.mailbox(person),)
        if adult and draw() < SECOND_EMAIL:
            person.emails += (self.mailbox(person),)
        if adult and draw() < AT_WORK:
            person.work_email = self._work()
        return person

    def _child(self, family: list[Person], language: str, home: Home) -> Person:
        """A child of the first adult, with the last name of one parent and most often a first name of their own."""
        draw = self._draw
        sex = "women" if draw() < 0.55 else "men"
        born = min(TODAY - 4, max(family[0].born + 20 + int(draw() * 18), TODAY - 24))
        parents = [person for person in family if not person.child]
        child = self._person(language, sex, born, parents[int(draw() * len(parents))].last, home)
        same_sex = [parent for parent in parents if parent.sex == sex]
        if same_sex and draw() < NAMED_AFTER:
            child.first = same_sex[0].first
        else:
            taken = {person.first for person in family}
            while child.first in taken:
                child.first = self._first(language, sex, born)
        return child

    def _share(self, people: list[Person]) -> None:
        """Phones that the members give instead of their own, and a mailbox of the family."""
        lenders = [person for person in people if person.phones and not person.child]
        for person in people:
            others = [lender for lender in lenders if lender is not person]
            if others:
                person.borrowed = others[int(self._draw() * len(others))].phones[-1]
        if self._draw() < FAMILY_EMAIL:
            shared = self._unique(
                f"{plain(people[0].last).lower().replace(' ', '')}.perhe", _PROVIDERS.take(self._draw())
            )
            for person in people:
                person.family_email = shared
        else:
            for person in people:
                if person.child:
                    person.family_email = lenders[0].emails[0]

    def mailbox(self, person: Person) -> str:
        """An address that nobody has yet, made of the name."""
        draw = self._draw
        last = person.maiden if person.maiden and draw() < 0.4 else person.last
        first, last = (plain(part).lower().replace(" ", "") for part in (person.first, last))
        first, last = first.replace("-", ""), last.replace("-", "")
        ways = (
            f"{first}.{last}",
            f"{first}{last}",
            f"{first[0]}.{last}",
            f"{last}.{first}",
            f"{first}",
            f"{first}{last[0]}",
        )
        return self._unique(ways[int(draw() ** 1.8 * len(ways))], _PROVIDERS.take(draw()))

    def _unique(self, local: str, domain: str) -> str:
        """The address, with a number where it is taken, dots or not; at Gmail always with a hyphen, to be nobody's."""
        address = f"{local}@{domain}" if domain != GMAIL else f"{local}-{int(self._draw() * 100)}@{domain}"
        while (mailbox := address.replace(".", "")) in self._mailboxes:
            address = f"{local}-{int(self._draw() * 1_000_000)}@{domain}"
        self._mailboxes.add(mailbox)
        return address

    def _work(self) -> str:
        """The role address of a workplace, which the next few colleagues have too."""
        address, left = self._workplace
        if not left:
            self._companies += 1
            role = _ROLES[int(self._draw() * len(_ROLES))]
            low, high = COLLEAGUES
            address, left = f"{role}@yritys{self._companies}.example", low + int(self._draw() * (high - low + 1))
        self._workplace = address, left - 1
        return address
