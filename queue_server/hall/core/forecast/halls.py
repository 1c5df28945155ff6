"""Our own hall, in which every window and every ticket is known: one pass says the wait of everybody who waits.

Windows are busy since an instant, paused until another, closed, or bound to what their clerk can serve, and each clerk
has a pace. People are taken in the order of `order.everyone_waiting`; over several groups the earliest place goes
first, as at the windows. Some do not come when they are called, some leave before. Nobody is told anything while no
window serves their group. In each lane of each group one more person stands who takes up no time: whoever comes next.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from queue_server.hall.core.forecast.calibration import SHARES, Forecast
from queue_server.hall.core.forecast.lifetimes import Lifetimes
from queue_server.hall.core.forecast.replay import NEVER, Desks, Turn, play_at
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.model import (
    Channel,
    Hall,
    Place,
    PriorityClass,
    Ticket,
    TicketState,
    Window,
    seconds_between,
)
from queue_server.hall.core.order import can_serve, everyone_waiting, standing_of
from queue_server.hall.core.outlook import Expected, Outlook

Floats = NDArray[np.float64]
Curves = Mapping[str, Lifetimes]  # How long services of each group last.

FUTURES = 100
BREAK_S = 600.0  # A pause without an end lasts about so long.
EXPECTED_S_MAX = 12 * 3600.0  # Nothing is said of a later hour.


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody in the line: here already, or expected to come in so many seconds."""

    ticket: Ticket
    comes_s: float = 0.0
    newcomer: bool = False  # Nobody yet: whoever takes a number now, and takes up no time.


@dataclass(frozen=True, slots=True)
class Absence:
    """When a clerk will not be at the window: seconds from now."""

    away_s: float
    back_s: float = NEVER


@dataclass(frozen=True, slots=True)
class Played:
    """The futures of one hall: when each visit is called (visits × futures), at which window, for how long."""

    visits: list[Visit]
    windows: list[Window]
    called_s: Floats
    at: NDArray[np.intp]
    work_s: Floats
    free_s: Floats  # When each window was free for the first time (futures × windows).


def luck_of(hall: Hall) -> np.random.Generator:
    """The dice of a pass: the same for the same hall at the same journal number."""
    return np.random.default_rng((crc32(hall.id.encode()), hall.seq))


def outlook(
    hall: Hall, routine: Routine, now: datetime, rng: np.random.Generator, futures: int = FUTURES
) -> Outlook:
    """What the hall expects now, for everybody who waits and for whoever comes next."""
    played = play_hall(hall, routine, now, rng, [*in_line(hall, newcomers(hall, now))], futures)
    if played is None:
        return Outlook(hall, now, routine.width)
    calls: dict[int, Expected] = {}
    lines: dict[str, list[Expected]] = defaultdict(list)
    next_ones: dict[tuple[str, bool], Expected] = {}
    for visit, forecast in zip(played.visits, quantiles(played.called_s, routine), strict=True):
        call, ticket = expected(forecast, now), visit.ticket
        if visit.newcomer:
            next_ones[ticket.group_id, ticket.green] = call
        else:
            calls[ticket.id] = call
            lines[ticket.group_id].append(call)
    return Outlook(hall, now, routine.width, calls, lines, next_ones)


def forecasts(
    hall: Hall, routine: Routine, now: datetime, rng: np.random.Generator, futures: int = FUTURES
) -> dict[int, Forecast]:
    """The wait in seconds of everybody who waits, by ticket; nobody is there whom no window serves."""
    played = play_hall(hall, routine, now, rng, [*in_line(hall)], futures)
    if played is None:
        return {}
    told = quantiles(played.called_s, routine)
    return {visit.ticket.id: forecast for visit, forecast in zip(played.visits, told, strict=True)}


