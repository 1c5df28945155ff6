"""What must hold when it gets rough.

    torture rush --workers 2 --json     64 clients take 2,000 tickets while 32 clerks call until nobody waits
    torture kill --rounds 50 --json     the server is killed under load, again and again

In a rush every number is unique and everybody is called once. After a kill everything that was acknowledged
is there; what was not is sent again with its key and has one effect. Both count rather than judge: the
tests in `tests/load_tests` say which counts must be zero.
"""

import argparse
import asyncio
import itertools
import json
import os
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import uvloop

from load_tests.bench import BENCH
from load_tests.figures import (
    CannotMeasure,
    Figures,
    Progress,
    could_not_measure,
    percentile,
    report,
    rounded,
    say,
    whole_number,
)
from load_tests.servers import Server
from load_tests.wire import (
    Answer,
    Client,
    Connection,
    ConnectionLost,
    Json,
    Prepared,
    Refused,
    hall_definition,
)

API = "/api/v1"
GROUPS = {"A": "general", "B": "tax"}
NOBODY_YET_SECONDS = 0.02
RUSH_SECONDS_MAX = 300.0
KILL_CITIZENS = 8
KILL_CLERKS = 8
LIFE_MS = (80, 400)  # How long a server lives under load before it is killed.
STOCK_MAX = 2000  # Nobody comes any more while so many wait.
RECENT_MAX = 300  # So many of the newest tickets are read again after each kill, and all of them at the end.
READERS = 16
TRIES_MAX = 50
TRY_AGAIN_SECONDS = 0.1


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `torture`."""
    parser = argparse.ArgumentParser(prog="jinghao torture", description="What must hold when it gets rough.")
    parser.add_argument("name", nargs="?", choices=["rush", "kill"], default="kill")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--workers", type=whole_number, default=1, help="server processes")
    parser.add_argument("--tickets", type=whole_number, default=2000, help="how many tickets a rush takes")
    parser.add_argument("--rounds", type=whole_number, default=50, help="how often the server is killed")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    name = f"torture {options.name}"
    try:
        if options.name == "rush":
            figures, reference = rush(workers=options.workers, tickets=options.tickets)
        else:
            figures, reference = kill(rounds=options.rounds, workers=options.workers, seed=options.seed)
    except (CannotMeasure, Refused, ConnectionLost, OSError) as error:
        return could_not_measure(name, error)
    report(name, figures, reference, as_json=options.json)
    return 0


# ── The rush ─────────────────────────────────────────────────────────────────────────────────────


def rush(
    *, workers: int = 1, tickets: int = 2000, citizens: int = 64, clerks: int = 32
) -> tuple[Figures, Figures]:
    """Everybody at once in one hall, on a server of our own."""
    with Server(workers=workers, env=BENCH) as server:
        return uvloop.run(Rush(server.base, tickets, citizens, clerks).run())


class Rush:
    """One hall, many hands."""

    def __init__(self, base: str, tickets: int, citizens: int, clerks: int) -> None:
        self.base = base
        self.tickets = tickets
        self.citizens = citizens
        self.clerks = clerks
        self.hall = f"rush-{uuid.uuid4().hex[:8]}"
        self.issued: list[Json] = []
        self.called: list[str] = []
        self.answers: Counter[int] = Counter()
        self.unexpected: Counter[str] = Counter()
        self.issue_ms: list[float] = []
        self.call_ms: list[float] = []
        self.left = tickets

    async def run(self) -> tuple[Figures, Figures]:
        """Issue and call at the same time, then look at everything again."""
        begun = time.monotonic()
        async with Client(self.base) as client:
            tokens = await open_hall(client, self.hall, self.clerks)
            with Progress("rush", 2 * self.tickets) as progress:
                issuing = [asyncio.create_task(self._citizen()) for _ in range(self.citizens)]
                everybody = asyncio.gather(*issuing)
                calling = [
                    asyncio.create_task(self._clerk(window, token, everybody, progress))
                    for window, token in tokens.items()
                ]
                try:
                    async with asyncio.timeout(RUSH_SECONDS_MAX):
                        await asyncio.gather(everybody, *calling)
                except TimeoutError:
                    raise CannotMeasure(f"the rush was not over after {RUSH_SECONDS_MAX:.0f} s") from None
            rushed = time.monotonic() - begun
            lost = await self._lost(client)
        numbers = Counter(ticket["number"] for ticket in self.issued)
        called = Counter(self.called)
        return {
            "tickets": len(self.issued),
            "called": len(called),
            "duplicates": numbers.total() - len(numbers),
            "double_calls": called.total() - len(called),
            "server_errors": sum(n for status, n in self.answers.items() if status >= 500),
            "unexpected_answers": self.unexpected.total(),
            "lost": lost,
            "issue_p50_ms": rounded(percentile(self.issue_ms, 50)),
            "issue_p99_ms": rounded(percentile(self.issue_ms, 99)),
            "call_p50_ms": rounded(percentile(self.call_ms, 50)),
            "call_p99_ms": rounded(percentile(self.call_ms, 99)),
            "wall_s": rounded(rushed),
        }, {"tickets": self.tickets, "citizens": self.citizens, "clerks": self.clerks, **self.unexpected}

    async def _citizen(self) -> None:
        """Take tickets until all are taken."""
        async with Client(self.base) as client:
            while self.left > 0:
                self.left -= 1
                body = {"group": "AB"[self.left % 2], "channel": "kiosk"}
                place = f"{API}/halls/{self.hall}/tickets"
                answer = await self._timed(client, place, body, None, self.issue_ms)
                if answer.status == 201:
                    self.issued.append(answer.json())

    async def _clerk(
        self, window: str, token: str, everybody: asyncio.Future[list[None]], progress: Progress
    ) -> None:
        """Call, start, complete, until everybody has a ticket and nobody waits."""
        place = f"{API}/halls/{self.hall}/windows/{window}"
        async with Client(self.base) as client:
            while True:
                all_issued = everybody.done()
                answer = await self._timed(client, f"{place}/calls", {}, token, self.call_ms)
                if answer.status >= 400:
                    if all_issued:
                        return
                    await asyncio.sleep(NOBODY_YET_SECONDS)
                else:
                    self.called.append(answer.json()["ticket"]["id"])
                    await self._timed(client, f"{place}/start", {}, token, self.call_ms)
                    await self._timed(client, f"{place}/completion", {}, token, self.call_ms)
                    progress.show(len(self.issued) + len(self.called))

    async def _timed(
        self, client: Client, path: str, body: Json, token: str | None, ms: list[float]
    ) -> Answer:
        """One request, counted. A 503 is tried again with its key, as anybody would, but it counts as an error."""
        request = Prepared("POST", path, body, token).with_key(client.new_key())
        while True:
            begun = time.perf_counter()
            (answer,) = await client.exchange([request])
            ms.append((time.perf_counter() - begun) * 1000)
            self.answers[answer.status] += 1
            if answer.status >= 400 and answer.code != "nobody_waiting":
                self.unexpected[f"{answer.status}_{answer.code}_answers"] += 1
            if answer.status != 503:
                return answer
            await asyncio.sleep(TRY_AGAIN_SECONDS)

    async def _lost(self, client: Client) -> int:
        """How many tickets are gone, or were never served."""
        views = await read_all(client, [ticket["link_token"] for ticket in self.issued])
        return sum(
            1
            for ticket, view in zip(self.issued, views, strict=True)
            if view is None or view["number"] != ticket["number"] or view["state"] != "completed"
        )


# ── The kill ─────────────────────────────────────────────────────────────────────────────────────


def kill(*, rounds: int = 50, workers: int = 1, seed: int = 1) -> tuple[Figures, Figures]:
    """Kill a server of our own under load, `rounds` times; every second time its database with it."""
    server = Server(workers=workers, env=BENCH)
    with Ledger(server.data / "ledger.jsonl") as ledger:
        try:
            loop = KillLoop(server, ledger, random.Random(seed))
            uvloop.run(loop.run(rounds))
            return loop.figures(rounds, server.stop_and_count_left_behind())
        finally:
            server.stop()


class Ledger:
    """What the server has acknowledged, on our own disk before anything is killed."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def note(self, deed: str, answer: Json) -> None:
        """One acknowledged answer."""
        os.write(self._handle, json.dumps({"deed": deed, **answer}).encode() + b"\n")

    def flush(self) -> None:
        """Make everything noted durable."""
        os.fdatasync(self._handle)

    def read(self) -> list[Json]:
        """Everything noted, from the disk."""
        return [json.loads(line) for line in self.file.read_text().splitlines()]


