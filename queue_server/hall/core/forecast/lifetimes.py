"""How long something lasts, learned while it lasts: services, the pause before the next call, patience.

Kept as a rate of ending by age: the estimator of Kaplan and Meier, in steps. It learns from what has not ended yet as
well as from what has, and it knows that what lasted long may last longer. A kind of which little is known borrows
from the kind above it.
"""

from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

AGES_S = np.array(
    [
        0,
        2,
        4,
        5,
        6,
        8,
        11,
        15,
        20,
        30,
        45,
        60,
        80,
        100,
        130,
        170,
        220,
        280,
        360,
        480,
        640,
        900,
        1300,
        2000,
        3600.0,
    ]
)
SPANS_S = np.diff(AGES_S)
BORROWED_ENDS = 5.0  # A kind of its own begins with the rates above it, worth this many observations an age.


class Lifetimes:
    """How long something lasts: ends seen and time watched, by age."""

    def __init__(self, mean_s: float = 180.0, above: Self | None = None) -> None:
        self.above = above
        self.mean_s = mean_s
        self.ends = np.zeros(len(SPANS_S))
        self.watched_s = np.zeros(len(SPANS_S))
        self._settled: tuple[Floats, Floats] | None = None

    def watched(self, from_age_s: float, to_age_s: float, *, ended: bool) -> None:
        """It lasted from this age to that one, and then it ended or was lost from sight."""
        self.watched_s += np.clip(to_age_s - AGES_S[:-1], 0.0, SPANS_S) - np.clip(
            from_age_s - AGES_S[:-1], 0.0, SPANS_S
        )
        if ended:
            self.ends[age_class(to_age_s)] += 1.0

    def settle(self) -> None:
        """Let what was learned count from now on. Between two days is a good moment."""
        rates = self.rates()
        self._settled = (rates, np.concatenate([[0.0], np.cumsum(rates * SPANS_S)]))

    def rates(self) -> Floats:
        """Ends per second, by age: what was seen, and a little of what is known from above."""
        known = np.full(len(SPANS_S), 1 / self.mean_s) if self.above is None else self.above.rates()
        weight = 1.0 if self.above is None else BORROWED_ENDS
        rates: Floats = (self.ends + weight) / (self.watched_s + weight / known)
        return rates

    def risk(self, age_s: ArrayLike) -> Floats:
        """The rate of ending, summed up to an age: the chance to last so long is exp(-risk)."""
        rates, sums = self.settled()
        age = np.asarray(age_s, dtype=float)
        beyond = np.maximum(0.0, age - AGES_S[-1]) * rates[-1]
        risk: Floats = np.interp(age, AGES_S, sums) + beyond
        return risk

    def remaining(self, age_s: ArrayLike, luck: Floats) -> Floats:
        """How much longer it lasts at an age. `luck` is exponential with mean 1; more luck, longer."""
        rates, sums = self.settled()
        reached = self.risk(age_s) + luck
        beyond = np.maximum(0.0, reached - sums[-1]) / rates[-1]
        lasts = np.interp(reached, sums, AGES_S) + beyond
        remaining: Floats = np.maximum(lasts - np.asarray(age_s, dtype=float), 0.0)
        return remaining

    def settled(self) -> tuple[Floats, Floats]:
        """Rates by age and their sums, as of the last time that they were settled."""
        if self._settled is None:
            self.settle()
        assert self._settled is not None
        return self._settled


def age_class(age_s: float) -> int:
    """Which step of the ages this is.

    >>> age_class(0.0), age_class(4.5), age_class(1e9)
    (0, 2, 23)
    """
    return int(np.clip(np.searchsorted(AGES_S, age_s, side="right") - 1, 0, len(SPANS_S) - 1))
