"""What happens to a population from one day to the next."""

import copy
from collections.abc import Sequence
from random import Random
from typing import TypeVar

from connectors.sandbox import words
from connectors.sandbox.crowd import DAY, Crowd
from connectors.sandbox.made import Account, Booking, Client, Person
from connectors.sandbox.making import CANCELLED, MINUTE, Maker

C = TypeVar("C", bound=Crowd)


def changed(population: C, share: float) -> C:
    """The population a day later, `share` of the rows of each kind changed; 0 changes nothing but the day."""
    later = copy.copy(population)
    later.step = population.step + 1
    later.used = dict(population.used)
    for name in ("people", "accounts", "clients", "enrollments", "orders", "bookings"):
        setattr(later, name, list(getattr(population, name)))
    if share > 0:
        rng = Random(f"{population.seed}/{later.step}")  # noqa: S311 (dice, not keys)
        _Day(later, rng, share).pass_by()
    return later


class _Day:
    """One day's changes, made on a copy."""

    def __init__(self, to: Crowd, rng: Random, share: float) -> None:
        self._to, self._rng, self._share = to, rng, share
        self._maker = Maker(to, rng)

    def pass_by(self) -> None:
        """Change, remove, add: in this order, so that newcomers are whole."""
        self._change_accounts()
        self._change_clients()
        self._study()
        self._calendar()
        self._leave()
        self._maker.grow(max(1, round(len(self._to.people) * self._share / 4)))

    def _some(self, rows: Sequence[object], part: float = 1.0) -> list[int]:
        """Indexes of the rows that change today: `share` × `part` of them, at least one where there are any."""
        count = min(len(rows), max(1, round(len(rows) * self._share * part)))
        return self._rng.sample(range(len(rows)), count)

    def _change_accounts(self) -> None:
        accounts = self._to.accounts
        for at in self._some(accounts):
            accounts[at] = self._changed_account(accounts[at])

    def _changed_account(self, account: Account) -> Account:
        if account.email_marketing and self._rng.random() < 0.3:
            return account._replace(email_marketing=False)
        what = self._rng.randrange(3)
        if what == 0:
            return account._replace(email=self._new_email(account.person))
        if what == 1:
            return account._replace(phone=self._new_phone(account.person))
        return account._replace(last_name=self._new_name(account.person))

    def _change_clients(self) -> None:
        clients = self._to.clients
        for at in self._some(clients):
            clients[at] = self._changed_client(clients[at])._replace(updated_at=self._to.now)

    def _changed_client(self, client: Client) -> Client:
        if client.email_marketing and self._rng.random() < 0.3:
            return client._replace(email_marketing=False)
        what = self._rng.randrange(3)
        if what == 0:
            return client._replace(email=self._new_email(client.person))
        if what == 1:
            return client._replace(phone=self._new_phone(client.person))
        last = self._new_name(client.person)
        return client._replace(last_name=last, name=f"{client.first_name} {last}")

    def _person(self, number: int) -> Person:
        return self._to.people[number - 1]

    def _new_email(self, number: int) -> str:
        person = self._person(number)
        email = f"uusi{self._to.step}.{words.address_of(person.first_name, person.last_name, number)}"
        self._to.people[number - 1] = person._replace(emails=(*person.emails, email))
        return email

    def _new_phone(self, number: int) -> str:
        person = self._person(number)
        phone = words.phone_number(self._to.next("phone"))
        self._to.people[number - 1] = person._replace(phones=(*person.phones, phone))
        return phone

    def _new_name(self, number: int) -> str:
        last = self._rng.choice(words.LAST)
        self._to.people[number - 1] = self._person(number)._replace(last_name=last)
        return last

    def _study(self) -> None:
        """Progress moves on, with `updated_at` somewhere in the day; a few accounts enroll anew."""
        rows = self._to.enrollments
        for at in self._some(rows):
            row, moved = rows[at], self._to.now - self._rng.randrange(DAY)
            percent = min(100, row.percent + 25)
            rows[at] = row._replace(
                percent=percent,
                updated_at=max(moved, row.updated_at + 1),
                started_at=row.started_at or moved,
                completed_at=row.completed_at or (moved if percent == 100 else None),
            )
        taken = {(row.user_id, row.course) for row in rows}
        for at in self._some(self._to.accounts, 0.25):
            account, course = self._to.accounts[at], self._rng.randrange(len(words.COURSES))
            if (account.id, course) not in taken:
                self._maker.enrollment(account, course, self._to.now - self._rng.randrange(DAY))

    def _calendar(self) -> None:
        """Bookings get done, are cancelled or are made."""
        rows = self._to.bookings
        for at in self._some(rows):
            rows[at] = self._moved_on(rows[at])
        for at in self._some(self._to.clients, 0.5):
            if self._to.clients[at].deleted_on is None:
                self._maker.booking(self._to.clients[at].id, ahead=True)

    def _moved_on(self, row: Booking) -> Booking:
        long_past = row.starts_at < self._to.now - 30 * DAY  # nobody settles those any more
        if row.service is None or row.deleted_on is not None or row.status == "sold" or long_past:
            return row
        if row.starts_at < self._to.now:
            paid = words.SERVICES[row.service][2]
            return row._replace(status="sold", paid_cents=paid, updated_at=self._to.now)
        gone = self._to.now - 10 * MINUTE
        return row._replace(deleted_on=gone, reason=self._rng.choice(CANCELLED), updated_at=self._to.now)

    def _leave(self) -> None:
        """A few accounts are deleted with their enrollments (orders stay), a few clients marked as removed."""
        gone = {self._to.accounts[at].id for at in self._some(self._to.accounts, 0.05)}
        self._to.accounts = [row for row in self._to.accounts if row.id not in gone]
        self._to.enrollments = [row for row in self._to.enrollments if row.user_id not in gone]
        self._to.orders = [row._replace(user_id=None) if row.user_id in gone else row for row in self._to.orders]
        for at in self._some(self._to.clients, 0.05):
            if self._to.clients[at].deleted_on is None:
                self._to.clients[at] = self._to.clients[at]._replace(deleted_on=self._to.now, updated_at=self._to.now)
