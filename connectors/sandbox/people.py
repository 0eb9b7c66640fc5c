"""A population of made-up Finnish people, of whom it is known which rows are the same person.

The same seed and size make the same people, on every machine and Python. Nobody in it exists: phones come from a
made-up block, e-mail addresses from reserved domains, and there are no identity codes at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from random import Random

from connectors.sandbox.made import Account, Booking, Client, Enrollment, Noise, Order, Person, Side
from connectors.sandbox.making import Maker
from connectors.sandbox.registered import platforms

DAY = 86_400_000
"""Milliseconds of a day."""


@dataclass(frozen=True)
class Shape:
    """How a population is spread.

    `both` is the share of people at both places, `school_only` at the school alone, the rest at the salon alone.
    `order_share` of the enrollments on courses that cost something were bought through the platform's own checkout.
    `today` is the day at which the population stands at step 0; each later step is a day on.
    """

    both: float = 0.25
    school_only: float = 0.375
    enrollments_per_user: float = 2.0
    bookings_per_client: float = 3.0
    order_share: float = 0.3
    today: date = date(2026, 11, 1)


class Population:
    """`customers` people and what they booked and studied, at one point of time.

    A value: `change` gives another one. Lists are in order of coming into being and not to be altered from outside.
    """

    def __init__(
        self,
        seed: int,
        customers: int,
        *,
        both: float = 0.25,
        school_only: float = 0.375,
        enrollments_per_user: float = 2.0,
        bookings_per_client: float = 3.0,
        order_share: float = 0.3,
        today: date = date(2026, 11, 1),
    ) -> None:
        self.seed = seed
        self.step = 0
        self.shape = Shape(both, school_only, enrollments_per_user, bookings_per_client, order_share, today)
        self.people: list[Person] = []
        self.accounts: list[Account] = []
        self.clients: list[Client] = []
        self.enrollments: list[Enrollment] = []
        self.orders: list[Order] = []
        self.bookings: list[Booking] = []
        self.used: dict[str, int] = {}
        Maker(self, Random(seed)).grow(customers)  # noqa: S311 (dice, not keys)

    @property
    def now(self) -> int:
        """The population's clock, epoch milliseconds: midnight UTC of its day."""
        midnight = datetime(self.shape.today.year, self.shape.today.month, self.shape.today.day, tzinfo=UTC)
        return int(midnight.timestamp()) * 1000 + self.step * DAY

    def next(self, counter: str) -> int:
        """The next number of a counter, from 1; counters live on over `change`, so no id is ever given twice."""
        number = self.used.get(counter, 0) + 1
        self.used[counter] = number
        return number

    def change(self, step: int, share: float = 0.01) -> "Population":
        """The population at a later step: people came, moved, married, left, booked and studied.

        `step` is absolute. `share` of the rows changes at each step between. The result depends on the seed, the
        size, the step and the shares alone.
        """
        from connectors.sandbox.changes import changed  # it builds populations itself

        later = self
        while later.step < step:
            later = changed(later, share)
        if later.step != step:
            raise ValueError(f"the population stands at step {self.step} already, it cannot go back to {step}")
        return later

    def records(self, side: Side) -> Iterator[tuple[str, int, Noise]]:
        """External id, person id and noise of every row at one side."""
        rows: list[Account] | list[Client] = self.accounts if side == Side.SCHOOL else self.clients
        return ((str(row.id), row.person, row.noise) for row in rows)

    @cached_property
    def truth(self) -> dict[tuple[str, str], int]:
        """Which person each row is: (platform, external id) → person id."""
        return {
            (name, external_id): person
            for name, platform in platforms().items()
            for external_id, person, _ in self.records(platform.SIDE)
        }

    @cached_property
    def noise(self) -> dict[tuple[str, str], Noise]:
        """How each row differs from its person: (platform, external id) → kind, rows without noise left out."""
        return {
            (name, external_id): noise
            for name, platform in platforms().items()
            for external_id, _, noise in self.records(platform.SIDE)
            if noise is not Noise.NONE
        }
