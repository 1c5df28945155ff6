"""How often somebody may do something, with a real Valkey and without any."""

import asyncio

import pytest

from queue_server.kit.database import Database
from queue_server.kit.rates import Rate, Rates, purge, spend

THRICE = Rate("tries", burst=3, seconds=600)
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(params=["shared", "alone", "away"])
def redis_or_not(request: pytest.FixtureRequest) -> str | None:
    """With a real Valkey, without any, and with one that is away."""
    if request.param == "shared":
        return str(request.getfixturevalue("redis_url"))
    return NOWHERE if request.param == "away" else None


async def test_three_times_at_once_and_then_one_has_to_wait(redis_or_not: str | None) -> None:
    rates = Rates(redis_or_not)
    assert [await rates.take(THRICE, "10.0.0.7") for _ in range(3)] == [0, 0, 0]
    assert 190 < await rates.take(THRICE, "10.0.0.7") <= 200
    assert 190 < await rates.take(THRICE, "10.0.0.7") <= 200  # To ask in vain costs nothing.
    await rates.close()


async def test_others_do_not_wait(redis_or_not: str | None) -> None:
    rates = Rates(redis_or_not)
    for _ in range(3):
        await rates.take(THRICE, "10.0.0.7")
    assert await rates.take(THRICE, "10.0.0.8") == 0
    await rates.close()


async def test_whoever_waited_may_again(redis_or_not: str | None) -> None:
    rates, quick = Rates(redis_or_not), Rate("quick", burst=1, seconds=0.02)
    assert await rates.take(quick, "10.0.0.7") == 0
    async with asyncio.timeout(5):
        while await rates.take(quick, "10.0.0.7"):
            pass
    await rates.close()


async def test_what_costs_money_is_counted_by_the_database_however_many_ask_at_once(
    database_url: str,
) -> None:
    both = [Database(database_url) for _ in range(2)]
    for database in both:
        await database.open()
    asked = [database.write(lambda tx: spend(tx, THRICE, "anna")) for database in both * 3]
    waits = sorted(await asyncio.gather(*asked))
    assert waits[:3] == [0, 0, 0]
    assert all(190 < wait < 210 for wait in waits[3:])
    assert await both[0].write(lambda tx: spend(tx, THRICE, "boris")) == 0
    assert await both[0].write(purge) == 0, "nobody's bucket is full again"
    for database in both:
        await database.close()


async def test_two_processes_count_together(redis_url: str) -> None:
    one, other = Rates(redis_url), Rates(redis_url)
    tries = [await rates.take(THRICE, "10.0.0.7") for rates in (one, other, one)]
    assert tries == [0, 0, 0]
    assert await other.take(THRICE, "10.0.0.7") > 0
    await one.close()
    await other.close()
