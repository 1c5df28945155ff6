"""What is durable, what is told, and what a neighbour's misfortune means: claims on a real PostgreSQL."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import psycopg
import pytest

from queue_server.kit import commits
from queue_server.kit.database import Database, DatabaseDown, Duplicate, Insert, OutcomeUnknown, Transaction

from .conftest import MortalPostgres, Wire, eventually, select

PLACE = Insert("places", (("hall", "text"), ("seq", "bigint"), ("body", "text")), ordered_by=("hall", "seq"))
NOTE = Insert("notes", (("place", "bigint"), ("at", "timestamptz")))

Unit = Callable[[Transaction], object]


class Refused(Exception):
    """A unit's own refusal."""


def place(hall: str, seq: int, body: str = "A001") -> Unit:
    def unit(tx: Transaction) -> int:
        tx.insert(PLACE, {"hall": hall, "seq": seq, "body": body})
        return seq

    return unit


def refuse(tx: Transaction) -> None:
    tx.insert(PLACE, ("h9", 9, "never"))
    raise Refused


def read_then_insert(hall: str, seq: int) -> Unit:
    def unit(tx: Transaction) -> int:
        found = tx.one("SELECT count(*) AS n FROM places WHERE hall = :hall", hall=hall)
        assert found is not None
        tx.insert(PLACE, (hall, seq, f"{found['n']} before me"))
        return found["n"]

    return unit


async def together(database: Database, *units: Unit) -> list[object]:
    """Units that share a commit: they are all in the line before the first one runs."""
    return await asyncio.gather(*(database.write(unit) for unit in units), return_exceptions=True)


def seqs(url: str, hall: str = "h1") -> list[int]:
    return [seq for (seq,) in select(url, f"SELECT seq FROM places WHERE hall = '{hall}' ORDER BY seq")]


async def test_what_was_written_is_there_for_everyone(database: Database, places_url: str) -> None:
    assert await database.write(place("h1", 1)) == 1
    assert seqs(places_url) == [1]


async def test_units_that_arrive_together_share_one_commit(database: Database, places_url: str) -> None:
    assert await together(database, *(place("h1", seq) for seq in range(100))) == list(range(100))
    assert database.commits == 1
    assert len(seqs(places_url)) == 100


async def test_without_sharing_every_unit_has_its_own_commit(places_url: str) -> None:
    database = Database(places_url, share_commits=False)
    await database.open()
    await together(database, *(place("h1", seq) for seq in range(10)))
    await database.close()
    assert database.commits == 10


@pytest.mark.parametrize("answer", [True, False], ids=["needs an answer", "only inserts"])
async def test_a_taken_key_sinks_its_own_unit_and_no_neighbour(
    database: Database, places_url: str, answer: bool
) -> None:
    unit = read_then_insert if answer else place
    results = await together(database, unit("h1", 1), unit("h1", 2), unit("h1", 1), unit("h1", 3))
    assert isinstance(results[2], Duplicate)
    assert results[2].constraint == "places_pkey"
    assert seqs(places_url) == [1, 2, 3]


async def test_two_processes_never_both_get_the_same_key(database: Database, places_url: str) -> None:
    other = Database(places_url)
    await other.open()
    try:
        for seq in range(20):
            results = await asyncio.gather(
                database.write(place("h1", seq, "one")),
                other.write(place("h1", seq, "two")),
                return_exceptions=True,
            )
            assert sorted(type(result).__name__ for result in results) == ["Duplicate", "int"]
    finally:
        await other.close()
    assert seqs(places_url) == list(range(20))


async def test_two_processes_that_meet_on_many_keys_never_wait_for_each_other_in_a_circle(
    database: Database, places_url: str
) -> None:
    other = Database(places_url)
    await other.open()
    keys = [(f"h{n}", 1) for n in range(100)]
    try:
        results = await asyncio.gather(
            together(database, *(place(*key) for key in keys)),
            together(other, *(place(*key) for key in reversed(keys))),
        )
    finally:
        await other.close()
    won = [result for result in (*results[0], *results[1]) if result == 1]
    lost = [result for result in (*results[0], *results[1]) if isinstance(result, Duplicate)]
    assert (len(won), len(lost)) == (100, 100)


