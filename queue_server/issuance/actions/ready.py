"""Announcing results and handing them out. Names and codes are sealed on their way in and masked on their way out."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from queue_server.issuance.core.ready import Ready, ReadyLine, ResultUnknown, masked_code, masked_name
from queue_server.issuance.store import ready as store
from queue_server.kit.clock import Clock
from queue_server.kit.database import Database, Row, Transaction
from queue_server.kit.requests import Answer, Key, remember
from queue_server.people.sealing import Sealer

LISTED_MAX: Final = 200  # More than a screen can show, and as many as somebody would look through.
SEAL_ID_BYTES: Final = 12

Respond = Callable[[ReadyLine], Answer]


class Issuance:
    """The results of every hall that wait for somebody."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._sealer = sealer
        self._clock = clock

    async def ready(self, hall_id: str) -> list[ReadyLine]:
        """What can be collected in a hall, the newest first, masked."""
        now = self._clock()
        rows = await self._database.read(lambda tx: store.ready(tx, hall_id, now, LISTED_MAX))
        return [self._line(row) for row in rows]

    async def announce(
        self, hall_id: str, ready: Ready, *, by: str, respond: Respond, request: Key | None = None
    ) -> Answer:
        """Let a result be on the list until it is collected or expires."""
        seal_id = secrets.token_hex(SEAL_ID_BYTES)
        sealed = {
            "name_sealed": self._sealer.seal(ready.name, table="ready_results", row=f"{seal_id}/name"),
            "code_sealed": self._sealer.seal(ready.code, table="ready_results", row=f"{seal_id}/code"),
        }
        name, code = masked_name(ready.name), masked_code(ready.code)

        def unit(tx: Transaction) -> Answer:
            result_id = store.put(
                tx,
                hall_id=hall_id,
                seal_id=seal_id,
                window_id=ready.window_id,
                ready_at=ready.ready_at,
                expires_at=ready.expires_at,
                announced_by=by,
                **sealed,
            )
            answer = respond(ReadyLine(result_id, name, code, ready.window_id, ready.ready_at))
            return remembered(tx, request, answer, ready.ready_at)

        return await self._database.write(unit)

    async def collect(
        self, hall_id: str, result_id: int, *, by: str, respond: Respond, request: Key | None = None
    ) -> Answer:
        """Take a result off the list: somebody has it now. `ResultUnknown`."""
        now = self._clock()

        def unit(tx: Transaction) -> Answer:
            row = store.collect(tx, hall_id, result_id, now, by)
            if row is None:
                raise ResultUnknown(result=str(result_id))
            return remembered(tx, request, respond(self._line(row)), now)

        return await self._database.write(unit)

    def _line(self, row: Row) -> ReadyLine:
        seal_id = row["seal_id"]
        name = self._sealer.open(row["name_sealed"], table="ready_results", row=f"{seal_id}/name")
        code = self._sealer.open(row["code_sealed"], table="ready_results", row=f"{seal_id}/code")
        return ReadyLine(row["id"], masked_name(name), masked_code(code), row["window_id"], row["ready_at"])


def forget_before(tx: Transaction, before: datetime) -> int:
    """Delete results that expired before an instant, collected or not, and say how many."""
    return store.forget(tx, before)


def remembered(tx: Transaction, request: Key | None, answer: Answer, now: datetime) -> Answer:
    """The answer, kept for whoever repeats the request."""
    if request is not None:
        remember(tx, request, answer.status, answer.body, now)
    return answer