def quantiles(called_s: Floats, routine: Routine) -> Iterator[Forecast]:
    """Each row in quantiles, moved and widened as the past says: never negative, never out of order."""
    rows = np.quantile(called_s, SHARES, axis=1).T
    middle = rows[:, 2:3]
    rows = np.maximum.accumulate(
        np.clip(routine.lateness * middle + routine.width * (rows - middle), 0.0, EXPECTED_S_MAX), axis=1
    )
    return (Forecast(*map(float, row)) for row in rows)


def expected(forecast: Forecast, now: datetime) -> Expected:
    """A wait as instants."""
    return Expected(
        *(now + timedelta(seconds=wait_s) for wait_s in (forecast.p20, forecast.p50, forecast.p80))
    )


def play_hall(
    hall: Hall,
    routine: Routine,
    now: datetime,
    rng: np.random.Generator,
    visits: Sequence[Visit],
    futures: int = FUTURES,
    absences: Mapping[str, Absence] | None = None,
) -> Played | None:
    """The hall played forward for these visits; None while no window serves any of them."""
    windows = [window for window in hall.windows.values() if at_work(window)]
    if not windows:
        return None
    can = {
        kind: seats(windows, ticket)
        for kind, ticket in {kind_of(each.ticket): each.ticket for each in visits}.items()
    }
    visits = [each for each in visits if (can[kind_of(each.ticket)] < NEVER).any()]
    if not visits:
        return None
    curves = {group_id: routine.services(hall, group_id) for group_id in hall.groups}
    work_s = works(hall, routine, curves, visits, rng, futures)
    line = list(turns(routine, visits, can, work_s, now, rng))
    # The windows last: one more of them must not change anybody else's luck.
    seed = int(rng.integers(2**32))
    free_s = np.stack(
        [free(hall, routine, curves, each, now, luck_at(seed, each, futures)) for each in windows], axis=1
    )
    began_s = free_s.copy()
    desks = desks_of(routine, windows, absences or {})
    called = play_at(free_s, line, desks)
    at = np.array([window for _, window in called])
    return Played(
        list(visits),
        windows,
        np.array([called_s for called_s, _ in called]),
        at,
        work_s * desks.pace.take(at),
        began_s,
    )


def luck_at(seed: int, window: Window, futures: int) -> Floats:
    """The dice of one window."""
    return np.random.default_rng((seed, crc32(window.id.encode()))).exponential(size=(2, futures))


def at_work(window: Window) -> bool:
    """Whether somebody sits there, or comes back from a pause."""
    return window.session is not None and window.session.absent_since is None


def desks_of(routine: Routine, windows: Sequence[Window], absences: Mapping[str, Absence]) -> Desks:
    """The pace of each window's clerk, and when they mean to be away."""
    pace = np.array([routine.clerk(window.session.clerk.id) if window.session else 1.0 for window in windows])
    if not absences:
        return Desks(pace)
    away = [absences.get(window.id, Absence(NEVER)) for window in windows]
    return Desks(pace, np.array([each.away_s for each in away]), np.array([each.back_s for each in away]))


# ── The line ─────────────────────────────────────────────────────────────────────────────────────


def in_line(hall: Hall, others: Sequence[Visit] = ()) -> Iterator[Visit]:
    """Everybody who waits, and these, in the order in which the windows will take them."""
    lines: Mapping[str, list[Visit]] = defaultdict(list)
    for ticket_id in everyone_waiting(hall):
        ticket = hall.tickets[ticket_id]
        lines[ticket.group_id].append(Visit(ticket))
    standing = sorted(others, key=lambda visit: standing_of(hall, visit.ticket))
    return merge(*lines.values(), standing, key=lambda visit: standing_of(hall, visit.ticket))


def newcomers(hall: Hall, now: datetime) -> list[Visit]:
    """Whoever would come next, in each lane of each group."""
    return [
        Visit(imagined(hall, group_id, now, number, green=green), newcomer=True)
        for number, (group_id, green) in enumerate(
            ((group_id, green) for group_id in hall.groups for green in (False, True)), start=1
        )
    ]


