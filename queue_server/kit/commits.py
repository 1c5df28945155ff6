"""Shared commits: the line in which units wait, and how a batch of them is carried out.

Whatever arrived while the last commit ran shares the next one:

1. The units of a batch run one after the other, on the event loop, and buffer their rows.
2. One *flight* carries everything: BEGIN, one merged INSERT per table, COMMIT, in one round trip. libpq is
   driven by its socket from the event loop, so nobody waits for a thread or for the interpreter's lock.
3. When the answer is there, all results are handed back. Nothing is acknowledged before it is durable.

Two things leave this path for the *desk*, the one writing thread, with the same connection:

* A unit that needs an answer from SQL (`execute`, `all`, `one`) cannot get it on the event loop. Its whole
  batch is run again at the desk, still in one transaction.
* A batch that failed is rolled back and *replayed*: each unit by itself in its own savepoint. One loser
  must not sink its neighbours.

The line never splits: one batch at a time, in the order of arrival. Units may run more than once, so they
must be pure but for their transaction. When a unit has failed, its `on_failure` is called before any later
unit runs (again), so that whoever built on its outcome can notice.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future as ThreadFuture
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Generic, TypeAlias, TypeVar

import psycopg
import structlog
from psycopg import pq
from psycopg.rows import DictRow, dict_row

from queue_server.kit.sql import Insert
from queue_server.kit.transaction import (
    CONTENDED,
    DatabaseDown,
    NeedsConnection,
    OutcomeUnknown,
    Transaction,
    told,
)

T = TypeVar("T")
OnFailure: TypeAlias = Callable[[BaseException], None]

BATCH_UNITS_MAX: Final = 512  # A longer line takes several commits, so that no single one grows without end.
FLIGHT_SECONDS_MAX: Final = 10.0  # A commit that is silent for longer is given up: its outcome is unknown.
DESK_SECONDS_MAX: Final = (
    30.0  # The same for a batch at the desk, whose statements may have ten seconds each.
)
RECONNECT_PAUSE_SECONDS: Final = (
    0.25  # After a failed attempt all fail at once, rather than queue for the next.
)
ATTEMPTS_MAX: Final = 5  # Of a batch or unit that met a deadlock.
ATTEMPT_PAUSE_SECONDS: Final = (0.005, 0.05)

# A writer that stops answering must not hold its locks for long.
SESSION: Final = b"""
    SET TimeZone = 'UTC';
    SET statement_timeout = '10s';
    SET lock_timeout = '5s';
    SET idle_in_transaction_session_timeout = '15s';
"""

log = structlog.get_logger(__name__)
_statement_numbers = itertools.count()


class Unit(Generic[T]):
    """A unit in the line, with whoever waits for it."""

    __slots__ = ("error", "future", "on_failure", "result", "run")

    def __init__(
        self, run: Callable[[Transaction], T], future: asyncio.Future[T], on_failure: OnFailure | None
    ) -> None:
        self.run = run
        self.future = future
        self.on_failure = on_failure
        self.result: T
        self.error: BaseException | None = None

    def fail(self, error: BaseException) -> None:
        """Note why the unit is not written."""
        self.error = error
        if self.on_failure is not None:
            self.on_failure(error)

    def settle(self) -> None:
        """Tell whoever waits, unless they have gone away."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


Batch: TypeAlias = list[Unit[Any]]


