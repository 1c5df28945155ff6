"""A database in memory that keeps the promises of `kit.database` and can be hit by everything they exclude.

`Disk` is what is durable. `Link` is one process's way to it: units share commits, one loser is replayed
alone, `on_failure` is called before any later unit runs. On the way a commit may take long, be lost before
or after it became durable, or meet a deadlock; a process may die in the middle of one.
"""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar

import msgspec

from queue_server.hall.core.paper import Configuration
from queue_server.kit.database import DatabaseDown, Duplicate, Insert, OutcomeUnknown
from queue_server.kit.sql import Row

T = TypeVar("T")
Rows = list[tuple[Insert, tuple[object, ...]]]

UNIQUE = {
    "journal": {"journal_pkey": ("hall_id", "seq")},
    "requests": {"requests_pkey": ("scope", "key")},
    "facts_issued": {
        "facts_issued_pkey": ("hall_id", "ticket_id"),
        "facts_issued_number_is_unique": ("hall_id", "day", "number"),
    },
    "facts_called": {"facts_called_pkey": ("hall_id", "seq")},
    "facts_ended": {"facts_ended_pkey": ("hall_id", "ticket_id")},
    "outbox": {"outbox_says_it_once": ("subject", "kind", "occurrence", "channel")},
    "withdrawals": {"withdrawals_pkey": ("subject", "occurrence")},
}


@dataclass
class Faults:
    """How often what goes wrong, as shares of all times at which it could."""

    slow: float = 0.0
    lost_before: float = 0.0
    lost_after: float = 0.0
    deadlock: float = 0.0
    read_fails: float = 0.0
    outage_seconds: float = 0.0

    def none(self) -> None:
        """From now on everything works."""
        self.slow = self.lost_before = self.lost_after = self.deadlock = self.read_fails = 0.0


class Disk:
    """What is durable: tables whose keys are unique."""

    def __init__(self, paper: Configuration) -> None:
        self.paper = paper
        self.version = 1
        self.tables: dict[str, list[Row]] = {name: [] for name in UNIQUE}
        self._taken: dict[str, set[tuple[object, ...]]] = {
            constraint: set() for keys in UNIQUE.values() for constraint in keys
        }
        self.listeners: list[Callable[[list[Row]], None]] = []

    @property
    def seq(self) -> int:
        """The newest journal number."""
        journal = self.tables["journal"]
        return journal[-1]["seq"] if journal else 0

    def commit(self, rows: Rows) -> None:
        """Make rows durable, all or none. `Duplicate` says which key was taken."""
        fresh: set[tuple[object, ...]] = set()
        added: list[tuple[str, Row]] = []
        for statement, values in rows:
            row = dict(zip(statement.names, values, strict=True))
            keys = [
                (constraint, *(row[name] for name in names))
                for constraint, names in UNIQUE[statement.table].items()
            ]
            taken = [key[0] for key in keys if key[1:] in self._taken[key[0]] or key in fresh]
            if taken and not statement.on_conflict:
                raise Duplicate(taken[0])
            if not taken:
                fresh.update(keys)
                added.append((statement.table, row))
        for constraint, *key in fresh:
            self._taken[str(constraint)].add(tuple(key))
        for table, row in added:
            self.tables[table].append(row)
        entries = [dict(zip(s.names, values, strict=True)) for s, values in rows if s.table == "journal"]
        for listener in self.listeners:
            listener(entries)

    def answer(self, sql: str, params: dict[str, Any]) -> list[Row]:
        """What PostgreSQL would answer to the few things that a hall asks."""
        text = " ".join(sql.split())
        if text.startswith("SELECT name, body::text AS body FROM journal"):
            # Numbers are dense, so everything after n stands at n. The auditor proves that they are.
            return [
                {"name": row["name"], "body": row["body"]}
                for row in self.tables["journal"][params["after"] :]
            ]
        if text.startswith(
            "SELECT seq, at, by, name, body::text AS body FROM journal WHERE hall_id = :hall_id AND seq >"
        ):
            return self.tables["journal"][params["after"] : params["after"] + params["limit"]]
        if text.startswith("SELECT seq FROM journal") and "DayOpened" in text:
            days = [row for row in self.tables["journal"] if row["name"] == "DayOpened"]
            if "day" in params:
                days = [row for row in days if json.loads(row["body"])["day"] == params["day"]][:1]
            return [{"seq": days[-1]["seq"]}] if days else []
        if text.startswith("SELECT fingerprint, status, body FROM requests"):
            return [
                {"fingerprint": row["fingerprint"], "status": row["status"], "body": row["body"]}
                for row in self.tables["requests"]
                if (row["scope"], row["key"]) == (params["scope"], params["key"])
            ]
        if text.startswith("SELECT body::text AS body FROM journal") and "ServingCompleted" in text:
            return [
                {"body": row["body"]}
                for row in self.tables["journal"][params["ticket_id"] :]
                if row["name"] == "ServingCompleted"
                and json.loads(row["body"])["ticket_id"] == params["ticket_id"]
            ]
        if "FROM facts_issued i LEFT JOIN facts_ended" in text and "ticket_id" in params:
            return self._found(params["ticket_id"])
        if text.startswith("SELECT epoch FROM halls"):
            return [{"epoch": "simulated"}]
        if text.startswith("SELECT id FROM halls"):
            return [{"id": self.paper.id}]
        if text.startswith("SELECT version, body FROM configurations"):
            return self._on_paper()
        if text.startswith("SELECT FROM outbox"):
            return []  # No worker runs here, so nothing climbs as far as a guide.
        raise NotImplementedError(f"The simulated disk has never heard of: {text}")

    def _found(self, ticket_id: int) -> list[Row]:
        issued = [row for row in self.tables["facts_issued"] if row["ticket_id"] == ticket_id]
        ended = [row for row in self.tables["facts_ended"] if row["ticket_id"] == ticket_id]
        if not issued:
            return []
        found = {key: value for key, value in issued[0].items() if key not in ("channel", "link_hash")}
        end = ended[0] if ended else {}
        found |= {key: end.get(key) for key in ("state", "reason", "ended_at", "window_id")}
        for key in ("issued_at", "ended_at"):
            found[key] = found[key] and datetime.fromisoformat(found[key])
        return [found]

    def _on_paper(self) -> list[Row]:
        return [{"version": self.version, "body": msgspec.to_builtins(self.paper)}]

    def change(self, sql: str, params: dict[str, Any]) -> int:
        """The one statement that changes a row."""
        if " ".join(sql.split()).startswith("INSERT INTO configurations"):
            self.paper, self.version = (
                msgspec.json.decode(params["body"], type=Configuration),
                params["version"],
            )
            return 1
        raise NotImplementedError(f"The simulated disk has never heard of: {sql}")


