"""What `rekisteri consent` reads from a person and shows them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sync.cli.program import complain
from sync.cli.showing import document, joined, lines, local, table

WORDS = {"email": "e-mail", "sms": "SMS"}
"""Channels as people say them."""


def tell(done: Mapping[str, Any], *, as_json: bool) -> None:
    """What was recorded, what marketing that comes to, and where it does not count, why."""
    event = done["event"]
    if not done["counts"]:
        complain(_why_not(done))
    if as_json:
        document(done)
        return
    brand = f" for {event['brand']}" if event["brand"] else ""
    lines(f"Recorded {event['declaration']}: {WORDS[event['channel']]} {event['state']}{brand}.")
    states = [f"{WORDS[channel]} {state}" for channel, state in done["marketing"].items()]
    lines(f"Marketing to customer {done['customer']} is now: {', '.join(states)}.")


def _why_not(done: Mapping[str, Any]) -> str:
    event = done["event"]
    if event["state"] != "granted":
        return "it is kept, but a later grant with evidence stands; give --at if it was declared after that"
    stricter = sorted({state for state in done["brands"].values() if state in ("refused", "withdrawn")}, reverse=True)
    words = {"withdrawn": "a withdrawal", "refused": "a refusal"}
    what = " and ".join(words[state] for state in stricter) or "what another record says"
    stand = "stand" if len(stricter) > 1 else "stands"
    if event["evidence"]:
        return f"the grant is kept but does not count: {what} that it does not come after or does not cover {stand}"
    return f"the grant is kept but does not count: {what} {stand}; only a later grant with --evidence outranks it"


def show_consents(found: Mapping[str, Any]) -> None:
    """The consents of one customer, and what led to them."""
    lines(f"Customer {found['customer']}")
    table(
        "Consents",
        ("brand", "channel", "state", "since", "by"),
        [
            (one["brand"], WORDS[one["channel"]], f"{one['state']}\n{one['term']}", local(one["since"]), one["by"])
            for one in found["records"]
        ],
    )
    table(
        "What led to them",
        ("when", "channel", "what", "by", "for", "notice", "evidence", "recorded"),
        list(_events(found["records"])),
    )
    table("Objections", ("since", "scope", "lifted"), [_reserved(one, one["scope"]) for one in found["objections"]])
    table(
        "Restrictions", ("since", "reason", "lifted"), [_reserved(one, one["reason"]) for one in found["restrictions"]]
    )


def _reserved(one: Mapping[str, Any], what: str | None) -> tuple[str | None, ...]:
    return local(one["at"]), what, local(one["lifted_at"]) or ""


def _events(records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Each event once, though it may be told for several brands."""
    told = set()
    rows = [(one["channel"], event) for one in records for event in one["events"]]
    for channel, event in sorted(rows, key=lambda row: (row[1]["at"], row[1]["recorded_at"])):
        key = (channel, event["declaration"], event["source"], event["at"])
        if key in told:
            continue
        told.add(key)
        said = f"flag says {event['flag']}, taken as {event['state']}" if event["flag"] else event["state"]
        yield (
            local(event["at"]),
            WORDS[channel],
            said + (f"\nlifted {local(event['lifted_at'])}" if event["lifted_at"] else ""),
            event["source"] or event["method"],
            joined((event["brand"] or "all brands", f"to {event['grantee']}"), "\n"),
            event["notice_version"],
            event["evidence"] or "",
            joined((local(event["recorded_at"]), event["recorded_by"]), "\n"),
        )
