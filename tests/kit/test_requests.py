"""A repeated request has one effect: claims on a real PostgreSQL."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from queue_server.kit.database import Database, Duplicate, Insert, Transaction
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import (
    Answer,
    IdempotencyKeyInvalid,
    Key,
    KeyReused,
    Requests,
    fingerprint,
    parse_key,
    purge,
    recall,
    remember,
)

from .conftest import select

NOW = datetime(2026, 11, 23, 1, 32, 5, tzinfo=UTC)
KEY = Key("h1 kiosk POST /tickets", "3f1b", fingerprint(b'{"group":"A"}'))
PLACE = Insert("places", (("hall", "text"), ("seq", "bigint"), ("body", "text")))


class Desk:
    """Issues a ticket per request, and counts them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.asked = 0

    async def issue(self, key: Key = KEY) -> Answer:
        self.asked += 1
        seq, body = self.asked, f'{{"number":"A{self.asked:03}"}}'

        def unit(tx: Transaction) -> None:
            tx.insert(PLACE, ("h1", seq, body))
            remember(tx, key, 201, body, NOW)

        await self._database.write(unit)
        return Answer(201, body)


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def tickets(url: str) -> int:
    return select(url, "SELECT count(*) FROM places")[0][0]


async def test_a_repeat_gets_the_first_answer_byte_by_byte(
    database: Database, desk: Desk, places_url: str
) -> None:
    requests = Requests(database)
    first = await requests.once(KEY, desk.issue)
    assert await requests.once(KEY, desk.issue) == first
    assert tickets(places_url) == 1


async def test_a_repeat_to_another_process_gets_the_first_answer(
    database: Database, desk: Desk, places_url: str
) -> None:
    first = await Requests(database).once(KEY, desk.issue)
    assert await Requests(database).once(KEY, desk.issue) == first
    assert tickets(places_url) == 1


async def test_repeats_that_come_all_at_once_wait_for_the_first(
    database: Database, desk: Desk, places_url: str
) -> None:
    one, two = Requests(database), Requests(database)
    answers = await asyncio.gather(*(each.once(KEY, desk.issue) for each in (one, two) * 10))
    assert len(set(answers)) == 1
    assert tickets(places_url) == 1


async def test_when_the_first_fails_a_waiting_repeat_takes_its_place(database: Database, desk: Desk) -> None:
    failures = [OSError("cut off")]

    async def fails_once() -> Answer:
        await asyncio.sleep(0)
        if failures:
            raise failures.pop()
        return await desk.issue()

    requests = Requests(database)
    first, second = await asyncio.gather(
        requests.once(KEY, fails_once), requests.once(KEY, fails_once), return_exceptions=True
    )
    assert isinstance(first, OSError)
    assert isinstance(second, Answer)


@pytest.mark.parametrize("same_process", [True, False])
async def test_a_key_with_another_payload_is_refused(
    database: Database, desk: Desk, same_process: bool
) -> None:
    requests = Requests(database)
    await requests.once(KEY, desk.issue)
    other = Key(KEY.scope, KEY.key, fingerprint(b'{"group":"B"}'))
    with pytest.raises(KeyReused):
        await (requests if same_process else Requests(database)).once(other, lambda: desk.issue(other))


async def test_the_same_key_of_someone_else_is_another_request(
    database: Database, desk: Desk, places_url: str
) -> None:
    requests = Requests(database)
    other = Key("h1 web POST /tickets", KEY.key, KEY.fingerprint)
    await requests.once(KEY, desk.issue)
    await requests.once(other, lambda: desk.issue(other))
    assert tickets(places_url) == 2


async def test_a_repeat_that_the_world_would_refuse_by_now_still_gets_its_answer(
    database: Database, desk: Desk
) -> None:
    async def refuse() -> Answer:
        raise Rejected

    first = await Requests(database).once(KEY, desk.issue)
    assert await Requests(database).once(KEY, refuse) == first


async def test_a_refusal_is_not_remembered(database: Database, desk: Desk) -> None:
    async def refuse() -> Answer:
        raise Rejected

    requests = Requests(database)
    with pytest.raises(Rejected):
        await requests.once(KEY, refuse)
    assert (await requests.once(KEY, desk.issue)).status == 201


async def test_somebody_elses_taken_key_is_not_mistaken_for_a_repeat(database: Database, desk: Desk) -> None:
    async def taken() -> Answer:
        raise Duplicate("journal_pkey")

    with pytest.raises(Duplicate):
        await Requests(database).once(KEY, taken)


async def test_without_a_key_every_request_is_a_new_one(database: Database) -> None:
    requests = Requests(database)
    answers = iter([Answer(201, "1"), Answer(201, "2")])

    async def work() -> Answer:
        return next(answers)

    assert await requests.once(None, work) != await requests.once(None, work)


async def test_old_answers_are_purged_and_young_ones_kept(database: Database, desk: Desk) -> None:
    await desk.issue()
    assert await database.write(lambda tx: purge(tx, NOW)) == 0
    assert await database.write(lambda tx: purge(tx, NOW + timedelta(seconds=1))) == 1
    assert await recall(database, KEY) is None


@pytest.mark.parametrize("header", ["k", "x" * 255, "8e03978e-40d5-43dd-bc93-6894a57f9324", "!~"])
def test_a_key_is_visible_ascii(header: str) -> None:
    assert parse_key([header]) == header


@pytest.mark.parametrize("headers", [[""], ["x" * 256], ["a b"], ["号"], ["a\x7f"], ["a\nb"], ["a", "a"]])
def test_any_other_key_is_refused(headers: list[str]) -> None:
    with pytest.raises(IdempotencyKeyInvalid):
        parse_key(headers)


def test_no_header_is_no_key() -> None:
    assert parse_key([]) is None
