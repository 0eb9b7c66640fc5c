"""No term is written that the vendored list does not have."""

import re
from collections.abc import Iterator
from typing import get_args

import pytest

from config.entries import LegalBasis, Mechanism
from config.register import load_register
from privacy import terms
from tests.tree import ROOMS, ROOT, files, name

TERM = re.compile(
    r"(?<![\w:/-])(?:dpv|pd|loc|eu-gdpr|legal-eu|legal-fi|justifications|dpv-27560|prov):[A-Za-z0-9-]*[A-Za-z0-9]"
)
WORDS = ("unknown", "none", "unassessed")
NOT_IN_DPV = ("dpv:ConsentTerminated", "eu-gdpr:GDPR", "dpv:hasStorageLocation", "dpv:hasDataTransfer")


def written() -> Iterator[tuple[str, str]]:
    """Where each term stands: in code, data and documentation. The list itself names what it leaves out."""
    for room in (*ROOMS, "docs"):
        for path in files(ROOT / room):
            if path.suffix in (".py", ".toml", ".json", ".md", ".html", ".csv") and path.name != "terms.py":
                for term in TERM.findall(path.read_text("utf-8")):
                    yield term, name(path)


def test_every_term_that_stands_in_the_tree_is_known() -> None:
    assert {(term, where) for term, where in written() if not terms.is_known(term)} == set()
    assert len({term for term, _ in written()}) > 30


def test_every_term_of_the_shipped_register_is_known() -> None:
    register = load_register(None)
    used = {term for purpose in register.purposes.values() for term in purpose.terms}
    used |= {term for listed in register.data_categories.values() for term in listed}
    for entry in register.processing:
        used |= {*entry.legal_basis, entry.transfer.mechanism_stated, entry.transfer.mechanism_assessed}
        used |= {term for listed in entry.data_categories.values() for term in listed}
    assert {term for term in used - {*WORDS} if not terms.is_known(term)} == set()


def test_every_legal_basis_and_mechanism_that_a_register_may_state_is_known() -> None:
    allowed = {*get_args(LegalBasis), *get_args(Mechanism)} - {*WORDS}
    assert {term for term in allowed if not terms.is_known(term)} == set()


def test_what_the_tables_lead_to_is_known() -> None:
    values = {*terms.CONSENT_TERMS.values(), *terms.RIGHTS.values(), *terms.REQUEST_STATUSES, *terms.CHANNELS.values()}
    values |= {*terms.CHANNEL_DATA.values(), *(term for group in terms.ROLES.values() for term in group)}
    values |= {terms.CONSENT_BASIS, terms.GDPR, terms.AUTHORITY, terms.CONSENT_RECORD_PROFILE}
    assert values <= terms.TERMS


@pytest.mark.parametrize("term", [*NOT_IN_DPV, "loc:ZZ", "loc:CANADA", "dpv:", "ConsentGiven", "other:Name"])
def test_what_dpv_does_not_have_is_not_known(term: str) -> None:
    assert not terms.is_known(term)


def test_a_country_is_known_by_its_code() -> None:
    assert terms.is_known("loc:FI")
    assert terms.is_known("loc:CA-BC")


def test_a_term_leads_to_its_iri() -> None:
    assert terms.iri("dpv:ConsentGiven") == "https://w3id.org/dpv#ConsentGiven"
    assert terms.iri("legal-fi:DPA-FI") == "https://w3id.org/dpv/legal/fi#DPA-FI"
    with pytest.raises(KeyError):
        terms.iri("other:Name")


def test_what_is_mandatory_is_a_field_of_its_section() -> None:
    assert terms.ISO_27560_MANDATORY.keys() == terms.ISO_27560.keys()
    assert {
        (section, field)
        for section, fields in terms.ISO_27560_MANDATORY.items()
        for field in fields
        if field not in terms.ISO_27560[section]
    } == set()
