"""An outbox on a real database, a worker, and a post office that does what it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pytest

from notify import outbox
from notify.channels.base import Letter
from notify.messages import Message, Priority, Recipient, Withdrawal
from notify.outbox import Line
from notify.states import Accepted, Outcome
from notify.worker import Policy, Worker
from queue_server.kit.bus import Bus
from queue_server.kit.database import Database

SECONDS_MAX = 10.0
ANNA, PHONE = "h1/17", "+8619900000042"
CALL = Message(
    "h1", ANNA, "call", 5, ("sms",), "call", Priority.CALL, 90, {"number": "A017", "window": "08"}, "zh"
)
CONFIRMATION = replace(
    CALL,
    kind="confirmation",
    occurrence=1,
    text_key="confirmation.unknown",
    priority=Priority.CONFIRMATION,
    keep_seconds=600,
    values={"number": "A017", "ahead": 3, "windows": "08/09"},
)


@dataclass
class Office:
    """A provider that does what it is told, and keeps a ledger of what it was given."""

    name: str = "office"
    price: float = 0.05
    script: list[Outcome | Exception] = field(default_factory=list)  # What the next attempts come to.
    always: Outcome | None = None
    ledger: list[Letter] = field(default_factory=list)
    hang: asyncio.Event | None = None
    reachable: Callable[[Recipient], bool] = lambda to: to.phone is not None

    def reaches(self, to: Recipient) -> bool:
        return self.reachable(to)

    async def send(self, letter: Letter) -> Outcome:
        self.ledger.append(letter)
        if self.hang is not None:
            await self.hang.wait()
        said = self.script.pop(0) if self.script else self.always or Accepted(f"{self.name}-{letter.id}")
        if isinstance(said, Exception):
            raise said
        return said

    async def close(self) -> None:
        """Nothing to close."""

    @property
    def texts(self) -> list[str]:
        return [letter.text for letter in self.ledger]


@dataclass
class Post:
    """An outbox, and workers over it."""

    database: Database
    bus: Bus
    sms: Office
    people: dict[str, Recipient]
    policy: Policy = Policy()  # noqa: RUF009 - frozen.
    day: date = date(2026, 11, 23)
    more: dict[str, list[Any]] = field(default_factory=dict)

    def worker(self, **policy: Any) -> Worker:
        return Worker(
            self.database,
            self.bus,
            {"sms": [self.sms], **self.more},
            lambda tx, subjects: {each: self.people[each] for each in subjects if each in self.people},
            replace(self.policy, **policy),
            lambda: self.day,
        )

    async def put(self, *words: Message | Withdrawal) -> None:
        entries = outbox.spelled(words)
        await self.database.write(lambda tx: outbox.put(tx, entries))
        await self.bus.wake("h1")

    async def round(self, channel: str = "sms", **policy: Any) -> int:
        """Take what is due and deliver it; how much that was."""
        worker = self.worker(**policy)
        ready = await worker.take(channel, 100)
        for row, to in ready:
            await worker.deliver(row, to)
        return len(ready)

    async def lines(self) -> list[Line]:
        """What the outbox says, the oldest first."""
        return (await self.database.read(lambda tx: outbox.lines(tx, "h1")))[::-1]

    async def states(self) -> list[tuple[str, str, str]]:
        return [(line.channel, line.state.value, line.reason) for line in await self.lines()]

    async def pass_time(self, seconds: float) -> None:
        """Let everything in the outbox be so much older."""
        await self.database.write(
            lambda tx: tx.execute(
                """
                UPDATE outbox SET put_at = put_at - :s * interval '1 second',
                                  due_at = due_at - :s * interval '1 second',
                                  climb_at = climb_at - :s * interval '1 second'
                """,
                s=seconds,
            )
        )

    async def until(self, true: Callable[[], object]) -> None:
        deadline = time.monotonic() + SECONDS_MAX
        while not true():
            assert time.monotonic() < deadline, "it did not come to pass"
            await asyncio.sleep(0.01)


@pytest.fixture
async def post(database_url: str) -> AsyncIterator[Post]:
    database = Database(database_url)
    await database.open()
    yield Post(database, Bus(), Office(), {ANNA: Recipient("anna", "anna-in-wechat", PHONE, "openid-anna")})
    await database.close()
