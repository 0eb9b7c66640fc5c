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
    if objections := [*_objections(_in_force(declared, "objection"))]:
        yield Part("! OBJECTS to", objections, loud=True)


def _in_force(declared: "Sequence[Declared]", kind: str) -> "list[Declared]":
    return [one for one in declared if one.said.kind == kind and one.lifted_at is None]


def _objections(found: "Sequence[Declared]") -> Iterator[Line]:
    """What was said at once on one line."""
    scopes: dict[Line, dict[str, None]] = {}
    for one in found:
        scopes.setdefault(_since(one), {})[worded(one.said.scope or "")] = None
    for since, named in scopes.items():
        yield "\n".join(named), *since


def _since(one: "Declared") -> Line:
    told = ", ".join(part for part in (rests_on(one), one.said.brand) if part)
    return f"since {day(one.said.at)}", told, one.said.reason


def rests_on(one: "Declared") -> str | None:
    """What a declaration rests on: its request, else how it was made."""
    return f"request {one.said.request_id}" if one.said.request_id else one.said.method


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
    if entry["rule"] != "declared":
        return f"flag at {entry['source']}, {day(at)}"
    wanted = ("consent", channel, entry["value"])
    for one in reversed(declared):
        said = one.said
        if (said.kind, said.channel, said.state) == wanted and said.brand in (None, brand):
            told = (rests_on(one), "with evidence" if said.evidence else None)
            return ", ".join(part for part in (f"declared {day(said.at)}", *told) if part)
    return f"declared {day(at)}"
