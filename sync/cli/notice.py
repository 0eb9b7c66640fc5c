"""`rekisteri notice`: the privacy notice, whether it agrees with the register and the data, and a new one drafted."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from sync.cli.exporting import put
from sync.cli.opening import actor, opened, readable, settings_of
from sync.cli.program import NOT_ALL
from sync.cli.requested import worded
from sync.cli.showing import AsJson, document, lines, local, write
from sync.wording import quantity

if TYPE_CHECKING:
    from datetime import date

    from privacy.notice.checking import Checked
    from privacy.notice.judging import Judged

notice = typer.Typer(name="notice", rich_markup_mode=None, no_args_is_help=True)


class Verdict(StrEnum):
    """An answer, as `privacy.notice.judging` explains them."""

    ACCEPTED = "accepted"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class Language(StrEnum):
    """What a draft is written in."""

    FINNISH = "fi"
    ENGLISH = "en"


class Form(StrEnum):
    """How a draft is written."""

    TEXT = "txt"
    PAGE = "html"


_STATES = {"open": "open", "accepted": "accepted", "resolved": "resolved, still seen"}


@notice.callback()
def _about() -> None:
    """Check the privacy notice, and draft a new one.

    A finding is no legal assessment: it says where the notice, the processing register and the data do not agree.
    """


@notice.command()
def show(
    ctx: typer.Context,
    version: Annotated[
        str | None,
        typer.Argument(metavar="VERSION", callback=lambda text: text and readable(text), help="Else the one in force."),
    ] = None,
) -> None:
    """Print the text of the privacy notice, as it was published.

    \b
    Example:
      rekisteri notice show
      rekisteri notice show 2021-03-22
    """
    from config.notices import notice_text
    from config.register import load_register
    from privacy.notices import UNKNOWN, notice_at
    from sync.cli.program import NotThereError

    path = settings_of(ctx).processing.register_path
    register = load_register(path)
    wanted = version or notice_at(register, _today())
    if wanted == UNKNOWN:
        raise NotThereError("no notice is in force today; add it to the register as [notices.VERSION]")
    if wanted not in register.notices:
        from config.errors import ConfigError
        from config.keys import meant

        raise ConfigError(f"the register has no notice {wanted}; {meant(wanted, register.notices)}", "VERSION")
    text = notice_text(register.notices[wanted], path)
    if text is None:
        raise NotThereError(f"the text of the notice {wanted} is not kept; name its file in the register")
    write(text if text.endswith("\n") else text + "\n")


@notice.command()
def check(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List where the notice in force does not agree with the register and the data.

    Ends with 1 while a finding is open, with 0 when each is mended or answered.

    \b
    Example:
      rekisteri notice check
      rekisteri notice check --json
    """
    from datetime import UTC, datetime

    from config.register import load_register
    from sync import noticing

    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        checked = noticing.look(desk.engine, desk.settings, register, datetime.now(UTC))
    if as_json:
        found = [_outline(one) for one in checked.findings]
        document({"notice": checked.notice, "open": checked.open, "findings": found})
    else:
        _show(checked)
    if checked.open:
        raise typer.Exit(NOT_ALL)


@notice.command()
def answer(
    ctx: typer.Context,
    finding: Annotated[
        str, typer.Argument(metavar="FINDING", callback=readable, help="Its code, as `notice check` lists it.")
    ],
    verdict: Annotated[Verdict, typer.Option(help="What you found.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever asks later.")],
    as_json: AsJson = False,
) -> None:
    """Answer a finding.

    accepted: it may stay as it is. resolved: it is mended, though the check sees it until the next notice is in force.
    reopened: it waits again. Answers stay; the last counts.

    \b
    Example:
      rekisteri notice answer party_unverified:campaign_monitor --verdict resolved --reason "not in use since 2020"
      rekisteri notice answer residue:theatre --verdict accepted --reason "goes with the next notice"
    """
    from datetime import UTC, datetime

    from config.register import load_register
    from privacy.notice.judging import Answer
    from sync import noticing

    now, why = datetime.now(UTC), worded("--reason", reason)
    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        checked = noticing.look(desk.engine, desk.settings, register, now)
        given = Answer(finding, verdict.value, why, now, actor())
        checked = noticing.answer(desk.engine, register, checked, given)
    if as_json:
        document({"finding": finding, "verdict": verdict.value, "open": checked.open})
    else:
        lines(f"{finding}: {verdict.value}. {quantity(checked.open, 'finding')} open.")


@notice.command()
def draft(
    ctx: typer.Context,
    output: Annotated[str, typer.Option(metavar="PATH", help="The file to write; - is standard output.")],
    lang: Annotated[Language, typer.Option(help="The language: Finnish or English.")] = Language.FINNISH,
    format_: Annotated[Form, typer.Option("--format", help="A text, or a page to publish or print.")] = Form.TEXT,
) -> None:
    """Draft a new notice from the register, the rules and what is collected.

    What nothing tells is marked as [PUUTTUU: ...] or [MISSING: ...]. It is a draft: read it before you publish it, and
    then add it to the register as a version of its own.

    \b
    Example:
      rekisteri notice draft --output seloste.txt
      rekisteri notice draft --lang en --format html --output notice.html
    """
    from config.register import load_register
    from privacy.notice.drafting import draft as drafted
    from privacy.notice.telling import told
    from privacy.notice.writing import as_page, as_text
    from store.engine import reading

    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        with reading(desk.engine) as connection:
            made = drafted(told(connection, register), lang.value, _today())
    text = as_text(made) if format_ is Form.TEXT else as_page(made, lang.value)

    def written(file: BinaryIO) -> None:
        file.write(text.encode())

    put(output, written, desk.settings)
    where = "" if output == "-" else f"Written to {output}. "
    typer.echo(f"{where}{quantity(made.gaps, 'gap')} to fill in, marked {made.mark}: ...]", err=True)


def _outline(one: "Judged") -> dict[str, Any]:
    from store.times import stamp

    found, given = one.finding, one.answer
    return {
        "finding": found.code,
        "state": one.state,
        "what": found.what,
        "quote": found.quote,
        "way": found.way,
        "answer": given
        and {
            "verdict": given.verdict,
            "reason": given.reason,
            "at": stamp(given.answered_at),
            "by": given.answered_by,
        },
    }


def _show(checked: "Checked") -> None:
    outlines = [_outline(one) for one in checked.findings]
    for one in outlines:
        lines(f"{one['finding']} ({_STATES[one['state']]})", *_said(one), "")
    about = f"The notice {checked.notice}" if checked.notice else "No notice is in force"
    lines(f"{about}: {quantity(checked.open, 'finding')} open, {len(outlines) - checked.open} answered.")
    if checked.open:
        lines("Mend each, or answer it: `rekisteri notice answer FINDING --verdict accepted --reason TEXT`")


def _said(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {one['what']}"
    if one["quote"]:
        yield f"  The notice: “{one['quote']}”"
    if one["state"] == "open":
        yield f"  {one['way']}"
    if given := one["answer"]:
        yield f"  {given['verdict'].capitalize()} by {given['by']}, {local(given['at'])}: {given['reason']}"


def _today() -> "date":
    from datetime import datetime

    from config.place import HELSINKI

    return datetime.now(HELSINKI).date()
