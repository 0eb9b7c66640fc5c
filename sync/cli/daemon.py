"""`rekisteri daemon`: the background service."""

from typing import Annotated

import typer

from sync.cli.opening import settings_of

Standby = Annotated[bool, typer.Option("--standby", help="Wait until another daemon is gone, then take over.")]


def daemon(ctx: typer.Context, standby: Standby = False) -> None:
    """Read every source by its schedule, as a service.

    It answers over HTTP as well: a page, `/health`, `/metrics` and deliveries of the platforms.

    It stays in the foreground. A first Ctrl-C finishes the page in hand, a second one ends at once; SIGHUP reads the
    configuration again. With --standby, which needs PostgreSQL, it waits for another daemon's end.

    \b
    Example:
      rekisteri daemon
      rekisteri --config /etc/rekisteri/rekisteri.toml daemon --standby
    """
    from sync.daemon.service import Daemon

    raise typer.Exit(Daemon(lambda: settings_of(ctx), standby=standby).run())
