"""What `connectors.base` promises, as tests that every connector passes: subclass `ConnectorContract`, give fixtures.

A subclass names itself `Test...` and overrides `make` and `truth`; `damaged` where all rows of `make` can be mapped;
`refused` and `unknown_id` where they apply.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from pydantic import ValidationError

from connectors.base import Absence, Connector, Page, Position, Stream, Traffic
from connectors.errors import HoldSource, RejectRow, RetryLater
from connectors.minimise import mask
from connectors.records import Frozen, Kind, SourceRecord

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ACTIVITIES = frozenset({Kind.BOOKING, Kind.ENROLLMENT, Kind.ORDER})
"""Kinds whose rows belong to somebody, so that customers come before them."""


def ids_of(pages: list[Page]) -> list[str]:
    """External ids in order of arrival, the rejected rows' too, where they have one, and of rows held as they came."""
    return [
        external_id
        for page in pages
        for external_id in (
            *(record.external_id for record in page.records),
            *(row.external_id for row in page.rejected),
            *page.unchanged,
        )
        if external_id is not None
    ]


def told_by(error: BaseException) -> str:
    """All that a log would print of an exception: its text and those of its visible causes."""
    texts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(texts) < 10:
        texts.append(f"{seen!r} {seen}")
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return " ".join(texts)


