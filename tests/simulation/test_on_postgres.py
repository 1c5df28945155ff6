"""The same people in the same kind of bad luck, on a real PostgreSQL.

Nothing here is repeatable to the letter: the kernel and the server decide who is first. So it proves less
about luck than the seeds do, and more about what the seeds' disk only claims to be: the real one.
"""

import asyncio
import time
from datetime import datetime, timedelta
from random import Random

import psycopg
import pytest
from psycopg.rows import dict_row

from queue_server.hall.core import commands as c
from queue_server.hall.core.model import Hall
from queue_server.hall.rebuild import rebuild
from queue_server.kit.database import Database, DatabaseDown
from queue_server.kit.rejections import Rejected

from . import people
from .auditor import Auditor, Claim
from .server import HALL, Gone, Server
from .world import STARTS_AT, paper, with_by

SPEED = 600.0  # Ten minutes of the hall in a second.
REQUESTS = 700
JOURNAL = "SELECT seq, by, name, body::text AS body FROM journal ORDER BY seq"
FACTS = (
    "SELECT * FROM facts_issued ORDER BY ticket_id",
    "SELECT * FROM facts_called ORDER BY seq",
    "SELECT * FROM facts_ended ORDER BY ticket_id",
)


class RealWorld:
    """Two processes over one PostgreSQL that never hear of each other, and somebody who cuts their lines."""

    def __init__(self, url: str, seed: int) -> None:
        self.url = url
        self.luck = Random(seed)
        self.silent: set[str] = set()
        self.commands: dict[str, c.Command] = {}
        self.auditor = Auditor(HALL, self.commands)
        self.claims: list[Claim] = []
        self.answers: list[tuple[str, str]] = []
        self.asked = 0
        self.killed = 0
        self.servers: list[Server] = []
        self.began = time.monotonic()
        self.sql = psycopg.connect(url, autocommit=True, row_factory=dict_row)

    # ── What servers see of it ───────────────────────────────────────────────────────────────────

    def now(self) -> datetime:
        return STARTS_AT + timedelta(minutes=35, seconds=(time.monotonic() - self.began) * SPEED)

    async def tail(self) -> int:
        row = self.sql.execute("SELECT coalesce(max(seq), 0) AS seq FROM journal").fetchone()
        assert row is not None
        return int(row["seq"])

    def publish(self, sender: Server, topic: str) -> None:
        """Nobody hears it."""

    def claim(self, claim: Claim) -> None:
        self.claims.append(claim)

    def on_screen(self, server: Server, text: str) -> None:
        """Nobody looks."""

    def stumbled(self, error: BaseException) -> None:
        raise error

    # ── The course of things ─────────────────────────────────────────────────────────────────────

    async def start(self) -> Server:
        database = Database(self.url)
        await database.open()
        return Server("p", self, database, ahead_seconds=self.luck.uniform(-5, 5), poll_seconds=1.0)

    async def live(self) -> None:
        self.servers = [await self.start(), await self.start()]
        await self.servers[0].queues.create(paper())
        await self.servers[1].queues.open_day(HALL)
        crowd = [
            *((f"citizen{n}", people.citizen) for n in range(5)),
            ("w1", people.clerk("w1", "c1", "left")),
            ("w1b", people.clerk("w1", "c1", "right")),
            ("w2", people.clerk("w2", "c2", "left")),
            ("w3", people.clerk("w3", "c3", "left")),
            ("g1", people.guide("g1")),
            ("manager", people.manager),
        ]
        misfortune = asyncio.ensure_future(self.misfortune())
        await asyncio.gather(*(self.person(who, ask, Random(self.luck.random())) for who, ask in crowd))
        misfortune.cancel()
        for server in self.servers:
            await server.database.close()

    async def person(self, who: str, ask: people.Ask, luck: Random) -> None:
        while self.asked < REQUESTS:
            await asyncio.sleep(luck.choice((0, 0, 0.01)))
            self.asked += 1
            key = f"{who}/{self.asked}"
            hall = await self.look(luck)
            command = self.commands[key] = with_by(ask(hall, self.now(), luck), key)
            while True:
                try:
                    body = await luck.choice(self.servers).ask(key, command)
                except (Gone, DatabaseDown):
                    await asyncio.sleep(0.01)
                except Rejected:
                    break
                else:
                    self.answers.append((key, body))
                    if luck.random() > 0.1:
                        break

    async def look(self, luck: Random) -> Hall:
        """The hall as somebody sees it, who looks again when the line is cut."""
        while True:
            server = luck.choice(self.servers)
            try:
                return await server.halls.current(HALL)
            except DatabaseDown:
                await asyncio.sleep(0.01)
            except RuntimeError:
                if server in self.servers:
                    raise
                # Its process is no more, and took its threads with it.

    async def misfortune(self) -> None:
        while True:
            await asyncio.sleep(0.02)
            if self.luck.random() < 0.5:
                self.killed += 1
                self.sql.execute("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'jinghao'
                    ORDER BY random() LIMIT 1
                """)
            if self.luck.random() < 0.05:
                old, self.servers[0] = self.servers[0], await self.start()
                old.kill()
                await old.database.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_bad_luck_on_a_real_database_breaks_a_hall(database_url: str, seed: int) -> None:
    world = RealWorld(database_url, seed)
    await world.live()
    world.auditor.read(world.sql.execute(JOURNAL).fetchall())
    for claim in world.claims:
        world.auditor.judge(claim)
    for key, body in world.answers:
        world.auditor.heard(key, body)
    world.auditor.close(world.sql.execute("SELECT key, body FROM requests").fetchall())
    assert len(world.answers) + len(world.claims) >= REQUESTS
    assert world.killed > 3

    written = [world.sql.execute(query).fetchall() for query in FACTS]
    database = Database(database_url)
    await database.open()
    await rebuild(database, HALL)
    await database.close()
    assert [world.sql.execute(query).fetchall() for query in FACTS] == written
    world.sql.close()