@pytest.mark.parametrize("neighbour", [place, read_then_insert])
async def test_a_unit_that_raises_leaves_nothing_and_harms_nobody(
    database: Database, places_url: str, neighbour: Callable[[str, int], Unit]
) -> None:
    results = await together(database, neighbour("h1", 1), refuse, neighbour("h1", 2))
    assert isinstance(results[1], Refused)
    assert seqs(places_url) == [1, 2]
    assert seqs(places_url, "h9") == []


async def test_a_unit_that_raises_after_it_has_written_leaves_nothing(
    database: Database, places_url: str
) -> None:
    def change_your_mind(tx: Transaction) -> None:
        tx.execute("INSERT INTO places VALUES (:hall, :seq, :body)", hall="h9", seq=1, body="x")
        raise Refused

    results = await together(database, place("h1", 1), change_your_mind, place("h1", 2))
    assert isinstance(results[1], Refused)
    assert seqs(places_url) == [1, 2]
    assert seqs(places_url, "h9") == []


@pytest.mark.parametrize("body", ["a\x00b", "\ud800", None, 1.5 + 2j])
async def test_a_row_that_postgresql_cannot_hold_fails_alone(
    database: Database, places_url: str, body: object
) -> None:
    def unit(tx: Transaction) -> None:
        tx.insert(PLACE, ("h1", 2, body))

    results = await together(database, place("h1", 1), unit, place("h1", 3))
    assert isinstance(results[1], Exception)
    assert not isinstance(results[1], DatabaseDown)
    assert seqs(places_url) == [1, 3]


async def test_a_unit_sees_what_it_has_inserted_itself(database: Database) -> None:
    def unit(tx: Transaction) -> list[str]:
        tx.insert(PLACE, ("h1", 1, "A001"))
        assert tx.execute("UPDATE places SET body = :body WHERE hall = :hall", body="B001", hall="h1") == 1
        tx.insert(NOTE, (1, datetime(2026, 11, 23, 9, tzinfo=UTC)))
        return [row["body"] for row in tx.all("SELECT body FROM places, notes WHERE place = seq")]

    assert await database.write(unit) == ["B001"]


async def test_units_run_in_the_order_in_which_they_arrived(database: Database) -> None:
    results = await together(database, place("h1", 1), read_then_insert("h1", 2), read_then_insert("h1", 3))
    assert results == [1, 1, 2]


async def test_a_failure_is_noted_before_any_later_unit_runs_again(
    database: Database, places_url: str
) -> None:
    broken: list[BaseException] = []
    seen: list[bool] = []

    def built_upon_it(tx: Transaction) -> None:
        seen.append(bool(broken))
        if broken:
            raise Refused
        tx.insert(PLACE, ("h1", 2, "built upon 1"))

    await database.write(place("h1", 1))
    results = await asyncio.gather(
        database.write(place("h1", 1, "too late"), on_failure=broken.append),
        database.write(built_upon_it),
        return_exceptions=True,
    )
    assert isinstance(results[0], Duplicate)
    assert isinstance(results[1], Refused)
    assert seen == [False, True]
    assert seqs(places_url) == [1]


async def test_a_unit_that_swallows_an_error_is_not_taken_for_written(
    database: Database, places_url: str
) -> None:
    def swallow(tx: Transaction) -> str:
        tx.insert(PLACE, ("h2", 1, "lost with the error"))
        try:
            tx.execute("INSERT INTO places VALUES ('h1', 1, 'again')")
        except Duplicate:
            return "all is well"
        return "never"

    await database.write(place("h1", 1))
    results = await together(database, swallow, place("h1", 2))
    assert isinstance(results[0], Exception)
    assert seqs(places_url) == [1, 2]
    assert seqs(places_url, "h2") == []


