"""What carries a request out: the declarations that it comes to, and who else has to be told. Pure.

What a request says was declared on the day of its receipt, at an hour that nobody noted: the last one counts, or now
where that is earlier.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row

from config.errors import ConfigError
from config.keys import meant
from config.place import HELSINKI
from config.register import ProcessingRegister
from privacy import requests
from privacy.errors import NotPossibleError
from privacy.notices import notice_at
from privacy.requests import ACCESS, ERASURE, PORTABILITY, By
from privacy.tasks import CORRECT, RESTRICT, TELL_CORRECTED, TELL_RESTRICTED, TELL_WITHDRAWN
from store.declarations import CONSENT, CORRECTION, OBJECTION, RESTRICTION, Said
from store.requests import Request

SCOPES = (
    "direct_advertising",
    "distance_selling",
    "other_direct_marketing",
    "market_opinion_research",
    "personal_directory",
    "genealogy",
)
"""What the privacy notice lets a person object to (GDPR Art. 21)."""
ALL = "all"

CHANNELS = ("email", "sms")
FIELDS = ("first_name", "last_name", "name", "emails", "phones", "address")
LISTS = ("emails", "phones")
_DAYS_END = time(23, 59, 59)

_TAKES: Mapping[str, tuple[str, ...]] = {
    requests.RECTIFICATION: ("--field", "--value"),
    requests.OBJECTION: ("--scope",),
    requests.RESTRICTION: (),
    requests.WITHDRAWAL: ("--channel", "--brand"),
}
"""Type of a request → the options that say what it comes to."""


NAMES = ("first_name", "last_name", "name")


@dataclass(frozen=True, slots=True)
class Got:
    """What a recipient got of the person, by one disclosure."""

    recipient: str
    fields: frozenset[str]
    channel: str | None = None
    brand: str | None = None

    def has(self, fields: Iterable[str]) -> bool:
        """Whether one of these fields was among it."""
        return not self.fields.isdisjoint(fields)


def got(rows: Iterable[Row[Any]]) -> list[Got]:
    """Disclosures as rows (`store.disclosures.of_records`)."""
    return [Got(row.recipient, frozenset(json.loads(row.fields)), row.channel, row.brand) for row in rows]


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be done. `values`: of a correction, clean ones; none takes the field away."""

    field: str | None = None
    values: Sequence[str] | None = None
    scopes: Sequence[str] = ()
    channels: Sequence[str] = ()
    brand: str | None = None

    def given(self) -> Iterator[str]:
        """The options that were given."""
        for option, value in (
            ("--field", self.field),
            ("--value", self.values),
            ("--scope", self.scopes),
            ("--channel", self.channels),
            ("--brand", self.brand),
        ):
            if value is not None and value != ():
                yield option


def require_fitting(request: Request, wish: Wish) -> None:
    """Raise where another command carries the request out, or where the options are those of another type."""
    id_ = request.id
    if request.type in (ACCESS, PORTABILITY):
        raise NotPossibleError(
            f"request {id_} asks for {request.type}: `rekisteri request package {id_} --output FILE.zip` answers it"
        )
    if request.type == ERASURE:
        raise NotPossibleError(
            f"request {id_} asks for erasure: `rekisteri request erase {id_} --dry-run` says what would go, and "
            f"`rekisteri request erase {id_}` erases it"
        )
    takes = _TAKES[request.type]
    for option in wish.given():
        if option not in takes:
            way = f"it takes {' and '.join(takes)}" if takes else "it takes no option of this kind"
            raise ConfigError(f"request {id_} asks for {request.type}; {way}", option)


def declarations(request: Request, wish: Wish, register: ProcessingRegister, by: By, reason: str | None) -> list[Said]:
    """The declarations that the request comes to. Raises `ConfigError`."""
    if wish.brand is not None:
        register.require_brand(wish.brand, "--brand")
    said = Said(
        kind=RESTRICTION,
        controller=register.controller,
        grantee=register.controller,
        notice_version=notice_at(register, request.received_on),
        at=declared_at(request.received_on, by.now),
        recorded_at=by.now,
        recorded_by=by.actor,
        method=f"request by {request.channel}",
        reason=reason,
        request_id=request.id,
    )
    match request.type:
        case requests.RECTIFICATION:
            return [_correction(wish, said)]
        case requests.OBJECTION:
            return [replace(said, kind=OBJECTION, scope=scope) for scope in _scopes(wish)]
        case requests.WITHDRAWAL:
            withdrawn = replace(said, kind=CONSENT, state="withdrawn", brand=wish.brand)
            return [replace(withdrawn, channel=channel) for channel in dict.fromkeys(wish.channels or CHANNELS)]
        case _:
            return [said]


def tasks(request: Request, wish: Wish, handlers: Sequence[str], told: Sequence[Got] = ()) -> list[tuple[str, str]]:
    """Who has to be told what, as (party, what): each party that handles the person's records, and each recipient to
    whom data of the person were disclosed (GDPR Art. 19). Of a correction those alone hear who had that field, and of a
    withdrawal those who got data on this consent (CJEU C-129/21)."""
    match request.type:
        case requests.RECTIFICATION:
            asked = [(party, f"{CORRECT} {wish.field}") for party in handlers]
            same = NAMES if wish.field in NAMES else (wish.field or "",)
            return asked + _told(f"{TELL_CORRECTED} {wish.field}", (one for one in told if one.has(same)))
        case requests.RESTRICTION:
            return [(party, RESTRICT) for party in handlers] + _told(TELL_RESTRICTED, told)
        case requests.WITHDRAWAL:
            channels = wish.channels or CHANNELS
            return [
                task
                for channel in dict.fromkeys(channels)
                for task in _told(
                    f"{TELL_WITHDRAWN} {channel}",
                    (one for one in told if one.channel == channel and wish.brand in (None, one.brand or wish.brand)),
                )
            ]
        case _:
            return []


def _told(what: str, those: Iterable[Got]) -> list[tuple[str, str]]:
    return [(name, what) for name in dict.fromkeys(one.recipient for one in those)]


def declared_at(received: date, now: datetime) -> datetime:
    """When a request said what it says: at the end of the day on which it came, unless that is to come."""
    return min(datetime.combine(received, _DAYS_END, HELSINKI).astimezone(UTC), now)


def _scopes(wish: Wish) -> Sequence[str]:
    if not wish.scopes:
        raise ConfigError(f"say what the person objects to: {', '.join(SCOPES)}, or {ALL}", "--scope")
    for scope in wish.scopes:
        if scope not in (*SCOPES, ALL):
            raise ConfigError(f"no such scope; {meant(scope, (*SCOPES, ALL))}", "--scope")
    return SCOPES if ALL in wish.scopes else tuple(dict.fromkeys(wish.scopes))


def _correction(wish: Wish, said: Said) -> Said:
    if wish.field is None:
        raise ConfigError(f"say which field is corrected: {', '.join(FIELDS)}", "--field")
    if wish.field not in FIELDS:
        raise ConfigError(f"no such field; {meant(wish.field, FIELDS)}", "--field")
    if wish.values is None:
        raise ConfigError('say what is right; "" takes the field away', "--value")
    value: object = list(wish.values)
    if wish.field not in LISTS:
        if len(wish.values) > 1:
            raise ConfigError(f"{wish.field} has one value only", "--value")
        value = next(iter(wish.values), None)
    return replace(said, kind=CORRECTION, field=wish.field, value=json.dumps(value, ensure_ascii=False))
