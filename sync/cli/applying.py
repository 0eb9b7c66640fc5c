"""`rekisteri request apply` and `lift`: what a request comes to in the registry, and its end."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sync.cli.acting import tell
from sync.cli.listing import Channel
from sync.cli.opening import Desk, readable
from sync.cli.requested import Number, act, worded
from sync.cli.showing import AsJson
from sync.wording import quantity

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from privacy.applying import Wish
    from privacy.requests import By
    from store.requests import Request
    from sync.reconciling import Rules


def apply(  # noqa: PLR0913, PLR0917 - the options of four rights
    ctx: typer.Context,
    id_: Number,
    field: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="Rectification: first_name, last_name, name, emails, phones or address."),
    ] = None,
    value: Annotated[
        list[str] | None,
        typer.Option(metavar="VALUE", help='What is right; "" takes it away; repeated for several emails or phones.'),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SCOPE",
            help="Objection: direct_advertising, distance_selling, other_direct_marketing, market_opinion_research, "
            "personal_directory, genealogy or all; may be repeated.",
        ),
    ] = None,
    channel: Annotated[
        list[Channel] | None, typer.Option(help="Withdrawal: of which consent; both by default; may be repeated.")
    ] = None,
    brand: Annotated[
        str | None, typer.Option(metavar="NAME", help="Withdrawal: of one brand; of all by default.")
    ] = None,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, where there is more to say.")] = None,
    as_json: AsJson = False,
) -> None:
    """Carry a request out in the registry, so that no sync undoes it.

    A rectification and a restriction need a checked identity; an objection and a withdrawal do not. Access and
    portability are answered with a package.

    \b
    Example:
      rekisteri request apply 12 --field phones --value "040 123 4567" --value "+358 50 123 4567"
      rekisteri request apply 13 --scope all
      rekisteri request apply 14 --channel sms --brand hieromo
    """
    from privacy.applying import Wish

    why = None if reason is None else worded("--reason", reason)
    wish = Wish(
        field,
        None if value is None else _clean(field, value),
        tuple(scope or ()),
        tuple(one.value for one in channel or ()),
        brand,
    )
    ids: list[int] = []

    def deed(desk: Desk, connection: "Connection", by: "By") -> "Request":
        request, written = _carry_out(desk, connection, id_, wish, why, by)
        ids.extend(written)
        return request

    done = act(ctx, "apply", deed)
    tell(done | {"declarations": ids}, *_applied(done, wish), as_json=as_json)


def _carry_out(
    desk: Desk, connection: "Connection", id_: int, wish: "Wish", why: str | None, by: "By"
) -> tuple["Request", list[int]]:
    from config.register import load_register
    from privacy import requests
    from privacy.applying import declarations, got, require_fitting, tasks
    from store import disclosures
    from store.hanging import ever_of
    from store.requests import handlers
    from sync.declaring import declare
    from sync.reconciling import Act

    require_fitting(requests.still_open(connection, id_), wish)
    request = requests.ready(connection, id_)
    person = requests.person_of(connection, request)
    register = load_register(desk.settings.processing.register_path)
    told = got(disclosures.of_records(connection, ever_of(connection, person)))
    todo = tasks(request, wish, handlers(connection, person), told)
    said = declarations(request, wish, register, by, why)
    rules, done = _rules(desk, connection), Act(by.actor, by.now)
    ids = [declare(connection, one, person, rules=rules, act=done) for one in said]
    return requests.carried_out(connection, request, ids, todo, by), ids


def lift(
    ctx: typer.Context,
    id_: Number,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why it no longer holds.")],
    as_json: AsJson = False,
) -> None:
    """End what a request brought about, of a closed request too.

    Whoever was told of it elsewhere is told of its end: each is a task. Whoever asked for a restriction is told before
    it ends (GDPR Art. 18(3)).

    \b
    Example:
      rekisteri request lift 13 --reason "the person wishes to hear of offers again"
    """
    why = worded("--reason", reason)
    ids: list[int] = []

    def deed(desk: Desk, connection: "Connection", by: "By") -> "Request":
        from privacy import requests
        from privacy.errors import NotPossibleError
        from store.requests import declared
        from sync import declaring
        from sync.reconciling import Act

        request = requests.there(connection, id_)
        ids.extend(declared(connection, id_))
        if not ids:
            raise NotPossibleError(f"nothing is in force because of request {id_}")
        rules, done = _rules(desk, connection), Act(by.actor, by.now)
        for one in ids:
            declaring.lift(connection, one, why, rules=rules, act=done)
        return requests.lifted(connection, request, ids, by)

    done = act(ctx, "lift", deed)
    tell(done | {"lifted": ids}, *_lifted(done, len(ids)), as_json=as_json)


def in_force(connection: "Connection", request_id: int) -> list[dict[str, Any]]:
    """What is in force because of a request, as JSON. `what`: in a few words, without a value."""
    from store import declarations
    from store.requests import declared
    from store.times import stamp

    found = [declarations.get(connection, id_) for id_ in declared(connection, request_id)]
    return [
        {
            "id": one.id,
            "kind": one.said.kind,
            "what": " ".join(
                filter(
                    None,
                    (one.said.kind, one.said.state, one.said.channel, one.said.brand, one.said.scope, one.said.field),
                )
            ),
            "at": stamp(one.said.at),
        }
        for one in found
        if one is not None
    ]


def _rules(desk: Desk, connection: "Connection") -> "Rules":
    from sync.models import active
    from sync.run import rules_of

    return rules_of(desk.settings, active(connection, desk.settings))


def _clean(field: str | None, values: list[str]) -> list[str]:
    """Values as the registry writes them, empty ones left out. Raises `ConfigError`, which quotes none."""
    from config.errors import ConfigError

    if any(value and not value.strip() for value in values):
        raise ConfigError('is blank; say what is right, or give "" to take the field away', "--value")
    read = {"emails": _email, "phones": _phone}.get(field or "", _text)
    return list(dict.fromkeys(read(value) for value in values if value))


def _email(value: str) -> str:
    from config.errors import ConfigError
    from connectors.contacts import clean_email

    found = clean_email(readable(value))
    if found is None:
        raise ConfigError("is no e-mail address; write it as name@example.com", "--value")
    return found


def _phone(value: str) -> str:
    from config.errors import ConfigError
    from connectors.contacts import to_e164

    found = to_e164(readable(value))
    if found is None:
        raise ConfigError("is no phone number; write it as +358 40 123 4567", "--value")
    return found


def _text(value: str) -> str:
    return worded("--value", value)


def _applied(done: Mapping[str, Any], wish: "Wish") -> Iterator[str]:
    if wish.values == []:
        yield f"That takes the field away: the registry shows no {wish.field} of the person any more."
    yield f"Request {done['id']} is carried out in the registry. No sync undoes it."
    if done["type"] in ("objection", "withdrawal"):
        yield "Where a platform sends messages by itself, enter it there too: nothing is written to it from here."
    yield from _waiting(done)
    yield f"When the person has been answered: rekisteri request close {done['id']} --outcome fulfilled"


def _lifted(done: Mapping[str, Any], many: int) -> Iterator[str]:
    yield f"{quantity(many, 'declaration')} of request {done['id']} no longer in force."
    if done["type"] == "restriction":
        yield "The person is told before a restriction ends (GDPR Art. 18(3)): if they were not, tell them now."
    yield from _waiting(done)


def _waiting(done: Mapping[str, Any]) -> Iterator[str]:
    """What is to be done elsewhere."""
    waiting = [task for task in done["tasks"] if task["done_at"] is None]
    for task in waiting:
        yield f"Still to do at {task['party']}: {task['what']} (task {task['id']})"
    if waiting:
        yield f"Note each with: rekisteri request task-done {done['id']} TASK --proof TEXT"
