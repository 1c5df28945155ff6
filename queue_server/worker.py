"""The worker: it sends messages, and does what nobody waits for: deleting what has been kept long enough."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from notify import outbox
from queue_server import reach
from queue_server.cases import contacts as case_contacts
from queue_server.hall import slips
from queue_server.issuance.actions import ready as issuance
from queue_server.kit import log as logs
from queue_server.kit import rates, requests
from queue_server.kit.bus import Bus
from queue_server.kit.clock import SystemClock
from queue_server.kit.database import Database, DatabaseDown
from queue_server.people import contacts, phone_codes
from queue_server.people.actions import People
from queue_server.settings import Settings

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 600.0  # Nothing here is urgent.
CODE_HOURS: Final = 1  # A code is good for five minutes.
SLIP_DAYS: Final = 2  # A ticket lives for a day.
CONTACT_DAYS: Final = 30  # A phone is forgotten a month after the visit.


def main(settings: Settings) -> int:
    """Work until told to stop."""
    logs.configure()
    asyncio.run(work(settings))
    return 0


async def work(settings: Settings) -> None:
    """Send, and tidy up round after round; a database that is away is waited for."""
    database, bus = Database(settings.database_url), Bus(settings.redis_url or None)
    await database.open()
    await bus.open()
    worker = reach.worker_of(settings, database, bus)
    log.info("worker_started")
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(), name="messages")
            tasks.create_task(tidy_up_for_ever(database, settings), name="tidy-up")
    finally:
        await worker.close()
        await bus.close()
        await database.close()


async def tidy_up_for_ever(database: Database, settings: Settings) -> None:
    """Round after round."""
    while True:
        try:
            await tidy_up(database, settings)
        except DatabaseDown:
            log.warning("worker_waits_for_the_database")
        await asyncio.sleep(ROUND_SECONDS)


async def tidy_up(database: Database, settings: Settings) -> None:
    """Forget old answers, old phones, old messages, results that nobody collected, and sessions that are over."""
    now = SystemClock()()
    answers = await database.write(
        lambda tx: requests.purge(tx, now - timedelta(hours=settings.idempotency_hours))
    )
    phones = await database.write(lambda tx: contacts.forget_before(tx, now - timedelta(days=CONTACT_DAYS)))
    phones += await database.write(
        lambda tx: case_contacts.forget_before(tx, now - timedelta(days=CONTACT_DAYS))
    )
    codes = await database.write(lambda tx: phone_codes.forget_before(tx, now - timedelta(hours=CODE_HOURS)))
    messages = await database.write(outbox.purge)
    results = await database.write(lambda tx: issuance.forget_before(tx, now))
    await database.write(lambda tx: slips.forget_before(tx, now - timedelta(days=SLIP_DAYS)))
    await database.write(rates.purge)
    people = People(database, Bus(), SystemClock(), secret=settings.key())
    await people.tidy()
    if answers or phones or codes or messages or results:
        log.info("forgotten", answers=answers, phones=phones + codes, messages=messages, results=results)
