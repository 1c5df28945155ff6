"""What the clock asks of a hall. `due` is asked often and answers with ordinary requests."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core import rejections as r
from queue_server.hall.core.citizens import ticket_at
from queue_server.hall.core.clerks import grace_until, window_at
from queue_server.hall.core.closing import changes_due as changes_at_closing
from queue_server.hall.core.managers import IN_HAND
from queue_server.hall.core.model import Hall, TicketState, Window
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.core.promises import revisions_due
from queue_server.hall.core.reminders import newly_near
from queue_server.hall.core.widening import changes_due


def due(hall: Hall, now: datetime, outlook: Outlook | None = None) -> list[c.Command]:
    """The requests whose time has come, in an order in which all of them can be carried out."""
    return [
        *at_windows(hall, now),
        *(changes_due(hall, now) if hall.open else ()),
        *([c.RevisePromises()] if told_otherwise(hall, now, outlook) else ()),
        *(changes_at_closing(hall, now, outlook) if hall.open else ()),
        *closing(hall, now),
    ]


def told_otherwise(hall: Hall, now: datetime, outlook: Outlook | None) -> list[e.Event]:
    """Who is to hear of another range, and whom the time has brought near."""
    if outlook is None or not hall.open:
        return []
    near = [e.TicketNear(ticket_id, now) for ticket_id in newly_near(hall, hall.queues, now, outlook)]
    return [*revisions_due(hall, outlook, now), *near]


def at_windows(hall: Hall, now: datetime) -> Iterator[c.Command]:
    """Grace periods, holds and planned changes that are over."""
    for window in hall.windows.values():
        if window.regroup_at is not None and window.next_group_ids is not None and window.regroup_at <= now:
            yield c.RegroupWindow(window.id, window.next_group_ids)
        if grace_is_over(hall, window, now):
            yield c.MissTicket(window.id)
        for ticket_id in window.held:
            ticket = hall.tickets[ticket_id]
            if ticket.hold_until is not None and ticket.hold_until <= now and not ticket.back_from_hold:
                yield c.ExpireHold(ticket_id)


def grace_is_over(hall: Hall, window: Window, now: datetime) -> bool:
    """Whether the clock marks the call at this window as missed."""
    if window.ticket_id is None or not hall.rules.misses_itself:
        return False
    ticket = hall.tickets[window.ticket_id]
    return ticket.state is TicketState.CALLED and grace_until(hall, ticket) <= now


def closing(hall: Hall, now: datetime) -> list[c.Command]:
    """The end of the day: after closing when nobody is left, at the latest when the extension is over."""
    if not hall.open or not hall.hours:
        return []
    closes_at = max(opening.closes_at for opening in hall.hours)
    if now < closes_at:
        return []
    extension_over = now >= closes_at + timedelta(seconds=hall.rules.extension_seconds)
    in_hand = any(ticket.state in IN_HAND for ticket in hall.tickets.values())
    waiting = any(queue.length for queue in hall.queues.values())
    being_served = any(t.state in (TicketState.CALLED, TicketState.SERVING) for t in hall.tickets.values())
    if (extension_over and not being_served) or not (in_hand or waiting):
        return [c.CloseDay()]
    return []


def mark_absent(hall: Hall, command: c.MarkAbsent, now: datetime) -> list[e.Event]:
    """The console is gone. A called citizen is first in line again; a service goes on at the desk."""
    window = window_at(hall, command.window_id)
    if window.session is None or window.session.absent_since is not None:
        raise r.NothingToDo()
    absent = e.WindowAbsent(window.id, now)
    ticket = None if window.ticket_id is None else hall.tickets[window.ticket_id]
    if ticket is not None and ticket.state is TicketState.CALLED:
        return [e.CallUndone(ticket.id, now, "window_absent"), absent]
    return [absent]


def mark_present(hall: Hall, command: c.MarkPresent, now: datetime) -> list[e.Event]:
    """The console is back, and the window is as it was."""
    window = window_at(hall, command.window_id)
    session = window.session
    if session is None or session.absent_since is None or session.console != command.console:
        raise r.NothingToDo()
    return [e.WindowPresent(window.id, now)]


def revise_promises(hall: Hall, now: datetime, outlook: Outlook | None) -> list[e.Event]:
    """Write down what those who wait are told from now on."""
    events = told_otherwise(hall, now, outlook)
    if not events:
        raise r.NothingToDo()
    return events


def expire_hold(hall: Hall, command: c.ExpireHold, now: datetime) -> list[e.Event]:
    """The citizen did not come back to the window in time."""
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.state is not TicketState.ON_HOLD or ticket.hold_until is None or ticket.hold_until > now:
        raise r.WrongTicketState(state=ticket.state)
    return [e.TicketExpired(ticket.id, "hold_limit", now)]
