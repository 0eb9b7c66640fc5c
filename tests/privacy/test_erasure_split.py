"""Erasing one of two people who were taken for one: nothing of the other goes, on both databases."""

from typing import Any

import pytest
from sqlalchemy import select

from privacy import erasure
from privacy import requests as rights
from privacy.errors import NotPossibleError
from store import requests
from store.engine import reading, writing
from store.tables import CaseFile, ContactEvent, SourceRecord, table
from tests.privacy.erasing import DIGESTS, erase
from tests.privacy.test_erasure_cases import case, contact, rows
from tests.store.test_requests import asked
from tests.sync.engine import START, Registry

HERS, HIS = "school:9", "salon:1"
CLAIM, CALL, WHY = "wants 60 euros", "cannot come", "was not sure who asked"


@pytest.fixture
def parted(registry: Registry) -> Registry:
    """Two people of one name on one address, taken for one until a person parted them; her record was removed then.
    What hangs on it was written under the id that he bears."""
    person = {"first_name": "Aino", "last_name": "Malli", "email": "aino@example.com"}
    registry.land("salon", {"1": person | {"phone": "+358405550001"}})
    registry.land("school", {"9": person | {"phone": "+358405550009"}})
    registry.reconcile()
    case(registry, HERS, CLAIM)
    contact(registry, HERS, CALL)
    asked(registry, HERS, closed_at=START, justification=WHY)
    asked(registry, HERS, type="erasure")
    registry.split(registry.customer_of(HIS), HERS)
    registry.vanish("school", "9")
    registry.reconcile()
    return registry


def records(registry: Registry) -> set[str]:
    of = table(SourceRecord)
    with reading(registry.engine) as connection:
        return {f"{row.source}:{row.external_id}" for row in connection.execute(select(of)).all()}


def texts(registry: Registry) -> list[Any]:
    with reading(registry.engine) as connection:
        closed = next(one for one in requests.every(connection, closed=True) if one.closed_at)
    written = [row.subject for row in rows(registry, CaseFile)] + [row.summary for row in rows(registry, ContactEvent)]
    return [*written, closed.justification]


def test_the_other_ones_claims_contacts_and_requests_stay_as_they_were(parted: Registry) -> None:
    done = erase(parted, HIS)
    assert records(parted) == {HERS}
    assert done.held == (), "her claim holds nothing of his back"
    assert texts(parted) == [CLAIM, CALL, WHY]
    assert [row.record_id is None for row in rows(parted, CaseFile)] == [False]
    with reading(parted.engine) as connection:
        assert all(one.anchor_record_id is not None for one in requests.every(connection, closed=True))


def test_of_her_whose_record_was_removed_that_is_erased_and_nobody_else(parted: Registry) -> None:
    with writing(parted.engine) as connection:
        request = requests.every(connection)[0]
        assert rights.to_erase(connection, request) == [parted.id_of(connection, "school", "9")]
        with pytest.raises(NotPossibleError, match="a platform removed"):
            rights.person_of(connection, request)
        ids = rights.to_erase(connection, request)
        done = erasure.erase(connection, ids, basis="request", now=parted.clock, pseudonyms=DIGESTS)
    assert records(parted) == {HIS}
    assert [one.category for one in done.held] == ["claims"]
    assert texts(parted) == [CLAIM, WHY], "the claim holds back, the call went"
    with reading(parted.engine) as connection:
        left = requests.every(connection)[0]
        assert (left.anchor_record_id, requests.customer_of(connection, left)) == (None, None)
        assert requests.known_as(connection, left) not in parted.customers()
        with pytest.raises(NotPossibleError, match="is erased"):
            rights.to_erase(connection, left)


def test_a_request_passes_to_a_record_that_stays(registry: Registry) -> None:
    person = {"first_name": "Aino", "last_name": "Malli", "email": "aino@example.com"}
    registry.land("salon", {"1": person})
    registry.land("school", {"9": person})
    registry.reconcile()
    asked(registry, HIS)
    registry.vanish("salon", "1")
    registry.reconcile()
    with writing(registry.engine) as connection:
        gone = registry.id_of(connection, "salon", "1")
        erasure.erase(connection, [gone], basis="vanished", now=registry.clock, pseudonyms=DIGESTS)
        request = requests.every(connection)[0]
        assert request.anchor_record_id == registry.id_of(connection, "school", "9")
        assert requests.customer_of(connection, request) == request.customer_id == registry.customer_of(HERS)
