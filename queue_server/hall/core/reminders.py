"""Whose turn is near: few people ahead, or little time beside the way to the hall. Said once per ticket."""

from collections.abc import Iterable
from itertools import islice

from queue_server.hall.core.model import Hall, Ticket
from queue_server.hall.core.order import line, windows_for

NEAR_PLACES_MAX = 50  # With more people ahead nobody feels near, however fast the windows are.
WALK_MINUTES_MAX = 60


def near_places(hall: Hall, group_id: str, walk_minutes: int = 0) -> int:
    """How many people at the head of a line are near: `ahead` below this number."""
    windows = len(windows_for(hall, group_id))
    mean_seconds = max(1.0, hall.queues[group_id].mean_seconds)
    seconds = hall.rules.near_seconds + 60 * walk_minutes
    soon = int(seconds * windows / mean_seconds)  # Called within that time.
    return max(hall.rules.near_ahead, min(soon, NEAR_PLACES_MAX)) + 1


def is_near(hall: Hall, ticket: Ticket, people_ahead: int) -> bool:
    """Whether somebody with so many people ahead has to come now."""
    return people_ahead < near_places(hall, ticket.group_id, ticket.walk_minutes)


def newly_near(hall: Hall, group_ids: Iterable[str]) -> list[int]:
    """The tickets of these groups to remind now, in order of their turn."""
    return [ticket_id for group_id in group_ids for ticket_id in newly_near_in(hall, group_id)]


def newly_near_in(hall: Hall, group_id: str) -> list[int]:
    """The same, in one group."""
    near = near_places(hall, group_id)
    farthest = near_places(hall, group_id, WALK_MINUTES_MAX)
    found = []
    for people_ahead, ticket_id in enumerate(islice(line(hall, hall.queues[group_id]), farthest)):
        ticket = hall.tickets[ticket_id]
        if not ticket.near and (
            people_ahead < near or (ticket.walk_minutes and is_near(hall, ticket, people_ahead))
        ):
            found.append(ticket_id)
    return found
