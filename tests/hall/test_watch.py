"""What screens show after any wake-ups, lost ones included. On an event loop whose time is virtual."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from queue_server.hall.actions import Done
from queue_server.hall.core import commands as c
from queue_server.hall.core.model import Channel, Clerk, Leg
from queue_server.hall.live import watch as watching
from queue_server.hall.live.watch import Letterbox, Watch
from queue_server.kit.bus import Bus, DeafBus
from queue_server.kit.database import DatabaseDown
from tests.simulation import virtual
from tests.simulation.disk import Disk, Faults, Link
from tests.simulation.server import HALL, NoMatters, Server
from tests.simulation.world import paper

from .story import at

POLL_SECONDS = 1.0
INTERVAL_SECONDS = 0.04


@dataclass
class Hears:
    """Somebody who reads every view as it comes, and when."""

    views: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    async def read(self, box: Letterbox) -> None:
        while True:
            view = json.loads(await box.get())
            self.views.append((asyncio.get_running_loop().time(), view))

    @property
    def newest(self) -> dict[str, Any]:
        return self.views[-1][1]


class Weekday:
    """As much of a world as a server needs that nobody asks anything."""

    silent: frozenset[str] = frozenset()

    def now(self) -> datetime:
        return at("10:00") + timedelta(seconds=asyncio.get_running_loop().time())

    def publish(self, *_: object) -> None:
        """Nobody hears it."""


class OneHall:
    """A process that shows a hall, and another that changes it. Between them no wake-up arrives."""

    def __init__(self, bus: Bus | None = None) -> None:
        disk, faults, nothing = Disk(paper()), Faults(), lambda *_: None
        self.link = Link(disk, faults, Random(1), nothing, "shows")
        self.shows = self._server(self.link)
        self.changes = self._server(Link(disk, faults, Random(2), nothing, "changes"))
        self.bus = bus or DeafBus()
        self.watch = Watch(
            self.link,  # type: ignore[arg-type]
            self.shows.halls,
            NoMatters(),  # type: ignore[arg-type]
            self.bus,
            self.shows.clock,
            poll_seconds=POLL_SECONDS,
            interval_seconds=INTERVAL_SECONDS,
            phone_seconds=1.0,
        )
        self.readers: list[asyncio.Task[None]] = []

    def _server(self, link: Link) -> Server:
        return Server("p", Weekday(), link, ahead_seconds=0, poll_seconds=POLL_SECONDS)  # type: ignore[arg-type]

    async def do(self, command: c.Command) -> Done:
        return await self.changes.queues.handle(HALL, command)

    async def take(self) -> int:
        done = await self.do(c.IssueTicket((Leg("A"),), Channel.WEB, "digest"))
        return done.hall.seq - len(done.events) + 1

    async def open(self) -> None:
        await self.do(c.SignIn("w1", Clerk("c1", "c1", "c1"), "left"))

    async def call(self) -> None:
        await self.do(c.CallNext("w1", "left"))

    def hears(self, box: Letterbox) -> Hears:
        hears = Hears()
        self.readers.append(asyncio.ensure_future(hears.read(box)))
        return hears


@asynccontextmanager
async def open_hall(bus: Bus | None = None) -> AsyncIterator[OneHall]:
    hall = OneHall(bus)
    await hall.changes.queues.open_day(HALL)
    try:
        yield hall
    finally:
        for reader in hall.readers:
            reader.cancel()
        hall.watch.close()


def story(tell: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """A test on a loop of its own."""

    def test() -> None:
        virtual.run(tell())

    test.__name__ = tell.__name__
    return test


@story
async def test_a_board_a_window_a_console_a_desk_and_a_phone_end_at_the_newest_state_without_any_wake_up() -> (
    None
):
    async with open_hall() as hall:
        await hall.open()
        ticket_id = await hall.take()
        screens = [
            hall.hears(await hall.watch.board(HALL)),
            hall.hears(await hall.watch.window(HALL, "w1", as_clerk=False)),
            hall.hears(await hall.watch.window(HALL, "w1", as_clerk=True)),
            hall.hears(await hall.watch.guide(HALL)),
            hall.hears(await hall.watch.ticket(HALL, ticket_id)),
        ]
        await hall.call()
        await asyncio.sleep(2 * POLL_SECONDS)
        board, screen, console, desk, phone = (hears.newest for hears in screens)
        assert board["calls"][0]["number"] == "A001"
        assert screen["window"]["state"] == "calling"
        assert console["ticket"]["number"] == "A001"
        assert desk["tasks"][0]["window"]["id"] == "w1"
        assert phone["state"] == "called"
        assert {hears.newest["seq"] for hears in screens[:4]} == {(await hall.shows.halls.catch_up(HALL)).seq}


@story
async def test_a_wake_up_is_answered_within_a_blink() -> None:
    async with open_hall(Bus()) as hall:
        board = hall.hears(await hall.watch.board(HALL))
        await asyncio.sleep(0.1)
        await hall.open()
        woken_at = asyncio.get_running_loop().time()
        await hall.bus.wake(HALL)
        await asyncio.sleep(0.1)
        assert board.newest["windows"][0]["state"] == "ready"
        assert board.views[-1][0] - woken_at < INTERVAL_SECONDS + 0.02


@story
async def test_what_happens_after_quiet_is_shown_at_once_and_what_follows_within_a_blink_together() -> None:
    async with open_hall(Bus()) as hall:
        board = hall.hears(await hall.watch.board(HALL))
        await asyncio.sleep(0.5)
        shown = len(board.views)
        await hall.take()
        began = asyncio.get_running_loop().time()
        await hall.bus.wake(HALL)
        await asyncio.sleep(INTERVAL_SECONDS / 4)
        assert board.newest["groups"][0]["waiting"] == 1
        for _ in range(3):
            await hall.take()
            await hall.bus.wake(HALL)
        lasted_seconds = asyncio.get_running_loop().time() - began
        await asyncio.sleep(2 * INTERVAL_SECONDS)
        assert board.newest["groups"][0]["waiting"] == 4
        assert len(board.views) - shown <= 2 + lasted_seconds / INTERVAL_SECONDS


def test_phones_make_way_for_a_call_and_hear_their_positions_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    spell = watching.spelled

    async def tell() -> None:
        async with open_hall() as hall:
            tickets = [await hall.take() for _ in range(120)]
            await hall.watch.board(HALL)
            for ticket_id in tickets:
                await hall.watch.ticket(HALL, ticket_id)
            await asyncio.sleep(2 * POLL_SECONDS)
            room = hall.watch._rooms[HALL]

            def spelled(view: dict[str, Any]) -> str:
                told.append(view["type"])
                if told.count("ticket") == 25:
                    room.shown_seq = -1  # As if somebody had been called just now.
                    hall.watch._look_again(HALL)
                return spell(view)

            monkeypatch.setattr(watching, "spelled", spelled)
            await hall.do(c.CancelTicket(tickets[0]))
            await asyncio.sleep(2 * POLL_SECONDS)

    monkeypatch.setattr(watching, "PHONES_AT_ONCE", 10)
    virtual.run(tell())
    call = len(told) - 1 - told[::-1].index("board")
    assert told[:call].count("ticket") <= 25 + 10
    assert told.count("ticket") == 120


@story
async def test_a_storm_of_wake_ups_and_nothing_new_is_shown_once() -> None:
    async with open_hall(Bus()) as hall:
        board = hall.hears(await hall.watch.board(HALL))
        await asyncio.sleep(0.1)
        shown = len(board.views)
        for _ in range(100):
            await hall.bus.wake(HALL)
            await asyncio.sleep(0.005)
        assert len(board.views) == shown


@story
async def test_a_hundred_changes_in_a_second_are_shown_a_few_times_and_end_at_the_last() -> None:
    async with open_hall(Bus()) as hall:
        board = hall.hears(await hall.watch.board(HALL))
        for _ in range(100):
            await hall.take()
            await hall.bus.wake(HALL)
        lasted_seconds = asyncio.get_running_loop().time()
        await asyncio.sleep(0.2)
        assert board.newest["groups"][0]["waiting"] == 100
        assert len(board.views) <= 3 + lasted_seconds / INTERVAL_SECONDS


@story
async def test_a_phone_hears_at_most_once_a_second_while_others_move() -> None:
    async with open_hall() as hall:
        hall.watch._poll_seconds = 0.05  # As busy as a hall can be.
        tickets = [await hall.take() for _ in range(40)]
        phone = hall.hears(await hall.watch.ticket(HALL, tickets[-1]))
        await asyncio.sleep(1.5)
        heard = len(phone.views)
        began = asyncio.get_running_loop().time()
        for ticket_id in tickets[:-1]:
            await hall.do(c.CancelTicket(ticket_id))
            await asyncio.sleep(0.1)
        lasted_seconds = asyncio.get_running_loop().time() - began
        assert 2 <= len(phone.views) - heard <= lasted_seconds + 1
        await asyncio.sleep(1.5)
        assert phone.newest["ahead"] == 0


@story
async def test_a_manager_hears_at_most_once_a_second_and_the_last_of_it() -> None:
    async with open_hall() as hall:
        hall.watch._poll_seconds = 0.05  # As busy as a hall can be.
        manager = hall.hears(await hall.watch.manager(HALL))
        began_at = asyncio.get_running_loop().time()
        for _ in range(60):
            await hall.take()
            await asyncio.sleep(0.05)
        lasted_seconds = asyncio.get_running_loop().time() - began_at
        await asyncio.sleep(2.0)
        assert manager.newest["tickets"]["waiting"] == 60
        assert len(manager.views) <= 3 + lasted_seconds


@story
async def test_a_phone_hears_of_its_own_call_at_once() -> None:
    async with open_hall(Bus()) as hall:
        await hall.open()
        await hall.take()
        phone = hall.hears(await hall.watch.ticket(HALL, await hall.take()))
        await asyncio.sleep(1.2)  # It has just heard.
        await hall.do(c.CallNext("w1", "left", 4, "asked by the manager"))
        called_at = asyncio.get_running_loop().time()
        await hall.bus.wake(HALL)
        await asyncio.sleep(0.1)
        assert phone.newest["state"] == "called"
        assert phone.views[-1][0] - called_at < 0.1


@story
async def test_a_phone_hears_how_its_ticket_ended_and_then_no_more() -> None:
    async with open_hall() as hall:
        ticket_id = await hall.take()
        phone = hall.hears(await hall.watch.ticket(HALL, ticket_id))
        await hall.do(c.CancelTicket(ticket_id))
        await asyncio.sleep(2 * POLL_SECONDS)
        assert (phone.newest["state"], phone.newest["reason"]) == ("cancelled", "cancelled")
        heard = len(phone.views)
        for _ in range(5):
            await hall.take()
            await asyncio.sleep(POLL_SECONDS)
        assert len(phone.views) == heard


def test_a_view_is_spelled_once_and_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    spelled: list[str] = []
    spell = watching.spelled

    def count(view: dict[str, Any]) -> str:
        spelled.append(view["type"])
        return spell(view)

    async def tell() -> None:
        async with open_hall() as hall:
            boxes = [await hall.watch.board(HALL) for _ in range(20)]
            await asyncio.sleep(2 * POLL_SECONDS)
            for box in boxes:
                await box.get()
            monkeypatch.setattr(watching, "spelled", count)
            await hall.take()
            await asyncio.sleep(2 * POLL_SECONDS)
            texts = [await box.get() for box in boxes]
            assert all(text is texts[0] for text in texts)
            assert spelled == ["board"]

    virtual.run(tell())


@story
async def test_leaving_empties_the_room() -> None:
    async with open_hall() as hall:
        tasks = asyncio.all_tasks()
        boxes = [
            await hall.watch.board(HALL),
            await hall.watch.window(HALL, "w1", as_clerk=True),
            await hall.watch.ticket(HALL, await hall.take()),
        ]
        assert asyncio.all_tasks() > tasks
        for box in boxes:
            hall.watch.leave(HALL, box)
            hall.watch.leave(HALL, box)  # Twice does no harm.
        await asyncio.sleep(2 * POLL_SECONDS)
        assert asyncio.all_tasks() == tasks
        assert hall.watch._rooms == {}


@story
async def test_whoever_comes_back_into_an_emptied_room_is_told_again() -> None:
    async with open_hall() as hall:
        hall.watch.leave(HALL, await hall.watch.board(HALL))
        await asyncio.sleep(2 * POLL_SECONDS)
        board = hall.hears(await hall.watch.board(HALL))
        await hall.take()
        await asyncio.sleep(2 * POLL_SECONDS)
        assert board.newest["groups"][0]["waiting"] == 1


@story
async def test_whoever_joins_while_the_others_are_told_more_is_told_it_too() -> None:
    """A console looks up the matters on its way in; meanwhile the board may have been shown the future."""
    async with open_hall(Bus()) as hall:
        board = hall.hears(await hall.watch.board(HALL))
        await asyncio.sleep(0.1)
        slow = asyncio.Event()

        class SlowMatters:
            def mark(self, _: str) -> str:
                return ""

            async def matters(self, _: str) -> dict[str, Any]:
                await slow.wait()
                return {}

        hall.watch._catalogue = SlowMatters()  # type: ignore[assignment]
        joining = asyncio.ensure_future(hall.watch.window(HALL, "w1", as_clerk=True))
        await asyncio.sleep(0.01)
        await hall.open()
        await hall.bus.wake(HALL)
        await asyncio.sleep(0.1)
        assert board.newest["windows"][0]["state"] == "ready"
        slow.set()
        console = hall.hears(await joining)
        await asyncio.sleep(2 * POLL_SECONDS)
        assert console.newest["window"]["state"] == "ready"


@story
async def test_a_look_that_failed_half_way_is_made_good_by_the_next() -> None:
    async with open_hall() as hall:
        console = hall.hears(await hall.watch.window(HALL, "w1", as_clerk=True))
        await asyncio.sleep(2 * POLL_SECONDS)

        class Broken:
            def mark(self, _: str) -> str:
                return ""

            async def matters(self, _: str) -> dict[str, Any]:
                raise DatabaseDown

        hall.watch._catalogue = Broken()  # type: ignore[assignment]
        await hall.open()
        await asyncio.sleep(2 * POLL_SECONDS)
        hall.watch._catalogue = NoMatters()  # type: ignore[assignment]
        await asyncio.sleep(3 * POLL_SECONDS)
        assert console.newest["window"]["state"] == "ready"


@story
async def test_while_the_database_is_away_screens_keep_what_they_have_and_say_how_old_it_is() -> None:
    async with open_hall() as hall:
        await hall.watch.board(HALL)
        seen_at = hall.watch.as_of(HALL)
        hall.link.down_until = asyncio.get_running_loop().time() + 60
        newcomer = json.loads(await (await hall.watch.board(HALL)).get())
        assert newcomer["as_of"] == seen_at.isoformat().replace("+00:00", "Z")
        hall.link.down_until = 0
        await hall.take()
        await asyncio.sleep(3 * POLL_SECONDS)
        board = json.loads(await (await hall.watch.board(HALL)).get())
        assert board["groups"][0]["waiting"] == 1
