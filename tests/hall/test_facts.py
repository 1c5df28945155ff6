"""Facts are a function of the journal, and say how every ticket ended."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from queue_server.hall.core import commands as c
from queue_server.hall.core.model import Leg, PriorityClass, Rules
from queue_server.hall.rebuild import rebuild, rebuild_all
from queue_server.hall.store import facts
from queue_server.hall.timers import Timers
from queue_server.kit.presence import Presence
from queue_server.kit.rejections import Rejected
from tests.simulation import people

from .conftest import HALL, Process, calls, opens, take
from .story import at

Sql = Callable[[str], list[Any]]
TABLES = ("facts_issued", "facts_called", "facts_ended")


class Elected:
    async def elected(self) -> bool:
        return True


def every_column(sql: Sql) -> list[list[Any]]:
    return [sql(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES]


def ends(sql: Sql) -> dict[str, tuple[str, str]]:
    return {
        number: (state, reason)
        for number, state, reason in sql("SELECT number, state, reason FROM facts_ended")
    }


async def a_random_day(process: Process, seed: int, requests: int = 300) -> None:
    luck = Random(seed)
    crowd = [
        people.citizen,
        people.citizen,
        people.citizen,
        people.manager,
        people.guide("g1"),
        *(people.clerk(w, f"c-{w}", "left") for w in ("w1", "w2", "w3", "w4")),
    ]
    clock = Timers(process.queues, process.halls, Presence(None, alive_seconds=9e9), Elected())  # type: ignore[arg-type]
    for _ in range(requests):
        process.clock.advance(luck.choice((1, 20, 90)) * luck.random())
        hall = await process.halls.current(HALL)
        try:
            await process.do(luck.choice(crowd)(hall, process.clock(), luck))
        except Rejected:
            await clock.tick_hall(HALL)


@pytest.mark.parametrize("seed", [1, 3])
async def test_what_is_derived_from_the_journal_is_what_was_written(
    one: Process, sql: Sql, database_url: str, seed: int
) -> None:
    await a_random_day(one, seed)
    written = every_column(sql)
    assert len(written[0]) > 30
    assert len(written[2]) > 15
    assert await rebuild_all(database_url) == {HALL: sum(map(len, written))}
    assert every_column(sql) == written


async def test_a_rebuild_puts_right_what_somebody_has_changed(one: Process, sql: Sql) -> None:
    await one.tickets(3)
    written = every_column(sql)
    await one.database.write(lambda tx: tx.execute("DELETE FROM facts_issued WHERE number = 'A002'"))
    await one.database.write(lambda tx: tx.execute("UPDATE facts_issued SET group_id = 'B'"))
    await rebuild(one.database, HALL)
    assert every_column(sql) == written


async def test_a_rebuild_on_a_busy_morning_loses_nothing_and_doubles_nothing(
    one: Process, other: Process, sql: Sql
) -> None:
    async def queue_up() -> None:
        for _ in range(15):
            await one.tickets(4)

    async def rebuild_again_and_again() -> None:
        for _ in range(5):
            await rebuild(other.database, HALL)

    await asyncio.gather(queue_up(), rebuild_again_and_again())
    assert [number for (number,) in sql("SELECT number FROM facts_issued ORDER BY ticket_id")] == [
        f"A{n:03}" for n in range(1, 61)
    ]


# ── Every kind of ending ─────────────────────────────────────────────────────────────────────────


async def call_somebody(process: Process) -> None:
    await process.do(take())
    await process.do(opens("w1"))
    await process.do(calls("w1"))


async def test_a_service_that_was_finished(one: Process, sql: Sql) -> None:
    await one.do(c.IssueTicket((Leg("A", ("M1", "M2")),), people.Channel.SMS, "digest", PriorityClass.ILL))
    await one.do(opens("w1"))
    one.clock.advance(120)
    await one.do(calls("w1"))
    one.clock.advance(30)
    await one.do(c.StartServing("w1", "console-w1"))
    one.clock.advance(100)
    await one.do(c.HoldTicket("w1", "console-w1", "复印"))
    one.clock.advance(40)
    await one.do(c.ResumeTicket("w1", "console-w1", 2))
    one.clock.advance(200)
    await one.do(c.CompleteServing("w1", "console-w1"))
    assert sql("""
        SELECT number, group_id, state, reason, priority_class, window_id, clerk_id,
               wait_seconds, service_seconds, hold_seconds, hops, returns
        FROM facts_ended
    """) == [("L001", "A", "completed", "", "ill", "w1", "clerk-w1", 120.0, 300.0, 40.0, 0, 0)]
    assert sql("SELECT number, matters, channel, priority_class FROM facts_issued") == [
        ("L001", "M1,M2", "sms", "ill")
    ]


async def test_a_visit_with_two_legs_ends_once_after_the_second(one: Process, sql: Sql) -> None:
    await one.do(c.IssueTicket((Leg("A"), Leg("B")), people.Channel.WEB, "digest"))
    for window_id in ("w1", "w4"):
        assert ends(sql) == {}
        await one.do(opens(window_id))
        await one.do(calls(window_id))
        await one.do(c.StartServing(window_id, f"console-{window_id}"))
        await one.do(c.CompleteServing(window_id, f"console-{window_id}"))
    assert ends(sql) == {"A001": ("completed", "")}


async def test_a_place_that_was_given_up(one: Process, sql: Sql) -> None:
    (ticket_id,) = await one.tickets(1)
    await one.do(c.CancelTicket(ticket_id))
    assert ends(sql) == {"A001": ("cancelled", "cancelled")}


async def test_a_ticket_that_staff_voided(one: Process, sql: Sql) -> None:
    (ticket_id,) = await one.tickets(1)
    await one.do(c.VoidTicket(ticket_id, "left the hall", by="guide:g1"))
    assert ends(sql) == {"A001": ("cancelled", "void")}


async def test_somebody_who_missed_two_calls(one: Process, sql: Sql) -> None:
    await call_somebody(one)
    for _ in range(2):
        one.clock.advance(300)
        await one.do(c.MissTicket("w1"))
        if not ends(sql):
            await one.do(c.ReturnTicket(2))
            await one.do(calls("w1"))
    assert ends(sql) == {"A001": ("expired", "missed_twice")}


async def test_somebody_who_did_not_return_from_a_hold(one: Process, sql: Sql) -> None:
    await call_somebody(one)
    await one.do(c.StartServing("w1", "console-w1"))
    await one.do(c.HoldTicket("w1", "console-w1", "复印", 60))
    one.clock.advance(61)
    await one.do(c.ExpireHold(2))
    assert ends(sql) == {"A001": ("expired", "hold_limit")}
    assert sql("SELECT hold_seconds FROM facts_ended") == [(61.0,)]


async def test_those_who_wait_or_missed_the_call_when_the_hall_closes(one: Process, sql: Sql) -> None:
    await call_somebody(one)
    one.clock.advance(300)
    await one.do(c.MissTicket("w1"))
    await one.do(take())
    await one.do(c.CloseDay(by="manager:m1"))
    assert ends(sql) == {"A001": ("expired", "missed"), "A002": ("expired", "closed")}


async def test_those_who_are_carried_over_into_another_day(one: Process, sql: Sql) -> None:
    await one.do(c.ChangeRules(Rules(carry_over_waiting=True), by="manager:m1"))
    (ticket_id,) = await one.tickets(1)
    one.clock.advance(86_400)
    await one.queues.open_day(HALL)
    assert ends(sql) == {}
    await one.do(c.CancelTicket(ticket_id))
    issued, ended = sql("SELECT day::text FROM facts_issued UNION ALL SELECT day::text FROM facts_ended")
    assert (issued, ended) == (("2026-11-23",), ("2026-11-24",))


# ── Finding a ticket ─────────────────────────────────────────────────────────────────────────────


async def test_a_link_finds_its_ticket_open_or_ended(one: Process) -> None:
    await one.do(c.IssueTicket((Leg("A", ("M1",)),), people.Channel.WEB, "the hash of a link"))
    found = await one.database.read(lambda tx: facts.by_link(tx, "the hash of a link"))
    assert found is not None
    assert (found.number, found.matters, found.state, found.ended_at) == ("A001", ("M1",), None, None)
    await one.do(c.CancelTicket(found.ticket_id))
    found = await one.database.read(lambda tx: facts.by_id(tx, HALL, found.ticket_id))
    assert found is not None
    assert (found.state, found.reason, found.ended_at) == ("cancelled", "cancelled", at("10:00"))


async def test_a_link_that_nobody_was_given_finds_nothing(one: Process) -> None:
    assert await one.database.read(lambda tx: facts.by_link(tx, "guessed")) is None
