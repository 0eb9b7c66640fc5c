"""The processing register: what is shipped, and what a register of one's own may not hold."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from config import UPKEEP
from config.agreement import require_agreement
from config.entries import KINDS, Origin, Role
from config.errors import ConfigError
from config.register import SHIPPED, load_register
from config.sections import ACTIVITIES
from tests.config.conftest import Load

Edit = Callable[[str, str], ConfigError]


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """A copy of the shipped register with one text put in the place of another, everywhere."""

    def edit(old: str, new: str) -> Path:
        text = SHIPPED.read_text(encoding="utf-8")
        assert old in text
        copy = tmp_path / "mine.toml"
        copy.write_text(text.replace(old, new), encoding="utf-8")
        return copy

    return edit


@pytest.fixture
def refused(edited: Callable[[str, str], Path]) -> Edit:
    def refuse(old: str, new: str) -> ConfigError:
        with pytest.raises(ConfigError) as caught:
            load_register(edited(old, new))
        assert "mine.toml" in str(caught.value)
        assert "\n" not in str(caught.value)
        return caught.value

    return refuse


def test_what_the_notice_says_of_thinkific() -> None:
    assert load_register(None).origin("thinkific", "online_courses", "customer").model_dump() == {
        "controller": "Hieromo Hyvinvointipalvelut",
        "controller_id": "hieromo",
        "processor": "Thinkific Labs Inc.",
        "processor_id": "thinkific",
        "role_stated": "processor+controller",
        "role_assessed": "unassessed",
        "legal_basis": ("eu-gdpr:A6-1-f",),
        "purpose": (
            "service",
            "customer_relationship",
            "communication_and_marketing",
            "feedback",
            "refunds_and_claims",
            "analysis",
            "channel_statistics",
        ),
        "data_categories": ("pd:Name", "pd:EmailAddress"),
        "collected_from": "person",
        "origin_country": "CA",
        "storage_country": "US",
        "direction": "inbound_only",
        "exporter": "none",
        "importer": "none",
        "mechanism_stated": "eu-gdpr:A46-2-c",
        "mechanism_assessed": "unassessed",
        "instrument": "unknown",
        "notice_version": "2021-03-22",
    }


def test_what_the_notice_says_of_timma() -> None:
    origin = load_register(None).origin("timma", "bookings", "booking")
    assert (origin.processor, origin.role_stated, origin.role_assessed) == (
        "Timma Oy",
        "processor+controller",
        "unassessed",
    )
    assert (origin.origin_country, origin.storage_country, origin.direction) == ("FI", "unknown", "none")
    assert (origin.mechanism_stated, origin.mechanism_assessed, origin.instrument) == ("none", "none", "none")
    assert "pd:ServiceConsumptionBehaviour" in origin.data_categories


def test_the_controllers_own_files_have_no_processor() -> None:
    origin = load_register(None).origin("hieromo", "other_register", "customer")
    assert (origin.processor, origin.processor_id, origin.role_stated) == ("none", "none", "controller")


def test_a_party_that_the_notice_only_describes_is_unknown_where_the_notice_is_silent() -> None:
    origin = load_register(None).origin("course_reseller", "other_register", "customer")
    assert (origin.role_stated, origin.origin_country, origin.mechanism_stated) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize("kind", KINDS)
def test_no_part_of_an_origin_is_ever_empty(kind: str) -> None:
    register = load_register(None)
    for entry in register.processing:
        origin = register.origin(entry.party, entry.activity, kind)
        assert all(value not in (None, "", ()) for value in origin.model_dump().values())


@pytest.mark.parametrize("kind", ["course", "product", "field"])
def test_the_catalogue_holds_no_personal_data(kind: str) -> None:
    assert load_register(None).origin("thinkific", "online_courses", kind).data_categories == ("none",)


def test_the_notices_seven_purposes_and_upkeep() -> None:
    register = load_register(None)
    assert len(register.purpose_ids) == 8
    assert [name for name in register.purpose_ids if not register.purposes[name].in_notice] == [UPKEEP]


def test_the_contact_person_is_not_shipped(edited: Callable[[str, str], Path]) -> None:
    assert load_register(None).contact == ""
    assert load_register(edited('contact = ""', 'contact = "Testi Hieroja"')).contact == "Testi Hieroja"


def test_every_entry_that_a_role_is_stated_in_quotes_the_notice() -> None:
    assert all(entry.evidence for entry in load_register(None).processing)


@pytest.mark.parametrize(
    ("party", "activity", "kind", "says"),
    [
        ("campaign_monitor", "bookings", "customer", "unverified"),
        ("tima", "bookings", "customer", "did you mean timma"),
        ("timma", "online_courses", "customer", "no \\[\\[processing\\]\\] entry"),
        ("timma", "bookings", "bokking", "did you mean booking"),
    ],
)
def test_an_origin_that_is_not_stated_is_an_error(party: str, activity: str, kind: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        load_register(None).origin(party, activity, kind)


def test_the_digest_is_of_the_content_alone(edited: Callable[[str, str], Path]) -> None:
    shipped = load_register(None)
    assert len(shipped.digest) == 64
    assert load_register(edited("# ----", "#  ---")).digest == shipped.digest
    assert load_register(edited('name = "ArtSport"', 'name = "Artsport"')).digest != shipped.digest


def test_the_order_of_tables_is_no_content(edited: Callable[[str, str], Path]) -> None:
    hieromo, artsport = '[brands.hieromo]\nname = "Hieromo"\n\n', '[brands.artsport]\nname = "ArtSport"\n\n'
    assert load_register(edited(hieromo + artsport, artsport + hieromo)).digest == load_register(None).digest


def test_the_canonical_text_gives_the_register_back() -> None:
    register = load_register(None)
    assert type(register).model_validate(json.loads(register.canonical)) == register


def test_a_register_cannot_be_changed() -> None:
    register = load_register(None)
    with pytest.raises(ValidationError):
        register.parties["timma"].name = "X"  # type: ignore[misc]


BROKEN = [
    ('business_id = "2412479-6"', 'business_id = "2412479-5"', "parties.timma.business_id: is no Y-tunnus"),
    ('country = "CA"', 'country = "Canada"', "country: is no ISO 3166-1"),
    ('country = "CA"', 'country = "UK"', "country: is no ISO 3166-1"),
    ('region = "CA-BC"', 'region = "BC"', "parties.thinkific.region: is no ISO 3166-2"),
    ('storage_country = "US"', 'storage_country = ""', "processing.2.transfer.storage_country: is empty"),
    ('state = "unverified"', 'state = "dubious"', "parties.campaign_monitor.state: must be 'named'"),
    ('state = "unverified"\n', "", "parties.campaign_monitor.state: is missing"),
    ('direction = "inbound_only"', 'direction = "inward"', "processing.2.transfer.direction: must be"),
    ('role_stated = "controller"', 'role_stated = "boss"', "processing.3.role_stated: must be"),
    ('role_stated = "controller"', 'role_stated = "unassessed"', "processing.3.role_stated: must be"),
    (
        'mechanism_stated = "eu-gdpr:A46-2-c"',
        'mechanism_stated = "SCC"',
        "processing.2.transfer.mechanism_stated: must be",
    ),
    ('instrument = "unknown"', 'instrument = "unknown"\nmodule = "five"', "processing.2.transfer.module: must be"),
    ('instrument = "unknown"', 'instrument = "2002/2/EC"\nverified_on = "soon"', "processing.2.transfer.verified_on: "),
    ('collected_from = "person"', 'collected_from = "person"\nlia = ""', "processing.1.lia: is empty"),
    ('legal_basis = ["eu-gdpr:A6-1-f"]', "legal_basis = []", "processing.1.legal_basis: is empty"),
    ('legal_basis = ["eu-gdpr:A6-1-f"]', 'legal_basis = ["A6"]', "processing.1.legal_basis.1: must be"),
    (
        'terms = ["dpv:ServiceUsageAnalytics"]',
        'terms = ["analytics"]',
        "purposes.channel_statistics.terms.1: is no term",
    ),
    ('party = "thinkific"', 'party = "thinkfic"', "processing.2.party: names thinkfic, .* did you mean thinkific"),
    ('party = "thinkific"', 'party = "campaign_monitor"', "processing.2.party: campaign_monitor is unverified"),
    ('party = "outside_source"', 'party = "course_reseller"', "processing.5: a second entry"),
    ('activity = "bookings"', 'activity = "booking"', "processing.1.activity: .*did you mean bookings"),
    ('notice = "2021-03-22"', 'notice = "2021"', "processing.1.notice: .*; known: 2021-03-22$"),
    ('party = "thinkific"', 'party = "us"', "processing.2.party: names us, .*; known: hieromo, .*thinkific"),
    ("role_assessed", "zzzz", r"processing.1.zzzz: no such entry; docs/processing-register\.md lists all entries$"),
    ('exporter = "unknown"', 'exporter = "nobody"', "processing.4.transfer.exporter: names nobody"),
    ('"channel_statistics"]', '"statistics"]', "processing.1.purposes: names statistics"),
    ('controller = "hieromo"', 'controller = "hiermo"', "controller: .*did you mean hieromo"),
    ('course = ["none"]\n', "", "data_categories.course: is missing"),
    ('course = ["none"]', 'courses = ["none"]', "data_categories.courses: .*did you mean data_categories.course"),
    ("role_assessed", "role_asessed", r"processing.1.role_asessed: .*did you mean processing.1.role_assessed\?"),
    ("[purposes.register_upkeep]", "[purposes.upkeep]", "purposes: register_upkeep is missing"),
    ("valid_from = 2021-03-22", "valid_from = 2021-03-22\nvalid_to = 2021-03-21", "valid_to is before valid_from"),
    ("[brands.hieromo]", "[brands.hieromo", "line"),
]


@pytest.mark.parametrize(("old", "new", "says"), BROKEN)
def test_a_broken_entry_is_named(refused: Edit, old: str, new: str, says: str) -> None:
    assert re.search(says, str(refused(old, new)))


def test_a_register_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"mine\.toml is not there"):
        load_register(tmp_path / "mine.toml")


@pytest.mark.parametrize("content", [b'name = "Y\xe4"', b"[brands.hieromo", None])
def test_a_register_that_cannot_be_read_is_named_with_its_setting(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / ("mine.toml" if content else "x" * 300)
    if content:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=re.escape(str(file))) as caught:
        load_register(file)
    assert caught.value.setting == "processing.register"
    assert str(caught.value).startswith("processing.register: ")


def test_unknown_is_a_stated_role_and_unassessed_is_not() -> None:
    assert "unknown" in get_args(Role)
    assert "unassessed" not in get_args(Role)


SHOP = "[files.shop]\ninbox = 'in'\nprocessor = '{}'\nbrand = 'artsport'\n"


@pytest.mark.parametrize(
    ("text", "setting", "says"),
    [
        (SHOP.format("campaign_monitor"), "files.shop.processor", "unverified"),
        (SHOP.format("resellr"), "files.shop.processor", "did you mean course_reseller"),
        (SHOP.format("timma"), "processing.register", "other_register"),
        ("[timma]\ninbox = 'in'\nbrand = 'hiermo'\n", "timma.brand", "did you mean hieromo"),
        ("[timma]\ninbox = 'in'\nconsent_grantee = 'us'\n", "timma.consent_grantee", "no party us; known: "),
    ],
)
def test_settings_that_the_register_does_not_know_are_refused(loaded: Load, text: str, setting: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        require_agreement(loaded(text), load_register(None))
    assert caught.value.setting == setting


def test_settings_that_fit_the_register_pass(loaded: Load) -> None:
    text = "[timma]\ninbox = 'in2'\nconsent_grantee = 'timma'\n"
    text += "[thinkific]\naccess_token = 't'\nconsent_grantee = 'controller'\n"
    require_agreement(loaded(text + SHOP.format("outside_source")), load_register(None))


def test_every_platform_has_an_activity_of_the_register() -> None:
    assert set(ACTIVITIES.values()) <= set(load_register(None).activities)


def test_an_origin_names_its_nineteen_parts_once() -> None:
    assert len(Origin.model_fields) == 19
