"""What is true of every hall after every event, whatever anybody asked.

`check` runs after each step of the property tests and the simulation.
"""

from collections import Counter

from queue_server.hall.core.model import Hall, TicketState
from queue_server.hall.core.order import line

AT_A_WINDOW = (TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD)


class Broken(AssertionError):
    """An invariant does not hold: the hall cannot be trusted from this journal number on."""


def check(hall: Hall) -> None:
    """Raise `Broken` unless every invariant holds."""
    for name, holds in (
        ("every waiting ticket stands in exactly one lane, the right one", lanes_hold_the_waiting(hall)),
        ("lanes are sorted by place", lanes_are_sorted(hall)),
        (
            "a window serves at most one ticket, and a ticket is at one window",
            windows_hold_their_tickets(hall),
        ),
        ("no two open tickets have the same number", numbers_are_unique(hall)),
        ("only open tickets stay in the hall", all(t.state in OPEN for t in hall.tickets.values())),
        ("durations are never negative", durations_are_not_negative(hall)),
        ("an absent or closed window calls nobody", nobody_is_called_to_a_closed_window(hall)),
        ("a visit only leads to groups that are there", legs_lead_somewhere(hall)),
        ("recent calls are few, newest first", calls_are_in_order(hall)),
    ):
        if not holds:
            raise Broken(f"{hall.id} at {hall.seq}: {name}")


OPEN = (*AT_A_WINDOW, TicketState.WAITING, TicketState.MISSED)


def lanes_hold_the_waiting(hall: Hall) -> bool:
    """Conservation: who waits stands in a lane once, and nobody else stands in one."""
    standing = Counter(ticket_id for queue in hall.queues.values() for ticket_id in line(hall, queue))
    waiting = {t.id for t in hall.tickets.values() if t.state is TicketState.WAITING}
    right_lane = all(
        hall.tickets[ticket_id].green is green and hall.tickets[ticket_id].group_id == group_id
        for group_id, queue in hall.queues.items()
        for green, lane in ((True, queue.green), (False, queue.fair))
        for ticket_id in lane
        if ticket_id in hall.tickets
    )
    return right_lane and set(standing) == waiting and all(count == 1 for count in standing.values())


def lanes_are_sorted(hall: Hall) -> bool:
    """Order is the product."""
    return all(
        [hall.tickets[t].place for t in lane] == sorted(hall.tickets[t].place for t in lane)
        for queue in hall.queues.values()
        for lane in (queue.green, queue.fair)
    )


def windows_hold_their_tickets(hall: Hall) -> bool:
    """Windows and tickets tell the same story about each other."""
    at_windows = Counter(w.ticket_id for w in hall.windows.values() if w.ticket_id is not None)
    held = Counter(ticket_id for w in hall.windows.values() for ticket_id in w.held)
    if any(count > 1 for count in (at_windows + held).values()):
        return False
    by_window = {
        t: w.id for w in hall.windows.values() for t in ((w.ticket_id, *w.held) if w.ticket_id else w.held)
    }
    by_ticket = {t.id: t.window_id for t in hall.tickets.values() if t.state in AT_A_WINDOW}
    return by_window == by_ticket and all(hall.tickets[t].state is TicketState.ON_HOLD for t in held)


def numbers_are_unique(hall: Hall) -> bool:
    """A number on a screen means one person."""
    return len({t.number for t in hall.tickets.values()}) == len(hall.tickets)


def durations_are_not_negative(hall: Hall) -> bool:
    """Clocks may step, durations do not go below nothing."""
    return all(t.service_seconds >= 0 and t.hold_seconds >= 0 for t in hall.tickets.values())


def nobody_is_called_to_a_closed_window(hall: Hall) -> bool:
    """Whoever goes to a window finds somebody there."""
    return all(
        w.session is not None and (w.session.absent_since is None or not is_called(hall, w.ticket_id))
        for w in hall.windows.values()
        if w.ticket_id is not None or w.held
    )


def is_called(hall: Hall, ticket_id: int | None) -> bool:
    """Whether a ticket is in the called state."""
    return ticket_id is not None and hall.tickets[ticket_id].state is TicketState.CALLED


def legs_lead_somewhere(hall: Hall) -> bool:
    """Nobody is sent on to a group that the hall does not have."""
    legs = (leg.group_id for ticket in hall.tickets.values() for leg in ticket.later_legs)
    return all(group_id in hall.groups for group_id in legs)


def calls_are_in_order(hall: Hall) -> bool:
    """Screens list calls newest first, each ticket once."""
    seqs = [call.seq for call in hall.calls]
    return seqs == sorted(seqs, reverse=True) and len({c.ticket_id for c in hall.calls}) == len(seqs)
