"""`rekisteri webhooks`: where the platforms send events by themselves."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from config import UPKEEP
from sync.cli.opening import Desk, actor, opened, readable, settings_of
from sync.cli.program import DONE, NOT_ALL, NotThereError
from sync.cli.showing import AsJson, document, lines, table
from sync.wording import quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Settings
    from connectors.hooks import Hook, Registrar

webhooks = typer.Typer(name="webhooks", rich_markup_mode=None, no_args_is_help=True)

REGISTERED, ALREADY, NOT_OFFERED = "registered", "already there", "not offered by the site"


def _readable(text: str | None) -> str | None:
    return None if text is None else readable(text)


@dataclass(frozen=True, slots=True)
class _Sender:
    """A source whose platform sends events, and its list of where to."""

    source: str
    registrar: "Registrar"

    @property
    def path(self) -> str:
        """Where the daemon takes its events."""
        return f"/webhooks/{self.source}"

    def is_ours(self, hook: "Hook") -> bool:
        """Whether a registration is one that `register` makes; the site's others are left alone."""
        return hook.topic in self.registrar.topics and hook.target_url.endswith(self.path)


@webhooks.callback()
def _about() -> None:
    """Have platforms send what happens.

    A platform that can sends each event to the daemon, which takes it in within a second. Runs go on as before, since
    an event may get lost.
    """


@webhooks.command("list")
def list_(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List where the platforms send events.

    Registrations of other programs are shown too.

    \b
    Example:
      rekisteri webhooks list
      rekisteri webhooks list --json
    """
    with _senders(settings_of(ctx)) as senders:
        found = [
            {"source": sender.source, **hook.model_dump(), "ours": sender.is_ours(hook)}
            for sender in senders
            for hook in sender.registrar.list()
        ]
    if as_json:
        document({"webhooks": found})
        return
    if not found:
        lines("Nothing is registered. Begin with `rekisteri webhooks register URL`.")
    columns = ("source", "id", "topic", "target_url", "status", "ours")
    rows = [[row[column] for column in columns[:-1]] + ["yes" if row["ours"] else "no"] for row in found]
    table("Registered", ("source", "id", "topic", "sent to", "status", "ours"), rows)


@webhooks.command()
def register(
    ctx: typer.Context,
    url: Annotated[
        str, typer.Argument(metavar="URL", help="Public https address that leads to the daemon's /webhooks/SOURCE.")
    ],
    as_json: AsJson = False,
) -> None:
    """Have every event that is of use sent to URL.

    URL ends in /webhooks/ and the source's name, and leads to the daemon, through a proxy that speaks TLS. What is
    registered already stays as it is, so the command may be repeated.

    \b
    Example:
      rekisteri webhooks register https://registry.example.com/webhooks/thinkific
    """
    with opened(ctx) as desk, _senders(desk.settings) as senders:
        sender = _sender_for(url, senders)
        _note(desk, "webhooks.register", {"source": sender.source})
        there = {hook.topic for hook in sender.registrar.list() if hook.target_url == url}
        topics = {
            topic: ALREADY if topic in there else REGISTERED if sender.registrar.register(topic, url) else NOT_OFFERED
            for topic in sender.registrar.topics
        }
    some = any(outcome != NOT_OFFERED for outcome in topics.values())
    if as_json:
        document({"source": sender.source, "target_url": url, "topics": topics})
    else:
        table(f"Events of {sender.source}", ("topic", ""), topics.items())
        lines("They are taken in while `rekisteri daemon` runs." if some else "The site offers none of them.")
    raise typer.Exit(DONE if some else NOT_ALL)


@webhooks.command()
def remove(
    ctx: typer.Context,
    id_: Annotated[str | None, typer.Argument(metavar="ID", callback=_readable, help="As `list` shows it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that `register` made, whatever their address.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have events not sent any more.

    With --all those of ours alone: a topic of use, sent to an address that ends in /webhooks/ and the source's name.

    \b
    Example:
      rekisteri webhooks remove 20200227213233625839530
      rekisteri webhooks remove --all
    """
    if (id_ is None) != every:
        raise typer.BadParameter("give an ID, or --all")
    with opened(ctx) as desk, _senders(desk.settings) as senders:
        _note(desk, "webhooks.remove", {"all": int(every)})
        removed = list(_remove_one(senders, id_) if id_ is not None else _remove_ours(senders))
    if id_ is not None and not removed:
        raise NotThereError("no registration has this id; look with `rekisteri webhooks list`")
    if as_json:
        document({"removed": removed})
    else:
        lines(f"{quantity(len(removed), 'registration')} removed.")


def _note(desk: Desk, action: str, detail: Mapping[str, str | int]) -> None:
    """Audit before the platform is told, for nobody knows how far a call came that broke."""
    from datetime import UTC, datetime

    from store import audit
    from store.engine import writing

    with writing(desk.engine) as connection:
        audit.note(connection, datetime.now(UTC), actor(), action, UPKEEP, detail=detail)


def _remove_one(senders: "Sequence[_Sender]", id_: str) -> Iterator[str]:
    if any(sender.registrar.remove(id_) for sender in senders):
        yield id_


def _remove_ours(senders: "Sequence[_Sender]") -> Iterator[str]:
    for sender in senders:
        for hook in sender.registrar.list():
            if sender.is_ours(hook) and sender.registrar.remove(hook.id):
                yield hook.id


@contextmanager
def _senders(settings: "Settings") -> Iterator[list[_Sender]]:
    """The sources whose platforms send events, for as long as the command lasts. Raises `ConfigError` for none."""
    from config.errors import ConfigError
    from sync.sources import registrar

    with ExitStack() as stack:
        found = []
        for source in settings.sources():
            made = registrar(source)
            if made is not None:
                stack.callback(made.close)
                found.append(_Sender(source.name, made))
        if not found:
            raise ConfigError("no source is switched on whose platform sends events; see docs/configuration.md")
        yield found


def _sender_for(url: str, senders: "Sequence[_Sender]") -> _Sender:
    """The source whose events this address takes. Raises `ConfigError` for one that no platform could send to."""
    from config.errors import ConfigError

    if (wrong := _wrong_with(url)) is not None:
        raise ConfigError(wrong, "URL")
    found = next((sender for sender in senders if url.endswith(sender.path)), None)
    if found is None:
        ends = " or ".join(sender.path for sender in senders)
        raise ConfigError(f"must end in {ends}, where the daemon takes events", "URL")
    return found


def _wrong_with(url: str) -> str | None:
    """Why no platform could send to this address. It is not quoted: it may hold a password."""
    from urllib.parse import urlsplit

    from config.values import is_loopback

    try:
        parts: Any = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    if not host or any(character.isspace() or not character.isprintable() for character in url):
        return "is no address; write https://HOST/webhooks/SOURCE"
    if parts.scheme != "https":
        return "must begin with https://: events hold personal data"
    if is_loopback(host) or host.lower().endswith(".localhost"):
        return "leads to this machine alone; give the public address of the proxy before the daemon"
    if parts.username or parts.password or parts.query or parts.fragment:
        return "may hold no user, password, query or fragment: the platform shows it to everybody with access there"
    return None
