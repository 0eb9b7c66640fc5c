"""What may be disclosed to whom, decided without a database; and whose data leave, on both."""

from types import SimpleNamespace
from typing import Any

import pytest

from config.errors import ConfigError
from config.register import load_register
from privacy import disclosing, recipients
from privacy.disclosing import FIELDS, LAW, SEVERAL, Wanted
from privacy.errors import NotPossibleError
from privacy.gate import DIRECT_MARKETING
from privacy.package.words import LANGUAGES, tables
from privacy.recipients import KINDS, Approval
from privacy.requests import By
from store import disclosures
from store.engine import reading, writing
from tests.privacy.erasing import erase
from tests.privacy.searching import forms, in_tables
from tests.store.test_disclosures import disclosed
from tests.sync.declaring import consent, declare
from tests.sync.engine import START, Registry

REGISTER = load_register(None)
STAFF = By("tester", START)
SERVICE, MARKETING = "service", "communication_and_marketing"
CONSENT, CONTRACT = "eu-gdpr:A6-1-a", "eu-gdpr:A6-1-b"
DEMAND = {"statute": "an act, section 1", "document": "letter 1", "customers": ("salon:maija",)}


def recipient(kind: str = "partner", *purposes: str) -> Any:
    """A row as an approval leaves it."""
    named = ", ".join(f'"{purpose}"' for purpose in purposes or REGISTER.purposes)
    return SimpleNamespace(id=1, name="Kumppani Oy", kind=kind, country="FI", purposes=f"[{named}]")


def wanted(**values: Any) -> Wanted:
    return Wanted(**{"purpose": SERVICE, "basis": CONTRACT, "fields": ("name",)} | values)


def test_fields_that_may_leave_are_named_one_by_one_and_none_is_free_text() -> None:
    assert FIELDS == (
        "id", "name", "first_name", "last_name", "emails", "phones", "address", "brands", "bookings", "enrollments",
        "orders",
    )  # fmt: skip
    for language in LANGUAGES:
        assert all(tables()["field"][field][language] for field in FIELDS)
        assert all(tables()["recipient_kind"][kind][language] for kind in KINDS)


