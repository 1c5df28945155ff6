"""Codes that prove a phone: whoever reads one from it has it in hand, and agrees.

A code has six digits, is good for five minutes and for five tries, and there is one for a ticket at a time.
It lives by the clock of the database, like the message that brings it. Until it was read back, the phone
hears nothing but the code.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from queue_server.kit.database import Row, Transaction
from queue_server.people import store
from queue_server.people.sealing import Sealer

SECONDS: Final = 300
TRIES_MAX: Final = 5
DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Sent:
    """A code and the phone it goes to."""

    phone: str
    code: str


def put(tx: Transaction, sealer: Sealer, hall_id: str, ticket_id: int, sent: Sent) -> None:
    """Keep a code that is to be sent, in place of the one before."""
    row = _row(hall_id, ticket_id)
    phone = sealer.seal(sent.phone, table="phone_codes", row=row)
    code = sealer.seal(sent.code, table="phone_codes", row=f"{row}/code")
    store.put_phone_code(tx, hall_id, ticket_id, phone, code)


def read_many(
    tx: Transaction, sealer: Sealer, tickets: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Sent]:
    """The codes that are on their way, by hall and ticket."""
    rows = store.phone_codes_of(tx, tickets)
    return {(row["hall_id"], row["ticket_id"]): _opened(sealer, row) for row in rows}


def prove(tx: Transaction, sealer: Sealer, hall_id: str, ticket_id: int, code: str) -> str | None:
    """The phone, if this is the code that was sent to it. Every try counts, right or wrong."""
    row = store.try_phone_code(tx, hall_id, ticket_id, TRIES_MAX, SECONDS)
    if row is None:
        return None
    sent = _opened(sealer, row)
    return sent.phone if hmac.compare_digest(sent.code.encode(), code.encode()) else None


def drop(tx: Transaction, hall_id: str, ticket_id: int) -> None:
    """The code has served its purpose."""
    store.drop_phone_code(tx, hall_id, ticket_id)


def forget_before(tx: Transaction, before: datetime) -> int:
    """Delete codes that nobody came back with, and say how many."""
    return store.forget_phone_codes(tx, before)


def _opened(sealer: Sealer, found: Row) -> Sent:
    row = _row(found["hall_id"], found["ticket_id"])
    return Sent(
        sealer.open(found["phone_sealed"], table="phone_codes", row=row),
        sealer.open(found["code_sealed"], table="phone_codes", row=f"{row}/code"),
    )


def _row(hall_id: str, ticket_id: int) -> str:
    return f"{hall_id}/{ticket_id}"
