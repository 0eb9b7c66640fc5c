"""Identifiers with rules of their own: the Finnish business id and ISO 3166-1 country codes."""

import re

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


def business_id_ok(text: str) -> bool:
    """Whether `text` is a Finnish business id (Y-tunnus, `1234567-8`) with the right check digit.

    Weights 7, 9, 10, 5, 8, 4, 2; where the sum modulo 11 is 0 the digit is 0, else it is 11 minus that remainder
    (Finnish Tax Administration, check of the business id).
    """
    match = re.fullmatch(r"([0-9]{7})-([0-9])", text)
    if match is None:
        return False
    rest = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, match[1], strict=True)) % 11
    # A remainder of 1 asks for the digit 10, which no digit equals: such numbers are never given out.
    return int(match[2]) == (11 - rest) % 11


COUNTRY_CODES = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()  # noqa: SIM905 - 249 quoted codes are harder to compare with the standard
)
"""ISO 3166-1 alpha-2, the 249 officially assigned codes."""

EEA = frozenset(
    """
    AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK AX GF GP MF MQ RE YT
    """.split()  # noqa: SIM905 - as above
)
"""Countries of the European Economic Area, within which data are not transferred in the sense of GDPR Art. 44: the
EU's 27 members, Iceland, Liechtenstein and Norway, and the regions with codes of their own to which the EU's Treaties
apply (TFEU Art. 355(1) and (4))."""
