"""What a unit of work sees of the database, and the words for what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg.rows import DictRow

from queue_server.kit.sql import Insert, Row, Values, placeholders

# SQLSTATEs and their classes: what is worth another try, and what says that the server cannot work now
# (connection, read-only standby, disk or memory full, shut down, I/O error, damaged).
CONTENDED: Final = ("40001", "40P01", "55P03")
DOWN: Final = ("08", "25006", "53", "57", "58", "F0", "XX")


class DatabaseDown(Exception):
    """The database cannot do its work now. Nothing was read, and nothing is known to be written."""


class OutcomeUnknown(DatabaseDown):
    """The connection was lost: the unit may be written or not. Ask again with the same key."""


class Duplicate(Exception):
    """A row with this key is already there. `constraint` is the name of the key that says so."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


class NeedsConnection(
    BaseException
):  # Not an Exception: a unit's own "except Exception" must not swallow it.
    """The unit wants an answer from SQL, and on this path there is no connection."""


class Transaction:
    """What a unit sees of the database. Lives as long as the unit.

    After an exception from any of its methods the unit is lost; it should let the exception pass.
    """

    __slots__ = ("_connection", "_log", "_read_only", "_rows", "statements_sent")

    def __init__(self, connection: psycopg.Connection[DictRow] | None, *, read_only: bool = False) -> None:
        self._connection = connection
        self._read_only = read_only
        self._rows: dict[Insert, list[Values]] = {}
        self._log: list[
            Insert
        ] = []  # One entry per buffered row, so that a failed unit's rows can be dropped.
        self.statements_sent = 0

    def insert(self, statement: Insert, row: Mapping[str, object] | Values) -> None:
        """Add a row at the end of the unit, or before its next `execute`, `all` or `one`."""
        if self._read_only:
            raise TypeError("a query must not insert")
        values = row if isinstance(row, tuple) else statement.spell(row)
        rows = self._rows.get(statement)
        if rows is None:
            self._rows[statement] = [values]
        else:
            rows.append(values)
        self._log.append(statement)

    def execute(self, sql: str, **params: object) -> int:
        """Run a statement with :named values; how many rows it touched."""
        return self._run(sql, params).rowcount

    def all(self, sql: str, **params: object) -> list[Row]:
        """Every row the query finds."""
        return self._run(sql, params).fetchall()

    def one(self, sql: str, **params: object) -> Row | None:
        """The first row the query finds, or None."""
        return self._run(sql, params).fetchone()

    # ── For those who carry units out ───────────────────────────────────────────────────────────────

    def flush(self) -> None:
        """Send the buffered rows, one statement per table, tables in the order of their first row."""
        if not self._rows:
            return
        connection = self._connected()
        waiting, self._rows = self._rows, {}
        self._log.clear()
        for statement, rows in waiting.items():
            if rows:
                self.statements_sent += 1
                _send(connection, statement.formatted, statement.arrays(rows))

    def mark(self) -> int:
        """Where the buffer stands, for `forget_since`."""
        return len(self._log)

    def forget_since(self, mark: int) -> None:
        """Drop the rows buffered since `mark`."""
        while len(self._log) > mark:
            self._rows[self._log.pop()].pop()

    def spelled(self) -> list[tuple[Insert, list[bytes]]]:
        """The buffered rows as they go on the wire. ValueError if PostgreSQL could not hold one."""
        return [
            (statement, [array.encode() for array in statement.arrays(rows)])
            for statement, rows in self._rows.items()
            if rows
        ]

    def _run(self, sql: str, params: dict[str, object]) -> psycopg.Cursor[DictRow]:
        connection = self._connected()
        self.flush()
        self.statements_sent += 1
        return _send(connection, placeholders(sql), params)

    def _connected(self) -> psycopg.Connection[DictRow]:
        if self._connection is None:
            raise NeedsConnection
        return self._connection


def told(error: BaseException) -> BaseException:
    """The error in the words of this module, where it has any."""
    if isinstance(error, psycopg.Error):
        sqlstate = error.sqlstate or ""
        if sqlstate.startswith(DOWN) or sqlstate in CONTENDED:
            return DatabaseDown(f"{sqlstate} {error.diag.message_primary or error}")
    return error


def _send(
    connection: psycopg.Connection[DictRow], sql: str, params: dict[str, object] | list[str]
) -> psycopg.Cursor[DictRow]:
    try:
        # As bytes, because a statement in a variable is no literal, and psycopg types insist on one.
        return connection.execute(sql.encode(), params)
    except psycopg.errors.UniqueViolation as error:
        raise Duplicate(error.diag.constraint_name or "") from error
