"""What people come to a hall for most, so that a kiosk can offer it first."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Final

from queue_server.catalogue.core import Matter
from queue_server.hall.store import facts
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database

LATELY: Final = timedelta(days=28)  # Four of each weekday; after a month a season shows.
FIRST_MAX: Final = 8
FRESH_SECONDS: Final = 300.0
KNOWN_MAX: Final = 1000  # Halls in memory.
COMMON: Final = "common"  # How a hall marks what it expects to be asked for most.


class Asked:
    """How often each matter was taken lately, looked up at most every few minutes."""

    def __init__(
        self, database: Database, clock: Clock, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, Mapping[str, int]]] = {}

    async def first(self, hall_id: str, matters: Iterable[Matter]) -> list[str]:
        """What to offer first: by how often it was taken, else what the hall marks as common, else its order."""
        times = await self._times(hall_id)
        offered = [matter for matter in matters if matter.active]
        offered.sort(key=lambda matter: (-times.get(matter.code, 0), COMMON not in matter.tags))
        return [matter.code for matter in offered[:FIRST_MAX]]

    async def _times(self, hall_id: str) -> Mapping[str, int]:
        known = self._known.get(hall_id)
        if known is not None and self._monotonic() < known[0]:
            return known[1]
        since = (self._clock() - LATELY).date()
        times = await self._database.read(lambda tx: facts.times_asked(tx, hall_id, since))
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        self._known[hall_id] = (self._monotonic() + FRESH_SECONDS, times)
        return times
