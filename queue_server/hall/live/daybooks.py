"""The daybooks of the halls somebody looks at, each kept up to date from its journal.

A day is read once, in parts, so that nobody waits behind it; after that only what is new.
"""

import asyncio
from collections import defaultdict
from typing import Final

from queue_server.hall.core.daybook import Daybook, noted
from queue_server.hall.core.model import Hall
from queue_server.hall.store import journal
from queue_server.kit.database import Database

PART_LINES: Final = 500  # Some milliseconds of work, after which sockets and requests have their turn.


class Daybooks:
    """The daybooks this process was asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._books: dict[str, Daybook] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def current(self, hall: Hall) -> Daybook:
        """The figures of the hall's day, at least as new as the hall."""
        async with self._turns[hall.id]:
            book = self._books.get(hall.id)
            if book is None or book.day != hall.day:
                book = Daybook(seq=await self._before(hall))
            while book.seq < hall.seq:
                book = await self._read_on(hall.id, book)
            self._books[hall.id] = book
            return book

    async def _before(self, hall: Hall) -> int:
        """The journal number before the first opening of the hall's day."""
        if hall.day is None:
            return hall.seq
        day = hall.day
        first = await self._database.read(lambda tx: journal.first_seq_of_day(tx, hall.id, day))
        return hall.seq if first is None else first - 1

    async def _read_on(self, hall_id: str, book: Daybook) -> Daybook:
        after = book.seq
        entries = await self._database.read(
            lambda tx: journal.entries_after(tx, hall_id, after=after, limit=PART_LINES)
        )
        for entry in entries:
            book = noted(book, entry.seq, entry.event)
        await asyncio.sleep(0)
        return book
