"""`rekisteri segment`: groups of customers by rules that a person writes. People come by `privacy.segments`, and so by
the gate."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.exporting import Format, by_ending, put, rendered
from sync.cli.listing import HEADINGS, Channel, mailboxes, named_brand
from sync.cli.opening import Desk, actor, opened, readable
from sync.cli.requested import of_length
from sync.cli.showing import AsJson, document, lines, local, table
from sync.wording import quantity

if TYPE_CHECKING:
    from config.register import ProcessingRegister
    from privacy.marketing import Recipient
    from privacy.segments import Grouped, Member, Segment

segment = typer.Typer(name="segment", rich_markup_mode=None, no_args_is_help=True)

_SHEET = "ryhmä"
Name = Annotated[str, typer.Argument(metavar="NAME", callback=readable, help="The name of a segment.")]


@segment.callback()
def _about() -> None:
    """Group customers by rules that you write.

    A rule looks at what was booked, studied and bought, and at nothing else. Nobody is given a score.
    """


@segment.command()
def define(
    ctx: typer.Context,
    name: Name,
    rule: Annotated[str, typer.Option(metavar="TEXT", help="Whom the segment holds.")],
    purpose: Annotated[str, typer.Option(metavar="NAME", help="A purpose of the processing register.")],
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", help="For which brand; needed with --channel where there are several.")
    ] = None,
    channel: Annotated[Channel | None, typer.Option(help="What a marketing message would be sent by.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a segment down.

    Defined again, it has the new rule from now on; the former one stays readable.

    \b
    Example:
      rekisteri segment define kanta --rule "bookings >= 3 and brand is hieromo" --purpose analysis
      rekisteri segment define uni --rule 'course is "Hyvän unen kurssi" and last_booking before 180 days ago' \\
        --purpose communication_and_marketing --channel email --brand artsport
    """
    from privacy import segments
    from privacy.uses import use_for
    from store.engine import reading, writing

    now, text = _now(), of_length("--rule", readable(rule))
    with opened(ctx) as desk:
        register = _register(desk)
        wanted = named_brand(register, brand) if channel else brand
        use = use_for(register, purpose, channel=channel.value if channel else None, brand=wanted)
        with writing(desk.engine) as connection:
            made = segments.define(connection, name, text, use, register, author=actor(), now=now)
            new = made.created_at == now
            if new:
                _note(connection, now, "segment.define", made, {})
        with reading(desk.engine) as connection:
            unheard = segments.unheard_of(connection, made.rule) if made.rule else []
    shown = _shown(made, register)
    if as_json:
        document(shown | {"nobody_has": [{"field": one.field, "name": one.value} for one in unheard]})
    else:
        odd = [f"Nobody has the {one.field} “{one.value}” so far; is it spelt so?" for one in unheard]
        says = "is written down" if new else "has this rule already"
        odd += [f"See who is in it: {_try(made.name)}"]
        lines(f"Segment {made.name} {says}. It holds whoever fits: {shown['rule_in_words']}.", *odd)


