"""`rekisteri consent`: what people allow on which channel, written down, shown and handed out as consent records."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from config import UPKEEP
from sync.cli.consented import show_consents, tell
from sync.cli.exporting import put
from sync.cli.listing import Channel
from sync.cli.opening import Desk, actor, opened, optional, readable
from sync.cli.requested import let_be_known, worded
from sync.cli.showing import AsJson, document
from sync.wording import quantity

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from config.register import ProcessingRegister
    from privacy.consents import Parties
    from store.consents import Consenting
    from store.declarations import Said

consent = typer.Typer(name="consent", rich_markup_mode=None, no_args_is_help=True)

_HELP_OF_CUSTOMER = "A customer's or record's id, or SOURCE:EXTERNAL_ID."
Customer = Annotated[str, typer.Argument(metavar="CUSTOMER", callback=readable, help=_HELP_OF_CUSTOMER)]


class State(StrEnum):
    """What a person may declare; unknown is what nobody declared."""

    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@consent.callback()
def _about() -> None:
    """Keep what people allow.

    Consents to marketing by e-mail and SMS. Every record, look and export is written to the audit trail.
    """


@consent.command()
def record(  # noqa: PLR0913, PLR0917 - its options
    ctx: typer.Context,
    customer: Customer,
    channel: Annotated[Channel, typer.Option(help="For which channel.")],
    state: Annotated[State, typer.Option(help="What the person declared.")],
    method: Annotated[str, typer.Option(metavar="TEXT", help="How: a paper form, on the phone, by e-mail.")],
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When, as 2026-11-24 or 2026-11-24T09:30; now by default.")
    ] = None,
    evidence: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Where the proof is kept; never an identity code.")
    ] = None,
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", callback=optional, help="One brand of the register; none means all.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Record what a person declared about marketing by e-mail or SMS.

    A withdrawal or refusal holds at once. A grant with evidence takes the place of whatever came before it; without
    evidence it only fills a gap.

    \b
    Example:
      rekisteri consent record thinkific:1001 --channel email --state granted --method form --evidence "binder 3"
      rekisteri consent record thinkific:1001 --channel sms --state withdrawn --method phone --at 2026-11-24
    """
    from dataclasses import replace

    from config.register import load_register
    from privacy.naming import named
    from store.engine import writing
    from sync import declaring
    from sync.cli.when import latest_moment, past_moment
    from sync.models import active
    from sync.reconciling import Act
    from sync.run import rules_of

    method = worded("--method", method)
    evidence = None if evidence is None else worded("--evidence", evidence)
    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        if brand is not None:
            register.require_brand(brand, "--brand")
        now = _now()
        # Of a no whose hour nobody noted the last counts, lest a yes of that day stands instead.
        moment = past_moment if state.value == "granted" else latest_moment
        said = replace(
            _said(register, now if at is None else moment(at, "--at", now), now),
            channel=channel.value, state=state.value, brand=brand, method=method, evidence=evidence,
        )  # fmt: skip
        with writing(desk.engine) as connection:
            act, id_ = Act(said.recorded_by, now), named(connection, customer).customer_id
            rules = rules_of(desk.settings, active(connection, desk.settings))
            declaration = declaring.declare(connection, said, id_, rules=rules, act=act)
            detail = {"declaration": declaration, "channel": channel.value, "state": state.value}
            _note(connection, act.now, "consent.record", customer_id=id_, detail=detail)
            done = _done(_held(connection, customer), _parties(desk, register), declaration, said)
        let_be_known(desk)
    tell(done, as_json=as_json)


def _said(register: "ProcessingRegister", at: "datetime", now: "datetime") -> "Said":
    from config.place import HELSINKI
    from privacy.notices import notice_at
    from store.declarations import CONSENT, Said

    return Said(
        kind=CONSENT,
        controller=register.controller,
        grantee=register.controller,
        notice_version=notice_at(register, at.astimezone(HELSINKI).date()),
        at=at,
        recorded_at=now,
        recorded_by=actor(),
    )


def _done(consenting: "Consenting", parties: "Parties", declaration: int, said: "Said") -> dict[str, Any]:
    """The event, what marketing the customer now allows, and whether what was declared bears it."""
    from privacy.consents import CHANNELS, consent_records, event_shown

    records = [one for one in consent_records(consenting, parties) if one.channel == said.channel]
    spoken = [one for one in records if said.brand in (None, one.brand)]
    event = next(event for one in spoken for event in one.events if event.declaration == declaration)
    states = {one.state for one in spoken}
    counts = states == {"granted"} if said.state == "granted" else states <= {"refused", "withdrawn"}
    published = consenting.published
    return {
        "customer": consenting.customer_id,
        "event": {"channel": said.channel, **event_shown(event)},
        "marketing": {each: published[each].state if each in published else "unknown" for each in CHANNELS},
        "brands": {one.brand: one.state for one in records},
        "counts": counts,
    }


