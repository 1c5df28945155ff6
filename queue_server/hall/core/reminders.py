"""Whose turn is near: few people ahead, or little time. Said once per ticket."""

from collections.abc import Iterable
from itertools import islice

from queue_server.hall.core.model import Hall
from queue_server.hall.core.order import line, windows_for

NEAR_PLACES_MAX = 50  # With more people ahead nobody feels near, however fast the windows are.


def near_places(hall: Hall, group_id: str) -> int:
    """How many people at the head of a line are near: `ahead` below this number."""
    windows = len(windows_for(hall, group_id))
    mean_seconds = max(1.0, hall.queues[group_id].mean_seconds)
    soon = int(hall.rules.near_seconds * windows / mean_seconds)  # Called within `near_seconds`.
    return max(hall.rules.near_ahead, min(soon, NEAR_PLACES_MAX)) + 1


def newly_near(hall: Hall, group_ids: Iterable[str]) -> list[int]:
    """The tickets of these groups to remind now, in order of their turn."""
    return [
        ticket_id
        for group_id in group_ids
        for ticket_id in islice(line(hall, hall.queues[group_id]), near_places(hall, group_id))
        if not hall.tickets[ticket_id].near
    ]
