from collections.abc import AsyncIterator

import pytest

from queue_server.kit.database import Database


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database of this test's own."""
    database = Database(database_url)
    await database.open()
    yield database
    await database.close()
