"""Whose turn is near: few people ahead, or little time beside the way to the hall. Said once per ticket.

Whoever may well be called within `Rules.near_seconds` and the way (one call in five comes before that) is to come now.
Where the outlook says nothing of somebody, places are counted instead: so many people as the windows take in that time.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from queue_server.hall.core.model import Hall, Promise, Ticket
from queue_server.hall.core.order import line, windows_for
from queue_server.hall.core.outlook import Expected, Outlook, call_of, expected_call, held_for

NEAR_PLACES_MAX = 50  # With more people ahead nobody feels near, however fast the windows are.
WALK_MINUTES_MAX = 60


def near_places(hall: Hall, group_id: str, walk_minutes: int = 0) -> int:
    """How many people at the head of a line are near, as far as places say it: `ahead` below this number."""
    windows = len(windows_for(hall, group_id))
    mean_seconds = max(1.0, hall.queues[group_id].mean_seconds)
    seconds = hall.rules.near_seconds + 60 * walk_minutes
    soon = int(seconds * windows / mean_seconds)  # Called within that time.
    return max(hall.rules.near_ahead, min(soon, NEAR_PLACES_MAX)) + 1


def is_near(
    hall: Hall, ticket: Ticket, people_ahead: int, now: datetime, outlook: Outlook | None = None
) -> bool:
    """Whether somebody with so many people ahead has to come now."""
    if people_ahead <= hall.rules.near_ahead:
        return True
    call = expected_call(hall, outlook, ticket, now)
    if call is None:
        return people_ahead < near_places(hall, ticket.group_id, ticket.walk_minutes)
    return people_ahead <= NEAR_PLACES_MAX and is_time(hall, ticket, call, now)


def is_time(hall: Hall, ticket: Ticket, call: Expected, now: datetime) -> bool:
    """Whether so little time is left, beside the way, that the call may well come."""
    left = call.low_at - timedelta(minutes=ticket.walk_minutes) - now
    return left <= timedelta(seconds=hall.rules.near_seconds)


def is_near_at_issue(hall: Hall, group_id: str, people_ahead: int, promise: Promise | None) -> bool:
    """Whether somebody is near in the moment of taking a number."""
    if people_ahead <= hall.rules.near_ahead:
        return True
    if promise is None or promise.likely_at is None:
        return people_ahead < near_places(hall, group_id)
    near_seconds = timedelta(seconds=hall.rules.near_seconds)
    return people_ahead <= NEAR_PLACES_MAX and promise.low_at - promise.made_at <= near_seconds


def newly_near(
    hall: Hall, group_ids: Iterable[str], now: datetime, outlook: Outlook | None = None
) -> list[int]:
    """The tickets of these groups to remind now, in order of their turn."""
    return [ticket_id for group_id in group_ids for ticket_id in newly_near_in(hall, group_id, now, outlook)]


def newly_near_in(hall: Hall, group_id: str, now: datetime, outlook: Outlook | None) -> Iterator[int]:
    """The same, in one group. Asked after every deed, so what all have in common is looked up once."""
    near = near_places(hall, group_id)
    held = held_for(hall, outlook, group_id, now)
    farthest = near_places(hall, group_id, WALK_MINUTES_MAX) if held is None else NEAR_PLACES_MAX + 1
    for people_ahead, ticket_id in enumerate(islice(line(hall, hall.queues[group_id]), farthest)):
        ticket = hall.tickets[ticket_id]
        if ticket.near:
            continue
        call = None if held is None else call_of(hall, held, ticket)
        if people_ahead <= hall.rules.near_ahead:
            yield ticket_id
        elif call is not None:
            if is_time(hall, ticket, call, now):
                yield ticket_id
        elif people_ahead < near or (ticket.walk_minutes and is_near(hall, ticket, people_ahead, now)):
            yield ticket_id
