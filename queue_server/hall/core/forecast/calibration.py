"""From a first guess to a promise that is kept as often as it says.

The point is the median: what is missed by as much above as below, so the mean error is smallest. It starts from a guess
(the replay's own median, or nothing) and learns from the hall's past how far such guesses were off, in units of a
scale, so that what was learned on a quiet day holds on a busy one. Every day of the past is predicted by learners that
have not seen it; its errors say how wide the range must be, by circumstance and by size of the point (cross-conformal
prediction: Vovk 2015; Barber et al. 2021). Then the range breathes: too many misses lately, and it gets wider (Gibbs
and Candès 2021, "Adaptive conformal inference").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from queue_server.hall.core.forecast.boosting import Boosted, boosted

Floats = NDArray[np.float64]

SHARES = (0.1, 0.2, 0.5, 0.8, 0.9)  # The quantiles of every forecast.
FOLDS_MAX = 5
TREES = 240
SPREAD_TREES = 60
BUCKETS = 8  # Of points by size: small waits err differently from long ones.
BUCKET_ROWS_MIN = 60
ROWS_MIN = 300  # Less past than this teaches nothing; the first guess stands.
BREATH = 0.004  # How much the range widens for each miss, and the matching part of it narrows for each hit.
BREATHS = (0.5, 3.0)


@dataclass(frozen=True, slots=True)
class Forecast:
    """The wait in quantiles, in the unit of the hall: never negative, never out of order."""

    p10: float
    p20: float
    p50: float
    p80: float
    p90: float


@dataclass(frozen=True, slots=True)
class Lesson:
    """One moment of the past: what was seen, what was guessed, what came of it."""

    seen: tuple[float, ...]
    guess: float
    scale: float
    truth: float
    day: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What the past says about our guesses: where they were off, how far, and in which shape."""

    points: tuple[Boosted, ...]
    spread: Boosted
    sizes: Floats  # Where the buckets of points end.
    shapes: Floats  # For each bucket, the quantiles of the error in units of its spread.
    lessons: int  # How many there were.
    mean_error: float  # Of the points on days that their learners had not seen.

    def forecasts(self, seen: Floats, guess: Floats, scale: Floats) -> Floats:
        """Quantiles (rows × shares), before they breathe."""
        point = guess + scale * np.mean([each.predict(seen) for each in self.points], axis=0)
        spread = np.exp(self.spread.predict(seen)) * scale
        return quantiles(point, spread, self.shapes[np.searchsorted(self.sizes, point)])


class Breath:
    """How wide the range must be by what was missed lately; 1 as long as the past was right."""

    def __init__(self) -> None:
        self.width = 1.0

    def resolved(self, forecast: Forecast, truth: float) -> None:
        """The call came: was it inside the range of 80 %?"""
        hit = forecast.p10 <= truth <= forecast.p90
        step = BREATH * (SHARES[0] - SHARES[-1] + 1.0) if hit else -BREATH * (SHARES[-1] - SHARES[0])
        self.width = float(np.clip(self.width * np.exp(-step), *BREATHS))

    def applied(self, row: Floats) -> Forecast:
        """The quantiles, as wide as they need to be."""
        middle = row[2]
        wide = np.maximum(0.0, middle + (row - middle) * self.width)
        return Forecast(*(float(value) for value in wide))


def learned(lessons: Sequence[Lesson], rng: np.random.Generator) -> Learned | None:
    """Learn from the past, or not at all while there is too little of it."""
    if len(lessons) < ROWS_MIN:
        return None
    seen = np.array([lesson.seen for lesson in lessons])
    guess, scale, truth = (
        np.array([getattr(lesson, name) for lesson in lessons]) for name in ("guess", "scale", "truth")
    )
    fold = folds([lesson.day for lesson in lessons])
    target, weight = (truth - guess) / scale, scale / scale.mean()
    unseen = np.zeros(len(lessons))
    points = []
    for number in range(int(fold.max()) + 1):
        others = fold != number
        one = boosted(seen[others], target[others], weight[others], TREES, rng)
        unseen[~others] = one.predict(seen[~others])
        points.append(one)
    point = np.maximum(0.0, guess + scale * unseen)
    error = truth - point
    floor = 0.02 * float(np.abs(error).mean()) + 1e-6  # A guess that was exactly right is luck, not certainty.
    closeness = np.log((np.abs(error) + floor) / scale)
    spread = boosted(seen, closeness, np.ones(len(lessons)), SPREAD_TREES, rng)
    ratio = error / (np.exp(spread.predict(seen)) * scale)
    buckets = max(1, min(BUCKETS, len(lessons) // BUCKET_ROWS_MIN))
    sizes = np.unique(np.quantile(point, np.linspace(0, 1, buckets + 1)[1:-1]))
    bucket = np.searchsorted(sizes, point)
    shapes = np.array(
        [
            np.quantile(ratio[bucket == each] if (bucket == each).any() else ratio, SHARES)
            for each in range(len(sizes) + 1)
        ]
    )
    return Learned(tuple(points), spread, sizes, shapes, len(lessons), float(np.abs(error).mean()))


def folds(days: Sequence[str]) -> NDArray[np.int64]:
    """Which lessons are kept from which learner: whole days, because the hours of a day resemble each other."""
    order = {day: number for number, day in enumerate(dict.fromkeys(days))}
    if len(order) >= 3:
        return np.array([order[day] for day in days]) % min(FOLDS_MAX, len(order))
    return np.arange(len(days)) * FOLDS_MAX // len(days)  # One or two days: by their parts.


def quantiles(point: Floats, spread: Floats, shape: Floats) -> Floats:
    """The point between its quantiles, which never cross it nor each other nor nothing."""
    rows = point[:, None] + spread[:, None] * shape
    rows[:, 2] = point
    rows[:, :2] = np.minimum(rows[:, :2], point[:, None])
    rows[:, 3:] = np.maximum(rows[:, 3:], point[:, None])
    ordered: Floats = np.maximum(0.0, np.sort(rows, axis=1))
    return ordered