def imagined(hall: Hall, group_id: str, at: datetime, number: int, *, green: bool) -> Ticket:
    """A ticket that nobody holds."""
    return Ticket(
        id=-number,
        number="",
        group_id=group_id,
        matters=(),
        channel=Channel.KIOSK,
        issued_at=at,
        place=Place(hall.seq + number),
        priority_class=PriorityClass.ELDERLY if green else None,
    )


def kind_of(ticket: Ticket) -> tuple[str, tuple[str, ...]]:
    """People of one kind can be served at the same windows, and their services last alike."""
    return ticket.group_id, ticket.matters


def seats(windows: Sequence[Window], ticket: Ticket) -> Floats:
    """0 at a window that can serve the ticket, NEVER elsewhere."""
    return np.array([[0.0 if can_serve(window, ticket) else NEVER for window in windows]])


def free(hall: Hall, routine: Routine, curves: Curves, window: Window, now: datetime, luck: Floats) -> Floats:
    """When a window calls next: after who is there, after the pause, after a moment to breathe."""
    busy_s = np.zeros(luck.shape[1])
    assert window.session is not None
    if window.ticket_id is not None:
        ticket = hall.tickets[window.ticket_id]
        pace = routine.pace(hall, ticket.group_id, ticket.matters) * routine.clerk(window.session.clerk.id)
        serving = ticket.state is TicketState.SERVING and ticket.serving_since is not None
        age_s = ticket.service_seconds + seconds_between(ticket.serving_since or now, now) if serving else 0.0
        busy_s = pace * curves[ticket.group_id].remaining(age_s / pace, luck[0])
        if not serving:
            busy_s = busy_s + routine.way_s
    pause = window.session.pause
    if pause is not None:
        rest_s = BREAK_S * luck[1] if pause.until is None else seconds_between(now, pause.until)
        busy_s = np.maximum(busy_s, rest_s)
    between: Floats = busy_s + routine.between_s * luck[1]
    return between


def turns(
    routine: Routine,
    visits: Sequence[Visit],
    can: Mapping[tuple[str, tuple[str, ...]], Floats],
    work_s: Floats,
    now: datetime,
    rng: np.random.Generator,
) -> Iterator[Turn]:
    """Everybody's turn: where, how long it takes, and when patience ends, if the hall knows of it."""
    leaves_s = np.full(work_s.shape, np.inf)
    if routine.patience is not None:
        waited_s = np.array([[seconds_between(each.ticket.issued_at, now)] for each in visits])
        leaves_s = routine.patience.remaining(waited_s, rng.exponential(size=work_s.shape))
    for each, work, leaves in zip(visits, work_s, leaves_s, strict=True):
        if each.newcomer:
            leaves = np.full(len(work), -np.inf)  # Takes nobody's time.
        comes_s: Floats | float = np.full(len(work), each.comes_s) if each.comes_s else 0.0
        yield Turn(can[kind_of(each.ticket)], work, leaves + each.comes_s, comes_s)


def works(
    hall: Hall,
    routine: Routine,
    curves: Curves,
    visits: Sequence[Visit],
    rng: np.random.Generator,
    futures: int,
) -> Floats:
    """How long a window is taken from each call to the next: way and service, or the grace if nobody comes."""
    shape = (len(visits), futures)
    between_s = rng.exponential(routine.between_s, size=shape)
    luck, shows = rng.exponential(size=shape), rng.random(shape)
    work_s = np.empty(shape)
    by_group: dict[str, list[int]] = defaultdict(list)
    for row, each in enumerate(visits):
        by_group[each.ticket.group_id].append(row)
    for group_id, rows in by_group.items():
        pace = np.array([[routine.pace(hall, group_id, visits[row].ticket.matters)] for row in rows])
        served_s = routine.way_s + pace * curves[group_id].remaining(0.0, luck[rows])
        grace_s = float(hall.rules.call_grace_seconds)
        work_s[rows] = np.where(shows[rows] < routine.no_show(group_id), grace_s, served_s)
    return work_s + between_s
