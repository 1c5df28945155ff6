"""`bench order`: whether it costs more to say who is next when ten thousand wait than when a hundred do.

One clerk in each of two halls, in turns: a call that is timed, then start, completion and one more ticket, so that
as many wait as before. Both halls live in the same server and write to the same disk, so that only the length of
the line differs. One ticket in ten has priority, so that both lanes are long.
"""

import asyncio
import itertools
import time
import uuid
from dataclasses import dataclass, field

import uvloop

from load_tests.figures import Figures, Progress, percentile, rounded
from load_tests.servers import Server
from load_tests.wire import Client, Connection, Prepared, Refused, hall_definition

API = "/api/v1"
ENV = {"JINGHAO_BENCH": "1", "JINGHAO_WINDOW_ABSENT_SECONDS": "1000000000"}
SHORT, LONG = 100, 10_000
WARM_UP_CALLS = 20
ISSUING_CONNECTIONS = 32
PRIORITY_EVERY = 10


def measure(calls: int, *, workers: int = 1) -> tuple[Figures, Figures]:
    """Figures and reference, on a server of our own."""
    with Server(workers=workers, env=ENV) as server:
        return uvloop.run(_Bench(calls, server).run())


@dataclass(slots=True)
class _Line:
    """A hall with a line of one length, and what its calls took."""

    hall: str
    cycle: list[Prepared]  # Call, start, completion, another ticket.
    ms: list[float] = field(default_factory=list)


class _Bench:
    def __init__(self, calls: int, server: Server) -> None:
        self.calls = calls
        self.client = Client(server.base)
        self.run_id = uuid.uuid4().hex[:8]
        self.keys = itertools.count(1)

    async def run(self) -> tuple[Figures, Figures]:
        short, long = await self._line(SHORT), await self._line(LONG)
        noop_ms: list[float] = []
        connection = await Connection.open(self.client.host, self.client.port)
        noop = Prepared("POST", f"{API}/bench/calls/{short.hall}/01", {})
        with Progress("bench order", self.calls) as progress:
            for number in range(self.calls + WARM_UP_CALLS):
                for line in (short, long) if number % 2 else (long, short):
                    timed = await self._timed(connection, line.cycle[0])
                    for request in line.cycle[1:]:
                        await self._send(connection, request)
                    if number >= WARM_UP_CALLS:
                        line.ms.append(timed)
                noop_ms.append(await self._timed(connection, noop))
                progress.show(number - WARM_UP_CALLS)
        connection.close()
        self.client.close()
        return self._figures(short, long, noop_ms)

    async def _line(self, waiting: int) -> _Line:
        """A hall in which so many wait, with a clerk at its one window."""
        hall = f"order-{waiting}-{self.run_id}"
        definition = hall_definition(hall, {"A": "bench"}, {"01": ["A"]})
        token = (await self.client.post(f"{API}/rehearsal/halls", definition))["tokens"]["01"]
        window = f"{API}/halls/{hall}/windows/01"
        await self.client.post(f"{window}/session", {}, token)
        deeds = [Prepared("POST", f"{window}/{deed}", {}, token) for deed in ("calls", "start", "completion")]
        await self._issue(hall, waiting)
        return _Line(hall, [*deeds, self._ticket(hall, 1)])

    async def _issue(self, hall: str, tickets: int) -> None:
        remaining = iter(range(tickets))

        async def issue() -> None:
            connection = await Connection.open(self.client.host, self.client.port)
            for number in remaining:
                await self._send(connection, self._ticket(hall, number))
            connection.close()

        await asyncio.gather(*(issue() for _ in range(ISSUING_CONNECTIONS)))

    def _ticket(self, hall: str, number: int) -> Prepared:
        priority = {} if number % PRIORITY_EVERY else {"priority_class": "elderly"}
        return Prepared("POST", f"{API}/halls/{hall}/tickets", {"group": "A", "channel": "kiosk", **priority})

    async def _timed(self, connection: Connection, request: Prepared) -> float:
        begun = time.perf_counter()
        await self._send(connection, request)
        return (time.perf_counter() - begun) * 1000

    async def _send(self, connection: Connection, request: Prepared) -> None:
        answer = await connection.send(request.with_key(f"{self.run_id}-{next(self.keys)}"))
        if answer.status >= 400:
            raise Refused(request.head.split(b"\r")[0].decode(), answer)

    def _figures(self, short: _Line, long: _Line, noop_ms: list[float]) -> tuple[Figures, Figures]:
        short_p50, long_p50 = percentile(short.ms, 50), percentile(long.ms, 50)
        assert short_p50 is not None
        assert long_p50 is not None
        return {
            "growth_ratio": rounded(long_p50 / short_p50, 3),
            "waiting_count": LONG,
            "p50_ms": rounded(long_p50, 3),
            "p99_ms": rounded(percentile(long.ms, 99), 3),
        }, {
            "short_waiting_count": SHORT,
            "short_p50_ms": rounded(short_p50, 3),
            "short_p99_ms": rounded(percentile(short.ms, 99), 3),
            "noop_p50_ms": rounded(percentile(noop_ms, 50), 3),
            "calls_count": len(long.ms),
        }
