"""What the hall expects: for everybody who waits from when to when the call may come, as of one moment.

An outlook is a hint and never the truth. It is made beside the hall (`live/outlooks.py`), comes into a decision as an
argument like the time does, and is at most a moment old. Where it says nothing, because somebody has just come, stands
elsewhere in line than it knew, or no pass was made yet, the quick range of `estimates.py` is told and soon revised.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import ceil, floor

from msgspec import Struct, field

from queue_server.hall.core.estimates import Estimate, quick
from queue_server.hall.core.lanes import standing_before
from queue_server.hall.core.model import Hall, Place, Ticket
from queue_server.hall.core.order import ahead, at_work_for, place_of

STALE = timedelta(minutes=5)  # An outlook older than this is about another hall.


class Expected(Struct, frozen=True, gc=False):
    """When a call may come: one in five comes before `low_at`, half before `likely_at`, one in five after `high_at`."""

    low_at: datetime
    likely_at: datetime
    high_at: datetime


class Outlook(Struct, frozen=True):
    """What one pass says about the hall as it was then."""

    hall: Hall
    at: datetime
    width: float = 1.0  # By how much the ranges were widened, because of how earlier ones fared.
    calls: Mapping[int, Expected] = field(default_factory=dict)  # Of everybody who waits, by ticket.
    lines: Mapping[str, Sequence[Expected]] = field(
        default_factory=dict
    )  # By group, in the order of its line.
    newcomers: Mapping[tuple[str, bool], Expected] = field(
        default_factory=dict
    )  # By group and green channel.


def expected_call(hall: Hall, outlook: Outlook | None, ticket: Ticket, now: datetime) -> Expected | None:
    """When somebody who waits may be called, as far as the outlook knows."""
    held = held_for(hall, outlook, ticket.group_id, now)
    return None if held is None else call_of(hall, held, ticket)


def call_of(hall: Hall, outlook: Outlook, ticket: Ticket) -> Expected | None:
    """The same, by an outlook that holds."""
    then = outlook.hall.tickets.get(ticket.id)
    if then is not None and (then.place, then.group_id, then.green) == (
        ticket.place,
        ticket.group_id,
        ticket.green,
    ):
        return outlook.calls.get(ticket.id)
    return at_place(hall, outlook, ticket.group_id, ahead(hall, ticket))


def held_for(hall: Hall, outlook: Outlook | None, group_id: str, now: datetime) -> Outlook | None:
    """The outlook, if it still says something about a group."""
    if outlook is None or outlook.hall.day != hall.day or abs(now - outlook.at) > STALE:
        return None
    return outlook if at_work_for(hall, group_id) else None


def at_place(hall: Hall, outlook: Outlook, group_id: str, people_ahead: int) -> Expected | None:
    """When somebody with so many people ahead may be called: as whoever stood there, or so much after the last.

    Whoever has been called since the outlook was made is still counted in its line.
    """
    line = outlook.lines.get(group_id, ())
    gone = max(0, len(line) - (hall.queues[group_id].length - joined_since(hall, outlook, group_id)))
    if people_ahead + gone < len(line):
        return line[people_ahead + gone]
    last = outlook.newcomers.get((group_id, False))
    if last is None:
        return None
    more = people_ahead + gone - len(line)
    windows = max(1, len(at_work_for(hall, group_id)))
    later = timedelta(seconds=more * hall.queues[group_id].mean_seconds / windows)
    return Expected(last.low_at + later, last.likely_at + later, last.high_at + later)


def joined_since(hall: Hall, outlook: Outlook, group_id: str) -> int:
    """How many of those who wait took their number after the outlook was made."""
    queue, first = hall.queues[group_id], Place(outlook.hall.seq + 1)
    return sum(
        len(lane) - standing_before(lane, first, place_of(hall)) for lane in (queue.green, queue.fair) if lane
    )


def newcomer_call(
    hall: Hall,
    outlook: Outlook | None,
    group_id: str,
    people_ahead: int,
    now: datetime,
    *,
    green: bool = False,
) -> Expected | None:
    """When somebody who takes a number now may be called."""
    held = held_for(hall, outlook, group_id, now)
    if held is None:
        return None
    if green:
        return held.newcomers.get((group_id, True))
    return at_place(hall, held, group_id, people_ahead)


# ── In minutes ───────────────────────────────────────────────────────────────────────────────────


def wait_of(hall: Hall, outlook: Outlook | None, ticket: Ticket, now: datetime) -> Estimate | None:
    """How long somebody who waits has yet to wait, or None while no window serves the group."""
    call = expected_call(hall, outlook, ticket, now)
    return quick(hall, ticket.group_id, ahead(hall, ticket)) if call is None else in_minutes(call, now)


def wait_of_newcomer(hall: Hall, outlook: Outlook | None, group_id: str, now: datetime) -> Estimate | None:
    """The same of somebody who takes an ordinary number now."""
    people_ahead = hall.queues[group_id].length
    call = newcomer_call(hall, outlook, group_id, people_ahead, now)
    return quick(hall, group_id, people_ahead) if call is None else in_minutes(call, now)


def in_minutes(call: Expected, now: datetime) -> Estimate:
    """A call as a range of minutes from now, never negative and never nothing.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    >>> in_minutes(Expected(noon, noon + timedelta(minutes=4.2), noon + timedelta(minutes=9.1)), noon)
    Estimate(low_minutes=0, high_minutes=10, likely_minutes=4)
    """
    low, likely, high = (
        max(0.0, (at - now).total_seconds() / 60) for at in (call.low_at, call.likely_at, call.high_at)
    )
    return Estimate(floor(low), max(1, ceil(high)), round(likely))