class Line:
    """The units that wait, and the batch that is under way. Lives on the event loop.

    It is *resting* (no batch), *flying* (`_flight` is set) or *away* (the desk has the batch, and with
    it the connection). The socket is watched in the first two, so the server's good-bye is heard at once.
    """

    def __init__(self, link: str, *, batch_units_max: int = BATCH_UNITS_MAX) -> None:
        self.commits = 0
        self._batch_units_max = batch_units_max
        self._units: deque[Unit[Any]] = deque()
        self._under_way = False
        self._closing = False
        self._flight: Flight | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._socket: int | None = None
        self._desk = Desk(link)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="writer")
        self._loop: asyncio.AbstractEventLoop
        self._rested: asyncio.Event

    async def open(self) -> None:
        """Connect. DatabaseDown if there is no database."""
        self._loop = asyncio.get_running_loop()
        self._rested = asyncio.Event()
        self._rested.set()
        await self._loop.run_in_executor(self._thread, self._desk.connect)
        self._watch()

    async def close(self) -> None:
        """Carry out what is in the line, then disconnect."""
        self._closing = True
        await self._rested.wait()
        self._unwatch()
        await self._loop.run_in_executor(self._thread, self._desk.disconnect)
        self._thread.shutdown()

    def join(self, run: Callable[[Transaction], T], on_failure: OnFailure | None) -> asyncio.Future[T]:
        """Put a unit at the end of the line."""
        if self._closing:
            raise DatabaseDown("the database is being closed")
        future: asyncio.Future[T] = self._loop.create_future()
        self._units.append(Unit(run, future, on_failure))
        if not self._under_way:
            self._under_way = True
            self._rested.clear()
            # Not at once: whoever else is ready in this turn of the event loop shares the commit.
            self._loop.call_soon(self._next_batch)
        return future

    def _next_batch(self) -> None:
        batch = self._take()
        if not batch:
            self._under_way = False
            self._rested.set()
        elif self._desk.connection is None:
            self._send_away(batch)
        else:
            self._fly(batch, self._desk.connection.pgconn)

    def _take(self) -> Batch:
        batch: Batch = []
        while self._units and len(batch) < self._batch_units_max:
            unit = self._units.popleft()
            if unit.future.done():  # Whoever asked has gone away before anything happened.
                unit.fail(asyncio.CancelledError())
            else:
                batch.append(unit)
        return batch

    def _settle(self, batch: Batch) -> None:
        for unit in batch:
            unit.settle()
        self._loop.call_soon(self._next_batch)

    # ── Flying ──────────────────────────────────────────────────────────────────────────────────────

    def _fly(self, batch: Batch, pgconn: pq.abc.PGconn) -> None:
        tx = Transaction(None)
        try:
            for unit in batch:
                _run_buffering(unit, tx)
            inserts = tx.spelled()
        except NeedsConnection:
            return self._send_away(batch)
        except (ValueError, TypeError):
            # PostgreSQL could not hold one of the rows. The replay finds out whose.
            return self._send_away(batch, replay=True)
        if not inserts:
            return self._settle(batch)
        self._flight = Flight(pgconn, self._desk.prepared, batch)
        self._deadline = self._loop.call_later(FLIGHT_SECONDS_MAX, self._lost, "no answer to a commit")
        try:
            self._flight.send(inserts)
            self._flush(self._flight)
        except psycopg.Error as error:
            self._lost(str(error))
        return None

    def _flush(self, flight: Flight) -> None:
        """Send what the socket takes, and come back when it takes more."""
        assert self._socket is not None
        if flight.flush():
            self._loop.remove_writer(self._socket)
        else:
            self._loop.add_writer(self._socket, self._on_writable)

    def _on_writable(self) -> None:
        try:
            if self._flight is not None:
                self._flush(self._flight)
        except psycopg.Error as error:
            self._lost(str(error))

    def _on_readable(self) -> None:
        """The server said something: an answer, or good-bye."""
        connection = self._desk.connection
        assert connection is not None
        try:
            connection.pgconn.consume_input()
            landed = self._flight is not None and self._flight.land()
        except psycopg.Error as error:
            self._lost(str(error))
            return
        if connection.pgconn.status == pq.ConnStatus.BAD:
            self._lost("the server closed the connection")
        elif landed:
            self._landed()

    def _landed(self) -> None:
        flight = self._end_flight()
        assert flight is not None
        if flight.failed:
            self._send_away(flight.batch, replay=True)
        else:
            self.commits += 1
            self._settle(flight.batch)

    def _lost(self, why: str) -> None:
        """The connection is gone. What was on the wire may be written or not."""
        log.warning("database_lost", why=why.strip())
        flight = self._end_flight()
        self._unwatch()
        self._desk.drop()
        if flight is not None:
            for unit in flight.batch:
                if unit.error is None:
                    unit.fail(OutcomeUnknown(why.strip()))
            self._settle(flight.batch)

    def _end_flight(self) -> Flight | None:
        flight, self._flight = self._flight, None
        self._clear_deadline()
        return flight

    # ── Away ────────────────────────────────────────────────────────────────────────────────────────

    def _send_away(self, batch: Batch, *, replay: bool = False) -> None:
        self._unwatch()
        self._deadline = self._loop.call_later(DESK_SECONDS_MAX, self._desk.interrupt)
        task = self._thread.submit(self._desk.carry_out, batch, replay=replay)
        task.add_done_callback(lambda task: self._loop.call_soon_threadsafe(self._back, task, batch))

    def _back(self, task: ThreadFuture[bool], batch: Batch) -> None:
        self.commits += task.result()
        self._clear_deadline()
        self._watch()
        self._settle(batch)

    def _watch(self) -> None:
        if self._desk.connection is not None:
            self._socket = self._desk.connection.pgconn.socket
            self._loop.add_reader(self._socket, self._on_readable)

    def _unwatch(self) -> None:
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket = None

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def _run_buffering(unit: Unit[Any], tx: Transaction) -> None:
    """Run a unit that only buffers. If it raises, nothing of it stays."""
    unit.error = None
    mark = tx.mark()
    try:
        unit.result = unit.run(tx)
    except Exception as error:  # noqa: BLE001 - whoever asked will see it.
        tx.forget_since(mark)
        unit.fail(error)


