"""What clerks ask of a hall from their window.

closed → ready → calling → serving → ready     ready ⇄ paused     signed in → absent → ready
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from math import ceil

from msgspec.structs import replace

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core import rejections as r
from queue_server.hall.core.citizens import ticket_at
from queue_server.hall.core.model import (
    CallRule,
    Clerk,
    Hall,
    Outcome,
    Session,
    Ticket,
    TicketState,
    Window,
    seconds_between,
)
from queue_server.hall.core.order import can_serve, next_ticket

# ── Sessions ─────────────────────────────────────────────────────────────────────────────────────


def sign_in(hall: Hall, command: c.SignIn, now: datetime) -> list[e.Event]:
    """Open the window, or move it to another console when that is said explicitly."""
    window = window_at(hall, command.window_id)
    session = window.session
    if not hall.open:
        raise r.HallClosed(opens_at=hall.next_opens_at)
    if session is not None and session.console == command.console:
        return []
    if session is not None and not command.take_over:
        raise r.WindowTaken(window=window.id, clerk=session.clerk.name, since=session.since)
    check_clerk_may_open(hall, window, command.clerk)
    return [e.WindowOpened(window.id, command.clerk, command.console, now)]


def certified(clerk: Clerk, day: date) -> Clerk:
    """The clerk with what their certificates let them serve on a day: what has ended is taken out of their skills."""
    ended = tuple(each for each in clerk.certificates if each.ends_on < day)
    if not ended:
        return clerk
    groups = {each.id for each in ended if each.of == "group"}

    def kept(group_ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(group_id for group_id in group_ids if group_id not in groups)

    return replace(
        clerk,
        group_ids=None if clerk.group_ids is None else kept(clerk.group_ids),
        secondary=kept(clerk.secondary),
        emergency=kept(clerk.emergency),
        cannot=(*clerk.cannot, *(each.id for each in ended if each.of == "matter")),
        certificates=tuple(each for each in clerk.certificates if each not in ended),
        ended=(*clerk.ended, *ended),
    )


def check_clerk_may_open(hall: Hall, window: Window, clerk: Clerk) -> None:
    """Raise unless this person may sit at this window."""
    others = [w for w in hall.windows.values() if w.id != window.id and w.session is not None]
    if any(w.session is not None and w.session.clerk.id == clerk.id for w in others):
        raise r.ClerkElsewhere()
    if clerk.mentor_id is not None and all(
        w.session is None or w.session.clerk.id != clerk.mentor_id for w in others
    ):
        raise r.MentorAway()
    if clerk.group_ids is not None and not set(clerk.group_ids) & set(window.group_ids):
        check_certified(clerk, window.group_ids)
        raise r.NothingToServe(window=window.id)
    gaps = skill_gaps(hall, window, clerk)
    if gaps and hall.rules.skill_gap_blocks:
        check_certified(clerk, gaps)
        raise r.SkillGap(window=window.id, gaps=gaps)


def check_certified(clerk: Clerk, wanted: Collection[str]) -> None:
    """Raise if it is for want of a certificate that the clerk cannot serve something."""
    for each in clerk.ended:
        if each.id in wanted:
            raise r.CertificateEnded(what=each.id, ended_on=each.ends_on.isoformat())


def skill_gaps(hall: Hall, window: Window, clerk: Clerk) -> list[str]:
    """What an any-matter window could not serve with this clerk: groups and matters by id."""
    gaps = []
    for group_id in window.group_ids:
        group = hall.groups[group_id]
        if not group.undifferentiated:
            continue
        if clerk.group_ids is not None and group_id not in clerk.group_ids:
            gaps.append(group_id)
        else:
            gaps.extend(code for code in group.matters if code in clerk.cannot)
    return gaps


def sign_out(hall: Hall, command: c.SignOut, now: datetime) -> list[e.Event]:
    """Close the window once nobody is called, served or held there."""
    window, _ = session_at(hall, command.window_id, command.console)
    check_free(hall, window)
    if window.held:
        raise r.WindowHoldsTickets(numbers=[hall.tickets[t].number for t in window.held])
    return [e.WindowClosed(window.id, now)]


def pause(hall: Hall, command: c.PauseWindow, now: datetime) -> list[e.Event]:
    """Serve nobody for a while."""
    window, session = session_at(hall, command.window_id, command.console)
    check_free(hall, window)
    if session.pause is not None:
        raise r.WindowPausedNow(until=session.pause.until)
    if not command.reason.strip():
        raise r.ReasonNeeded()
    return [e.WindowPaused(window.id, command.reason, command.until, now)]


def resume(hall: Hall, command: c.ResumeWindow, now: datetime) -> list[e.Event]:
    """End the pause."""
    window, session = session_at(hall, command.window_id, command.console)
    if session.pause is None:
        raise r.WindowNotPaused()
    return [e.WindowResumed(window.id, now)]


# ── Calls ────────────────────────────────────────────────────────────────────────────────────────


def call_next(hall: Hall, command: c.CallNext, now: datetime) -> list[e.Event]:
    """Call whoever is next, or the one picked by hand."""
    window, session = session_at(hall, command.window_id, command.console)
    check_free(hall, window)
    if session.pause is not None:
        raise r.WindowPausedNow(until=session.pause.until)
    # Who calls is there, whatever was said about the console.
    back = [] if session.absent_since is None else [e.WindowPresent(window.id, now)]
    if command.ticket_id is not None:
        return [*back, picked(hall, window, command, now)]
    choice = next_ticket(hall, window, now)
    if choice is None:
        raise r.NobodyWaiting(window=window.id)
    if choice.rule is CallRule.BACK_FROM_HOLD:
        return [*back, e.ServingResumed(choice.ticket.id, now)]
    return [*back, e.TicketCalled(choice.ticket.id, window.id, now, choice.rule)]


def picked(hall: Hall, window: Window, command: c.CallNext, now: datetime) -> e.TicketCalled:
    """A call out of turn: an exception, so it carries a reason."""
    assert command.ticket_id is not None
    ticket = ticket_at(hall, command.ticket_id)
    if not command.reason.strip():
        raise r.ReasonNeeded()
    if ticket.state is not TicketState.WAITING:
        raise r.WrongTicketState(state=ticket.state)
    if not can_serve(window, ticket):
        raise r.CannotServe(window=window.id)
    return e.TicketCalled(ticket.id, window.id, now, CallRule.PICKED, command.reason)


def recall(hall: Hall, command: c.RecallTicket, now: datetime) -> list[e.Event]:
    """Repeat the call, a few times and not too soon."""
    ticket = called_at(hall, command.window_id, command.console)
    if ticket.recalls >= hall.rules.recalls_max:
        raise r.RecallsUsedUp(state=ticket.state, recalls_max=hall.rules.recalls_max)
    wait = seconds_until(recall_from(hall, ticket), now)
    if wait > 0:
        raise r.RecallTooSoon(state=ticket.state, seconds=wait)
    return [e.TicketRecalled(ticket.id, now)]


def undo(hall: Hall, command: c.UndoCall, now: datetime) -> list[e.Event]:
    """Take the call back while it is fresh."""
    ticket = called_at(hall, command.window_id, command.console)
    if now > undo_until(hall, ticket):
        raise r.UndoTooLate(state=ticket.state, seconds=hall.rules.undo_seconds)
    return [e.CallUndone(ticket.id, now)]


def start(hall: Hall, command: c.StartServing, now: datetime) -> list[e.Event]:
    """The citizen is at the window."""
    return [e.ServingStarted(called_at(hall, command.window_id, command.console).id, now)]


def miss(hall: Hall, command: c.MissTicket, now: datetime) -> list[e.Event]:
    """Nobody came: a second time ends the ticket."""
    if command.console is None:
        ticket = called_ticket(hall, window_at(hall, command.window_id))
    else:
        ticket = called_at(hall, command.window_id, command.console)
    wait = seconds_until(grace_until(hall, ticket), now)
    if wait > 0:
        raise r.GraceNotOver(state=ticket.state, seconds=wait)
    missed = e.TicketMissed(ticket.id, now)
    if ticket.returns >= hall.rules.returns_max:
        return [missed, e.TicketExpired(ticket.id, "missed_twice", now)]
    return [missed]


# ── Services ─────────────────────────────────────────────────────────────────────────────────────


def hold(hall: Hall, command: c.HoldTicket, now: datetime) -> list[e.Event]:
    """Interrupt the service: the citizen fetches something and returns to this window."""
    ticket = served_at(hall, command.window_id, command.console)
    if not command.reason.strip():
        raise r.ReasonNeeded()
    limit = hall.rules.hold_limit_seconds
    seconds = limit if command.seconds is None else command.seconds
    if not 0 < seconds <= limit:
        raise r.HoldTooLong(minutes_max=limit // 60)
    return [e.TicketHeld(ticket.id, command.reason, now + timedelta(seconds=seconds), now)]


def resume_ticket(hall: Hall, command: c.ResumeTicket, now: datetime) -> list[e.Event]:
    """Go on with a held service."""
    window, _ = session_at(hall, command.window_id, command.console)
    check_free(hall, window)
    ticket = ticket_at(hall, command.ticket_id)
    if ticket.id not in window.held:
        raise r.NotAtThisWindow(state=ticket.state)
    return [e.ServingResumed(ticket.id, now)]


def transfer(hall: Hall, command: c.TransferTicket, now: datetime) -> list[e.Event]:
    """Send the citizen on: no new queueing, but a hop that counts as friction."""
    window, _ = session_at(hall, command.window_id, command.console)
    if command.ticket_id is not None and command.ticket_id in window.held:
        ticket = hall.tickets[command.ticket_id]
    else:
        ticket = served_at(hall, command.window_id, command.console)
        if command.ticket_id not in (None, ticket.id):
            raise r.NotAtThisWindow(state=ticket.state)
    if not command.reason.strip():
        raise r.ReasonNeeded()
    if command.group_id not in hall.groups:
        raise r.GroupUnknown(group=command.group_id)
    if command.group_id == ticket.group_id:
        raise r.SameGroup(state=ticket.state)
    if all(command.group_id not in w.group_ids for w in hall.windows.values()):
        raise r.NoWindowForGroup(group=command.group_id)
    if ticket.hops >= hall.rules.hops_max:
        raise r.HopsUsedUp(state=ticket.state, hops_max=hall.rules.hops_max)
    return [e.TicketTransferred(ticket.id, command.group_id, command.reason, now)]


def complete(hall: Hall, command: c.CompleteServing, now: datetime) -> list[e.Event]:
    """Finish. A matter without a stated outcome is done."""
    ticket = served_at(hall, command.window_id, command.console)
    unknown = sorted(set(command.outcomes) - set(ticket.matters))
    if unknown:
        raise r.OutcomeForUnknownMatter(matters=unknown)
    outcomes = {code: command.outcomes.get(code, Outcome.DONE) for code in ticket.matters}
    target_seconds = sum(command.target_minutes.get(code, 0) for code in ticket.matters) * 60
    return [e.ServingCompleted(ticket.id, outcomes, now, command.overrun_reason, target_seconds)]


# ── What they share ──────────────────────────────────────────────────────────────────────────────


def window_at(hall: Hall, window_id: str) -> Window:
    """A window of the hall."""
    window = hall.windows.get(window_id)
    if window is None:
        raise r.HallClosed() if hall.day is None else r.WindowUnknown(window=window_id)
    return window


def session_at(hall: Hall, window_id: str, console: str) -> tuple[Window, Session]:
    """A window and its session, which this console must hold."""
    window = window_at(hall, window_id)
    if window.session is None:
        raise r.WindowNotOpen(window=window_id, state="closed")
    if window.session.console != console:
        raise r.WindowTaken(window=window_id, clerk=window.session.clerk.name, since=window.session.since)
    return window, window.session


def check_free(hall: Hall, window: Window) -> None:
    """Raise while somebody is called to the window or served there."""
    if window.ticket_id is not None:
        ticket = hall.tickets[window.ticket_id]
        raise r.WindowBusy(window=window.id, number=ticket.number, state=ticket.state)


def called_at(hall: Hall, window_id: str, console: str) -> Ticket:
    """The ticket called to this console's window."""
    return called_ticket(hall, session_at(hall, window_id, console)[0])