@consent.command()
def show(ctx: typer.Context, customer: Customer, as_json: AsJson = False) -> None:
    """Show a customer's consents, brand by brand, and all that led to them.

    What was declared and what the platforms' flags said, in order of time; objections and restrictions too.

    \b
    Example:
      rekisteri consent show thinkific:1001
      rekisteri consent show 019ab2c4-77aa-7000-8000-000000000001 --json
    """
    from config.register import load_register
    from privacy.consents import consent_records, shown
    from store.engine import reading, writing

    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        with reading(desk.engine) as connection:
            consenting = _held(connection, customer)
        found = shown(consenting, consent_records(consenting, _parties(desk, register)))
        with writing(desk.engine) as connection:
            detail = {"records": len(found["records"])}
            _note(connection, _now(), "consent.show", customer_id=consenting.customer_id, detail=detail)
    if as_json:
        document(found)
    else:
        show_consents(found)


@consent.command()
def export(
    ctx: typer.Context,
    output: Annotated[str, typer.Option(metavar="PATH", help="The file to write; - is standard output.")],
    customer: Annotated[
        str | None,
        typer.Argument(metavar="[CUSTOMER]", callback=optional, help=f"{_HELP_OF_CUSTOMER} Without it, everybody."),
    ] = None,
) -> None:
    """Export consent records, one for each person, brand and channel.

    The fields are those of ISO/IEC TS 27560, as JSON-LD in the terms of DPV. The file gets mode 0600 and stands there
    only once it is whole.

    \b
    Example:
      rekisteri consent export thinkific:1001 --output suostumukset.jsonld
      rekisteri consent export --output - > suostumukset.jsonld
    """
    from config.place import HELSINKI
    from config.register import load_register
    from privacy.consent_record import Exporter
    from privacy.consents import consent_records
    from privacy.notices import notice_at
    from store import consents, registry
    from store.engine import reading, writing

    with opened(ctx) as desk, reading(desk.engine) as connection:
        register, now = load_register(desk.settings.processing.register_path), _now()
        exporter = Exporter(register, notice_at(register, now.astimezone(HELSINKI).date()))
        parties = _parties(desk, register)
        one = None if customer is None else _held(connection, customer)
        number = registry.count(connection) if one is None else 1
        with writing(desk.engine) as audited:
            id_ = one.customer_id if one else None
            _note(audited, now, "consent.export", customer_id=id_, detail={"customers": number})
        people = consents.every(connection) if one is None else [one]
        documents = (
            node for each in people for node in exporter.documents(each, consent_records(each, parties))
        )  # one at a time: the whole registry is more than memory
        put(output, lambda file: _write(documents, file), desk.settings)
    if output != "-":
        typer.echo(f"the consent records of {quantity(number, 'customer')} written to {Path(output)}", err=True)


def _write(documents: Iterable[Mapping[str, Any]], file: BinaryIO) -> None:
    from privacy.consent_context import CONTEXT

    encode = json.JSONEncoder(ensure_ascii=False).encode
    file.write(f'{{"@context": {encode(CONTEXT)},\n"@graph": ['.encode())
    separator = "\n"
    for node in documents:
        file.write(f"{separator}{encode(node)}".encode(errors="replace"))
        separator = ",\n"
    file.write(b"\n]}\n")


def _parties(desk: Desk, register: "ProcessingRegister") -> "Parties":
    from privacy.consents import Parties

    grantees = {source.name: source.consent_grantee for source in desk.settings.sources()}
    return Parties(register.controller, tuple(register.brands), grantees)


def _held(connection: "Connection", reference: str) -> "Consenting":
    from privacy.naming import named, nobody
    from store.consents import consents_of

    found = consents_of(connection, named(connection, reference).customer_id)
    if found is None:
        raise nobody()
    return found


def _note(
    connection: "Connection",
    now: "datetime",
    action: str,
    *,
    customer_id: str | None,
    detail: Mapping[str, str | int],
) -> None:
    from store import audit

    audit.note(connection, now, actor(), action, UPKEEP, customer_id=customer_id, detail=detail)


def _now() -> "datetime":
    from datetime import UTC, datetime

    return datetime.now(UTC)
