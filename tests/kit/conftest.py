"""What the tests of the kit share: a table to write to, and servers that may be killed."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from queue_server import embedded
from queue_server.kit.database import Database

PLACES = """
    CREATE TABLE places (
        hall text, seq bigint, body text NOT NULL, CONSTRAINT places_pkey PRIMARY KEY (hall, seq)
    );
    CREATE TABLE notes (
        place bigint NOT NULL, at timestamptz, done boolean, share double precision, raw bytea, day date
    );
"""


@pytest.fixture
def places_url(database_url: str) -> str:
    """A database with the tables that the kit's tests write to."""
    make_places(database_url)
    return database_url


@pytest.fixture
async def database(places_url: str) -> AsyncIterator[Database]:
    database = Database(places_url)
    await database.open()
    yield database
    await database.close()


def make_places(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(PLACES)


def select(url: str, sql: str) -> list[tuple]:
    """Ask behind the kit's back."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(sql).fetchall()


def eventually(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


class MortalPostgres:
    """A PostgreSQL of this test's own, which may be shot."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._services = embedded.start(folder)
        self.url = self._services.database_url

    def shoot(self) -> None:
        """What `pg_ctl stop -m immediate` does: no farewell, no checkpoint."""
        pid = int((self._folder / "postgres" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)

    def raise_again(self) -> None:
        self._services.stop()
        self._services = embedded.start(self._folder)
        assert self._services.database_url == self.url

    def stop(self) -> None:
        self._services.stop()


@pytest.fixture
def mortal_postgres() -> Iterator[MortalPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="jinghao-mortal-"))
    server = MortalPostgres(folder)
    try:
        make_places(server.url)
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
