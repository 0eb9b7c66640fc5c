"""When a request of a person is due. Pure.

One month from receipt (GDPR Art. 12(3)), three where it was extended, by Regulation (EEC, Euratom) 1182/71, Art. 3:

1. The day of receipt is not counted.
2. The time ends with the day of the same number in the next month (the third), or with that month's last day.
3. Where that is a Saturday, a Sunday or a public holiday, it ends with the next working day.

Public holidays are Finland's as the library `holidays` knows them, Midsummer Eve and Christmas Eve among them: no time
limit ends on either (Act 150/1930, section 5). The list that Finland gave for the Regulation has Midsummer Eve alone of
the two, so whoever answers by Christmas Eve is in time on any reading.
"""

from calendar import monthrange
from datetime import date, timedelta
from functools import cache

from holidays import HolidayBase, country_holidays

FIRST, EXTENDED = 1, 3
"""Months."""


def due(received: date) -> date:
    """The last day on which a request is answered in time; until then, too, it can be extended."""
    return _ends(received, FIRST)


def extended(received: date) -> date:
    """The last day of a request that was extended: two months more, so three from receipt."""
    return _ends(received, EXTENDED)


def _ends(received: date, months: int) -> date:
    years, month = divmod(received.month - 1 + months, 12)
    year, month = received.year + years, month + 1
    end = date(year, month, min(received.day, monthrange(year, month)[1]))
    while not _works(end):
        end += timedelta(days=1)
    return end


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in _finnish()


@cache
def _finnish() -> HolidayBase:
    return country_holidays("FI")
