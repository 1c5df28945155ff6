"""What an event makes of a hall. Never refuses, never asks the time: the same journal, the same hall."""

from bisect import bisect_right
from collections.abc import Container, Iterable
from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from queue_server.hall.core import events as e
from queue_server.hall.core.estimates import learned
from queue_server.hall.core.model import (
    PACE_MINUTES,
    RECENT_CALLS_MAX,
    Call,
    CallRule,
    Clerk,
    Hall,
    Leg,
    Pause,
    Place,
    PriorityClass,
    Queue,
    Session,
    Tally,
    Ticket,
    TicketState,
    Widening,
    Window,
    seconds_between,
)
from queue_server.hall.core.order import behind, joined, left, passed, serves

FAIR_RULES = (CallRule.TURN, CallRule.WAITED_LONGER, CallRule.ORDINARY_GUARD, CallRule.OVERTAKEN)


def evolve(hall: Hall, event: e.Event) -> Hall:
    """The hall after one more event."""
    hall = replace(hall, seq=hall.seq + 1)
    match event:
        case e.DayOpened():
            return day_opened(hall, event)
        case e.DayClosed():
            return replace(hall, open=False)
        case e.RulesChanged(_, rules):
            return replace(hall, rules=rules)
        case e.HallReconfigured():
            return reconfigured(hall, event)
        case e.ExperienceForgotten():
            return experience_forgotten(hall)

        case e.TicketIssued():
            return ticket_issued(hall, event)
        case e.TicketFollowed(ticket_id):
            return with_ticket(hall, replace(hall.tickets[ticket_id], followed=True))
        case e.WalkChosen(ticket_id, minutes):
            return with_ticket(hall, replace(hall.tickets[ticket_id], walk_minutes=minutes))
        case e.PromiseRevised(ticket_id, promise):
            return with_ticket(hall, replace(hall.tickets[ticket_id], told=promise))
        case e.FirstSlotGiven(ticket_id, opens_at):
            return with_ticket(hall, replace(hall.tickets[ticket_id], first_slot_at=opens_at))
        case e.IssuingStopped(group_id, at):
            return with_queue(hall, group_id, replace(hall.queues[group_id], stopped_at=at))
        case e.IssuingResumed(group_id):
            return with_queue(hall, group_id, replace(hall.queues[group_id], stopped_at=None))
        case e.TicketNear(ticket_id, at):
            return with_ticket(hall, due(replace(hall.tickets[ticket_id], near=True), at))
        case e.TicketCalled(ticket_id, window_id, at, rule):
            return ticket_called(hall, hall.tickets[ticket_id], window_id, at, rule)
        case e.TicketRecalled(ticket_id, at):
            ticket = hall.tickets[ticket_id]
            recalled = replace(ticket, recalls=ticket.recalls + 1, recalled_at=at, call_seq=hall.seq)
            return with_call(with_ticket(hall, recalled), recalled, at)
        case e.CallUndone(ticket_id):
            return call_undone(hall, hall.tickets[ticket_id], event.at)
        case e.CallAcknowledged(ticket_id):
            return with_ticket(hall, replace(hall.tickets[ticket_id], acknowledged=True))
        case e.ServingStarted(ticket_id, at):
            ticket = hall.tickets[ticket_id]
            return with_state(
                hall,
                replace(ticket, started_at=ticket.started_at or at, serving_since=at),
                TicketState.SERVING,
            )
        case e.TicketMissed(ticket_id, at):
            ticket = hall.tickets[ticket_id]
            missed = not_due(replace(ticket, missed_at=at, window_id=None, acknowledged=False))
            return with_state(freed(hall, ticket, at), missed, TicketState.MISSED)
        case e.TicketRequeued(ticket_id, place):
            ticket = hall.tickets[ticket_id]
            returned = replace(ticket, place=place, returns=ticket.returns + 1, recalls=0)
            return queued(hall, counted_as_before(hall, returned))
        case e.TicketHeld(ticket_id, reason, until, at):
            return ticket_held(hall, hall.tickets[ticket_id], reason, until, at)
        case e.HoldReturned(ticket_id):
            return with_ticket(hall, replace(hall.tickets[ticket_id], back_from_hold=True))
        case e.ServingResumed(ticket_id, at):
            return serving_resumed(hall, hall.tickets[ticket_id], at)
        case e.TicketTransferred(ticket_id, group_id, _, at):
            ticket = stopped(hall.tickets[ticket_id], at)
            moved = not_due(replace(ticket, group_id=group_id, hops=ticket.hops + 1))
            return queued(freed(hall, ticket, at), from_the_time_of_issue(moved))
        case e.TicketReassigned(ticket_id, at):
            ticket = stopped(hall.tickets[ticket_id], at)
            return queued(freed(hall, ticket, at), not_due(ticket))
        case e.ServingCompleted(ticket_id, _, at):
            return serving_completed(hall, stopped(hall.tickets[ticket_id], at), event.target_seconds, at)
        case e.TicketCancelled(ticket_id):
            return ended(hall, hall.tickets[ticket_id], TicketState.CANCELLED, event.at)
        case e.TicketDeferred(ticket_id, place):
            ticket = hall.tickets[ticket_id]
            hall = unqueued(hall, ticket)
            deferred = replace(ticket, place=place, defers=ticket.defers + 1)
            return queued(hall, counted_as_before(hall, deferred))
        case e.PhoneBound(ticket_id, reach):
            return with_ticket(hall, replace(hall.tickets[ticket_id], reach=reach))
        case e.WechatBound(ticket_id, reach):
            return with_ticket(hall, replace(hall.tickets[ticket_id], reach=reach, in_wechat=True))
        case e.ClassChanged(ticket_id, priority_class, _, proof_seen):
            return class_changed(hall, hall.tickets[ticket_id], priority_class, proof_seen=proof_seen)
        case e.HelpTaken(ticket_id, guide, at):
            return with_ticket(hall, replace(hall.tickets[ticket_id], helper=guide, helped_at=at))
        case e.GuideAsked(ticket_id):
            return with_ticket(hall, replace(hall.tickets[ticket_id], guide_asked=True))
        case e.HelpReleased(ticket_id):
            return with_ticket(hall, replace(hall.tickets[ticket_id], helper=None, helped_at=None))
        case e.TicketExpired(ticket_id):
            return ended(hall, hall.tickets[ticket_id], TicketState.EXPIRED, event.at)

        case e.WindowOpened(window_id, clerk, console, at):
            return window_opened(hall, hall.windows[window_id], clerk, console, at)
        case e.WindowPaused(window_id, reason, until, at):
            return with_session(hall, window_id, pause=Pause(reason, at, until))
        case e.WindowResumed(window_id, at):
            return window_resumed(hall, hall.windows[window_id], at)
        case e.WindowAbsent(window_id, at):
            return with_session(hall, window_id, absent_since=at)
        case e.WindowPresent(window_id):
            return with_session(hall, window_id, absent_since=None)
        case e.WindowClosed(window_id):
            window = hall.windows[window_id]
            return with_window(with_worked(hall, window.session), replace(window, session=None, widened=()))
        case e.RegroupPlanned(window_id, group_ids, effective_at):
            window = hall.windows[window_id]
            return with_window(hall, replace(window, next_group_ids=group_ids, regroup_at=effective_at))
        case e.WindowRegrouped(window_id, group_ids):
            window = hall.windows[window_id]
            regrouped = replace(window, group_ids=group_ids, next_group_ids=None, regroup_at=None)
            return with_window(hall, helping_others(regrouped, hall.groups))
        case e.WindowWidened(window_id, group_id, wait_seconds, target_seconds, at):
            window = hall.windows[window_id]
            widening = Widening(group_id, at, wait_seconds, target_seconds)
            return with_window(hall, replace(window, widened=(*window.widened, widening)))
        case e.WindowNarrowed(window_id, group_id):
            window = hall.windows[window_id]
            others = tuple(each for each in window.widened if each.group_id != group_id)
            return with_window(hall, replace(window, widened=others))
        case _:
            assert_never(event)


