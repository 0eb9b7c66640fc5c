"""`rekisteri webhooks` against the sandbox that has such a list."""

from collections.abc import Iterator

import pytest

from connectors.sandbox.people import Population
from connectors.sandbox.server import serve
from connectors.thinkific import sandbox as module
from connectors.thinkific.sandbox import ThinkificSandbox
from connectors.thinkific.webhooks import TOPICS
from sync.sandboxes import toml_of
from tests.sync.cli.conftest import Desk

URL = "https://registry.example.com/webhooks/thinkific"
OTHER = "https://hooks.example.net/catch/1"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[ThinkificSandbox, str]]:
    sandbox = module.build(Population(1, 5))
    with serve(sandbox) as server:
        yield sandbox, server.url


@pytest.fixture
def school(desk: Desk, served: tuple[ThinkificSandbox, str]) -> ThinkificSandbox:
    """The platform as if nobody had registered, and the desk's configuration pointed at it."""
    sandbox, url = served
    sandbox.hooks.clear()
    (desk.folder / "rekisteri.toml").write_text(toml_of(module.settings(url)))
    return sandbox


def test_every_useful_topic_is_registered_once_however_often_it_is_asked(desk: Desk, school: ThinkificSandbox) -> None:
    school.hooks.add("user.signup", OTHER)
    school.hooks.add("order.created", URL)

    first, second = (desk.json("webhooks", "register", URL) for _ in range(2))

    assert first == {
        "source": "thinkific",
        "target_url": URL,
        "topics": {topic: "already there" if topic == "order.created" else "registered" for topic in TOPICS},
    }
    assert set(second["topics"].values()) == {"already there"}
    assert {topic: school.hooks.targets(topic).count(URL) for topic in TOPICS} == dict.fromkeys(TOPICS, 1)


def test_both_acts_are_in_the_audit_chain(desk: Desk, school: ThinkificSandbox) -> None:
    desk.json("webhooks", "register", URL)
    desk.json("webhooks", "remove", "--all")
    assert desk.audit() == [
        ("webhooks.register", "register_upkeep", None, {"source": "thinkific"}),
        ("webhooks.remove", "register_upkeep", None, {"all": 1}),
    ]


def test_another_address_of_ours_is_registered_beside_the_first(desk: Desk, school: ThinkificSandbox) -> None:
    desk.json("webhooks", "register", URL)
    desk.json("webhooks", "register", "https://new.example.com/some/webhooks/thinkific")

    assert len(school.hooks.targets("user.signup")) == 2


def test_a_topic_that_the_site_lacks_is_told(desk: Desk, school: ThinkificSandbox) -> None:
    school.hooks.topics.discard("user.deleted")
    try:
        done = desk.run("webhooks", "register", URL)
    finally:
        school.hooks.topics.add("user.deleted")

    assert (done.exit_code, done.stderr) == (0, "")
    shown = {line.split()[0]: line.split(maxsplit=1)[1].strip() for line in done.stdout.splitlines() if "." in line}
    assert shown["user.deleted"] == "not offered by the site"
    assert shown["user.updated"] == "registered"
    assert "rekisteri daemon" in done.stdout


def test_a_site_that_offers_nothing_is_status_1(desk: Desk, school: ThinkificSandbox) -> None:
    topics = set(school.hooks.topics)
    school.hooks.topics.clear()
    try:
        done = desk.run("webhooks", "register", URL)
    finally:
        school.hooks.topics |= topics

    assert done.exit_code == 1
    assert "offers none" in done.stdout


def test_the_list_shows_whose_each_is(desk: Desk, school: ThinkificSandbox) -> None:
    assert desk.json("webhooks", "list") == {"webhooks": []}
    assert "webhooks register" in desk.run("webhooks", "list").stdout
    made = [
        school.hooks.add(topic, url)
        for topic, url in (("user.signup", URL), ("user.signup", OTHER), ("lead.created", URL))
    ]

    shown = desk.json("webhooks", "list")["webhooks"]

    assert [(row["id"], row["topic"], row["target_url"], row["status"]) for row in shown] == [
        (row["id"], row["topic"], row["target_url"], "active") for row in made
    ]
    assert [row["ours"] for row in shown] == [True, False, False]
    assert {row["source"] for row in shown} == {"thinkific"}
    table = desk.run("webhooks", "list").stdout
    assert all(row["id"] in table and row["target_url"] in table for row in made)


