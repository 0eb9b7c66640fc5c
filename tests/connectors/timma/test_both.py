"""Both ways into one source: the contract of the seam, and how they share a read."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from starlette.responses import HTMLResponse

from connectors.base import Connector
from connectors.sandbox.server import serve
from connectors.timma import connect
from connectors.timma.sandbox import TOKEN, TimmaSandbox, settings
from tests.connectors.contract import ConnectorContract, ids_of
from tests.connectors.files.conftest import stopped
from tests.connectors.timma.test_mapping import CODE
from tests.connectors.timma.test_rest import Recorder, appointments, client_row, damaged_salon, read, source


class TestBothWays(ConnectorContract):
    secrets = (TOKEN, "wrong-token-of-nobody")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        rows = [f"f{number};Testi {number};\r\n" for number in range(700)]
        (tmp_path / "a.csv").write_text("Asiakasnumero;Nimi;Puhelin\r\n" + "".join(rows))
        return tmp_path

    @pytest.fixture
    def make(self, calm: tuple[TimmaSandbox, str], folder: Path) -> Callable[[], Connector]:
        api = {**settings(calm[1])["timma"]["api"], "history_from": "2024-06-01"}
        return lambda: connect(source(inbox=folder, api=api), stopped())

    @pytest.fixture
    def truth(self, calm: tuple[TimmaSandbox, str]) -> Mapping[str, set[str]]:
        listed = {row.id for row in calm[0].population.clients}
        return {"clients": listed | {f"f{number}" for number in range(700)}, "bookings": appointments(calm[0])}

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Iterator[Connector]:
        (tmp_path / "b.csv").write_text(f"Asiakasnumero;Nimi;Puhelin\r\n;-;\r\n;;{CODE}\r\n")
        with serve(damaged_salon()) as served:
            connector = connect(source(inbox=tmp_path, api=settings(served.url)["timma"]["api"]), stopped())
            yield connector
            connector.close(frozenset())

    @pytest.fixture
    def refused(self, calm: tuple[TimmaSandbox, str], tmp_path: Path) -> Connector:
        empty = tmp_path / "empty"
        empty.mkdir()
        api = {**settings(calm[1])["timma"]["api"], "token": "wrong-token-of-nobody"}
        return connect(source(inbox=empty, api=api), stopped())


@pytest.mark.parametrize("cursor", ["file|x", "rest|all/-/0"])
def test_a_full_read_of_both_ways_begins_with_the_files_and_misses_nothing(tmp_path: Path, cursor: str) -> None:
    (tmp_path / "a.csv").write_text("Asiakasnumero;Nimi;Puhelin\r\nf1;Testi 1;\r\n")
    recorder = Recorder(clients=[client_row(1)])
    with serve(recorder.app) as served:
        api = settings(served.url)["timma"]["api"]
        pages = read(connect(source(inbox=tmp_path, api=api), stopped()), "clients", cursor=cursor, full=True)
    assert ids_of(pages)[:2] == ["f1", "c1"]
    assert {page.sweep for page in pages} == {True}


def test_files_bring_bookings_that_rest_does_not_list_and_the_read_is_no_sweep(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Varausnumero;Alkaa;Palvelu\r\nv1;1.7.2026 14.30;Hieronta\r\n")
    with serve(Recorder(bookings=HTMLResponse("Cannot GET", 404)).app) as served:
        api = settings(served.url)["timma"]["api"]
        pages = read(connect(source(inbox=tmp_path, api=api), stopped()), "bookings")
    assert ids_of(pages) == ["v1"]
    assert not pages[-1].sweep
    assert len(pages[-1].problems) == 1


def test_a_row_tried_again_finds_its_way(tmp_path: Path) -> None:
    connector = connect(source(inbox=tmp_path, api={"base_url": "http://127.0.0.1:9", "token": TOKEN}))
    assert connector.map_row("clients", {"id": "1", "name": "Maija"}).external_id == "1"
    assert connector.map_row("clients", {"source_id": "2", "full_name": "Maija"}).external_id == "2"
    connector.close(frozenset())
