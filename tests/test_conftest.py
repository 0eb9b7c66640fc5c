"""The ground that the tests stand on, itself tested."""

import os
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.postgres import Postgres


@pytest.mark.parametrize("test", ["first", "second"])
def test_every_test_gets_an_empty_database(database_url: str, test: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (test TEXT)"))
        connection.execute(text("INSERT INTO mark VALUES (:test)"), {"test": test})
        assert connection.execute(text("SELECT test FROM mark")).all() == [(test,)]
    engine.dispose()


def test_a_database_is_dropped_although_somebody_is_connected(postgres_server: Postgres) -> None:
    with postgres_server.database() as url:
        engine = create_engine(url)
        connection = engine.connect()
    with pytest.raises(Exception, match="terminating connection"):
        connection.execute(text("SELECT 1"))
    connection.close()
    engine.dispose()


def test_a_copied_database_brings_what_its_template_holds(postgres_server: Postgres) -> None:
    template = postgres_server.create()
    engine = create_engine(postgres_server.url(template))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mark (test TEXT)"))
    engine.dispose()
    with postgres_server.database(template) as url:
        engine = create_engine(url)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM mark")).scalar() == 0
        engine.dispose()
    postgres_server.drop(template)


def test_no_setting_of_the_person_reaches_a_test() -> None:
    reached = [name for name in os.environ if name.startswith("REKISTERI_") or name.lower().endswith("_proxy")]
    assert reached == []
    assert not list(Path.home().iterdir())
