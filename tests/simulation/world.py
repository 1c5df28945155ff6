"""A hall under bad luck: several processes, one disk, people who repeat themselves, and one seed for all of it.

    figures = simulate(seed=7, steps=250)

Two half days of requests. Processes are killed and started again, commits are lost before or after they
are durable, reads fail, wake-ups are dropped, doubled or late, clocks are not right and step, consoles go
silent. Which of these happen, and how often, differs from seed to seed. Requests without an answer are sent
again with the same key, to any process, sometimes to two at once.

At the end the weather clears up, everybody gets an answer, and the auditor closes the books.
"""

import asyncio
import dataclasses
import hashlib
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NoReturn

import msgspec
import structlog

from queue_server.hall.core import commands as c
from queue_server.hall.core.model import About, Group, Name, Rules, Window
from queue_server.hall.core.paper import Configuration
from queue_server.kit.database import DatabaseDown
from queue_server.kit.rejections import Rejected

from . import people, virtual
from .auditor import Auditor, Claim
from .disk import Disk, Faults, Link
from .server import HALL, Gone, Server

STARTS_AT = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
HOURS = [["09:00", "12:00"]]
POLL_SECONDS = 45.0
PATIENCE_SECONDS = 20.0
COUNTED = ("commit", "replay", "lost", "kill", "again", "refused", "views")
Figures = dict[str, int | str]


class Failure(Exception):
    """A seed that broke something. The message says how to see it again."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How bad the luck of one seed is."""

    processes: int
    kills: float
    outages: float
    skew_seconds: float
    wakes_lost: float
    doubled: float
    impatient: float
    faults: Faults

    @classmethod
    def of(cls, luck: Random) -> "Weather":
        """Some seeds have all of it, some only one thing: what hides behind one fault may need its absence."""

        def now_and_then(share: float) -> float:
            return luck.choice((0.0, share, share * 4))

        return cls(
            processes=luck.choice((1, 2, 2, 3)),
            kills=now_and_then(0.05),
            outages=now_and_then(0.03),
            skew_seconds=luck.choice((0.0, 0.5, 5.0)),
            wakes_lost=luck.choice((0.0, 0.3, 1.0)),
            doubled=now_and_then(0.05),
            impatient=now_and_then(0.03),
            faults=Faults(
                slow=now_and_then(0.02),
                lost_before=now_and_then(0.02),
                lost_after=now_and_then(0.02),
                deadlock=now_and_then(0.02),
                read_fails=now_and_then(0.01),
                outage_seconds=luck.choice((0.0, 2.0, 20.0)),
            ),
        )


FAIR = Weather(2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, Faults())


