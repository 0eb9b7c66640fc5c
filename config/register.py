"""The processing register: what the controller states about parties, roles, purposes and transfers, as checked data.

`load_register` reads the shipped `processing.toml` or the owner's own file. The register has no clock and no memory:
each content has a digest, and who keeps records keeps the register's content beside the digest that they point to.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from config import UPKEEP, layers
from config.entries import (
    KINDS,
    Activity,
    Brand,
    Categories,
    Entry,
    Notice,
    Origin,
    Party,
    Processing,
    Purpose,
)
from config.errors import ConfigError
from config.keys import meant, near, shape_of, unknown_keys
from config.notices import with_digest
from config.problems import first_problem
from config.values import Text

SHIPPED = Path(__file__).with_name("processing.toml")

_NOBODY = ("none", "unknown")


class ProcessingRegister(Entry):
    """A whole register, its references checked by `load_register`."""

    name: Text
    controller: Text
    contact: str = ""
    representative: Text = "none"
    dpo: Text = "none"
    notices: Mapping[str, Notice]
    brands: Annotated[Mapping[str, Brand], Field(min_length=1)]
    parties: Annotated[Mapping[str, Party], Field(min_length=1)]
    activities: Mapping[str, Activity]
    purposes: Mapping[str, Purpose]
    data_categories: Categories
    processing: tuple[Processing, ...] = Field(min_length=1)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the content; comments, order of tables and layout do not count."""
        return sha256(self.canonical.encode()).hexdigest()

    @cached_property
    def canonical(self) -> str:
        """The whole content as JSON with sorted keys: what a version of the register is."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @property
    def purpose_ids(self) -> tuple[str, ...]:
        """The closed catalogue of purposes, in the order of the file."""
        return tuple(self.purposes)

    def origin(self, party: str, activity: str, kind: str) -> Origin:
        """Processing metadata for records of `kind` that come from `party` in `activity`. Raises `ConfigError`."""
        entry = self._entry(party, activity)
        if kind not in KINDS:
            raise ConfigError(f"no such kind of record; {meant(kind, KINDS)}", kind)
        controller, own = self.parties[self.controller], party == self.controller
        return Origin(
            controller=controller.name,
            controller_id=self.controller,
            processor="none" if own else self.parties[party].name,
            processor_id="none" if own else party,
            role_stated=entry.role_stated,
            role_assessed=entry.role_assessed,
            legal_basis=entry.legal_basis,
            purpose=entry.purposes,
            data_categories=entry.data_categories.get(kind, self.data_categories[kind]),
            collected_from=entry.collected_from,
            notice_version=entry.notice,
            **entry.transfer.model_dump(include=set(Origin.model_fields)),
        )

    def _entry(self, party: str, activity: str) -> Processing:
        self.require_source_party(party)
        for entry in self.processing:
            if (entry.party, entry.activity) == (party, activity):
                return entry
        raise ConfigError(
            f"the register has no [[processing]] entry for the party {party} in the activity {activity}; add one",
            "processing.register",
        )

    def require_source_party(self, party: str, setting: str = "processing.register") -> None:
        """Raise where no record may point to `party`: it is not in the register, or unverified."""
        self.require_party(party, setting)
        if self.parties[party].state == "unverified":
            raise ConfigError(
                f"the party {party} is unverified, so no record may point to it; settle its state in the register",
                setting,
            )

    def require_party(self, party: str, setting: str = "processing.register") -> None:
        """Raise where `party` is not in the register."""
        if party not in self.parties:
            raise ConfigError(f"the register has no party {party}; {meant(party, self.parties)}", setting)

    def brand_names(self) -> Mapping[str, str]:
        """Brand → its name."""
        return {id_: brand.name for id_, brand in self.brands.items()}

    def require_brand(self, brand: str, setting: str = "processing.register") -> None:
        """Raise where `brand` is none of the controller's."""
        if brand not in self.brands:
            raise ConfigError(f"the register has no brand {brand}; {meant(brand, self.brands)}", setting)


def load_register(path: Path | None) -> ProcessingRegister:
    """The register in `path`, or the shipped one. Raises `ConfigError` that names the file and the entry."""
    file = path or SHIPPED
    tree = _read(file)
    shape = shape_of(ProcessingRegister)
    for unknown in unknown_keys(tree, shape):
        known = near(unknown, shape)
        way = f"did you mean {'.'.join(known)}?" if known else "docs/processing-register.md lists all entries"
        raise _in(file, ".".join(unknown), f"no such entry; {way}")
    try:
        register = ProcessingRegister.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(f"{file}: {first_problem(error)}", "processing.register") from None
    for place, problem in _broken(register):
        raise _in(file, place, problem)
    return register.model_copy(update={"notices": dict(_notices(register, path, file))})


def _notices(register: ProcessingRegister, path: Path | None, file: Path) -> Iterator[tuple[str, Notice]]:
    for version, notice in register.notices.items():
        try:
            yield version, with_digest(notice, path)
        except ConfigError as error:
            raise _in(file, f"notices.{version}", str(error)) from None


def _read(file: Path) -> layers.Tree:
    if not layers.is_file(file):
        raise ConfigError(f"the file {file} is not there; correct the path or leave it out", "processing.register")
    try:
        return layers.read_toml(file)
    except ConfigError as error:
        raise ConfigError(str(error), "processing.register") from None


def _in(file: Path, place: str, problem: str) -> ConfigError:
    return ConfigError(f"{file}: {place}: {problem}", "processing.register")


def _broken(register: ProcessingRegister) -> Iterator[tuple[str, str]]:
    """References and completeness that no single entry can check, as (place, problem)."""
    yield from _unless_known("controller", register.controller, register.parties)
    if UPKEEP not in register.purposes:
        yield "purposes", f"{UPKEEP} is missing; keeping the register is a purpose of its own"
    for kind in KINDS:
        if kind not in register.data_categories:
            yield f"data_categories.{kind}", 'is missing; write ["none"] where there is no personal data'
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(register.processing, 1):
        yield from _broken_entry(f"processing.{number}", entry, register)
        if (entry.party, entry.activity) in seen:
            yield f"processing.{number}", f"a second entry for {entry.party} in {entry.activity}; keep one"
        seen.add((entry.party, entry.activity))


def _broken_entry(place: str, entry: Processing, register: ProcessingRegister) -> Iterator[tuple[str, str]]:
    yield from _unless_known(f"{place}.party", entry.party, register.parties)
    yield from _unless_known(f"{place}.activity", entry.activity, register.activities)
    yield from _unless_known(f"{place}.notice", entry.notice, register.notices)
    for purpose in entry.purposes:
        yield from _unless_known(f"{place}.purposes", purpose, register.purposes)
    for side in ("exporter", "importer"):
        party = getattr(entry.transfer, side)
        if party not in _NOBODY:
            yield from _unless_known(f"{place}.transfer.{side}", party, register.parties)
    if entry.party in register.parties and register.parties[entry.party].state == "unverified":
        yield f"{place}.party", f"{entry.party} is unverified, so no record may point to it; settle its state first"


def _unless_known(place: str, name: str, known: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    if not known:
        yield place, f"names {name}, but the register has none"
    elif name not in known:
        yield place, f"names {name}, which the register does not have; {meant(name, known)}"
