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
TREES = 320
SPREAD_TREES = 60
TRUSTS = (1.0, 0.75, 0.5, 0.25, 0.0)
IN_DOUBT_THE_PAST = 0.98  # Less trust must be worth two percent.
BUCKETS = 8  # Of points by size: small waits err differently from long ones.
BUCKET_ROWS_MIN = 60
GROWTH = 1.3  # Learning anew is worth it when the past has grown by so much.
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
class Moment:
    """Somebody asks: what is seen, what a hall without a past would guess, and from where the past is to correct it.

    A guess that comes of playing the hall forward is the origin itself, corrected in units of how unsure it is. Where
    it is only a rule of thumb, the past does better from nothing at all.
    """

    seen: tuple[float, ...]
    guess: float
    origin: float = 0.0
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """A moment of the past, and what came of it."""

    moment: Moment
    truth: float
    day: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What the past says about our guesses: where they were off, how far, and in which shape."""

    points: tuple[Boosted, ...]
    trust: float  # How much the past is worth against the first guess: from 0 to 1.
    spreads: tuple[Boosted, ...]
    sizes: Floats  # Where the buckets of points end.
    shapes: Floats  # For each bucket, the quantiles of the error in units of its spread.
    lessons: int  # How many there were.
    mean_error: float  # Of the points on days that their learners had not seen.

    def forecasts(self, moments: Sequence[Moment]) -> Floats:
        """Quantiles (moments × shares), before they breathe."""
        seen, guess, origin, scale = columns(moments)
        corrected = origin + scale * together(self.points, seen)
        point = self.trust * corrected + (1 - self.trust) * guess
        spread = np.exp(together(self.spreads, seen)) * scale
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


def wide(guess: float, doubt: float) -> Forecast:
    """A hall without a past: the first guess, in a range that says how little it is worth."""
    return Forecast(guess * 0.25, guess * 0.5, guess, guess * 1.6 + doubt, guess * 2.5 + 2 * doubt)


class Promises:
    """A hall's memory of its own guesses: what it learned from them, and how wide its ranges must be today."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        self.learned: Learned | None = None
        self.breath = Breath()

    def forecasts(self, moments: Sequence[Moment]) -> list[Floats | None]:
        """Quantiles for some moments, before they breathe; None while nothing is learned."""
        if self.learned is None or not moments:
            return [None] * len(moments)
        return list(self.learned.forecasts(moments))

    def is_due(self, lessons: int) -> bool:
        """Whether there is so much more to learn from that it is worth the seconds."""
        return lessons >= GROWTH * (0 if self.learned is None else self.learned.lessons)

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Learn from the whole past, anew."""
        self.learned = learned(lessons, self.rng) or self.learned


def learned(lessons: Sequence[Lesson], rng: np.random.Generator) -> Learned | None:
    """Learn from the past, or not at all while there is too little of it."""
    if len(lessons) < ROWS_MIN:
        return None
    seen, guess, origin, scale = columns([lesson.moment for lesson in lessons])
    truth = np.array([lesson.truth for lesson in lessons])
    fold = folds([lesson.day for lesson in lessons])
    weight = scale / scale.mean()
    points, correction = unseen_by_each(seen, (truth - origin) / scale, weight, fold, TREES, rng)
    corrected = np.maximum(0.0, origin + scale * correction)
    missed = {share: np.abs(share * corrected + (1 - share) * guess - truth).mean() for share in TRUSTS}
    missed[1.0] *= IN_DOUBT_THE_PAST
    trust = min(TRUSTS, key=missed.__getitem__)
    point = trust * corrected + (1 - trust) * guess
    error = truth - point
    floor = (
        0.02 * float(np.abs(error).mean()) + 1e-6
    )  # A guess that was exactly right is luck, not certainty.
    closeness = np.log((np.abs(error) + floor) / scale)
    spreads, width = unseen_by_each(seen, closeness, np.ones(len(lessons)), fold, SPREAD_TREES, rng)
    ratio = error / (np.exp(width) * scale)
    buckets = max(1, min(BUCKETS, len(lessons) // BUCKET_ROWS_MIN))
    sizes = np.unique(np.quantile(point, np.linspace(0, 1, buckets + 1)[1:-1]))
    bucket = np.searchsorted(sizes, point)
    shapes = np.array(
        [
            np.quantile(ratio[bucket == each] if (bucket == each).any() else ratio, SHARES)
            for each in range(len(sizes) + 1)
        ]
    )
    return Learned(points, trust, spreads, sizes, shapes, len(lessons), float(np.abs(error).mean()))


def unseen_by_each(
    seen: Floats,
    target: Floats,
    weight: Floats,
    fold: NDArray[np.int64],
    trees: int,
    rng: np.random.Generator,
) -> tuple[tuple[Boosted, ...], Floats]:
    """A learner for each fold that has not seen it, and what it says about that fold."""
    said = np.zeros(len(target))
    learners = []
    for number in np.unique(fold):
        here = fold == number
        learner = boosted(seen[~here], target[~here], weight[~here], trees, rng)
        said[here] = learner.predict(seen[here])
        learners.append(learner)
    return tuple(learners), said


def together(learners: Sequence[Boosted], seen: Floats) -> Floats:
    """What several learners say on average."""
    mean: Floats = np.mean([each.predict(seen) for each in learners], axis=0)
    return mean


def columns(moments: Sequence[Moment]) -> tuple[Floats, Floats, Floats, Floats]:
    """Moments side by side: what was seen, the guesses, the origins, the scales."""
    return (
        np.array([moment.seen for moment in moments]),
        np.array([moment.guess for moment in moments]),
        np.array([moment.origin for moment in moments]),
        np.array([moment.scale for moment in moments]),
    )


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
