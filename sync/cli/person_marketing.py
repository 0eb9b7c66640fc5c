"""What a customer allows and forbids, as parts of their card: restrictions, objections, marketing permissions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync.cli.card import Line, Part, day, worded

if TYPE_CHECKING:
    from store.declarations import Declared

CHANNELS = {"email": "E-mail", "sms": "SMS"}


def warnings(declared: "Sequence[Declared]") -> Iterator[Part]:
    """Restrictions and objections in force, loud."""
    if restrictions := [_since(one) for one in _in_force(declared, "restriction")]:
        yield Part("! RESTRICTED: stored, and not to be used", restrictions, loud=True)
    if objections := [(worded(one.said.scope or ""), *_since(one)) for one in _in_force(declared, "objection")]:
        yield Part("! OBJECTS to", objections, loud=True)


def _in_force(declared: "Sequence[Declared]", kind: str) -> "list[Declared]":
    return [one for one in declared if one.said.kind == kind and one.lifted_at is None]


def _since(one: "Declared") -> Line:
    return f"since {day(one.said.at)}", said_where(one), one.said.reason


def said_where(one: "Declared") -> str:
    """What a declaration rests on: its request, how it was made, its brand where it is of one."""
    request = f"request {one.said.request_id}" if one.said.request_id else None
    return ", ".join(part for part in (request, one.said.method, one.said.brand) if part)


def marketing(customer: Mapping[str, Any], declared: "Sequence[Declared]") -> Part:
    """Each channel and brand with its state and what it is due to. Where nothing is known, one line says so."""
    if all(state == "unknown" for state in customer["marketing"].values()):
        return Part("Marketing", [("e-mail and SMS: unknown, so none is allowed",)])
    return Part("Marketing", [line for channel in CHANNELS for line in _channel(customer, channel, declared)])


def _channel(customer: Mapping[str, Any], channel: str, declared: "Sequence[Declared]") -> Iterator[Line]:
    fields, start = customer["fields"], f"marketing.{channel}."
    brands = {*customer["brands"], *(name.removeprefix(start) for name in fields if name.startswith(start))}
    label: str | None = CHANNELS[channel]
    for brand in sorted(brands):
        entries = fields.get(f"{start}{brand}", ())
        state = entries[0]["value"] if entries else "unknown"
        yield label, brand, state, *(_why(entries[0], channel, brand, declared) for _ in entries)
        label = None


def _why(entry: Mapping[str, Any], channel: str, brand: str, declared: "Sequence[Declared]") -> str:
    at = datetime.fromisoformat(entry["observed_at"])
    if entry["rule"] == "declared":
        for one in reversed(declared):
            said = one.said
            if (said.kind, said.channel, said.state) == ("consent", channel, entry["value"]) and said.brand in (
                None,
                brand,
            ):
                evidence = "with evidence" if said.evidence else ""
                told = ", ".join(part for part in (said_where(one), evidence) if part)
                return f"declared {day(said.at)}" + (f": {told}" if told else "")
    return f"flag at {entry['source']}, {day(at)}"
