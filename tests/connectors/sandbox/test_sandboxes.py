"""What every platform's sandbox does alike: manners, faults on the socket, and being steered."""

import asyncio
import socket
import threading
import time

import httpx
import pytest

from connectors.sandbox.made import Side
from connectors.sandbox.people import Population
from connectors.sandbox.registered import platform, platforms, truth_of
from connectors.sandbox.server import serve
from tests.connectors.sandbox.conftest import PEOPLE, Served, client_of


def raw(served: Served) -> bytes:
    """Everything that the socket yields for one request of the customers' list."""
    request = served.client.build_request("GET", served.main)
    head = "".join(f"{key}: {value}\r\n" for key, value in request.headers.items() if key != "connection")
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(f"GET {request.url.raw_path.decode()} HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_platforms_are_found_by_their_packages() -> None:
    assert set(platforms()) == {"thinkific", "timma"}
    assert {platforms()[name].SIDE for name in platforms()} == set(Side)


def test_an_unknown_platform_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(LookupError, match="thinkific, timma"):
        platform("nobody")


def test_every_row_of_the_truth_is_served_and_no_other(any_platform: Served) -> None:
    ids: list[str] = []
    page = 1
    while found := any_platform.ids(any_platform.main, page=page, limit=100):
        ids += found
        page += 1
    assert len(ids) == len(set(ids))
    assert {(any_platform.name, one) for one in ids} == {key for key in truth_of(PEOPLE) if key[0] == any_platform.name}


def test_wrong_credentials_are_refused(any_platform: Served) -> None:
    base = str(any_platform.client.base_url).rstrip("/")
    assert httpx.get(base + any_platform.main).status_code == 401
    wrong = dict.fromkeys(("x-auth-token", "x-auth-api-key", "x-auth-subdomain"), "wrong")
    assert httpx.get(base + any_platform.main, headers=wrong).status_code == 401


def test_a_path_that_is_not_there_is_not_found(any_platform: Served) -> None:
    assert any_platform.client.get("/nowhere").status_code == 404


def test_requests_are_counted_by_path(any_platform: Served) -> None:
    any_platform.client.get(any_platform.main)
    any_platform.client.get("/nowhere")
    counted = {path.rsplit("/", 1)[-1]: count for path, count in any_platform.sandbox.requests.items()}
    assert counted == {any_platform.sandbox.main_stream: 1, "nowhere": 1}
    assert any_platform.sandbox.statuses == {200: 1, 404: 1}


@pytest.mark.parametrize("status", [500, 503, 522])
def test_an_answer_by_plan_is_html_and_comes_once(any_platform: Served, status: int) -> None:
    any_platform.sandbox.faults = f"{status}@2"
    statuses = [any_platform.client.get(any_platform.main) for _ in range(3)]
    assert [answer.status_code for answer in statuses] == [200, status, 200]
    assert statuses[1].headers["content-type"].startswith("text/html")


def test_a_429_says_how_long_to_wait(any_platform: Served) -> None:
    any_platform.sandbox.faults = "429:7@1"
    answer = any_platform.client.get(any_platform.main)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")


def test_a_cut_body_is_shorter_than_it_claims(any_platform: Served) -> None:
    any_platform.sandbox.faults = "cut@1"
    head, _, body = raw(any_platform).partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 200")
    assert 0 < len(body) < length
    any_platform.sandbox.faults = "cut@1"
    with pytest.raises(httpx.RemoteProtocolError):
        any_platform.client.get(any_platform.main)
    assert any_platform.client.get(any_platform.main).status_code == 200


def test_a_reset_is_a_reset(any_platform: Served) -> None:
    any_platform.sandbox.faults = "reset@1-2"
    with pytest.raises(ConnectionResetError):
        raw(any_platform)
    with pytest.raises(httpx.ReadError):
        any_platform.client.get(any_platform.main)
    assert any_platform.client.get(any_platform.main).status_code == 200


def test_a_slow_answer_comes_late(any_platform: Served) -> None:
    any_platform.sandbox.faults = "slow:0.3@1"
    begun = time.monotonic()
    assert any_platform.client.get(any_platform.main).status_code == 200
    assert time.monotonic() - begun >= 0.3


def test_a_client_that_does_not_wait_for_a_slow_answer_sees_a_timeout(any_platform: Served) -> None:
    any_platform.sandbox.faults = "slow:30@1"
    with pytest.raises(httpx.ReadTimeout):
        any_platform.client.get(any_platform.main, timeout=0.1)
    assert any_platform.client.get(any_platform.main).status_code == 200


def test_broken_connections_are_counted_as_status_0(any_platform: Served) -> None:
    any_platform.sandbox.faults = "reset@1,cut@2"
    for _ in range(2):
        with pytest.raises(httpx.TransportError):
            any_platform.client.get(any_platform.main)
    assert any_platform.sandbox.statuses == {0: 2}
    assert any_platform.sandbox.faulted == {"reset": 1, "cut": 1}


def test_a_row_that_moves_to_the_end_hides_another_from_who_is_paging(any_platform: Served) -> None:
    calm = [
        *any_platform.ids(any_platform.main, limit=3, page=1),
        *any_platform.ids(any_platform.main, limit=3, page=2),
    ]
    any_platform.sandbox.faults = "shuffle@2"
    seen = [
        *any_platform.ids(any_platform.main, limit=3, page=1),
        *any_platform.ids(any_platform.main, limit=3, page=2),
    ]
    assert seen[:3] == calm[:3]
    assert calm[3] not in seen


def test_a_row_that_comes_in_front_shows_another_twice(any_platform: Served) -> None:
    for plan in ("push@2", "insert@2"):
        any_platform.sandbox.faults = plan
        first = any_platform.ids(any_platform.main, limit=3, page=1)
        assert any_platform.ids(any_platform.main, limit=3, page=2)[0] == first[-1]


def test_an_inserted_row_is_new(any_platform: Served) -> None:
    any_platform.sandbox.faults = "insert@1-2"
    any_platform.ids(any_platform.main, limit=1)
    new = any_platform.ids(any_platform.main, limit=2)
    assert len(set(new)) == 2
    assert not {(any_platform.name, one) for one in new} & truth_of(PEOPLE).keys()


def test_a_duplicate_row_stands_twice_on_its_page(any_platform: Served) -> None:
    any_platform.sandbox.faults = "duplicate@1"
    ids = any_platform.ids(any_platform.main, limit=3)
    assert (len(ids), len(set(ids)), ids[0]) == (4, 3, ids[-1])


def test_the_limit_of_a_window_is_kept_and_then_lifted(any_platform: Served) -> None:
    any_platform.sandbox.rate.limit = 3
    any_platform.sandbox.rate.window_s = 1.0
    time.sleep(1.02 - time.time() % 1)
    statuses = [any_platform.client.get(any_platform.main, params={"limit": 1}).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    time.sleep(1.02 - time.time() % 1)
    assert any_platform.client.get(any_platform.main).status_code == 200


def test_an_edited_field_is_served(any_platform: Served) -> None:
    (first,) = any_platform.ids(any_platform.main, limit=1)
    any_platform.sandbox.edit(first, email="muuttunut@example.com", unheard_of=[1])
    (row,) = any_platform.rows(any_platform.client.get(any_platform.main, params={"limit": 1}))
    assert (row["email"], row["unheard_of"]) == ("muuttunut@example.com", [1])


def test_a_new_population_undoes_edits(any_platform: Served) -> None:
    before = any_platform.client.get(any_platform.main).content
    (first,) = any_platform.ids(any_platform.main, limit=1)
    any_platform.sandbox.edit(first, email="muuttunut@example.com", unheard_of=[1])
    any_platform.sandbox.set_population(PEOPLE)
    assert any_platform.client.get(any_platform.main).content == before


def test_a_later_step_is_served_as_if_freshly_built(any_platform: Served) -> None:
    any_platform.sandbox.warm()
    any_platform.sandbox.advance(20, 0.02)
    fresh = platform(any_platform.name).build(Population(5, 400).change(20, 0.02))
    for stream, rows in any_platform.sandbox.streams().items():
        expected = fresh.streams()[stream]
        assert rows.joined(rows.everything()) == expected.joined(expected.everything()), stream


def test_another_process_steers_it_by_the_control_paths(any_platform: Served) -> None:
    assert any_platform.control("step", step=1, share=0.05, warm=True).json()["step"] == 1
    assert any_platform.control("faults", plan="500@1").status_code == 200
    assert any_platform.client.get(any_platform.main).status_code == 500
    (first,) = any_platform.ids(any_platform.main, limit=1)
    any_platform.control("edit", id=first, fields={"email": "etaalta@example.com"})
    assert any_platform.rows(any_platform.client.get(any_platform.main))[0]["email"] == "etaalta@example.com"
    stats = httpx.get(f"{any_platform.url}/_sandbox/stats").json()
    assert (stats["faulted"], stats["statuses"]) == ({"500": 1}, {"200": 2, "500": 1})
    assert any_platform.control("reset").json()["requests"] == {}
    truth = httpx.get(f"{any_platform.url}/_sandbox/truth").json()
    assert truth == {
        one: person for one, person, _ in any_platform.sandbox.population.records(any_platform.sandbox.side)
    }


def test_a_bad_order_is_refused_and_changes_nothing(any_platform: Served) -> None:
    assert any_platform.control("faults", plan="nonsense").status_code == 400
    assert any_platform.control("delete", id="nobody").status_code == 400
    assert any_platform.control("step").status_code == 400
    assert any_platform.client.get(any_platform.main).status_code == 200


def test_requests_in_progress_together_are_seen(any_platform: Served) -> None:
    any_platform.sandbox.faults = "slow:1@*"

    def ask() -> None:
        with client_of(any_platform.name, any_platform.url) as client:
            client.get(any_platform.main)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any_platform.sandbox.most_at_once == 3


def test_a_server_stops_cleanly_and_its_port_can_be_used_again() -> None:
    sandbox = platform("thinkific").build(Population(1, 5))
    with serve(sandbox) as first:
        port = int(first.url.rsplit(":", 1)[1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
    with serve(sandbox, port) as again:
        assert again.url == first.url
        with pytest.raises(OSError, match="in use"):
            serve(sandbox, port).start()


def test_a_server_stops_although_an_answer_is_slow() -> None:
    sandbox = platform("thinkific").build(Population(1, 5), faults="slow:60@1")
    with serve(sandbox) as server:
        host, port = server.url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)))
        connection.sendall(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n")
        while not sandbox.requests:
            time.sleep(0.005)
        begun = time.monotonic()
    assert time.monotonic() - begun < 3
    connection.close()


def test_a_connection_can_be_broken_only_on_a_real_socket() -> None:
    sandbox = platform("thinkific").build(Population(1, 5), faults="reset@1")

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(sandbox), base_url="http://sandbox") as client:
            await client.get("/")

    with pytest.raises(TypeError, match="real socket"):
        asyncio.run(ask())
