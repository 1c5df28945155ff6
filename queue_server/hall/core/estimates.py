"""The first range somebody hears before the hall was played forward (`outlook.py`): a rule of thumb, in no time.

It is what a citizen is told in the moment of taking a number in a hall that has just opened, and it is revised as soon
as a pass is made. Honest about not knowing: without a window there is no estimate.
"""

from dataclasses import dataclass
from math import ceil, floor

from queue_server.hall.core.model import Hall, Queue
from queue_server.hall.core.order import at_work_for

SPREAD = 0.35  # Half the width of the range relative to its middle: services vary about that much.
LEARNING = 0.1  # Weight of the newest service in the running mean.
FORGOTTEN = 5.0  # Longer than so many means a clerk has forgotten to finish: it counts as so long.


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range of minutes until the call, and what is likely."""

    low_minutes: int
    high_minutes: int
    likely_minutes: int


def quick(hall: Hall, group_id: str, ahead: int) -> Estimate | None:
    """The wait of somebody with so many people ahead, or None while no window serves the group."""
    windows = len(at_work_for(hall, group_id))
    if not windows:
        return None
    mean_seconds = hall.queues[group_id].mean_seconds
    # The next window comes free somewhere inside its service: between nothing and a full round.
    low_seconds = ahead * mean_seconds / windows * (1 - SPREAD)
    high_seconds = (ahead + 1) * mean_seconds / windows * (1 + SPREAD)
    likely_seconds = (ahead + 0.5) * mean_seconds / windows
    return Estimate(floor(low_seconds / 60), max(1, ceil(high_seconds / 60)), round(likely_seconds / 60))


def learned(queue: Queue, service_seconds: float) -> float:
    """The running mean of the service time after one more service.

    >>> learned(Queue(mean_seconds=600.0), 300.0)
    570.0
    >>> learned(Queue(mean_seconds=600.0), 86_400.0)  # Left open over night.
    840.0
    """
    seconds = min(service_seconds, FORGOTTEN * queue.mean_seconds)
    return queue.mean_seconds * (1 - LEARNING) + seconds * LEARNING
