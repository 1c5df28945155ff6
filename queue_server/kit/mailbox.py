"""A mailbox of one: the newest value wins, and whoever reads slowly skips the ones in between."""

from __future__ import annotations

import asyncio
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """The mailbox was closed; nothing will come any more."""


class _Empty:
    """So that None can be a value."""


_EMPTY: Final = _Empty()


class Mailbox(Generic[T]):
    """Holds at most one value, for one reader. Lives on the event loop."""

    __slots__ = ("_closed", "_reader", "_value")

    def __init__(self) -> None:
        self._value: T | _Empty = _EMPTY
        self._reader: asyncio.Future[None] | None = None
        self._closed = False

    def put(self, value: T) -> None:
        """Replace what is there. After `close` it is dropped."""
        if not self._closed:
            self._value = value
            self._wake()

    async def get(self) -> T:
        """Take the value, or wait for one. Closed once the mailbox is closed and empty."""
        while isinstance(self._value, _Empty):
            if self._closed:
                raise Closed
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        value, self._value = self._value, _EMPTY
        return value

    def close(self) -> None:
        """Let the reader have what is there, then no more."""
        self._closed = True
        self._wake()

    @property
    def closed(self) -> bool:
        """Whether nothing will come any more."""
        return self._closed

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
