"""Who is next. One pure function serves the live call, the positions on screens and the estimate.

A group has two lanes, each sorted by place: the green lane of those whom the law puts first, and the fair
lane of everybody else. A window picks in this order:

1. a citizen who is back for a service on hold at this very window;
2. the fair lane, while somebody in it has been overtaken `overtaken_max` times: a hard bound;
3. at a green window, the green lane;
4. elsewhere whoever has waited longer, where a green ticket counts as taken `green_head_start_seconds`
   earlier than it was. Everybody's claim grows by a second each second, so between two people it never
   turns, and the head of each lane is all there is to compare;
5. but after `green_in_a_row_max` green tickets in a row, the first of the fair lane if it came before the
   green one and has waited past `ordinary_guard_seconds`.

In the fair lane ordinary, transferred and returned tickets stand by place. A transferred ticket stands by its
time of issue, a returned one behind the people it was put behind. Over several groups the earliest place wins.
See docs/decisions/0005-one-fair-lane.md and docs/decisions/0011-a-head-start-and-a-bound.md.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain

from msgspec.structs import replace

from queue_server.hall.core import lanes
from queue_server.hall.core.lanes import Lane, PlaceOf, standing_before
from queue_server.hall.core.model import (
    CallRule,
    Clerk,
    Hall,
    Place,
    Queue,
    Ticket,
    TicketState,
    Window,
    seconds_between,
)

PASSED_MAX = 100  # More than any bound: what is counted beyond it changes nothing.


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
    green = first_in_line(heads(hall, window, [queue.green for queue in queues]))
    fair_heads = list(heads(hall, window, [queue.fair for queue in queues]))
    fair = first_in_line(fair_heads)
    if green is None:
        return None if fair is None else Choice(fair, CallRule.TURN)
    if fair is None or green.place < fair.place:
        return Choice(green, CallRule.GREEN_CHANNEL)
    return choice_between(hall, window, green, fair, fair_heads, now)


def choice_between(
    hall: Hall, window: Window, green: Ticket, fair: Ticket, fair_heads: list[Ticket], now: datetime
) -> Choice:
    """Who of two is next when the green ticket would overtake the other one, which came first."""
    if any(overtaken(hall, head) >= hall.rules.overtaken_max for head in fair_heads):
        return Choice(fair, CallRule.OVERTAKEN)
    if window.green:
        return Choice(green, CallRule.GREEN_CHANNEL)
    if standing_of(hall, fair) < standing_of(hall, green):
        return Choice(fair, CallRule.WAITED_LONGER)
    if guard_holds(hall, green, fair, now):
        return Choice(fair, CallRule.ORDINARY_GUARD)
    return Choice(green, CallRule.GREEN_CHANNEL)


def standing_of(hall: Hall, ticket: Ticket) -> tuple[datetime, Place]:
    """What decides between two lanes: since when a wait counts, a head start included; then the place."""
    return stands_from(hall, ticket.waits_since, green=ticket.green), ticket.place


def stands_from(hall: Hall, since: datetime, *, green: bool) -> datetime:
    """Since when a wait counts, a head start included."""
    return since - timedelta(seconds=hall.rules.green_head_start_seconds) if green else since


def overtaken(hall: Hall, ticket: Ticket) -> int:
    """How many people who came later went before somebody in the fair lane.

    Somebody who was put behind others is counted with them, so the number is never too small.
    """
    passed_by = hall.queues[ticket.group_id].passed_by
    return len(passed_by) - bisect_right(passed_by, ticket.place)


def guard_holds(hall: Hall, green: Ticket, fair: Ticket, now: datetime) -> bool:
    """Whether the ordinary ticket must go before yet another green one."""
    in_a_row = hall.queues[green.group_id].green_in_a_row
    waited = seconds_between(fair.issued_at, now)
    return in_a_row >= hall.rules.green_in_a_row_max and waited > hall.rules.ordinary_guard_seconds


def first_in_line(waiting: Iterable[Ticket]) -> Ticket | None:
    """The earliest place."""
    return min(waiting, key=lambda t: t.place, default=None)


def heads(hall: Hall, window: Window, lanes_of_groups: Iterable[Lane]) -> Iterator[Ticket]:
    """The first in each lane whom this window can serve."""
    for lane in lanes_of_groups:
        head = next(eligible(hall, window, lane), None)
        if head is not None:
            yield head


def eligible(hall: Hall, window: Window, lane: Lane) -> Iterator[Ticket]:
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
    """The groups a window serves with the clerk it has, and those it helps; none while it is closed."""
    own = own_groups(window)
    return own + tuple(each.group_id for each in window.widened) if window.widened else own


def own_groups(window: Window) -> tuple[str, ...]:
    """The groups of a window that are its clerk's own work: of those on the sign the ones best known."""
    return () if window.session is None else best_known(window.group_ids, window.session.clerk)


