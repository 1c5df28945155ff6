"""The first promise is kept beside the present estimate, and a difference is explained with true values.

What a citizen hears at issue is a range of time. It is written into the ticket and never overwritten. When the
middle of what is expected now lies well outside of it, `revision` says what changed since: what the citizens
did themselves, then what the hall did, then how fast the people ahead were served. Two causes at most, because a
third explains nothing any more.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from queue_server.hall.core import events as e
from queue_server.hall.core.estimates import quick
from queue_server.hall.core.model import Hall, Promise, Ticket, TicketState, Window
from queue_server.hall.core.order import ahead, at_work_for, everyone_waiting, is_paused, line, windows_for
from queue_server.hall.core.outlook import Expected, Outlook, expected_call, newcomer_call

NOTICEABLE = timedelta(minutes=3)  # Nobody minds less, and estimates tremble by as much.
SPEED_CHANGED = 0.15  # By which share a mean must have moved before it counts as a cause.
CAUSES_MAX = 2
NARROWEST = timedelta(minutes=1)
REVISED_AFTER = timedelta(minutes=3)  # Nobody is told something else more often.
REVISED_AT_ONCE = 100  # In a hall of thousands a closed window changes everything; each tick tells some.


class Because(StrEnum):
    """What changed since the promise."""

    YOU_RETURNED = "you_returned"  # The citizen missed a call and came back.
    YOU_DEFERRED = "you_deferred"  # The citizen let others pass.
    TRANSFERRED = "transferred"  # The citizen was sent on to another group.
    FEWER_WINDOWS = "fewer_windows"
    MORE_WINDOWS = "more_windows"
    SLOWER = "slower"  # Services take longer on average.
    FASTER = "faster"
    WENT_BEFORE = "went_before"  # People with priority, or back from a missed call, stand ahead.
    LINE_SLOWER = "line_slower"  # Nothing else changed: the people ahead took longer than expected.
    LINE_FASTER = "line_faster"


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause, and its values then and now: windows, minutes or people."""

    because: Because
    was: int = 0
    now: int = 0
    paused: tuple[Window, ...] = ()  # The windows of the group that take a break, if they explain it.


@dataclass(frozen=True, slots=True)
class Revision:
    """That it will be later, or earlier, than the citizen was told, and why."""

    later: bool
    causes: tuple[Cause, ...]


def promised(
    hall: Hall,
    outlook: Outlook | None,
    group_id: str,
    people_ahead: int,
    now: datetime,
    *,
    green: bool = False,
) -> Promise | None:
    """What somebody who takes a number now is told, or None while no window serves the group."""
    call = newcomer_call(hall, outlook, group_id, people_ahead, now, green=green)
    if call is not None:
        return promise_of(hall, outlook, group_id, people_ahead, call, now)
    first = quick(hall, group_id, people_ahead)
    if first is None:
        return None
    return Promise(
        made_at=now,
        low_at=now + timedelta(minutes=first.low_minutes),
        high_at=now + timedelta(minutes=first.high_minutes),
        ahead=people_ahead,
        windows=len(at_work_for(hall, group_id)),
        mean_seconds=hall.queues[group_id].mean_seconds,
    )


def promise_of(
    hall: Hall, outlook: Outlook | None, group_id: str, people_ahead: int, call: Expected, now: datetime
) -> Promise:
    """An expected call as a promise: never of the past, and not narrower than a minute."""
    low_at = max(now, call.low_at)
    return Promise(
        made_at=now,
        low_at=low_at,
        high_at=max(low_at + NARROWEST, call.high_at),
        ahead=people_ahead,
        windows=len(at_work_for(hall, group_id)),
        mean_seconds=hall.queues[group_id].mean_seconds,
        likely_at=max(low_at, call.likely_at),
        width=1.0 if outlook is None else outlook.width,
    )


def revision(hall: Hall, outlook: Outlook | None, ticket: Ticket, now: datetime) -> Revision | None:
    """How what is expected now differs from what was promised first; None while it does not, noticeably."""
    promise, middle = ticket.promise, middle_of(hall, outlook, ticket, now)
    if promise is None or middle is None:
        return None
    if middle > promise.high_at + NOTICEABLE:
        return Revision(True, causes(hall, ticket, promise, later=True))
    if middle < promise.low_at - NOTICEABLE:
        return Revision(False, causes(hall, ticket, promise, later=False))
    return None