@pytest.mark.parametrize(
    ("kind", "values", "option", "said"),
    [
        ("partner", {"fields": ("name", "notes")}, "--fields", "free text"),
        ("partner", {"fields": ("email",)}, "--fields", "did you mean emails?"),
        ("partner", {"fields": ("no_show_count",)}, "--fields", "no such field"),
        ("partner", {"basis": "unknown"}, "--basis", "no such legal basis"),
        ("partner", {"basis": "A6-1-b"}, "--basis", "did you mean eu-gdpr:A6-1-b?"),
        ("partner", {"purpose": "servise"}, "--purpose", "did you mean service?"),
        ("partner", {"brand": "artsprot"}, "--brand", "did you mean artsport?"),
        ("partner", {"channel": "email"}, "--channel", "which service is not"),
        ("partner", {"basis": CONSENT}, "--customer", "knows of no such consent"),
        ("partner", {"statute": "an act"}, "--statute", "is for an authority"),
        ("partner", {"document": "a letter"}, "--document", "is for an authority"),
        ("processor", {"despite": "it must be"}, "--despite-restriction", "is for an authority"),
        ("person", {}, "--customer", "whom customers chose"),
        ("partner", {"purpose": MARKETING, "basis": CONSENT}, "--channel", "is marketing"),
        ("processor", {"purpose": "analysis"}, "--channel", "is marketing"),
        ("partner", {"purpose": MARKETING, "basis": CONSENT, "channel": "email", "fields": ("phones",)}, "--fields",
         "lets no phones leave"),
        ("partner", {"purpose": MARKETING, "basis": CONSENT, "channel": "sms", "fields": ("emails",)}, "--fields",
         "lets no emails leave"),
        ("partner", {"purpose": MARKETING, "basis": "eu-gdpr:A6-1-f", "channel": "email", "fields": ("emails",)},
         "--basis", "on consent alone"),
        ("authority", {"purpose": MARKETING, "basis": LAW, **DEMAND}, "--purpose", "which is marketing"),
        ("authority", {"basis": CONTRACT, **DEMAND}, "--basis", "what the law demands"),
        ("authority", {"basis": LAW, **DEMAND, "channel": "sms"}, "--channel", "is for marketing"),
        ("authority", {"basis": LAW, **DEMAND, "statute": None}, "--statute", "which statute"),
        ("authority", {"basis": LAW, **DEMAND, "document": None}, "--document", "which document"),
        ("authority", {"basis": LAW, **DEMAND, "customers": ()}, "--customer", "nobody else's leave"),
    ],
)  # fmt: skip
def test_what_is_no_lawful_whole_is_refused_with_the_option(
    kind: str, values: dict[str, Any], option: str, said: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        disclosing.use_of(REGISTER, recipient(kind), wanted(**values))
    assert str(refused.value).startswith(f"{option}: ")
    assert said in str(refused.value)


def test_a_purpose_beside_the_approval_is_not_possible() -> None:
    with pytest.raises(NotPossibleError, match="approved for service, not for feedback"):
        disclosing.use_of(REGISTER, recipient("partner", SERVICE), wanted(purpose="feedback"))


@pytest.mark.parametrize("field", [field for field in FIELDS if field not in ("emails", "phones")])
def test_marketing_without_contacts_may_rest_on_another_basis_and_is_gated_by_consent_still(field: str) -> None:
    asked = wanted(purpose=MARKETING, basis="eu-gdpr:A6-1-f", channel="sms", fields=(field,))
    use = disclosing.use_of(REGISTER, recipient(), asked)
    assert (use.channel, use.scopes >= DIRECT_MARKETING) == ("sms", True)


@pytest.fixture
def people(registry: Registry) -> Registry:
    """Maija at the salon and the school; Onni, her child, on her phone; Eero."""
    registry.land(
        "salon",
        {
            "maija": {"first_name": "Maija", "last_name": "Malli", "name": "Maija Malli", "phone": "+358405550001",
                      "email": "maija@example.com"},
            "onni": {"first_name": "Onni", "last_name": "Malli", "phone": "+358405550001"},
            "eero": {"first_name": "Eero", "last_name": "Esimerkki", "phone": "+358405550002"},
        },
    )  # fmt: skip
    registry.land("school", {"maija": {"first_name": "Maija", "last_name": "Malli", "email": "maija@example.com"}})
    registry.book("salon", {"b1": {}, "b2": {}}, "maija")
    registry.vanish("salon", "b2")
    registry.reconcile()
    return registry


def left(registry: Registry, to: Any, asked: Wanted) -> tuple[list[dict[str, Any]], disclosing.Chosen]:
    """What would leave, and whom it concerns."""
    with reading(registry.engine) as connection:
        use = disclosing.use_of(REGISTER, to, asked)
        found = disclosing.chosen(connection, use, to, asked, str)
        return list(disclosing.lines(connection, use, found, asked.fields)), found


def test_what_leaves_is_what_is_published_in_the_order_of_the_fields(people: Registry) -> None:
    lines, found = left(people, recipient(), wanted(fields=("id", "emails", "address", "bookings", "orders")))
    assert len(lines) == found.customers == 3
    (maija,) = [line for line in lines if line["emails"]]
    assert list(maija.items()) == [
        ("id", people.customer_of("salon:maija")), ("emails", ["maija@example.com"]), ("address", None),
        ("bookings", 1), ("orders", 0),
    ]  # fmt: skip
    assert all(isinstance(line[field], list) for line in lines for field in line if field in SEVERAL)


def test_of_contacts_those_alone_leave_that_reach_nobody_who_said_no(people: Registry) -> None:
    asked = wanted(purpose=MARKETING, basis=CONSENT, channel="sms", fields=("first_name", "phones"))
    for record in ("salon:maija", "salon:eero"):
        consent(people, record, "granted", channel="sms")
    lines, _ = left(people, recipient(), asked)
    assert sorted(line["first_name"] for line in lines) == ["Eero", "Maija"]
    consent(people, "salon:onni", "withdrawn", channel="sms")
    lines, found = left(people, recipient(), asked)
    assert [line["phones"] for line in lines] == [["+358405550002"]]
    assert (found.dropped["contact_withdrawn_by_other"], found.dropped["withdrawn"]) == (1, 1)


def test_who_is_restricted_goes_to_nobody_but_to_an_authority_with_a_reason(people: Registry) -> None:
    declare(people, "salon:maija", "restriction")
    for kind in ("partner", "processor"):
        _, found = left(people, recipient(kind), wanted())
        assert (len(found.passed), found.dropped["restricted"]) == (2, 1)
    named = ("school:maija", "salon:maija", "salon:eero")
    _, found = left(people, recipient("person"), wanted(customers=named))
    assert (list(found.passed), found.customers) == ([people.customer_of("salon:eero")], 2)
    demand = {"basis": LAW, **DEMAND, "customers": named}
    with pytest.raises(NotPossibleError, match=r"Art\. 18\(2\)") as refused:
        left(people, recipient("authority"), wanted(**demand))
    assert people.customer_of("salon:maija") in str(refused.value)
    _, found = left(people, recipient("authority"), wanted(**demand, despite="it must be"))
    assert (len(found.passed), found.despite, found.dropped) == (2, {"restricted": 1}, {})


def test_a_name_that_leads_nowhere_is_not_quoted(people: Registry) -> None:
    with pytest.raises(NotPossibleError, match=r"no customer or record with this id \(--customer, number 2\)"):
        left(people, recipient(), wanted(customers=("salon:eero", "salon:nobody")))


def test_those_of_another_brand_are_left_out_and_counted(people: Registry) -> None:
    _, found = left(people, recipient(), wanted(brand="hieromo"))
    assert (len(found.passed), found.dropped["other_brand"]) == (0, 3)
    assert len(left(people, recipient(), wanted(brand="artsport"))[1].passed) == 3


def test_an_erasure_names_who_got_data_and_leaves_no_name_of_the_person_among_them(people: Registry) -> None:
    for name, kind in (("Kumppani Oy", "partner"), ("Maija Malli", "person")):
        disclosed(people, "salon:maija", "salon:eero", name=name, kind=kind)
    gone = erase(people, "salon:maija")
    assert (gone.recipients, gone.counts["disclosure_record"]) == (("Kumppani Oy",), 4)
    assert in_tables(people.engine, forms("Maija Malli")) == {}
    with reading(people.engine) as connection:
        assert [row.recipient for row in disclosures.disclosures(connection)] == ["Kumppani Oy", "[erased]"]
    assert erase(people, "salon:onni").recipients == ()


def approval(**values: Any) -> Approval:
    return Approval(
        **{"name": "Kumppani Oy", "kind": "partner", "country": "FI", "purposes": (SERVICE,), "reason": "agreed"}
        | values
    )


@pytest.mark.parametrize(
    ("values", "option", "said"),
    [
        ({"country": "XX"}, "--country", "ISO 3166-1"),
        ({"country": "suomi"}, "--country", "ISO 3166-1"),
        ({"business_id": "2061058-5"}, "--business-id", "check digit"),
        ({"country": "US"}, "--safeguard", "outside the EU/EEA"),
        ({"country": "GB", "safeguard": "none"}, "--safeguard", "no such safeguard"),
        ({"country": "CH", "safeguard": "unknown"}, "--safeguard", "no such safeguard"),
        ({"country": "CA", "safeguard": "eu-gdpr:A46-2-z"}, "--safeguard", "did you mean eu-gdpr:A46-2-"),
        ({"country": "NO", "safeguard": "eu-gdpr:A45-3"}, "--safeguard", "within the EU/EEA"),
        ({"purposes": (SERVICE, "selling")}, "--purpose", "the register has no purpose selling"),
        ({"kind": "authority", "purposes": (SERVICE, MARKETING)}, "--purpose", "no authority gets data"),
    ],
)
def test_an_approval_that_lacks_something_is_refused(
    light_registry: Registry, values: dict[str, Any], option: str, said: str
) -> None:
    with writing(light_registry.engine) as connection:
        with pytest.raises(ConfigError) as refused:
            recipients.approve(connection, REGISTER, approval(**values), STAFF)
        assert disclosures.recipients(connection, revoked=True) == []
    assert str(refused.value).startswith(f"{option}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("values", "safeguard"),
    [
        ({"business_id": "2061058-6"}, "none"),
        ({"country": "SE", "business_id": "556000-0000"}, "none"),
        ({"country": "AX"}, "none"),
        ({"country": "CA", "safeguard": "eu-gdpr:A45-3"}, "eu-gdpr:A45-3"),
    ],
)
def test_an_approval_is_by_name_until_it_is_revoked(registry: Registry, values: dict[str, Any], safeguard: str) -> None:
    with writing(registry.engine) as connection:
        id_ = recipients.approve(connection, REGISTER, approval(**values), STAFF)
        with pytest.raises(NotPossibleError, match="is approved already"):
            recipients.approve(connection, REGISTER, approval(name="kumppani  OY"), STAFF)
        found = recipients.approved(connection, "KUMPPANI oy")
        assert (found.id, found.safeguard, recipients.purposes_of(found)) == (id_, safeguard, [SERVICE])
        recipients.revoke(connection, "Kumppani Oy", "it ended", STAFF)
        with pytest.raises(NotPossibleError, match="no recipient of this name is approved"):
            recipients.approved(connection, "Kumppani Oy")
        assert recipients.approve(connection, REGISTER, approval(), STAFF) != id_
        assert [row.revoke_reason for row in disclosures.recipients(connection, revoked=True)] == ["it ended", None]
