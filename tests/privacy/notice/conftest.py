"""A register, a notice and what is kept with which nothing is the matter, and defects to plant into them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from config.register import ProcessingRegister, load_register
from privacy.notice.fields import EXTERNAL, FIELDS, NOTED
from privacy.notice.findings import Kept, Notice, findings
from privacy.retention import CATEGORIES

STATEMENTS: Mapping[str, Mapping[str, str]] = tomllib.loads(Path(__file__).with_name("clean.toml").read_text("utf-8"))
TRANSFER = {"mechanism_assessed": "eu-gdpr:A46-2-c", "instrument": "Decision (EU) 2021/914, signed 2026-01-02"}


@dataclass
class House:
    """All of it in one language."""

    language: str
    register: ProcessingRegister
    kept: Kept
    without: set[str] = field(default_factory=set)
    beside: list[str] = field(default_factory=list)
    version: str | None = "2021-03-22"
    text_kept: bool = True

    def party(self, id_: str, **changes: Any) -> None:
        """Another entry of a party; a new one where there is none."""
        old = self.register.parties.get(id_, self.register.parties["timma"])
        parties = {**self.register.parties, id_: old.model_copy(update=changes)}
        self.register = self.register.model_copy(update={"parties": parties})

    def processing(self, party: str, transfer: Mapping[str, Any] | None = None, **changes: Any) -> None:
        """Another entry of what a party does."""
        entries = []
        for entry in self.register.processing:
            if entry.party == party:
                moved = entry.transfer.model_copy(update=transfer or {})
                entry = entry.model_copy(update={**changes, "transfer": moved})  # noqa: PLW2901
            entries.append(entry)
        self.register = self.register.model_copy(update={"processing": tuple(entries)})

    def keep(self, **changes: Any) -> None:
        """Other things that are kept."""
        self.kept = replace(self.kept, **changes)

    @property
    def text(self) -> str:
        said = [words[self.language] for code, words in STATEMENTS.items() if code not in self.without]
        return "\n".join([*said, *self.beside]) + "\n"

    def codes(self) -> list[str]:
        """What the check finds."""
        notice = Notice(self.version, self.language, self.text if self.text_kept else None)
        return [found.code for found in findings(self.register, notice, self.kept)]


def clean(language: str) -> House:
    register = load_register(None)
    parties = {id_: party for id_, party in register.parties.items() if id_ != "campaign_monitor"}
    contact = "Testi Yhteyshenkilö, yhteys@example.com"
    kept = Kept(
        feeding=frozenset({"timma", "thinkific"}),
        collected=frozenset({*FIELDS, NOTED, EXTERNAL}),
        empty=False,
        defined=frozenset(CATEGORIES),
        agreements=frozenset({"timma", "thinkific"}),
        partners=True,
        measures=True,
    )
    house = House(language, register.model_copy(update={"parties": parties, "contact": contact}), kept)
    for party in ("timma", "thinkific"):
        house.processing(party, role_stated="processor", role_assessed="processor")
    house.processing("thinkific", TRANSFER)
    return house


@pytest.fixture(params=["fi", "en"])
def house(request: pytest.FixtureRequest) -> House:
    return clean(request.param)
