"""The notice check finds every planted defect, and nothing where nothing is planted."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from config.notices import notice_text
from config.register import load_register
from privacy.notice.fields import EXTERNAL, FIELDS, NOTED
from privacy.notice.findings import RIGHTS, Kept, Notice, findings
from privacy.notice.reading import Reading, codes
from privacy.notice.sentences import SENTENCES
from privacy.retention import CATEGORIES
from tests.privacy.notice.conftest import House

Plant = Callable[[House], object]

ALL_FIELDS = (*FIELDS, NOTED, EXTERNAL)
SAID = {
    "theatre": {"fi": "Tietoja syntyy teatterin järjestelmiin.", "en": "Data arise in the theatre's systems."},
    "population": {
        "fi": "Tietoja päivitetään väestötietojärjestelmästä.",
        "en": "Data are updated from the population information system.",
    },
    "no_profiling": {"fi": "Tietoja ei käytetä profilointiin.", "en": "Data are not used for profiling."},
    "own": {
        "fi": "Tiedot ovat Esimerkin ylläpitämissä järjestelmissä.",
        "en": "Data are kept in our own systems.",
    },
}


def say(house: House, what: str) -> None:
    house.beside.append(SAID[what][house.language])


def without(statement: str) -> Plant:
    return lambda house: house.without.add(statement)


def undefined(category: str) -> Plant:
    return lambda house: house.keep(defined=house.kept.defined - {category})


def uncollected(name: str) -> Plant:
    return lambda house: house.keep(collected=house.kept.collected - {name})


PLANTS: dict[str, Plant] = {
    "roles_stated_twice:timma": lambda house: house.processing(
        "timma", role_stated="processor+controller", role_assessed="unassessed"
    ),
    "role_differs:timma": lambda house: house.processing("timma", role_stated="controller"),
    "party_unverified:mailer": lambda house: house.party("mailer", name="Mailer", state="unverified"),
    "contact_missing": without("contact"),
    "basis_missing": without("basis"),
    "basis_missing:timma": lambda house: house.processing("timma", legal_basis=("unknown",)),
    "mechanism_old:thinkific": lambda house: house.processing("thinkific", {"instrument": "2010/87/EU"}),
    "mechanism_differs:thinkific": lambda house: house.processing(
        "thinkific", {"mechanism_assessed": "eu-gdpr:A49-1-b"}
    ),
    "agreement_missing:thinkific": lambda house: house.keep(agreements=frozenset({"timma"})),
    "measures_missing": lambda house: house.keep(measures=False),
    "residue:theatre": lambda house: say(house, "theatre"),
    "source_without_connector:population_register": lambda house: say(house, "population"),
    "storage_not_named:thinkific": without("country"),
    "storage_not_covered:thinkific": lambda house: house.processing(
        "thinkific",
        {"mechanism_stated": "eu-gdpr:A45-3", "mechanism_assessed": "eu-gdpr:A45-3", "instrument": "2002/2/EC"},
    ),
    "profiling_contradiction": lambda house: say(house, "no_profiling"),
    "health_not_named": without("health"),
    "places_contradiction": lambda house: say(house, "own"),
    "partner_without_recipient": lambda house: house.keep(partners=False),
    "recipient_not_named:partner": without("partners"),
    "notice_missing": lambda house: setattr(house, "version", None),
    "text_missing": lambda house: setattr(house, "text_kept", False),
    **{f"retention_undefined:{name}": undefined(name) for name in CATEGORIES},
    **{f"rights_omitted:{right}": without(f"right.{right}") for right in RIGHTS},
    **{f"field_not_listed:{name}": without(f"field.{name}") for name in ALL_FIELDS},
    **{f"field_never_collected:{name}": uncollected(name) for name in ALL_FIELDS},
}


def test_where_nothing_is_the_matter_nothing_is_found(house: House) -> None:
    assert house.codes() == []


@pytest.mark.parametrize("code", PLANTS)
def test_a_planted_defect_is_found_and_nothing_else(house: House, code: str) -> None:
    PLANTS[code](house)
    assert house.codes() == [code]


def test_every_kind_of_finding_is_planted() -> None:
    assert {code.partition(":")[0] for code in PLANTS} == SENTENCES.keys()
    assert set(codes("field")) == set(ALL_FIELDS)
    assert set(codes("right")) == set(RIGHTS)


def test_a_contact_who_is_not_in_the_register_is_missing_too(house: House) -> None:
    house.register = house.register.model_copy(update={"contact": " "})
    assert house.codes() == ["contact_missing"]


def test_a_source_that_is_read_under_a_party_of_its_own_is_no_finding(house: House) -> None:
    say(house, "population")
    house.keep(feeding=house.kept.feeding | {"outside_source"})
    house.party("outside_source", evidence=SAID["population"][house.language])
    assert house.codes() == []


def test_an_empty_registry_is_no_reason_to_call_fields_uncollected(house: House) -> None:
    house.keep(collected=frozenset(), empty=True)
    assert house.codes() == []


def test_in_a_language_that_is_not_read_the_register_is_checked_alone(house: House) -> None:
    found = findings(
        house.register, Notice("2026", "sv", "Integritetsmeddelande."), replace(house.kept, measures=False)
    )
    assert [one.code for one in found] == ["measures_missing", "text_missing"]


def test_a_controller_needs_no_agreement_to_process_for_another(house: House) -> None:
    house.processing("timma", role_stated="controller", role_assessed="controller")
    house.keep(agreements=frozenset({"thinkific"}))
    assert house.codes() == []


OURS = {
    "roles_stated_twice:timma", "roles_stated_twice:thinkific", "party_unverified:campaign_monitor", "contact_missing",
    "mechanism_old:thinkific", "agreement_missing:timma", "agreement_missing:thinkific", "measures_missing",
    "residue:theatre", "source_without_connector:population_register", "storage_not_named:thinkific",
    "field_not_listed:course_progress", "field_not_listed:payments", "field_not_listed:prepayment",
    "field_not_listed:purchases", "field_not_listed:visits", "profiling_contradiction", "health_not_named",
    "places_contradiction", "partner_without_recipient",
    *(f"retention_undefined:{category}" for category in CATEGORIES),
    *(f"rights_omitted:{right}" for right in ("erasure", "restriction", "portability", "withdrawal", "complaint")),
}  # fmt: skip


def test_what_is_found_in_the_shipped_notice() -> None:
    register = load_register(None)
    notice = register.notices["2021-03-22"]
    kept = Kept(feeding=frozenset({"timma"}), collected=frozenset(ALL_FIELDS), empty=False)
    found = findings(register, Notice("2021-03-22", "fi", notice_text(notice, None)), kept)
    assert {one.code for one in found} == OURS
    quotes = {one.code: one.quote for one in found}
    assert quotes["party_unverified:campaign_monitor"] == "Campaign Monitorilla on toimisto Vancounverissa, Kanadassa."
    assert "teatterin tietojärjestelmiin" in (quotes["residue:theatre"] or "")
    assert quotes["retention_undefined:orders"] == "Tietojen säilyttämisen kestoa ei ole määritelty erikseen."
    assert quotes["rights_omitted:erasure"] is None
    assert next(one for one in found if one.code == "storage_not_named:thinkific").what.endswith(
        "2002/2/EC covers CA alone."
    )
    assert all(one.what and one.way and "{" not in one.what + one.way for one in found)


def test_a_quote_is_the_sentence_and_of_a_long_one_the_part_that_says_it() -> None:
    long = "Alku " + "ja sitä " * 80 + "sekä teatterin järjestelmiin " + "ja tätä " * 80
    quote = Reading(f"Yksi. {long}. Loppu.", "fi").quote("residue", "theatre")
    assert quote is not None and "teatterin" in quote and quote.startswith("…") and quote.endswith("…")
    assert len(quote) <= 310
    assert Reading("Yksi.\n  • Teatterin\n", "fi").quote("residue", "theatre") == "Teatterin"
