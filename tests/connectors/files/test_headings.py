"""Which column carries which field."""

import pytest

from connectors.files import columns
from connectors.files.headings import DAMAGED_LETTERS, IDENTITY, UNMATCHED, Layout, field_of, lay_out, normal
from connectors.records import Kind

CUSTOMERS = ["Nimi", "Puhelinnumero", "Sähköposti"]
BOOKINGS = ["Varausnumero", "Asiakas", "Pvm", "Klo", "Palvelu"]


def layout(*rows: list[str], **configured: str) -> Layout:
    return lay_out(list(enumerate(rows, start=1)), configured, "tiedosto.csv")


def fields(found: Layout) -> list[str | None]:
    return [column.field for column in found.columns]


@pytest.mark.parametrize(
    "heading",
    ["Sähköposti", "  sähköposti ", "SÄHKÖPOSTI", "Sähköposti:", "Sähköposti*", "Sähköposti *:", "\ufeffSähköposti",
     "Sähköposti\u00a0", "Sahkoposti", "Sähköposti (pakollinen)", "e-mail", "Email"],
)  # fmt: skip
def test_headings_match_whatever_their_dress(heading: str) -> None:
    assert field_of(heading, Kind.CUSTOMER, {}) == "email"


def test_a_unit_is_dropped_and_remembered() -> None:
    assert normal("Hinta (€)") == normal("hinta  [EUR]") == "hinta"
    found = layout(["Varausnumero", "Alkaa", "Kesto (h)", "Hinta (€)"])
    assert found.units["duration"] == "h"
    assert layout(["Nimi", "Puhelin", "Alennus-%"]).units["discounts"] == "%"


@pytest.mark.parametrize("kind", [Kind.CUSTOMER, Kind.BOOKING])
def test_every_heading_of_the_tables_carries_its_field(kind: Kind) -> None:
    table = columns.CUSTOMER if kind is Kind.CUSTOMER else columns.BOOKING
    for field, headings in table.items():
        assert {field_of(heading, kind, {}) for heading in headings} == {field}


def test_the_fields_that_may_be_configured_are_those_that_are_read() -> None:
    from config.sections import BOOKING_FIELDS, CUSTOMER_FIELDS

    assert set(CUSTOMER_FIELDS) <= set(columns.CUSTOMER)
    assert set(BOOKING_FIELDS) <= set(columns.BOOKING)


def test_customers_and_bookings_are_told_apart() -> None:
    assert layout(CUSTOMERS).kind is Kind.CUSTOMER
    assert layout(BOOKINGS).kind is Kind.BOOKING
    assert layout(["Alkaa", "Päättyy", "Asiakas", "Puhelin"]).kind is Kind.BOOKING


@pytest.mark.parametrize(
    "extra",
    [["Päivämäärä"], ["Tila"], ["Tila", "Poistettu"], ["Työntekijä"], ["Työntekijä", "Palvelu"], ["Luotu"], ["ID"]],
)
def test_a_customer_list_with_a_strange_column_stays_one(extra: list[str]) -> None:
    assert layout([*CUSTOMERS, *extra]).kind is Kind.CUSTOMER


def test_a_booking_file_with_client_columns_stays_one() -> None:
    found = layout(["ID", "Asiakas", "Puhelinnumero", "Sähköposti", "Päivämäärä", "Kello", "Kesto (min)", "Tila"])
    assert fields(found) == [
        "booking_id", "client_name", "client_phone", "client_email", "date", "time", "duration", "state",
    ]  # fmt: skip


def test_title_rows_above_the_headings_are_passed_over() -> None:
    found = layout(["Asiakasluettelo", ""], [], ["Tulostettu", "1.11.2026"], CUSTOMERS, ["Maija Testaaja", "", ""])
    assert (found.kind, found.row) == (Kind.CUSTOMER, 4)


