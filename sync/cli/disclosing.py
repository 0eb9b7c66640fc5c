"""`rekisteri disclose`: the one way by which data of customers leave for a third party.

The registry has its note before the file takes its place, so that no file stands there of which nobody knows.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from sync.cli.exporting import Cell, Format, by_ending, put, write_jsonl, write_sheet
from sync.cli.listing import Channel, mailboxes
from sync.cli.opening import Desk, actor, opened, readable
from sync.cli.program import NotThereError
from sync.cli.requested import worded
from sync.cli.showing import AsJson, document, lines
from sync.wording import quantity

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from config.register import ProcessingRegister
    from privacy.disclosing import Chosen, Line, Wanted


def disclose(  # noqa: PLR0913, PLR0917 - what is told of a disclosure
    ctx: typer.Context,
    recipient: Annotated[str, typer.Option(metavar="NAME", help="To whom: a recipient who is approved.")],
    purpose: Annotated[str, typer.Option(metavar="PURPOSE", help="What for: one of the purposes of the approval.")],
    basis: Annotated[str, typer.Option(metavar="TERM", help="On what legal basis, such as eu-gdpr:A6-1-b.")],
    fields: Annotated[
        str,
        typer.Option(
            metavar="LIST",
            help="What leaves, with commas: id, name, first_name, last_name, emails, phones, address, brands, and how "
            "many bookings, enrollments, orders.",
        ),
    ],
    output: Annotated[
        str | None, typer.Option(metavar="FILE", help="The file to write; - is standard output. Not for --dry-run.")
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="CSV, JSON lines or Excel; by default what the file's name says.")
    ] = None,
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", help="Customers of this brand alone, and their consent to it.")
    ] = None,
    channel: Annotated[
        Channel | None, typer.Option(help="For marketing: the channel on which people must consent.")
    ] = None,
    customer: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="A customer's or record's id, or SOURCE:EXTERNAL_ID; may be repeated."),
    ] = None,
    statute: Annotated[
        str | None, typer.Option(metavar="TEXT", help="To an authority: the section that obliges you.")
    ] = None,
    document_: Annotated[
        str | None, typer.Option("--document", metavar="TEXT", help="To an authority: its demand, and where that is.")
    ] = None,
    despite_restriction: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="To an authority: why data leave whose use is restricted (Art. 18(2))."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count; nobody gets anything.")] = False,
    as_json: AsJson = False,
) -> None:
    """Disclose data of customers to a third party.

    What left, whose, to whom, why and on what basis is noted.

    Who objects, is restricted or does not consent to marketing is left out and counted. To an authority goes what a
    statute demands, of customers who are named. The file gets mode 0600, and stands there once it is whole and noted.

    \b
    Example:
      rekisteri disclose --recipient "Tilit Oy" --purpose refunds_and_claims --basis eu-gdpr:A6-1-c \\
        --fields name,orders --output tilit.csv
      rekisteri disclose --recipient "Kumppani Oy" --purpose communication_and_marketing --basis eu-gdpr:A6-1-a \\
        --fields name,emails --channel email --brand artsport --dry-run
    """
    from config.errors import ConfigError
    from config.register import load_register
    from privacy.disclosing import Wanted

    if output is None and not dry_run:
        raise ConfigError("name the file to write, or only count with --dry-run", "--output")
    wanted = Wanted(
        purpose=purpose,
        basis=basis,
        fields=_fields(fields),
        brand=brand,
        channel=channel.value if channel else None,
        customers=[readable(one) for one in customer or ()],
        statute=_worded("--statute", statute),
        document=_worded("--document", document_),
        despite=_worded("--despite-restriction", despite_restriction),
    )
    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        deed = _Deed(desk, register, readable(recipient), wanted, format_ or by_ending(output or ""))
        if dry_run or output is None:
            told = deed.count()
        else:
            deed.carry_out_into(output)
            told = deed.told | {"file": output}
    _tell(told, aside=output == "-" and not dry_run, as_json=as_json)


class _Deed:
    """A disclosure, done in one transaction: judged, written into the file that waits to take its place, noted."""

    def __init__(
        self, desk: Desk, register: "ProcessingRegister", recipient: str, wanted: "Wanted", form: Format
    ) -> None:
        self._desk, self._register, self._recipient = desk, register, recipient
        self._wanted, self._form = wanted, form
        self.told: dict[str, Any] = {}

    def count(self) -> dict[str, Any]:
        """Whom it would concern."""
        from datetime import UTC, datetime

        from store import audit
        from store.engine import writing

        with writing(self._desk.engine) as connection:
            recipient, found, _ = self._judged(connection)
            purpose, detail = self._wanted.purpose, {"people": len(found.passed), "dry_run": 1}
            audit.note(connection, datetime.now(UTC), actor(), "disclosure.count", purpose, detail=detail)
        return self._said(recipient, found) | {"disclosure": None, "sha256": None, "file": None, "dry_run": True}

    def carry_out_into(self, output: str) -> None:
        """Do it. Where the file cannot take its place once that is noted, it is noted too that nothing left; what went
        to standard output stays noted, since nobody knows how much of it left."""
        try:
            put(output, lambda file: self._carry_out(file, aside=output == "-"), self._desk.settings)
        except NotThereError:
            if self.told:
                self._take_back()
            raise
        except OSError as error:
            if not self.told:
                raise
            raise NotThereError(
                f"standard output did not take all of it ({error.strerror}); how much left nobody knows, so disclosure "
                f"{self.told['disclosure']} stays noted"
            ) from None

    def _take_back(self) -> None:
        from datetime import UTC, datetime

        from store import audit, disclosures
        from store.engine import writing

        with writing(self._desk.engine) as connection:
            now, id_ = datetime.now(UTC), self.told["disclosure"]
            disclosures.fail(connection, id_, now)
            purpose = self._wanted.purpose
            audit.note(connection, now, actor(), "disclosure.failed", purpose, detail={"disclosure": id_})

    def _carry_out(self, file: BinaryIO, *, aside: bool) -> None:
        """A file is filled before it is noted, so that a full disk leaves no note of what nobody got; standard
        output (`aside`), which nobody can take back, gets its bytes afterwards."""
        from datetime import UTC, datetime

        from privacy import disclosing
        from privacy.errors import NotPossibleError
        from privacy.requests import By
        from store import audit
        from store.engine import writing

        with writing(self._desk.engine) as connection:
            by = By(actor(), datetime.now(UTC))
            recipient, found, rows = self._judged(connection)
            if not found.passed:
                raise NotPossibleError(f"nobody's data may leave, so nothing was disclosed: {_why_not(found)}")
            content = _rendered(rows, self._wanted.fields, self._form)
            digest = sha256(content).hexdigest()
            if not aside:
                file.write(content)
                file.flush()
            form = disclosing.File(self._form.value, digest)
            id_ = disclosing.record(connection, recipient, self._wanted, found, form, by)
            person = next(iter(found.passed)) if len(found.passed) == 1 else None
            detail = {"disclosure": id_, "recipient": recipient.id, "people": len(found.passed), "sha256": digest}
            purpose = self._wanted.purpose
            audit.note(connection, by.now, by.actor, "disclosure.make", purpose, customer_id=person, detail=detail)
        self.told = self._said(recipient, found) | {"disclosure": id_, "sha256": digest, "dry_run": False}
        if aside:
            file.write(content)

    def _judged(self, connection: "Connection") -> tuple["Row[Any]", "Chosen", list["Line"]]:
        from privacy import disclosing
        from privacy.recipients import approved

        recipient = approved(connection, self._recipient)
        use = disclosing.use_of(self._register, recipient, self._wanted)
        found = disclosing.chosen(connection, use, recipient, self._wanted, mailboxes())
        return recipient, found, list(disclosing.lines(connection, use, found, self._wanted.fields))

    def _said(self, recipient: "Row[Any]", found: "Chosen") -> dict[str, Any]:
        wanted = self._wanted
        return {
            "recipient": recipient.name,
            "purpose": wanted.purpose,
            "basis": wanted.basis,
            "brand": wanted.brand,
            "channel": wanted.channel,
            "fields": list(wanted.fields),
            "format": self._form.value,
            "people": len(found.passed),
            "dropped": found.dropped,
            "despite": found.despite,
            "customers": found.customers,
        }


def _fields(text: str) -> list[str]:
    from config.errors import ConfigError

    found = list(dict.fromkeys(filter(None, (part.strip() for part in readable(text).split(",")))))
    if not found:
        raise ConfigError("names nothing; write what leaves with commas, such as name,emails", "--fields")
    return found


def _worded(option: str, text: str | None) -> str | None:
    return None if text is None else worded(option, text)


def _rendered(rows: "Sequence[Line]", fields: Sequence[str], form: Format) -> bytes:
    file = BytesIO()
    if form is Format.JSONL:
        write_jsonl(rows, file)
    else:
        write_sheet(form, "luovutus", fields, ([_cell(row[field]) for field in fields] for row in rows), file)
    return file.getvalue()


def _cell(value: Any) -> Cell:
    return ", ".join(value) if isinstance(value, list) else value


def _why_not(found: "Chosen") -> str:
    reasons = (f"{number} {reason.replace('_', ' ')}" for reason, number in found.dropped.items() if number)
    return ", ".join(reasons) or "the registry has no customers"


def _tell(told: Mapping[str, Any], *, aside: bool, as_json: bool) -> None:
    """What was done; on standard error where the data themselves are on standard output."""
    if as_json and aside:
        typer.echo(json.dumps(told), err=True)
    elif as_json:
        document(told)
    elif aside:
        typer.echo("\n".join(_lines(told)), err=True)
    else:
        lines(*_lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    from privacy.disclosing import LEFT_OUT

    yield f"{told['people']} of {quantity(told['customers'], 'customer')}: {', '.join(told['fields'])}"
    for reason, number in told["despite"].items():
        yield f"{number:>6} of them although {LEFT_OUT[reason]}"
    for reason, number in told["dropped"].items():
        if number:
            yield f"{number:>6} left out: {LEFT_OUT[reason]}"
    if told["dry_run"]:
        yield "A dry run: nothing was written, and nobody got anything."
        return
    yield f"Disclosure {told['disclosure']}, SHA-256 {told['sha256']}"
    if told["file"] != "-":
        yield f"Written to {told['file']}"
