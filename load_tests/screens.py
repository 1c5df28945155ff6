"""How long it takes from a clerk's key to the number on the wall, in a hall full of screens: `bench screens`.

One server, one hall, 200 displays and 800 phones connected. Windows call, start and complete in turn; whoever
was served hangs up, and somebody new takes a ticket and follows it. One of the displays is the lobby page in
a real Chromium; the others are bare sockets.

Slices take turns: an ordinary hall (a call a second, the sixty highlights a minute of a large hall at its
busiest), a brisk one, and the reference: a bare `websockets` server that broadcasts a message as long as a
board to as many sockets, at the brisk rate.
"""

import asyncio
import itertools
import json
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import uvloop
from websockets.asyncio.client import ClientConnection, connect

from load_tests.broadcast import TELL
from load_tests.chromium import KIOSK_SIZE, LOBBY_SIZE, PHONE_SIZE, LobbyPage, chromium, first_view_kb
from load_tests.disk import FsyncProbe
from load_tests.figures import CannotMeasure, Figures, Progress, percentile, rounded
from load_tests.servers import Server, free_port
from load_tests.wire import Client, Json, Listener, hall_definition

API = "/api/v1"
ENV = {"JINGHAO_BENCH": "1", "JINGHAO_WINDOW_ABSENT_SECONDS": "1000000000"}
GROUPS = {letter: f"Group {letter}" for letter in "ABCDEFGH"}
WINDOWS = 24
ORDINARY_PER_SECOND = 1.0
BRISK_PER_SECOND = 8.0
ORDINARY_SECONDS = 20.0
SHORT_SECONDS = 5.0
OPENING_AT_ONCE = 50
STOCK_MIN = 100
SETTLE_SECONDS = 2.0
CONNECT_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many screens, and for how long."""

    displays: int = 200
    phones: int = 800
    rounds: int = 6
    ordinary_seconds: float = ORDINARY_SECONDS
    short_seconds: float = SHORT_SECONDS


def measure(plan: Plan, *, workers: int = 1) -> tuple[Figures, Figures]:
    """Figures and reference, on a server of our own."""
    with Server(workers=workers, env=ENV) as server:
        return uvloop.run(Screens(plan, server).run())


@dataclass(slots=True)
class Pressed:
    """One call of a clerk: when it was asked for and when it was answered, on the clock of the wall."""

    number: str
    ticket_id: str
    asked_at: float
    answered_at: float
    brisk: bool


@dataclass(slots=True)
class Phone:
    """Somebody who follows a ticket."""

    listener: Listener
    called_at: float | None = None


@dataclass(slots=True)
class Wall:
    """What the bare sockets of all displays showed: for each number, when each of them did."""

    shown: dict[str, list[float]] = field(default_factory=dict)
    text_bytes: int = 0
    _read: dict[bytes, list[tuple[int, str]]] = field(default_factory=dict)

    def display(self) -> Callable[[bytes, float], None]:
        """What one more display does with a view: it notes the calls that are new to it."""
        newest: int | None = None

        def hear(text: bytes, came_at: float) -> None:
            nonlocal newest
            calls = self._calls(text)
            if newest is not None:
                for seq, number in calls:
                    if seq > newest:
                        self.shown.setdefault(number, []).append(came_at)
            if calls:
                newest = max(newest or 0, calls[0][0])
            elif newest is None:
                newest = 0

        return hear

    def _calls(self, text: bytes) -> list[tuple[int, str]]:
        """The calls of a view, newest first. All displays hear the same, so each view is read once."""
        if text not in self._read:
            view = json.loads(text)
            self._read.clear()  # Who is slow reads it again.
            self._read[text] = [(call["seq"], call["number"]) for call in view.get("calls", ())]
            if view["type"] == "board":
                self.text_bytes = len(text)
        return self._read[text]


class Screens:
    """One run: a hall, its screens, its windows."""

    def __init__(self, plan: Plan, server: Server) -> None:
        self.plan = plan
        self.server = server
        self.client = Client(server.base)
        self.hall = f"screens-{uuid.uuid4().hex[:8]}"
        self.wall = Wall()
        self.displays: list[Listener] = []
        self.phones: dict[str, Phone] = {}
        self.called: dict[str, float] = {}  # When the phone of a ticket showed its call.
        self.pressed: list[Pressed] = []
        self.windows: dict[str, str] = {}
        self.serving: dict[str, str] = {}
        self.groups = itertools.cycle(GROUPS)
        self.reference_ms: list[float] = []
        self.failures: list[str] = []

    async def run(self) -> tuple[Figures, Figures]:
        """Furnish, take turns, count."""
        await self._furnish()
        async with chromium() as browser:
            ticket = await self._issue()
            views = {
                "phone": await first_view_kb(
                    browser, f"{self.server.base}/t/{ticket['link_token']}", PHONE_SIZE
                ),
                "kiosk": await first_view_kb(browser, f"{self.server.base}/kiosk/{self.hall}", KIOSK_SIZE),
                "lobby": await first_view_kb(
                    browser, f"{self.server.base}/displays/{self.hall}/lobby", LOBBY_SIZE
                ),
            }
            lobby = await LobbyPage.open(browser, self.server.base, self.hall)
            await self._fill()
            with FsyncProbe(self.server.data) as disk:
                cpu = await self._take_turns(lobby)
            seen = await lobby.seen()
        for screen in (*self.displays, *(phone.listener for phone in self.phones.values())):
            if not screen.alive:
                self.failures.append("a screen was lost")
            screen.close()
        self.client.close()
        return self._figures(seen, views, cpu, disk.ms)

    # ── The hall and its screens ────────────────────────────────────────────────────────────────

    async def _furnish(self) -> None:
        """A hall of eight groups, a clerk signed in at each of its windows."""
        groups = itertools.cycle(GROUPS)
        windows = {f"{number:02}": [next(groups)] for number in range(1, WINDOWS + 1)}
        made = await self.client.post(f"{API}/rehearsal/halls", hall_definition(self.hall, GROUPS, windows))
        self.windows = dict(made["tokens"])
        for window in self.windows:
            await self._deed(window, "session")

    async def _fill(self) -> None:
        """Hang up the displays, and let people wait with their phones."""
        place = f"/ws/halls/{self.hall}/board"
        for number in range(self.plan.displays - 1):  # The lobby page is one of them.
            self.displays.append(await self._listen(place, self.wall.display()))
            if number % OPENING_AT_ONCE == 0:
                await asyncio.sleep(0)
        for _ in range(self.plan.phones):
            await self._newcomer()
        for _ in range(STOCK_MIN - self.plan.phones):  # A window that calls finds somebody.
            await self._issue()
        await asyncio.sleep(SETTLE_SECONDS)

    async def _newcomer(self) -> None:
        """Somebody takes a ticket and follows it."""
        ticket = await self._issue()

        def hear(text: bytes, came_at: float) -> None:
            if b'"state":"called"' in text:
                self.called.setdefault(ticket["id"], came_at)

        self.phones[ticket["id"]] = Phone(await self._listen(f"/ws/tickets/{ticket['link_token']}", hear))

    async def _issue(self) -> Json:
        wanted = {"group": next(self.groups), "channel": "web"}
        return await self.client.post(f"{API}/halls/{self.hall}/tickets", wanted)

    async def _listen(self, path: str, hear: Callable[[bytes, float], None]) -> Listener:
        return await Listener.open(self.client.host, self.client.port, path, hear)

    async def _deed(self, window: str, deed: str) -> Json:
        place = f"{API}/halls/{self.hall}/windows/{window}/{deed}"
        return await self.client.post(place, {}, self.windows[window])

    # ── What happens ────────────────────────────────────────────────────────────────────────────

    async def _take_turns(self, lobby: LobbyPage) -> tuple[float, float, float]:
        """All slices. CPU of page, Chromium and server in the ordinary ones, in percent of a core."""
        plan = self.plan
        page = whole = server = 0.0
        async with self._reference() as broadcast:
            with Progress("screens", 3 * plan.rounds) as progress:
                for number in range(plan.rounds):
                    before, server_before = await lobby.cpu_seconds(), self.server.cpu_seconds()
                    await self._calls(ORDINARY_PER_SECOND, plan.ordinary_seconds, brisk=False)
                    after = await lobby.cpu_seconds()
                    page += after[0] - before[0]
                    whole += after[1] - before[1]
                    server += self.server.cpu_seconds() - server_before
                    progress.show(3 * number + 1)
                    await self._calls(BRISK_PER_SECOND, plan.short_seconds, brisk=True)
                    progress.show(3 * number + 2)
                    await broadcast()
                    progress.show(3 * number + 3)
        seconds = plan.rounds * plan.ordinary_seconds
        return page / seconds * 100, whole / seconds * 100, server / seconds * 100

    async def _calls(self, per_second: float, seconds: float, *, brisk: bool) -> None:
        """Windows call in turn, each in its own time: a slow answer delays no other call."""
        windows = itertools.cycle(self.windows)
        calls = [
            asyncio.create_task(self._at(delay, self._call(next(windows), brisk=brisk)))
            for delay in _instants(per_second, seconds)
        ]
        await asyncio.gather(*calls)
        await asyncio.sleep(SETTLE_SECONDS)

    async def _at(self, delay: float, work: Awaitable[None]) -> None:
        await asyncio.sleep(delay)
        await work

    async def _call(self, window: str, *, brisk: bool) -> None:
        """A clerk completes the last service, and some time later presses the key for the next."""
        if (served := self.serving.pop(window, None)) is not None:
            await self._deed(window, "start")
            await self._deed(window, "completion")
            if (phone := self.phones.pop(served, None)) is not None:
                phone.listener.close()
            await self._newcomer()
            await asyncio.sleep(0.1)
        asked_at = time.time()
        ticket = (await self._deed(window, "calls"))["ticket"]
        self.pressed.append(Pressed(ticket["number"], ticket["id"], asked_at, time.time(), brisk))
        self.serving[window] = ticket["id"]

    @asynccontextmanager
    async def _reference(self) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """A slice of bare broadcasts, to as many sockets as there are displays and as long as a board."""
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "load_tests.broadcast", str(port)
        )
        listeners: list[Listener] = []
        told_at = 0.0

        def hear(_: bytes, came_at: float) -> None:
            self.reference_ms.append((came_at - told_at) * 1000)

        async def broadcast() -> None:
            nonlocal told_at
            text = "." * self.wall.text_bytes
            for _ in range(round(BRISK_PER_SECOND * self.plan.short_seconds)):
                told_at = time.time()
                await teller.send(text)
                await teller.recv()
                await asyncio.sleep(1 / BRISK_PER_SECOND)

        try:
            teller = await _patiently(port)
            for _ in range(self.plan.displays):
                listeners.append(await Listener.open("127.0.0.1", port, "/", hear))
            yield broadcast
            await teller.close()
        finally:
            for listener in listeners:
                listener.close()
            process.terminate()
            await process.wait()

    # ── What it came to ─────────────────────────────────────────────────────────────────────────

    def _figures(
        self,
        seen: dict[str, float],
        views: dict[str, float],
        cpu: tuple[float, float, float],
        fsync_ms: list[float],
    ) -> tuple[Figures, Figures]:
        ordinary = [press for press in self.pressed if not press.brisk]
        brisk = [press for press in self.pressed if press.brisk]
        unseen = sum(press.number not in seen for press in self.pressed)
        if not ordinary or unseen == len(self.pressed):
            raise CannotMeasure("the lobby page has not shown a single call")

        def visible(presses: list[Pressed]) -> list[float]:
            return [(seen[p.number] - p.asked_at) * 1000 for p in presses if p.number in seen]

        def on_sockets(presses: list[Pressed]) -> list[float]:
            return [(at - p.asked_at) * 1000 for p in presses for at in self.wall.shown.get(p.number, ())]

        def on_phones(presses: list[Pressed]) -> list[float]:
            return [
                (self.called[p.ticket_id] - p.asked_at) * 1000 for p in presses if p.ticket_id in self.called
            ]

        acknowledged = [(seen[p.number] - p.answered_at) * 1000 for p in ordinary if p.number in seen]
        missing = sum(
            len(self.displays) - len(self.wall.shown.get(press.number, ())) for press in self.pressed
        )
        socket_p99, reference_p99 = (
            percentile(on_sockets(ordinary), 99),
            percentile(self.reference_ms, 99),
        )
        ratio = socket_p99 / reference_p99 if socket_p99 and reference_p99 else None
        return {
            "visible_p50_ms": rounded(percentile(visible(ordinary), 50), 1),
            "visible_p99_ms": rounded(percentile(visible(ordinary), 99), 1),
            "acknowledged_to_visible_p50_ms": rounded(percentile(acknowledged, 50), 1),
            "socket_p50_ms": rounded(percentile(on_sockets(ordinary), 50), 1),
            "socket_p99_ms": rounded(socket_p99, 1),
            "phone_p99_ms": rounded(percentile(on_phones(ordinary), 99), 1),
            "brisk_visible_p50_ms": rounded(percentile(visible(brisk), 50), 1),
            "brisk_visible_p99_ms": rounded(percentile(visible(brisk), 99), 1),
            "brisk_socket_p99_ms": rounded(percentile(on_sockets(brisk), 99), 1),
            "brisk_phone_p99_ms": rounded(percentile(on_phones(brisk), 99), 1),
            "displays": self.plan.displays,
            "phones": self.plan.phones,
            "calls": len(self.pressed),
            "calls_not_shown": unseen + missing,
            "screens_lost": len(self.failures),
            "lobby_cpu_percent": rounded(cpu[0], 1),
            "lobby_chromium_cpu_percent": rounded(cpu[1], 1),
            "server_cpu_percent": rounded(cpu[2], 1),
            **{f"{page}_first_view_kb": rounded(kb, 1) for page, kb in views.items()},
            "ratio_to_reference": rounded(ratio),
        }, {
            "reference_p50_ms": rounded(percentile(self.reference_ms, 50), 1),
            "reference_p99_ms": rounded(reference_p99, 1),
            "reference_bytes": self.wall.text_bytes,
            "fsync_p50_ms": rounded(percentile(fsync_ms, 50), 3),
            "fsync_p99_ms": rounded(percentile(fsync_ms, 99), 3),
        }


def _instants(per_second: float, seconds: float) -> list[float]:
    """When to call, seconds from now: evenly, with every fourth pair at the same moment, as it happens.

    >>> _instants(2.0, 4.0)
    [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.0]
    """
    return [
        (number - (number % 8 == 7)) / per_second for number in range(max(1, round(per_second * seconds)))
    ]


async def _patiently(port: int) -> ClientConnection:
    """A connection to a server that has just been started."""
    deadline = time.monotonic() + CONNECT_SECONDS_MAX
    while time.monotonic() < deadline:
        with suppress(OSError):
            return await connect(f"ws://127.0.0.1:{port}{TELL}", compression=None)
        await asyncio.sleep(0.05)
    raise CannotMeasure("the reference did not start")