@segment.command("list")
def list_(
    ctx: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Add former rules and retired segments.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the segments with their rules.

    \b
    Example:
      rekisteri segment list
      rekisteri segment list --all --json
    """
    from privacy import segments
    from store.engine import reading

    with opened(ctx) as desk, reading(desk.engine) as connection:
        register = _register(desk)
        found = [_shown(one, register) for one in segments.listed(connection, register, every=every)]
    if as_json:
        document({"segments": found})
    elif found:
        _show(found)
    else:
        lines("No segments. Write one with `rekisteri segment define`.")


@segment.command()
def show(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Show a segment: its rule in words, who wrote it and when, and what came of each run.

    \b
    Example:
      rekisteri segment show kanta
    """
    from privacy import segments
    from store.engine import reading
    from store.segments import runs

    with opened(ctx) as desk, reading(desk.engine) as connection:
        register = _register(desk)
        versions = [_shown(one, register) for one in segments.versions(connection, name, register)]
        ids = {one["id"] for one in versions}
        used = [_run(row) for row in runs(connection) if row.segment_id in ids]
    if as_json:
        document({"name": name, "versions": versions, "runs": used})
        return
    last = versions[0]
    lines(f"Segment {name}: {last['rule_in_words'] or 'its rule cannot be read since an erasure'}.")
    _show(versions)
    _show_runs(used)


@segment.command()
def run(
    ctx: typer.Context,
    name: Name,
    output: Annotated[str, typer.Option(metavar="FILE", help="The file to write; - is standard output.")],
    left_out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write who fits and is left out, with the reason, into this one.")
    ] = None,
    format_: Annotated[
        Format | None, typer.Option("--format", help="CSV, JSON lines or Excel; by default what the file's name says.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List who is in a segment, and count who fits and is left out, by reason.

    The files get mode 0600 and stand there only once they are whole. With - the counts go to standard error.

    \b
    Example:
      rekisteri segment run kanta --output kanta.csv
      rekisteri segment run kanta --output kanta.xlsx --left-out muut.xlsx
    """
    from config.errors import ConfigError
    from config.place import HELSINKI
    from privacy import segments
    from store.engine import reading

    if left_out is not None and left_out in ("-", output):
        raise ConfigError("name a file of its own for who is left out", "--left-out")
    now = _now()
    with opened(ctx) as desk:
        with reading(desk.engine) as connection:
            wanted = segments.in_force(connection, name, _register(desk))
            found = segments.group(connection, wanted, mailboxes(), now.astimezone(HELSINKI).date())
            listed = segments.members(connection, wanted, found)
        form = format_ or by_ending(output)
        content = _members(listed, wanted, form)
        others = _left_out(found, format_ or by_ending(left_out)) if left_out else b""
        _note_run(desk, wanted, found, content, now, {"format": form.value, "left_out_written": int(bool(left_out))})
    put(output, _writing(content), desk.settings)
    if left_out:
        put(left_out, _writing(others), desk.settings)
    _tell(wanted, found, len(listed), output, as_json=as_json)


@segment.command()
def retire(ctx: typer.Context, name: Name, as_json: AsJson = False) -> None:
    """Retire a segment: it is used no more, and its rules and runs stay readable.

    \b
    Example:
      rekisteri segment retire kanta
    """
    from privacy import segments
    from store.engine import writing

    now = _now()
    with opened(ctx) as desk, writing(desk.engine) as connection:
        last = segments.retire(connection, name, _register(desk), actor=actor(), now=now)
        _note(connection, now, "segment.retire", last, {})
    if as_json:
        document({"id": last.id, "name": last.name})
    else:
        lines(f"Segment {last.name} is retired.")


def _now() -> datetime:
    from datetime import UTC

    return datetime.now(UTC)


def _register(desk: Desk) -> "ProcessingRegister":
    from config.register import load_register

    return load_register(desk.settings.processing.register_path)


def _try(name: str) -> str:
    return f"`rekisteri segment run {name} --output {name}.csv`"


def _note(connection: Any, now: datetime, action: str, of: "Segment", detail: Mapping[str, str | int]) -> None:
    from store import audit

    audit.note(connection, now, actor(), action, of.use.purpose, detail={"segment": of.id, **detail})


def _note_run(
    desk: Desk, of: "Segment", found: "Grouped", content: bytes, now: datetime, file: Mapping[str, str | int]
) -> None:
    """The run and its audit, before anything is written."""
    from store import segments
    from store.engine import writing

    digest = sha256(content).hexdigest()
    with writing(desk.engine) as connection:
        segments.note_run(
            connection, of.id, len(found.passed), found.counts, actor=actor(), now=now, file_sha256=digest
        )
        counts = {"customers": found.customers, "listed": len(found.passed), **found.counts}
        _note(connection, now, "segment.run", of, {**counts, **file, "sha256": digest})


def _members(listed: Sequence["Member | Recipient"], of: "Segment", form: Format) -> bytes:
    from store.times import stamp

    headings = HEADINGS if of.use.channel else ("name", "customer_id")
    rows = ([getattr(one, heading) for heading in headings] for one in listed)
    cells = ([stamp(value) if isinstance(value, datetime) else value for value in row] for row in rows)
    return rendered(form, _SHEET, headings, cells)


def _left_out(found: "Grouped", form: Format) -> bytes:
    rows = ((id_, reason.value) for id_, reason in found.left_out.items())
    return rendered(form, _SHEET, ("customer_id", "reason"), rows)


def _writing(content: bytes) -> Callable[[Any], None]:
    def write(file: Any) -> None:
        file.write(content)

    return write


def _tell(of: "Segment", found: "Grouped", rows: int, output: str, *, as_json: bool) -> None:
    """The counts, on standard error where the list itself is on standard output."""
    from privacy.gate import WORDS

    counts = {
        "segment": of.name, "version": of.id, "listed": len(found.passed), "fits": found.fits,
        "left_out": dict(found.counts), "customers": found.customers, "rows": rows,
    }  # fmt: skip
    said = [f"{quantity(found.customers, 'customer')}, {found.fits} fit the rule, {len(found.passed)} in the segment"]
    said += [f"{number:>6} left out: {WORDS[reason]}" for reason, number in found.counts.items() if number]
    if output == "-":
        typer.echo(json.dumps(counts) if as_json else "\n".join(said), err=True)
    elif as_json:
        document(counts)
    else:
        lines(*said, f"Written to {output}")


def _shown(one: "Segment", register: "ProcessingRegister") -> dict[str, Any]:
    from privacy.package.words import ENGLISH, Words
    from privacy.segment_words import in_words
    from store.times import stamp

    return {
        "id": one.id,
        "name": one.name,
        "rule": one.text,
        "rule_in_words": in_words(one.rule, Words(ENGLISH), register.brand_names()) if one.rule else None,
        "purpose": one.use.purpose,
        "brand": one.use.brand,
        "channel": one.use.channel,
        "author": one.author,
        "created_at": stamp(one.created_at),
        "retired_at": stamp(one.retired_at),
        "retired_by": one.retired_by,
    }


def _run(row: Any) -> dict[str, Any]:
    from store.times import stamp

    return {
        "version": row.segment_id,
        "at": stamp(row.at),
        "actor": row.actor,
        "listed": row.listed,
        "left_out": json.loads(row.counts),
        "file_sha256": row.file_sha256,
    }


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    table(
        "Segments",
        ("version", "name", "rule", "purpose", "for", "written", "retired"),
        [
            (
                one["id"],
                one["name"],
                one["rule"],
                one["purpose"],
                " ".join(filter(None, (one["channel"], one["brand"]))),
                f"{local(one['created_at'])}, {one['author']}",
                f"{local(one['retired_at'])}, {one['retired_by']}" if one["retired_at"] else "",
            )
            for one in found
        ],
    )


def _show_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    from privacy.gate import WORDS

    table(
        "Runs",
        ("version", "when", "who", "in it", "left out"),
        [
            (
                one["version"],
                local(one["at"]),
                one["actor"],
                one["listed"],
                "\n".join(f"{number} × {WORDS[reason]}" for reason, number in one["left_out"].items() if number),
            )
            for one in runs
        ],
        right=("in it",),
    )
