"""An event loop on which nothing takes time but what says so: a day in seconds, the same day every time.

Whoever sleeps is woken in the order of the hours slept, and when nobody is ready the loop's time jumps to
the next sleeper. There are no sockets and no threads here.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class NobodyCanGoOn(RuntimeError):
    """Everybody waits for somebody who waits too."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Asyncio's own loop with a clock that jumps."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Jumps(self))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self.now


class _Jumps(selectors.SelectSelector):
    """Where the loop would wait for the world, its time jumps instead."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[Any]:
        """Nothing ever comes from outside."""
        if timeout is None:
            raise NobodyCanGoOn
        self._loop.now += max(0.0, timeout)
        return []


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a virtual loop of its own, and end whatever it leaves behind."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
