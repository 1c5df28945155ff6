"""Who is next. One pure function serves the live call, the positions on screens and the estimate.

A group has two lanes, each sorted by place. A window picks in this order:

1. a citizen who is back for a service on hold at this very window;
2. the green lane: always at a green window; elsewhere until `green_in_a_row_max` green tickets in a
   row were called while the first ordinary ticket has waited past `ordinary_guard_seconds`;
3. the fair lane, where ordinary, transferred and returned tickets stand by place. A transferred ticket
   stands by its time of issue, a returned one behind the people it was put behind.

Over several groups the earliest place wins. See docs/decisions/0005-one-fair-lane.md.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from queue_server.hall.core.model import (
    CallRule,
    Hall,
    Place,
    Queue,
    Ticket,
    TicketState,
    Window,
    seconds_between,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is next, and the rule that says so."""

    ticket: Ticket
    rule: CallRule


def next_ticket(hall: Hall, window: Window, now: datetime) -> Choice | None:
    """Who this window calls next, or None when nobody it can serve is waiting."""
    back = next((t for t in held_tickets(hall, window) if t.back_from_hold), None)
    if back is not None:
        return Choice(back, CallRule.BACK_FROM_HOLD)
    queues = queues_of(hall, window)
    green = first_in_line(hall, window, [queue.green for queue in queues])
    fair = first_in_line(hall, window, [queue.fair for queue in queues])
    if green is None:
        return None if fair is None else Choice(fair, CallRule.TURN)
    if fair is not None and not window.green and guard_holds(hall, green, fair, now):
        return Choice(fair, CallRule.ORDINARY_GUARD)
    return Choice(green, CallRule.GREEN_CHANNEL)


def guard_holds(hall: Hall, green: Ticket, fair: Ticket, now: datetime) -> bool:
    """Whether the ordinary ticket must go before yet another green one."""
    in_a_row = hall.queues[green.group_id].green_in_a_row
    waited = seconds_between(fair.issued_at, now)
    return in_a_row >= hall.rules.green_in_a_row_max and waited > hall.rules.ordinary_guard_seconds


def first_in_line(hall: Hall, window: Window, lanes: Iterable[tuple[int, ...]]) -> Ticket | None:
    """The earliest place among those this window can serve, over the lanes of all its groups."""
    heads = (next(eligible(hall, window, lane), None) for lane in lanes if lane)
    return min((head for head in heads if head is not None), key=lambda t: t.place, default=None)


def eligible(hall: Hall, window: Window, lane: tuple[int, ...]) -> Iterator[Ticket]:
    """The tickets of a lane of the window's groups that its clerk can serve, in order."""
    tickets = map(hall.tickets.__getitem__, lane)
    cannot = () if window.session is None else window.session.clerk.cannot
    return filter(lambda ticket: set(cannot).isdisjoint(ticket.matters), tickets) if cannot else tickets


def can_serve(window: Window, ticket: Ticket) -> bool:
    """Whether the window's groups and the clerk's skills cover the ticket."""
    session = window.session
    return (
        session is not None
        and ticket.group_id in serves(window)
        and set(session.clerk.cannot).isdisjoint(ticket.matters)
    )


def serves(window: Window) -> tuple[str, ...]:
    """The groups a window serves with the clerk it has; none while it is closed."""
    if window.session is None:
        return ()
    skills = window.session.clerk.group_ids
    return window.group_ids if skills is None else tuple(g for g in window.group_ids if g in skills)


def held_tickets(hall: Hall, window: Window) -> list[Ticket]:
    """The services on hold at a window, longest first."""
    return [hall.tickets[ticket_id] for ticket_id in window.held]


def queues_of(hall: Hall, window: Window) -> list[Queue]:
    """The queues a window draws from."""
    return [hall.queues[group_id] for group_id in serves(window)]


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────


def line(queue: Queue) -> tuple[int, ...]:
    """Everybody who waits for a group, in the order in which they will be called as things stand."""
    return queue.green + queue.fair


def ahead(hall: Hall, ticket: Ticket) -> int:
    """How many people will be called before this one, as things stand."""
    queue = hall.queues[ticket.group_id]
    if ticket.green:
        return place_in(hall, queue.green, ticket)
    return len(queue.green) + place_in(hall, queue.fair, ticket)


def place_in(hall: Hall, lane: tuple[int, ...], ticket: Ticket) -> int:
    """How many stand before a ticket in its lane."""
    if lane[-1] == ticket.id:
        return len(lane) - 1  # Whoever has just come.
    return bisect_left(lane, ticket.place, key=lambda other: hall.tickets[other].place)


def windows_for(hall: Hall, group_id: str) -> list[Window]:
    """The windows that serve a group now: signed in and not absent."""
    return [
        window
        for window in hall.windows.values()
        if window.session is not None and window.session.absent_since is None and group_id in serves(window)
    ]


def at_work_for(hall: Hall, group_id: str) -> list[Window]:
    """Those of them that are not paused; while all are, all of them, because a pause ends."""
    windows = windows_for(hall, group_id)
    return [each for each in windows if not is_paused(each)] or windows


def is_paused(window: Window) -> bool:
    """Whether the clerk of a window takes a break."""
    return window.session is not None and window.session.pause is not None


def with_added(queue: Queue, hall: Hall, ticket: Ticket) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The two lanes with one more ticket, at its place."""
    lane = queue.green if ticket.green else queue.fair
    if not lane or hall.tickets[lane[-1]].place <= ticket.place:
        lane += (ticket.id,)  # Nearly everybody joins at the end.
    else:
        index = bisect_right(lane, ticket.place, key=lambda other: hall.tickets[other].place)
        lane = (*lane[:index], ticket.id, *lane[index:])
    return (lane, queue.fair) if ticket.green else (queue.green, lane)


def without(lane: tuple[int, ...], ticket_id: int) -> tuple[int, ...]:
    """A lane without one ticket."""
    index = lane.index(ticket_id)
    return lane[:index] + lane[index + 1 :]


def place_behind(hall: Hall, ticket: Ticket, places: int, turn: int) -> Place:
    """The place right behind so many people: from where the ticket stands, or from the head if it waits not.

    `turn` is the journal number of the move, which keeps the order among those put behind the same person.
    """
    queue = hall.queues[ticket.group_id]
    lane = queue.green if ticket.green else queue.fair
    standing = ticket.state is TicketState.WAITING
    index = lane.index(ticket.id) if standing else 0
    others = without(lane, ticket.id) if standing else lane
    passed = others[: index + places]
    if not passed:
        return Place(turn)
    return Place(hall.tickets[passed[-1]].place.anchor, turn)


def everyone_waiting(hall: Hall) -> Iterator[int]:
    """All who wait, group by group in the order of the line."""
    return chain.from_iterable(line(queue) for queue in hall.queues.values())
