"""What is expected in each hall, played forward beside the event loop: never more than one pass of a hall at a time.

Whoever asks gets the newest outlook at once and waits for nothing. Asking is also what begins the next pass: when the
hall has moved since, though not more often than each second, and after a minute in any case. All passes of a process
share one thread, so a rush of halls costs no more than one core. The dice come from the hall and its journal number.

The past comes from the days of the journal (`core/forecast/experience.py`). A day that is over is learned by whichever
process first needs it, and is kept; if two do, both have learned the same.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Final, TypeVar

import structlog

from queue_server.hall.core.events import Event
from queue_server.hall.core.forecast.experience import Experience, of_all, of_day
from queue_server.hall.core.forecast.halls import luck_of, outlook
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.model import Hall
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.store import experience, journal
from queue_server.hall.store.experience import Day
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, DatabaseDown, Transaction

log = structlog.get_logger(__name__)

T = TypeVar("T")

PAUSE_SECONDS: Final = 1.0  # Of the real clock, from the beginning of one pass to the next: a hall in a rush.
AGE_MAX: Final = timedelta(minutes=1)  # Time alone changes what is expected.
PART_LINES: Final = 2000  # Of a journal that is read for learning.

Past = tuple[date | None, bool, int]  # When what is known of the past may have changed.


class Outlooks:
    """The outlooks of the halls that this process is asked about."""

    def __init__(
        self, database: Database, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outlook")
        self._newest: dict[str, Outlook] = {}
        self._routines: dict[str, tuple[Past, Routine]] = {}
        self._passes: dict[str, asyncio.Task[None]] = {}
        self._began: dict[str, float] = {}

    def of(self, hall: Hall) -> Outlook | None:
        """The newest outlook of a hall, which may be a moment old, or None before the first one."""
        newest = self._newest.get(hall.id)
        if hall.open and hall.id not in self._passes and self._is_due(hall, newest):
            self._began[hall.id] = self._monotonic()
            playing = asyncio.get_running_loop().create_task(self._play(hall), name=f"outlook {hall.id}")
            self._passes[hall.id] = playing
            playing.add_done_callback(lambda _: self._passes.pop(hall.id, None))
        return newest

    async def routine(self, hall: Hall) -> Routine:
        """What the hall knows of its past, compiled. The days that are over are learned on the way."""
        past = (hall.day, hall.open, hall.anew_from)
        known = self._routines.get(hall.id)
        if known is None or known[0] != past:
            known = self._routines[hall.id] = past, Routine(of_all(await self._days(hall)))
        return known[1]

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Do some arithmetic where it holds up nobody."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Play no more."""
        for playing in list(self._passes.values()):
            playing.cancel()
        self._thread.shutdown(wait=False, cancel_futures=True)

    # ── A pass ───────────────────────────────────────────────────────────────────────────────────

    def _is_due(self, hall: Hall, newest: Outlook | None) -> bool:
        if self._monotonic() - self._began.get(hall.id, -PAUSE_SECONDS) < PAUSE_SECONDS:
            return False
        return newest is None or newest.hall.seq != hall.seq or self._clock() - newest.at >= AGE_MAX

    async def _play(self, hall: Hall) -> None:
        try:
            routine = await self.routine(hall)
            now = self._clock()
            played = await self.in_thread(partial(outlook, hall, routine, now, luck_of(hall)))
        except DatabaseDown:
            return  # The next one who asks begins anew.
        except Exception:
            log.exception("outlook_failed", hall=hall.id)  # People are told the quick range meanwhile.
            return
        self._newest[hall.id] = played

    # ── The past ─────────────────────────────────────────────────────────────────────────────────

    async def _days(self, hall: Hall) -> list[Experience]:
        """What each day that is over taught, in order; the days not learned yet are learned now."""

        def look(tx: Transaction) -> tuple[list[int], dict[int, Experience], int]:
            return experience.openings(tx, hall.id), experience.days(tx, hall.id), hall.seq

        opened, known, seq = await self._database.read(look)
        for day in days_over(opened, seq, is_open=hall.open):
            if day.opened_seq not in known:
                known[day.opened_seq] = await self._learn(hall.id, day)
        if hall.open and hall.anew_from:
            return []  # What was forgotten today is forgotten at once, and not only when the day is over.
        return [taught for _, taught in sorted(known.items())]

    async def _learn(self, hall_id: str, day: Day) -> Experience:
        events = await self._events(hall_id, day)
        taught = await self.in_thread(partial(of_day, hall_id, day.opened_seq, events))
        await self._database.write(lambda tx: experience.learn(tx, hall_id, day, taught))
        log.info("day_learned", hall=hall_id, day=str(taught.last_on), through=day.through_seq)
        return taught

    async def _events(self, hall_id: str, day: Day) -> list[Event]:
        events: list[Event] = []
        after = day.opened_seq - 1
        while after < day.through_seq:
            limit = min(PART_LINES, day.through_seq - after)
            part = await self._database.read(
                partial(journal.entries_after, hall_id=hall_id, after=after, limit=limit)
            )
            events += [entry.event for entry in part]
            after += limit
        return events


def days_over(opened: Sequence[int], seq: int, *, is_open: bool) -> list[Day]:
    """The days whose books are closed, as far as the hall was read.

    >>> days_over([1, 40], 55, is_open=True)
    [Day(opened_seq=1, through_seq=39)]
    >>> days_over([1, 40], 55, is_open=False)
    [Day(opened_seq=1, through_seq=39), Day(opened_seq=40, through_seq=55)]
    """
    ends = [*(opening - 1 for opening in opened[1:]), *([] if is_open else [seq])]
    return [Day(begin, end) for begin, end in zip(opened, ends, strict=False) if end >= begin]
