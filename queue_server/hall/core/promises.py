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

from queue_server.hall.core.estimates import estimate
from queue_server.hall.core.model import Hall, Promise, Ticket, TicketState, Window
from queue_server.hall.core.order import ahead, at_work_for, is_paused, line, windows_for

NOTICEABLE = timedelta(minutes=3)  # Nobody minds less, and estimates tremble by as much.
SPEED_CHANGED = 0.15  # By which share a mean must have moved before it counts as a cause.
CAUSES_MAX = 2


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


def promised(hall: Hall, group_id: str, people_ahead: int, now: datetime) -> Promise | None:
    """What somebody with so many people ahead is told now, or None while no window serves the group."""
    expected = estimate(hall, group_id, people_ahead)
    if expected is None:
        return None
    return Promise(
        made_at=now,
        low_at=now + timedelta(minutes=expected.low_minutes),
        high_at=now + timedelta(minutes=expected.high_minutes),
        ahead=people_ahead,
        windows=len(at_work_for(hall, group_id)),
        mean_seconds=hall.queues[group_id].mean_seconds,
    )


def revision(hall: Hall, ticket: Ticket, now: datetime) -> Revision | None:
    """How what is expected now differs from what was promised; None while it does not, noticeably."""
    promise = ticket.promise
    if promise is None or ticket.state is not TicketState.WAITING:
        return None
    expected = estimate(hall, ticket.group_id, ahead(hall, ticket))
    if expected is None:
        return None
    middle = now + timedelta(minutes=(expected.low_minutes + expected.high_minutes) / 2)
    if middle > promise.high_at + NOTICEABLE:
        return Revision(True, causes(hall, ticket, promise, later=True))
    if middle < promise.low_at - NOTICEABLE:
        return Revision(False, causes(hall, ticket, promise, later=False))
    return None


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
