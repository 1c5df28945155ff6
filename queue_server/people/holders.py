"""Who holds which ticket: one person has one open ticket for a group, whichever processes are asked.

A person is whatever proves to be the same one again: somebody in WeChat, a phone that has answered, a phone
that has scanned the screen of the hall. Only a keyed digest is kept.

The rows of a person and a group are a chain. A new ticket names the last one, which must have ended; of two
who take at once both name the same, and the second meets the primary key (`ONE_AT_A_TIME`). So nothing is
locked, nothing is released, and a ticket that ends needs no word here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from queue_server.kit.database import Transaction
from queue_server.people import store
from queue_server.people.sealing import Sealer

ONE_AT_A_TIME: Final = "holders_have_one_ticket_at_a_time"
NONE_BEFORE: Final = 0
EVERY_GROUP: Final = ""  # The chain of all tickets of a person: whoever counts them is the only one who does.


@dataclass(frozen=True, slots=True)
class Held:
    """The last ticket that a person took for a group, ended or not."""

    ticket_id: int
    link_token: str


def last(tx: Transaction, sealer: Sealer, hall_id: str, group_id: str, person: str) -> Held | None:
    """The newest ticket of this person for this group."""
    row = store.last_held(tx, hall_id, group_id, sealer.indexes(person))
    if row is None:
        return None
    ticket_id = int(row["ticket_id"])
    link = sealer.open(row["link_sealed"], table="holders", row=_row(hall_id, ticket_id))
    return Held(ticket_id, link)


def tickets_of(tx: Transaction, sealer: Sealer, hall_id: str, persons: Sequence[str]) -> list[int]:
    """All that these persons have taken in the hall and is still remembered, ended or not."""
    indexes = [index for person in persons for index in sealer.indexes(person)]
    return store.tickets_of_holders(tx, hall_id, indexes)


def take(
    tx: Transaction,
    sealer: Sealer,
    hall_id: str,
    ends: Sequence[tuple[str, str, int]],
    held: Held,
    held_at: datetime,
) -> None:
    """Write that persons hold a new ticket: for each group and person, which was at the end before it."""
    link = sealer.seal(held.link_token, table="holders", row=_row(hall_id, held.ticket_id))
    for group_id, person, after in ends:
        store.put_holder(tx, (hall_id, group_id, sealer.index(person), after, held.ticket_id, link, held_at))


def _row(hall_id: str, ticket_id: int) -> str:
    return f"{hall_id}/{ticket_id}"
