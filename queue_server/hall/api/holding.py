"""Whoever asks again is given the ticket they have: for phones, words and scans alike."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from queue_server.hall.access import House
from queue_server.hall.actions import Also, HallContended
from queue_server.hall.core import events as e
from queue_server.hall.core.model import Hall
from queue_server.hall.core.rejections import TicketsEnough
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
        chains = await chains_of(house, hall_id, group_id, persons)
        # Looked at after the chains: a ticket that is in one of them and not in the hall has ended.
        hall = await house.queues.halls.catch_up(hall_id)
        lasts = [chain.last for chain in chains if chain.group_id == group_id]
        held = next((one for one in lasts if one and one.ticket_id in hall.tickets), None)
        if held is not None:
            return await keep(hall, held)
        await check_few(house, hall, persons)
        try:
            return await take(writing_of(house, hall_id, chains, issued(link_token)))
        except Duplicate as taken:
            if taken.constraint != holders.ONE_AT_A_TIME:
                raise  # Else another process was faster, and the ticket is there.
    raise HallContended(hall=hall_id)


@dataclass(frozen=True, slots=True)
class Chain:
    """The tickets of one person for one group, or for every group, by its end."""

    group_id: str
    person: str
    last: Held | None


async def chains_of(house: House, hall_id: str, group_id: str, persons: Sequence[str]) -> list[Chain]:
    """The chains that a ticket for this group becomes the end of: the group's own before that of every group."""

    def read(tx: Transaction) -> list[Chain]:
        return [
            Chain(group, person, holders.last(tx, house.sealer, hall_id, group, person))
            for group in (group_id, holders.EVERY_GROUP)
            for person in persons
        ]

    return await house.database.read(read)


async def check_few(house: House, hall: Hall, persons: Sequence[str]) -> None:
    """Raise if they hold as many open tickets as one person may.

    Of two who ask at once for two services, both name the same last ticket of every group, and one has to ask again.
    """
    known = await house.database.read(lambda tx: holders.tickets_of(tx, house.sealer, hall.id, persons))
    open_tickets = [hall.tickets[ticket_id] for ticket_id in known if ticket_id in hall.tickets]
    if len(open_tickets) >= hall.rules.tickets_per_person_max:
        numbers = "、".join(ticket.number for ticket in open_tickets)
        raise TicketsEnough(count=len(open_tickets), numbers=numbers)


def issued(link_token: str) -> Callable[[list[e.Event], Hall], Held]:
    """The ticket that the first of these events issued."""
    return lambda events, hall: Held(hall.seq - len(events) + 1, link_token)


def writing_of(
    house: House, hall_id: str, chains: Sequence[Chain], held: Callable[[list[e.Event], Hall], Held]
) -> Also:
    """What writes that they hold the ticket now."""
    ends = [
        (chain.group_id, chain.person, chain.last.ticket_id if chain.last else holders.NONE_BEFORE)
        for chain in chains
    ]

    def also(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
        holders.take(tx, house.sealer, hall_id, ends, held(events, hall), house.clock())

    return also
