"""What several views have in common. No view carries a phone, a citizen's name or an identity number."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from queue_server.hall.core.citizens import takes_tickets
from queue_server.hall.core.estimates import Estimate
from queue_server.hall.core.model import PACE_MINUTES, Clerk, Group, Hall, Name, TicketState, Window, Zone
from queue_server.hall.core.order import line, windows_for
from queue_server.hall.core.outlook import Outlook, wait_of_newcomer

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Moment:
    """A hall as it is shown: which journal, at what time."""

    hall: Hall
    epoch: str
    as_of: datetime
    outlook: Outlook | None = None  # What is expected; None before the first pass.
    offer: str = ""  # Another one whenever the matters of the hall are others.


def stamp(moment: Moment) -> View:
    """What makes a view comparable: newest `seq` of the same `epoch` wins."""
    return {"epoch": moment.epoch, "seq": moment.hall.seq, "as_of": moment.as_of}


def name(value: Name) -> View:
    """A name in both languages."""
    return {"zh": value.zh, "en": value.en}


def hall_name(hall: Hall) -> View:
    """Which hall it is."""
    return {"id": hall.id, "name": name(hall.about.name), "timezone": hall.about.timezone}


def minutes(value: Estimate | None) -> View | None:
    """A range of minutes, or None when nobody knows."""
    if value is None:
        return None
    return {
        "low_minutes": value.low_minutes,
        "high_minutes": value.high_minutes,
        "likely_minutes": value.likely_minutes,
    }


def zone_line(zone: Zone) -> View:
    """A zone by name and colour."""
    return {"id": zone.id, "name": name(zone.name), "color": zone.color}


def group_summary(moment: Moment, group: Group) -> View:
    """One group's queue, for everybody's eyes."""
    hall = moment.hall
    queue = hall.queues[group.id]
    return {
        "id": group.id,
        "name": name(group.name),
        "prefix": group.prefix,
        "green_prefix": group.green_prefix,
        "zone": group.zone_id,
        "open": takes_tickets(hall, group.id, moment.as_of),
        "waiting": queue.length,
        "estimate": minutes(wait_of_newcomer(hall, moment.outlook, group.id, moment.as_of)),
        "windows": [window.id for window in windows_for(hall, group.id)],
        "next": [hall.tickets[ticket_id].number for ticket_id in islice(line(hall, queue), 3)],
        "stopped": queue.stopped_at is not None,
    }


def window_state(hall: Hall, window: Window) -> str:
    """closed, ready, calling, serving, paused or absent."""
    session = window.session
    if session is None:
        return "closed"
    if session.absent_since is not None:
        return "absent"
    if session.pause is not None:
        return "paused"
    if window.ticket_id is None:
        return "ready"
    return "calling" if hall.tickets[window.ticket_id].state is TicketState.CALLED else "serving"


def window_summary(hall: Hall, window: Window) -> View:
    """One window, for everybody's eyes."""
    session = window.session
    return {
        "id": window.id,
        "name": window.id,
        "label": name(window.name),
        "zone": window.zone_id,
        "groups": list(window.group_ids),
        "green": window.green,
        "state": window_state(hall, window),
        "number": None if window.ticket_id is None else hall.tickets[window.ticket_id].number,
        "clerk": None
        if session is None
        else {**name_plate(session.clerk), "mentor": mentor(hall, session.clerk)},
        "paused_until": None if session is None or session.pause is None else session.pause.until,
    }


def name_plate(clerk: Clerk) -> View:
    """Who serves here, as the plate on the desk says it."""
    return {"name": clerk.name, "staff_no": clerk.staff_no, "trainee": clerk.mentor_id is not None}


def mentor(hall: Hall, trainee: Clerk) -> str | None:
    """Who looks after a trainee: the name on the mentor's own plate."""
    sessions = (window.session for window in hall.windows.values() if window.session is not None)
    return next((each.clerk.name for each in sessions if each.clerk.id == trainee.mentor_id), None)


def pace(moment: Moment) -> View:
    """How many people were called in the last minutes: the queue moves."""
    since = moment.as_of - timedelta(minutes=PACE_MINUTES)
    lately = moment.hall.called_lately
    return {"called": len(lately) - bisect_right(lately, since), "minutes": PACE_MINUTES}