class ConnectorContract:
    """The contract. `make()` gives a fresh connector each time, all over the same calm rows."""

    makes_requests = True
    """Whether reading shows in `traffic`; files make none."""
    secrets: tuple[str, ...] = ()
    """Texts that no error may hold."""

    @pytest.fixture
    def make(self) -> Callable[[], Connector]:
        """A maker of connectors over the same rows."""
        raise NotImplementedError

    @pytest.fixture
    def truth(self) -> Mapping[str, set[str]]:
        """The external ids of every stream, rows that cannot be mapped included."""
        raise NotImplementedError

    @pytest.fixture
    def refused(self) -> Connector:
        """A connector that its platform refuses."""
        pytest.skip("nobody refuses this source")

    @pytest.fixture
    def damaged(self, make: Callable[[], Connector]) -> Iterator[Connector]:
        """A connector over rows of which at least one cannot be mapped."""
        made = make()
        yield made
        made.close(frozenset())

    @pytest.fixture
    def unknown_id(self) -> str:
        """An id that no row has, of the platform's own form."""
        return "999999999"

    @pytest.fixture
    def connector(self, make: Callable[[], Connector]) -> Iterator[Connector]:
        made = make()
        yield made
        made.close(frozenset())

    def _read(self, connector: Connector, stream: str, cursor: str | None = None) -> list[Page]:
        return list(connector.read(stream, Position(now=NOW, cursor=cursor)))

    def _read_anew(self, make: Callable[[], Connector], stream: str, cursor: str | None = None) -> list[Page]:
        fresh = make()
        try:
            return self._read(fresh, stream, cursor)
        finally:
            fresh.close(frozenset())

    def test_streams_have_their_own_names_and_come_owner_first(self, connector: Connector) -> None:
        names = [stream.name for stream in connector.streams]
        kinds = [stream.kind for stream in connector.streams]

        assert names
        assert len(set(names)) == len(names)
        assert all(kinds.index(Kind.CUSTOMER) < place for place, kind in enumerate(kinds) if kind in ACTIVITIES)
        assert connector.name
        assert all(stream.activity for stream in connector.streams)

    def test_capabilities_agree_with_the_streams(self, connector: Connector) -> None:
        kinds = {stream.kind for stream in connector.streams}
        confirmed = any(stream.absence is Absence.CONFIRMED for stream in connector.streams)

        assert connector.capabilities.bookings == (Kind.BOOKING in kinds)
        assert connector.capabilities.confirms_deletion or not confirmed

    def test_a_check_says_a_sentence(self, connector: Connector) -> None:
        said = connector.check()

        assert said.strip()
        assert not any(secret in said for secret in self.secrets)

    def test_every_row_arrives_exactly_once(self, connector: Connector, truth: Mapping[str, set[str]]) -> None:
        for stream in connector.streams:
            ids = ids_of(self._read(connector, stream.name))
            assert all(ids), stream.name
            assert len(ids) == len(set(ids)), stream.name
            assert set(ids) == truth[stream.name], stream.name

    def test_what_is_held_as_it_came_is_named_and_not_mapped(
        self, connector: Connector, truth: Mapping[str, set[str]]
    ) -> None:
        for stream in connector.streams:
            for page in connector.read(stream.name, Position(now=NOW, told_apart=True)):
                assert set(ids_of([page.without(page.digests)])) == set(ids_of([page.without(())]))
            pages = connector.read(stream.name, Position(now=NOW, told_apart=True))

            assert set(ids_of([page.without(page.digests) for page in pages])) == truth[stream.name]

    def test_digests_are_of_records(self, damaged: Connector) -> None:
        for stream in damaged.streams:
            for page in damaged.read(stream.name, Position(now=NOW)):
                assert page.digests.keys() <= {record.external_id for record in page.records}

    def test_pages_and_records_belong_to_the_stream_asked_for(self, connector: Connector) -> None:
        for stream in connector.streams:
            for page in self._read(connector, stream.name):
                assert page.stream == stream.name
                assert page.retrieved_from
                assert "?" not in page.retrieved_from
                assert {record.kind for record in page.records} <= {stream.kind}

    def test_a_sweeps_total_is_the_number_of_its_ids(self, connector: Connector) -> None:
        for stream in connector.streams:
            pages = self._read(connector, stream.name)
            assert len({page.sweep for page in pages}) <= 1, "a read is a sweep as a whole or not at all"
            totals = {page.total for page in pages if page.sweep and page.total is not None}
            assert totals <= {len(set(ids_of(pages)))}, stream.name
            if stream.absence is not Absence.IGNORED:
                assert totals, f"absence in {stream.name} is judged, so its first read is a sweep with a total"

    def test_a_cut_read_goes_on_from_any_cursor_and_misses_nothing(
        self, make: Callable[[], Connector], truth: Mapping[str, set[str]]
    ) -> None:
        for stream in _streams(make):
            cursors = [page.cursor for page in self._read_anew(make, stream.name)]
            for cut_after, cursor in list(enumerate(cursors, start=1))[:6]:
                if cursor is None:
                    continue
                cut = make()
                before = list(islice(cut.read(stream.name, Position(now=NOW)), cut_after))
                cut.close(frozenset())
                assert before[-1].cursor == cursor
                after = self._read_anew(make, stream.name, cursor)
                assert set(ids_of(before + after)) == truth[stream.name], (stream.name, cursor)
                if any(page.sweep for page in after):
                    assert set(ids_of(after)) == truth[stream.name], "a resumed sweep is a whole one"

    def test_the_same_rows_give_the_same_records(self, make: Callable[[], Connector]) -> None:
        for stream in _streams(make):
            once, again = (self._read_anew(make, stream.name) for _ in range(2))
            assert [page.records for page in once] == [page.records for page in again]

    def test_an_incremental_read_brings_the_latest_change_and_no_strange_rows(
        self, connector: Connector, truth: Mapping[str, set[str]]
    ) -> None:
        for stream in connector.streams:
            times = [
                record.updated_at
                for page in self._read(connector, stream.name)
                for record in page.records
                if record.updated_at is not None
            ]
            position = Position(now=NOW, newest=max(times, default=None), swept_at=NOW - timedelta(hours=1))
            again = list(connector.read(stream.name, position))
            assert set(ids_of(again)) <= truth[stream.name]
            # The row that changed last may have changed once more in the same second: it has to come again.
            assert {record.updated_at for page in again for record in page.records} >= {position.newest}, stream.name

    def test_times_are_utc(self, connector: Connector) -> None:
        for stream in connector.streams:
            for record in (record for page in self._read(connector, stream.name) for record in page.records):
                values = [record.updated_at, *record.payload.__dict__.values()]
                times = [value for value in values if isinstance(value, datetime)]
                assert all(time.utcoffset() == timedelta(0) for time in times), stream.name

    def test_what_crosses_is_frozen(self, connector: Connector) -> None:
        page = next(page for stream in connector.streams for page in self._read(connector, stream.name) if page.records)

        _assert_frozen(page, "stream")
        _assert_frozen(page.records[0], "external_id")
        _assert_frozen(page.records[0].payload, next(iter(type(page.records[0].payload).model_fields)))
        _assert_frozen(connector.streams[0], "name")
        _assert_frozen(connector.capabilities, "stable_ids")

    def test_a_rejected_row_can_be_tried_again_and_holds_no_identity_code(self, damaged: Connector) -> None:
        rejected = [
            (stream.name, row)
            for stream in damaged.streams
            for page in self._read(damaged, stream.name)
            for row in page.rejected
        ]
        assert rejected, "the fixture holds a row that cannot be mapped"
        for stream, row in rejected:
            written = json.dumps(dict(row.fields), ensure_ascii=False, default=str)
            assert mask(written)[1] == 0
            assert row.reason
            try:
                again = damaged.map_row(stream, row.fields)
            except RejectRow as error:
                assert error.reason
            else:
                assert isinstance(again, SourceRecord)

    def test_nothing_at_all_is_rejected_not_a_crash(self, connector: Connector) -> None:
        for stream in connector.streams:
            with pytest.raises(RejectRow):
                connector.map_row(stream.name, {})

    def test_only_a_row_that_is_gone_is_confirmed_gone(
        self, connector: Connector, truth: Mapping[str, set[str]], unknown_id: str
    ) -> None:
        for stream in connector.streams:
            if stream.absence is Absence.CONFIRMED:
                assert connector.confirm_gone(stream.name, min(truth[stream.name])) is False
                assert connector.confirm_gone(stream.name, unknown_id) is True

    def test_traffic_grows(self, connector: Connector) -> None:
        before = connector.traffic
        self._read(connector, connector.streams[0].name)

        assert isinstance(before, Traffic)
        assert connector.traffic.requests >= before.requests + self.makes_requests

    def test_it_may_be_closed_twice(self, make: Callable[[], Connector]) -> None:
        connector = make()
        connector.close(frozenset())
        connector.close(frozenset())

    def test_a_refusal_names_a_setting_and_no_secret(self, refused: Connector) -> None:
        deeds: tuple[Callable[[], object], ...] = (
            refused.check,
            lambda: self._read(refused, refused.streams[0].name),
        )
        for deed in deeds:
            with pytest.raises((HoldSource, RetryLater)) as raised:
                deed()
            said = told_by(raised.value)
            assert refused.name in said
            assert not any(secret in said for secret in self.secrets)
        refused.close(frozenset())


def _streams(make: Callable[[], Connector]) -> Sequence[Stream]:
    connector = make()
    connector.close(frozenset())
    return connector.streams


def _assert_frozen(value: Frozen, field: str) -> None:
    with pytest.raises(ValidationError):
        setattr(value, field, getattr(value, field))
