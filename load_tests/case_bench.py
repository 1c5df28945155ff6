"""`bench cases`: how long a clerk waits for a tick, and a reviewer for the inbox and the register.

    tick      fifty consoles, each with a case of its own, tick one material after the other without a pause: case,
              history and remembered answer are on disk before the answer goes out
    inbox     what waits for a decision, the most urgent hundred, of the hall and of each department
    search    a mix of what people look for, in a table of a hundred thousand cases

Beside the tick, in turns: a route with the same models that does nothing, and PostgreSQL alone, which updates a row as
large over as many connections. Beside the pages: the same rows asked of PostgreSQL without the server.
"""

import asyncio
import itertools
import json
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote, urlencode

import psycopg
import uvloop

from load_tests.case_rows import (
    COPY,
    DEPARTMENTS,
    DRAFTS,
    RAW_INBOX,
    RAW_PAGE,
    RAW_TICK,
    STRANGERS,
    rows,
)
from load_tests.disk import FsyncProbe
from load_tests.figures import CannotMeasure, Figures, Progress, percentile, rounded
from load_tests.servers import Server
from load_tests.wire import Client, Connection, Prepared, Refused, hall_definition

API = "/api/v1"
ENV = {"JINGHAO_BENCH": "1", "JINGHAO_WINDOW_ABSENT_SECONDS": "1000000000"}
WARM_UP_SECONDS = 1.0
ASKERS = 4  # At once: reviewers and clerks look, they do not hammer.
PAGE_ROWS, INBOX_ROWS = 50, 100
MARKS = ("present", "licence", "verified", None)
IDENTITIES = ("11010519491231002X", "440524188001010014")
NOOP, TICK, RAW = "noop", "tick", "raw"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    cases: int = 100_000
    consoles: int = 50
    seconds: float = 2.0  # Of one slice.
    rounds: int = 6  # Slices of each kind.


def measure(plan: Plan, *, workers: int = 1) -> tuple[Figures, Figures]:
    """Figures and reference, on a server of our own."""
    with Server(workers=workers, env=ENV) as server:
        return uvloop.run(_Bench(plan, server).run())


@dataclass(slots=True)
class _Tally:
    """What was waited for, and how long all of it took."""

    ms: list[float] = field(default_factory=list)
    seconds: float = 0.0
    server_cpu_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds if self.seconds else 0.0