class World:
    """Everything that one seed decides."""

    def __init__(self, seed: int, steps: int, *, fair_weather: bool = False) -> None:
        self.luck = Random(seed)
        self.steps = steps
        self.weather = FAIR if fair_weather else Weather.of(self.luck)
        self.faults = dataclasses.replace(self.weather.faults)
        self.disk = Disk(paper())
        self.commands: dict[str, c.Command] = {}
        self.auditor = Auditor(HALL, self.commands)
        self.disk.listeners.append(lambda rows: self._guarded(lambda: self.auditor.read(rows)))
        self.servers: list[Server] = []
        self.silent: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.asked = 0
        self.failure: BaseException | None = None
        self.failed = asyncio.Event()
        self.newest: dict[Server, str] = {}
        self._trace = hashlib.sha256()
        self._loop = asyncio.get_running_loop()
        self._skipped = timedelta()

    # ── What servers see of it ───────────────────────────────────────────────────────────────────

    def now(self) -> datetime:
        """The true time."""
        return STARTS_AT + timedelta(seconds=self._loop.time()) + self._skipped

    async def tail(self) -> int:
        """What is durable."""
        return self.disk.seq

    def publish(self, sender: Server, topic: str) -> None:
        """A wake-up on its way to the other processes."""
        for server in self.servers:
            if server is sender or self.luck.random() < self.weather.wakes_lost:
                continue
            for _ in range(self.luck.choice((1, 1, 1, 2))):
                self._loop.call_later(self.luck.choice((0.001, 0.05, 3.0)), server.bus.hear, topic)

    def claim(self, claim: Claim) -> None:
        """An answer that wrote nothing."""
        self.note("claim", claim.said)
        self._guarded(lambda: self.auditor.judge(claim))

    def on_screen(self, server: Server, text: str) -> None:
        """A board got a view."""
        self.newest[server] = text
        self.counts["views"] += 1
        self._guarded(lambda: self.auditor.shown(text))

    def stumbled(self, error: BaseException) -> None:
        """Something happened that must not."""
        if self.failure is None:
            self.failure = error
            self.failed.set()

    def note(self, *what: object) -> None:
        """A line of the trace: the same seed gives the same lines."""
        self.counts[str(what[0])] += 1
        self._trace.update(f"{self._loop.time():.6f} {what}\n".encode())

    @property
    def trace(self) -> str:
        """All lines in 16 characters."""
        return self._trace.hexdigest()[:16]

    def figures(self) -> Figures:
        """What this seed came to."""
        return {
            "trace": self.trace,
            "requests": self.asked,
            "journal": self.disk.seq,
            "claims": self.auditor.claims,
            "answers": len(self.auditor.answers),
            "hall_seconds": int((self.now() - STARTS_AT).total_seconds()),
            **{kind: self.counts[kind] for kind in COUNTED},
        }

    def _guarded(self, check: Any) -> None:
        try:
            check()
        except Exception as lie:  # noqa: BLE001 - the first one is what the seed found.
            self.stumbled(lie)

    # ── The course of things ─────────────────────────────────────────────────────────────────────

    async def live(self) -> None:
        """Two half days, then the books are closed."""
        for n in range(self.weather.processes):
            self.servers.append(self.start(f"p{n}"))
        story = asyncio.ensure_future(self._story())
        alarm = asyncio.ensure_future(self.failed.wait())
        await asyncio.wait([story, alarm], return_when=asyncio.FIRST_COMPLETED)
        for server in self.servers:
            server.kill()
        for task in (story, alarm):
            task.cancel()
        await asyncio.gather(story, alarm, return_exceptions=True)
        if self.failure is not None:
            raise self.failure
        await story

    async def _story(self) -> None:
        await self.tick()
        for share in (0.6, 1.0):
            # The doors open at 8:30 by the rules, and tickets are issued from 9.
            self._skip_to(9 * 3600 - 60)
            await self.tick()
            await self._half_day(int(self.steps * share))
            await self._evening()
        self.clear_up()
        await self.tick()
        await self._everybody_sees_the_end()
        self.auditor.close(self.disk.tables["requests"])
        self.auditor.check_facts(self.disk.tables)

    async def _half_day(self, until: int) -> None:
        crowd: list[tuple[str, people.Ask]] = [
            *((f"citizen{n}", people.citizen) for n in range(4)),
            ("w1", people.clerk("w1", "c1", "left")),
            ("w1b", people.clerk("w1", "c1", "right")),
            ("w2", people.clerk("w2", "c2", "left")),
            ("w3", people.clerk("w3", "c3", "left")),
            ("w3b", people.clerk("w3", "c4", "left")),
            ("g1", people.guide("g1")),
            ("g2", people.guide("g2")),
            ("manager", people.manager),
        ]
        await asyncio.gather(
            *(self._person(who, ask, until, Random(self.luck.random())) for who, ask in crowd),
            self._clockwork(until, Random(self.luck.random())),
            self._misfortune(until, Random(self.luck.random())),
        )

    async def _evening(self) -> None:
        """Closing time, the extension, midnight; the clock's own work is done 0, 1 or 3 times."""
        for seconds_of_day in (12.1 * 3600, 13.2 * 3600, 23.9 * 3600):
            self._skip_to(seconds_of_day)
            for _ in range(self.luck.choice((0, 1, 3))):
                await self.tick()
        if self.luck.random() < 0.2:
            self.disk.paper = smaller(self.disk.paper)
        self._skip_to(24 * 3600 + 8.2 * 3600)
        for _ in range(self.luck.choice((0, 1, 3))):
            await self.tick()

    def _skip_to(self, seconds_of_day: float) -> None:
        """Hours in which nobody comes pass at once."""
        midnight = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        self._skipped += max(timedelta(), midnight + timedelta(seconds=seconds_of_day) - self.now())

    async def tick(self) -> None:
        """The clock's work, in every process at once."""

        async def one(server: Server) -> None:
            server.timers.look_for_halls()
            with suppress(DatabaseDown, Gone):
                await server.run(server.timers.tick())

        await asyncio.gather(*(one(server) for server in self.servers))

    # ── People ───────────────────────────────────────────────────────────────────────────────────

    async def _person(self, who: str, ask: people.Ask, until: int, luck: Random) -> None:
        pace = {"manager": 0.15, "g1": 0.4, "g2": 0.4}.get(who, 1.0)
        while self.asked < until:
            await asyncio.sleep(luck.choice((0.0, 0.001, 0.01, 1.0, 120.0)) * luck.random() / pace)
            if self.asked >= until:
                return
            self.asked += 1
            key = f"{who}/{self.asked}"
            command = with_by(ask(self.auditor.hall, self.now(), luck), key)
            self.commands[key] = command
            await asyncio.sleep(luck.choice((0.0, 0.0, 0.002, 5.0)) * luck.random())
            try:
                await self._request(key, command, luck)
            except AssertionError as error:
                self.stumbled(error)

    async def _request(self, key: str, command: c.Command, luck: Random) -> None:
        """Ask until there is an answer, always with the same key."""
        while True:
            try:
                body = await self._attempt(key, command, luck)
            except (Gone, TimeoutError, DatabaseDown) as error:
                self.note("again", key, type(error).__name__)
            except Rejected as no:
                self.note("refused", key, no.code)
                return
            except Exception as error:  # noqa: BLE001 - nobody may ever be answered with anything else.
                error.add_note(f"while {key} asked {command}")
                self.stumbled(error)
                return
            else:
                self.note("answered", key, body)
                self.auditor.heard(key, body)
                if luck.random() < self.weather.doubled:  # The back button.
                    continue
                return
            await asyncio.sleep(luck.choice((0.0, 0.05, 1.0)) * luck.random())

    async def _attempt(self, key: str, command: c.Command, luck: Random) -> str:
        server = luck.choice(self.servers)
        attempts = [server.ask(key, command)]
        if luck.random() < self.weather.doubled:
            attempts.append(luck.choice(self.servers).ask(key, command))
        patience = 0.002 if luck.random() < self.weather.impatient else PATIENCE_SECONDS
        done, _ = await asyncio.wait(attempts, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        for attempt in attempts:
            if attempt not in done and luck.random() < 0.5:
                attempt.cancel()  # Some servers notice that nobody listens any more.
        if not done:
            raise TimeoutError
        first = next(attempt for attempt in attempts if attempt in done)
        return first.result()

    # ── Misfortune ───────────────────────────────────────────────────────────────────────────────

    async def _clockwork(self, until: int, luck: Random) -> None:
        while self.asked < until:
            await asyncio.sleep(luck.choice((1.0, 30.0, 120.0)) * luck.random())
            for server in self.servers:
                if luck.random() < 0.6:
                    try:
                        await server.run(server.timers.tick())
                    except (DatabaseDown, Gone):
                        continue
                    except Exception as error:  # noqa: BLE001 - the clock must not stumble at all.
                        self.stumbled(error)

    async def _misfortune(self, until: int, luck: Random) -> None:
        while self.asked < until:
            await asyncio.sleep(luck.expovariate(1 / 20.0))
            index = luck.randrange(len(self.servers))
            if luck.random() < self.weather.kills:
                self.kill_and_restart(index, luck.choice((0.0, 1.0, 20.0)) * luck.random())
            if luck.random() < self.weather.outages:
                self.note("outage", index)
                seconds = luck.uniform(0, self.faults.outage_seconds)
                self.servers[index].database.down_until = self._loop.time() + seconds
            if luck.random() < 0.1:
                skew = self.weather.skew_seconds
                self.servers[index].clock.ahead_seconds = luck.uniform(-skew, skew)
            if luck.random() < 0.1:
                self.silent ^= {luck.choice(("w1", "w2", "w3"))}

    def start(self, name: str) -> Server:
        """A fresh process, and a screen on its wall."""
        skew = self.weather.skew_seconds
        link = Link(self.disk, self.faults, Random(self.luck.random()), self.note, name)
        server = Server(
            name, self, link, ahead_seconds=self.luck.uniform(-skew, skew), poll_seconds=POLL_SECONDS
        )
        server.run(self._screen(server))
        return server

    async def _screen(self, server: Server) -> None:
        while server.alive:
            try:
                await server.screen(lambda: server.watch.board(HALL))
            except DatabaseDown:
                await asyncio.sleep(1.0)

    def kill_and_restart(self, index: int, down_seconds: float) -> None:
        """Kill a process; another takes its place after a while."""
        old = self.servers[index]
        if not old.alive:
            return
        self.note("kill", old.name)
        old.kill()
        old.database.die()

        def restart() -> None:
            self.servers[index] = self.start(old.name)

        self._loop.call_later(down_seconds, restart)

    def clear_up(self) -> None:
        """From now on nothing goes wrong, but that no wake-up arrives."""
        self.faults.none()
        for index, server in enumerate(self.servers):
            if not server.alive:
                self.servers[index] = self.start(server.name)
            else:
                server.database.down_until = 0.0

    async def _everybody_sees_the_end(self) -> None:
        await asyncio.sleep(3 * POLL_SECONDS)
        for server in self.servers:
            shown = self.auditor.shown(self.newest[server])
            if shown != self.disk.seq:
                raise AssertionError(f"the screen of {server.name} still shows {shown}, not {self.disk.seq}")


def paper() -> Configuration:
    """The hall on paper."""
    return Configuration(
        id=HALL,
        about=About(Name("模拟大厅", "Simulated hall"), "UTC"),
        hours={"weekly": dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), HOURS)},
        rules=Rules(),
        groups=(
            Group(
                "A", Name("综合业务", "General"), "A", green_prefix="L", mean_seconds=300.0, target_seconds=60
            ),
            Group("B", Name("税务", "Tax"), "B", mean_seconds=300.0, capacity=30, target_seconds=60),
        ),
        windows=(
            Window("w1", Name("1号窗口", "Window 1"), ("A",)),
            Window("w2", Name("2号窗口", "Window 2"), ("A", "B")),
            Window("w3", Name("3号窗口", "Window 3"), ("B", "A"), green=True),
        ),
    )


