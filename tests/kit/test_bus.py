"""Wake-ups arrive at once, may all be lost, and never hold anybody up: claims on a real Valkey."""

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from queue_server import embedded
from queue_server.kit.bus import Bus, DeafBus

from .conftest import eventually

Heard = list[str]


class MortalValkey:
    """A Valkey of this test's own, which may be killed. It always comes back at the same address."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        _, program = embedded._binaries()
        self._process = subprocess.Popen(
            [program, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"]
        )
        assert eventually(self._answers)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self._port)) == 0


@pytest.fixture
def mortal_valkey() -> Iterator[MortalValkey]:
    server = MortalValkey()
    yield server
    server.kill()


@asynccontextmanager
async def bus_on(url: str | None) -> AsyncIterator[tuple[Bus, Heard]]:
    bus = Bus(url)
    heard: Heard = []
    bus.subscribe(heard.append)
    await bus.open()
    if url is not None:
        assert await soon(lambda: bus.connected)
    yield bus, heard
    await bus.close()


async def soon(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    return await asyncio.to_thread(eventually, true, seconds)


async def test_a_wake_up_arrives_in_its_own_process_at_once_and_once(redis_url: str) -> None:
    async with bus_on(redis_url) as (bus, heard), bus_on(redis_url) as (_, elsewhere):
        await bus.wake("hall:h1")
        assert heard == ["hall:h1"]
        assert await soon(lambda: elsewhere == ["hall:h1"])
        assert heard == ["hall:h1"]


async def test_without_redis_one_process_is_enough() -> None:
    async with bus_on(None) as (bus, heard):
        await bus.wake("hall:h1")
        assert heard == ["hall:h1"]


async def test_whoever_unsubscribes_hears_no_more() -> None:
    async with bus_on(None) as (bus, _):
        heard: Heard = []
        unsubscribe = bus.subscribe(heard.append)
        unsubscribe()
        await bus.wake("hall:h1")
        assert heard == []


async def test_one_listener_that_fails_keeps_nothing_from_the_others() -> None:
    def fail(topic: str) -> None:
        raise RuntimeError(topic)

    bus = Bus(None)
    heard: Heard = []
    bus.subscribe(fail)
    bus.subscribe(heard.append)
    await bus.wake("hall:h1")
    assert heard == ["hall:h1"]


async def test_wake_ups_go_on_after_redis_was_killed_and_came_back(mortal_valkey: MortalValkey) -> None:
    async with bus_on(mortal_valkey.url) as (bus, heard), bus_on(mortal_valkey.url) as (other, elsewhere):
        mortal_valkey.kill()
        assert await soon(lambda: not other.connected)
        began = time.monotonic()
        for _ in range(1000):
            await bus.wake("hall:h1")
        assert time.monotonic() - began < 0.1
        assert heard == ["hall:h1"] * 1000

        mortal_valkey.start()
        assert await soon(lambda: other.connected)
        await bus.wake("hall:h2")
        assert await soon(lambda: "hall:h2" in elsewhere)
        assert elsewhere.count("hall:h1") <= 1  # What could not be told is told at most once.


async def test_a_redis_that_is_not_there_at_the_start_hinders_nobody() -> None:
    bus = Bus("redis://127.0.0.1:1")
    heard: Heard = []
    bus.subscribe(heard.append)
    began = time.monotonic()
    await bus.open()
    await bus.wake("hall:h1")
    assert time.monotonic() - began < 0.1
    assert heard == ["hall:h1"]
    await asyncio.sleep(0.1)
    assert not bus.connected
    await bus.close()


async def test_a_redis_that_takes_connections_and_says_nothing_hinders_nobody() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bus = Bus(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        heard: Heard = []
        bus.subscribe(heard.append)
        await bus.open()
        began = time.monotonic()
        for _ in range(20):
            await bus.wake("hall:h1")
            await asyncio.sleep(0.01)
        assert time.monotonic() - began < 0.5
        assert len(heard) == 20
        await bus.close()


async def test_the_deaf_bus_loses_everything() -> None:
    bus = DeafBus()
    heard: Heard = []
    bus.subscribe(heard.append)
    await bus.open()
    await bus.wake("hall:h1")
    await bus.close()
    assert heard == []