def middle_of(hall: Hall, outlook: Outlook | None, ticket: Ticket, now: datetime) -> datetime | None:
    """When the call is likely to come; None for whoever does not wait, or while no window serves the group."""
    if ticket.state is not TicketState.WAITING:
        return None
    call = expected_call(hall, outlook, ticket, now)
    if call is not None:
        return max(now, call.likely_at)
    first = quick(hall, ticket.group_id, ahead(hall, ticket))
    return None if first is None else now + timedelta(minutes=(first.low_minutes + first.high_minutes) / 2)


# ── What is written down ─────────────────────────────────────────────────────────────────────────


def revisions_due(hall: Hall, outlook: Outlook | None, now: datetime) -> Iterator[e.PromiseRevised]:
    """Who is to hear another range than the last one they were told, and why. Some at a time."""
    if outlook is None:
        return
    due = (revised(hall, outlook, hall.tickets[ticket_id], now) for ticket_id in everyone_waiting(hall))
    yield from islice((each for each in due if each is not None), REVISED_AT_ONCE)


def revised(hall: Hall, outlook: Outlook, ticket: Ticket, now: datetime) -> e.PromiseRevised | None:
    """The new promise of one ticket, if the last one holds no longer."""
    told = ticket.told or ticket.promise
    call = expected_call(hall, outlook, ticket, now)
    if told is None or call is None or now - told.made_at < REVISED_AFTER:
        return None
    later, earlier = call.likely_at > told.high_at + NOTICEABLE, call.likely_at < told.low_at - NOTICEABLE
    if not later and not earlier:
        return None
    promise = promise_of(hall, outlook, ticket.group_id, ahead(hall, ticket), call, now)
    because = tuple(cause.because for cause in causes(hall, ticket, told, later=later))
    return e.PromiseRevised(ticket.id, promise, later, because, now)


# ── Why ──────────────────────────────────────────────────────────────────────────────────────────


def causes(hall: Hall, ticket: Ticket, promise: Promise, *, later: bool) -> tuple[Cause, ...]:
    """What explains it, the most telling first."""
    found = [*(own_deeds(ticket) if later else ()), *in_the_hall(hall, ticket, promise, later=later)]
    return tuple(found[:CAUSES_MAX]) or (Cause(Because.LINE_SLOWER if later else Because.LINE_FASTER),)


def own_deeds(ticket: Ticket) -> Iterator[Cause]:
    """What the citizen did, or what was done with the ticket at a window."""
    if ticket.returns:
        yield Cause(Because.YOU_RETURNED, now=ticket.returns)
    if ticket.defers:
        yield Cause(Because.YOU_DEFERRED, now=ticket.defers)
    if ticket.hops:
        yield Cause(Because.TRANSFERRED, now=ticket.hops)


def in_the_hall(hall: Hall, ticket: Ticket, promise: Promise, *, later: bool) -> Iterator[Cause]:
    """Windows, speed and the people ahead. Windows and speed of another group say nothing."""
    if not ticket.hops:
        yield from of_windows(hall, ticket, promise, later=later)
        yield from of_speed(hall, ticket, promise, later=later)
    moved_back = ticket.returns or ticket.defers  # Then it is no news that others went before.
    went_before = 0 if moved_back else people_who_went_before(hall, ticket)
    if later and went_before:
        yield Cause(Because.WENT_BEFORE, now=went_before)


def of_windows(hall: Hall, ticket: Ticket, promise: Promise, *, later: bool) -> Iterator[Cause]:
    """More or fewer windows at work."""
    now = len(at_work_for(hall, ticket.group_id))
    if later and now < promise.windows:
        paused = tuple(each for each in windows_for(hall, ticket.group_id) if is_paused(each))
        yield Cause(Because.FEWER_WINDOWS, promise.windows, now, paused)
    if not later and now > promise.windows:
        yield Cause(Because.MORE_WINDOWS, promise.windows, now)


def of_speed(hall: Hall, ticket: Ticket, promise: Promise, *, later: bool) -> Iterator[Cause]:
    """Services that take longer or shorter than they did, in minutes."""
    mean_seconds = hall.queues[ticket.group_id].mean_seconds
    was, now = round(promise.mean_seconds / 60), round(mean_seconds / 60)
    change = mean_seconds / promise.mean_seconds - 1
    if later and change > SPEED_CHANGED and now > was:
        yield Cause(Because.SLOWER, was, now)
    if not later and change < -SPEED_CHANGED and now < was:
        yield Cause(Because.FASTER, was, now)


def people_who_went_before(hall: Hall, ticket: Ticket) -> int:
    """How many of those ahead took their number later, or are back from a missed call."""
    first = islice(line(hall, hall.queues[ticket.group_id]), ahead(hall, ticket))
    return sum(other > ticket.id or hall.tickets[other].returns > 0 for other in first)
