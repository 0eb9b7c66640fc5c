"""Which rows a bracketed `query[...]` of Thinkific selects. Pure.

A parameter that the endpoint does not know selects nothing away: it is ignored, as on the real platform. Whether
`updated_after` is strict, and in which zone a bare date lies, is not documented: here it is strict, and UTC.
"""

from collections.abc import Callable
from typing import Any

from connectors.sandbox.made import Account, Enrollment
from connectors.sandbox.rows import from_iso
from connectors.thinkific.sandbox_wire import COURSE_ID, user

DAY = 86_400_000


class UnreadableError(Exception):
    """A known parameter has a value that cannot be read."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"query[{parameter}] cannot be read")
        self.parameter = parameter


Test = Callable[[Any], bool]
"""Whether a record fits."""


def _all(tests: list[Test]) -> Test | None:
    return (lambda row: all(test(row) for test in tests)) if tests else None


def user_filter(query: dict[str, str]) -> Callable[[Account], bool] | None:
    """The test that the users must pass, `None` for no filter at all."""
    tests: list[Test] = []
    if "email" in query:
        email = query["email"].casefold()
        tests.append(lambda row: row.email.casefold() == email)
    if query.get("role") or query.get("external_source") or query.get("group_id"):
        tests.append(lambda _: False)  # plain students only: no roles, no groups, no foreign keys
    if "custom_profile_field_label" in query and "custom_profile_field_value" in query:
        pair = query["custom_profile_field_label"], query["custom_profile_field_value"]
        tests.append(lambda row: pair in [(own["label"], own["value"]) for own in user(row)["custom_profile_fields"]])
    return _all(tests)


def _date_tests(query: dict[str, str], field: str) -> list[Test]:
    known: dict[str, Callable[[int, int], bool]] = {
        "on": lambda at, day: day <= at < day + DAY,
        "before": lambda at, limit: at < limit,
        "on_or_before": lambda at, limit: at < limit + DAY,
        "after": lambda at, limit: at > limit,
        "on_or_after": lambda at, limit: at >= limit,
    }
    if field == "updated":
        del known["on_or_after"]  # not a parameter of /enrollments: ignored
    tests: list[Test] = []
    for suffix, fits in known.items():
        value = query.get(f"{field}_{suffix}")
        if value is not None:
            tests.append(_date_test(f"{field}_{suffix}", value, f"{field}_at", fits))
    return tests


def _date_test(parameter: str, value: str, attribute: str, fits: Callable[[int, int], bool]) -> Test:
    try:
        limit = from_iso(value)
    except ValueError:
        raise UnreadableError(parameter) from None
    return lambda row: fits(getattr(row, attribute), limit)


def _number(query: dict[str, str], parameter: str) -> int:
    try:
        return int(query[parameter])
    except ValueError:
        raise UnreadableError(parameter) from None


def enrollment_filter(query: dict[str, str], now: int) -> Callable[[Enrollment], bool] | None:
    """The test that the enrollments must pass, `None` for no filter at all.

    `query[email]` is for the caller to turn into `user_id`: an enrollment's record has no address of its own.
    """
    tests = _date_tests(query, "created") + _date_tests(query, "updated")
    if "user_id" in query:
        user_id = _number(query, "user_id")
        tests.append(lambda row: row.user_id == user_id)
    if "course_id" in query:
        course = _number(query, "course_id") - COURSE_ID
        tests.append(lambda row: row.course == course)
    if "completed" in query:
        completed = query["completed"] == "true"
        tests.append(lambda row: (row.completed_at is not None) == completed)
    if "expired" in query:
        expired = query["expired"] == "true"
        tests.append(lambda row: (row.expiry_date is not None and row.expiry_date < now) == expired)
    if query.get("free_trial") == "true":
        tests.append(lambda row: row.is_free_trial)
    if query.get("full") == "true":
        tests.append(lambda row: not row.is_free_trial)
    return _all(tests)
