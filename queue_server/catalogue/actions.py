"""Keeping what a hall offers: read at every ticket, changed a few times a year."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import structlog

from queue_server.catalogue import store
from queue_server.catalogue.core import Difference, Matter, MatterUnknown, difference, with_directory
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database, Transaction

log = structlog.get_logger(__name__)

TOPIC = "catalogue:"
KNOWN_MAX = 1000  # Halls in memory.
FRESH_SECONDS = 5.0  # How long a lost wake-up can go unnoticed.


class Catalogue:
    """The matters of every hall."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        clock: Callable[[], datetime],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._bus = bus
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Mapping[str, Matter]]] = {}
        bus.subscribe(self._look_again)

    async def matters(self, hall_id: str) -> Mapping[str, Matter]:
        """What one hall offers, by code, in its own order. Empty for a hall that offers nothing."""
        known = self._known.get(hall_id)
        if known is not None and self._monotonic() < known[0]:
            return known[1]
        matters = await self._database.read(lambda tx: store.matters_of(tx, hall_id))
        if len(self._known) >= KNOWN_MAX:  # Anybody may ask about halls that do not exist.
            self._known.clear()
        self._known[hall_id] = (self._monotonic() + FRESH_SECONDS, matters)
        return matters

    async def put_matters(self, hall_id: str, matters: Iterable[Matter], *, by: str) -> Difference:
        """Let this list, in this order, be what the hall offers. Answers what that changed."""
        listed = {matter.code: matter for matter in matters}
        return await self._change(hall_id, by, lambda _: listed)

    async def change_matter(
        self,
        hall_id: str,
        code: str,
        change: Callable[[Matter], Matter],
        *,
        by: str,
        also: Callable[[Transaction, Matter], None],
    ) -> Matter:
        """Change what is known of one matter; `also` writes more rows with it. `MatterUnknown`."""
        changed: list[Matter] = []

        def with_change(before: Mapping[str, Matter]) -> dict[str, Matter]:
            if code not in before:
                raise MatterUnknown(matter=code)
            changed[:] = [change(before[code])]
            return {**before, code: changed[0]}

        await self._change(hall_id, by, with_change, also=lambda tx: also(tx, changed[0]))
        return changed[0]

    async def apply_directory(
        self, hall_id: str, group_id: str, codes: Iterable[str], *, by: str
    ) -> Difference:
        """Let a group do exactly the matters of its new directory."""
        codes = tuple(codes)
        return await self._change(
            hall_id,
            by,
            lambda before: {
                matter.code: matter for matter in with_directory(before.values(), group_id, codes)
            },
        )

    async def _change(
        self,
        hall_id: str,
        by: str,
        change: Callable[[Mapping[str, Matter]], dict[str, Matter]],
        *,
        also: Callable[[Transaction], None] | None = None,
    ) -> Difference:
        now = self._clock()

        def unit(tx: Transaction) -> Difference:
            store.wait_for_turn(tx, hall_id)
            before = store.matters_of(tx, hall_id)
            after = change(before)
            changes = difference(before, after)
            for code in changes.removed:
                store.drop_matter(tx, hall_id, code)
            for position, matter in enumerate(after.values()):
                store.put_matter(tx, hall_id, matter, position)
            store.remember(tx, hall_id, (*changes.added, *changes.changed, *changes.removed), now, by, after)
            if also is not None:
                also(tx)
            return changes

        changes = await self._database.write(unit)
        log.info(
            "matters_changed",
            hall=hall_id,
            by=by,
            added=changes.added,
            changed=changes.changed,
            removed=changes.removed,
        )
        self._known.pop(hall_id, None)
        await self._bus.wake(topic_of(hall_id))
        return changes

    def _look_again(self, topic: str) -> None:
        if topic.startswith(TOPIC):
            self._known.pop(topic.removeprefix(TOPIC), None)


def topic_of(hall_id: str) -> str:
    """What is called out when the matters of a hall have changed."""
    return TOPIC + hall_id