class Flight:
    """One batch on the wire: what was sent, and whether it went well."""

    __slots__ = ("_pgconn", "_prepared", "_preparing", "batch", "failed")

    def __init__(self, pgconn: pq.abc.PGconn, prepared: dict[Insert, bytes], batch: Batch) -> None:
        self._pgconn = pgconn
        self._prepared = prepared
        self._preparing: dict[Insert, bytes] = {}
        self.batch = batch
        self.failed = False

    def send(self, inserts: list[tuple[Insert, list[bytes]]]) -> None:
        """Put BEGIN, every insert and COMMIT into libpq's buffer."""
        pgconn = self._pgconn
        pgconn.enter_pipeline_mode()
        pgconn.send_query_params(b"BEGIN", None)
        for statement, arrays in inserts:
            pgconn.send_query_prepared(self._name_of(statement), arrays)
        pgconn.send_query_params(b"COMMIT", None)
        pgconn.pipeline_sync()

    def flush(self) -> bool:
        """Whether everything has left."""
        return self._pgconn.flush() == 0

    def land(self) -> bool:
        """Take the answers that are there; whether the last one was among them."""
        pgconn = self._pgconn
        while not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:
                if pgconn.status == pq.ConnStatus.BAD:
                    return False
                continue  # Only the end of one statement's answers.
            if result.status == pq.ExecStatus.PIPELINE_SYNC:
                pgconn.exit_pipeline_mode()
                if not self.failed:
                    self._prepared.update(self._preparing)
                return True
            if result.status != pq.ExecStatus.COMMAND_OK:
                self.failed = True
        return False

    def _name_of(self, statement: Insert) -> bytes:
        name = self._prepared.get(statement) or self._preparing.get(statement)
        if name is None:
            # A new number for each attempt: after a failed flight nobody knows which names the server took.
            name = b"jinghao_%d" % next(_statement_numbers)
            self._pgconn.send_prepare(name, statement.numbered)
            self._preparing[statement] = name
        return name


