"""The clock's own requests: grace periods, holds, days that open and close, consoles that went silent.

One process does this work at a time; if two did, the second would only be refused.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from notify import outbox
from notify.outbox import Sent, Taken
from notify.states import Accepted, State, Step
from queue_server.hall.actions import Queues, day_of, hours_of
from queue_server.hall.core import commands as c
from queue_server.hall.core.messages import GUIDE
from queue_server.hall.core.model import Hall
from queue_server.hall.core.timers import due
from queue_server.hall.store.halls import Halls
from queue_server.kit.database import DatabaseDown, Transaction
from queue_server.kit.election import Election
from queue_server.kit.presence import Presence
from queue_server.kit.rejections import Rejected

log = structlog.get_logger(__name__)

TICK_SECONDS: Final = 1.0  # A citizen does not notice whether the grace was 180 or 181 seconds.
GUIDES_ASKED_MAX: Final = 50  # At each tick.
LEASE_SECONDS: Final = 30.0
PAPER_TICKS: Final = 10  # New halls, and days to open, are looked for this many ticks apart.


class Timers:
    """Sends what is due."""

    def __init__(self, queues: Queues, halls: Halls, presence: Presence, election: Election) -> None:
        self._queues = queues
        self._halls = halls
        self._presence = presence
        self._election = election
        self._hall_ids: list[str] = []
        self._tick = 0

    async def run(self) -> None:
        """Tick until cancelled."""
        while True:
            try:
                if await self._election.elected():
                    await self.tick()
            except DatabaseDown:
                log.warning("clock_waits_for_the_database")
            except Exception:
                log.exception("clock_stumbled")  # The next tick tries again.
            await asyncio.sleep(TICK_SECONDS)

    async def tick(self) -> None:
        """Everything that is due in all halls at this moment."""
        if self._tick % PAPER_TICKS == 0:
            self._hall_ids = await self._queues.hall_ids()
            for hall_id in self._hall_ids:
                await self._apart(self._open_day_if_due, hall_id)
        self._tick += 1
        await self.ask_guides()
        for hall_id in self._hall_ids:
            await self._apart(self.tick_hall, hall_id)

    async def ask_guides(self) -> None:
        """Take the last rung of calls that nobody has answered by phone: it is a guide, and so it is ours."""
        database = self._queues.database
        if not await database.read(lambda tx: outbox.has_due(tx, GUIDE)):
            return
        rows = await database.write(
            lambda tx: outbox.take(tx, GUIDE, rows_max=GUIDES_ASKED_MAX, lease_seconds=LEASE_SECONDS)
        )
        for row in rows:
            came = await self._ask_guide(row)
            await database.write(partial(came, row=row))

    async def _ask_guide(self, row: Taken) -> Callable[..., None]:
        """What to write down about this rung after asking."""
        try:
            await self._queues.handle(row.hall_id, c.AskGuide(int(row.subject.rpartition("/")[2])))
        except Rejected as no:
            return partial(outbox.step, to=Step(State.SUPPRESSED, no.code))
        return _asked

    def look_for_halls(self) -> None:
        """Notice new halls at the next tick."""
        self._tick = 0

    async def _apart(self, work: Callable[[str], Awaitable[None]], hall_id: str) -> None:
        """One hall that cannot be read must not stop the clock of the others."""
        try:
            await work(hall_id)
        except DatabaseDown:
            raise
        except Exception:
            log.exception("clock_stumbled", hall=hall_id)  # The next tick tries again.

    async def tick_hall(self, hall_id: str) -> None:
        """Everything that is due in one hall."""
        # Calls may be made in other processes, and no wake-up is sure to arrive: look.
        hall = await self._halls.catch_up(hall_id)
        requests = [
            *due(hall, self._queues.clock(), self._queues.outlook_of(hall)),
            *await self._absences(hall),
        ]
        for request in requests:
            try:
                await self._queues.handle(hall_id, request)
            except Rejected as no:
                log.debug("clock_was_late", hall=hall_id, request=type(request).__name__, code=no.code)

    async def _absences(self, hall: Hall) -> list[c.Command]:
        consoles = {
            presence_of(hall.id, window.id, window.session.console): window
            for window in hall.windows.values()
            if window.session is not None
        }
        missing = await self._presence.missing(consoles)
        if missing is None:
            return []
        gone: list[c.Command] = []
        for who, window in consoles.items():
            assert window.session is not None
            if who in missing and window.session.absent_since is None:
                gone.append(c.MarkAbsent(window.id))
            if who not in missing and window.session.absent_since is not None:
                gone.append(c.MarkPresent(window.id, window.session.console))
        return gone

    async def _open_day_if_due(self, hall_id: str) -> None:
        hall = await self._halls.current(hall_id)
        paper = await self._queues.paper(hall_id)
        now = self._queues.clock()
        day = day_of(paper, now)
        if hall.day is not None and hall.day >= day:
            return
        openings = hours_of(paper, day)
        if not openings:
            return
        opens_at = min(opening.opens_at for opening in openings)
        closes_at = max(opening.closes_at for opening in openings)
        if opens_at - timedelta(seconds=paper.rules.open_before_seconds) <= now < closes_at:
            try:
                await self._queues.open_day(hall_id)
            except Rejected as no:
                log.info("day_not_opened", hall=hall_id, code=no.code)


def presence_of(hall_id: str, window_id: str, console: str) -> str:
    """The name under which a console is missed."""
    return f"{hall_id}:{window_id}:{console}"


def _asked(tx: Transaction, *, row: Taken) -> None:
    """A guide has been asked."""
    outbox.sent(tx, [Sent(row, GUIDE, Accepted(str(row.id)))])
