"""One command and all its traces, together or not at all: claims on a real PostgreSQL.

Two processes here never hear of each other: their wake-ups are lost. Commits are stopped half way by a
lock on the journal, so that what waits behind them can be looked at.
"""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from msgspec.structs import replace

from queue_server.hall.actions import rules_on_paper
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.model import Hall, Name, Rules, TicketState
from queue_server.hall.core.rejections import ConfigurationMoved, HallUnknown, NobodyWaiting, TicketEnded
from queue_server.hall.store.entries import UnknownEvent
from queue_server.hall.timers import Timers
from queue_server.kit.bus import Bus
from queue_server.kit.database import Duplicate, OutcomeUnknown
from queue_server.kit.presence import Presence
from queue_server.kit.requests import Answer, Key

from .conftest import HALL, Process, calls, nobody_commits, opens, paper, running, take, until
from .story import at

Sql = Callable[[str], list[Any]]
KEY = Key("kiosk POST /tickets", "3f1b", "the same")

JOURNAL = "SELECT seq, name FROM journal WHERE hall_id = 'h1' ORDER BY seq"
WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'jinghao' AND wait_event_type = 'Lock'
"""


def respond(events: list[e.Event], hall: Hall) -> Answer:
    return Answer(200, f"{hall.seq}: {[type(event).__name__ for event in events]}")


def names(sql: Sql) -> list[str]:
    rows = sql(JOURNAL)
    assert [seq for seq, _ in rows] == list(range(1, len(rows) + 1)), "numbers are dense"
    return [name for _, name in rows]


def counts(sql: Sql) -> tuple[int, int, int]:
    (row,) = sql("""
        SELECT (SELECT count(*) FROM journal), (SELECT count(*) FROM facts_issued), (SELECT count(*) FROM requests)
    """)
    return row


# ── Together or not at all ───────────────────────────────────────────────────────────────────────


async def test_a_command_writes_its_event_its_fact_and_its_answer(one: Process, sql: Sql) -> None:
    await one.do(take(), request=KEY, respond=respond)
    assert counts(sql) == (2, 1, 1)


async def test_a_command_whose_last_row_fails_writes_nothing_at_all(one: Process, sql: Sql) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await one.do(take(), request=KEY, respond=respond, also=fail)
    assert counts(sql) == (1, 0, 0)
    await one.do(take(), request=KEY, respond=respond)
    assert counts(sql) == (2, 1, 1)


async def test_an_answer_that_cannot_be_spelled_leaves_nothing_behind(one: Process, sql: Sql) -> None:
    def fail(*_: object) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await one.do(take(), respond=fail)
    await one.do(take())
    assert names(sql) == ["DayOpened", "TicketIssued"]


async def test_a_hall_that_nobody_has_made_is_unknown(one: Process) -> None:
    with pytest.raises(HallUnknown):
        await one.queues.handle("nowhere", take())


async def test_whoever_listens_is_woken_when_it_is_durable(database_url: str, sql: Sql) -> None:
    heard: list[tuple[str, int]] = []
    async with running(database_url, bus=Bus()) as process:
        await process.queues.create(paper())
        process.bus.subscribe(lambda topic: heard.append((topic, len(sql(JOURNAL)))))
        await process.queues.open_day(HALL)
    assert heard == [(HALL, 1)]


# ── Two processes ────────────────────────────────────────────────────────────────────────────────


async def test_two_processes_give_every_number_once(one: Process, other: Process, sql: Sql) -> None:
    await asyncio.gather(one.tickets(30), other.tickets(30))
    assert names(sql) == ["DayOpened", *["TicketIssued"] * 60]
    numbers = [number for (number,) in sql("SELECT number FROM facts_issued ORDER BY ticket_id")]
    assert numbers == [f"A{n:03}" for n in range(1, 61)]


async def test_two_processes_never_call_one_person_to_two_windows(
    one: Process, other: Process, sql: Sql
) -> None:
    for process, window_id in ((one, "w1"), (other, "w2"), (one, "w3")):
        await process.open(window_id)
    await one.tickets(12)
    for _ in range(4):
        await asyncio.gather(one.do(calls("w1")), other.do(calls("w2")), one.do(calls("w3")))
        await asyncio.gather(
            *(close_call(process, w) for process, w in ((one, "w1"), (other, "w2"), (one, "w3")))
        )
    called = [
        body["ticket_id"]
        for (body,) in sql("SELECT body FROM journal WHERE name = 'TicketCalled' ORDER BY seq")
    ]
    assert len(called) == len(set(called)) == 12
    assert called == sorted(called), "whoever came first was called first"


async def close_call(process: Process, window_id: str) -> None:
    await process.do(c.StartServing(window_id, f"console-{window_id}"))
    await process.do(c.CompleteServing(window_id, f"console-{window_id}"))


async def test_of_two_clerks_who_press_together_the_second_hears_that_nobody_is_left(
    one: Process, other: Process
) -> None:
    await one.open("w1")
    await other.open("w2")
    await one.tickets(1)
    results = await asyncio.gather(one.do(calls("w1")), other.do(calls("w2")), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Done", "NobodyWaiting"]


async def test_whoever_lost_a_race_decides_again_on_what_the_winner_wrote(
    one: Process, other: Process
) -> None:
    await other.halls.catch_up(HALL)
    await one.tickets(1)
    done = await other.do(take())
    assert [event.number for event in done.events if isinstance(event, e.TicketIssued)] == ["A002"]


async def test_a_whole_chain_behind_a_lost_race_is_decided_again(
    one: Process, other: Process, sql: Sql
) -> None:
    await other.halls.catch_up(HALL)
    await one.tickets(3)
    assert sorted(await other.tickets(20)) == list(range(5, 25))
    assert len(names(sql)) == 24


async def test_a_refusal_is_never_given_on_a_hall_of_yesterday(one: Process, other: Process) -> None:
    await other.open("w1")
    with pytest.raises(NobodyWaiting):
        await other.do(calls("w1"))
    await one.tickets(1)
    done = await other.do(calls("w1"))
    assert isinstance(done.events[0], e.TicketCalled)


async def test_nothing_to_do_is_never_said_of_a_hall_of_yesterday(one: Process, other: Process) -> None:
    await other.open("w1")
    await one.do(c.SignOut("w1", "console-w1"))
    done = await other.do(opens("w1"))
    assert isinstance(done.events[0], e.WindowOpened)


async def test_many_at_once_in_two_processes_are_all_served(one: Process, other: Process, sql: Sql) -> None:
    for _ in range(5):
        await asyncio.gather(*(process.do(take()) for process in (one, other) for _ in range(60)))
    assert names(sql).count("TicketIssued") == 600


# ── A commit that is still on its way ────────────────────────────────────────────────────────────


async def test_nothing_is_acknowledged_before_it_is_durable(
    one: Process, database_url: str, sql: Sql
) -> None:
    with nobody_commits(database_url):
        taking = [asyncio.ensure_future(one.do(take())) for _ in range(3)]
        await until(lambda: sql(WAITING))
        known = one.halls.known(HALL)
        assert not any(task.done() for task in taking)
        assert known is not None
        assert known.seq == 1, "screens do not see it either"
    assert [(await task).hall.seq for task in taking] == [2, 3, 4]


async def test_a_refusal_waits_for_what_it_is_based_on(one: Process, database_url: str, sql: Sql) -> None:
    (ticket_id,) = await one.tickets(1)
    with nobody_commits(database_url) as lock:
        first = asyncio.ensure_future(one.do(c.CancelTicket(ticket_id)))
        await until(lambda: sql(WAITING))
        second = asyncio.ensure_future(one.do(c.CancelTicket(ticket_id)))
        await asyncio.sleep(0)
        await kill_writer(lock, sql)
        with pytest.raises(OutcomeUnknown):
            await first
        assert not second.done(), "it would have heard that the ticket has ended"
    assert isinstance((await second).events[0], e.TicketCancelled)
    with pytest.raises(TicketEnded):
        await one.do(c.CancelTicket(ticket_id))


async def test_nothing_to_do_waits_for_what_it_is_based_on(one: Process, database_url: str, sql: Sql) -> None:
    with nobody_commits(database_url) as lock:
        first = asyncio.ensure_future(one.do(opens("w1")))
        await until(lambda: sql(WAITING))
        second = asyncio.ensure_future(one.do(opens("w1")))
        await asyncio.sleep(0)
        await kill_writer(lock, sql)
        with pytest.raises(OutcomeUnknown):
            await first
    assert isinstance((await second).events[0], e.WindowOpened)


async def test_a_connection_that_dies_in_a_shared_commit_takes_nobody_s_ticket_along(
    one: Process, database_url: str, sql: Sql
) -> None:
    """Who waited for that commit does not know; who waited behind it is decided again. Keys find out."""
    keys = [Key("kiosk", str(n), "the same") for n in range(8)]
    with nobody_commits(database_url) as lock:
        shared = [asyncio.ensure_future(one.do(take(), request=k, respond=respond)) for k in keys[:4]]
        await until(lambda: sql(WAITING))
        behind = [asyncio.ensure_future(one.do(take(), request=k, respond=respond)) for k in keys[4:]]
        await asyncio.sleep(0)
        await kill_writer(lock, sql)
        unknown = await asyncio.gather(*shared, return_exceptions=True)
        assert all(isinstance(outcome, OutcomeUnknown) for outcome in unknown)
    told = [await asyncio.gather(task, return_exceptions=True) for task in behind]
    for key in keys:  # Everybody asks again, whatever they heard.

        async def work(key: Key = key) -> Answer:
            done = await one.do(take(), request=key, respond=respond)
            assert done.answer is not None
            return done.answer

        await one.requests.once(key, work)
    assert names(sql) == ["DayOpened", *["TicketIssued"] * 8]
    assert counts(sql) == (9, 8, 8)
    for (answer,) in told:
        if not isinstance(answer, BaseException):
            assert sql(JOURNAL)[answer.hall.seq - 1][1] == "TicketIssued"


async def test_whoever_goes_away_does_not_break_the_neighbours(
    one: Process, database_url: str, sql: Sql
) -> None:
    with nobody_commits(database_url):
        first = asyncio.ensure_future(one.do(take()))
        await until(lambda: sql(WAITING))
        gone, last = [asyncio.ensure_future(one.do(take())) for _ in range(2)]
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.wait([gone])
    assert (await first).hall.seq == 2
    assert (await last).hall.seq == 4
    assert names(sql) == ["DayOpened", *["TicketIssued"] * 3], "the one who went away has a ticket too"
    known = one.halls.known(HALL)
    assert known is not None
    assert known.seq == 4


async def test_an_event_that_somebody_went_away_from_is_known_here_all_the_same(
    one: Process, database_url: str, sql: Sql
) -> None:
    with nobody_commits(database_url):
        gone = asyncio.ensure_future(one.do(take()))
        await until(lambda: sql(WAITING))
        gone.cancel()
        await asyncio.wait([gone])
    await until(lambda: (one.halls.known(HALL) or Hall(HALL)).seq == 2)


async def kill_writer(lock: Any, sql: Sql) -> None:
    for (pid,) in sql(WAITING):
        lock.execute("SELECT pg_terminate_backend(%s)", (pid,))
    await until(lambda: not sql(WAITING))


# ── Repeated requests ────────────────────────────────────────────────────────────────────────────


async def ask(process: Process, command: c.Command, key: Key = KEY) -> Answer:
    """As the API does it."""

    async def work() -> Answer:
        done = await process.do(command, request=key, respond=respond)
        assert done.answer is not None
        return done.answer

    return await process.requests.once(key, work)


async def test_a_repeat_after_a_restart_gets_the_first_answer(one: Process, other: Process, sql: Sql) -> None:
    first = await ask(one, take())
    await one.tickets(3)
    assert await ask(other, take()) == first
    assert counts(sql) == (5, 4, 1)


async def test_a_repeat_gets_the_first_answer_though_it_would_be_refused_now(
    one: Process, other: Process
) -> None:
    await one.open("w1")
    await one.tickets(1)
    first = await ask(one, calls("w1"))
    assert await ask(other, calls("w1")) == first


async def test_a_repeat_of_what_changed_nothing_changes_nothing_later_either(
    one: Process, other: Process, sql: Sql
) -> None:
    await one.open("w1")
    first = await ask(one, opens("w1"))
    await one.do(c.SignOut("w1", "console-w1"))
    assert await ask(other, opens("w1")) == first
    assert names(sql)[-1] == "WindowClosed"


async def test_a_key_that_was_used_is_no_race_that_one_could_win(one: Process) -> None:
    decided = []

    def count(events: list[e.Event], hall: Hall) -> Answer:
        decided.append(hall.seq)
        return Answer(200, "")

    await one.do(take(), request=KEY, respond=respond)
    with pytest.raises(Duplicate) as taken:
        await one.do(take(), request=KEY, respond=count)
    assert taken.value.constraint == "requests_pkey"
    assert len(decided) == 1


async def test_a_used_key_does_not_take_along_who_was_decided_behind_it(one: Process, sql: Sql) -> None:
    await one.do(take(), request=KEY, respond=respond)
    results = await asyncio.gather(
        one.do(take()),
        one.do(take(), request=KEY, respond=respond),
        one.do(take()),
        one.do(take()),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results] == ["Done", "Duplicate", "Done", "Done"]
    assert names(sql) == ["DayOpened", *["TicketIssued"] * 4]


async def test_the_same_request_twice_at_once_in_two_processes_has_one_effect(
    one: Process, other: Process, sql: Sql
) -> None:
    for n in range(10):
        key = Key("kiosk", str(n), "the same")
        first, second = await asyncio.gather(ask(one, take(), key), ask(other, take(), key))
        assert first == second
    assert names(sql).count("TicketIssued") == 10


# ── The clock ────────────────────────────────────────────────────────────────────────────────────


class Elected:
    async def elected(self) -> bool:
        return True


def timers(process: Process) -> Timers:
    return Timers(process.queues, process.halls, Presence(None, alive_seconds=3600), Elected())  # type: ignore[arg-type]


async def test_the_clock_sees_a_call_that_another_process_made_without_any_wake_up(
    one: Process, other: Process
) -> None:
    clock = timers(other)
    await clock.tick()
    await one.open("w1")
    (ticket_id,) = await one.tickets(1)
    await one.do(calls("w1"))
    for process in (one, other):
        process.clock.advance_to(at("10:04"))
    await one.queues.halls.catch_up(HALL)
    await clock.tick_hall(HALL)
    hall = await one.halls.catch_up(HALL)
    assert hall.tickets[ticket_id].state is TicketState.MISSED


async def test_the_clock_in_two_processes_at_once_does_everything_once(
    one: Process, other: Process, sql: Sql
) -> None:
    await one.open("w1")
    await one.tickets(1)
    await one.do(calls("w1"))
    for process in (one, other):
        process.clock.advance_to(at("10:04"))
    await asyncio.gather(*(timers(process).tick() for process in (one, other, one)))
    assert names(sql).count("TicketMissed") == 1


async def test_a_journal_that_this_release_cannot_read_stops_its_own_hall_only(
    one: Process, sql: Sql
) -> None:
    await one.queues.create(paper("a-newer-hall"))
    await one.database.write(
        lambda tx: tx.execute(
            "INSERT INTO journal VALUES ('a-newer-hall', 1, now(), 'x', 'NotYetInvented', '{}')"
        )
    )
    with pytest.raises(UnknownEvent):
        await one.queues.handle("a-newer-hall", take())
    await one.open("w1")
    await one.tickets(1)
    await one.do(calls("w1"))
    one.clock.advance_to(at("10:04"))
    await timers(one).tick()
    assert names(sql)[-1] == "TicketMissed"


async def test_changed_rules_are_kept_for_the_days_to_come_with_the_event(one: Process, sql: Sql) -> None:
    await one.do(
        c.ChangeRules(Rules(returns_max=7), by="manager:m1"), also=rules_on_paper("manager:m1", one.clock())
    )
    version, kept = await one.queues.newest(HALL)
    assert (version, kept.rules.returns_max) == (2, 7)


# ── Two who lay out the hall at once ─────────────────────────────────────────────────────────────


def saved(process: Process, after: int, zh: str) -> Any:
    """Somebody saves the hall under another name, on top of a version."""
    laid_out = replace(paper(), about=replace(paper().about, name=Name(zh, "Hall")))
    return process.queues.save(
        laid_out,
        after=after,
        note="",
        by="admin:a1",
        respond=lambda edition: Answer(200, str(edition.version)),
    )


async def test_of_two_who_save_at_once_in_two_processes_one_is_told_of_the_other(
    one: Process, other: Process, sql: Sql
) -> None:
    outcomes = await asyncio.gather(saved(one, 1, "甲"), saved(other, 1, "乙"), return_exceptions=True)
    assert sorted(type(each).__name__ for each in outcomes) == ["Answer", "ConfigurationMoved"]
    assert sql("SELECT max(version) FROM configurations") == [(2,)]
    assert names(sql) == ["DayOpened", "HallReconfigured"]


async def test_a_version_and_its_event_are_written_together_or_not_at_all(
    one: Process, sql: Sql, database_url: str
) -> None:
    with nobody_commits(database_url):
        saving = asyncio.create_task(saved(one, 1, "甲"))
        await until(lambda: sql(WAITING))
        assert sql("SELECT max(version) FROM configurations") == [(1,)]
    await saving
    assert sql("SELECT max(version) FROM configurations") == [(2,)]
    assert (await one.halls.current(HALL)).version == 2


async def test_a_day_does_not_open_with_an_older_version_than_the_hall_has(one: Process) -> None:
    stale = await one.queues.opening(HALL)
    await one.do(c.CloseDay())
    await saved(one, 1, "甲")
    one.clock.advance(24 * 3600)
    with pytest.raises(ConfigurationMoved):
        await one.do(dataclasses.replace(stale, day=stale.day + timedelta(days=1)))
    await one.queues.open_day(HALL)
    assert (await one.halls.current(HALL)).about.name.zh == "甲"


async def test_rules_are_changed_in_the_version_that_somebody_else_was_just_writing(
    one: Process, sql: Sql, database_url: str
) -> None:
    with psycopg.connect(database_url) as elsewhere:
        elsewhere.execute(
            "INSERT INTO configurations (hall_id, version, changed_at, changed_by, note, body)"
            " SELECT hall_id, 2, changed_at, 'admin:a2', 'theirs', body FROM configurations"
        )
        command = c.ChangeRules(Rules(returns_max=7), by="manager:m1")
        changing = asyncio.create_task(one.do(command, also=rules_on_paper("manager:m1", one.clock())))
        await until(lambda: sql(WAITING))
        elsewhere.commit()
    await changing
    assert sql("SELECT version, note FROM configurations ORDER BY version") == [
        (1, ""),
        (2, "theirs"),
        (3, "rules"),
    ]
    assert (await one.queues.paper(HALL)).rules.returns_max == 7


async def test_a_hall_that_never_opened_changes_on_paper_only(one: Process, sql: Sql) -> None:
    await one.queues.create(paper("h2"))
    answer = await one.queues.save(
        replace(paper("h2"), rules=Rules(near_ahead=9)),
        after=1,
        note="",
        by="a",
        respond=lambda e: Answer(200, ""),
    )
    assert answer.status == 200
    assert sql("SELECT count(*) FROM journal WHERE hall_id = 'h2'") == [(0,)]
    assert (await one.queues.paper("h2")).rules.near_ahead == 9
