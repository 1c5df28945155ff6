"""How much the promises cost: the durable ticket and the call cycle, beside a route that promises nothing.

    bench issue --json      64 clients take tickets in 20 halls
    bench cases --json      a tick at fifty consoles; inbox and register among 100,000 cases
    bench call --json       64 clerks call, start and complete in 20 halls
    bench catalogue --json  a city's catalogue comes in, and is searched
    bench day --json        a short Locust day of citizens, clerks and displays
    bench estimate --json   the wait of a thousand people at sixty windows, in a hundred futures
    bench notify --json     calls reach phones: in time, through misfortunes, and whatever dies
    bench order --json      a call with ten thousand waiting, beside one with a hundred
    bench screens --json    from a clerk's key to the number on the wall, with 200 displays and 800 phones

The reference is a no-op route of the same server with the same request and response models, measured in
turns with the real one: a slice of this, a slice of that, so that a busy neighbour troubles both alike.
Every POST, real or not, carries an Idempotency-Key and the same headers.
"""

import argparse
import asyncio
import gc
import itertools
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from load_tests.disk import FsyncProbe
from load_tests.figures import (
    CannotMeasure,
    Figures,
    Progress,
    could_not_measure,
    percentile,
    report,
    rounded,
    whole_number,
)
from load_tests.servers import Server
from load_tests.wire import Client, Connection, ConnectionLost, Prepared, Refused, hall_definition

CLIENTS = 64
HALLS = 20
WARM_UP_SECONDS = 1.0
API = "/api/v1"
BENCH = {"JINGHAO_BENCH": "1", "JINGHAO_WINDOW_ABSENT_SECONDS": "1000000000"}
STOCK_SHARE = 1.5  # Tickets waiting before a slice of calls, as a share of what the last slice called.
STOCK_FIRST = 1500
NOOP, REAL, ONE_HALL = "noop", "real", "one_hall"


