"""Rating a service once, and answering what was bad."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from queue_server.cases.actions import remembered
from queue_server.hall.actions import Queues
from queue_server.hall.core.model import Hall
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, Row, Transaction
from queue_server.kit.requests import Answer, Key
from queue_server.oversight import store
from queue_server.oversight.core import (
    Rating,
    RatingUsed,
    Service,
    TaskUnknown,
    due_at,
    read_token,
    token_of,
)

COUNTED_DAYS: Final = 30
LISTED_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Overview:
    """What people said in the last month, and what waits for an answer."""

    levels: dict[int, int]
    aspects: list[Row]
    to_answer: list[Row]


class Ratings:
    """The ratings of every hall."""

    def __init__(self, database: Database, queues: Queues, secret: bytes, clock: Clock) -> None:
        self._database = database
        self._queues = queues
        self._secret = secret
        self._clock = clock

    def token(self, subject: str, hall_id: str, group_id: str, window_id: str | None, day: date) -> str:
        """By what one service is rated."""
        return token_of(self._secret, subject, hall_id, group_id, window_id, day)

    def link(self, subject: str, hall_id: str, group_id: str, day: date) -> str:
        """Where one service is rated, for pages that know nothing of ratings."""
        return f"/rate/{self.token(subject, hall_id, group_id, None, day)}"

    async def service(self, token: str) -> tuple[Service, Hall, bool]:
        """What a token stands for, in which hall, and whether it was rated."""
        now = self._clock()
        service = read_token(self._secret, token, now.date())
        hall = await self._queues.halls.current(service.hall_id)
        return service, hall, await self.is_rated(service)

    async def is_rated(self, service: Service) -> bool:
        """Whether somebody has rated it."""
        return await self._database.read(lambda tx: store.is_rated(tx, service.digest))

    async def rate(self, token: str, rating: Rating, answer: Answer, *, request: Key | None = None) -> Answer:
        """Rate a service. `RatingUsed` the second time."""
        now = self._clock()
        service = read_token(self._secret, token, now.date())

        def unit(tx: Transaction) -> Answer:
            if not store.put(tx, service, rating, now, due_at(rating, now)):
                raise RatingUsed
            return remembered(tx, request, answer, now)

        return await self._database.write(unit)

    async def overview(self, hall_id: str) -> Overview:
        """What managers see: sums, and the bad ones one by one. Nobody sees who served whom."""
        hall = await self._queues.halls.current(hall_id)
        since = self._clock().astimezone(ZoneInfo(hall.about.timezone)).date() - timedelta(days=COUNTED_DAYS)

        def query(tx: Transaction) -> Overview:
            counted = {row["level"]: row["ratings"] for row in store.levels(tx, hall_id, since)}
            return Overview(
                counted, store.aspects(tx, hall_id, since), store.to_answer(tx, hall_id, LISTED_MAX)
            )

        return await self._database.read(query)

    async def answer(
        self, hall_id: str, rating_id: int, reply: str, by: str, answer: Answer, *, request: Key | None = None
    ) -> Answer:
        """Close a bad rating with what was found and done."""
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            if not store.answer(tx, hall_id, rating_id, reply, now, by):
                raise TaskUnknown
            return remembered(tx, request, answer, now)

        return await self._database.write(unit)