@dataclass(slots=True)
class KillLoop:
    """A server that dies again and again, its customers, and what they were promised."""

    server: Server
    ledger: Ledger
    luck: random.Random
    hall: str = field(default_factory=lambda: f"kill-{uuid.uuid4().hex[:8]}")
    tokens: dict[str, str] = field(default_factory=dict)
    unanswered: dict[str, tuple[str, Prepared]] = field(default_factory=dict)  # Deed and request by key.
    waiting: int = 0
    dying: bool = False
    resent: int = 0
    changed_answers: int = 0
    lost_tickets: int = 0
    lost_calls: int = 0
    extra_effects: int = 0
    server_errors: int = 0
    start_ms: list[float] = field(default_factory=list)
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    sent: int = 0

    async def run(self, rounds: int) -> None:
        """Live, die, check; and a last look at everything."""
        with Progress("kill", rounds) as progress:
            for number in range(rounds + 1):
                begun = time.monotonic()
                self.server.spawn()
                await asyncio.to_thread(self.server.wait_until_ready)
                self.start_ms.append((time.monotonic() - begun) * 1000)
                async with Client(self.server.base) as client:
                    if number == 0:
                        self.tokens = await open_hall(client, self.hall, KILL_CLERKS)
                    await self._settle(client)
                    await self._check(client, everything=number == rounds)
                if number < rounds:
                    await self._live_and_die(everything=number % 2 == 1)
                    progress.show(number + 1)

    async def _live_and_die(self, *, everything: bool) -> None:
        """Load, and in the middle of it the end."""
        self.dying = False
        customers = [asyncio.create_task(self._citizen()) for _ in range(KILL_CITIZENS)]
        customers += [asyncio.create_task(self._clerk(*clerk)) for clerk in self.tokens.items()]
        await asyncio.sleep(self.luck.uniform(*LIFE_MS) / 1000)
        self.dying = True
        self.server.kill(everything=everything)
        await asyncio.gather(*customers)
        self.ledger.flush()

    async def _citizen(self) -> None:
        """Take tickets until the server is gone."""
        request = Prepared("POST", f"{API}/halls/{self.hall}/tickets", {"group": "A", "channel": "kiosk"})
        try:
            connection = await self._connect()
            while not self.dying:
                if self.waiting > STOCK_MAX:
                    await asyncio.sleep(NOBODY_YET_SECONDS)
                    continue
                await self._send(connection, "issue", request)
                self.waiting += 1
        except (ConnectionLost, OSError):
            return

    async def _clerk(self, window: str, token: str) -> None:
        """Call and serve until the server is gone. It may have died after any of the three steps."""
        place = f"{API}/halls/{self.hall}/windows/{window}"
        deeds = ("completion", "start", "calls")
        steps = [(deed, Prepared("POST", f"{place}/{deed}", {}, token)) for deed in deeds]
        try:
            connection = await self._connect()
            while not self.dying:
                deed, request = steps.pop()
                steps.insert(0, (deed, request))
                answer = await self._send(connection, deed, request)
                if answer.code == "nobody_waiting":
                    steps.append(steps.pop(0))
                    await asyncio.sleep(NOBODY_YET_SECONDS)
                elif deed == "calls" and answer.status < 400:
                    self.waiting -= 1
        except (ConnectionLost, OSError):
            return

    async def _connect(self) -> Connection:
        port = self.server.port
        return await Connection.open("127.0.0.1", port)

    async def _send(self, connection: Connection, deed: str, request: Prepared) -> Answer:
        """One request with a key of its own, in the ledger once it was answered."""
        self.sent += 1
        key = f"{self.name}-{self.sent}"
        self.unanswered[key] = (deed, request)
        answer = await connection.send(request.with_key(key))
        if answer.status < 500:
            del self.unanswered[key]
            self._note(deed, key, answer)
        elif answer.status != 503:
            self._count_error(deed, answer)
        return answer

    def _note(self, deed: str, key: str, answer: Answer) -> None:
        if answer.status < 400:
            body = answer.json()
            ticket = body if deed == "issue" else body.get("ticket") or {}
            self.ledger.note(
                deed, {"key": key, "id": ticket.get("id"), "number": ticket.get("number"),
                       "link_token": ticket.get("link_token")}
            )  # fmt: skip

    async def _settle(self, client: Client) -> None:
        """Send again what had no answer, twice: both answers must be the same. Then empty the windows."""
        again, self.unanswered = self.unanswered, {}
        for key, (deed, request) in again.items():
            self.resent += 1
            first, second = [await _ask_patiently(client, request.with_key(key)) for _ in range(2)]
            if first.status < 400:
                self.changed_answers += (first.status, first.body) != (second.status, second.body)
            self._count_error(deed, first)
            self._note(deed, key, first)
        for window, token in self.tokens.items():
            place = f"{API}/halls/{self.hall}/windows/{window}"
            answer = await client.ask("POST", f"{place}/session", {"take_over": True}, token)
            self._count_error("session", answer)
            for deed in ("start", "completion"):
                self._count_error(deed, await client.ask("POST", f"{place}/{deed}", {}, token))
        self.ledger.flush()

    def _count_error(self, deed: str, answer: Answer) -> None:
        """A server that lives answers; only a dying one may be silent."""
        if answer.status >= 500:
            self.server_errors += 1
            say(f"{deed}: {answer.status} {answer.code}")

    async def _check(self, client: Client, *, everything: bool) -> None:
        """Whether the promises hold: tickets and calls in the ledger are there, and nothing else is."""
        notes = self.ledger.read()
        issued = {note["id"]: note for note in notes if note["deed"] == "issue"}
        called = {note["id"] for note in notes if note["deed"] == "calls"}
        board = await client.get(f"{API}/halls/{self.hall}")
        self.waiting = sum(int(group["waiting"]) for group in board["groups"])
        # Every request was answered by now, so who waits is exactly who was issued a ticket and not called.
        self.extra_effects += abs(self.waiting - (len(issued) - len(called)))
        recent = list(issued.values())
        if not everything:
            recent = recent[-RECENT_MAX:]
        views = await read_all(client, [note["link_token"] for note in recent])
        for note, view in zip(recent, views, strict=True):
            if view is None or view["number"] != note["number"]:
                self.lost_tickets += 1
            elif note["id"] in called and view["state"] == "waiting":
                self.lost_calls += 1

    def figures(self, rounds: int, left_behind: int) -> tuple[Figures, Figures]:
        """What the ledger and the server came to."""
        notes = self.ledger.read()
        issued = [note for note in notes if note["deed"] == "issue"]
        called = Counter(note["id"] for note in notes if note["deed"] == "calls")
        numbers = Counter(note["number"] for note in issued)
        return {
            "rounds": rounds,
            "tickets": len(issued),
            "calls": called.total(),
            "lost_tickets": self.lost_tickets,
            "lost_calls": self.lost_calls,
            "duplicates": numbers.total() - len(numbers),
            "double_calls": called.total() - len(called),
            "resent_requests": self.resent,
            "changed_answers": self.changed_answers,
            "extra_effects": self.extra_effects,
            "server_errors": self.server_errors,
            "processes_left_behind": left_behind,
            "start_p50_ms": rounded(percentile(self.start_ms, 50), 0),
            "start_max_ms": rounded(max(self.start_ms), 0),
        }, {"rounds": rounds, "life_min_ms": LIFE_MS[0], "life_max_ms": LIFE_MS[1]}


