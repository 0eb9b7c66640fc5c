"""`rekisteri agreement`: the contracts with the parties that handle customers' data, and with whom these work."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.acting import Noted, act, tell
from sync.cli.opening import MOST, opened, readable
from sync.cli.showing import AsJson, document, lines, table
from sync.cli.showing import day as written

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection, Row

    from privacy.requests import By
    from sync.cli.opening import Desk

agreement = typer.Typer(name="agreement", rich_markup_mode=None, no_args_is_help=True)

Number = Annotated[
    int, typer.Argument(metavar="N", min=1, max=MOST, help="Its number, as `rekisteri agreement list` shows it.")
]
Day = Annotated[str, typer.Option(metavar="DATE", help="The day, as 2026-11-24.")]


@agreement.callback()
def _about() -> None:
    """Keep the agreements with those who handle data.

    Who handles customers' data for you does so on a contract (GDPR Art. 28).
    """


@agreement.command()
def add(  # noqa: PLR0913, PLR0917 - its options
    ctx: typer.Context,
    party: Annotated[
        str, typer.Argument(metavar="PARTY", callback=readable, help="A party of the register; its name with --under.")
    ],
    type_: Annotated[
        str, typer.Option("--type", metavar="TERM", help="What it is, as dpv:ControllerProcessorAgreement.")
    ],
    signed: Annotated[str | None, typer.Option(metavar="DATE", help="When it was signed, as 2026-11-24.")] = None,
    review: Annotated[str | None, typer.Option(metavar="DATE", help="When to look at it again.")] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where it can be read.")] = None,
    file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The document; its SHA-256 is kept, not the file.")
    ] = None,
    under: Annotated[
        str | None, typer.Option(metavar="PARTY", help="For whom of the register this sub-processor works.")
    ] = None,
    country: Annotated[str | None, typer.Option(metavar="XX", help="The sub-processor's country, as FI.")] = None,
    note: Annotated[str | None, typer.Option(metavar="TEXT", help="What else there is to say.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write an agreement down.

    \b
    Example:
      rekisteri agreement add timma --type dpv:ControllerProcessorAgreement --signed 2025-03-01 --review 2027-03-01
      rekisteri agreement add "Example Hosting Oy" --under timma --country FI --type dpv:SubProcessorAgreement
    """
    from config.register import load_register
    from privacy import agreements
    from sync.cli.requested import worded
    from sync.cli.when import any_day, past_day

    contract = agreements.Contract(
        party=party if under is None else worded("PARTY", party),
        type=type_,
        under=under,
        country=country,
        signed_on=past_day(signed, "--signed") if signed else None,
        review_on=any_day(review, "--review") if review else None,
        url=_url(url),
        sha256=_digest(file) if file else None,
        note=worded("--note", note) if note else None,
    )

    def deed(desk: "Desk", connection: "Connection", by: "By") -> int:
        register = load_register(desk.settings.processing.register_path)
        return agreements.add(connection, contract, register, by)

    number = act(ctx, "agreement.add", deed, _noted)
    tell({"id": number}, f"Agreement {number} is kept.", as_json=as_json)


def _noted(number: int) -> Noted:
    return Noted({"agreement": number})


def _url(text: str | None) -> str | None:
    """Raises `ConfigError`."""
    from urllib.parse import urlsplit

    from config.errors import ConfigError
    from sync.cli.requested import of_length

    if text is None:
        return None
    clean = of_length("--url", readable(text.strip()))
    try:
        found = urlsplit(clean)
        fine = found.scheme in ("http", "https") and bool(found.hostname) and found.password is None
    except ValueError:
        fine = False
    if not fine or " " in clean:
        raise ConfigError("is no address of a page; it begins with https:// and holds no password", "--url")
    return clean


def _digest(path: Path) -> str:
    """SHA-256 of a file, 64 hex characters. Raises `ConfigError`."""
    from hashlib import file_digest

    from config.errors import ConfigError

    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror}); name a file that is there", "--file") from None