async def test_a_deadlock_is_tried_again_until_it_is_gone(database: Database, places_url: str) -> None:
    await together(database, place("h1", 1), place("h1", 2))
    held = threading.Event()

    def other_process() -> None:
        with psycopg.connect(places_url) as connection:
            connection.execute("UPDATE places SET body = 'other' WHERE seq = 2")
            held.set()
            assert eventually(lambda: _waiting(places_url))
            connection.execute("SET deadlock_timeout = '10s'")  # So that the other one is the victim.
            connection.execute("UPDATE places SET body = 'other' WHERE seq = 1")

    def both(tx: Transaction) -> int:
        tx.execute("SET LOCAL deadlock_timeout = '50ms'")
        tx.execute("UPDATE places SET body = 'ours' WHERE seq = 1")
        return tx.execute("UPDATE places SET body = 'ours' WHERE seq = 2")

    task = asyncio.create_task(asyncio.to_thread(other_process))
    assert await asyncio.to_thread(held.wait, 5)
    assert await database.write(both) == 1
    await task
    assert select(places_url, "SELECT DISTINCT body FROM places") == [("ours",)]


def _waiting(url: str) -> bool:
    return select(url, "SELECT count(*) FROM pg_locks WHERE NOT granted") != [(0,)]


async def test_whoever_goes_away_before_the_commit_starts_leaves_nothing(
    database: Database, places_url: str
) -> None:
    task = asyncio.create_task(database.write(place("h1", 1)))
    await asyncio.sleep(0)
    task.cancel()
    await database.write(place("h1", 2))
    assert seqs(places_url) == [2]


async def test_closing_writes_what_is_in_the_line(places_url: str) -> None:
    database = Database(places_url)
    await database.open()
    writes = [asyncio.create_task(database.write(place("h1", seq))) for seq in range(3)]
    await asyncio.sleep(0)
    await database.close()
    assert await asyncio.gather(*writes) == [0, 1, 2]
    with pytest.raises(DatabaseDown):
        await database.write(place("h1", 4))


async def test_a_commit_larger_than_any_socket_buffer_arrives_whole(
    database: Database, places_url: str
) -> None:
    body = "字" * 100_000
    await together(database, *(place("h1", seq, body) for seq in range(40)))
    assert select(places_url, "SELECT count(*), min(length(body)) FROM places") == [(40, 100_000)]


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_query_cannot_write(database: Database, places_url: str) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await database.read(lambda tx: tx.execute("INSERT INTO places VALUES ('h1', 1, 'x')"))
    with pytest.raises(TypeError):
        await database.read(lambda tx: tx.insert(PLACE, ("h1", 1, "x")))


async def test_many_queries_run_side_by_side(database: Database) -> None:
    await asyncio.gather(*(database.read(lambda tx: tx.one("SELECT pg_sleep(0.05)")) for _ in range(8)))


async def test_a_query_survives_that_its_connection_was_ended(database: Database, places_url: str) -> None:
    assert await database.read(lambda tx: tx.all("SELECT 1 AS one")) == [{"one": 1}]
    _end_connections(places_url)
    assert await database.read(lambda tx: tx.all("SELECT 1 AS one")) == [{"one": 1}]


# ── When the server goes away ───────────────────────────────────────────────────────────────────────


