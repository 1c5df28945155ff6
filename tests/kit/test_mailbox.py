import asyncio

import pytest

from queue_server.kit.mailbox import Closed, Mailbox


async def test_a_slow_reader_gets_the_newest_and_misses_the_ones_in_between() -> None:
    mailbox: Mailbox[int] = Mailbox()
    for value in range(1000):
        mailbox.put(value)
    assert await mailbox.get() == 999


async def test_a_reader_waits_for_what_comes_next() -> None:
    mailbox: Mailbox[str | None] = Mailbox()
    reader = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.put(None)
    mailbox.put("newer")
    assert await reader == "newer"


async def test_a_closed_mailbox_still_gives_what_is_in_it() -> None:
    mailbox: Mailbox[str] = Mailbox()
    mailbox.put("last")
    mailbox.close()
    mailbox.put("too late")
    assert await mailbox.get() == "last"
    with pytest.raises(Closed):
        await mailbox.get()


async def test_closing_wakes_whoever_waits() -> None:
    mailbox: Mailbox[str] = Mailbox()
    reader = asyncio.create_task(mailbox.get())
    await asyncio.sleep(0)
    mailbox.close()
    with pytest.raises(Closed):
        await reader


async def test_a_reader_that_gave_up_takes_nothing_with_it() -> None:
    mailbox: Mailbox[str] = Mailbox()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(mailbox.get(), 0.01)
    mailbox.put("still here")
    assert await mailbox.get() == "still here"
