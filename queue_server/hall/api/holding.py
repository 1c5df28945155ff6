"""Whoever asks again is given the ticket they have: for phones, words and scans alike."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from queue_server.hall.access import House
from queue_server.hall.actions import Also, HallContended
from queue_server.hall.core import events as e
from queue_server.hall.core.model import Hall
from queue_server.kit.database import Duplicate, Transaction
from queue_server.people import holders
from queue_server.people.holders import Held

T = TypeVar("T")

ATTEMPTS_MAX: Final = 8  # Each lost race leaves a ticket to be found, so the second attempt ends it.


async def hold(
    house: House,
    hall_id: str,
    group_id: str,
    persons: Sequence[str],
    *,
    take: Callable[[Also], Awaitable[T]],
    keep: Callable[[Hall, Held], Awaitable[T]],
    link_token: str,
) -> T:
    """Let these persons, who are one, `keep` the open ticket they have for a group, or else `take` one.

    What `take` is given must be written together with the ticket.
    """
    for _ in range(ATTEMPTS_MAX):
        lasts = {person: await last_of(house, hall_id, group_id, person) for person in persons}
        # Looked at after the chains: a ticket that is in one of them and not in the hall has ended.
        hall = await house.queues.halls.catch_up(hall_id)
        held = next((one for one in lasts.values() if one and one.ticket_id in hall.tickets), None)
        if held is not None:
            return await keep(hall, held)
        after = [(who, one.ticket_id if one else holders.NONE_BEFORE) for who, one in lasts.items()]
        try:
            return await take(writing_of(house, hall_id, group_id, after, issued(link_token)))
        except Duplicate as taken:
            if taken.constraint != holders.ONE_AT_A_TIME:
                raise  # Else another process was faster, and the ticket is there.
    raise HallContended(hall=hall_id)


async def last_of(house: House, hall_id: str, group_id: str, person: str) -> Held | None:
    """The end of a person's chain."""
    return await house.database.read(lambda tx: holders.last(tx, house.sealer, hall_id, group_id, person))


def issued(link_token: str) -> Callable[[list[e.Event], Hall], Held]:
    """The ticket that the first of these events issued."""
    return lambda events, hall: Held(hall.seq - len(events) + 1, link_token)


def writing_of(
    house: House,
    hall_id: str,
    group_id: str,
    after: Sequence[tuple[str, int]],
    held: Callable[[list[e.Event], Hall], Held],
) -> Also:
    """What writes that they hold the ticket now."""

    def also(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
        holders.take(tx, house.sealer, hall_id, group_id, after, held(events, hall), house.clock())

    return also
