"""The one door to SQL: units of work that share commits, and reads on the side.

A *unit* is a plain function over a `Transaction`, and what is true together is written together:

    def unit(tx: Transaction) -> None:
        journal.append(tx, hall_id, after=hall.seq, events=events)
        facts.record(tx, hall_id, events)

    await database.write(unit)

How units share a commit is told in `kit/commits.py`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row

from queue_server.kit.commits import BATCH_UNITS_MAX, Line, OnFailure
from queue_server.kit.sql import Insert, Row
from queue_server.kit.transaction import DatabaseDown, Duplicate, OutcomeUnknown, Transaction, told

__all__ = ["Database", "DatabaseDown", "Duplicate", "Insert", "OutcomeUnknown", "Row", "Transaction"]

T = TypeVar("T")

# How a lost server is noticed, unless DATABASE_URL says it better. Seconds, but for the last: milliseconds.
LINK: Final[dict[str, Any]] = {
    "application_name": "jinghao",
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
READ_SECONDS_MAX: Final = 12.0  # A little more than a statement may take; then the server is not there.

READING_SESSION: Final = b"""
    SET TimeZone = 'UTC';
    SET statement_timeout = '10s';
    SET default_transaction_read_only = on;
"""


class Database:
    """The writing line and the reading threads of one process. Belongs to the event loop that opened it."""

    def __init__(self, url: str, *, share_commits: bool = True, readers: int = 4) -> None:
        link = make_conninfo("", **{**LINK, **conninfo_to_dict(url)})
        self._line = Line(link, batch_units_max=BATCH_UNITS_MAX if share_commits else 1)
        self._readers = Readers(link, readers)

    async def open(self) -> None:
        """Connect. DatabaseDown if there is no database."""
        await self._line.open()

    async def close(self) -> None:
        """Write what is still in the line, then disconnect."""
        await self._line.close()
        await self._readers.close()

    async def write(self, unit: Callable[[Transaction], T], *, on_failure: OnFailure | None = None) -> T:
        """Run the unit and return its result once it is durable. What the unit raises comes back here.

        Duplicate when a key is taken, OutcomeUnknown when the connection was lost. `on_failure` is called
        as soon as the unit has failed, before any later unit runs. It may be called on the writing
        thread, and it must only take a note.
        """
        return await self._line.join(unit, on_failure)

    def hand_over(
        self, unit: Callable[[Transaction], T], *, on_failure: OnFailure | None = None
    ) -> asyncio.Future[T]:
        """The same for whoever goes on meanwhile: the unit takes its place in the line at once."""
        return self._line.join(unit, on_failure)

    async def read(self, query: Callable[[Transaction], T]) -> T:
        """Run a query on a reading thread; each of its statements sees what is committed by then.

        DatabaseDown when there is no answer.
        """
        return await self._readers.run(query)

    @property
    def commits(self) -> int:
        """How many commits this process has made: units divided by commits is what sharing saves."""
        return self._line.commits


class Readers:
    """A few threads, each with a connection of its own that cannot write."""

    def __init__(self, link: str, threads: int) -> None:
        self._link = link
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="reader")
        self._mine = threading.local()
        self._connections: set[psycopg.Connection[DictRow]] = set()

    async def run(self, query: Callable[[Transaction], T]) -> T:
        """The query's result. DatabaseDown when there is no answer."""
        answer = asyncio.get_running_loop().run_in_executor(self._threads, self._run, query)
        try:
            async with asyncio.timeout(READ_SECONDS_MAX):
                return await answer
        except TimeoutError:
            raise DatabaseDown("no answer to a query") from None

    async def close(self) -> None:
        """Wait for the queries that run, then disconnect."""
        await asyncio.to_thread(self._threads.shutdown)
        for connection in self._connections:
            connection.close()

    def _run(self, query: Callable[[Transaction], T]) -> T:
        try:
            connection, fresh = self._connection()
            try:
                return query(Transaction(connection, read_only=True))
            except psycopg.OperationalError:
                if fresh or not connection.closed:
                    raise
                # It died while it was idle, and a query may safely be asked again.
                return query(Transaction(self._connection()[0], read_only=True))
        except psycopg.OperationalError as error:
            down = told(error)
            raise down if isinstance(down, DatabaseDown) else DatabaseDown(str(error).strip()) from error

    def _connection(self) -> tuple[psycopg.Connection[DictRow], bool]:
        """This thread's connection, and whether it is new."""
        connection: psycopg.Connection[DictRow] | None = getattr(self._mine, "connection", None)
        if connection is not None and not connection.closed:
            return connection, False
        if connection is not None:
            self._connections.discard(connection)
        connection = psycopg.Connection[DictRow].connect(self._link, autocommit=True, row_factory=dict_row)
        connection.execute(READING_SESSION)
        self._mine.connection = connection
        self._connections.add(connection)
        return connection, True