def test_all_of_ours_are_removed_and_no_other(desk: Desk, school: ThinkificSandbox) -> None:
    desk.json("webhooks", "register", URL)
    desk.json("webhooks", "register", "https://new.example.com/webhooks/thinkific")
    others = [school.hooks.add("user.signup", OTHER), school.hooks.add("lead.created", URL)]

    removed = desk.json("webhooks", "remove", "--all")["removed"]

    assert len(removed) == 2 * len(TOPICS)
    assert [row["id"] for row in desk.json("webhooks", "list")["webhooks"]] == [row["id"] for row in others]
    again = desk.run("webhooks", "remove", "--all")
    assert (again.exit_code, again.stdout.strip()) == (0, "0 registrations removed.")


def test_one_is_removed_by_its_id_whosever_it_is(desk: Desk, school: ThinkificSandbox) -> None:
    row, kept = school.hooks.add("user.signup", OTHER), school.hooks.add("user.signup", URL)

    assert desk.json("webhooks", "remove", row["id"]) == {"removed": [row["id"]]}
    assert [left["id"] for left in desk.json("webhooks", "list")["webhooks"]] == [kept["id"]]

    gone = desk.run("webhooks", "remove", row["id"])
    assert (gone.exit_code, gone.stdout, gone.stderr.count("\n")) == (1, "", 1)
    assert "no registration has this id" in gone.stderr


@pytest.mark.parametrize("words", [(), ("7", "--all")])
def test_an_id_or_all_but_not_both(desk: Desk, school: ThinkificSandbox, words: tuple[str, ...]) -> None:
    done = desk.run("webhooks", "remove", *words)

    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "give an ID, or --all" in done.stderr


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://registry.example.com/webhooks/thinkific", "must begin with https://"),
        ("https://localhost/webhooks/thinkific", "this machine alone"),
        ("https://127.0.0.1:8321/webhooks/thinkific", "this machine alone"),
        ("https://a.localhost/webhooks/thinkific", "this machine alone"),
        ("https://registry.example.com/", "must end in /webhooks/thinkific"),
        ("https://registry.example.com/webhooks/timma", "must end in /webhooks/thinkific"),
        ("https://me:geheim@registry.example.com/webhooks/thinkific", "may hold no user"),
        ("https://registry.example.com/?to=/webhooks/thinkific", "may hold no user"),
        ("https://registry.example.com/a b/webhooks/thinkific", "is no address"),
        ("https://registry.example.com:port/webhooks/thinkific", "is no address"),
        ("https://[::1/webhooks/thinkific", "is no address"),
        ("registry.example.com/webhooks/thinkific", "is no address"),
        ("", "is no address"),
    ],
)
def test_an_address_that_nothing_could_be_sent_to_is_a_usage_error(
    desk: Desk, school: ThinkificSandbox, url: str, why: str
) -> None:
    school.forget_requests()
    done = desk.run("webhooks", "register", url)

    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("rekisteri: URL: ")
    assert why in done.stderr
    assert "geheim" not in done.stderr
    assert not school.requests


def test_what_the_platform_alone_refuses_is_status_1_in_one_line(desk: Desk, school: ThinkificSandbox) -> None:
    done = desk.run("webhooks", "register", "https://school.thinkific.com/webhooks/thinkific")

    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "neither to localhost nor to a thinkific.com domain" in done.stderr


def test_a_wrong_key_is_status_1_and_names_the_setting(desk: Desk, school: ThinkificSandbox) -> None:
    config = desk.folder / "rekisteri.toml"
    config.write_text(config.read_text().replace(module.API_KEY, "wrong-key"))

    done = desk.run("webhooks", "list")

    assert (done.exit_code, done.stdout) == (1, "")
    assert "thinkific.access_token" in done.stderr
    assert "wrong-key" not in done.stderr


@pytest.mark.parametrize("words", [("list",), ("register", URL), ("remove", "--all")])
def test_without_a_platform_that_sends_events_it_is_a_configuration_error(desk: Desk, words: tuple[str, ...]) -> None:
    (desk.folder / "inbox").mkdir()
    (desk.folder / "rekisteri.toml").write_text('[timma]\ninbox = "inbox"\n')

    done = desk.run("webhooks", *words)

    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "no source is switched on whose platform sends events" in done.stderr
