"""What a hall's experience says, ready to be asked: how long services take, who does not come, who gives up.

Where little is known, a kind borrows from the kind above it: a clerk from the matter, the matter from the group, the
group from what is written about it. A hall without a past has these defaults:

    service          about as long as the group's mean on paper, and anything from nothing to several times that
    no-show          one call in twenty; the window then waits for the grace
    way              40 seconds from the call to the window
    between          20 seconds from one citizen to the next call
    patience         people stay
    pace of a clerk  as everybody's
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from queue_server.hall.core.forecast.experience import OFF, Ages, Experience, Spell, together
from queue_server.hall.core.forecast.lifetimes import Lifetimes
from queue_server.hall.core.model import Hall

Floats = NDArray[np.float64]

WAY_S = 40.0
BETWEEN_S = 20.0
PATIENCE_S = 3 * 3600.0  # Of the few who give up, where nobody has waited so long yet.
SHOWS_BEFORE = (20.0, 1.0)  # As if so many had been called, and so many of them had not come.
SPELLS_BEFORE = 8.0  # As if so many services at the pace of the kind above had been seen.
PROMISES_BEFORE = 40.0  # As if so many promises had fared as they should.
PATIENT_FROM = 20.0  # So many must have given up before anybody is expected to.
INSIDE = 0.6  # From the 20 % to the 80 % quantile: so many calls should fall inside.
WIDTHS = (0.8, 4.0)
LATENESS = (0.7, 1.5)
TODAY = (0.75, 1.33)  # How far the pace of the last services may move that of a month.
MEAN_S_MIN = 1.0  # A mean of nothing would let everybody be served at once.


class Routine:
    """One hall's experience, compiled once and asked by every pass."""

    def __init__(self, experience: Experience | None = None) -> None:
        self.experience = known = experience or Experience()
        self.way_s = shrunk(known.ways, WAY_S)
        self.between_s = shrunk(known.between, BETWEEN_S)
        self.patience = (
            lasting(known.patience, PATIENCE_S) if sum(known.patience.ends) >= PATIENT_FROM else None
        )
        self.width = width_of(known)
        self.lateness = lateness_of(known)
        self._means = {group_id: mean_of(matters) for group_id, matters in known.served.items()}
        self._matters = {
            (group_id, matters): pace_of(clerks.values(), self._means[group_id])
            for group_id, by_matters in known.served.items()
            for matters, clerks in by_matters.items()
        }
        self._clerks = paces_of_clerks(known, self._means, self._matters)

    def services(self, hall: Hall, group_id: str) -> Lifetimes:
        """How long services of a group last."""
        known, mean_s = self.experience.services.get(group_id), self._means.get(group_id, 0.0)
        if known is None or mean_s < MEAN_S_MIN:
            return Lifetimes(max(MEAN_S_MIN, hall.queues[group_id].mean_seconds))
        return lasting(known, mean_s)

    def pace(self, hall: Hall, group_id: str, matters: Sequence[str]) -> float:
        """How much longer than the group's usual service these matters take, at today's pace."""
        return self._matters.get((group_id, together(matters)), 1.0) * self.today(hall, group_id)

    def today(self, hall: Hall, group_id: str) -> float:
        """How today differs. Half of it counts: the last services are few."""
        mean_s = self._means.get(group_id, 0.0)
        if mean_s < MEAN_S_MIN:
            return 1.0
        return float(np.clip(np.sqrt(hall.queues[group_id].mean_seconds / mean_s), *TODAY))

    def clerk(self, clerk_id: str) -> float:
        """How much longer than others a clerk takes for the same matters."""
        return self._clerks.get(clerk_id, 1.0)

    def no_show(self, group_id: str) -> float:
        """The chance that nobody comes after a call."""
        called, missed = SHOWS_BEFORE
        known = self.experience.shows.get(group_id)
        if known is not None:
            called, missed = called + known.called, missed + known.missed
        return min(1.0, missed / called)


def lasting(ages: Ages, mean_s: float) -> Lifetimes:
    """Sums by age as a curve; about this mean where nothing was seen."""
    lifetimes = Lifetimes(mean_s)
    lifetimes.ends, lifetimes.watched_s = np.array(ages.ends), np.array(ages.watched_s)
    return lifetimes


def shrunk(spell: Spell, usual_s: float) -> float:
    """The mean of what was seen and of a few as usual."""
    return (spell.seconds + SPELLS_BEFORE * usual_s) / (spell.count + SPELLS_BEFORE)


def mean_of(by_matters: Mapping[str, Mapping[str, Spell]]) -> float:
    """How long a service of a group took."""
    spells = [spell for clerks in by_matters.values() for spell in clerks.values()]
    count = sum(spell.count for spell in spells)
    return sum(spell.seconds for spell in spells) / count if count else 0.0


def pace_of(spells: Iterable[Spell], usual_s: float) -> float:
    """How long it took, over how long it usually takes."""
    usual_s = max(MEAN_S_MIN, usual_s)
    seconds, count = SPELLS_BEFORE * usual_s, SPELLS_BEFORE
    for spell in spells:
        seconds, count = seconds + spell.seconds, count + spell.count
    return seconds / (count * usual_s)


def paces_of_clerks(
    known: Experience, means: Mapping[str, float], paces: Mapping[tuple[str, str], float]
) -> dict[str, float]:
    """Each clerk's pace against what everybody takes for the same matters."""
    took: defaultdict[str, float] = defaultdict(float)
    usual: defaultdict[str, float] = defaultdict(float)
    before_s: dict[str, float] = {}
    for group_id, by_matters in known.served.items():
        for matters, clerks in by_matters.items():
            usual_s = max(MEAN_S_MIN, means[group_id] * paces[group_id, matters])
            for clerk_id, spell in clerks.items():
                took[clerk_id] += spell.seconds
                usual[clerk_id] += spell.count * usual_s
                before_s[clerk_id] = SPELLS_BEFORE * usual_s
    return {
        clerk_id: (took[clerk_id] + before_s[clerk_id]) / (usual[clerk_id] + before_s[clerk_id])
        for clerk_id in took
    }


def width_of(known: Experience) -> float:
    """How much wider than the replay says a range must be, by how far calls were off lately."""
    off = np.array(known.kept.off, dtype=float)
    if not off.sum():
        return 1.0
    # As if some had fared as they should: six in ten inside, the others somewhat outside.
    off += PROMISES_BEFORE * np.array([0.15, 0.15, 0.15, 0.15, 0.2, 0.1, 0.07, 0.03, 0.0, 0.0])
    edges = np.array([0.0, *OFF, 2 * OFF[-1]])
    return float(
        np.clip(np.interp(INSIDE, np.concatenate([[0.0], np.cumsum(off) / off.sum()]), edges), *WIDTHS)
    )


def lateness_of(known: Experience) -> float:
    """How much longer people waited than the middle of what they were told."""
    kept = known.kept
    if kept.told < 1 or kept.waited_s <= 0:
        return 1.0
    told_s = max(0.2 * kept.waited_s, kept.waited_s - kept.error_s)
    share = kept.told / (kept.told + PROMISES_BEFORE)
    return float(np.clip((kept.waited_s / told_s) ** share, *LATENESS))