class Desk:
    """The writing thread's side: the connection, and all that has to wait for an answer."""

    def __init__(self, link: str) -> None:
        self.connection: psycopg.Connection[DictRow] | None = None
        self.prepared: dict[Insert, bytes] = {}
        self._link = link
        self._reconnect_at = 0.0  # On the monotonic clock.
        self._closing = threading.Lock()  # So that nobody interrupts a socket that has become someone else's.

    def connect(self) -> psycopg.Connection[DictRow]:
        """The connection, a new one if it was lost. DatabaseDown if that fails."""
        if self.connection is not None and not self.connection.closed:
            return self.connection
        self.drop()
        if time.monotonic() < self._reconnect_at:
            raise DatabaseDown("no connection, and the last attempt was only just now")
        try:
            connection = psycopg.Connection[DictRow].connect(
                self._link, autocommit=True, row_factory=dict_row
            )
            connection.execute(SESSION)
        except psycopg.Error as error:
            self._reconnect_at = time.monotonic() + RECONNECT_PAUSE_SECONDS
            raise DatabaseDown(str(error).strip()) from error
        self.connection = connection
        return connection

    def drop(self) -> None:
        """Forget the connection; there is nothing to save of it."""
        with self._closing:
            connection, self.connection = self.connection, None
            self.prepared = {}
            if connection is not None:
                connection.close()

    disconnect = drop

    def interrupt(self) -> None:
        """Cut the connection under the writing thread, which has waited too long for an answer."""
        with self._closing:
            if self.connection is not None and not self.connection.closed:
                log.warning("database_silent")
                with socket.socket(fileno=os.dup(self.connection.pgconn.socket)) as line:
                    line.shutdown(socket.SHUT_RDWR)

    def carry_out(self, batch: Batch, *, replay: bool) -> bool:
        """Give every unit its result or its error. Whether there was a commit; raises nothing."""
        try:
            connection = self.connect()
            _roll_back(connection)  # Whatever a failed flight left behind.
            if replay or not self._together(batch, connection):
                self._one_by_one(batch, connection)
            return True
        except Exception as error:  # noqa: BLE001 - everyone in the batch will see it.
            why = str(error).strip()
            log.warning("database_failed", why=why)
            self.drop()
            for unit in batch:
                if unit.error is None or isinstance(unit.error, psycopg.Error):
                    unit.fail(OutcomeUnknown(why))
            return False

    def _together(self, batch: Batch, connection: psycopg.Connection[DictRow]) -> bool:
        """All units in one transaction, hoping for the best. False if it was rolled back."""
        for _ in range(ATTEMPTS_MAX):
            try:
                connection.execute(b"BEGIN")
                self._run_all(batch, Transaction(connection))
                _commit(connection)
                return True
            except Exception as error:
                if connection.closed:
                    raise
                _roll_back(connection)
                if not _contended(error):
                    return False
                _pause()
        return False

    def _run_all(self, batch: Batch, tx: Transaction) -> None:
        for unit in batch:
            unit.error = None
            mark, sent = tx.mark(), tx.statements_sent
            try:
                unit.result = unit.run(tx)
            except Exception as error:
                if tx.statements_sent != sent:
                    raise
                # It left no trace on the server, so its neighbours need not start again.
                tx.forget_since(mark)
                unit.fail(error)
        tx.flush()

    def _one_by_one(self, batch: Batch, connection: psycopg.Connection[DictRow]) -> None:
        connection.execute(b"BEGIN")
        for unit in batch:
            self._alone(unit, connection)
        _commit(connection)

    def _alone(self, unit: Unit[Any], connection: psycopg.Connection[DictRow]) -> None:
        """One unit in its own savepoint, so that whatever happens to it happens to it alone."""
        for attempt in range(1, ATTEMPTS_MAX + 1):
            unit.error = None
            try:
                connection.execute(b"SAVEPOINT unit")
                tx = Transaction(connection)
                unit.result = unit.run(tx)
                tx.flush()
                connection.execute(b"RELEASE SAVEPOINT unit")
                return
            except Exception as error:
                if connection.closed:
                    raise
                connection.execute(b"ROLLBACK TO SAVEPOINT unit")
                if not _contended(error) or attempt == ATTEMPTS_MAX:
                    unit.fail(told(error))
                    return
                _pause()


def _commit(connection: psycopg.Connection[DictRow]) -> None:
    # A unit that swallowed an error leaves a dead transaction, and to COMMIT that is to roll it back without
    # a word.
    if connection.info.transaction_status != pq.TransactionStatus.INTRANS:
        raise DatabaseDown("a unit went on after one of its statements had failed")
    connection.execute(b"COMMIT")


def _roll_back(connection: psycopg.Connection[DictRow]) -> None:
    if connection.info.transaction_status != pq.TransactionStatus.IDLE:
        connection.execute(b"ROLLBACK")


def _contended(error: BaseException) -> bool:
    return isinstance(error, psycopg.Error) and error.sqlstate in CONTENDED


def _pause() -> None:
    time.sleep(random.uniform(*ATTEMPT_PAUSE_SECONDS))
