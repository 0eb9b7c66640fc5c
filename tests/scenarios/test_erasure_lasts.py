"""An erased person does not come back (invariant 10), whatever happens then; and nobody else goes with them."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pyrage

from connectors.sandbox.people import Population
from sync.events import accept, work_off
from sync.rebuild import rebuild
from sync.run import rules_of
from sync.sources import receiver
from tests.scenarios.conftest import THOROUGH
from tests.scenarios.lasting import Gone, lose, require_nobody_is_back, told_in_tables, until_done
from tests.scenarios.programs import forked
from tests.scenarios.world import World, people

CUSTOMERS = 5_000 if THOROUGH else 40
EVERY = 10
SHARE = 0.05
KILLS = 4 if THOROUGH else 1
BY_PROGRAM = 3 if THOROUGH else 1
"""So many are erased by the program, which is killed meanwhile; the others in this process, which takes less."""
HEADINGS = ("Asiakasnumero", "Etunimi", "Sukunimi", "Sähköposti", "Puhelinnumero")


class Story:
    """Two worlds over the same platforms: in one people are erased, in the other nobody is."""

    def __init__(self, world: World, calm: World) -> None:
        self.world, self.calm = world, calm
        self.rng = Random(7)
        self.population: Population = people(customers=CUSTOMERS)
        world.platforms.calm(self.population)
        identity = pyrage.x25519.Identity.generate()
        (world.folder / "identity.txt").write_text(str(identity))
        world.configure("backup", recipient=str(identity.to_public()), identity_file="identity.txt")
        for one in (world, calm):
            (one.folder / "reseller").mkdir()
            reseller = {"inbox": "reseller", "processor": "course_reseller", "brand": "artsport"}
            one.configure("files", reseller=reseller)
            one.run("thinkific", "timma")
        self.gone = Gone(world, EVERY)
        assert len(self.gone.customers) >= CUSTOMERS / EVERY / 2

    def check(self) -> None:
        """None of them is back, and nobody else is lost."""
        require_nobody_is_back(self.world, self.calm, self.gone)

    def run(self, **wish: Any) -> None:
        """Both worlds are read."""
        for one in (self.world, self.calm):
            assert one.run(**wish)["outcome"] == "ok"

    def moments(self, longest: float) -> Iterator[float]:
        """When to kill."""
        return (self.rng.random() * longest for _ in range(KILLS))

    def back_up(self) -> None:
        """Before anybody is erased."""
        done = forked(self.world.folder, "backup", "registry.age")
        assert done.returncode == 0, done.stderr

    def erase(self) -> None:
        """Some by the program, killed in between, and the others."""
        first, others = self.gone.customers[:BY_PROGRAM], self.gone.customers[BY_PROGRAM:]
        for customer in first:
            words = ("request", "open", "--type", "erasure", "--customer", customer, "--json")
            request = str(json.loads(forked(self.world.folder, *words).stdout)["id"])
            until_done(self.world, self.moments(2.0), "request", "erase", request, "--yes")
        self.gone.erase(self.world, others)
        assert {customer["id"] for customer in self.world.customers()} == self.gone.staying

    def sync_killed(self) -> None:
        """A run that is killed goes on in the next."""
        self.world.timma.faults = self.world.thinkific.faults = "slow:0.01@*"
        until_done(self.world, self.moments(2.0), "sync")
        self.world.timma.faults = self.world.thinkific.faults = ""
        self.run()

    def deliver(self) -> None:
        """Thinkific sends them by itself, as they were and under another last name."""
        users = sorted(id_ for _, stream, id_ in self.gone.rows if stream == "users")
        for world in (self.world, self.calm):
            source = next(one for one in world.settings.sources() if one.name == "thinkific")
            understood = receiver(source)
            assert understood
            for id_ in users:
                for fields in ({}, {"last_name": "Uusinimi"}):
                    body = world.thinkific.envelope("user.updated", id_, fields=dict(fields))  # type: ignore[attr-defined]
                    assert accept(world.engine, "thinkific", understood, body) == "taken"
            work_off(world.engine, world.settings, Event())

    def import_file(self) -> None:
        """A reseller has all of them under ids of its own, half of them under another name, and others too."""
        rows = []
        for at, victim in enumerate(self.gone.victims):
            contacts = self.gone.contacts
            mails = [mail for mail in victim["emails"] if mail.casefold() in contacts]
            phones = [phone for phone in victim["phones"] if phone in contacts]
            if mails or phones:
                last = "Toinen" if at % 2 else victim["last_name"] or "Malli"
                first = victim["first_name"] or str(victim["name"]).split()[0]
                rows.append((f"v{at}", first, last, *(next(iter(found), "") for found in (mails, phones))))
        self.gone.belonging(("reseller", "clients", row[0]) for row in rows)
        others = [(f"n{at}", "Neea", f"Uusi{at}", f"neea{at}@example.com", "") for at in range(len(rows))]
        for world in (self.world, self.calm):
            path = Path(world.folder) / "reseller" / "osallistujat.csv"
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                csv.writer(file, delimiter=";").writerows([HEADINGS, *rows, *others])

    def next_day(self, step: int) -> None:
        """Names and contacts change, people come and leave."""
        self.population = self.population.change(step, SHARE)
        self.world.platforms.calm(self.population)

    def restore(self) -> None:
        """The registry of before the erasures comes back, though the restore is killed in between."""
        lose(self.world)
        until_done(self.world, self.moments(3.0), "restore", "registry.age", unless="is not empty")
        assert told_in_tables(self.world, self.gone) == set(), "before anything else is done"

    def rebuild(self) -> None:
        """Everything is decided anew."""
        for world in (self.world, self.calm):
            rebuild(world.engine, rules_of(world.settings), forced=True)
        self.run()


def test_nobody_comes_back_and_nobody_else_is_lost(any_world: World, calm_world: World) -> None:
    story = Story(any_world, calm_world)
    story.back_up()
    story.erase()
    story.check()
    story.sync_killed()
    story.check()
    story.deliver()
    story.check()
    story.import_file()
    story.next_day(1)
    story.run()
    story.check()
    story.restore()
    story.run(full=True)
    story.check()
    story.next_day(2)
    story.run()
    story.run(full=True)
    story.rebuild()
    story.check()
    dropped = any_world.ask("SELECT sum(erased) AS number FROM stream_run")[0].number
    assert dropped >= len(story.gone.rows), "what was dropped is counted"
