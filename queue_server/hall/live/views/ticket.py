"""A ticket, as the citizen who holds the link sees it on the phone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from queue_server.hall.core.clerks import grace_until
from queue_server.hall.core.model import Channel, Hall, Leg, Outcome, Rules, Ticket, TicketState, Window
from queue_server.hall.core.order import ahead, windows_for
from queue_server.hall.core.outlook import wait_of
from queue_server.hall.core.paper import zone_named
from queue_server.hall.core.promises import Cause, Revision, revision
from queue_server.hall.core.wayfinding import direction
from queue_server.hall.live.views.parts import Moment, View, hall_name, minutes, name, stamp, zone_line
from queue_server.hall.store.facts import Found


def ticket_view(moment: Moment, ticket: Ticket) -> View:
    """An open ticket: the place in line, or where to go, and what can be done about it."""
    hall = moment.hall
    waiting = ticket.state is TicketState.WAITING
    people_ahead = ahead(hall, ticket) if waiting else None
    return {
        "type": "ticket",
        **stamp(moment),
        "hall": hall_name(hall),
        "id": str(ticket.id),
        "number": ticket.number,
        "state": ticket.state,
        "reason": None,
        "group": {"id": ticket.group_id, "name": name(hall.groups[ticket.group_id].name)},
        "matters": list(ticket.matters),
        "later_groups": [leg.group_id for leg in ticket.later_legs],
        "ahead": people_ahead,
        "estimate": minutes(wait_of(hall, moment.outlook, ticket, moment.as_of)) if waiting else None,
        "near": ticket.near,
        "walk_minutes": ticket.walk_minutes,
        "promise": promise_of(ticket) if waiting else None,
        "revision": changed(revision(hall, moment.outlook, ticket, moment.as_of)),
        "windows": [window.id for window in windows_for(hall, ticket.group_id)],
        "likely": [window_line(window) for window in windows_for(hall, ticket.group_id)] if waiting else [],
        "later": [leg_line(hall, leg) for leg in ticket.later_legs],
        "window": window_of(hall, ticket),
        "called_at": ticket.called_at if ticket.state is TicketState.CALLED else None,
        "call_seq": ticket.call_seq or None,
        "recalls": ticket.recalls,
        "acknowledged": ticket.acknowledged,
        "followed": ticket.followed,
        "reach": ticket.reach,
        "in_wechat": ticket.in_wechat or ticket.channel is Channel.WECHAT,
        "grace_until": grace_until(hall, ticket) if ticket.state is TicketState.CALLED else None,
        "priority_class": ticket.priority_class,
        "issued_at": ticket.issued_at,
        "serving_since": ticket.serving_since,
        "hold_until": ticket.hold_until,
        "hold_reason": ticket.hold_reason if ticket.state is TicketState.ON_HOLD else None,
        "first_slot_at": ticket.first_slot_at if waiting else None,
        "return_until": return_until(hall, ticket),
        "return_places": hall.rules.return_places,
        "defers_left": max(0, hall.rules.defers_max - ticket.defers),
        "returns_left": max(0, hall.rules.returns_max - ticket.returns),
        "rules": rules_in_words(hall.rules),
        "outcomes": [],
        "can": can(moment, ticket, people_ahead),
    }


def promise_of(ticket: Ticket) -> View | None:
    """What the citizen was told first."""
    promise = ticket.promise
    if promise is None:
        return None
    return {"made_at": promise.made_at, "low_at": promise.low_at, "high_at": promise.high_at}


def changed(revised: Revision | None) -> View | None:
    """That it will be later or earlier than that, and why."""
    return (
        None if revised is None else {"later": revised.later, "causes": list(map(cause_line, revised.causes))}
    )


def cause_line(cause: Cause) -> View:
    """One cause, with its values."""
    return {
        "because": cause.because,
        "was": cause.was,
        "now": cause.now,
        "paused": [window_line(window) for window in cause.paused],
    }


def window_line(window: Window) -> View:
    """A window by name."""
    return {"id": window.id, "label": name(window.name)}


def leg_line(hall: Hall, leg: Leg) -> View:
    """Where the visit leads afterwards."""
    return {
        "id": leg.group_id,
        "name": name(hall.groups[leg.group_id].name),
        "windows": [window_line(window) for window in windows_for(hall, leg.group_id)],
    }


def rules_in_words(rules: Rules) -> View:
    """What a citizen may want to know of the rules of the hall."""
    return {
        "call_grace_seconds": rules.call_grace_seconds,
        "return_within_seconds": rules.return_within_seconds,
        "return_places": rules.return_places,
        "returns_max": rules.returns_max,
        "defers_max": rules.defers_max,
        "defer_places_max": rules.defer_places_max,
        "green_head_start_seconds": rules.green_head_start_seconds,
        "overtaken_max": rules.overtaken_max,
        "ordinary_guard_seconds": rules.ordinary_guard_seconds,
        "green_in_a_row_max": rules.green_in_a_row_max,
    }


def can(moment: Moment, ticket: Ticket, people_ahead: int | None) -> View:
    """What the citizen may do now; the hall decides again when it is asked."""
    hall = moment.hall
    queue = hall.queues[ticket.group_id]
    last = people_ahead is None or people_ahead + 1 >= (len(queue.green) if ticket.green else queue.length)
    return {
        "cancel": ticket.state in (TicketState.WAITING, TicketState.CALLED, TicketState.MISSED),
        "defer": ticket.state is TicketState.WAITING and ticket.defers < hall.rules.defers_max and not last,
        "return": can_return(moment, ticket),
        "acknowledge": ticket.state is TicketState.CALLED and not ticket.acknowledged,
    }


def can_return(moment: Moment, ticket: Ticket) -> bool:
    """Whether the citizen may come back: after a missed call, or to the window that holds the service."""
    if ticket.state is TicketState.ON_HOLD:
        return not ticket.back_from_hold
    until = return_until(moment.hall, ticket)
    return until is not None and moment.as_of <= until


def return_until(hall: Hall, ticket: Ticket) -> datetime | None:
    """Until when a missed ticket may come back; None when it may not."""
    if ticket.missed_at is None or ticket.returns >= hall.rules.returns_max:
        return None
    return ticket.missed_at + timedelta(seconds=hall.rules.return_within_seconds)


def window_of(hall: Hall, ticket: Ticket) -> View | None:
    """Where to go."""
    window = None if ticket.window_id is None else hall.windows.get(ticket.window_id)
    if window is None:
        return None
    zone = zone_named(hall.about.zones, window.zone_id)
    waiting_at = None if hall.about.plan is None else hall.about.plan.waiting
    return {
        "id": window.id,
        "label": name(window.name),
        "zone": None if zone is None else zone_line(zone),
        "direction": direction(waiting_at, window.spot),
    }


def ended_view(moment: Moment, found: Found, outcomes: Mapping[str, Outcome] | None = None) -> View:
    """A ticket that has ended, as the facts remember it, with the outcome of each matter."""
    hall = moment.hall
    group = hall.groups.get(found.group_id)
    return {
        "type": "ticket",
        **stamp(moment),
        "hall": hall_name(hall),
        "id": str(found.ticket_id),
        "number": found.number,
        "state": found.state,
        "reason": found.reason or None,
        "group": {"id": found.group_id, "name": None if group is None else name(group.name)},
        "matters": list(found.matters),
        "later_groups": [],
        "ahead": None,
        "estimate": None,
        "near": False,
        "walk_minutes": 0,
        "promise": None,
        "revision": None,
        "windows": [],
        "likely": [],
        "later": [],
        "window": None,
        "served_at": found.window_id,
        "called_at": None,
        "call_seq": None,
        "recalls": 0,
        "acknowledged": False,
        "followed": False,
        "reach": "none",
        "in_wechat": False,
        "grace_until": None,
        "priority_class": found.priority_class,
        "issued_at": found.issued_at,
        "ended_at": found.ended_at,
        "serving_since": None,
        "hold_until": None,
        "hold_reason": None,
        "first_slot_at": None,
        "return_until": None,
        "return_places": hall.rules.return_places,
        "defers_left": 0,
        "returns_left": 0,
        "rules": rules_in_words(hall.rules),
        "outcomes": [{"matter": code, "outcome": result} for code, result in (outcomes or {}).items()],
        "can": {"cancel": False, "defer": False, "return": False, "acknowledge": False},
    }
