"""What the tests of the kit share: a table to write to, and servers that may be killed."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

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


class Wire:
    """The way to a PostgreSQL, which may be cut, or fall silent, while answers are on it."""

    def __init__(self, url: str, folder: Path) -> None:
        told = conninfo_to_dict(url)
        self._server = str(Path(str(told["host"])) / ".s.PGSQL.5432")
        self._ours = folder / ".s.PGSQL.5432"
        self._ways: list[asyncio.StreamWriter] = []
        self._relays: set[asyncio.Task[None]] = set()
        self.url = make_conninfo("", **{**told, "host": str(folder)})
        self.swallows_answers = False

    async def open(self) -> None:
        self._door = await asyncio.start_unix_server(self._connect, self._ours)

    async def close(self) -> None:
        self.cut()
        self._door.close()
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    def cut(self) -> None:
        while self._ways:
            self._ways.pop().transport.abort()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_unix_connection(self._server)
        self._ways += [writer, there_writer]
        for source, target, is_answer in ((reader, there_writer, False), (there_reader, writer, True)):
            relay = asyncio.create_task(self._relay(source, target, is_answer))
            self._relays.add(relay)
            relay.add_done_callback(self._relays.discard)

    async def _relay(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, is_answer: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65536):
                if not (is_answer and self.swallows_answers):
                    target.write(data)
        target.close()


@pytest.fixture
async def wire(places_url: str) -> AsyncIterator[Wire]:
    if "host=%2F" not in places_url:
        pytest.skip("This test needs a PostgreSQL on a local socket.")
    folder = Path(tempfile.mkdtemp(prefix="jinghao-wire-"))
    wire = Wire(places_url, folder)
    await wire.open()
    yield wire
    await wire.close()
    shutil.rmtree(folder, ignore_errors=True)


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