def called_ticket(hall: Hall, window: Window) -> Ticket:
    """The ticket called to a window."""
    ticket = None if window.ticket_id is None else hall.tickets[window.ticket_id]
    if ticket is None or ticket.state is not TicketState.CALLED:
        raise r.NobodyCalled(window=window.id, state="ready" if ticket is None else ticket.state)
    return ticket


def served_at(hall: Hall, window_id: str, console: str) -> Ticket:
    """The ticket being served at this console's window."""
    window, _ = session_at(hall, window_id, console)
    ticket = None if window.ticket_id is None else hall.tickets[window.ticket_id]
    if ticket is None or ticket.state is not TicketState.SERVING:
        raise r.NobodyServed(window=window.id, state="ready" if ticket is None else ticket.state)
    return ticket


def recall_from(hall: Hall, ticket: Ticket) -> datetime:
    """From when a call may be repeated."""
    assert ticket.called_at is not None
    return (ticket.recalled_at or ticket.called_at) + timedelta(seconds=hall.rules.recall_gap_seconds)


def grace_until(hall: Hall, ticket: Ticket) -> datetime:
    """Until when a called citizen may come: the grace of the call, or the gap after the last recall."""
    assert ticket.called_at is not None
    grace = ticket.called_at + timedelta(seconds=hall.rules.call_grace_seconds)
    if ticket.recalled_at is None:
        return grace
    return max(grace, ticket.recalled_at + timedelta(seconds=hall.rules.recall_gap_seconds))


def undo_until(hall: Hall, ticket: Ticket) -> datetime:
    """Until when a call may be taken back."""
    assert ticket.called_at is not None
    return ticket.called_at + timedelta(seconds=hall.rules.undo_seconds)


def seconds_until(moment: datetime, now: datetime) -> int:
    """Whole seconds still to wait, 0 when the moment has come."""
    return ceil(seconds_between(now, moment))
