"""How often somebody may do something: a bucket for each, shared through Redis, with a local one behind it.

A bucket holds `burst` drops and gets one back every `seconds / burst`. Only the instant is kept at which it
will be full again (the generic cell rate algorithm, ITU-T I.371), so a bucket that is full is no bucket and
needs no room. When Redis is away each process counts for itself: a limit gets looser by the number of
processes, and nobody is let through without one or shut out for want of one.

What costs money is counted in PostgreSQL instead (`spend`), with whatever it pays for: it holds however many
processes there are, and whatever becomes of Redis.
"""

import hashlib
import time
from dataclasses import dataclass
from typing import Final

import redis.asyncio
import structlog
from redis.exceptions import RedisError

from queue_server.kit.database import Transaction

log = structlog.get_logger(__name__)

ANSWER_SECONDS_MAX: Final = 0.2
BUCKETS_MAX: Final = 50_000  # In this process. Beyond that those that are full again are forgotten.

# KEYS[1] a bucket; ARGV seconds for a drop, seconds for all of them. Returns the milliseconds until there is
# a drop, or 0 and takes one. The time is that of Redis.
SCRIPT: Final = """
local full_at = tonumber(redis.call('GET', KEYS[1]) or '0')
local drop, all = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local after = math.max(full_at, now) + drop
if after - now > all + 0.000001 then return math.ceil((after - now - all) * 1000) end
redis.call('SET', KEYS[1], string.format('%.6f', after), 'PX', math.ceil((after - now) * 1000))
return 0
"""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and as many again in every so many seconds."""

    name: str
    burst: int
    seconds: float

    @property
    def drop_seconds(self) -> float:
        """How long one drop takes to come back."""
        return self.seconds / self.burst


class Rates:
    """The buckets of everybody."""

    def __init__(self, redis_url: str | None = None) -> None:
        self._full_at: dict[str, float] = {}
        self._redis = None
        if redis_url:
            self._redis = redis.asyncio.from_url(
                redis_url, socket_timeout=ANSWER_SECONDS_MAX, socket_connect_timeout=ANSWER_SECONDS_MAX
            )
            self._script = self._redis.register_script(SCRIPT)

    async def take(self, rate: Rate, who: str) -> float:
        """Do it once more: 0, or for how many seconds they have to wait instead. Never raises."""
        # Whoever it is, an address or a phone, is not written down here.
        bucket = f"jinghao:rate:{rate.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
        if self._redis is not None:
            try:
                return float(await self._script(keys=[bucket], args=[rate.drop_seconds, rate.seconds])) / 1000
            except (RedisError, OSError, TimeoutError):
                log.warning("rates_not_shared", rate=rate.name)
        return self._take_here(bucket, rate)

    def _take_here(self, bucket: str, rate: Rate) -> float:
        now = time.monotonic()
        after = max(self._full_at.get(bucket, 0.0), now) + rate.drop_seconds
        if after - now > rate.seconds + 1e-6:
            return after - now - rate.seconds
        if len(self._full_at) >= BUCKETS_MAX:
            self._full_at = {each: at for each, at in self._full_at.items() if at > now}
        self._full_at[bucket] = after
        return 0.0

    async def close(self) -> None:
        """Hang up."""
        if self._redis is not None:
            await self._redis.aclose()


# ── What costs money ─────────────────────────────────────────────────────────────────────────────

# One row of a bucket, so whoever takes at the same time waits, and counts after that. The microsecond is for rounding.
SPEND: Final = """
INSERT INTO rates AS known (bucket, full_at)
VALUES (:bucket, now() + :drop_seconds * interval '1 second')
    ON CONFLICT (bucket) DO UPDATE
   SET full_at = greatest(known.full_at, now()) + :drop_seconds * interval '1 second'
 WHERE greatest(known.full_at, now()) + :drop_seconds * interval '1 second'
       <= now() + :seconds * interval '1 second' + interval '1 microsecond'
"""
WAIT: Final = """
SELECT CAST(extract(epoch FROM full_at - now()) AS float8) + :drop_seconds - :seconds AS wait_seconds
  FROM rates
 WHERE bucket = :bucket
"""
FULL_AGAIN: Final = """
DELETE FROM rates WHERE ctid IN (SELECT ctid FROM rates WHERE full_at < now() LIMIT :rows_max)
"""
PURGED_ROWS_MAX: Final = 5000


def spend(tx: Transaction, rate: Rate, who: str) -> float:
    """Do it once more, in the unit of what it pays for: 0, or for how many seconds they have to wait instead.

    `who` is kept as it is, so it should be a digest. The unit has to fail where this is not 0.
    """
    bucket, drop = f"{rate.name} {who}", rate.drop_seconds
    if tx.execute(SPEND, bucket=bucket, drop_seconds=drop, seconds=rate.seconds):
        return 0.0
    row = tx.one(WAIT, bucket=bucket, drop_seconds=drop, seconds=rate.seconds)
    return max(0.001, float(row["wait_seconds"])) if row else 0.001


def purge(tx: Transaction) -> int:
    """Delete buckets that are full again, not all at once, and say how many."""
    return tx.execute(FULL_AGAIN, rows_max=PURGED_ROWS_MAX)
