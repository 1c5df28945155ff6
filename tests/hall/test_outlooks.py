"""The hall is played forward beside everything else, and learns from its days: once, and the same whoever does it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from queue_server.hall.core import commands as c
from queue_server.hall.core.forecast.experience import of_day
from queue_server.hall.live import outlooks as playing
from queue_server.hall.live.outlooks import Outlooks
from queue_server.hall.rebuild import rebuild
from queue_server.hall.store import experience, journal

from .conftest import HALL, Process, calls, opens, take, until

Sql = Callable[[str], list[Any]]
ROWS = "SELECT opened_seq, through_seq, day, body::text FROM experience ORDER BY opened_seq"


@asynccontextmanager
async def looking(process: Process) -> AsyncIterator[Outlooks]:
    outlooks = Outlooks(process.database, process.clock)
    try:
        yield outlooks
    finally:
        await outlooks.close()


async def a_day(process: Process, people: int = 6) -> None:
    """Somebody comes every few minutes and is served for four; then the books are closed."""
    await process.do(opens("w1"))
    for _ in range(people):
        await process.do(take())
        process.clock.advance(60)
        await process.do(calls("w1"))
        process.clock.advance(30)
        await process.do(c.StartServing("w1", "console-w1"))
        process.clock.advance(240)
        await process.do(c.CompleteServing("w1", "console-w1"))
    await process.do(c.CloseDay())


async def test_whoever_asks_waits_for_nothing_and_hears_more_a_moment_later(one: Process) -> None:
    await one.open("w1")
    await one.tickets(4)
    async with looking(one) as outlooks:
        hall = await one.halls.current(HALL)
        assert outlooks.of(hall) is None
        await until(lambda: outlooks.of(hall))
        outlook = outlooks.of(hall)
        assert outlook is not None
        assert set(outlook.calls) == set(hall.tickets)


async def test_a_hall_is_never_played_twice_at_once_however_often_it_is_asked(
    one: Process, monkeypatch: Any
) -> None:
    at_once, most = 0, 0

    def slow(*args: Any) -> object:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        try:
            return playing_outlook(*args)
        finally:
            at_once -= 1

    playing_outlook = playing.outlook
    monkeypatch.setattr(playing, "outlook", slow)
    monkeypatch.setattr(playing, "PAUSE_SECONDS", 0.0)
    await one.open("w1")
    async with looking(one) as outlooks:
        for _ in range(10):
            await one.tickets(2)
            outlooks.of(await one.halls.current(HALL))
            await asyncio.sleep(0)
        hall = await one.halls.current(HALL)
        await until(lambda: (newest := outlooks.of(hall)) and newest.hall.seq == hall.seq)
    assert most == 1


async def test_time_alone_makes_an_outlook_old(one: Process, monkeypatch: Any) -> None:
    monkeypatch.setattr(playing, "PAUSE_SECONDS", 0.0)
    await one.open("w1")
    await one.tickets(2)
    async with looking(one) as outlooks:
        hall = await one.halls.current(HALL)
        await until(lambda: outlooks.of(hall))
        first = outlooks.of(hall)
        one.clock.advance(61)
        await until(lambda: outlooks.of(hall) is not first)


async def test_what_is_promised_at_the_window_of_a_hall_that_looks_ahead_is_what_it_expects(
    one: Process,
) -> None:
    async with looking(one) as outlooks:
        one.queues.outlook_of = outlooks.of
        await one.open("w1")
        await one.tickets(3)
        hall = await one.halls.current(HALL)
        await until(lambda: (newest := outlooks.of(hall)) and newest.newcomers)
        await one.tickets(1)
        hall = await one.halls.current(HALL)
        promise = hall.tickets[max(hall.tickets)].promise
        assert promise is not None
        assert promise.likely_at is not None


async def test_a_day_that_is_over_is_learned_once_and_as_the_journal_says(
    one: Process, other: Process, sql: Sql
) -> None:
    await a_day(one)
    async with looking(one) as ours, looking(other) as theirs:
        hall = await one.halls.current(HALL)
        routines = await asyncio.gather(ours.routine(hall), theirs.routine(hall))
    ((opened_seq, through_seq, _, _),) = sql(ROWS)
    events = await one.database.read(lambda tx: journal.read(tx, HALL, after=0))
    assert (opened_seq, through_seq) == (1, len(events))
    assert routines[0].experience.served == of_day(HALL, 1, events).served == routines[1].experience.served
    (spell,) = routines[0].experience.served["A"][""].values()
    assert (spell.count, spell.seconds) == (6, 6 * 240)


async def test_a_rebuild_comes_to_the_same(one: Process, sql: Sql) -> None:
    await a_day(one)
    hall = await one.halls.current(HALL)
    async with looking(one) as outlooks:
        await outlooks.routine(hall)
    written = sql(ROWS)
    await rebuild(one.database, HALL)
    assert sql(ROWS) == []
    async with looking(one) as outlooks:
        await outlooks.routine(hall)
    assert sql(ROWS) == written


async def test_what_is_forgotten_after_closing_stays_forgotten(one: Process, sql: Sql) -> None:
    await a_day(one)
    async with looking(one) as outlooks:
        await outlooks.routine(await one.halls.current(HALL))
        await one.do(
            c.ForgetExperience("moved", by="manager:m1"),
            also=lambda tx, *_: experience.forget_newest(tx, HALL),
        )
        routine = await outlooks.routine(await one.halls.current(HALL))
        assert routine.experience.served == {}
    one.clock.advance(24 * 3600)
    await one.queues.open_day(HALL)
    async with looking(one) as outlooks:
        assert (await outlooks.routine(await one.halls.current(HALL))).experience.served == {}
    assert len(sql(ROWS)) == 1


async def test_what_is_forgotten_in_the_morning_is_forgotten_at_once(one: Process) -> None:
    await a_day(one)
    one.clock.advance(24 * 3600)
    await one.queues.open_day(HALL)
    async with looking(one) as outlooks:
        assert (await outlooks.routine(await one.halls.current(HALL))).experience.served != {}
        await one.do(c.ForgetExperience("moved", by="manager:m1"))
        assert (await outlooks.routine(await one.halls.current(HALL))).experience.served == {}


async def test_a_hall_that_cannot_be_played_is_told_the_quick_range(one: Process, monkeypatch: Any) -> None:
    def broken(*_: Any) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(playing, "outlook", broken)
    await one.open("w1")
    await one.tickets(2)
    async with looking(one) as outlooks:
        hall = await one.halls.current(HALL)
        outlooks.of(hall)
        await until(lambda: not outlooks._passes)
        assert outlooks.of(hall) is None


def test_days_without_an_end_are_not_over() -> None:
    assert playing.days_over([], 0, is_open=False) == []
    assert playing.days_over([7], 9, is_open=True) == []