@agreement.command("list")
def list_(
    ctx: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Those too that ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the agreements, whose review is due, and the parties without one.

    \b
    Example:
      rekisteri agreement list
      rekisteri agreement list --all --json
    """
    from config.register import load_register
    from privacy import agreements
    from store import upkeep
    from store.engine import reading
    from sync.cli.when import today

    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        with reading(desk.engine) as connection:
            found = upkeep.agreements(connection, ended=every)
    day = today()
    shown = [_outlined(one, day) for one in found]
    without = agreements.without(register, [one for one in found if one.ended_on is None])
    if as_json:
        document({"agreements": shown, "without": without})
        return
    _show(shown)
    if without:
        lines(f"Without an agreement: {', '.join(without)}. Which of them need one, you judge.")


def _outlined(one: "Row[Any]", day: "date") -> dict[str, Any]:
    from store.times import stamp

    due = one.ended_on is None and one.review_on is not None and one.review_on <= day
    return {
        "id": one.id,
        "party": one.party,
        "under": one.under,
        "type": one.type,
        "country": one.country,
        "signed_on": one.signed_on and one.signed_on.isoformat(),
        "review_on": one.review_on and one.review_on.isoformat(),
        "review_due": due,
        "url": one.url,
        "sha256": one.sha256,
        "note": one.note,
        "recorded_at": stamp(one.recorded_at),
        "recorded_by": one.recorded_by,
        "ended_on": one.ended_on and one.ended_on.isoformat(),
        "ended_by": one.ended_by,
        "end_reason": one.end_reason,
    }


def _show(found: Sequence[Mapping[str, Any]]) -> None:
    if not found:
        lines("No agreement is kept yet. Begin with `rekisteri agreement add`.")
    table(
        "",
        ("no.", "party", "type", "country", "signed", "review", "where", "note"),
        [
            (
                one["id"],
                one["party"] if one["under"] is None else f"{one['party']}, under {one['under']}",
                one["type"],
                one["country"],
                one["signed_on"] and written(one["signed_on"]),
                f"ended {written(one['ended_on'])}: {one['end_reason']}" if one["ended_on"] else _review(one),
                one["url"] or (f"SHA-256 {one['sha256'][:12]}…" if one["sha256"] else None),
                one["note"],
            )
            for one in found
        ],
        right=("no.",),
    )


def _review(one: Mapping[str, Any]) -> str | None:
    return one["review_on"] and written(one["review_on"]) + (", due" if one["review_due"] else "")


@agreement.command()
def review(
    ctx: typer.Context,
    number: Number,
    again: Annotated[str, typer.Option("--next", metavar="DATE", help="When to look at it again.")],
    as_json: AsJson = False,
) -> None:
    """Say that an agreement was looked at, and when to do so again.

    \b
    Example:
      rekisteri agreement review 1 --next 2029-03-01
    """
    from privacy import agreements
    from sync.cli.when import coming_day

    day = coming_day(again, "--next")

    def deed(_desk: "Desk", connection: "Connection", _by: "By") -> int:
        agreements.review(connection, number, day)
        return number

    act(ctx, "agreement.review", deed, _noted)
    done = {"id": number, "review_on": day.isoformat()}
    tell(done, f"Agreement {number} is to be looked at again on {written(day.isoformat())}.", as_json=as_json)


@agreement.command()
def end(
    ctx: typer.Context,
    number: Number,
    on: Day,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever asks later.")],
    as_json: AsJson = False,
) -> None:
    """Say that an agreement is over. It stays in the list with --all.

    \b
    Example:
      rekisteri agreement end 1 --on 2026-06-30 --reason "another provider since July"
    """
    from privacy import agreements
    from sync.cli.requested import worded
    from sync.cli.when import past_day

    day, why = past_day(on, "--on"), worded("--reason", reason)

    def deed(_desk: "Desk", connection: "Connection", by: "By") -> int:
        agreements.end(connection, number, day, why, by)
        return number

    act(ctx, "agreement.end", deed, _noted)
    tell(
        {"id": number, "ended_on": day.isoformat()},
        f"Agreement {number} ended on {written(day.isoformat())}.",
        as_json=as_json,
    )