def main(argv: Sequence[str] | None = None) -> int:
    """The verb `bench`."""
    parser = argparse.ArgumentParser(prog="jinghao bench", description="What the promises cost.")
    parser.add_argument(
        "name",
        choices=["issue", "call", "cases", "catalogue", "day", "estimate", "notify", "order", "screens"],
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--workers", type=whole_number, default=1, help="server processes")
    parser.add_argument("--clients", type=whole_number, default=CLIENTS)
    parser.add_argument("--halls", type=whole_number, default=HALLS)
    parser.add_argument("--cases", type=whole_number, default=100_000, help="in the table of `cases`")
    parser.add_argument("--consoles", type=whole_number, default=50, help="of `cases`")
    parser.add_argument("--displays", type=whole_number, default=200, help="of `screens`")
    parser.add_argument("--file", type=Path, help="of `catalogue`: a table of matters; else an invented one")
    parser.add_argument("--kills", type=whole_number, default=25, help="of the worker, in `notify`")
    parser.add_argument("--parts", help="of `notify`, separated by commas; all of them unless named")
    parser.add_argument("--phones", type=whole_number, default=800, help="of `screens`")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of one slice")
    parser.add_argument("--rounds", type=whole_number, default=6, help="slices of each kind")
    options = parser.parse_args(argv)
    name = f"bench {options.name}"
    try:
        if options.name == "day":
            from load_tests import day_bench

            figures, reference = day_bench.measure(workers=options.workers, seconds=options.seconds * 10)
        elif options.name == "cases":
            from load_tests import case_bench

            filled = case_bench.Plan(options.cases, options.consoles, options.seconds, options.rounds)
            figures, reference = case_bench.measure(filled, workers=options.workers)
        elif options.name == "notify":
            from load_tests import notify_bench

            parts = tuple(options.parts.split(",")) if options.parts else notify_bench.PARTS
            if not set(parts) <= set(notify_bench.PARTS):
                parser.error(f"the parts are {', '.join(notify_bench.PARTS)}")
            figures, reference = notify_bench.measure(
                notify_bench.Plan(seconds=options.seconds * 10, kills=options.kills, parts=parts)
            )
        elif options.name == "catalogue":
            from load_tests import catalogue_bench

            figures, reference = catalogue_bench.measure(options.file, queries=options.rounds * 100)
        elif options.name == "order":
            from load_tests import order_bench

            figures, reference = order_bench.measure(calls=options.rounds * 50, workers=options.workers)
        elif options.name == "estimate":
            from load_tests import estimate_bench

            figures, reference = estimate_bench.measure(rounds=options.rounds * 3)
        elif options.name == "screens":
            from load_tests import screens

            crowd = screens.Plan(
                options.displays, options.phones, options.rounds, options.seconds * 10, options.seconds * 2
            )
            figures, reference = screens.measure(crowd, workers=options.workers)
        else:
            plan = Plan(
                options.name == "call", options.clients, options.halls, options.seconds, options.rounds
            )
            figures, reference = measure(plan, workers=options.workers)
    except (CannotMeasure, Refused, ConnectionLost, OSError) as error:
        return could_not_measure(name, error)
    report(name, figures, reference, as_json=options.json)
    return 0


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured, and for how long."""

    calls: bool
    clients: int = CLIENTS
    halls: int = HALLS
    seconds: float = 2.0
    rounds: int = 6


def measure(plan: Plan, *, workers: int = 1) -> tuple[Figures, Figures]:
    """Figures and reference, on a server of our own."""
    with Server(workers=workers, env=BENCH) as server:
        return uvloop.run(Bench(plan, server).run())


@dataclass(slots=True)
class Tally:
    """What the slices of one kind came to."""

    requests: int = 0
    seconds: float = 0.0
    server_cpu_seconds: float = 0.0
    own_cpu_seconds: float = 0.0
    ms: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds if self.seconds else 0.0


Cycle = Callable[[], Sequence[Prepared]]
"""What one client sends, one after the other, before it starts again."""


class Bench:
    """One run: its halls, its clients, and a tally of each kind of slice."""

    def __init__(self, plan: Plan, server: Server) -> None:
        self.plan = plan
        self.server = server
        self.client = Client(server.base)
        self.tallies = {kind: Tally() for kind in (NOOP, REAL, ONE_HALL)}
        self.clerks: dict[str, list[tuple[str, str, str]]] = {}  # Hall, window and token of each, by kind.
        self.last_called = {REAL: STOCK_FIRST, ONE_HALL: STOCK_FIRST}
        self.keys = itertools.count(1)
        self.run_id = uuid.uuid4().hex[:8]
        self.stop_at = 0.0

    async def run(self) -> tuple[Figures, Figures]:
        """Warm up, then take turns."""
        plan = self.plan
        self.clerks[REAL] = await self._open_halls("bench", plan.halls)
        self.clerks[NOOP] = self.clerks[REAL]
        self.clerks[ONE_HALL] = await self._open_halls("single", 1)
        connections = [await Connection.open(self.client.host, self.client.port) for _ in range(plan.clients)]
        gc.collect()
        gc.freeze()
        with FsyncProbe(self.server.data) as disk, Progress("bench", 3 * plan.rounds) as progress:
            for kind in (NOOP, REAL, ONE_HALL):
                await self._slice(kind, connections, WARM_UP_SECONDS, Tally())
            disk.ms.clear()
            for number in range(plan.rounds):
                if number and not plan.calls:  # A hall of thousands who only wait is no hall.
                    self.clerks[ONE_HALL] = await self._open_halls(f"single{number}", 1)
                turns = [NOOP, REAL, ONE_HALL] if number % 2 else [ONE_HALL, REAL, NOOP]
                for done, kind in enumerate(turns, start=1):
                    await self._slice(kind, connections, plan.seconds, self.tallies[kind])
                    progress.show(3 * number + done)
        for connection in connections:
            connection.close()
        self.client.close()
        return self._figures(disk.ms)

    async def _slice(
        self, kind: str, connections: Sequence[Connection], seconds: float, tally: Tally
    ) -> None:
        """All clients do one kind of thing for a while."""
        if self.plan.calls and kind != NOOP:
            await self._stock_up(kind, connections)
        cycles = self._cycles(kind)
        cpu, own = self.server.cpu_seconds(), time.process_time()
        before, begun = tally.requests, time.perf_counter()
        self.stop_at = begun + seconds
        await asyncio.gather(*(self._client(connection, next(cycles), tally) for connection in connections))
        tally.seconds += time.perf_counter() - begun
        tally.server_cpu_seconds += self.server.cpu_seconds() - cpu
        tally.own_cpu_seconds += time.process_time() - own
        if self.plan.calls and kind != NOOP:
            self.last_called[kind] = (tally.requests - before) // 3

    async def _client(self, connection: Connection, cycle: Sequence[Prepared], tally: Tally) -> None:
        """One client, until time is up. A cycle that was begun is finished."""
        now = time.perf_counter()
        while now < self.stop_at:
            for request in cycle:
                sent = now
                answer = await connection.send(request.with_key(f"{self.run_id}-{next(self.keys)}"))
                now = time.perf_counter()
                if answer.status >= 400:
                    if answer.code == "nobody_waiting":  # The stock is used up: the slice ends here.
                        self.stop_at = 0.0
                        return
                    raise Refused(request.head.split(b"\r")[0].decode(), answer)
                tally.requests += 1
                tally.ms.append((now - sent) * 1000)

    def _cycles(self, kind: str) -> Iterator[list[Prepared]]:
        """The requests of each client in turn."""
        ticket = {"group": "A", "channel": "kiosk"}
        for hall, window, token in itertools.cycle(self.clerks[kind]):
            if not self.plan.calls:
                place = f"{API}/bench/tickets/{hall}" if kind == NOOP else f"{API}/halls/{hall}/tickets"
                yield [Prepared("POST", place, ticket)]
            else:
                paths = (
                    [f"{API}/bench/calls/{hall}/{window}{deed}" for deed in ("", "/start", "/completion")]
                    if kind == NOOP
                    else [
                        f"{API}/halls/{hall}/windows/{window}/{deed}"
                        for deed in ("calls", "start", "completion")
                    ]
                )
                yield [Prepared("POST", path, {}, token) for path in paths]

    async def _open_halls(self, name: str, number: int) -> list[tuple[str, str, str]]:
        """New halls with a window for every client, dealt round, and a clerk signed in at each."""
        halls = [f"{name}-{self.run_id}-{index:02}" for index in range(number)]
        per_hall = -(-self.plan.clients // number)
        windows = {f"{index:02}": ["A"] for index in range(1, per_hall + 1)}
        tokens = {}
        for hall in halls:
            definition = hall_definition(hall, {"A": "bench"}, windows)
            tokens[hall] = (await self.client.post(f"{API}/rehearsal/halls", definition))["tokens"]
        clerks = [(hall, window, tokens[hall][window]) for window in windows for hall in halls]
        if self.plan.calls:
            for hall, window, token in clerks:
                await self.client.post(f"{API}/halls/{hall}/windows/{window}/session", {}, token)
        return clerks[: max(self.plan.clients, number)]

    async def _stock_up(self, kind: str, connections: Sequence[Connection]) -> None:
        """Let enough people wait for one slice of calls, the same number in every hall."""
        halls = list(dict.fromkeys(hall for hall, _, _ in self.clerks[kind]))
        wanted = int(max(self.last_called[kind], 2 * self.plan.clients) * STOCK_SHARE)
        missing: list[bytes] = []
        for hall in halls:
            board = await self.client.get(f"{API}/halls/{hall}")
            request = Prepared("POST", f"{API}/halls/{hall}/tickets", {"group": "A", "channel": "kiosk"})
            missing += [
                request.with_key(f"{self.run_id}-{next(self.keys)}")
                for _ in range(-(-wanted // len(halls)) - int(board["groups"][0]["waiting"]))
            ]
        remaining = iter(missing)

        async def issue(connection: Connection) -> None:
            for request in remaining:
                answer = await connection.send(request)
                if answer.status >= 400:
                    raise Refused("stocking up", answer)

        await asyncio.gather(*(issue(connection) for connection in connections))

    def _figures(self, fsync_ms: Sequence[float]) -> tuple[Figures, Figures]:
        noop, real, one = (self.tallies[kind] for kind in (NOOP, REAL, ONE_HALL))
        if not noop.requests or not real.requests:
            raise CannotMeasure("not a single request was answered in time")
        figures: dict[str, float | None] = {
            "ratio_to_noop": rounded(real.per_second / noop.per_second, 3),
            "requests_per_s": rounded(real.per_second, 1),
            "one_hall_per_s": rounded(one.per_second, 1),
            "p50_ms": rounded(percentile(real.ms, 50)),
            "p99_ms": rounded(percentile(real.ms, 99)),
            "fsync_p50_ms": rounded(percentile(fsync_ms, 50), 3),
            "fsync_p99_ms": rounded(percentile(fsync_ms, 99), 3),
            "server_cpu_ms_per_request": rounded(real.server_cpu_seconds * 1000 / real.requests, 3),
            "client_cpu_ms_per_request": rounded(real.own_cpu_seconds * 1000 / real.requests, 3),
        }
        if self.plan.calls:
            figures["cycles_per_s"] = rounded(real.per_second / 3, 1)
        reference: dict[str, float | None] = {
            "noop_requests_per_s": rounded(noop.per_second, 1),
            "noop_p50_ms": rounded(percentile(noop.ms, 50)),
            "noop_p99_ms": rounded(percentile(noop.ms, 99)),
            "noop_server_cpu_ms_per_request": rounded(noop.server_cpu_seconds * 1000 / noop.requests, 3),
            "noop_client_cpu_ms_per_request": rounded(noop.own_cpu_seconds * 1000 / noop.requests, 3),
        }
        return figures, reference


if __name__ == "__main__":
    sys.exit(main())