def best_known(group_ids: tuple[str, ...], clerk: Clerk) -> tuple[str, ...]:
    """Of some groups those that a clerk knows best."""
    if clerk.group_ids is None:
        return group_ids
    known = tuple(g for g in group_ids if g in clerk.group_ids)
    if not clerk.secondary and not clerk.emergency:
        return known
    not_urgent = tuple(g for g in known if g not in clerk.emergency)
    return tuple(g for g in not_urgent if g not in clerk.secondary) or not_urgent or known


def held_tickets(hall: Hall, window: Window) -> list[Ticket]:
    """The services on hold at a window, longest first."""
    return [hall.tickets[ticket_id] for ticket_id in window.held]


def queues_of(hall: Hall, window: Window) -> list[Queue]:
    """The queues a window draws from."""
    return [hall.queues[group_id] for group_id in serves(window)]


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────


def line(hall: Hall, queue: Queue) -> Iterator[int]:
    """Everybody who waits for a group, in the order in which they will be called as things stand.

    Lazy, because thousands may wait and most who ask want the first few.
    """
    if not queue.green or not queue.fair:
        return chain(queue.green, queue.fair)
    return merge(queue.green, queue.fair, key=lambda ticket_id: standing_of(hall, hall.tickets[ticket_id]))


def ahead(hall: Hall, ticket: Ticket) -> int:
    """How many people will be called before this one, as things stand."""
    queue = hall.queues[ticket.group_id]
    other = queue.fair if ticket.green else queue.green
    return place_in(hall, lane_for(hall, ticket), ticket) + before(hall, other, standing_of(hall, ticket))


def ahead_of_newcomer(hall: Hall, group_id: str, now: datetime, *, green: bool) -> int:
    """How many people will be called before somebody who takes a number now."""
    queue = hall.queues[group_id]
    if not green:
        return queue.length
    standing = stands_from(hall, now, green=True), Place(hall.seq + 1)
    return len(queue.green) + before(hall, queue.fair, standing)


def before(hall: Hall, lane: Lane, standing: tuple[datetime, Place]) -> int:
    """How many of another lane are called before somebody who stands so."""
    if not lane:
        return 0
    if standing_of(hall, hall.tickets[lane[-1]]) < standing:
        return len(lane)  # Nearly every green ticket was taken before.
    return bisect_left(lane, standing, key=lambda ticket_id: standing_of(hall, hall.tickets[ticket_id]))


def place_in(hall: Hall, lane: Lane, ticket: Ticket) -> int:
    """How many stand before a ticket in its lane."""
    if lane[-1] == ticket.id:
        return len(lane) - 1  # Whoever has just come.
    return standing_before(lane, ticket.place, place_of(hall))


def place_of(hall: Hall) -> PlaceOf:
    """How a lane looks up the places of those who stand in it."""
    return lambda ticket_id: hall.tickets[ticket_id].place


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


def idle_in_turn(windows: Iterable[Window], now: datetime) -> list[Window]:
    """Windows with a clerk and nobody to serve, in the order in which they are to call whoever comes next.

    First whoever has been busy for the smallest share of the time, so that work is shared by time and a quick
    clerk is not given more of it; then whoever has been without anybody for longest.
    """
    idle = [each for each in windows if each.ticket_id is None and is_there(each)]
    return sorted(idle, key=lambda window: (busy_share(window, now), free_since(window), window.id))