def replay(hall: Hall, history: Iterable[e.Event]) -> Hall:
    """The hall after all of these events."""
    for event in history:
        hall = evolve(hall, event)
    return hall


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────


def day_opened(hall: Hall, event: e.DayOpened) -> Hall:
    """A fresh hall with the day's rules, and in it only who was carried over."""
    fresh = Hall(
        id=hall.id,
        seq=hall.seq,
        version=event.version,
        day=event.day,
        open=True,
        about=event.about,
        rules=event.rules,
        hours=event.hours,
        next_opens_at=event.next_opens_at,
        groups={group.id: group for group in event.groups},
        windows={window.id: window for window in event.windows},
        queues={
            group.id: Queue(mean_seconds=event.mean_seconds.get(group.id, group.mean_seconds))
            for group in event.groups
        },
        numbers=event.numbers,
        carried_numbers=frozenset(ticket.number for ticket in event.carried),
    )
    for ticket in sorted(event.carried, key=lambda t: t.place):
        waiting = ticket.state is TicketState.WAITING
        if ticket.first_slot_at is not None:
            ticket = replace(
                ticket, near=False, promise=None, told=None
            )  # What was said was about another day.
        fresh = queued(fresh, not_due(ticket)) if waiting else with_ticket(fresh, ticket)
    return fresh


