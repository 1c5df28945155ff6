"""One process at a time does the work of the clock."""

import time

from queue_server.kit.election import Election

TAKE_OVER_SECONDS_MAX = 10


async def test_only_one_process_has_a_duty(database_url: str) -> None:
    first, second = Election(database_url, "clock"), Election(database_url, "clock")
    assert await first.elected()
    assert not await second.elected()
    assert await first.elected()
    await first.resign()
    await second.resign()


async def test_another_process_takes_over_when_the_first_is_gone(database_url: str) -> None:
    first, second = Election(database_url, "clock"), Election(database_url, "clock")
    assert await first.elected()
    await first.resign()
    deadline = time.monotonic() + TAKE_OVER_SECONDS_MAX
    while not await second.elected():
        assert time.monotonic() < deadline
    await second.resign()


async def test_different_duties_do_not_stand_in_each_others_way(database_url: str) -> None:
    first, second = Election(database_url, "clock"), Election(database_url, "housekeeping")
    assert await first.elected()
    assert await second.elected()
    await first.resign()
    await second.resign()


async def test_without_a_database_nobody_is_elected() -> None:
    assert not await Election("postgresql://nobody@127.0.0.1:1/none", "clock").elected()
