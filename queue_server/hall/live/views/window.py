"""A window: what its screen shows, and what the clerk's console shows besides."""

from collections.abc import Iterator, Mapping
from heapq import merge
from itertools import islice

from queue_server.catalogue.core import Matter, Scenario
from queue_server.hall.core.clerks import grace_until, recall_from, skill_gaps, undo_until
from queue_server.hall.core.model import (
    Hall,
    Need,
    Session,
    Tally,
    Ticket,
    TicketState,
    Window,
    seconds_between,
)
from queue_server.hall.core.order import Choice, eligible, held_tickets, idle_in_turn, next_ticket, serves
from queue_server.hall.live.views.parts import (
    Moment,
    View,
    hall_name,
    name,
    name_plate,
    stamp,
    window_summary,
)

NEXT_MAX = 7  # As many people as a clerk can take in at a glance.


def window_screen(moment: Moment, window: Window) -> View:
    """The screen above the window: number, state, name plate. No more than the board tells everybody."""
    return {
        "type": "window",
        **stamp(moment),
        "hall": hall_name(moment.hall),
        "window": window_summary(moment.hall, window),
        "groups": [{"id": g, "name": name(moment.hall.groups[g].name)} for g in window.group_ids],
        "calls": [
            {
                "seq": call.seq,
                "number": call.number,
                "at": call.at,
                "recall": call.recall,
                "state": call.state,
            }
            for call in moment.hall.calls
            if call.window_id == window.id
        ][:1],
    }


def own_screen(moment: Moment, window: Window) -> View:
    """What the screen that hangs at this window is told, and nobody else: whether it may speak this one call.

    It never says why. Whoever asked for a voice is heard by the hall only where the hall wants it so.
    """
    return {**window_screen(moment, window), "prompt": may_speak(moment.hall, window)}


def may_speak(hall: Hall, window: Window) -> bool:
    """Whether the one who is called asked for a voice, and this window may have one."""
    ticket = None if window.ticket_id is None else hall.tickets[window.ticket_id]
    return (
        window.accessible
        and ticket is not None
        and ticket.state is TicketState.CALLED
        and Need.VOICE in ticket.needs
    )


def console(moment: Moment, window: Window, matters: Mapping[str, Matter]) -> View:
    """What the clerk at the window works with."""
    hall = moment.hall
    session = window.session
    ticket = None if window.ticket_id is None else hall.tickets[window.ticket_id]
    choice = next_ticket(hall, window, moment.as_of)
    screen = window_screen(moment, window)
    return {
        **screen,
        "window": {**screen["window"], **session_parts(session)},
        "helping": [
            {
                "group": each.group_id,
                "name": name(hall.groups[each.group_id].name),
                "since": each.since,
                "wait_seconds": each.wait_seconds,
                "target_seconds": each.target_seconds,
            }
            for each in window.widened
        ],
        "turn": turn_of(moment, window) if choice is None else None,
        "ended_certificates": [] if session is None else ended_certificates(hall, session, matters),
        "gaps": [] if session is None else skill_gaps(hall, window, session.clerk),
        "ticket": None if ticket is None else ticket_at_window(moment, ticket, matters),
        "held": [
            {
                "id": str(held.id),
                "number": held.number,
                "group": held.group_id,
                "since": held.held_at,
                "until": held.hold_until,
                "reason": held.hold_reason,
                "back": held.back_from_hold,
            }
            for held in held_tickets(hall, window)
        ],
        "next": None if choice is None else next_line(choice, matters),
        "waiting": {
            "total": waiting_total(hall, window),
            "next": [waiting_line(moment, t) for t in islice(in_line(hall, window, choice), NEXT_MAX)],
        },
        "groups": [
            {"id": g, "name": name(hall.groups[g].name), "waiting": hall.queues[g].length}
            for g in window.group_ids
        ],
        "today": today(hall, session),
    }


def ended_certificates(hall: Hall, session: Session, matters: Mapping[str, Matter]) -> list[View]:
    """For what the clerk's certificate has ended, so that nobody is called for it."""
    return [
        {
            "id": each.id,
            "name": name(hall.groups[each.id].name)
            if each.of == "group"
            else matter_name(each.id, matters.get(each.id)),
            "ended_on": each.ends_on,
        }
        for each in session.clerk.ended
        if each.of == "matter" or each.id in hall.groups
    ]


def session_parts(session: Session | None) -> View:
    """Who is signed in, and the pause."""
    if session is None:
        return {"session": None, "pause": None}
    pause = session.pause
    return {
        "session": {
            "clerk": name_plate(session.clerk),
            "since": session.since,
            "console": session.console,  # So that a console knows whether it is the one.
            "taken_over_at": session.taken_over_at,
            "taken_from": session.taken_from,
        },
        "pause": None
        if pause is None
        else {"reason": pause.reason, "since": pause.since, "until": pause.until},
    }


