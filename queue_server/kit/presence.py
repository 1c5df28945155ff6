"""Who is there: consoles that were heard of lately, in Redis with a time to live.

Redis may lose everything: then nobody is known to be there, and nobody is known to be missing either.
Only whoever has said "I am here" before can be missed.
"""

import asyncio
import time
from collections.abc import Iterable
from typing import Final

import redis.asyncio
import structlog
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

KNOWN_SECONDS: Final = 24 * 3600  # For how long somebody who was there once can be missed.
ANSWER_SECONDS_MAX: Final = 0.5


class Presence:
    """Beats of consoles and devices, shared by all processes when there is a Redis."""

    def __init__(self, redis_url: str | None, *, alive_seconds: float) -> None:
        self._alive_seconds = alive_seconds
        self._redis = None
        if redis_url:
            self._redis = redis.asyncio.from_url(
                redis_url, socket_timeout=ANSWER_SECONDS_MAX, socket_connect_timeout=ANSWER_SECONDS_MAX
            )
        self._beats: dict[str, float] = {}

    async def beat(self, who: str) -> None:
        """Say that somebody is there. Never raises."""
        self._beats[who] = time.monotonic()
        if self._redis is None:
            return
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.set(f"jinghao:alive:{who}", 1, px=round(self._alive_seconds * 1000))
                pipe.set(f"jinghao:known:{who}", 1, ex=KNOWN_SECONDS)
                await pipe.execute()
        except (RedisError, OSError, TimeoutError):
            log.warning("presence_not_shared", who=who)

    async def forget(self, who: str) -> None:
        """Stop missing somebody, for example after a sign-out. Never raises."""
        self._beats.pop(who, None)
        if self._redis is None:
            return
        try:
            await self._redis.delete(f"jinghao:alive:{who}", f"jinghao:known:{who}")
        except (RedisError, OSError, TimeoutError):
            log.warning("presence_not_shared", who=who)

    async def missing(self, expected: Iterable[str]) -> set[str] | None:
        """Who of these was there and has not been heard of for `alive_seconds`; None when nobody knows.

        Never raises.
        """
        names = list(expected)
        if not names:
            return set()
        if self._redis is None:
            deadline = time.monotonic() - self._alive_seconds
            return {who for who in names if self._beats.get(who, deadline) < deadline}
        try:
            keys = [f"jinghao:{kind}:{who}" for kind in ("alive", "known") for who in names]
            values = await self._redis.mget(keys)
        except (RedisError, OSError, TimeoutError):
            return None  # Nobody leaves or comes back because Redis is away.
        alive, known = values[: len(names)], values[len(names) :]
        return {who for who, here, once in zip(names, alive, known, strict=True) if once and not here}

    async def close(self) -> None:
        """Hang up."""
        if self._redis is not None:
            await asyncio.shield(self._redis.aclose())
