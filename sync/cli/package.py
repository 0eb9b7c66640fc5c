"""`rekisteri request package`: all that is held of a person, in one file for them."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import typer

from config import UPKEEP
from sync.cli.exporting import harmless, put
from sync.cli.listing import mailboxes
from sync.cli.opening import Desk, actor, opened
from sync.cli.requested import Number
from sync.cli.showing import AsJson, document, lines, local
from sync.wording import quantity

if TYPE_CHECKING:
    from privacy.package.answering import Asker
    from privacy.requests import By


class Language(StrEnum):
    """What an answer is written in."""

    FINNISH = "fi"
    ENGLISH = "en"


def package(
    ctx: typer.Context,
    id_: Number,
    output: Annotated[str, typer.Option(metavar="FILE", help="The ZIP file to write; - is standard output.")],
    lang: Annotated[Language, typer.Option(help="The language of the page: Finnish or English.")] = Language.FINNISH,
    as_json: AsJson = False,
) -> None:
    """Make the package that answers a request for access or portability.

    A page to read and print, the data as JSON with its schema, CSV tables, and the part to take to another service.
    Nothing of other people goes in, as far as the registry knows them: read the free texts before you hand it over.
    The file gets mode 0600 and stands there only once it is whole.

    \b
    Example:
      rekisteri request package 12 --output vastaus.zip
      rekisteri request package 12 --output answer.zip --lang en
    """
    from datetime import UTC, datetime

    from config.register import load_register
    from privacy.package.answering import answer, answered
    from privacy.package.archive import archive
    from privacy.package.contents import free_texts
    from privacy.requests import By
    from store.engine import reading, writing
    from store.times import stamp

    with opened(ctx) as desk:
        register = load_register(desk.settings.processing.register_path)
        by = By(actor(), datetime.now(UTC))
        asked = _audited(desk, id_, by, lang)
        with reading(desk.engine) as connection:
            made = answer(connection, asked, register, by, lang.value, mailboxes())
        content = archive(made, harmless)
        digest = ""

        def write(file: BinaryIO) -> None:
            nonlocal digest
            file.write(content)
            with writing(desk.engine) as connection:
                digest = answered(connection, asked, content, by)

        put(output, write, desk.settings)
    told = {
        "id": id_,
        "customer_id": asked.customer_id,
        "file": output,
        "bytes": len(content),
        "sha256": digest,
        "packaged_at": made["package"]["made_at"],
        "language": lang.value,
        "withheld": made["package"]["withheld"],
        "free_texts": free_texts(made),
        "contact": bool(register.contact),
    }
    before = stamp(asked.request.packaged_at)
    _tell(told, before, aside=output == "-", as_json=as_json)


def _audited(desk: Desk, id_: int, by: "By", lang: Language) -> "Asker":
    """Who asks, audited before anything is read."""
    from privacy.package.answering import asker
    from store import audit
    from store.engine import writing

    with writing(desk.engine) as connection:
        asked = asker(connection, id_)
        detail = {"request": id_, "lang": lang.value}
        person = asked.customer_id
        audit.note(connection, by.now, by.actor, "request.package", UPKEEP, customer_id=person, detail=detail)
    return asked


def _tell(told: dict[str, Any], before: str | None, *, aside: bool, as_json: bool) -> None:
    """What was made; on standard error where the package itself is on standard output."""
    if as_json and aside:
        typer.echo(json.dumps(told), err=True)
    elif as_json:
        document(told)
    elif aside:
        typer.echo("\n".join(_said(told, before)), err=True)
    else:
        lines(*_said(told, before))


def _said(told: dict[str, Any], before: str | None) -> list[str]:
    name = "standard output" if told["file"] == "-" else str(Path(told["file"]))
    said = [f"Request {told['id']}: the package is written to {name}"]
    if before:
        said.append(f"One was made before, {local(before)}; the request names this one now.")
    if told["withheld"]:
        said.append(f"{quantity(told['withheld'], 'piece')} of data about other people left out.")
    if told["free_texts"]:
        texts = quantity(told["free_texts"], "free text")
        said.append(f"Read its {texts} before you hand it over: somebody else may be named there.")
    if not told["contact"]:
        said.append("The page names no contact person: set `contact` in your processing register.")
    said.append(f"When the person has it: rekisteri request close {told['id']} --outcome fulfilled")
    return said
