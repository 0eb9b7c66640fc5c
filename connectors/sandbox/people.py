"""A population of made-up Finnish people, of whom it is known which rows are the same person.

The same seed and size make the same people, on every machine and Python. Nobody in it exists: phones come from a
made-up block, e-mail addresses from reserved domains, and there are no identity codes at all.
"""

from datetime import date
from random import Random
from typing import Self

from connectors.sandbox.changes import changed
from connectors.sandbox.crowd import Crowd, Shape
from connectors.sandbox.making import Maker


class Population(Crowd):
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
        super().__init__(seed, Shape(both, school_only, enrollments_per_user, bookings_per_client, order_share, today))
        Maker(self, Random(seed)).grow(customers)  # noqa: S311 (dice, not keys)

    def change(self, step: int, share: float = 0.01) -> Self:
        """The population at a later step: people came, moved, married, left, booked and studied.

        `step` is absolute. `share` of the rows changes at each step between. The result depends on the seed, the
        size, the step and the shares alone.
        """
        later = self
        while later.step < step:
            later = changed(later, share)
        if later.step != step:
            raise ValueError(f"the population stands at step {self.step} already, it cannot go back to {step}")
        return later