def busy_share(window: Window, now: datetime) -> float:
    """The share of a session, pauses left out, in which somebody was called or served."""
    session = window.session
    if session is None:
        return 0.0
    pause_seconds = 0.0 if session.pause is None else seconds_between(session.pause.since, now)
    open_seconds = seconds_between(session.since, now) - session.paused_seconds - pause_seconds
    running_seconds = 0.0 if session.busy_since is None else seconds_between(session.busy_since, now)
    return min(1.0, (session.busy_seconds + running_seconds) / open_seconds) if open_seconds > 0 else 0.0


def free_since(window: Window) -> datetime:
    """Since when nobody has been at an open window."""
    assert window.session is not None
    return window.session.free_since or window.session.since


def is_there(window: Window) -> bool:
    """Whether the clerk of a window is there to call: signed in, not paused and not absent."""
    session = window.session
    return session is not None and session.pause is None and session.absent_since is None


def is_paused(window: Window) -> bool:
    """Whether the clerk of a window takes a break."""
    return window.session is not None and window.session.pause is not None


def joined(hall: Hall, ticket: Ticket) -> Queue:
    """The queue of its group with one more ticket, at its place."""
    queue = hall.queues[ticket.group_id]
    if ticket.green:
        return replace(queue, green=lanes.added(queue.green, ticket.id, ticket.place, place_of(hall)))
    return replace(queue, fair=lanes.added(queue.fair, ticket.id, ticket.place, place_of(hall)))


def left(hall: Hall, ticket: Ticket) -> Queue:
    """The queue of its group without a ticket that waited."""
    queue = hall.queues[ticket.group_id]
    if ticket.green:
        return replace(queue, green=lanes.without(queue.green, ticket.id, place_of(hall)))
    fair = lanes.without(queue.fair, ticket.id, place_of(hall))
    return replace(queue, fair=fair, passed_by=still_counted(hall, queue.passed_by, fair))


def still_counted(hall: Hall, passed_by: tuple[Place, ...], fair: Lane) -> tuple[Place, ...]:
    """Those who went before somebody who still waits."""
    if not passed_by or not fair:
        return ()
    return passed_by[bisect_right(passed_by, hall.tickets[fair[0]].place) :]


def passed(hall: Hall, queue: Queue, place: Place) -> Queue:
    """The queue after somebody at this place was called, past those in the fair lane who came before."""
    if not queue.fair or place < hall.tickets[queue.fair[0]].place:
        return queue
    passed_by = [*queue.passed_by]
    insort(passed_by, place)
    return replace(queue, passed_by=tuple(passed_by[-PASSED_MAX:]))


def place_behind(hall: Hall, ticket: Ticket, places: int, turn: int) -> Place:
    """The place right behind so many people: from where the ticket stands, or from the head if it waits not.

    `turn` is the journal number of the move, which keeps the order among those put behind the same person.
    """
    lane = lane_for(hall, ticket)
    # Whoever waits is one of those who stand before the new place, and does not count.
    last = place_in(hall, lane, ticket) + places if ticket.state is TicketState.WAITING else places - 1
    if not lane or last < 0:
        return Place(turn)
    return Place(hall.tickets[lane[min(last, len(lane) - 1)]].place.anchor, turn)


def behind(hall: Hall, ticket: Ticket) -> Ticket | None:
    """Who stands right before the place of a ticket that is about to join its lane."""
    lane = lane_for(hall, ticket)
    index = standing_before(lane, ticket.place, place_of(hall)) - 1
    return None if index < 0 else hall.tickets[lane[index]]


def lane_for(hall: Hall, ticket: Ticket) -> Lane:
    """The lane of its group in which a ticket stands, or would."""
    queue = hall.queues[ticket.group_id]
    return queue.green if ticket.green else queue.fair


def everyone_waiting(hall: Hall) -> Iterator[int]:
    """All who wait, group by group in the order of the line."""
    return chain.from_iterable(line(hall, queue) for queue in hall.queues.values())
