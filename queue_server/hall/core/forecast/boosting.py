"""A small learner: boosted regression trees for the median, in numpy.

Each tree looks at where the sum so far is too low or too high and corrects it a little. Its leaves take the weighted
median of what is still missing, so the whole minimises the mean absolute error: the figure a citizen feels. Values are
first sorted into a few dozen bins, so that the best question of a node comes from one count over all features at once.
See Friedman 2001, "Greedy function approximation: a gradient boosting machine", section 4.3 (LAD_TreeBoost).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bins = NDArray[np.uint8]

BINS_MAX = 48
LEAVES_MAX = 15
LEAF_ROWS_MIN = 25
LEARNING_RATE = 0.05
ROWS_SHARE = 0.7  # Each tree sees a part of the rows and of the features, so that they err differently.
FEATURES_SHARE = 0.3
GAIN_DAMPING = 5.0  # Rows' worth of doubt in each half of a question.


@dataclass(frozen=True, slots=True)
class Tree:
    """Questions by node: is this feature's bin at most that? Leaves point at themselves."""

    feature: NDArray[np.int64]
    at_most: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    value: Floats
    depth: int

    def predict(self, bins: Bins) -> Floats:
        """What this tree adds, for each row."""
        rows = np.arange(len(bins))
        node = np.zeros(len(bins), dtype=np.int64)
        for _ in range(self.depth):
            goes_left = bins[rows, self.feature[node]] <= self.at_most[node]
            node = np.where(goes_left, self.left[node], self.right[node])
        return self.value[node]


@dataclass(frozen=True, slots=True)
class Boosted:
    """A start and the corrections that were learned on top of it."""

    edges: tuple[Floats, ...]
    start: float
    trees: tuple[Tree, ...]

    def predict(self, features: Floats) -> Floats:
        """The learned median, for each row of features."""
        bins = binned(features, self.edges)
        return self.start + sum((tree.predict(bins) for tree in self.trees), np.zeros(len(bins)))


def boosted(
    features: Floats, target: Floats, weight: Floats, trees: int, rng: np.random.Generator
) -> Boosted:
    """Learn the weighted median of the target from the features. `rng` chooses who sees what."""
    edges = tuple(edges_of(column) for column in features.T)
    bins = binned(features, edges)
    start = weighted_median(target, weight)
    so_far = np.full(len(target), start)
    grown = []
    for _ in range(trees):
        chosen = np.flatnonzero(rng.random(len(target)) < ROWS_SHARE)
        asked = np.sort(
            rng.permutation(features.shape[1])[: max(1, round(features.shape[1] * FEATURES_SHARE))]
        )
        tree = grow(bins, target - so_far, weight, chosen, asked)
        so_far += tree.predict(bins)
        grown.append(tree)
    return Boosted(edges, start, tuple(grown))


def grow(
    bins: Bins, missing: Floats, weight: Floats, rows: NDArray[np.int64], asked: NDArray[np.int64]
) -> Tree:
    """One tree: always the most useful question next, until there are enough leaves."""
    pull = np.sign(missing) * weight
    offset_bins = bins[:, asked].astype(np.int64) + np.arange(len(asked)) * BINS_MAX
    feature, at_most, left, right, value, depth_of = [0], [BINS_MAX], [0], [0], [0.0], [0]
    members = {0: rows}
    counts = {0: histogram(offset_bins[rows], pull[rows], weight[rows], len(asked))}
    questions = {0: best_question(*counts[0])}
    while len(members) < LEAVES_MAX:
        node = max(questions, key=lambda each: questions[each][0])
        gain, column, cut = questions.pop(node)
        if gain <= 0.0:
            break
        mine = members.pop(node)
        goes_left = bins[mine, asked[column]] <= cut
        halves = mine[goes_left], mine[~goes_left]
        children = len(value), len(value) + 1
        feature[node], at_most[node], left[node], right[node] = int(asked[column]), cut, *children
        small = int(
            len(halves[0]) > len(halves[1])
        )  # Count the smaller half; the other is what is left over.
        few = histogram(offset_bins[halves[small]], pull[halves[small]], weight[halves[small]], len(asked))
        rest = tuple(whole - part for whole, part in zip(counts.pop(node), few, strict=True))
        for side, child in enumerate(children):
            feature.append(0)
            at_most.append(BINS_MAX)
            left.append(child)
            right.append(child)
            value.append(0.0)
            depth_of.append(depth_of[node] + 1)
            members[child] = halves[side]
            counts[child] = few if side == small else rest  # type: ignore[assignment]
            questions[child] = best_question(*counts[child])
    for node, mine in members.items():
        value[node] = LEARNING_RATE * weighted_median(missing[mine], weight[mine])
    return Tree(
        np.array(feature), np.array(at_most), np.array(left), np.array(right), np.array(value), max(depth_of)
    )


def histogram(
    bins: NDArray[np.int64], pull: Floats, weight: Floats, features: int
) -> tuple[Floats, Floats, Floats]:
    """Pull, weight and number of rows in each bin of each feature."""
    flat, width, size = bins.ravel(), bins.shape[1], features * BINS_MAX
    shape = (features, BINS_MAX)
    return (
        np.bincount(flat, np.repeat(pull, width), size).reshape(shape).astype(np.float64),
        np.bincount(flat, np.repeat(weight, width), size).reshape(shape).astype(np.float64),
        np.bincount(flat, minlength=size).reshape(shape).astype(np.float64),
    )


def best_question(pull: Floats, weight: Floats, rows: Floats) -> tuple[float, int, int]:
    """The gain, the feature and the cut of the question that separates too low from too high best."""
    pulls, weights, counts = (np.cumsum(each, axis=1) for each in (pull, weight, rows))
    whole_pull, whole_weight, whole_rows = pulls[0, -1], weights[0, -1], counts[0, -1]
    doubt = GAIN_DAMPING * whole_weight / max(whole_rows, 1.0)
    gain = pulls**2 / (weights + doubt) + (whole_pull - pulls) ** 2 / (whole_weight - weights + doubt)
    gain -= whole_pull**2 / (whole_weight + doubt)
    gain[(counts < LEAF_ROWS_MIN) | (whole_rows - counts < LEAF_ROWS_MIN)] = 0.0
    best = int(np.argmax(gain))
    return float(gain.flat[best]), best // BINS_MAX, best % BINS_MAX


def edges_of(column: Floats) -> Floats:
    """Where the bins of one feature end, so that each holds about as many rows."""
    return np.unique(np.quantile(column, np.linspace(0, 1, BINS_MAX + 1)[1:-1]))


def binned(features: Floats, edges: tuple[Floats, ...]) -> Bins:
    """Each value's bin."""
    return np.stack(
        [np.searchsorted(of, column) for of, column in zip(edges, features.T, strict=True)], axis=1
    ).astype(np.uint8)


def weighted_median(values: Floats, weight: Floats) -> float:
    """The value with half of the weight on either side.

    >>> weighted_median(np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 3.0]))
    9.0
    """
    order = np.argsort(values)
    reached = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])
