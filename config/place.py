"""Where the business stands: times without a zone, schedules and what people read are in the time of its clocks."""

from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")
