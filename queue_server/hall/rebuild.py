"""Write the facts again from the journals, for example after a release that counts something new.

What a hall has learned is forgotten too: whoever needs it next learns it again, day by day.
"""

import asyncio

from queue_server.hall.core.evolve import replay
from queue_server.hall.core.model import Hall
from queue_server.hall.store import configuration, experience, facts, journal
from queue_server.kit.database import Database, Transaction
from queue_server.settings import Settings


def main(settings: Settings) -> int:
    """Rebuild every hall, and say how many rows each has now."""
    for hall_id, rows in asyncio.run(rebuild_all(settings.database_url)).items():
        print(f"{hall_id}: {rows} rows")
    return 0


async def rebuild_all(database_url: str) -> dict[str, int]:
    """How many rows each hall has after it."""
    database = Database(database_url)
    await database.open()
    try:
        hall_ids = await database.read(configuration.hall_ids)
        return {hall_id: await rebuild(database, hall_id) for hall_id in hall_ids}
    finally:
        await database.close()


async def rebuild(database: Database, hall_id: str) -> int:
    """Forget a hall's facts and derive them again, in one transaction. Returns how many there are.

    The hall may be open meanwhile. What others write between our DELETE and our look at the journal is found
    twice, and is the same both times.
    """

    def unit(tx: Transaction) -> int:
        facts.forget(tx, hall_id)
        experience.forget(tx, hall_id)
        events = journal.read(tx, hall_id, after=0)
        hall, count = Hall(hall_id), 0
        for event in events:
            rows = facts.facts_of(hall, [event])
            facts.record_again(tx, rows)
            count += len(rows)
            hall = replay(hall, [event])
        return count

    return await database.write(unit)