def reconfigured(hall: Hall, event: e.HallReconfigured) -> Hall:
    """The same people in a hall that is laid out anew."""
    return replace(
        hall,
        version=event.version,
        about=event.about,
        rules=event.rules,
        hours=event.hours,
        next_opens_at=event.next_opens_at,
        groups={group.id: group for group in event.groups},
        windows={
            window.id: helping_others(as_it_stands(hall, window), {group.id for group in event.groups})
            for window in event.windows
        },
        queues={
            group.id: hall.queues.get(group.id) or Queue(mean_seconds=group.mean_seconds)
            for group in event.groups
        },
    )


def experience_forgotten(hall: Hall) -> Hall:
    """The hall with the means that are written about its groups, as if it had never served anybody."""
    queues = {
        group_id: replace(queue, mean_seconds=hall.groups[group_id].mean_seconds)
        for group_id, queue in hall.queues.items()
    }
    return replace(hall, queues=queues, anew_from=hall.seq)


def as_it_stands(hall: Hall, window: Window) -> Window:
    """A window as it is written down, with whoever sits and is served there now."""
    old = hall.windows.get(window.id)
    if old is None:
        return window
    return replace(window, session=old.session, ticket_id=old.ticket_id, held=old.held, widened=old.widened)


def helping_others(window: Window, group_ids: Container[str]) -> Window:
    """The window without help for a group that is its own now, or is gone."""
    if not window.widened:
        return window
    others = (
        each
        for each in window.widened
        if each.group_id in group_ids and each.group_id not in window.group_ids
    )
    return replace(window, widened=tuple(others))


# ── Tickets ──────────────────────────────────────────────────────────────────────────────────────


def ticket_issued(hall: Hall, event: e.TicketIssued) -> Hall:
    """One more ticket at the end of its lane. The most frequent event, so it copies the hall only once."""
    first, *later = event.legs
    ticket = Ticket(
        id=hall.seq,
        number=event.number,
        group_id=first.group_id,
        matters=first.matters,
        scenarios=first.scenarios,
        later_legs=tuple(later),
        channel=event.channel,
        issued_at=event.at,
        place=Place(hall.seq),
        priority_class=event.priority_class,
        needs=event.needs,
        language=event.language,
        near=event.near,
        promise=event.promise,
        reach=event.reach,
        due_at=event.at if event.near else None,
    )
    prefix = event.number.rstrip("0123456789")
    return replace(
        hall,
        tickets=hall.tickets.set(ticket.id, ticket),
        queues={**hall.queues, ticket.group_id: joined(hall, ticket)},
        numbers={**hall.numbers, prefix: int(event.number[len(prefix) :])},
    )


def ticket_called(hall: Hall, ticket: Ticket, window_id: str, at: datetime, rule: CallRule) -> Hall:
    """The ticket leaves its lane for the window."""
    window = hall.windows[window_id]
    assert window.session is not None
    hall = unqueued(hall, ticket)
    queue = hall.queues[ticket.group_id]
    in_a_row = queue.green_in_a_row
    if rule in FAIR_RULES:
        in_a_row = 0
    elif rule is CallRule.GREEN_CHANNEL and not window.green:
        in_a_row += 1
    called = replace(
        due(ticket, at),
        state=TicketState.CALLED,
        window_id=window_id,
        clerk_id=window.session.clerk.id,
        first_called_at=ticket.first_called_at or at,
        called_at=at,
        recalled_at=None,
        recalls=0,
        acknowledged=False,
        guide_asked=False,
        call_rule=rule,
        call_seq=hall.seq,
    )
    hall = with_window(hall, occupied(window, ticket.id, at))
    hall = with_queue(hall, ticket.group_id, replace(queue, green_in_a_row=in_a_row))
    hall = with_passed(hall, window, ticket.place)
    hall = replace(hall, called_lately=(*within_pace(hall.called_lately, at), at))
    return with_call(with_ticket(hall, called), called, at)


