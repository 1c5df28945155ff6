"""What managers ask of a hall: its days, its rules, its windows."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core import rejections as r
from queue_server.hall.core.clerks import window_at
from queue_server.hall.core.closing import keeps_place
from queue_server.hall.core.model import Group, Hall, Ticket, TicketState, Window
from queue_server.hall.core.order import everyone_waiting
from queue_server.kit.rejections import Rejected

NAMED_MAX = 5  # Numbers in a sentence.
IN_HAND = (TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD)


def open_day(hall: Hall, command: c.OpenDay, now: datetime) -> list[e.Event]:
    """Open a day. Yesterday's books are closed first if nobody did it; who is in hand is carried over.

    Whoever is left for a group that the new day does not have gets an end, like those who waited in vain.
    Opening the same day again, after it was closed too early, goes on with its numbers.
    """
    if hall.day is not None and command.day < hall.day:
        raise r.DayInThePast(day=hall.day.isoformat())
    if hall.open and command.day == hall.day:
        raise r.DayAlreadyOpen(day=command.day.isoformat())
    if command.version < hall.version:
        raise r.ConfigurationMoved(version=hall.version)
    closing = closed_books(hall, now) if hall.open else []
    carried = carried_over(hall, command)
    staying = {ticket.id for ticket in carried}
    ended = {event.ticket_id for event in closing if isinstance(event, e.TicketExpired)}
    return [
        *(e.TicketExpired(t, "closed", now) for t in sorted(hall.tickets) if t not in staying | ended),
        *closing,
        e.DayOpened(
            at=now,
            day=command.day,
            about=command.about,
            rules=command.rules,
            hours=command.hours,
            groups=command.groups,
            windows=windows_with(hall, command, carried),
            carried=carried,
            numbers=dict(hall.numbers) if command.day == hall.day else {},
            mean_seconds={key: round(queue.mean_seconds, 1) for key, queue in hall.queues.items()},
            next_opens_at=command.next_opens_at,
            version=command.version,
        ),
    ]


def carried_over(hall: Hall, command: c.OpenDay) -> tuple[Ticket, ...]:
    """Who goes over into the new day: those in hand, and by rule those who waited."""
    group_ids = {group.id for group in command.groups}
    return tuple(
        replace(ticket, later_legs=tuple(leg for leg in ticket.later_legs if leg.group_id in group_ids))
        for ticket in sorted(hall.tickets.values(), key=lambda t: t.id)
        if hall.open or ticket.state is TicketState.WAITING
        if ticket.state in IN_HAND or keeps_place(hall, ticket.id)
        if ticket.group_id in group_ids
    )


def windows_with(hall: Hall, command: c.OpenDay, carried: tuple[Ticket, ...]) -> tuple[Window, ...]:
    """The day's windows: closed, but for those where somebody carried over is in hand.

    One that is no longer on paper stays for the day with what it can still serve.
    """
    staying = {ticket.id for ticket in carried}
    group_ids = {group.id for group in command.groups}
    windows = {window.id: window for window in command.windows}
    for window_id in sorted({ticket.window_id for ticket in carried if ticket.window_id is not None}):
        old = hall.windows[window_id]
        known = tuple(group_id for group_id in old.group_ids if group_id in group_ids)
        left = replace(old, group_ids=known, widened=())
        windows[window_id] = replace(
            windows.get(window_id, left),
            session=old.session,
            ticket_id=old.ticket_id if old.ticket_id in staying else None,
            held=tuple(ticket_id for ticket_id in old.held if ticket_id in staying),
        )
    return tuple(windows.values())


def close_day(hall: Hall, command: c.CloseDay, now: datetime) -> list[e.Event]:
    """Close the books once nobody is called or served."""
    if not hall.open:
        raise r.HallClosed(opens_at=hall.next_opens_at)
    busy = [t.number for t in hall.tickets.values() if t.state in (TicketState.CALLED, TicketState.SERVING)]
    if busy:
        raise r.StillServing(numbers=sorted(busy))
    held = [e.TicketExpired(t.id, "closed", now) for t in tickets_in(hall, TicketState.ON_HOLD)]
    signed_in = [w for w in hall.windows.values() if w.session is not None]
    return [
        *held,
        *(e.WindowClosed(window.id, now, "closed") for window in signed_in),
        *closed_books(hall, now),
    ]


def closed_books(hall: Hall, now: datetime) -> list[e.Event]:
    """An end for everybody who waits or has missed the call, and the end of the day."""
    missed = [e.TicketExpired(t.id, "missed", now) for t in tickets_in(hall, TicketState.MISSED)]
    waiting = [ticket_id for ticket_id in everyone_waiting(hall) if not keeps_place(hall, ticket_id)]
    return [*missed, *(e.TicketExpired(ticket_id, "closed", now) for ticket_id in waiting), e.DayClosed(now)]


def tickets_in(hall: Hall, state: TicketState) -> list[Ticket]:
    """The tickets in one state, in the order of their issue."""
    return sorted((t for t in hall.tickets.values() if t.state is state), key=lambda t: t.id)


def change_rules(hall: Hall, command: c.ChangeRules, now: datetime) -> list[e.Event]:
    """Other rules from now on."""
    if command.rules == hall.rules:
        raise r.NothingToDo()
    return [e.RulesChanged(now, command.rules)]


def forget_experience(hall: Hall, command: c.ForgetExperience, now: datetime) -> list[e.Event]:
    """Begin with the defaults again: after a move, or when matters are done in another way now."""
    if hall.day is None:
        raise r.HallClosed(opens_at=hall.next_opens_at)
    if not command.reason.strip():
        raise r.ReasonNeeded()
    if hall.anew_from and all(
        queue.mean_seconds == hall.groups[g].mean_seconds for g, queue in hall.queues.items()
    ):
        raise r.NothingToDo()  # It knows nothing yet that it could forget.
    return [e.ExperienceForgotten(now, command.reason)]


def reconfigure(hall: Hall, command: c.Reconfigure, now: datetime) -> list[e.Event]:
    """Go on as a new version says, unless somebody would be left without a window or a clerk without a desk."""
    if command.version <= hall.version:
        raise r.ConfigurationMoved(version=hall.version)
    for no in hindrances(hall, command.groups, command.windows):
        raise no
    return [
        e.HallReconfigured(
            at=now,
            version=command.version,
            about=command.about,
            rules=command.rules,
            hours=command.hours,
            groups=command.groups,
            windows=command.windows,
            next_opens_at=command.next_opens_at,
        )
    ]


def hindrances(hall: Hall, groups: Sequence[Group], windows: Sequence[Window]) -> Iterator[Rejected]:
    """Why the hall cannot go on with these groups and windows at this moment."""
    group_ids = {group.id for group in groups}
    served = {group_id for window in windows for group_id in window.group_ids}
    window_ids = {window.id for window in windows}
    for group_id in hall.groups:
        people = people_for(hall, group_id)
        if people and group_id not in group_ids & served:
            yield stranded(group_id, people)
    for window in hall.windows.values():
        if window.id not in window_ids and window.session is not None:
            yield r.WindowInUse(window=window.id, clerk=window.session.clerk.name)


def people_for(hall: Hall, group_id: str) -> list[Ticket]:
    """The open tickets for a group, now or on a later leg of the visit, in the order of their issue."""
    return [
        ticket
        for _, ticket in sorted(hall.tickets.items())
        if ticket.group_id == group_id or any(leg.group_id == group_id for leg in ticket.later_legs)
    ]


def stranded(group_id: str, people: Sequence[Ticket]) -> r.GroupStranded:
    """The refusal that names who would be left without a window."""
    who = ", ".join(ticket.number for ticket in people[:NAMED_MAX]) + (
        " …" if len(people) > NAMED_MAX else ""
    )
    return r.GroupStranded(group=group_id, waiting=len(people), who=who)


def regroup(hall: Hall, command: c.RegroupWindow, now: datetime) -> list[e.Event]:
    """Let a window serve other groups. A running service is not touched: the next call follows the change."""
    window = window_at(hall, command.window_id)
    unknown = [group_id for group_id in command.group_ids if group_id not in hall.groups]
    if unknown:
        raise r.GroupUnknown(group=unknown[0])
    if command.group_ids == window.group_ids:
        raise r.NothingToDo()
    check_nobody_stranded(hall, window, command.group_ids)
    if command.effective_at is not None and command.effective_at > now:
        return [e.RegroupPlanned(window.id, command.group_ids, command.effective_at, now)]
    return [e.WindowRegrouped(window.id, command.group_ids, now)]


def check_nobody_stranded(hall: Hall, window: Window, group_ids: tuple[str, ...]) -> None:
    """Raise when people wait for a group that would have no window left."""
    others = [other for other in hall.windows.values() if other.id != window.id]
    for group_id in window.group_ids:
        queue = hall.queues[group_id]
        if group_id in group_ids or not queue.length:
            continue
        if all(group_id not in other.group_ids for other in others):
            raise stranded(group_id, [hall.tickets[ticket_id] for ticket_id in (*queue.green, *queue.fair)])


def lose_window(hall: Hall, command: c.LoseWindow, now: datetime) -> list[e.Event]:
    """Take a window out of service. Whoever was called, served or held there is first in line again."""
    window = window_at(hall, command.window_id)
    if window.session is None:
        raise r.WindowNotOpen(window=window.id, state="closed")
    if not command.reason.strip():
        raise r.ReasonNeeded()
    events: list[e.Event] = [
        e.CallUndone(ticket.id, now, "window_lost")
        if ticket.state is TicketState.CALLED
        else e.TicketReassigned(ticket.id, now)
        for ticket in tickets_with(hall, window)
    ]
    return [*events, e.WindowClosed(window.id, now, command.reason)]


def tickets_with(hall: Hall, window: Window) -> list[Ticket]:
    """The tickets in hand at a window: the one at the desk, then those on hold."""
    at_desk = () if window.ticket_id is None else (window.ticket_id,)
    return [hall.tickets[ticket_id] for ticket_id in (*at_desk, *window.held)]
