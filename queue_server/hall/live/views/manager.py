"""The hall at a glance, for managers: who waits how long, what every window does, what needs somebody.

Measures and their formulas (the sums come from `core/daybook.py`):

    longest wait    now minus issue, over those who wait for the group now; carried-over tickets count in full
    missed          calls nobody came for today, also of people who came back later
    no-shows        tickets that ended because nobody came
    busy share      (called + served time) / open time of a window today; open is signed in and neither paused nor
                    absent. None below ten open minutes: a share of nearly nothing says nothing.
    spread          largest minus smallest busy share among the windows that serve a group and have a share
    response        mean seconds from "is to be fetched" to a guide's "I go", over the errands taken today

Instants rather than durations, so that the page counts and shares with others what does not depend on when it looks.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from queue_server.catalogue.core import Matter
from queue_server.hall.core.citizens import takes_tickets
from queue_server.hall.core.daybook import Daybook, GroupDay, WindowDay, until
from queue_server.hall.core.help import tasks
from queue_server.hall.core.model import Group, Hall, Ticket, TicketState, Window
from queue_server.hall.core.order import line, serves, windows_for
from queue_server.hall.core.outlook import wait_of_newcomer
from queue_server.hall.live.views.parts import (
    Moment,
    View,
    hall_name,
    minutes,
    name,
    stamp,
    window_summary,
)

SHARE_FROM_SECONDS = 600.0
WAIT_LONG = timedelta(minutes=30)
HELP_LATE = timedelta(minutes=2)


def overview(moment: Moment, book: Daybook, matters: Mapping[str, Matter]) -> View:
    """Groups, windows, the day so far, and what needs attention."""
    hall = moment.hall
    shares = {window_id: busy_share(day, moment.as_of) for window_id, day in book.windows.items()}
    return {
        "type": "overview",
        "hall": {**hall_name(hall), "open": hall.open, "day": hall.day, "next_opens_at": hall.next_opens_at},
        **stamp(moment),
        "groups": [group_line(moment, group, book, shares) for group in hall.groups.values()],
        "windows": [window_line(moment, w, book, shares, matters) for w in hall.windows.values()],
        "tickets": ticket_states(hall, book),
        "half_hours": [
            {"at": at, "issued": half.issued, "served": half.served}
            for at, half in sorted(book.half_hours.items())
        ],
        "help": help_line(hall, book),
        "attention": list(attention(moment)),
    }


def group_line(moment: Moment, group: Group, book: Daybook, shares: Mapping[str, float | None]) -> View:
    """One group: its line now, and its day so far."""
    hall = moment.hall
    queue = hall.queues[group.id]
    day = book.groups.get(group.id) or GroupDay()
    known = [
        share
        for w in hall.windows.values()
        if group.id in w.group_ids and (share := shares.get(w.id)) is not None
    ]
    return {
        "id": group.id,
        "name": name(group.name),
        "zone": group.zone_id,
        "open": takes_tickets(hall, group.id, moment.as_of),
        "waiting": queue.length,
        "green": len(queue.green),
        "waits_since": min((hall.tickets[t].issued_at for t in line(hall, queue)), default=None),
        "estimate": minutes(wait_of_newcomer(hall, moment.outlook, group.id, moment.as_of)),
        "windows": [window.id for window in windows_for(hall, group.id)],
        "issued": day.issued,
        "served": day.served,
        "missed": day.calls_missed,
        "no_shows": day.no_shows,
        "spread": max(known) - min(known) if len(known) > 1 else None,
    }


def window_line(
    moment: Moment,
    window: Window,
    book: Daybook,
    shares: Mapping[str, float | None],
    matters: Mapping[str, Matter],
) -> View:
    """One window: what it does and since when, whom it serves, and how busy it was."""
    hall = moment.hall
    session = window.session
    day = book.windows.get(window.id)
    ticket = None if window.ticket_id is None else hall.tickets[window.ticket_id]
    return {
        **window_summary(hall, window),
        "serves": list(serves(window)),
        "since": None if day is None else day.since,
        "pause": None if session is None or session.pause is None else session.pause.reason,
        "ticket": None if ticket is None else ticket_at(ticket, matters),
        "held": len(window.held),
        "served": 0 if day is None else day.served,
        "busy_share": shares.get(window.id),
        "next_groups": None if window.next_group_ids is None else list(window.next_group_ids),
        "regroup_at": window.regroup_at,
    }


def ticket_at(ticket: Ticket, matters: Mapping[str, Matter]) -> View:
    """Whom a window has called or serves; the target is that of all the matters together."""
    targets = [matters[code].target_minutes for code in ticket.matters if code in matters]
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "called_at": ticket.called_at,
        "serving_since": ticket.serving_since,
        "service_seconds": ticket.service_seconds,
        "target_minutes": sum(targets) or None,
    }


def busy_share(day: WindowDay, now: datetime) -> float | None:
    """The share of a window's open time in which somebody was called or served."""
    day = until(day, now)
    if day.open_seconds < SHARE_FROM_SECONDS:
        return None
    return round(day.busy_seconds / day.open_seconds, 3)