def with_passed(hall: Hall, window: Window, place: Place) -> Hall:
    """The hall in which those who came before, and whom this window serves, have been overtaken once more."""
    passings = {group_id: passed(hall, hall.queues[group_id], place) for group_id in serves(window)}
    if all(queue is hall.queues[group_id] for group_id, queue in passings.items()):
        return hall
    return replace(hall, queues={**hall.queues, **passings})


def within_pace(called_lately: tuple[datetime, ...], at: datetime) -> tuple[datetime, ...]:
    """Those calls that still count when the next one is made."""
    return called_lately[bisect_right(called_lately, at - timedelta(minutes=PACE_MINUTES)) :]


def call_undone(hall: Hall, ticket: Ticket, undone_at: datetime) -> Hall:
    """Back to the same place, as if it had not been called; the screens forget the call."""
    hall = replace(
        hall,
        calls=tuple(call for call in hall.calls if call.ticket_id != ticket.id),
        called_lately=tuple(at for at in hall.called_lately if at != ticket.called_at),
        queues={key: not_passed(queue, ticket.place) for key, queue in hall.queues.items()},
    )
    first_called_at = None if ticket.first_called_at == ticket.called_at else ticket.first_called_at
    undone = replace(
        ticket,
        first_called_at=first_called_at,
        called_at=None,
        recalled_at=None,
        recalls=0,
        acknowledged=False,
        guide_asked=False,
    )
    return queued(freed(hall, ticket, undone_at), undone)


def not_passed(queue: Queue, place: Place) -> Queue:
    """The queue in which nobody was overtaken from this place after all."""
    if place not in queue.passed_by:
        return queue
    return replace(queue, passed_by=tuple(each for each in queue.passed_by if each != place))


def ticket_held(hall: Hall, ticket: Ticket, reason: str, until: datetime, at: datetime) -> Hall:
    """The ticket stays with the window, the window is free."""
    assert ticket.window_id is not None
    window = hall.windows[ticket.window_id]
    hall = with_window(hall, replace(free(window, at), held=(*window.held, ticket.id)))
    held = replace(
        stopped(ticket, at), held_at=at, hold_until=until, hold_reason=reason, back_from_hold=False
    )
    return with_state(hall, held, TicketState.ON_HOLD)


def serving_resumed(hall: Hall, ticket: Ticket, at: datetime) -> Hall:
    """The held ticket is at the window again."""
    assert ticket.window_id is not None
    assert ticket.held_at is not None
    window = hall.windows[ticket.window_id]
    window = occupied(window, ticket.id, at)
    hall = with_window(hall, replace(window, held=no_longer(window.held, ticket.id)))
    resumed = replace(
        ticket,
        serving_since=at,
        hold_seconds=ticket.hold_seconds + seconds_between(ticket.held_at, at),
        held_at=None,
        hold_until=None,
        back_from_hold=False,
    )
    return with_state(hall, resumed, TicketState.SERVING)


def serving_completed(hall: Hall, ticket: Ticket, target_seconds: int, at: datetime) -> Hall:
    """Done here: on to the next leg by time of issue, or out of the hall."""
    assert ticket.window_id is not None
    window = hall.windows[ticket.window_id]
    queue = hall.queues[ticket.group_id]
    queue = replace(queue, mean_seconds=learned(queue, ticket.service_seconds))
    hall = with_queue(hall, ticket.group_id, queue)
    if window.session is not None:
        session = window.session
        wait = seconds_between(ticket.issued_at, ticket.first_called_at or ticket.issued_at)
        session = replace(
            session,
            served=session.served + 1,
            service_seconds=session.service_seconds + ticket.service_seconds,
            wait_seconds=session.wait_seconds + wait,
            longest_seconds=max(session.longest_seconds, ticket.service_seconds),
            targeted=session.targeted + (target_seconds > 0),
            over_target=session.over_target + (0 < target_seconds < ticket.service_seconds),
        )
        hall = with_window(hall, replace(window, session=session))
    if not ticket.later_legs:
        return ended(hall, ticket, TicketState.COMPLETED, at)
    return queued(freed(hall, ticket, at), next_leg(ticket))


