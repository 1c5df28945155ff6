"""Whether this process lives, and whether it can work. Liveness asks nobody, so a lost database restarts no one."""

import asyncio
import time
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from notify import outbox
from queue_server.hall.access import House, house_of
from queue_server.kit import metrics
from queue_server.kit.database import DatabaseDown
from queue_server.settings import Settings

ANSWER_SECONDS_MAX: Final = 1.0  # Who asks has a deadline too.
KNOWN_SECONDS: Final = 1.0  # However many ask, the database is asked once a second.

router = APIRouter(include_in_schema=False)


@router.get("/livez")
async def livez() -> Response:
    """This process answers."""
    return Response('{"status":"ok"}', media_type="application/json")


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """This process can work: the database answers. Without Redis it only works a little slower."""
    house = house_of(request)
    state = request.app.state
    until, ready = getattr(state, "readiness", (0.0, False))
    if time.monotonic() >= until:
        ready = await database_answers(house)
        state.readiness = (time.monotonic() + KNOWN_SECONDS, ready)
    if not ready:
        return Response('{"status":"no database"}', 503, media_type="application/json")
    settings: Settings = state.settings
    degraded = '["redis"]' if settings.redis_url and not house.bus.connected else "[]"
    return Response(f'{{"status":"ok","degraded":{degraded}}}', media_type="application/json")


async def database_answers(house: House) -> bool:
    """Whether the database answers in time."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            await house.database.read(lambda tx: tx.one("SELECT 1 AS one"))
    except (DatabaseDown, TimeoutError):
        return False
    return True


@router.get("/metrics")
async def prometheus(request: Request) -> Response:
    """Counters for Prometheus. Without a database nothing is known of messages, and the rest is told."""
    house = house_of(request)
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            late = await house.database.read(outbox.backlogs)
    except (DatabaseDown, TimeoutError):
        late = []
    metrics.messages_late((each.channel, each.messages, each.oldest_seconds) for each in late)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