def smaller(old: Configuration) -> Configuration:
    """The hall after somebody has struck a group and a window from the paper."""
    left = (old.windows[0], msgspec.structs.replace(old.windows[1], group_ids=("A",)))
    return msgspec.structs.replace(old, groups=old.groups[:1], windows=left)


def with_by(command: c.Command, key: str) -> c.Command:
    """The command with its key where the journal says who asked."""
    if isinstance(command, msgspec.Struct):
        return msgspec.structs.replace(command, by=key)
    return dataclasses.replace(command, by=key)


def simulate(seed: int, steps: int, *, fair_weather: bool = False) -> Figures:
    """Live through one seed. `Failure` if anything that we promise did not hold."""
    world: World | None = None

    async def live() -> None:
        nonlocal world
        world = World(seed, steps, fair_weather=fair_weather)
        with complaints_to(world.stumbled):
            await world.live()

    luck_of_others = random.getstate()
    random.seed(seed)  # What our own code rolls dice for is part of the seed too.
    try:
        virtual.run(live())
    except Exception as error:
        raise Failure(f"./jinghao simulate --seed {seed} --steps {steps}") from error
    finally:
        random.setstate(luck_of_others)
    assert world is not None
    return world.figures()


@contextmanager
def complaints_to(stumbled: Callable[[BaseException], None]) -> Iterator[None]:
    """What our code catches and only writes to the log is a failure here, but for a database that is away."""

    def listen(_logger: object, _method: str, entry: MutableMapping[str, Any]) -> NoReturn:
        error = sys.exc_info()[1]
        if entry.get("exc_info") and error is not None and not isinstance(error, DatabaseDown):
            stumbled(error)
        raise structlog.DropEvent

    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [listen]
    try:
        yield
    finally:
        processors[:] = before