def next_leg(ticket: Ticket) -> Ticket:
    """The ticket for the next part of the visit, measured anew but standing by its time of issue."""
    leg: Leg = ticket.later_legs[0]
    fresh = replace(
        ticket,
        group_id=leg.group_id,
        matters=leg.matters,
        scenarios=leg.scenarios,
        later_legs=ticket.later_legs[1:],
        first_called_at=None,
        started_at=None,
        service_seconds=0.0,
        hold_seconds=0.0,
        promise=None,
        told=None,
    )
    return from_the_time_of_issue(not_due(fresh))


def from_the_time_of_issue(ticket: Ticket) -> Ticket:
    """The ticket at the place its issue gives it, whatever happened since."""
    return replace(ticket, place=Place(ticket.id), stands_since=None)


def counted_as_before(hall: Hall, ticket: Ticket) -> Ticket:
    """A ticket put behind somebody: its wait counts from when that one's does."""
    before = behind(hall, ticket)
    return ticket if before is None else replace(ticket, stands_since=before.waits_since)


def class_changed(
    hall: Hall, ticket: Ticket, priority_class: PriorityClass | None, *, proof_seen: bool
) -> Hall:
    """The other lane, at the same place."""
    seen = proof_seen and priority_class is not None
    changed = replace(ticket, priority_class=priority_class, proof_seen=seen)
    if ticket.state is not TicketState.WAITING:
        return with_ticket(hall, changed)
    return queued(unqueued(hall, ticket), changed)


