"""Check digits and country codes."""

import pytest

from config.identifiers import COUNTRY_CODES, business_id_ok


@pytest.mark.parametrize("text", ["2061058-6", "2412479-6", "0000000-0", "0000001-9"])
def test_a_business_id_with_the_right_check_digit_is_accepted(text: str) -> None:
    assert business_id_ok(text)


@pytest.mark.parametrize(
    "text", ["2061058-5", "2061085-6", "20610586", "061058-6", "2061058-6 ", "2061058-66", "", "abcdefg-h", "٢٠٦١٠٥٨-٦"]
)
def test_any_other_text_is_refused(text: str) -> None:
    assert not business_id_ok(text)


def test_exactly_one_check_digit_fits_unless_the_remainder_is_one() -> None:
    fitting = [sum(business_id_ok(f"{number:07}-{digit}") for digit in range(10)) for number in range(1000)]
    assert set(fitting) == {0, 1}
    # A remainder of 1 would need the digit 10; such numbers are never given out, and they are one in eleven.
    assert 80 <= fitting.count(0) <= 100


def test_there_are_249_countries_and_the_ones_that_matter_here_are_among_them() -> None:
    assert len(COUNTRY_CODES) == 249
    assert {"FI", "CA", "US", "AX"} <= COUNTRY_CODES
    assert not {"EU", "UK", "SU", "XX"} & COUNTRY_CODES
