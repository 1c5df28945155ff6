"""The floor guide's desk, on a phone or a tablet: whom to fetch, who may come back, how long it takes.

Everything here is for staff who are signed in. Instants rather than durations, so that the page counts and the view
stays the same until something happens.
"""

from collections.abc import Iterable

from queue_server.hall.core.help import HelpTask, tasks
from queue_server.hall.core.model import Hall, Ticket, TicketState
from queue_server.hall.core.order import ahead
from queue_server.hall.live.views.parts import Moment, View, group_summary, hall_name, name, stamp
from queue_server.hall.live.views.ticket import can_return, return_until, window_of

TASKS_MAX = 60  # Of more people than that nobody has an overview; the most urgent come first.
MISSED_MAX = 60
FOUND_MAX = 20


def guide(moment: Moment) -> View:
    """Tasks, missed tickets that may come back, and the groups one can take a ticket for."""
    hall = moment.hall
    missed = sorted((t for t in hall.tickets.values() if can_return(moment, t)), key=lambda t: -t.id)
    waiting = tasks(hall)
    return {
        "type": "guide",
        "hall": {**hall_name(hall), "open": hall.open, "general_group": hall.about.general_group_id},
        **stamp(moment),
        "tasks_total": len(waiting),
        "tasks": [task_line(hall, task) for task in waiting[:TASKS_MAX]],
        "missed": [person(moment, ticket) for ticket in missed[:MISSED_MAX]],
        "groups": [group_summary(moment, group) for group in hall.groups.values()],
        "windows": [{"id": w.id, "label": name(w.name)} for w in hall.windows.values()],
        "waiting": sum(queue.length for queue in hall.queues.values()),
    }


def task_line(hall: Hall, task: HelpTask) -> View:
    """Somebody who is to be fetched: from where to which window, since when, why, and who goes."""
    ticket = task.ticket
    helper = ticket.helper
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "group": {"id": ticket.group_id, "name": name(hall.groups[ticket.group_id].name)},
        "state": ticket.state,
        "since": task.since,
        "called_at": ticket.called_at if task.called else None,
        "window": window_of(hall, ticket),
        "ahead": None if task.called else ahead(hall, ticket),
        "why": list(task.why),
        "priority_class": ticket.priority_class,
        "language": ticket.language,
        "acknowledged": ticket.acknowledged,
        "helper": None if helper is None else {"id": helper.id, "name": helper.name},
        "helped_at": ticket.helped_at,
    }


def found(moment: Moment, asked: str) -> View:
    """Open tickets whose number has these characters in it; without any, those who wait longest."""
    wanted = asked.upper().replace(" ", "")
    fitting = (
        ticket
        for ticket in by_issue(moment.hall)
        if (wanted in ticket.number if wanted else ticket.state is TicketState.WAITING)
    )
    first = [ticket for _, ticket in zip(range(FOUND_MAX), fitting, strict=False)]
    return {"type": "found", **stamp(moment), "tickets": [person(moment, ticket) for ticket in first]}


def by_issue(hall: Hall) -> Iterable[Ticket]:
    """Every open ticket, the oldest first."""
    return (hall.tickets[ticket_id] for ticket_id in sorted(hall.tickets))


def person(moment: Moment, ticket: Ticket) -> View:
    """One open ticket, with what a guide can do about it."""
    hall = moment.hall
    waiting = ticket.state is TicketState.WAITING
    in_hand = ticket.state in (TicketState.SERVING, TicketState.ON_HOLD)
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "group": {"id": ticket.group_id, "name": name(hall.groups[ticket.group_id].name)},
        "state": ticket.state,
        "issued_at": ticket.issued_at,
        "ahead": ahead(hall, ticket) if waiting else None,
        "window": window_of(hall, ticket),
        "priority_class": ticket.priority_class,
        "proof_seen": ticket.proof_seen,
        "needs": list(ticket.needs),
        "reach": ticket.reach,
        "followed": ticket.followed,
        "missed_at": ticket.missed_at,
        "return_until": return_until(hall, ticket),
        "can": {
            "return": can_return(moment, ticket),
            "acknowledge": ticket.state is TicketState.CALLED and not ticket.acknowledged,
            "void": not in_hand,
        },
    }