def _end_connections(url: str) -> None:
    select(url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jinghao'")


async def test_a_connection_ended_while_it_rests_costs_nobody_anything(
    database: Database, places_url: str
) -> None:
    await database.write(place("h1", 1))
    _end_connections(places_url)
    await asyncio.sleep(0.1)  # The server's good-bye is on its way.
    await database.write(place("h1", 2))
    assert seqs(places_url) == [1, 2]


@pytest.mark.parametrize("answer", [True, False], ids=["at the desk", "in flight"])
async def test_a_connection_ended_in_the_middle_leaves_the_outcome_unknown_and_the_next_unit_is_written(
    database: Database, places_url: str, answer: bool
) -> None:
    unit = read_then_insert if answer else place
    with psycopg.connect(places_url) as blocker:
        blocker.execute("INSERT INTO places VALUES ('h1', 1, 'not yet committed')")
        write = asyncio.create_task(database.write(unit("h1", 1)))
        late = asyncio.create_task(_later(database.write(place("h1", 2))))
        assert await asyncio.to_thread(eventually, lambda: _waiting(places_url))
        await asyncio.to_thread(_end_connections, places_url)
        with pytest.raises(OutcomeUnknown):
            await write
        blocker.rollback()
    assert await late == 2
    assert seqs(places_url) == [2]


async def _later(write: object) -> object:
    await asyncio.sleep(0.02)
    return await write  # type: ignore[misc]


@pytest.fixture
async def database_behind_wire(wire: Wire) -> AsyncIterator[Database]:
    database = Database(wire.url)
    await database.open()
    yield database
    await database.close()


async def test_a_wire_cut_after_the_commit_was_sent_leaves_the_outcome_unknown_although_it_was_written(
    database_behind_wire: Database, wire: Wire, places_url: str
) -> None:
    wire.swallows_answers = True
    write = asyncio.create_task(database_behind_wire.write(place("h1", 1)))
    assert await asyncio.to_thread(eventually, lambda: seqs(places_url) == [1])
    wire.cut()
    with pytest.raises(OutcomeUnknown):
        await write
    wire.swallows_answers = False
    with pytest.raises(Duplicate):  # Whoever asks again finds out.
        await _as_soon_as_possible(database_behind_wire, place("h1", 1))


@pytest.mark.parametrize("unit", [place, read_then_insert], ids=["in flight", "at the desk"])
async def test_a_commit_that_gets_no_answer_is_given_up_and_the_next_unit_is_written(
    database_behind_wire: Database,
    wire: Wire,
    monkeypatch: pytest.MonkeyPatch,
    unit: Callable[[str, int], Unit],
) -> None:
    monkeypatch.setattr(commits, "FLIGHT_SECONDS_MAX", 0.2)
    monkeypatch.setattr(commits, "DESK_SECONDS_MAX", 0.2)
    failures: list[BaseException] = []
    wire.swallows_answers = True
    with pytest.raises(OutcomeUnknown):
        await database_behind_wire.write(unit("h1", 1), on_failure=failures.append)
    wire.swallows_answers = False
    assert len(failures) == 1
    assert await _as_soon_as_possible(database_behind_wire, place("h1", 2)) == 2


async def test_a_query_that_gets_no_answer_is_given_up(
    database_behind_wire: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queue_server.kit.database.READ_SECONDS_MAX", 0.2)
    await database_behind_wire.read(lambda tx: tx.all("SELECT 1"))
    wire.swallows_answers = True
    with pytest.raises(DatabaseDown):
        await database_behind_wire.read(lambda tx: tx.all("SELECT 1"))
    wire.swallows_answers = False
    wire.cut()


async def test_nothing_that_was_acknowledged_is_lost_when_the_server_is_shot(
    mortal_postgres: MortalPostgres,
) -> None:
    database = Database(mortal_postgres.url)
    await database.open()
    acknowledged: set[int] = set()
    unknown: set[int] = set()

    async def citizen(number: int) -> None:
        for seq in range(number, 100_000, 16):
            try:
                await database.write(place("h1", seq))
            except OutcomeUnknown:
                unknown.add(seq)
                return
            acknowledged.add(seq)

    citizens = asyncio.gather(*(citizen(number) for number in range(16)))
    assert await asyncio.to_thread(eventually, lambda: len(acknowledged) > 500)
    mortal_postgres.shoot()
    await asyncio.wait_for(citizens, 5)

    with pytest.raises(DatabaseDown):  # It says so at once instead of waiting for better times.
        await asyncio.wait_for(database.read(lambda tx: tx.all("SELECT 1")), 1)
    with pytest.raises(OutcomeUnknown):
        await asyncio.wait_for(database.write(place("h2", 1)), 1)

    mortal_postgres.raise_again()
    assert await _as_soon_as_possible(database, place("h2", 2)) == 2
    await database.close()
    found = set(seqs(mortal_postgres.url))
    assert acknowledged <= found
    assert found <= acknowledged | unknown


async def _as_soon_as_possible(database: Database, unit: Unit) -> object:
    for _ in range(50):
        try:
            return await database.write(unit)
        except OutcomeUnknown:
            await asyncio.sleep(0.05)
    raise AssertionError("the database did not come back")
