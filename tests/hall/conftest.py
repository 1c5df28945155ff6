"""What tests of a durable hall share: processes over one database, and ways to stop a commit half way."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
import pytest

from queue_server.catalogue.actions import Catalogue
from queue_server.hall.actions import Done, Queues
from queue_server.hall.core import commands as c
from queue_server.hall.core.model import About, Channel, Clerk, Leg, Name, Rules
from queue_server.hall.core.paper import Configuration
from queue_server.hall.store.halls import Halls
from queue_server.kit.bus import Bus, DeafBus
from queue_server.kit.clock import DrivenClock
from queue_server.kit.database import Database
from queue_server.kit.requests import Answer, Requests

from .story import GROUPS, WINDOWS, at

SECONDS_MAX = 10.0  # For anything that must come to pass.
HALL = "h1"


@dataclass
class Process:
    """One server process, as far as it queues. It hears of no other."""

    database: Database
    halls: Halls
    queues: Queues
    requests: Requests
    bus: Bus
    clock: DrivenClock

    async def do(self, command: c.Command, **more: Any) -> Done:
        """Carry out a command in the hall of the tests."""
        return await self.queues.handle(HALL, command, **more)

    async def tickets(self, count: int, group: str = "A") -> list[int]:
        """So many people take a ticket at once; their ids."""
        dones = await asyncio.gather(*(self.do(take(group)) for _ in range(count)))
        return [done.hall.seq - len(done.events) + 1 for done in dones]

    async def open(self, window_id: str) -> None:
        """Sign a clerk in."""
        await self.do(opens(window_id))


def take(group: str = "A") -> c.IssueTicket:
    """Somebody takes a ticket."""
    return c.IssueTicket((Leg(group),), Channel.KIOSK, "digest")


def opens(window_id: str) -> c.SignIn:
    """The clerk of a window signs in."""
    return c.SignIn(window_id, Clerk(f"clerk-{window_id}", "Clerk", window_id), f"console-{window_id}")


def calls(window_id: str) -> c.CallNext:
    """The clerk of a window calls."""
    return c.CallNext(window_id, f"console-{window_id}")


def paper(hall_id: str = HALL, rules: Rules | None = None) -> Configuration:
    """A hall on paper that is always open."""
    return Configuration(
        id=hall_id,
        about=About(Name("测试大厅", "Test hall"), "UTC"),
        hours="always",
        rules=rules or Rules(),
        groups=GROUPS,
        windows=WINDOWS,
    )


@asynccontextmanager
async def running(url: str, now: datetime | None = None, bus: Bus | None = None) -> AsyncIterator[Process]:
    """A process, for the length of a block."""
    database = Database(url)
    await database.open()
    bus, clock = bus or DeafBus(), DrivenClock(now or at("10:00"))
    queues = Queues(database, bus, Catalogue(database, bus, clock), clock)
    try:
        yield Process(database, queues.halls, queues, Requests(database), bus, clock)
    finally:
        await database.close()


@pytest.fixture
async def one(database_url: str) -> AsyncIterator[Process]:
    """A process with an open hall."""
    async with running(database_url) as process:
        await process.queues.create(paper())
        await process.queues.open_day(HALL)
        yield process


@pytest.fixture
async def other(one: Process, database_url: str) -> AsyncIterator[Process]:
    """A second process over the same database."""
    async with running(database_url) as process:
        yield process


@pytest.fixture
def sql(database_url: str) -> Iterator[Callable[..., list[Any]]]:
    """Ask PostgreSQL behind everybody's back."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield lambda query: connection.execute(query).fetchall()


@contextmanager
def nobody_commits(url: str) -> Iterator[psycopg.Connection[Any]]:
    """Nothing can be written to a journal until the block ends."""
    with psycopg.connect(url) as connection:
        connection.execute("LOCK TABLE journal IN EXCLUSIVE MODE")
        yield connection
        connection.rollback()


async def until(true: Callable[[], object]) -> None:
    """Wait until something has come to pass."""
    deadline = time.monotonic() + SECONDS_MAX
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.005)


def numbers(done: Done) -> Answer:
    """An answer that says which lines were written."""
    first = done.hall.seq - len(done.events) + 1
    return Answer(200, f"{[first + n for n in range(len(done.events))]}")
