"""The one clock at the edge. Whoever decides anything is told the time; nobody inside asks for it.

Instants are UTC and aware. Every clock only ever goes forward.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

SLOWER_WHEN_AHEAD: Final = 0.1  # A share of the speed, given up to let the computer's time catch up.
JITTER_SECONDS: Final = 0.01  # Two clocks never agree exactly; so little is no reason to slow down.


class Clock(Protocol):
    """What the time is, and how to wait on it."""

    def __call__(self) -> datetime:
        """Now: UTC, aware, never earlier than before."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait until so many seconds have passed *on this clock*."""
        ...


class SystemClock:
    """The computer's time, made to go forward only.

    Between two looks it moves with the monotonic clock. When the computer's own time was set forward, it
    follows at once; when it was set back, it goes on from where it was, a tenth slower, until the two
    meet: a wait of ten minutes may then be shown as nine, but never as minus two hours.
    """

    def __init__(self) -> None:
        self._now = time.time()
        self._looked_at = time.monotonic()
        self._one_at_a_time = threading.Lock()

    def __call__(self) -> datetime:
        """Now."""
        with self._one_at_a_time:
            self._advance(time.time(), time.monotonic())
            return datetime.fromtimestamp(self._now, UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def _advance(self, wall: float, monotonic: float) -> None:
        passed = monotonic - self._looked_at
        self._looked_at = monotonic
        ahead_seconds = self._now + passed - wall
        slower = SLOWER_WHEN_AHEAD if ahead_seconds > JITTER_SECONDS else 0.0
        self._now = max(wall, self._now + passed * (1 - slower))


class AcceleratedClock:
    """Starts at `start` and runs `speed` times as fast as the world. For the demonstration."""

    def __init__(self, start: datetime, speed: float) -> None:
        if start.tzinfo is None or speed <= 0:
            raise ValueError("start must be aware, speed positive")
        self._start = start.astimezone(UTC)
        self._speed = speed
        self._began = time.monotonic()

    def __call__(self) -> datetime:
        """Now, in the hall's fast day."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self._speed)

    async def sleep(self, seconds: float) -> None:
        """Wait; at ten times the speed, a tenth as long."""
        await asyncio.sleep(seconds / self._speed)


class DrivenClock:
    """Stands still until someone advances it. For tests and rehearsals."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("start must be aware")
        self._now = start.astimezone(UTC)
        self._order = itertools.count()
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def __call__(self) -> datetime:
        """Now, which is as long as nobody advances it."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until someone has advanced the clock so far."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        until = self._now + timedelta(seconds=seconds)
        heapq.heappush(self._sleepers, (until, next(self._order), woken))
        await woken

    def advance_to(self, now: datetime) -> None:
        """Move the clock forward and wake whose time has come. ValueError for a step back."""
        if now < self._now:
            raise ValueError("the clock never goes back")
        self._now = now.astimezone(UTC)
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)

    def advance(self, seconds: float) -> None:
        """Move the clock forward by so many seconds."""
        self.advance_to(self._now + timedelta(seconds=seconds))
