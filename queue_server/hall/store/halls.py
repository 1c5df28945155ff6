"""Every hall as of now, in memory. The journal is the truth; this is what has been read of it.

A hall advances in two ways: by what this process has made durable (`advance`) and by what other
processes wrote (`catch_up`, when a wake-up or a conflict says "look again"). It never goes back.
"""

import asyncio

from queue_server.hall.core.events import Event
from queue_server.hall.core.evolve import replay
from queue_server.hall.core.model import Hall
from queue_server.hall.core.rejections import HallUnknown
from queue_server.hall.store import configuration, journal
from queue_server.kit.database import Database, Transaction


class Halls:
    """The halls this process has been asked about."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._halls: dict[str, Hall] = {}
        self._epochs: dict[str, str] = {}
        self._reading: dict[str, asyncio.Task[Hall]] = {}

    def known(self, hall_id: str) -> Hall | None:
        """The hall as this process has it, without looking."""
        return self._halls.get(hall_id)

    def epoch(self, hall_id: str) -> str:
        """Which journal the numbers belong to. Only for halls that were read."""
        return self._epochs[hall_id]

    async def current(self, hall_id: str) -> Hall:
        """The hall as this process has it, read from the journal the first time. `HallUnknown`."""
        hall = self._halls.get(hall_id)
        return hall if hall is not None else await self.catch_up(hall_id)

    async def catch_up(self, hall_id: str) -> Hall:
        """The hall with everything that is durable at this moment. Callers share one look at the journal."""
        # A look that is under way may have begun before the caller's news, so it is followed by another.
        under_way = self._reading.get(hall_id)
        if under_way is not None:
            await asyncio.wait([under_way])
        reading = self._reading.get(hall_id)
        if reading is None or reading is under_way:
            reading = asyncio.ensure_future(self._read(hall_id))
            self._reading[hall_id] = reading
            reading.add_done_callback(lambda done: self._forget(hall_id, done))
        return await asyncio.shield(reading)

    def advance(self, hall: Hall) -> None:
        """Take over a hall whose events are durable."""
        known = self._halls.get(hall.id)
        if known is None or hall.seq > known.seq:
            self._halls[hall.id] = hall

    async def _read(self, hall_id: str) -> Hall:
        known = self._halls.get(hall_id)

        def look(tx: Transaction) -> tuple[str, int, list[Event]]:
            epoch = self._epochs.get(hall_id) or configuration.epoch_of(tx, hall_id)
            if epoch is None:
                raise HallUnknown(hall=hall_id)
            after = known.seq if known is not None else (journal.last_day_seq(tx, hall_id) or 1) - 1
            return epoch, after, journal.read(tx, hall_id, after=after)

        self._epochs[hall_id], after, events = await self._database.read(look)
        base = known if known is not None else Hall(hall_id, seq=after)
        self.advance(replay(base, events))
        self._halls.setdefault(hall_id, base)
        return self._halls[hall_id]

    def _forget(self, hall_id: str, done: asyncio.Task[Hall]) -> None:
        if self._reading.get(hall_id) is done:
            del self._reading[hall_id]
        if not done.cancelled():
            done.exception()  # Whoever asked may have gone away; then a failure is nobody's business.