class Pages:
    """What a unit sees: `kit.database.Transaction`, as far as a hall uses it."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.rows: Rows = []
        self.changes: list[tuple[str, dict[str, Any]]] = []

    def insert(self, statement: Insert, row: tuple[object, ...]) -> None:
        """Add a row."""
        self.rows.append((statement, row if isinstance(row, tuple) else statement.spell(row)))

    def all(self, sql: str, **params: Any) -> list[Row]:
        """Every row."""
        return self._disk.answer(sql, params)

    def one(self, sql: str, **params: Any) -> Row | None:
        """The first row."""
        return next(iter(self._disk.answer(sql, params)), None)

    def execute(self, sql: str, **params: Any) -> int:
        """A change, carried out with the rows."""
        self.changes.append((sql, params))
        return 1


@dataclass
class Unit:
    """A unit in the line of one process."""

    run: Callable[[Any], Any]
    future: asyncio.Future[Any]
    on_failure: Callable[[BaseException], None] | None
    result: Any = None
    error: BaseException | None = None
    pages: Pages | None = None

    def fail(self, error: BaseException) -> None:
        """Note why it is not written, and tell whoever built on it."""
        self.error = error
        if self.on_failure is not None:
            self.on_failure(error)

    def settle(self) -> None:
        """Tell whoever waits."""
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


@dataclass
class Link:
    """One process's way to the disk: in place of `kit.database.Database`."""

    disk: Disk
    faults: Faults
    luck: Random
    note: Callable[..., None]
    name: str
    dead: bool = False
    down_until: float = 0.0
    commits: int = 0
    _units: deque[Unit] = field(default_factory=deque)
    _under_way: bool = False

    def hand_over(self, unit: Callable[[Any], T], *, on_failure: Any = None) -> asyncio.Future[T]:
        """Like `Database.hand_over`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        if self.dead:
            return future  # Nobody is there any more to hear the answer.
        self._units.append(Unit(unit, future, on_failure))
        if not self._under_way:
            self._under_way = True
            loop.call_soon(self._next_batch)
        return future

    async def write(self, unit: Callable[[Any], T], *, on_failure: Any = None) -> T:
        """Like `Database.write`."""
        return await self.hand_over(unit, on_failure=on_failure)

    async def read(self, query: Callable[[Any], T]) -> T:
        """Like `Database.read`: the answer is what was durable somewhere between question and answer."""
        await self._travel()
        self._check_up()
        if self.luck.random() < self.faults.read_fails:
            raise DatabaseDown("a simulated read failed")
        result = query(Pages(self.disk))
        await self._travel()
        return result

    def die(self) -> None:
        """The process is killed: what waits is lost, what is on the wire may arrive or not."""
        self.dead = True
        self._units.clear()

    def _check_up(self) -> None:
        if asyncio.get_running_loop().time() < self.down_until:
            raise DatabaseDown("the simulated database is away")

    async def _travel(self) -> None:
        seconds = self.luck.uniform(0.0002, 0.004)
        if self.luck.random() < self.faults.slow:
            seconds = self.luck.uniform(0.1, 6.0)
        await asyncio.sleep(seconds)

    def _next_batch(self) -> None:
        if self.dead:
            return
        batch = []
        for unit in self._units:
            if unit.future.done():  # Whoever asked has gone away before anything happened.
                unit.fail(asyncio.CancelledError())
            else:
                batch.append(unit)
        self._units.clear()
        if not batch:
            self._under_way = False
            return
        self._task = asyncio.ensure_future(self._carry(batch))

    async def _carry(self, batch: list[Unit]) -> None:
        # Units run when the batch takes off, as they do on the real line.
        for unit in batch:
            self._run(unit)
        await self._travel()
        fate = self.luck.random()
        if self.dead:
            if fate < 0.5:
                self._land(batch)
            return
        try:
            self._check_up()
        except DatabaseDown as down:
            self._lost(batch, str(down))
        else:
            if fate < self.faults.lost_before:
                self._lost(batch, "cut before COMMIT")
            elif fate < self.faults.lost_before + self.faults.lost_after:
                self._land(batch)
                self._lost(batch, "cut after COMMIT")
            elif fate < self.faults.lost_before + self.faults.lost_after + self.faults.deadlock or (
                not self._land(batch)
            ):
                await self._replay(batch)
        if self.dead:
            return
        for unit in batch:
            unit.settle()
        asyncio.get_running_loop().call_soon(self._next_batch)

    def _run(self, unit: Unit) -> None:
        unit.error, unit.pages = None, Pages(self.disk)
        try:
            unit.result = unit.run(unit.pages)
        except Exception as error:  # noqa: BLE001 - whoever asked will see it.
            unit.pages = None
            unit.fail(error)

    def _land(self, batch: Iterable[Unit]) -> bool:
        """All together. Whether it went well."""
        pages = [unit.pages for unit in batch if unit.pages is not None]
        try:
            self.disk.commit([row for page in pages for row in page.rows])
        except Duplicate:
            return False
        for page in pages:
            for sql, params in page.changes:
                self.disk.change(sql, params)
        self.commits += 1
        self.note("commit", self.name, self.disk.seq)
        return True

    async def _replay(self, batch: list[Unit]) -> None:
        """Each alone, so that one loser does not sink its neighbours."""
        await self._travel()
        self.note("replay", self.name, len(batch))
        if self.dead or self.luck.random() < self.faults.lost_before:
            self._lost(batch, "cut during a replay")
            return
        for unit in batch:
            self._run(unit)
            if unit.pages is None:
                continue
            if self.luck.random() < self.faults.deadlock:
                unit.fail(DatabaseDown("40P01 a deadlock that would not end"))
            else:
                try:
                    self.disk.commit(unit.pages.rows)
                    for sql, params in unit.pages.changes:
                        self.disk.change(sql, params)
                except Duplicate as taken:
                    unit.fail(taken)
        self.commits += 1
        self.note("commit", self.name, self.disk.seq)

    def _lost(self, batch: list[Unit], why: str) -> None:
        self.note("lost", self.name, why)
        loop = asyncio.get_running_loop()
        if self.luck.random() < 0.5:
            self.down_until = loop.time() + self.luck.uniform(0, self.faults.outage_seconds)
        for unit in batch:
            if unit.error is None:
                unit.fail(OutcomeUnknown(why))