def stopped(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket with the running stretch of service, or of hold, added up."""
    if ticket.serving_since is not None:
        return replace(
            ticket,
            service_seconds=ticket.service_seconds + seconds_between(ticket.serving_since, at),
            serving_since=None,
        )
    if ticket.held_at is not None:
        return replace(
            ticket, hold_seconds=ticket.hold_seconds + seconds_between(ticket.held_at, at), held_at=None
        )
    return ticket


def due(ticket: Ticket, at: datetime) -> Ticket:
    """The ticket with its turn near or come; since the first moment at which it was."""
    return ticket if ticket.due_at is not None else replace(ticket, due_at=at)


def not_due(ticket: Ticket) -> Ticket:
    """The ticket with its turn over, taken or not: whoever went for the citizen has done so."""
    return replace(ticket, due_at=None, helper=None, helped_at=None, guide_asked=False)


# ── Windows ──────────────────────────────────────────────────────────────────────────────────────


def window_opened(hall: Hall, window: Window, clerk: Clerk, console: str, at: datetime) -> Hall:
    """A fresh session; or the one that was there at another console, if it is the same clerk's."""
    before = window.session
    if before is None:
        session = Session(clerk, console, at)
    elif before.clerk.id == clerk.id:
        session = replace(before, clerk=clerk, console=console, absent_since=None)
    else:
        hall = with_worked(hall, before)
        session = Session(clerk, console, at)
    if before is not None:
        session = replace(session, taken_over_at=at, taken_from=before.clerk.name)
    widened = window.widened if before is not None and before.clerk.id == clerk.id else ()
    return with_window(hall, replace(window, session=session, widened=widened))


def window_resumed(hall: Hall, window: Window, at: datetime) -> Hall:
    """The pause is over, and its minutes were no work."""
    session = window.session
    assert session is not None
    assert session.pause is not None
    paused_seconds = session.paused_seconds + seconds_between(session.pause.since, at)
    resumed = replace(session, pause=None, paused_seconds=paused_seconds)
    return with_window(hall, replace(window, session=resumed))


def occupied(window: Window, ticket_id: int, at: datetime) -> Window:
    """The window with somebody called to it, or back from a hold."""
    assert window.session is not None
    session = replace(window.session, busy_since=at, free_since=None)
    return replace(window, ticket_id=ticket_id, session=session)


def free(window: Window, at: datetime) -> Window:
    """The window with nobody at it, and the time that somebody was added up."""
    session = window.session
    if session is not None:
        worked = 0.0 if session.busy_since is None else seconds_between(session.busy_since, at)
        session = replace(session, busy_seconds=session.busy_seconds + worked, busy_since=None, free_since=at)
    return replace(window, ticket_id=None, session=session)


def with_worked(hall: Hall, session: Session | None) -> Hall:
    """The hall with what was served in a session that is over, added to its clerk's day."""
    if session is None or not session.served:
        return hall
    earlier = hall.worked.get(session.clerk.id, Tally())
    return replace(hall, worked={**hall.worked, session.clerk.id: earlier + session.tally})


# ── Small moves ──────────────────────────────────────────────────────────────────────────────────


def with_ticket(hall: Hall, ticket: Ticket) -> Hall:
    """The hall with this version of a ticket."""
    return replace(hall, tickets=hall.tickets.set(ticket.id, ticket))


def with_state(hall: Hall, ticket: Ticket, state: TicketState) -> Hall:
    """The hall with a ticket in another state, on the list of recent calls too."""
    hall = with_ticket(hall, replace(ticket, state=state))
    return with_call_state(hall, ticket.id, state)


def with_window(hall: Hall, window: Window) -> Hall:
    """The hall with this version of a window."""
    return replace(hall, windows={**hall.windows, window.id: window})


def with_queue(hall: Hall, group_id: str, queue: Queue) -> Hall:
    """The hall with this version of a group's queue."""
    return replace(hall, queues={**hall.queues, group_id: queue})


def with_session(hall: Hall, window_id: str, **changes: object) -> Hall:
    """The hall with a change in a window's session."""
    window = hall.windows[window_id]
    assert window.session is not None
    return with_window(hall, replace(window, session=replace(window.session, **changes)))


def with_call(hall: Hall, ticket: Ticket, at: datetime) -> Hall:
    """The hall with a (re)call on top of the recent ones."""
    assert ticket.window_id is not None
    call = Call(
        seq=hall.seq,
        ticket_id=ticket.id,
        number=ticket.number,
        window_id=ticket.window_id,
        at=at,
        recall=ticket.recalls,
        state=TicketState.CALLED,
        rule=ticket.call_rule,
    )
    others = (c for c in hall.calls if c.ticket_id != ticket.id)
    return replace(hall, calls=(call, *others)[:RECENT_CALLS_MAX])


def with_call_state(hall: Hall, ticket_id: int, state: TicketState) -> Hall:
    """The hall with a recent call in another state, if it is still listed."""
    if all(call.ticket_id != ticket_id for call in hall.calls):
        return hall
    calls = tuple(replace(c, state=state) if c.ticket_id == ticket_id else c for c in hall.calls)
    return replace(hall, calls=calls)


def queued(hall: Hall, ticket: Ticket) -> Hall:
    """The hall with a ticket waiting at its place."""
    ticket = replace(
        ticket,
        state=TicketState.WAITING,
        window_id=None,
        held_at=None,
        hold_until=None,
        back_from_hold=False,
        missed_at=None,
    )
    hall = with_ticket(hall, ticket)
    hall = with_queue(hall, ticket.group_id, joined(hall, ticket))
    return with_call_state(hall, ticket.id, TicketState.WAITING)


def unqueued(hall: Hall, ticket: Ticket) -> Hall:
    """The hall with a waiting ticket out of its lane."""
    return with_queue(hall, ticket.group_id, left(hall, ticket))


def freed(hall: Hall, ticket: Ticket, at: datetime) -> Hall:
    """The hall with the ticket's window free of it, at the window or on hold there."""
    if ticket.window_id is None:
        return hall
    window = hall.windows[ticket.window_id]
    if window.ticket_id == ticket.id:
        return with_window(hall, free(window, at))
    if ticket.id in window.held:
        return with_window(hall, replace(window, held=no_longer(window.held, ticket.id)))
    return hall


def no_longer(held: tuple[int, ...], ticket_id: int) -> tuple[int, ...]:
    """The services on hold at a window without one of them."""
    return tuple(each for each in held if each != ticket_id)


def ended(hall: Hall, ticket: Ticket, state: TicketState, at: datetime) -> Hall:
    """The hall without a ticket that came to its end."""
    if hall.tickets[ticket.id].state is TicketState.WAITING:
        hall = unqueued(hall, ticket)
    hall = with_call_state(freed(hall, ticket, at), ticket.id, state)
    return replace(hall, tickets=hall.tickets.delete(ticket.id))