@dataclass(slots=True)
class _Console:
    """A clerk, a case in their hands, and what is ticked next."""

    token: str
    case_id: int
    items: int
    body: str
    version: int
    connection: Connection
    raw: psycopg.AsyncConnection
    raw_id: int
    ticks: int = 0

    def tick(self, noop: bool) -> Prepared:
        """The next tick, on the version the last one has left."""
        mark = MARKS[self.ticks // self.items % len(MARKS)]
        path = f"/cases/{self.case_id}/materials/{self.ticks % self.items}"
        path = f"{API}/bench{path}" if noop else f"{API}/halls/cases-bench{path}"
        return Prepared("PUT", path, {"version": self.version, "mark": mark}, self.token)


class _Bench:
    def __init__(self, plan: Plan, server: Server) -> None:
        self.plan = plan
        self.server = server
        self.client = Client(server.base)
        self.url = str(json.loads((server.data / "services.json").read_text())["database_url"])
        self.run_id = uuid.uuid4().hex[:8]
        self.keys = itertools.count(1)
        self.hall = "cases-bench"
        self.token = ""
        self.today = datetime.now(UTC).date()
        self.seeded_seconds = 0.0
        self.body_bytes = 0
        self.ticks = {kind: _Tally() for kind in (NOOP, TICK, RAW)}
        self.pages = {kind: _Tally() for kind in ("inbox", "search", "raw_inbox", "raw_page")}

    async def run(self) -> tuple[Figures, Figures]:
        tokens = await self._open_hall()
        self.token = tokens[0]
        self._fill()
        consoles = await self._consoles(tokens)
        with FsyncProbe(self.server.data) as disk, Progress("bench cases", 2 * self.plan.rounds) as progress:
            await self._tick_slices(consoles, disk, progress)
            await self._page_slices(progress)
        for console in consoles:
            console.connection.close()
            await console.raw.close()
        self.client.close()
        return self._figures(disk.ms)

    # ── The hall and its table ──────────────────────────────────────────────────────────────────

    async def _open_hall(self) -> list[str]:
        windows = {f"{number:02}": ["A"] for number in range(1, self.plan.consoles + 1)}
        definition = hall_definition(self.hall, {"A": "bench"}, windows)
        made = await self.client.post(f"{API}/rehearsal/halls", definition)
        return [made["tokens"][window] for window in windows]

    def _fill(self) -> None:
        """The cases as a year would leave them, and applicants whom nobody here knows."""
        begun = time.perf_counter()
        with psycopg.connect(self.url, autocommit=True) as database:
            with database.cursor().copy(COPY) as copy:
                for row in rows(self.hall, self.plan.cases, self.today):
                    copy.write_row(row)
            database.execute(STRANGERS, (self.hall,))
            database.execute("VACUUM ANALYZE cases, applicants")
        self.seeded_seconds = time.perf_counter() - begun

    async def _consoles(self, tokens: Sequence[str]) -> list[_Console]:
        with psycopg.connect(self.url) as database:
            drafts = database.execute(DRAFTS, (self.hall, 2 * self.plan.consoles)).fetchall()
        if len(drafts) < 2 * self.plan.consoles:
            raise CannotMeasure(
                f"{self.plan.cases} cases have too few drafts for {self.plan.consoles} consoles"
            )
        self.body_bytes = sum(len(body.encode()) for _, body in drafts) // len(drafts)
        consoles = []
        for token, own, raw in zip(tokens, drafts[::2], drafts[1::2], strict=True):
            console = _Console(
                token, own[0], len(json.loads(own[1])["items"]), raw[1], 9,
                await Connection.open(self.client.host, self.client.port),
                await psycopg.AsyncConnection.connect(self.url, autocommit=True), raw[0],
            )  # fmt: skip
            await console.raw.set_autocommit(True)
            consoles.append(console)
        for console, identity in zip(consoles, IDENTITIES, strict=False):
            applicant = {"version": 9, "kind": "resident", "name": "张某某", "number": identity}
            path = f"{API}/halls/{self.hall}/cases/{console.case_id}/applicant"
            console.version = int((await self.client.put(path, applicant, console.token))["version"])
        return consoles

    # ── Ticks ───────────────────────────────────────────────────────────────────────────────────

    async def _tick_slices(self, consoles: Sequence[_Console], disk: FsyncProbe, progress: Progress) -> None:
        for kind in self.ticks:
            await self._tick_slice(kind, consoles, min(WARM_UP_SECONDS, self.plan.seconds), _Tally())
        disk.ms.clear()
        for number in range(self.plan.rounds):
            for kind in (NOOP, TICK, RAW) if number % 2 else (RAW, TICK, NOOP):
                await self._tick_slice(kind, consoles, self.plan.seconds, self.ticks[kind])
            progress.show(number + 1)

    async def _tick_slice(
        self, kind: str, consoles: Sequence[_Console], seconds: float, tally: _Tally
    ) -> None:
        press = self._pressed_raw if kind == RAW else self._pressed
        cpu, begun = self.server.cpu_seconds(), time.perf_counter()

        async def at_work(console: _Console) -> None:
            while time.perf_counter() < begun + seconds:
                sent = time.perf_counter()
                await press(console, kind)
                tally.ms.append((time.perf_counter() - sent) * 1000)

        await asyncio.gather(*(at_work(console) for console in consoles))
        tally.seconds += time.perf_counter() - begun
        tally.server_cpu_seconds += self.server.cpu_seconds() - cpu

    async def _pressed(self, console: _Console, kind: str) -> None:
        request = console.tick(kind == NOOP)
        answer = await console.connection.send(request.with_key(f"{self.run_id}-{next(self.keys)}"))
        if answer.status >= 400:
            raise Refused("a tick", answer)
        if kind == TICK:
            console.version += 1
            console.ticks += 1

    async def _pressed_raw(self, console: _Console, _: str) -> None:
        await console.raw.execute(RAW_TICK, (console.body, console.raw_id))

    # ── Pages ───────────────────────────────────────────────────────────────────────────────────

    async def _page_slices(self, progress: Progress) -> None:
        inbox, search = itertools.cycle(self._inboxes()), itertools.cycle(self._searches())
        raw = await psycopg.AsyncConnection.connect(self.url, autocommit=True)
        departments = itertools.cycle(self._departments())
        asked: dict[str, Callable[[Connection], Awaitable[None]]] = {
            "inbox": lambda connection: self._look(connection, next(inbox)),
            "search": lambda connection: self._look(connection, next(search)),
            "raw_inbox": lambda _: self._look_raw(raw, RAW_INBOX, (self.hall,)),
            "raw_page": lambda _: self._look_raw(raw, RAW_PAGE, (self.hall, next(departments))),
        }
        connections = [await Connection.open(self.client.host, self.client.port) for _ in range(ASKERS)]
        for number in range(self.plan.rounds):
            for kind, look in asked.items():
                askers = connections[:1] if kind.startswith("raw") else connections
                await self._page_slice(look, askers, self.pages[kind])
            progress.show(self.plan.rounds + number + 1)
        for connection in connections:
            connection.close()
        await raw.close()

    async def _page_slice(
        self, look: Callable[[Connection], Awaitable[None]], askers: Sequence[Connection], tally: _Tally
    ) -> None:
        begun = time.perf_counter()

        async def asks(connection: Connection) -> None:
            while time.perf_counter() < begun + self.plan.seconds:
                sent = time.perf_counter()
                await look(connection)
                tally.ms.append((time.perf_counter() - sent) * 1000)

        await asyncio.gather(*(asks(connection) for connection in askers))
        tally.seconds += time.perf_counter() - begun

    async def _look(self, connection: Connection, request: bytes) -> None:
        answer = await connection.send(request)
        if answer.status >= 400:
            raise Refused(request.split(b"\r")[0].decode(), answer)

    async def _look_raw(self, raw: psycopg.AsyncConnection, query: str, values: tuple[str, ...]) -> None:
        await (await raw.execute(query.encode(), values)).fetchall()

    def _inboxes(self) -> list[bytes]:
        """The hall's inbox, and that of each department."""
        asked = {"order": "urgent", "immediate": "false", "limit": INBOX_ROWS}
        return [
            self._asks(asked),
            *(self._asks({**asked, "department": each}) for each in self._departments()),
        ]

    def _searches(self) -> list[bytes]:
        """What people look for: often by a number, now and then by nothing but a guess."""
        year, some = self.today.year, self.plan.cases // 3
        hall, week = self.hall.upper(), self.today - timedelta(days=7)
        wanted: list[dict[str, object]] = [
            {},
            {"receipt": f"{hall}-{year}-{some:06}"},
            {"receipt": f"{hall}-{year - 1}-{some:06}"[:-2]},
            {"receipt": f"{hall}-{year}"},
            {"code": "2345-6789-ABGP"},
            {"number": "A123"},
            {"matter": "M07"},
            {"matter": "M07", "stage": "in_review"},
            {"department": self._departments()[3]},
            {"department": self._departments()[3], "stage": "notified"},
            {"stage": "draft"},
            {"stage": "terminated"},
            {"late": "true"},
            {"order": "urgent", "department": self._departments()[5]},
            {"due_before": self.today.isoformat(), "order": "urgent"},
            {"accepted_from": week.isoformat(), "accepted_until": self.today.isoformat()},
            {"accepted_from": self._ago(200), "accepted_until": self._ago(190)},
            {"accepted_from": self._ago(300), "accepted_until": self._ago(280), "matter": "M11"},
            {"accepted_until": self._ago(360), "stage": "refused"},
            {"after": str(some)},
            {"after": str(some), "department": self._departments()[7]},
        ]
        by_number = [self._asks({}, identity) for identity in IDENTITIES]
        return [*(self._asks(each) for each in wanted), *by_number]

    def _asks(self, wanted: dict[str, object], identity: str | None = None) -> bytes:
        path = f"{API}/halls/{self.hall}/register?{urlencode(wanted, quote_via=quote)}"
        head = f"GET {path} HTTP/1.1\r\nhost: jinghao\r\n"
        number = "" if identity is None else f"applicant-number: {identity}\r\n"
        return f"{head}{number}authorization: Bearer {self.token}\r\n\r\n".encode()

    def _departments(self) -> list[str]:
        return [f"第{number + 1}审批局" for number in range(DEPARTMENTS)]

    def _ago(self, days: int) -> str:
        day: date = self.today - timedelta(days=days)
        return day.isoformat()

    # ── Figures ─────────────────────────────────────────────────────────────────────────────────

    def _figures(self, fsync_ms: Sequence[float]) -> tuple[Figures, Figures]:
        noop, tick, raw = (self.ticks[kind] for kind in (NOOP, TICK, RAW))
        inbox, search = self.pages["inbox"], self.pages["search"]
        raw_inbox, raw_page = self.pages["raw_inbox"], self.pages["raw_page"]
        return {
            "tick_ratio_to_noop": rounded(tick.per_second / noop.per_second, 3),
            "tick_ratio_to_raw": rounded(tick.per_second / raw.per_second, 3),
            "ticks_per_s": rounded(tick.per_second, 1),
            **_spread("tick", tick.ms),
            "tick_server_cpu_ms": rounded(tick.server_cpu_seconds * 1000 / len(tick.ms), 3),
            **_spread("inbox", inbox.ms),
            **_spread("search", search.ms),
            "cases_count": self.plan.cases,
            "consoles_count": self.plan.consoles,
            "inbox_looks_count": len(inbox.ms),
            "search_looks_count": len(search.ms),
        }, {
            "noop_per_s": rounded(noop.per_second, 1),
            **_spread("noop", noop.ms),
            "raw_update_per_s": rounded(raw.per_second, 1),
            **_spread("raw_update", raw.ms),
            **_spread("raw_inbox", raw_inbox.ms),
            **_spread("raw_page", raw_page.ms),
            "fsync_p50_ms": rounded(percentile(fsync_ms, 50), 3),
            "fsync_p99_ms": rounded(percentile(fsync_ms, 99), 3),
            "body_bytes": self.body_bytes,
            "seeded_s": rounded(self.seeded_seconds, 1),
        }


def _spread(name: str, ms: Sequence[float]) -> dict[str, float | None]:
    return {f"{name}_p50_ms": rounded(percentile(ms, 50)), f"{name}_p99_ms": rounded(percentile(ms, 99))}
