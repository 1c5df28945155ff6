"""A hall of which only the boards are known: every few minutes, called up to here, so many waiting, so many counters.

Counters are shared between queues and services are not seen, so there is no line to play forward. What is left is how
long those waited who were just called, how long the first in line waits already, how fast the numbers moved lately and
on other days, and what else goes on in the office. `features` gathers it at one poll, from that poll and earlier ones.
Minutes count from midnight. A ticket counts as issued, or called, in the middle between the two polls that saw it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Key = tuple[str, str]  # An office and one of its queues.

SPANS = (10, 20, 30, 60, 120)  # Minutes over which movement is looked at.
BLOCK = 120  # Minutes of a block of the day that has a pace of its own.
MINUTES_PER_CALL = 6.0  # Until an office has a pace of its own.
CLOSES = 960.0  # Until it is known when the last number is called.
SHRINK_CALLS, SHRINK_COUNTER_CALLS = 10.0, 20.0
JUMP_MAX = 20  # More numbers at once are a mistake of the board.


@dataclass(frozen=True, slots=True)
class Board:
    """One queue on one day, poll by poll: the numbers called and issued so far, and what the board said."""

    key: Key
    day: str
    at: Floats
    called: Floats
    issued: Floats
    waiting: Floats
    counters: Floats
    shown: Floats
    busy: Floats  # Minutes so far between polls that both saw somebody waiting,
    busy_calls: Floats  # the numbers called in them,
    counter_minutes: Floats  # and those minutes times the counters that were open.

    def seen_at(self, number: float, series: Floats, last: int) -> float:
        """When a series reached a number, looking no further than the poll `last`."""
        poll = min(int(np.searchsorted(series[: last + 1], number)), last)
        return float((self.at[poll - 1] + self.at[poll]) / 2) if poll > 0 else float(self.at[0])


def board(key: Key, day: str, polls: Floats) -> Board:
    """A board from polls in order: minute, called, waiting, counters, shown. Numbers never run backwards."""
    at, called, waiting, counters, shown = polls.T
    called, counters = np.maximum.accumulate(called), np.maximum(1.0, counters)
    busy = np.r_[False, (waiting[:-1] > 0) & (waiting[1:] > 0)]
    minutes = np.where(busy, np.diff(at, prepend=at[0]), 0.0)
    calls = np.where(busy, np.diff(called, prepend=called[0]), 0.0)
    return Board(
        key,
        day,
        at,
        called,
        np.maximum.accumulate(called + waiting),
        waiting,
        counters,
        shown,
        np.cumsum(minutes),
        np.cumsum(calls),
        np.cumsum(minutes * np.r_[1.0, counters[:-1]]),
    )


@dataclass(frozen=True, slots=True)
class Office:
    """All queues of an office on one day, also those whose numbers make no sense: polls in rows, queues in columns."""

    at: Floats
    columns: Mapping[str, int]
    called: Floats  # Since the morning.
    waiting: Floats
    counters: Floats
    issuing: Floats  # 1 while tickets are given out.


def office(
    at: Floats, columns: Mapping[str, int], called: Floats, rest: tuple[Floats, Floats, Floats]
) -> Office:
    """An office from the numbers of its boards."""
    steps = np.diff(np.maximum.accumulate(called, axis=0), axis=0, prepend=called[:1])
    steps[steps > JUMP_MAX] = 0.0
    return Office(at, columns, np.cumsum(steps, axis=0), *rest)


@dataclass(slots=True)
class Pace:
    """How fast numbers moved while people waited."""

    minutes: float = 0.0
    counter_minutes: float = 0.0
    calls: float = 0.0

    def add(self, other: "Pace") -> None:
        """Both together."""
        self.minutes += other.minutes
        self.counter_minutes += other.counter_minutes
        self.calls += other.calls


@dataclass(slots=True)
class Paces:
    """What some days say: the pace of each queue, also by block of the day, and when the last number was called."""

    queues: dict[Key, Pace] = field(default_factory=dict)
    blocks: dict[tuple[Key, int], Pace] = field(default_factory=dict)
    ends: dict[tuple[str, int], float] = field(default_factory=dict)  # By office and weekday.

    def learn(self, each: Board) -> None:
        """Add a queue's day."""
        steps = np.diff(each.busy), np.diff(each.counter_minutes), np.diff(each.busy_calls)
        block = (each.at[:-1] // BLOCK).astype(int)
        for number in np.unique(block):
            here = block == number
            pace = Pace(*(float(step[here].sum()) for step in steps))
            self.blocks.setdefault((each.key, int(number)), Pace()).add(pace)
            self.queues.setdefault(each.key, Pace()).add(pace)
        moved = np.flatnonzero(np.diff(each.called) > 0)
        if len(moved):
            closing = each.key[0], weekday(each.day)
            self.ends[closing] = max(self.ends.get(closing, 0.0), float(each.at[moved[-1] + 1]))

    def pooled(self) -> Pace:
        """All queues together, never without a call."""
        whole = Pace(MINUTES_PER_CALL, MINUTES_PER_CALL, 1.0)
        for pace in self.queues.values():
            whole.add(pace)
        return whole

    def closes(self, name: str, day: str) -> float:
        """When the last number of such a day is called."""
        known = self.ends.get((name, weekday(day)))
        others = [end for (of, _), end in self.ends.items() if of == name]
        return known or max(others, default=CLOSES)


class Usual:
    """The usual paces, each shrunk to the one above it as long as little is known."""

    def __init__(self, paces: Paces) -> None:
        self.paces = paces
        pooled = paces.pooled()
        self.minutes = pooled.minutes / pooled.calls
        self.counter_minutes = pooled.counter_minutes / pooled.calls

    def minutes_of(self, key: Key) -> float:
        """Minutes from call to call while people wait."""
        pace = self.paces.queues.get(key, Pace())
        return (pace.minutes + SHRINK_CALLS * self.minutes) / (pace.calls + SHRINK_CALLS)

    def minutes_in(self, key: Key, block: int) -> float:
        """The same in one block of the day."""
        pace = self.paces.blocks.get((key, block), Pace())
        return (pace.minutes + SHRINK_CALLS * self.minutes_of(key)) / (pace.calls + SHRINK_CALLS)

    def counter_minutes_of(self, key: Key) -> float:
        """Minutes of an open counter for each call."""
        pace = self.paces.queues.get(key, Pace())
        return (pace.counter_minutes + SHRINK_COUNTER_CALLS * self.counter_minutes) / (
            pace.calls + SHRINK_COUNTER_CALLS
        )


def usual(boards: Iterable[Board]) -> Usual:
    """What these days say of the usual pace."""
    paces = Paces()
    for each in boards:
        paces.learn(each)
    return Usual(paces)


def ahead_at(of: Board, poll: int) -> float:
    """How many stand before the newest ticket at a poll."""
    return float(of.issued[poll] - 1 - of.called[poll])


def head_waits(of: Board, poll: int) -> float:
    """How long the first in line waits already (HOL)."""
    return max(0.0, float(of.at[poll]) - of.seen_at(of.called[poll] + 1, of.issued, poll))


def last_waited(of: Board, poll: int, number: float) -> float:
    """How long somebody who was called waited (LES, for the last number called)."""
    return max(0.0, of.seen_at(number, of.called, poll) - of.seen_at(number, of.issued, poll))


def first_guess(of: Board, poll: int, known: Usual) -> float:
    """What a hall without a past says: between the first in line and the pace of the day."""
    return (head_waits(of, poll) + (ahead_at(of, poll) + 1) * pace_today(of, poll, known)) / 2


def pace_today(of: Board, poll: int, known: Usual) -> float:
    """Minutes from call to call today, shrunk to the usual ones."""
    return float((of.busy[poll] + 6 * known.minutes_of(of.key)) / (of.busy_calls[poll] + 6))


def features(of: Board, within: Office, poll: int, known: Usual) -> tuple[float, ...]:
    """What a learner may look at, at one poll: nothing later than that poll."""
    now, called, issued, waiting = of.at[poll], of.called, of.issued, of.waiting
    people = ahead_at(of, poll) + 1
    counters, number = of.counters[poll], called[poll]
    block = int(now // BLOCK)
    usual_minutes, counter_minutes = known.minutes_of(of.key), known.counter_minutes_of(of.key)
    today = pace_today(of, poll, known)
    counters_today = (of.counter_minutes[poll] + 6 * counter_minutes) / (of.busy_calls[poll] + 6) / counters
    hour = since(of, now - 60, poll)
    lately = (of.busy[poll] - of.busy[hour] + 3 * today) / (of.busy_calls[poll] - of.busy_calls[hour] + 3)
    moved = np.flatnonzero(np.diff(called[: poll + 1]) > 0)
    as_many = max(0, int(np.searchsorted(called[: poll + 1], number - people, side="right")) - 1)
    recent = np.arange(number, max(0.0, number - 8), -1)
    waits = np.array([last_waited(of, poll, each) for each in recent])
    stood = np.array([stood_ahead(of, poll, each) + 1 for each in recent])
    per_person = waits.sum() / stood.sum() if len(waits) else usual_minutes
    seen = [
        now,
        weekday(of.day),
        people - 1,
        waiting[poll],
        counters,
        waits[0] if len(waits) else 0.0,
        head_waits(of, poll),
        counter_minutes,
        (people - 1) * counter_minutes / counters,
        of.shown[poll],
        usual_minutes,
        people * usual_minutes,
        people * known.minutes_in(of.key, block),
        known.minutes_in(of.key, block),
        known.paces.closes(of.key[0], of.day) - now,
        now - of.at[moved[-1] + 1] if len(moved) else now - of.at[0],
        now - of.at[0],
        today,
        people * today,
        counters_today,
        people * counters_today,
        lately,
        people * lately,
        now - of.at[as_many],
        number - called[as_many],
        people * (of.busy[poll] - of.busy[as_many] + 2 * usual_minutes) / (number - called[as_many] + 2),
        waits[:5].mean() if len(waits) else -1.0,
        waits[:5].max() if len(waits) else -1.0,
        per_person,
        per_person * people,
        *(waiting[max(0, poll - back)] for back in (1, 3, 6)),
        number,
        issued[poll] - issued[poll - 1],
        number - called[poll - 1],
        now - of.at[poll - 1],
        counters - of.counters[poll - 1],
        of.shown[poll] - of.shown[poll - 1],
    ]
    for span in SPANS:
        start = since(of, now - span, poll)
        seen += [
            number - called[start],
            issued[poll] - issued[start],
            of.busy[poll] - of.busy[start],
            waiting[start : poll + 1].mean(),
            counters / of.counters[start : poll + 1].mean(),
        ]
    return (*map(float, seen), *around(of, within, poll))


def since(of: Board, minute: float, poll: int) -> int:
    """The first poll from a minute on, but not the present one."""
    return max(0, min(int(np.searchsorted(of.at, minute)), poll - 1))


def stood_ahead(of: Board, poll: int, number: float) -> float:
    """How many stood before a number when it was issued."""
    issued_at = min(int(np.searchsorted(of.issued[: poll + 1], number)), poll)
    return max(0.0, float(number - 1 - of.called[issued_at]))


def around(of: Board, within: Office, poll: int) -> tuple[float, ...]:
    """What goes on in the rest of the office."""
    now = of.at[poll]
    row = int(np.searchsorted(within.at, now, side="right")) - 1
    earlier = min(row, int(np.searchsorted(within.at, now - 30)))
    moved = within.called[row] - within.called[earlier]
    return (
        float(within.waiting[row].sum() - of.waiting[poll]),
        float(moved.sum()),
        float(within.counters[row].max()),
        float(within.counters[row].sum()),
        float((moved > 0).sum()),
        float(within.issuing[row, within.columns[of.key[1]]]),
        float((within.waiting[row] > 0).sum()),
    )


def weekday(day: str) -> int:
    """Which day of the week a day is: Monday is 0."""
    return date.fromisoformat(day).weekday()


def poll_minutes(of: Board, poll: int) -> float:
    """How far apart the polls of a board are."""
    return float(np.median(np.diff(of.at[: poll + 1]))) if poll else 5.0


def between_polls(minutes: float, apart: float) -> float:
    """The middle of the gap between polls in which a wait ends: finer than that a board does not tell.

    >>> between_polls(6.1, 5.0), between_polls(0.2, 5.0)
    (7.5, 2.5)
    """
    return apart * (max(0.0, minutes // apart) + 0.5)
