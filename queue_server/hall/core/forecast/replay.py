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


def play(free_s: Floats, line: Sequence[Turn]) -> list[Floats]:
    """When each person of the line is called. `free_s` (futures × windows) is used up on the way."""
    begins = (
        np.arange(len(free_s)) * free_s.shape[1]
    )  # Of each future, when the array is laid out in one row.
    flat = free_s.reshape(-1)
    called = []
    for turn in line:
        open_s = free_s if turn.windows is None else free_s + turn.windows
        first = begins + open_s.argmin(axis=1)
        at = np.maximum(open_s.take(first), turn.comes_s)
        called.append(at)
        flat[first] = np.where(at < turn.leaves_s, at + turn.work_s, flat.take(first))
    return called


def first_free(free_s: Floats, windows: Floats) -> Floats:
    """When the first window that can serve somebody is free, in each future."""
    first: Floats = (free_s + windows).min(axis=1)
    return first
