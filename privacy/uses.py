"""The one way to people for a purpose: what bears on a use is read for everybody, and the gate judges.

Call `allowed` inside `store.engine.reading`. `mailbox` folds the spellings of an e-mail address into one, and has none
for an address that reaches nobody.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from pydantic_core import from_json
from sqlalchemy import Connection

from config.errors import ConfigError
from config.keys import meant
from config.register import ProcessingRegister
from privacy.gate import DIRECT_MARKETING, GRANTED, Contact, Judged, Known, Use, judge, scopes_of
from store import direct_marketing, gate
from store.direct_marketing import Entry
from store.gate import Published

Mailbox = Callable[[str], str | None]
_NOTHING_PUBLISHED = Published({}, {}, {})


def use_for(register: ProcessingRegister, purpose: str, *, channel: str | None = None, brand: str | None = None) -> Use:
    """A use for a purpose of the register. Raises `ConfigError` for a purpose or brand that it does not have."""
    if purpose not in register.purposes:
        raise ConfigError(f"the register has no purpose {purpose}; {meant(purpose, register.purposes)}", "--purpose")
    if brand is not None:
        register.require_brand(brand, "--brand")
    scopes = scopes_of(register.purposes[purpose].terms)
    return Use(purpose, scopes | DIRECT_MARKETING if channel else scopes, channel, brand)


def allowed(connection: Connection, use: Use, mailbox: Mailbox) -> Judged:
    """Who of all customers may be used, and the reasons of the others."""
    with no_search_for_cycles():
        return judge(use, _known(connection, use, mailbox))


@contextmanager
def no_search_for_cycles() -> Iterator[None]:
    """Hundreds of thousands of values are made within a second, and no cycles: to look for some takes a third of it."""
    searching = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if searching:
            gc.enable()


def _known(connection: Connection, use: Use, mailbox: Mailbox) -> Known:
    reserved = gate.reserved(connection)
    entries = [one for one in direct_marketing.entries(connection) if one.covers(use.brand)]
    channel = use.channel
    published = gate.published(connection, channel, use.brand) if channel else _NOTHING_PUBLISHED
    ended, moved = _register(entries)
    granting = {customer for customer, state in published.states.items() if state == GRANTED}
    return Known(
        customers=gate.customers(connection),
        restricted=reserved.restricted,
        objections=reserved.objections,
        ended=ended,
        moved=moved,
        states=published.states,
        refusing=gate.refusing(connection, channel, use.brand) if channel else (),
        forsaken=gate.forsaken(connection, channel, use.brand, DIRECT_MARKETING, granting) if channel else (),
        contacts=_Contacts(published, mailbox if channel == "email" else str),
    )


def _register(entries: Iterable[Entry]) -> tuple[set[str], set[str]]:
    """Whose relationship is over, and who of them is in the direct-marketing register. Of several entries the latest
    act counts: who left it after the last move, be it as two customers who are one now, is not in it."""
    ended: set[str] = set()
    entered: dict[str, datetime] = {}
    left: dict[str, datetime] = {}
    for one in entries:
        if one.customer_id is None or not one.ended:
            continue
        ended.add(one.customer_id)
        acts, at = (entered, one.entered_at) if one.left_at is None else (left, one.left_at)
        acts[one.customer_id] = max(at, acts.get(one.customer_id, at))
    return ended, {id_ for id_, at in entered.items() if id_ not in left or at >= left[id_]}


class _Contacts(Mapping[str, tuple[Contact, ...]]):
    """The contacts that reach somebody, by customer. Read when they are asked for, since the gate asks for few."""

    def __init__(self, published: Published, fold: Mailbox) -> None:
        self._first, self._further, self._fold = published.first, published.further, fold

    def __getitem__(self, customer: str) -> tuple[Contact, ...]:
        written = [from_json(text) for text in (self._first[customer], *self._further.get(customer, ()))]
        return tuple([Contact(one, reaches) for one in written if (reaches := self._fold(one))])

    def __iter__(self) -> Iterator[str]:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)
