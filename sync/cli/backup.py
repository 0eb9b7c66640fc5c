"""`rekisteri backup` and `restore`: a moment of the registry in one encrypted file, and back."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.opening import actor, opened, settings_of
from sync.cli.program import NOT_ALL
from sync.cli.showing import AsJson, document, lines, local
from sync.wording import quantity

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from config.settings import Settings
    from privacy.backup import Restored, Settle, Written


def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write; it must not be there yet.")],
    as_json: AsJson = False,
) -> None:
    """Write an encrypted backup of the whole registry.

    Only whoever has the secret half of `backup.recipient` can read it.

    It is one moment of the registry, whatever is written meanwhile, and goes back into SQLite and PostgreSQL alike.
    It is read back before it takes its name. The key file is not in it: keep a copy of that, and of the file of
    erasures beside it, apart from the backups.

    \b
    Example:
      rekisteri backup /media/stick/rekisteri-2026-11-24.age
    """
    from config.errors import ConfigError
    from privacy.backup import back_up
    from store.backup.identities import identity_of, recipient_of

    with opened(ctx) as desk:
        options, key_file = desk.settings.backup, desk.settings.privacy.key_file
        if options.recipient is None:
            problem = "is missing; make a pair of keys with age-keygen, and set its public key"
            raise ConfigError(problem, "backup.recipient")
        recipient = recipient_of(options.recipient)
        identity = identity_of(options.identity_file, "backup.identity_file") if options.identity_file else None
        done = back_up(desk.engine, file.absolute(), recipient, identity, key_file, actor())
    if as_json:
        document(_written(done))
    else:
        lines(*_told_written(done, key_file))


def _written(done: "Written") -> Mapping[str, Any]:
    return {
        "file": str(done.file),
        "written_at": _stamp(done.at.isoformat()),
        "bytes": done.size,
        "sha256": done.sha256,
        "rows": sum(done.rows.values()),
        "tables": done.rows,
        "erasures": done.erasures,
        "verified": "decrypted" if done.decrypted else "digest",
    }


def _stamp(iso: str) -> str:
    return iso.replace("+00:00", "Z")


def _told_written(done: "Written", key_file: Path) -> Iterator[str]:
    from store.backup.sidecar import beside

    size = f"{done.size / 1_000_000:.1f} MB"
    yield f"{done.file}: {quantity(sum(done.rows.values()), 'row')} of {local(done.at.isoformat())}, {size}."
    if done.decrypted:
        yield "It was read back and decrypted, every row of it."
    else:
        yield "It was read back, and is what was written; backup.identity_file would let it be decrypted as well."
    yield f"A restore needs {key_file} and {beside(key_file)} too: keep copies of both, elsewhere than the backups."


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup.")],
    into: Annotated[
        str | None, typer.Option(metavar="URL", help="An empty database, written as database.url; that by default.")
    ] = None,
    identity: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The age identity that reads it, else backup.identity_file.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back, into an empty database.

    Who was erased since the backup is erased again before anybody can read it, by the key file and the file of
    erasures beside it, and who objected, withdrew consent or had the use of their data restricted is heeded; without
    both files nothing is restored. Nothing is left of a restore that fails.

    \b
    Example:
      rekisteri restore rekisteri-2026-11-24.age --into sqlite:///rekisteri.db
      rekisteri restore rekisteri-2026-11-24.age --into postgresql+psycopg://rekisteri@db/rekisteri --identity key.txt
    """
    from privacy.backup import restore as bring_back
    from store.backup.identities import identity_of

    settings = settings_of(ctx)
    named, setting = (identity, "--identity") if identity else (settings.backup.identity_file, "backup.identity_file")
    url = _url(settings, into)
    with _naming("--into" if into is not None else "database.url"):
        key = identity_of(_named(named), setting)
        done = bring_back(file, url, key, settings.privacy.key_file, _settled(settings), actor())
    if as_json:
        document(_restored(file, url, done))
    else:
        lines(*_told_restored(file, url, done))
    if not done.clean:
        raise typer.Exit(NOT_ALL)


def _named(identity: Path | None) -> Path:
    from config.errors import ConfigError

    if identity is None:
        raise ConfigError("is missing; name the file that age-keygen wrote", "--identity")
    return identity


def _url(settings: "Settings", into: str | None) -> str:
    """Raises `ConfigError`."""
    from config.errors import ConfigError
    from config.values import database_url

    if into is None:
        return settings.database.url.get_secret_value()
    try:
        return database_url(into)
    except ValueError as error:
        raise ConfigError(str(error), "--into") from None


@contextmanager
def _naming(setting: str) -> Iterator[None]:
    """Errors about the database name what named it."""
    from config.errors import ConfigError

    try:
        yield
    except ConfigError as error:
        if error.setting != "database.url":
            raise
        raise type(error)(str(error).removeprefix("database.url: "), setting) from None


def _settled(settings: "Settings") -> "Settle":
    """What is done with those who stay when somebody is erased again: they are published without them."""
    from datetime import UTC, datetime

    from sync.reconciling import Act, Tally, reconcile_records
    from sync.run import rules_of

    def settle(connection: "Connection", queued: Sequence[int]) -> None:
        reconcile_records(connection, queued, rules_of(settings), Act(actor(), datetime.now(UTC)), Tally())

    return settle


def _restored(file: Path, url: str, done: "Restored") -> Mapping[str, Any]:
    return {
        "file": str(file.absolute()),
        "into": _shown(url),
        "written_at": _stamp(done.written_at),
        "rows": sum(done.rows.values()),
        "tables": done.rows,
        "replayed": {name: getattr(done.replayed, name) for name in ("erasures", "rows", "declarations", "awaited")},
        "clean": done.clean,
    }


def _shown(url: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)


def _told_restored(file: Path, url: str, done: "Restored") -> Iterator[str]:
    yield f"{file}: {quantity(sum(done.rows.values()), 'row')} of {local(done.written_at)} are in {_shown(url)}."
    if done.replayed.erasures:
        again = quantity(done.replayed.erasures, "erasure")
        yield f"{again} since then done again: {quantity(done.replayed.rows, 'row')} gone."
    if done.replayed.declarations:
        yield f"Of objections, withdrawals and restrictions since then, {done.replayed.declarations} done again."
    if done.replayed.awaited:
        yield f"{done.replayed.awaited} concern records that came after the backup: heeded once a sync brings those."
    if not done.clean:
        yield "The database's files may still hold what was erased: look who else uses it, then make a new restore."
    yield (
        f"Consents given after {local(done.written_at)}, corrections and decisions about who is who are to be recorded"
        " again."
    )
    yield (
        "Whoever was taken out of the direct-marketing register since is in it again: take them out"
        " (`rekisteri direct-marketing remove`) before anything is sent."
    )
    yield "Next: set database.url to it where it is another one, `rekisteri sync`, and a new backup."
