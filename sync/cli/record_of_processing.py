"""`rekisteri record-of-processing`: the record of processing activities (GDPR Art. 30) from the live tables."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from config import UPKEEP
from sync.cli.exporting import Format, put, write_sheet
from sync.cli.opening import Desk, actor, opened

if TYPE_CHECKING:
    from privacy.record.words import RecordWords


class RecordForm(StrEnum):
    """The forms of the record."""

    HTML = "html"
    CSV = "csv"
    XLSX = "xlsx"
    JSONLD = "jsonld"


class RecordLanguage(StrEnum):
    """The languages of the record."""

    FINNISH = "fi"
    ENGLISH = "en"


def record_of_processing(
    ctx: typer.Context,
    output: Annotated[str, typer.Option(metavar="PATH", help="The file to write; - is standard output.")],
    format_: Annotated[
        RecordForm | None,
        typer.Option("--format", help="A page, a table with a row an activity, or JSON-LD; as PATH ends by default."),
    ] = None,
    lang: Annotated[RecordLanguage, typer.Option(help="The language of headings and words.")] = RecordLanguage.FINNISH,
) -> None:
    """Write the record of processing activities.

    The one of GDPR Article 30, which the supervisory authority may ask for.

    One activity for each party of the processing register and for each thing that you do with the registry yourself,
    from what is in the tables now. What is not used or not known says so. The file gets mode 0600 and stands there
    only once it is whole.

    \b
    Example:
      rekisteri record-of-processing --output seloste.html
      rekisteri record-of-processing --format csv --lang en --output - > record.csv
    """
    from privacy.record.words import RecordWords

    form = format_ or _by_ending(output)
    with opened(ctx) as desk:
        made = _made(desk, form, lang)
    words = RecordWords(lang.value)
    put(output, lambda file: _write(made, form, words, file), desk.settings)
    if output != "-":
        used = sum(part["in_use"] for part in made["activities"])
        told = f"{len(made['activities'])} activities, {used} of them in use"
        typer.echo(f"the record of processing ({told}) written to {Path(output)}", err=True)


def _by_ending(output: str) -> RecordForm:
    """The form by the file's ending; a page where it has none. Raises `ConfigError`."""
    from config.errors import ConfigError

    ending = Path(output).suffix.lower().removeprefix(".")
    if not ending:
        return RecordForm.HTML
    if ending not in {form.value for form in RecordForm}:
        known = ", ".join(f".{form.value}" for form in RecordForm)
        raise ConfigError(f"ends in none of {known}; name the file so, or say which with --format", "--output")
    return RecordForm(ending)


def _made(desk: Desk, form: RecordForm, lang: RecordLanguage) -> dict[str, Any]:
    """The document, once it is audited that it was made."""
    from datetime import UTC, datetime

    from config.place import HELSINKI
    from config.register import load_register
    from config.sections import ACTIVITIES
    from privacy.record.contents import Feed, contents
    from store import audit
    from store.engine import reading, writing
    from store.processed import read_processed

    now = datetime.now(UTC)
    register = load_register(desk.settings.processing.register_path)
    feeds = [Feed(one.name, one.party, ACTIVITIES[one.platform]) for one in desk.settings.sources()]
    with reading(desk.engine) as connection:
        found = read_processed(connection)
    made = contents(found, register, feeds, now, now.astimezone(HELSINKI).date())
    detail = {"activities": len(made["activities"]), "format": form.value, "lang": lang.value}
    with writing(desk.engine) as connection:
        audit.note(connection, now, actor(), "record_of_processing", UPKEEP, detail=detail)
    return made


def _write(made: Mapping[str, Any], form: RecordForm, words: "RecordWords", file: BinaryIO) -> None:
    from privacy.record.linked import linked
    from privacy.record.page import page
    from privacy.record.telling import sheet

    match form:
        case RecordForm.HTML:
            file.write(page(made, words).encode(errors="replace"))
        case RecordForm.JSONLD:
            file.write((json.dumps(linked(made), ensure_ascii=False, indent=1) + "\n").encode(errors="replace"))
        case _:
            headings, rows = sheet(made, words)
            write_sheet(Format(form.value), words.say("title"), headings, rows, file)
