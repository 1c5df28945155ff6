"""Our own hall, in which every window and every ticket is known: one pass says the wait of everybody who waits.

Windows are busy since an instant, paused until another, closed, or bound to what their clerk can serve. People are
taken in the order of `order.everyone_waiting`; over several groups the earliest place goes first, as at the windows.
Nobody is told anything while no window serves their group.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import merge

import numpy as np
from numpy.typing import NDArray

from queue_server.hall.core.forecast.calibration import SHARES, Forecast
from queue_server.hall.core.forecast.calls import Habits
from queue_server.hall.core.forecast.lifetimes import Lifetimes
from queue_server.hall.core.forecast.replay import NEVER, Turn, play
from queue_server.hall.core.model import Hall, Ticket, TicketState, Window, seconds_between
from queue_server.hall.core.order import can_serve, everyone_waiting

Floats = NDArray[np.float64]

FUTURES = 100
CALLS_AFTER_S = 20.0  # A free window calls about so soon, until the hall has shown its own habits.
BREAK_S = 600.0  # A pause without an end lasts about so long.
KNOWN_SERVICES = 20  # From so many services on, a group is known by its own.


def forecasts(
    hall: Hall, habits: Habits, now: datetime, rng: np.random.Generator, futures: int = FUTURES
) -> dict[int, Forecast]:
    """The wait in seconds of everybody who waits, by ticket; nobody is there whom no window serves."""
    windows = [window for window in hall.windows.values() if at_work(window)]
    people = list(in_line(hall))
    if not windows or not people:
        return {}
    can = {kind: seats(windows, ticket) for kind, ticket in {kind_of(each): each for each in people}.items()}
    people = [each for each in people if (can[kind_of(each)] < NEVER).any()]
    free_s = np.stack(
        [free(hall, habits, each, now, rng.exponential(size=(2, futures))) for each in windows], axis=1
    )
    called_s = play(free_s, list(turns(hall, habits, people, can, now, rng, futures)))
    rows = np.quantile(np.array(called_s).reshape(len(people), futures), SHARES, axis=1).T
    return {each.id: Forecast(*map(float, row)) for each, row in zip(people, rows, strict=True)}


def at_work(window: Window) -> bool:
    """Whether somebody sits there, or comes back from a pause."""
    return window.session is not None and window.session.absent_since is None


def in_line(hall: Hall) -> Iterator[Ticket]:
    """Everybody who waits, in the order in which the windows will take them."""
    lines: Mapping[str, list[Ticket]] = defaultdict(list)
    for ticket_id in everyone_waiting(hall):
        ticket = hall.tickets[ticket_id]
        lines[ticket.group_id].append(ticket)
    return merge(*lines.values(), key=lambda ticket: ticket.place)


def kind_of(ticket: Ticket) -> tuple[str, tuple[str, ...]]:
    """People of one kind can be served at the same windows."""
    return ticket.group_id, tuple(ticket.matters)


def seats(windows: list[Window], ticket: Ticket) -> Floats:
    """0 at a window that can serve the ticket, NEVER elsewhere."""
    return np.array([[0.0 if can_serve(window, ticket) else NEVER for window in windows]])


def free(hall: Hall, habits: Habits, window: Window, now: datetime, luck: Floats) -> Floats:
    """When a window calls next: after who is there, after the pause, after a moment to breathe."""
    busy_s = np.zeros(luck.shape[1])
    if window.ticket_id is not None:
        ticket = hall.tickets[window.ticket_id]
        serving = ticket.state is TicketState.SERVING and ticket.serving_since is not None
        age_s = seconds_between(ticket.serving_since or now, now) if serving else 0.0
        busy_s = service_of(hall, habits, ticket.group_id).remaining(age_s, luck[0])
    pause = None if window.session is None else window.session.pause
    if pause is not None:
        rest_s = BREAK_S * luck[1] if pause.until is None else seconds_between(now, pause.until)
        busy_s = np.maximum(busy_s, rest_s)
    between: Floats = busy_s + CALLS_AFTER_S * luck[1]
    return between


def service_of(hall: Hall, habits: Habits, group_id: str) -> Lifetimes:
    """How long services of a group last: as they did, or about as long as the hall expects."""
    known = habits.services.get(group_id)
    if known is not None and known.ends.sum() >= KNOWN_SERVICES:
        return known
    return Lifetimes(hall.queues[group_id].mean_seconds)


def turns(
    hall: Hall,
    habits: Habits,
    people: list[Ticket],
    can: Mapping[tuple[str, tuple[str, ...]], Floats],
    now: datetime,
    rng: np.random.Generator,
    futures: int,
) -> Iterator[Turn]:
    """Everybody's turn: where, how long it takes, and when patience ends, if the hall knows how patient people are."""
    work_s = rng.exponential(CALLS_AFTER_S, size=(len(people), futures))
    for group_id in {each.group_id for each in people}:
        of_group = np.array([each.group_id == group_id for each in people])
        luck = rng.exponential(size=(int(of_group.sum()), futures))
        work_s[of_group] += service_of(hall, habits, group_id).remaining(0.0, luck)
    leaves_s = np.full((len(people), futures), np.inf)
    if habits.patience.ends.sum() >= KNOWN_SERVICES:
        waited_s = np.array([[seconds_between(each.issued_at, now)] for each in people])
        leaves_s = habits.patience.remaining(waited_s, rng.exponential(size=leaves_s.shape))
    for each, work, leaves in zip(people, work_s, leaves_s, strict=True):
        yield Turn(can[kind_of(each)], work, leaves)
