"""The only place where knowledge changes. Every change is a new version, and no version is ever changed."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from queue_server.catalogue.actions import Catalogue
from queue_server.catalogue.core import chosen_scenarios, open_matter
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, Transaction
from queue_server.kit.requests import Answer, Key, remember
from queue_server.knowledge import store
from queue_server.knowledge.core import (
    Desk,
    Entry,
    EntryChanged,
    EntryUnknown,
    EntryWithdrawn,
    KnowledgeState,
    Miss,
    Writing,
    search,
)
from queue_server.people.core import Account

MISSES_KEPT_DAYS: Final = 90
MISSES_LISTED_MAX: Final = 50

Respond = Callable[[Entry], Answer]


class Knowledge:
    """What the windows of every hall need to know."""

    def __init__(self, database: Database, catalogue: Catalogue, clock: Clock) -> None:
        self._database = database
        self._catalogue = catalogue
        self._clock = clock

    # ── Writing ─────────────────────────────────────────────────────────────────────────────────

    async def suggest(
        self, hall_id: str, writing: Writing, by: Account, *, respond: Respond, request: Key | None = None
    ) -> Answer:
        """Write a draft. Anybody who works with cases may; the departments publish."""
        await self._check_about(hall_id, writing)
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            entry_id = store.open_entry(tx, hall_id)
            entry = self._written(tx, entry_id, 1, KnowledgeState.DRAFT, writing, by, now)
            return remembered(tx, request, respond(entry), now)

        return await self._database.write(unit)

    async def write(
        self,
        hall_id: str,
        entry_id: int,
        version: int,
        state: KnowledgeState,
        writing: Writing,
        by: Account,
        *,
        respond: Respond,
        request: Key | None = None,
    ) -> Answer:
        """Write the next version: a draft, what clerks find from now on, or that they find it no more."""
        await self._check_about(hall_id, writing)
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            newest = store.locked_version(tx, hall_id, entry_id)
            if newest is None:
                raise EntryUnknown
            if newest != version:
                raise EntryChanged(version=newest)
            entry = self._written(tx, entry_id, newest + 1, state, writing, by, now)
            return remembered(tx, request, respond(entry), now)

        return await self._database.write(unit)

    async def miss(
        self, hall_id: str, query: str, matter: str, *, answer: Answer, request: Key | None = None
    ) -> Answer:
        """Note what somebody looked for in vain, so that a department can write it down."""
        if matter:
            open_matter(await self._catalogue.matters(hall_id), matter)
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            store.missed(tx, hall_id=hall_id, query=query, matter=matter, now=now)
            return remembered(tx, request, answer, now)

        return await self._database.write(unit)

    @staticmethod
    def _written(
        tx: Transaction,
        entry_id: int,
        version: int,
        state: KnowledgeState,
        writing: Writing,
        by: Account,
        now: datetime,
    ) -> Entry:
        shown = store.write(
            tx,
            entry_id=entry_id,
            version=version,
            state=state,
            at=now,
            by_id=by.id,
            by_name=by.display_name,
            writing=writing,
        )
        return Entry(
            id=entry_id,
            version=version,
            state=state,
            at=now,
            by_name=by.display_name,
            writing=writing,
            shown_version=shown,
        )

    async def _check_about(self, hall_id: str, writing: Writing) -> None:
        matters = await self._catalogue.matters(hall_id)
        for each in writing.about:
            code, _, scenario = each.partition(".")
            matter = open_matter(matters, code)
            chosen_scenarios({code: matter}, [each] if scenario else [])  # `ScenarioUnknown`

    # ── Looking ─────────────────────────────────────────────────────────────────────────────────

    async def find(self, hall_id: str, query: str, desk: Desk) -> list[Entry]:
        """What a clerk finds."""
        entries = await self._database.read(lambda tx: store.shown(tx, hall_id))
        names = await self._names(hall_id)
        # The pinyin of a thousand titles takes a second, the first time: calls do not wait for it.
        return await asyncio.to_thread(search, entries, query, desk, names)

    async def kept(self, hall_id: str) -> tuple[list[Entry], list[Miss]]:
        """Every entry as it was last written, and what was looked for in vain and still would be."""
        since = self._clock() - timedelta(days=MISSES_KEPT_DAYS)

        def look(tx: Transaction) -> tuple[list[Entry], list[Entry], list[Miss]]:
            misses = store.misses(tx, hall_id, since, MISSES_LISTED_MAX)
            return store.newest(tx, hall_id), store.shown(tx, hall_id), misses

        newest, shown, misses = await self._database.read(look)
        names = await self._names(hall_id)

        def still_missed() -> list[Miss]:
            return [miss for miss in misses if not search(shown, miss.query, Desk(miss.matter), names)]

        return newest, await asyncio.to_thread(still_missed)

    async def versions(self, hall_id: str, entry_id: int) -> list[Entry]:
        """Every version of an entry, the newest first. `EntryUnknown`."""
        found = await self._database.read(lambda tx: store.versions(tx, hall_id, entry_id))
        if not found:
            raise EntryUnknown
        return found

    async def _names(self, hall_id: str) -> dict[str, str]:
        return {code: matter.name_zh for code, matter in (await self._catalogue.matters(hall_id)).items()}


def to_cite(tx: Transaction, hall_id: str, entry_id: int, version: int) -> Entry:
    """The entry that somebody has read and is about to cite, if clerks still find it as they read it."""
    entry = store.to_cite(tx, hall_id, entry_id)
    if entry is None:
        raise EntryWithdrawn
    if entry.version != version:
        raise EntryChanged(version=entry.version)
    return entry


def remembered(tx: Transaction, request: Key | None, answer: Answer, now: datetime) -> Answer:
    """The answer, kept for whoever repeats the request."""
    if request is not None:
        remember(tx, request, answer.status, answer.body, now)
    return answer
