"""One server process in a simulated world: our own code from `Requests` down, on a link that may fail."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterable
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Protocol

from queue_server.hall.actions import HallContended, Queues
from queue_server.hall.core import commands as c
from queue_server.hall.core.events import Event
from queue_server.hall.core.model import Hall
from queue_server.hall.live.watch import Letterbox, Watch
from queue_server.hall.timers import Timers
from queue_server.kit.bus import Bus
from queue_server.kit.mailbox import Closed
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer, Key, Requests

from .auditor import Claim, outcome

HALL = "h1"
clock_reads: ContextVar[list[datetime] | None] = ContextVar("clock_reads", default=None)


class Gone(Exception):
    """The connection to the server broke: nobody knows what became of the request."""


class ProcessClock:
    """A process's own clock. It goes forward only, but it need not be right."""

    def __init__(self, world_now: Callable[[], datetime], ahead_seconds: float) -> None:
        self._world_now = world_now
        self._latest = world_now()
        self.ahead_seconds = ahead_seconds

    def __call__(self) -> datetime:
        """Now, and a note for the auditor."""
        now = self._world_now() + timedelta(seconds=self.ahead_seconds)
        self._latest = now = max(now, self._latest)
        reads = clock_reads.get()
        if reads is not None:
            reads.append(now)
        return now

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Presence:
    """Which consoles are silent, as the world has it: in place of `kit.presence.Presence`."""

    def __init__(self, silent: set[str]) -> None:
        self._silent = silent

    async def missing(self, expected: Iterable[str]) -> set[str]:
        """Who was there and is not."""
        return {who for who in expected if who.split(":")[1] in self._silent}


class Elected:
    """Every process thinks that the clock's work is its own: the worst case of an election."""

    async def elected(self) -> bool:
        """Of course."""
        return True


class NoMatters:
    """A catalogue of a hall where everything is mapped by hand."""

    async def matters(self, _: str) -> dict[str, Any]:
        """None."""
        return {}

    def mark(self, _: str) -> str:
        """Always the same."""
        return ""


class SharedBus(Bus):
    """Wake-ups: at once inside the process, outside when the world feels like it."""

    def __init__(self, publish: Callable[[str], None]) -> None:
        super().__init__()
        self._publish_to_others = publish

    async def wake(self, topic: str) -> None:
        """Tell this process, and perhaps the others."""
        self._deliver(topic)
        self._publish_to_others(topic)

    def hear(self, topic: str) -> None:
        """Something came in from another process."""
        self._deliver(topic)


class Surroundings(Protocol):
    """What a server needs of its world."""

    silent: set[str]

    def now(self) -> datetime: ...
    async def tail(self) -> int: ...
    def publish(self, sender: "Server", topic: str) -> None: ...
    def claim(self, claim: Claim) -> None: ...
    def on_screen(self, server: "Server", text: str) -> None: ...
    def stumbled(self, error: BaseException) -> None: ...


class Server:
    """A process, from its start to its end by kill -9."""

    def __init__(
        self, name: str, world: Surroundings, database: Any, *, ahead_seconds: float, poll_seconds: float
    ) -> None:
        self.name = name
        self.alive = True
        self.database = database
        self._world = world
        self._tasks: dict[asyncio.Task[Any], None] = {}  # In order, unlike a set.
        self.clock = ProcessClock(world.now, ahead_seconds)
        self.bus = SharedBus(lambda topic: world.publish(self, topic) if self.alive else None)
        self.queues = Queues(database, self.bus, NoMatters(), self.clock)  # type: ignore[arg-type]
        self.halls = self.queues.halls
        self.requests = Requests(database)
        self.halls = self.queues.halls
        self.timers = Timers(self.queues, self.halls, Presence(world.silent), Elected())  # type: ignore[arg-type]
        self.watch = Watch(
            database,
            self.halls,
            NoMatters(),  # type: ignore[arg-type]
            self.bus,
            self.clock,
            poll_seconds=poll_seconds,
            interval_seconds=0.04,
            phone_seconds=1.0,
        )

    # ── Requests ─────────────────────────────────────────────────────────────────────────────────

    def ask(self, key: str, command: c.Command) -> asyncio.Future[str]:
        """Send a request. The answer's body, a refusal, or `Gone`."""
        return self.run(self._answer(key, command))

    async def _answer(self, key: str, command: c.Command) -> str:
        async def work() -> Answer:
            reads: list[datetime] = []
            clock_reads.set(reads)
            from_seq = await self._world.tail()
            try:
                done = await self.queues.handle(
                    HALL, command, request=Key("sim", key, key), respond=spelled_out
                )
            except HallContended as no:
                self._world.stumbled(no)
                raise
            except Rejected as no:
                to_seq = await self._world.tail()
                self._world.claim(Claim(command, no.code, from_seq, to_seq, tuple(reads)))
                raise
            if not done.events:
                to_seq = await self._world.tail()
                self._world.claim(Claim(command, "nothing", from_seq, to_seq, tuple(reads)))
            assert done.answer is not None
            return done.answer

        answer = await self.requests.once(Key("sim", key, key), work)
        return answer.body

    def run(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        """Do something in this process. What waits for it sees `Gone` when the process dies."""
        result: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        result.add_done_callback(lambda done: None if done.cancelled() else done.exception())
        if not self.alive:
            work.close()
            result.set_exception(Gone())
            return result
        task = asyncio.ensure_future(work)
        self._tasks[task] = None

        def finished(task: asyncio.Task[Any]) -> None:
            self._tasks.pop(task, None)
            error = None if task.cancelled() else task.exception()
            if result.done():
                return
            if not self.alive or task.cancelled():
                result.set_exception(Gone())
            elif error is not None:
                result.set_exception(error)
            else:
                result.set_result(task.result())

        task.add_done_callback(finished)
        result.add_done_callback(lambda done: task.cancel() if done.cancelled() else None)
        return result

    # ── Screens ──────────────────────────────────────────────────────────────────────────────────

    async def screen(self, subscribe: Callable[[], Coroutine[Any, Any, Letterbox]]) -> None:
        """A screen at this process, until the process dies. Runs in the process."""
        box = await subscribe()
        try:
            while self.alive:
                self._world.on_screen(self, await box.get())
        except Closed:
            pass
        finally:
            self.watch.leave(HALL, box)

    # ── The end ──────────────────────────────────────────────────────────────────────────────────

    def kill(self) -> None:
        """kill -9: no good-bye. Whatever its code still does in the middle of dying changes nothing."""
        self.alive = False
        self.watch.close()
        for task in list(self._tasks):
            task.cancel()


def spelled_out(events: list[Event], after: Hall) -> Answer:
    """The answer to a request: which lines of the journal it wrote."""
    first = after.seq - len(events) + 1
    lines = [[seq, type(event).__name__] for seq, event in enumerate(events, start=first)]
    return Answer(200, json.dumps({"events": lines}))


__all__ = ["HALL", "Gone", "Server", "Surroundings", "outcome"]
