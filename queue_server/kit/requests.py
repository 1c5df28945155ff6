"""A repeated request has one effect.

Every request that changes something carries an `Idempotency-Key`. Its first answer is stored in the
transaction of its effect (table `requests`), and a repeat gets that answer again, byte by byte:

    async def issue() -> Answer:
        def unit(tx: Transaction) -> None:
            journal.append(tx, …)
            remember(tx, key, 201, body, now)

        await database.write(unit)
        return Answer(201, body)

    answer = await requests.once(key, issue)

The fresh key is the common case, so nobody looks first: the work is simply done, and its insert into
`requests` fails if the key was there. Refusals are not stored, they changed nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from queue_server.kit.database import Database, Duplicate, Insert, Transaction
from queue_server.kit.rejections import Rejected

KEY_CHARACTERS_MAX: Final = 255
ANSWERS_KEPT_MAX: Final = 4096  # In memory, about 3 MB. The others are in the table.
PURGED_ROWS_MAX: Final = 5000  # At a time, so that a purge never holds up the line of writers.

INSERT: Final = Insert(
    "requests",
    (
        ("scope", "text"),
        ("key", "text"),
        ("fingerprint", "text"),
        ("status", "smallint"),
        ("body", "text"),
        ("answered_at", "timestamptz"),
    ),
    ordered_by=("scope", "key"),
)
FIND: Final = "SELECT fingerprint, status, body FROM requests WHERE scope = :scope AND key = :key"
REVISE: Final = "UPDATE requests SET status = :status, body = :body WHERE scope = :scope AND key = :key"
PURGE: Final = """
    DELETE FROM requests
    WHERE ctid IN (SELECT ctid FROM requests WHERE answered_at < :before LIMIT :rows_max)
"""


class IdempotencyKeyInvalid(Rejected):
    """The Idempotency-Key must be 1 to 255 visible ASCII characters, and there must be only one."""

    status: ClassVar[int] = 400
    zh = "Idempotency-Key 须为1至255个可见ASCII字符，且只能有一个。"


class KeyReused(Rejected):
    """This Idempotency-Key was already used for a different request."""

    code = "idempotency_key_reused"
    status: ClassVar[int] = 422
    zh = "该 Idempotency-Key 已用于另一请求。"


@dataclass(frozen=True, slots=True)
class Key:
    """What makes a request the same request.

    `scope` is who asked and where (a key is only unique for one asker at one address), `fingerprint`
    what was asked.
    """

    scope: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the status and the body, as sent."""

    status: int
    body: str


def parse_key(headers: Sequence[str]) -> str | None:
    """The key among all the values of this header, or None if there is no header."""
    if not headers:
        return None
    (key, *others) = headers
    if (
        others
        or not 1 <= len(key) <= KEY_CHARACTERS_MAX
        or not all("!" <= character <= "~" for character in key)
    ):
        raise IdempotencyKeyInvalid
    return key


def fingerprint(payload: bytes) -> str:
    """What was asked, in 32 characters."""
    return hashlib.blake2b(payload, digest_size=16).hexdigest()


def remember(tx: Transaction, key: Key, status: int, body: str, now: datetime | str) -> None:
    """Store the answer with its effect. Duplicate("requests_pkey") if it was there."""
    tx.insert(INSERT, (key.scope, key.key, key.fingerprint, status, body, now))


def revise(tx: Transaction, key: Key, status: int, body: str) -> None:
    """Put the outcome in place of what was stored before it was known, for what happens outside the database."""
    tx.execute(REVISE, scope=key.scope, key=key.key, status=status, body=body)


async def recall(database: Database, key: Key) -> Answer | None:
    """The stored answer. KeyReused if the key was used for something else."""
    row = await database.read(lambda tx: tx.one(FIND, scope=key.scope, key=key.key))
    if row is None:
        return None
    if row["fingerprint"] != key.fingerprint:
        raise KeyReused
    return Answer(row["status"], row["body"])


def purge(tx: Transaction, before: datetime) -> int:
    """Delete answers given before that instant, not all at once; how many were deleted this time."""
    return tx.execute(PURGE, before=before, rows_max=PURGED_ROWS_MAX)


class Requests:
    """The requests of this process: those being answered now, and the last answers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._answered: OrderedDict[tuple[str, str], tuple[str, Answer]] = OrderedDict()
        self._under_way: dict[tuple[str, str], tuple[str, asyncio.Future[None]]] = {}

    async def once(self, key: Key | None, work: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer to this request: the first one again if there is one, else that of the work.

        The work must `remember` its answer in the transaction of its effect. A repeat that arrives while
        the first is under way waits for it. Without a key every request is a new one.
        """
        if key is None:
            return await work()
        place = (key.scope, key.key)
        while True:
            known = self._known(place, key.fingerprint)
            if known is not None:
                return known
            other = self._under_way.get(place)
            if other is None:
                return await self._first(place, key, work)
            if other[0] != key.fingerprint:
                raise KeyReused
            await asyncio.shield(other[1])  # Then look again: it may have failed, and we are the first now.

    async def _first(self, place: tuple[str, str], key: Key, work: Callable[[], Awaitable[Answer]]) -> Answer:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way[place] = (key.fingerprint, done)
        try:
            answer = await self._answer(key, work)
            self._keep(place, key.fingerprint, answer)
            return answer
        finally:
            del self._under_way[place]
            done.set_result(None)

    async def _answer(self, key: Key, work: Callable[[], Awaitable[Answer]]) -> Answer:
        try:
            return await work()
        except (Duplicate, Rejected) as error:
            # A repeat often finds the world as its first left it ("the window is busy"). Was it one?
            earlier = await recall(self._database, key)
            if earlier is None:
                raise error from None
            return earlier

    def _known(self, place: tuple[str, str], fingerprint: str) -> Answer | None:
        found = self._answered.get(place)
        if found is None:
            return None
        if found[0] != fingerprint:
            raise KeyReused
        self._answered.move_to_end(place)
        return found[1]

    def _keep(self, place: tuple[str, str], fingerprint: str, answer: Answer) -> None:
        self._answered[place] = (fingerprint, answer)
        if len(self._answered) > ANSWERS_KEPT_MAX:
            self._answered.popitem(last=False)