def ticket_at_window(moment: Moment, ticket: Ticket, matters: Mapping[str, Matter]) -> View:
    """The ticket being called or served, with what the clerk needs to know of it."""
    hall, now = moment.hall, moment.as_of
    called = ticket.state is TicketState.CALLED
    running = 0.0 if ticket.serving_since is None else seconds_between(ticket.serving_since, now)
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "state": ticket.state,
        "group": ticket.group_id,
        "matters": [matter_line(ticket, code, matters.get(code)) for code in ticket.matters],
        "later_groups": [leg.group_id for leg in ticket.later_legs],
        "channel": ticket.channel,
        "priority_class": ticket.priority_class,
        "proof_seen": ticket.proof_seen,
        "needs": list(ticket.needs),
        "language": ticket.language,
        "call_rule": ticket.call_rule,
        "issued_at": ticket.issued_at,
        "called_at": ticket.called_at,
        "started_at": ticket.started_at,
        "serving_since": ticket.serving_since,
        "service_seconds": ticket.service_seconds + running,
        "recalls": ticket.recalls,
        "recalls_max": hall.rules.recalls_max,
        "recall_from": recall_from(hall, ticket) if called else None,
        "grace_until": grace_until(hall, ticket) if called else None,
        "undo_until": undo_until(hall, ticket) if called else None,
        "hold_seconds": ticket.hold_seconds,
        "wait_seconds": seconds_between(ticket.issued_at, ticket.first_called_at or now),
        "hops": ticket.hops,
        "acknowledged": ticket.acknowledged,
    }


def matter_line(ticket: Ticket, code: str, matter: Matter | None) -> View:
    """One matter in the case that was chosen, with its target and what to bring."""
    scenario = None if matter is None else chosen_scenario(ticket, matter)
    materials = () if matter is None else matter.materials_for("" if scenario is None else scenario.code)
    return {
        "code": code,
        "name": matter_name(code, matter),
        "scenario": None if scenario is None else {"zh": scenario.name_zh, "en": scenario.name_en},
        "target_minutes": None if matter is None else matter.target_minutes,
        "materials": [
            {
                "name": {"zh": material.name_zh, "en": material.name_en},
                "tolerable": material.tolerable,
                "exempt": material.exempt,
            }
            for material in materials
        ],
    }


def matter_name(code: str, matter: Matter | None) -> View:
    """A matter by name; by its code when the catalogue has it no more."""
    return {"zh": code, "en": code} if matter is None else {"zh": matter.name_zh, "en": matter.name_en}


def chosen_scenario(ticket: Ticket, matter: Matter) -> Scenario | None:
    """The case of a matter that the citizen has chosen, if any."""
    return next((each for each in matter.scenarios if f"{matter.code}.{each.code}" in ticket.scenarios), None)


def waiting_total(hall: Hall, window: Window) -> int:
    """How many people wait for the groups of this window."""
    return sum(hall.queues[group_id].length for group_id in groups_shown(window))


def groups_shown(window: Window) -> tuple[str, ...]:
    """The groups the window serves, or would serve if it were open."""
    return serves(window) or window.group_ids


def next_line(choice: Choice, matters: Mapping[str, Matter]) -> View:
    """Whom the next press calls, by which rule, and what for."""
    ticket = choice.ticket
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "rule": choice.rule,
        "matters": [matter_name(code, matters.get(code)) for code in ticket.matters],
    }


def in_line(hall: Hall, window: Window, choice: Choice | None) -> Iterator[Ticket]:
    """Who is next comes first; behind it the green lanes and then everybody, by place.

    Lazy, because thousands may wait and the clerk sees a few.
    """
    first = None if choice is None or choice.ticket.id in window.held else choice.ticket
    if first is not None:
        yield first
    queues = [hall.queues[group_id] for group_id in groups_shown(window)]
    for lanes in ([queue.green for queue in queues], [queue.fair for queue in queues]):
        for ticket in merge(*(eligible(hall, window, lane) for lane in lanes if lane), key=lambda t: t.place):
            if ticket is not first:
                yield ticket


def turn_of(moment: Moment, window: Window) -> View | None:
    """Which of the idle windows is to call whoever comes next: work is shared by time. None if only one is idle."""
    served = set(serves(window))
    alike = [each for each in moment.hall.windows.values() if not served.isdisjoint(serves(each))]
    in_turn = idle_in_turn(alike, moment.as_of)
    if window not in in_turn or len(in_turn) == 1:
        return None
    return {"id": in_turn[0].id, "label": name(in_turn[0].name)}


def waiting_line(moment: Moment, ticket: Ticket) -> View:
    """One person in the list of those who wait."""
    return {
        "id": str(ticket.id),
        "number": ticket.number,
        "group": ticket.group_id,
        "wait_seconds": seconds_between(ticket.issued_at, moment.as_of),
        "priority_class": ticket.priority_class,
        "needs": list(ticket.needs),
        "language": ticket.language,
        "transferred": ticket.hops > 0,
        "returned": ticket.returns > 0,
    }


def today(hall: Hall, session: Session | None) -> View:
    """The day of the clerk who is signed in, in figures: at whatever window, however often they signed in."""
    tally = Tally() if session is None else session.tally
    if session is not None and session.clerk.id in hall.worked:
        tally += hall.worked[session.clerk.id]
    served = tally.served
    return {
        "served": served,
        "mean_service_seconds": tally.service_seconds / served if served else None,
        "mean_wait_seconds": tally.wait_seconds / served if served else None,
        "longest_seconds": tally.longest_seconds if served else None,
        "targeted": tally.targeted,
        "over_target": tally.over_target,
    }
