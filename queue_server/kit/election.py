"""One process among many does the work of the clock: whoever holds a lock in PostgreSQL.

The lock belongs to a connection. When its process dies the lock is free within moments, and the next
process that asks has it. Being elected twice would do no harm, only waste: every deed is guarded by the
state of the hall.
"""

import hashlib
from contextlib import suppress
from typing import Final

import psycopg
import structlog

log = structlog.get_logger(__name__)

CONNECT_SECONDS_MAX: Final = 3


class Election:
    """A named duty that one process at a time has."""

    def __init__(self, database_url: str, duty: str) -> None:
        self._url = database_url
        self._duty = duty
        self._key = int.from_bytes(hashlib.sha256(duty.encode()).digest()[:8], "big", signed=True)
        self._connection: psycopg.AsyncConnection[tuple[bool]] | None = None
        self._elected = False

    async def elected(self) -> bool:
        """Whether this process has the duty now. False while the database is away."""
        try:
            if self._connection is None:
                self._connection = await psycopg.AsyncConnection.connect(
                    self._url,
                    autocommit=True,
                    connect_timeout=CONNECT_SECONDS_MAX,
                    application_name="jinghao-duty",
                )
                self._elected = False
            if self._elected:
                await self._connection.execute(
                    "SELECT 1"
                )  # The lock is ours as long as the connection lives.
            else:
                cursor = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", (self._key,))
                row = await cursor.fetchone()
                self._elected = bool(row and row[0])
                if self._elected:
                    log.info("elected", duty=self._duty)
        except (psycopg.Error, OSError):
            await self.resign()
        return self._elected

    async def resign(self) -> None:
        """Give the duty back."""
        self._elected = False
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with suppress(psycopg.Error, OSError):
                await connection.close()
