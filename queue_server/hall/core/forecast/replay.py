"""The line played forward: who is called when, in many futures at once.

People are taken in the order of the line, each by the window that is free first among those that can serve them. In a
line that is served in order this is exactly what the hall will do, and it costs one step for each person, whatever the
number of windows, for all futures together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NEVER = 1e9  # Seconds. A window that cannot serve somebody is free for them never.


@dataclass(frozen=True, slots=True)
class Turn:
    """One person in the line, as every future sees them. Seconds count from now; arrays have one value a future."""

    windows: Floats | None  # 0 where the window can serve this person, NEVER where not; None: all can.
    work_s: Floats  # From this call until the window is free again.
    leaves_s: Floats  # When this person's patience ends.
    comes_s: Floats | float = 0.0  # When this person comes, if not here yet.


@dataclass(frozen=True, slots=True)
class Desks:
    """What is known of the windows beyond when they are free: one value a window."""

    pace: Floats  # How much longer than others each clerk takes.
    away_s: Floats | None = None  # From when nobody is called there; None: nobody means to go.
    back_s: Floats | None = None  # Until when: NEVER for good.


def play(free_s: Floats, line: Sequence[Turn], desks: Desks | None = None) -> list[Floats]:
    """When each person of the line is called. `free_s` (futures × windows) is used up on the way."""
    called = play_at(free_s, line, desks)
    return [at for at, _ in called]


def play_at(
    free_s: Floats, line: Sequence[Turn], desks: Desks | None = None
) -> list[tuple[Floats, NDArray[np.intp]]]:
    """The same, and at which window."""
    begins = (
        np.arange(len(free_s)) * free_s.shape[1]
    )  # Of each future, when the array is laid out in one row.
    flat = free_s.reshape(-1)
    called = []
    for turn in line:
        open_s = free_s if turn.windows is None else free_s + turn.windows
        work_s = turn.work_s
        if desks is not None:
            open_s = at_the_desk(open_s, turn, desks)
        window = open_s.argmin(axis=1)
        first = begins + window
        if desks is not None:
            work_s = work_s * desks.pace.take(window)
        at = np.maximum(open_s.take(first), turn.comes_s)
        called.append((at, window))
        flat[first] = np.where(at < turn.leaves_s, at + work_s, flat.take(first))
    return called


def at_the_desk(open_s: Floats, turn: Turn, desks: Desks) -> Floats:
    """When each window can call somebody: not before the person is there, nor while the clerk is away."""
    if isinstance(turn.comes_s, np.ndarray):
        open_s = np.maximum(open_s, turn.comes_s[:, None])
    if desks.away_s is None or desks.back_s is None:
        return open_s
    away = (open_s >= desks.away_s) & (open_s < desks.back_s)
    there: Floats = np.where(away, desks.back_s, open_s)
    return there


def first_free(free_s: Floats, windows: Floats) -> Floats:
    """When the first window that can serve somebody is free, in each future."""
    first: Floats = (free_s + windows).min(axis=1)
    return first
