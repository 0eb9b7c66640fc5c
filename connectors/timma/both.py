"""Two ways into one source, read one after the other: the salon's own files first, then REST."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.base import Capabilities, Connector, Page, Position, Stream, Traffic
from connectors.errors import RejectRow
from connectors.records import SourceRecord

Ways = Mapping[str, Connector]
_MARK = "|"


class BothWays:
    """A source that is read by several connectors with the same streams. A cursor's prefix tells which was cut."""

    def __init__(self, name: str, ways: Ways) -> None:
        self.name = name
        self._ways = ways
        self.streams: Sequence[Stream] = next(iter(ways.values())).streams
        said = [way.capabilities for way in ways.values()]
        self.capabilities = Capabilities(
            stable_ids=all(one.stable_ids for one in said),
            consents=any(one.consents for one in said),
            bookings=any(one.bookings for one in said),
            changed_since=all(one.changed_since for one in said),
            confirms_deletion=False,
        )

    @property
    def traffic(self) -> Traffic:
        """What all ways made together."""
        said = [way.traffic for way in self._ways.values()]
        return Traffic(
            requests=sum(one.requests for one in said),
            retries=sum(one.retries for one in said),
            waited_s=sum(one.waited_s for one in said),
        )

    def check(self) -> str:
        """Check every way."""
        return "; ".join(way.check() for way in self._ways.values())

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """The pages of the way that was cut, then those of the others."""
        cut, _, cursor = (position.cursor or "").partition(_MARK)
        for name in sorted(self._ways, key=lambda name: name != cut):
            there = position.model_copy(update={"cursor": cursor if name == cut else None})
            for page in self._ways[name].read(stream, there):
                yield page.model_copy(update={"cursor": f"{name}{_MARK}{page.cursor}"}) if page.cursor else page

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Map quarantined fields by whichever way knows them. Raises `RejectRow`."""
        refusal = RejectRow("no way knows these fields")
        for way in self._ways.values():
            try:
                return way.map_row(stream, fields)
            except RejectRow as error:
                refusal = error
        raise refusal

    def confirm_gone(self, stream: str, external_id: str) -> bool:  # noqa: ARG002 - the seam's signature
        """Never: no way can."""
        return False

    def close(self, imported: frozenset[str]) -> None:
        """Close every way."""
        for way in self._ways.values():
            way.close(imported)
