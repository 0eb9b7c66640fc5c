"""Two ways into one source, read one after the other: the salon's own files first, then REST."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.base import Capabilities, Connector, Page, Position, Stream, Traffic
from connectors.errors import RejectRow
from connectors.records import SourceRecord
from connectors.timma.rest import RestConnector

_MARK = "|"


class BothWays:
    """A source that is read from files and over REST. A cursor's prefix tells which read was cut."""

    def __init__(self, name: str, files: Connector, rest: RestConnector) -> None:
        self.name = name
        self._rest = rest
        self._ways: Mapping[str, Connector] = {"file": files, "rest": rest}
        self.streams: Sequence[Stream] = rest.streams
        self.capabilities: Capabilities = rest.capabilities.model_copy(update={"stable_ids": False})

    @property
    def traffic(self) -> Traffic:
        """Requests so far; files make none."""
        return self._rest.traffic

    def check(self) -> str:
        """Check both ways."""
        return "; ".join(way.check() for way in self._ways.values())

    def read(self, stream: str, position: Position) -> Iterator[Page]:
        """The pages of the way that was cut, then those of the other.

        Whether the read is a sweep is REST's to say: files are never judged for absence, and one read is one thing.
        A read that was cut among the files is none, since it goes on behind the cut and does not wrap round. A full
        read begins at the beginning.
        """
        cut, _, cursor = ("" if position.full else position.cursor or "").partition(_MARK)
        positions = {
            name: position.model_copy(update={"cursor": cursor if name == cut else None}) for name in self._ways
        }
        sweep = self._rest.plan(stream, positions["rest"]).sweep and cut != "file"
        for name in sorted(self._ways, key=lambda name: name != cut):
            for page in self._ways[name].read(stream, positions[name]):
                marked = f"{name}{_MARK}{page.cursor}" if page.cursor else None
                # A page of REST that is none, in the midst of a sweep, says that the list is not offered.
                swept = sweep and (page.sweep or name != "rest")
                yield page.model_copy(update={"cursor": marked, "sweep": swept})

    def map_row(self, stream: str, fields: Mapping[str, Any]) -> SourceRecord:
        """Map quarantined fields by whichever way knows them. Raises `RejectRow`."""
        try:
            return self._rest.map_row(stream, fields)
        except RejectRow:
            return self._ways["file"].map_row(stream, fields)

    def confirm_gone(self, stream: str, external_id: str) -> bool:  # noqa: ARG002 - the seam's signature
        """Never: neither way can."""
        return False

    def close(self, imported: frozenset[str]) -> None:
        """Close both ways."""
        for way in self._ways.values():
            way.close(imported)
