"""Makes people and their rows; the initial population and the newcomers of later steps alike.

Where one person stands at both places, one of the two rows often says something else than the other: `NOISE_OF_BOTH`
is the mix. It is drawn, not counted, so small populations may lack a kind.
"""

from random import Random
from typing import TypeVar

from connectors.sandbox import words
from connectors.sandbox.crowd import DAY, Crowd
from connectors.sandbox.made import Account, Booking, Client, Enrollment, Noise, Order, Person

T = TypeVar("T")

MINUTE = 60_000
NO_SHOW = "Asiakas ei ilmestynyt paikalle"
CANCELLED = ("Asiakas perui", "Sairastuminen", "Ajan siirto")

NOISE_OF_BOTH: tuple[Noise, ...] = tuple(
    kind
    for kind, weight in {
        Noise.NONE: 40, Noise.FOLDED: 8, Noise.UPPER: 6, Noise.OTHER_EMAIL: 10, Noise.NO_PHONE: 9, Noise.NO_EMAIL: 8,
        Noise.NICKNAME: 5, Noise.TYPO: 4, Noise.SWAPPED: 3, Noise.PLUS_TAG: 3, Noise.DOTS: 2, Noise.MOVED: 2,
    }.items()
    for _ in range(weight)
)  # fmt: skip
_AT_SALON = frozenset({Noise.FOLDED, Noise.NO_EMAIL, Noise.TYPO})
"""Kinds that stand on the salon's row; the others stand on the school's."""
_ONE_CONTACT = frozenset({Noise.NO_PHONE, Noise.NICKNAME, Noise.SWAPPED})
"""Kinds of school rows without a phone: there the e-mail address alone speaks for a name that is written otherwise."""
FAMILY_SHARE = 0.04
DUPLICATE_SHARE = 0.02


def client_id(number: int) -> str:
    """24 hex digits, as the salon's platform gives them: unique by its first eight, not in order of coming."""
    return f"{number * 2654435761 % 2**32:08x}{number * 0x9E3779B97F4A7C15 % 2**64:016x}"


