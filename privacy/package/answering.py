"""The steps of an answer: whether it may be given, what it says, and that it was given."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from config.place import HELSINKI
from config.register import ProcessingRegister
from privacy import requests as rights
from privacy.errors import NotPossibleError
from privacy.overdue import rules_in_force
from privacy.package.contents import contents
from privacy.requests import ACCESS, PORTABILITY, By
from privacy.segments import of_customer
from privacy.uses import Mailbox
from store import requests
from store.person import read_dossier
from store.requests import Request, Step

ANSWERED = (ACCESS, PORTABILITY)


@dataclass(frozen=True, slots=True)
class Asker:
    """A request that may be answered, and the customer who the person is now."""

    request: Request
    customer_id: str


def asker(connection: Connection, request_id: int) -> Asker:
    """Who asks. Raises `NotPossibleError` where the request is of another kind, is closed, or nobody checked who it
    is: somebody else's data would go out."""
    found = rights.still_open(connection, request_id)
    if found.type not in ANSWERED:
        raise NotPossibleError(
            f"request {request_id} asks for {found.type}; a package answers requests for {' and '.join(ANSWERED)}"
        )
    request = rights.ready(connection, request_id)
    return Asker(request, rights.person_of(connection, request))


def answer(
    connection: Connection, asked: Asker, register: ProcessingRegister, by: By, language: str, mailbox: Mailbox
) -> dict[str, Any]:
    """The document of an answer. Call inside `store.engine.reading`."""
    found = read_dossier(connection, asked.customer_id, by.now)
    if found is None:
        raise NotPossibleError(f"the person of request {asked.request.id} left the registry just now; try again")
    today = by.now.astimezone(HELSINKI).date()
    standings = of_customer(connection, asked.customer_id, register, mailbox, today)
    return contents(found, asked.request.id, register, by.now, language, rules_in_force(connection), standings)


def answered(connection: Connection, asked: Asker, package: bytes, by: By) -> str:
    """Note that the package was made: its SHA-256 and time, on the request and as a step of it; the SHA-256."""
    digest = sha256(package).hexdigest()
    step = Step(by.now, by.actor, "package", rights.ACCEPTED, {"sha256": digest})
    requests.take(connection, asked.request.id, step, {"package_sha256": digest, "packaged_at": by.now})
    return digest