def ticket_states(hall: Hall, book: Daybook) -> View:
    """How many tickets are where: now in the hall, and today out of it."""
    open_tickets = [ticket.state for ticket in hall.tickets.values()]
    days = book.groups.values()
    return {
        **{
            state: open_tickets.count(state)
            for state in (
                TicketState.WAITING,
                TicketState.CALLED,
                TicketState.SERVING,
                TicketState.ON_HOLD,
                TicketState.MISSED,
            )
        },
        "issued": sum(day.issued for day in days),
        "served": sum(day.served for day in days),
        "no_shows": sum(day.no_shows for day in days),
        "cancelled": sum(day.cancelled for day in days),
    }


def help_line(hall: Hall, book: Daybook) -> View:
    """How guides keep up: who is called and nobody goes for them, and how quickly somebody went so far."""
    taken = book.help.taken
    return {
        "open": sum(task.called and task.ticket.helper is None for task in tasks(hall)),
        "taken": taken,
        "response_seconds": round(book.help.response_seconds / taken) if taken else None,
    }


# ── What needs somebody ──────────────────────────────────────────────────────────────────────────


def attention(moment: Moment) -> Iterator[View]:
    """What a manager would want to be told, each with since when. The worst kinds come first."""
    hall, now = moment.hall, moment.as_of
    yield from absent_windows(hall)
    for task in tasks(hall):
        if task.called and task.ticket.helper is None and now - (task.ticket.called_at or now) > HELP_LATE:
            yield {"kind": "help", "number": task.ticket.number, "window": task.ticket.window_id, "group": None,
                   "since": task.ticket.called_at}  # fmt: skip
    yield from groups_without_windows(hall)
    for window in hall.windows.values():
        pause = None if window.session is None else window.session.pause
        if pause is not None and pause.until is not None and pause.until < now:
            yield {"kind": "pause", "number": None, "window": window.id, "group": None, "since": pause.until}
    for group_id, queue in hall.queues.items():
        longest = min((hall.tickets[t] for t in line(hall, queue)), key=lambda t: t.issued_at, default=None)
        if longest is not None and now - longest.issued_at > WAIT_LONG:
            yield {"kind": "wait", "number": longest.number, "window": None, "group": group_id,
                   "since": longest.issued_at}  # fmt: skip


def absent_windows(hall: Hall) -> Iterator[View]:
    """Windows whose console has not been heard of."""
    for window in hall.windows.values():
        if window.session is not None and window.session.absent_since is not None:
            yield {"kind": "absent", "number": None, "window": window.id, "group": None,
                   "since": window.session.absent_since}  # fmt: skip


def groups_without_windows(hall: Hall) -> Iterator[View]:
    """Groups for which people wait and nobody is there."""
    for group_id, queue in hall.queues.items():
        if queue.length and not windows_for(hall, group_id):
            first = hall.tickets[next(line(hall, queue))]
            yield {"kind": "unserved", "number": first.number, "window": None, "group": group_id,
                   "since": first.issued_at}  # fmt: skip