class Maker:
    """Adds people and rows to a crowd, drawing from one random generator."""

    def __init__(self, crowd: Crowd, rng: Random) -> None:
        self._to = crowd
        self._rng = rng
        self._draw = rng.random

    def _one(self, options: tuple[T, ...]) -> T:
        return options[int(self._draw() * len(options))]

    def grow(self, count: int) -> None:
        """Add this many people with all their rows; about one in 25 brings a child."""
        made = 0
        while made < count:
            parent = self._person()
            at_school = self._place(parent, None)
            made += 1
            if made < count and self._draw() < FAMILY_SHARE:
                self._place(self._child(parent), parent, parent_at_school=at_school)
                made += 1

    def _person(self) -> Person:
        number = self._to.next("person")
        first, last = self._one(words.FIRST), self._one(words.LAST)
        town, prefix = self._one(words.TOWNS)
        person = Person(
            id=number,
            first_name=first,
            last_name=last,
            birth_name=self._one(words.LAST) if self._draw() < 0.3 else last,
            emails=(words.address_of(first, last, number),),
            phones=(words.phone_number(self._to.next("phone")),),
            street=f"{self._one(words.STREETS)} {1 + int(self._draw() * 90)}",
            postal_code=f"{prefix}{int(self._draw() * 9)}0",
            city=town,
            family=0,
        )
        self._to.people.append(person)
        return person

    def _child(self, parent: Person) -> Person:
        """A child with the parent's name, address and phone, and a first name that is no form of the parent's."""
        number = self._to.next("person")
        first = self._one(words.FIRST)
        while first[:3] == parent.first_name[:3] or words.NICKNAMES.get(first, "")[:3] == parent.first_name[:3]:
            first = self._one(words.FIRST)
        child = parent._replace(
            id=number,
            first_name=first,
            birth_name=parent.last_name,
            emails=(words.address_of(first, parent.last_name, number),),
            family=parent.id,
        )
        self._to.people.append(child)
        return child

    def _place(self, person: Person, parent: Person | None, parent_at_school: bool = False) -> bool:
        """Give the person their rows at one place or both; says whether they are at the school."""
        shape, drawn = self._to.shape, self._draw()
        at_school = drawn < shape.both + shape.school_only
        at_salon = drawn < shape.both or not at_school
        noise = Noise.NONE
        if parent is not None:
            # An e-mail address is unique at the school, so a family can share one there only from outside it.
            shares_mail = self._draw() < 0.5 and not (at_school and parent_at_school)
            noise = Noise.FAMILY_EMAIL if shares_mail else Noise.FAMILY_PHONE
            if shares_mail:
                person = person._replace(emails=parent.emails)
                self._to.people[person.id - 1] = person
        elif at_school and at_salon:
            noise = self._one(NOISE_OF_BOTH)
        if at_school:
            self.account(person, noise if noise not in _AT_SALON else Noise.NONE, needs_phone=at_salon)
        if at_salon:
            self.client(person, noise if noise in _AT_SALON or parent is not None else Noise.NONE)
            if self._draw() < DUPLICATE_SHARE:
                self.client(person, Noise.DUPLICATE)
        return at_school

    def _written(self, person: Person, noise: Noise) -> tuple[str, str]:
        """First and last name as a row with this noise has them."""
        first, last = person.first_name, person.last_name
        match noise:
            case Noise.FOLDED:
                return words.fold(first), words.fold(last)
            case Noise.UPPER:
                return first.upper(), last.upper()
            case Noise.NICKNAME:
                return words.NICKNAMES.get(first, first), last
            case Noise.TYPO:
                return words.typo(first, self._rng), last
            case Noise.SWAPPED:
                return last, first
        return first, last

    def account(self, person: Person, noise: Noise, *, needs_phone: bool = False) -> None:
        """Add the person's row at the school with its enrollments and orders."""
        if noise is Noise.NICKNAME and person.first_name not in words.NICKNAMES:
            noise = Noise.NONE
        number = self._to.next("account")
        first, last = self._written(person, noise)
        email, phone = person.emails[0], person.phones[0] if needs_phone or self._draw() < 0.7 else None
        if noise in {Noise.OTHER_EMAIL, Noise.MOVED}:
            email = words.address_of(person.last_name, person.first_name, person.id)
            person = person._replace(emails=(*person.emails, email))
        if noise is Noise.MOVED:
            phone = words.phone_number(self._to.next("phone"))
            person = person._replace(phones=(*person.phones, phone))
        self._to.people[person.id - 1] = person
        if noise is Noise.PLUS_TAG:
            email = words.plus_tagged(email)
        elif noise is Noise.DOTS:
            email = words.dotted(email)
        elif noise in _ONE_CONTACT:
            phone = None
        account = Account(
            id=1000 + number,
            person=person.id,
            first_name=first,
            last_name=last,
            email=email,
            phone=phone,
            street=person.street if self._draw() < 0.3 else None,
            postal_code=person.postal_code,
            city=person.city,
            email_marketing=self._flag(),
            created_at=self._past(3 * 365),
            noise=noise,
        )
        self._to.accounts.append(account)
        self._studies(account, number)

    def _studies(self, account: Account, number: int) -> None:
        """Enrollments of an account: the mean over four accounts in a row is exact, so totals are too."""
        mean = self._to.shape.enrollments_per_user
        count = int(number * mean) - int((number - 1) * mean)
        if mean >= 1:
            count += (1, -1, 0, 0)[number % 4]
        first = int(self._draw() * len(words.COURSES))
        for at in range(count):
            self.enrollment(account, (first + at) % len(words.COURSES))

    def enrollment(self, account: Account, course: int, started: int | None = None) -> None:
        """Enroll an account on a course, from a time between its sign-up and now; a bought one has an order."""
        now, draw = self._to.now, self._draw
        span = max(now - account.created_at, MINUTE)
        created = started or account.created_at + int(draw() * span * 0.9)
        percent = (0, 0, 25, 50, 75, 100)[int(draw() * 6)]
        updated = created + 4 if percent == 0 else created + int(draw() * (now - created))
        self._to.enrollments.append(
            Enrollment(
                id=479_000_000 + self._to.next("enrollment"),
                user_id=account.id,
                course=course,
                percent=percent,
                is_free_trial=draw() < 0.05,
                created_at=created,
                updated_at=updated,
                started_at=created + MINUTE if percent else None,
                completed_at=updated if percent == 100 else None,
                expiry_date=created + 365 * DAY if course % 3 == 0 else None,
            )
        )
        price = words.COURSES[course][1]
        if price and draw() < self._to.shape.order_share:
            number = self._to.next("order")
            self._to.orders.append(Order(7000 + number, account.id, course, price, created - 1000))

    def client(self, person: Person, noise: Noise) -> None:
        """Add the person's row at the salon with its bookings."""
        identity = client_id(self._to.next("client"))
        first, last = self._written(person, noise)
        if noise is Noise.DUPLICATE:
            first = words.NICKNAMES.get(first, first)
        lacks_email = noise in {Noise.NO_EMAIL, Noise.DUPLICATE, Noise.TYPO}
        lacks_email = lacks_email or (noise is Noise.FAMILY_PHONE and self._draw() < 0.5)
        has_address = self._draw() < 0.4
        visits, no_shows = self._bookings(identity, noise)
        self._to.clients.append(
            Client(
                id=identity,
                person=person.id,
                first_name=first,
                last_name=last,
                name=f"{first} {last}",
                email=None if lacks_email else person.emails[0],
                phone=person.phones[0],
                street=person.street if has_address else None,
                postal_code=person.postal_code if has_address else None,
                city=person.city if has_address else None,
                notes=self._one(words.NOTES) if self._draw() < 0.1 else None,
                email_marketing=self._flag(),
                sms_marketing=self._flag(),
                visits=visits,
                no_shows=no_shows,
                employee=int(self._draw() * len(words.EMPLOYEES)) if self._draw() < 0.3 else None,
                discount=10 if self._draw() < 0.05 else 0,
                updated_at=self._to.now,
                deleted_on=self._to.now - DAY if self._draw() < 0.005 else None,
                noise=noise,
            )
        )

    def _bookings(self, client: str, noise: Noise) -> tuple[int, int]:
        """Bookings of a client, most of them past; counts those that took place and the no-shows."""
        mean = self._to.shape.bookings_per_client
        count = 1 if noise is Noise.DUPLICATE and mean else int(self._draw() * 2 * mean + 0.5)
        visits = no_shows = 0
        for _ in range(count):
            # Who comes at a later step has not been here before: all their bookings lie ahead.
            booking = self.booking(client, ahead=self._draw() < 0.2 or self._to.step > 0)
            visits += booking.status == "sold" and booking.deleted_on is None
            no_shows += booking.reason == NO_SHOW
        return visits, no_shows

    def booking(self, client: str | None, *, ahead: bool) -> Booking:
        """Add a booking within two months ahead or two years back; without a client a calendar block."""
        now, draw = self._to.now, self._draw
        day = 1 + int(draw() * 60) if ahead else -1 - int(draw() * 730)
        service = int(draw() * len(words.SERVICES)) if client else None
        minutes, price = words.SERVICES[service][1:] if service is not None else (60, 0)
        start = now + day * DAY + (7 * 60 + 15 * int(draw() * 40)) * MINUTE
        before = int(draw() * 30 * DAY) + DAY
        created = now - 180 * MINUTE - before // 36 if self._to.step else min(start, now) - before
        status, deleted, reason = self._fate(start, ahead) if client else ("notForSale", None, None)
        booking = Booking(
            id=client_id(500_000_000 + self._to.next("booking")),
            client_id=client,
            employee=int(draw() * len(words.EMPLOYEES)),
            service=service,
            starts_at=start,
            ends_at=start + minutes * MINUTE,
            status=status,
            created_at=created,
            deleted_on=deleted,
            reason=reason,
            paid_cents=price if status == "sold" else 0,
            updated_at=created,
        )
        self._to.bookings.append(booking)
        if client and draw() < 0.03:
            self.booking(None, ahead=ahead)
        return booking

    def _fate(self, start: int, ahead: bool) -> tuple[str, int | None, str | None]:
        """Status, time and reason of removal of an appointment."""
        drawn = self._draw()
        if drawn < 0.08:
            return "reserved", min(start, self._to.now) - 2 * 60 * MINUTE, self._one(CANCELLED)
        if ahead:
            return ("payment" if drawn > 0.95 else "reserved"), None, None
        if drawn < 0.12:
            return "reserved", start + 30 * MINUTE, NO_SHOW
        return ("reserved" if drawn > 0.95 else "sold"), None, None

    def _flag(self) -> bool | None:
        """A marketing flag: often yes, sometimes no, often not answered."""
        drawn = self._draw()
        return True if drawn < 0.45 else False if drawn < 0.7 else None

    def _past(self, days: int) -> int:
        """A time up to so many days back, to the millisecond; for a newcomer of a later step a time of its day, since
        a platform dates what comes into being by the moment at which it does, and readers ask by those dates."""
        if self._to.step:
            return self._to.now - MINUTE - int(self._draw() * (DAY - MINUTE))
        return self._to.now - DAY - int(self._draw() * days * DAY)
