"""Wake-ups: "look again", never news.

A wake-up says that something about a topic (`hall:h1`) has changed. Inside the process it arrives at once,
between processes through Redis, which may lose all of it at any time: whoever listens also looks by itself
at least once a second. So nothing here waits for Redis, and nothing here fails with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

CHANNEL: Final = "jinghao:wake:"
TOPICS_WAITING_MAX: Final = 10_000  # While Redis is away. Beyond that the listeners' own look has to do.
REDIS_SECONDS_MAX: Final = 1.0  # For connecting, and for any answer.
SILENCE_SECONDS_MAX: Final = 5.0  # Then we ask Redis whether it is still there.
RECONNECT_SECONDS_MAX: Final = 1.0

Listener: TypeAlias = Callable[[str], None]

log = structlog.get_logger(__name__)


class Bus:
    """Wake-ups for this process, and, given a Redis, for and from the others."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._listeners: list[Listener] = []
        self._redis_url = redis_url
        self._redis: Redis | None = None
        self._self = secrets.token_hex(8)  # So that our own wake-ups do not wake us twice.
        self._to_publish: dict[str, None] = {}  # An ordered set: a topic that waits is not queued again.
        self._something_to_publish = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self.connected = False

    async def open(self) -> None:
        """Start to talk to Redis in the background, if there is one. Never fails."""
        if self._redis_url is None:
            return
        self._redis = Redis.from_url(
            self._redis_url,
            socket_timeout=REDIS_SECONDS_MAX,
            socket_connect_timeout=REDIS_SECONDS_MAX,
            retry=None,
        )
        self._tasks = [
            asyncio.create_task(self._keep(self._listen), name="bus-listen"),
            asyncio.create_task(self._keep(self._publish), name="bus-publish"),
        ]

    async def close(self) -> None:
        """Stop; what was not yet published is forgotten."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._redis is not None:
            with contextlib.suppress(RedisError, OSError):
                await self._redis.aclose()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have the listener called with every topic that wakes, until the returned function is called.

        It is called on the event loop, must be quick, and hears a topic at least as often as it changed
        while Redis is well, else only what changed in this process.
        """
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def wake(self, topic: str) -> None:
        """Tell everyone to look again. Returns at once, never raises."""
        self._deliver(topic)
        if self._redis is not None and len(self._to_publish) < TOPICS_WAITING_MAX:
            self._to_publish[topic] = None
            self._something_to_publish.set()

    def _deliver(self, topic: str) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(topic)
            except Exception:
                log.exception("listener_failed", topic=topic)

    async def _keep(self, work: Callable[[Redis], Any]) -> None:
        """Do the work for ever, with a pause of random length whenever Redis is not there."""
        assert self._redis is not None
        pause_seconds_max = 0.05
        while True:
            began = asyncio.get_running_loop().time()
            try:
                await work(self._redis)
            except (RedisError, OSError) as error:
                log.warning("redis_lost", work=work.__name__, why=str(error))
            lasted_seconds = asyncio.get_running_loop().time() - began
            pause_seconds_max = (
                0.05 if lasted_seconds > 5 else min(pause_seconds_max * 2, RECONNECT_SECONDS_MAX)
            )
            await asyncio.sleep(random.uniform(0, pause_seconds_max))

    async def _publish(self, redis: Redis) -> None:
        while True:
            await self._something_to_publish.wait()
            topics = list(self._to_publish)
            async with redis.pipeline(transaction=False) as pipeline:
                for topic in topics:
                    pipeline.publish(CHANNEL + topic, self._self)
                self._something_to_publish.clear()
                self._to_publish.clear()
                try:
                    await pipeline.execute()
                except (RedisError, OSError):
                    # Told late is better than not told: the others will look once more than they need.
                    self._to_publish.update(dict.fromkeys(topics))
                    self._something_to_publish.set()
                    raise

    async def _listen(self, redis: Redis) -> None:
        async with redis.pubsub() as pubsub:
            await pubsub.psubscribe(CHANNEL + "*")
            try:
                await self._hear(pubsub)
            finally:
                self.connected = False

    async def _hear(self, pubsub: PubSub) -> None:
        asked = False
        while True:
            message = await pubsub.get_message(timeout=SILENCE_SECONDS_MAX)
            if message is None:
                if asked:
                    raise ConnectionError("Redis has gone silent")
                await pubsub.ping()
                asked = True
                continue
            asked = False
            self.connected = True
            if message["type"] == "pmessage" and message["data"].decode() != self._self:
                self._deliver(message["channel"].decode().removeprefix(CHANNEL))


class DeafBus(Bus):
    """Loses every wake-up, even in its own process. For tests: screens must be right without it."""

    async def wake(self, topic: str) -> None:
        """Lose it."""
