"""Made-up people and their rows at one point of time: what `making.py` adds to and `changes.py` alters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from connectors.sandbox.made import Account, Booking, Client, Enrollment, Noise, Order, Person, Side

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


class Crowd:
    """People and rows, nobody at first. Lists are in order of coming into being."""

    def __init__(self, seed: int, shape: Shape) -> None:
        self.seed = seed
        self.step = 0
        self.shape = shape
        self.people: list[Person] = []
        self.accounts: list[Account] = []
        self.clients: list[Client] = []
        self.enrollments: list[Enrollment] = []
        self.orders: list[Order] = []
        self.bookings: list[Booking] = []
        self.used: dict[str, int] = {}

    @property
    def now(self) -> int:
        """The population's clock, epoch milliseconds: midnight UTC of its day."""
        midnight = datetime(self.shape.today.year, self.shape.today.month, self.shape.today.day, tzinfo=UTC)
        return int(midnight.timestamp()) * 1000 + self.step * DAY

    def next(self, counter: str) -> int:
        """The next number of a counter, from 1; counters live on over changes, so no id is ever given twice."""
        number = self.used.get(counter, 0) + 1
        self.used[counter] = number
        return number

    def records(self, side: Side) -> Iterator[tuple[str, int, Noise]]:
        """External id, person id and noise of every row at one side."""
        rows: list[Account] | list[Client] = self.accounts if side == Side.SCHOOL else self.clients
        return ((str(row.id), row.person, row.noise) for row in rows)
