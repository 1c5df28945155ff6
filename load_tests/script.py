"""A trace as a script for a hall: which acts happen when, and at which window.

The trace says when a window was free for somebody of a service, and the hall says who that is. So each
visit is a *part*, and the hall casts it: when it calls somebody else than the trace did, the two change
parts, and from then on each lives what the trace says of the other. As many people are served and as many
give up as on the real day, at the real instants, in the hall's order.

Windows are pools, one for each service, as large as the services that went on at once. Where the trace
knows no end of a service, it ends when its window is needed again, or after a nominal time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import count, product
from string import ascii_uppercase

from load_tests.trace import Outcome, Visit, services

NOMINAL_SERVICE = timedelta(minutes=15)
GRACE = timedelta(seconds=180)  # The clerk waits this long for somebody who does not come.
CLOSING = timedelta(seconds=60)  # Who was never called goes home this long after the last act.


class Deed(IntEnum):
    """What somebody does; at one instant, in this order."""

    COMPLETE = 0  # A window that is needed now is free first.
    MISS = 1
    CANCEL = 2  # Who gives up now is not called now.
    ISSUE = 3
    CALL = 4
    START = 5
    COMPLETE_AT_ONCE = 6  # A service that took no time.
    CANCEL_AT_ONCE = 7  # Somebody who came and left.


@dataclass(frozen=True, slots=True)
class Act:
    """One deed of one part, at an instant. Deeds at the window name it."""

    at: datetime
    deed: Deed
    part: int
    window: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """A whole day, ready to be played."""

    groups: dict[str, str]  # The service of each group, by the group's letters.
    windows: dict[str, str]  # The group of each window.
    group_of: list[str]  # Of each part.
    acts: list[Act]


def write(visits: Sequence[Visit]) -> Script:
    """The script of a trace."""
    group_of_service = dict(zip(services(visits), letters(), strict=False))
    window_of, ends, windows = _windows(visits, group_of_service)
    acts = [act for part, visit in enumerate(visits) for act in _acts(part, visit, window_of, ends)]
    closing = max(act.at for act in acts) + CLOSING
    acts += [
        Act(closing, Deed.CANCEL, part)
        for part, visit in enumerate(visits)
        if visit.called_at is None and visit.leaves_at is None
    ]
    return Script(
        {group: service for service, group in group_of_service.items()},
        windows,
        [group_of_service[visit.service] for visit in visits],
        sorted(acts, key=lambda act: _turn(act, visits)),
    )


def letters() -> Iterator[str]:
    """Prefixes: A, B, …, Z, AA, AB, …

    >>> prefixes = letters()
    >>> [next(prefixes) for _ in range(28)][-3:]
    ['Z', 'AA', 'AB']
    """
    for length in count(1):
        for word in product(ascii_uppercase, repeat=length):
            yield "".join(word)


def _acts(part: int, visit: Visit, window_of: dict[int, str], ends: dict[int, datetime]) -> Iterator[Act]:
    """What one visit does."""
    yield Act(visit.arrives_at, Deed.ISSUE, part)
    if visit.leaves_at is not None:
        at_once = visit.leaves_at == visit.arrives_at
        yield Act(visit.leaves_at, Deed.CANCEL_AT_ONCE if at_once else Deed.CANCEL, part)
    if visit.called_at is None:
        return
    window = window_of[part]
    yield Act(visit.called_at, Deed.CALL, part, window)
    if visit.outcome is Outcome.MISSED:
        yield Act(ends[part], Deed.MISS, part, window)
    elif visit.starts_at is not None:
        yield Act(visit.starts_at, Deed.START, part, window)
        at_once = ends[part] == visit.starts_at
        yield Act(ends[part], Deed.COMPLETE_AT_ONCE if at_once else Deed.COMPLETE, part, window)


def _turn(act: Act, visits: Sequence[Visit]) -> tuple[datetime, int, datetime, int, int]:
    """Where an act comes in the day. At one instant a call, its start and its end stay together."""
    if act.deed in (Deed.CALL, Deed.START, Deed.COMPLETE_AT_ONCE):
        called_at = visits[act.part].called_at or act.at
        return act.at, Deed.CALL, called_at, act.part, act.deed
    return act.at, act.deed, act.at, act.part, 0


def _windows(
    visits: Sequence[Visit], group_of_service: dict[str, str]
) -> tuple[dict[int, str], dict[int, datetime], dict[str, str]]:
    """The window and the end of each part that is called, and the group of each window."""
    pools: dict[str, _Pool] = {group: _Pool() for group in group_of_service.values()}
    for visit in visits:
        pool = pools[group_of_service[visit.service]]
        pool.counters = max(pool.counters, visit.counters or 0)
    called = [(visit.called_at, part) for part, visit in enumerate(visits) if visit.called_at is not None]
    for at, part in sorted(called):
        pools[group_of_service[visits[part].service]].seat(part, visits[part], at)
    numbers = count(1)
    windows: dict[str, str] = {}
    window_of: dict[int, str] = {}
    ends: dict[int, datetime] = {}
    for group, pool in pools.items():
        for desk in pool.desks:
            name = f"{next(numbers):02}"
            windows[name] = group
            window_of.update(dict.fromkeys(desk.parts, name))
        ends.update(pool.ends)
    return window_of, ends, windows


class _Desk:
    """One window while the script is being written."""

    def __init__(self) -> None:
        self.parts: list[int] = []
        self.free_at: datetime | None = None
        self.interruptible_from: datetime | None = None  # Set while a service without a known end goes on.


class _Pool:
    """The windows of one service."""

    def __init__(self) -> None:
        self.desks: list[_Desk] = []
        self.counters = 0
        self.ends: dict[int, datetime] = {}

    def seat(self, part: int, visit: Visit, at: datetime) -> None:
        """Give a call its window. Calls come in the order of time."""
        desk = self._desk(at)
        if desk.parts and desk.free_at is not None and desk.free_at > at:
            self.ends[desk.parts[-1]] = at  # A service without a known end: its window is needed now.
        starts_at = visit.starts_at or at
        if visit.outcome is Outcome.MISSED:
            ends_at, known = at + GRACE, True
        else:
            ends_at, known = visit.ends_at or starts_at + NOMINAL_SERVICE, visit.ends_at is not None
        desk.parts.append(part)
        desk.free_at = self.ends[part] = ends_at
        desk.interruptible_from = None if known else starts_at

    def _desk(self, at: datetime) -> _Desk:
        """A window that is free, else a new one while there were more, else one that can be freed."""
        free = [desk for desk in self.desks if desk.free_at is not None and desk.free_at <= at]
        if free:
            return min(free, key=lambda desk: desk.free_at or at)
        freeable = [desk for desk in self.desks if (desk.interruptible_from or at) < at]
        if freeable and len(self.desks) >= self.counters:
            return min(freeable, key=lambda desk: desk.interruptible_from or at)
        self.desks.append(_Desk())
        return self.desks[-1]