def test_headings_below_the_tenth_row_are_not_looked_for() -> None:
    assert layout(*[["x"]] * 9, CUSTOMERS).row == 10
    assert layout(*[["x"]] * 10, CUSTOMERS).kind is None


def test_one_known_heading_makes_no_heading_row() -> None:
    assert layout(["Nimi", "Lempiväri"]).kind is None


def test_a_file_that_is_neither_is_told_without_its_cells() -> None:
    (problem,) = layout(["Postinumero", "Kaupunki", "Maija Testaaja"]).problems
    assert problem.reason.startswith("neither customers nor bookings by its headings; `rekisteri check FILE`")


def test_a_heading_that_may_be_a_persons_cell_is_told_by_its_number() -> None:
    found = layout(["Nimi", "Puhelin", "maija@example.com", "Kuja 1", "Lempiväri"]).problems
    assert [problem.column for problem in found] == ["column 3", "column 4", "Lempiväri"]


def test_a_first_row_without_known_headings_is_not_told() -> None:
    (problem,) = layout(["Tuote", "Varasto"]).problems
    assert "Tuote" not in problem.reason
    assert "no row with two known headings" in problem.reason


def test_a_file_without_headings_shows_nobody() -> None:
    (problem,) = layout(["Maija Testaaja", "040 000 0001", "maija@example.com"]).problems
    assert "Maija" not in problem.reason
    assert "example" not in problem.reason


def test_the_first_of_two_columns_wins_and_the_other_is_told() -> None:
    found = layout(["Nimi", "Puhelin", "Matkapuhelin"])
    assert fields(found) == ["full_name", "phone", None]
    assert [(p.column, p.reason) for p in found.problems] == [("Matkapuhelin", "another column carries phone, dropped")]


def test_unmatched_headings_are_told() -> None:
    (problem,) = layout([*CUSTOMERS, "Lempiväri"]).problems
    assert (problem.file, problem.row, problem.column, problem.reason) == ("tiedosto.csv", 1, "Lempiväri", UNMATCHED)


@pytest.mark.parametrize(
    "heading", ["Henkilötunnus", "HETU", "Sotu:", "socialSecurityNumber", "Henkilötunnus (pakollinen)"]
)
def test_identity_columns_are_never_read(heading: str) -> None:
    found = layout([*CUSTOMERS, heading])
    assert found.columns[-1].field is None
    assert found.columns[-1].identity
    assert found.problems[-1].reason == IDENTITY


def test_configured_headings_come_first() -> None:
    found = layout(["Nimi", "Puhelin", "Työpuhelin"], phone="Työpuhelin")
    assert fields(found) == ["full_name", None, "phone"]
    assert [p.reason for p in found.problems] == ["another column carries phone, dropped"]


def test_a_configured_heading_makes_a_heading_row_known() -> None:
    found = layout(["Ken", "Minne soittaa"], full_name="Ken", phone="minne soittaa")
    assert fields(found) == ["full_name", "phone"]


def test_a_configured_heading_may_take_another_fields_word() -> None:
    assert fields(layout(["Nimi", "Puhelin", "Asiakas"], source_id="Asiakas")) == ["full_name", "phone", "source_id"]


def test_a_configured_heading_that_is_not_there_is_told() -> None:
    (problem,) = layout(CUSTOMERS, city="Kotikunta").problems
    assert (problem.column, problem.reason) == ("Kotikunta", "configured heading of city is not in the file")


def test_a_configured_booking_field_is_not_missed_in_a_customer_list() -> None:
    assert layout(CUSTOMERS, service="Hoito").problems == ()


def test_damaged_letters_in_a_heading_are_told() -> None:
    found = layout(["Nimi", "Puhelin", "SÃ¤hkÃ¶posti"])
    assert DAMAGED_LETTERS in [problem.reason for problem in found.problems]


def test_an_empty_file_is_told() -> None:
    assert [problem.reason for problem in layout().problems] == ["empty file"]