async def _ask_patiently(client: Client, request: bytes) -> Answer:
    """One request as often as it takes: a server that has just recovered may still say 503."""
    for attempt in itertools.count(1):
        try:
            (answer,) = await client.exchange([request])
            if answer.status != 503 or attempt == TRIES_MAX:
                return answer
        except (ConnectionLost, OSError):
            if attempt == TRIES_MAX:
                raise
        await asyncio.sleep(TRY_AGAIN_SECONDS)
    raise AssertionError


async def open_hall(client: Client, hall: str, clerks: int) -> dict[str, str]:
    """A hall with two groups that every window serves, and a clerk signed in at each; their tokens."""
    windows = {f"{number:02}": list(GROUPS) for number in range(1, clerks + 1)}
    made = await client.post(f"{API}/rehearsal/halls", hall_definition(hall, GROUPS, windows))
    for window in windows:
        await client.post(f"{API}/halls/{hall}/windows/{window}/session", {}, made["tokens"][window])
    return dict(made["tokens"])


async def read_all(client: Client, links: Sequence[str]) -> list[Json | None]:
    """What each link shows, in their order; None for a link that shows nothing."""
    views: list[Json | None] = [None] * len(links)
    remaining = iter(enumerate(links))

    async def read() -> None:
        for index, link in remaining:
            answer = await client.ask("GET", f"{API}/tickets/{link}")
            views[index] = answer.json() if answer.status == 200 else None

    await asyncio.gather(*(read() for _ in range(READERS)))
    return views


if __name__ == "__main__":
    sys.exit(main())
