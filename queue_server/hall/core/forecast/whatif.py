"""What would happen if: the hall as it is now, played forward twice with the same luck, once with something changed.

Both plays see the same people: those who wait, and those who will come in the next hour at the pace of the last half
hour. What differs is only the change, so a difference between the two is the change's own doing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from queue_server.hall.core import rejections as r
from queue_server.hall.core.forecast.halls import (
    EXPECTED_S_MAX,
    Absence,
    Played,
    Visit,
    imagined,
    in_line,
    luck_of,
    play_hall,
)
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.model import Clerk, Hall, Session, Window, seconds_between

Floats = NDArray[np.float64]

FUTURES: Final = 60
HORIZON_S: Final = 3600.0  # So far ahead people are expected to come, and shares of work are compared.
PEOPLE_MAX: Final = 1500  # Who come within the horizon: more says nothing new.
PAIRS_FUTURES: Final = 12  # Overtaking compares everybody with everybody, so in fewer futures.
PAIRS_PEOPLE: Final = 400

Rates = Mapping[tuple[str, bool], float]  # People a second, by group and green channel.


@dataclass(frozen=True, slots=True)
class Opening:
    """So many of the closed windows of a group are opened now, for so long, or for good."""

    group_id: str
    windows: int
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A window serves nobody from then on, for so long, or for good."""

    window_id: str
    after_s: float = 0.0
    for_s: float | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What is tried out."""

    openings: tuple[Opening, ...] = ()
    leavings: tuple[Leaving, ...] = ()
    green_head_start_seconds: int | None = None  # Another rule for the green channel.


@dataclass(frozen=True, slots=True)
class Waits:
    """How long some people wait, from number to call; None where fewer than that many are called at all."""

    people: int
    p50_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of one play."""

    green: Waits
    ordinary: Waits
    groups: dict[str, Waits]
    overtaken: float  # By how many people who came later somebody is passed, on average in a group.
    busy_share: float | None  # How much of the next hour windows work, on average,
    spread: float | None  # and the largest share less the smallest.
    unserved: int  # Whom no window can serve.


def what_if(
    hall: Hall, routine: Routine, now: datetime, rates: Rates, change: Change
) -> tuple[Outcome, Outcome, list[str]]:
    """Without the change and with it, and which windows would open. A window that is not there is refused."""
    changed, absences, opened = with_change(hall, change, now)
    people = [*coming(hall, rates, now)]
    before = outcome(hall, routine, now, people, {})
    return before, outcome(changed, routine, now, people, absences), opened


# ── The change ───────────────────────────────────────────────────────────────────────────────────


def with_change(hall: Hall, change: Change, now: datetime) -> tuple[Hall, dict[str, Absence], list[str]]:
    """The hall with windows opened and rules changed, and who will be away when."""
    windows, absences, opened = dict(hall.windows), dict[str, Absence](), list[str]()
    for opening in change.openings:
        for window in closed_windows(hall, opening, opened):
            clerk = Clerk("", "", "")  # Somebody who works at everybody's pace.
            windows[window.id] = replace(window, session=Session(clerk, "", now))
            opened.append(window.id)
            if opening.for_s is not None:
                absences[window.id] = Absence(opening.for_s)
    for leaving in change.leavings:
        leaver = hall.windows.get(leaving.window_id)
        if leaver is None:
            raise r.WindowUnknown(window=leaving.window_id)
        if leaver.session is None:
            raise r.WindowNotOpen(window=leaver.id, state="closed")
        away = Absence(leaving.after_s)
        absences[leaver.id] = (
            away if leaving.for_s is None else Absence(away.away_s, away.away_s + leaving.for_s)
        )
    changed = replace(hall, windows=windows)
    if change.green_head_start_seconds is not None:
        rules = replace(hall.rules, green_head_start_seconds=change.green_head_start_seconds)
        changed = replace(changed, rules=rules)
    return changed, absences, opened


def closed_windows(hall: Hall, opening: Opening, taken: Sequence[str]) -> list[Window]:
    """Windows of a group where nobody sits, as many as asked for."""
    if opening.group_id not in hall.groups:
        raise r.GroupUnknown(group=opening.group_id)
    closed = [
        window
        for window in hall.windows.values()
        if window.session is None and opening.group_id in window.group_ids and window.id not in taken
    ]
    if len(closed) < opening.windows:
        raise r.TooFewWindows(group=opening.group_id, closed=len(closed))
    return closed[: opening.windows]


def coming(hall: Hall, rates: Rates, now: datetime) -> list[Visit]:
    """Who will come within the horizon, at an even pace: luck is in the services, not in who comes."""
    visits: list[Visit] = []
    for (group_id, green), rate in sorted(rates.items()):
        if group_id not in hall.groups:
            continue
        count = min(round(rate * HORIZON_S), PEOPLE_MAX)
        for number in range(count):
            comes_s = (number + 0.5) * HORIZON_S / count
            at = now + timedelta(seconds=comes_s)
            visits.append(Visit(imagined(hall, group_id, at, len(visits) + 1, green=green), comes_s))
    return sorted(visits, key=lambda visit: visit.comes_s)[:PEOPLE_MAX]


# ── What comes of it ─────────────────────────────────────────────────────────────────────────────


def outcome(
    hall: Hall, routine: Routine, now: datetime, people: Sequence[Visit], absences: Mapping[str, Absence]
) -> Outcome:
    """One play, in figures."""
    visits = [*in_line(hall, people)]
    played = play_hall(hall, routine, now, luck_of(hall), visits, FUTURES, absences)
    if played is None:
        nobody = Waits(0, None, None)
        return Outcome(nobody, nobody, {}, 0.0, None, None, len(visits))
    waits_s = waits(played, now)
    tickets = [visit.ticket for visit in played.visits]
    green = np.array([ticket.green for ticket in tickets])
    shares = busy_shares(played, absences)
    return Outcome(
        green=told(waits_s[green]),
        ordinary=told(waits_s[~green]),
        groups={
            group_id: told(waits_s[np.array([ticket.group_id == group_id for ticket in tickets])])
            for group_id in hall.groups
        },
        overtaken=overtaken(played),
        busy_share=float(shares.mean()) if len(shares) else None,
        spread=float(shares.max() - shares.min()) if len(shares) > 1 else None,
        unserved=len(visits) - len(played.visits),
    )


def waits(played: Played, now: datetime) -> Floats:
    """From number to call (visits × futures)."""
    before_s = np.array([seconds_between(each.ticket.issued_at, now) for each in played.visits])
    comes_s = np.array([each.comes_s for each in played.visits])
    waited: Floats = played.called_s - comes_s[:, None] + before_s[:, None]
    return waited


def told(waits_s: Floats) -> Waits:
    """Some people's waits in figures."""
    if not waits_s.size:
        return Waits(0, None, None)
    p50_s, p90_s = (float(value) for value in np.quantile(waits_s, (0.5, 0.9)))
    return Waits(len(waits_s), *(value if value < EXPECTED_S_MAX else None for value in (p50_s, p90_s)))


def overtaken(played: Played) -> float:
    """By how many people of the own group who came later somebody is passed, on average."""
    came_s = np.array([each.ticket.issued_at.timestamp() for each in played.visits])
    first = np.argsort(came_s, kind="stable")[:PAIRS_PEOPLE]
    groups = np.array([each.ticket.group_id for each in played.visits])[first]
    called_s = played.called_s[first][:, :PAIRS_FUTURES]
    later = np.triu(groups[:, None] == groups[None, :], 1)
    passed = (called_s[None, :, :] < called_s[:, None, :]) & later[:, :, None]
    return float(passed.sum() / (len(first) * called_s.shape[1])) if len(first) else 0.0


def busy_shares(played: Played, absences: Mapping[str, Absence]) -> Floats:
    """How much of the next hour each window works, of the time in which its clerk is there."""
    ends_s = np.minimum(played.called_s + played.work_s, HORIZON_S)
    works_s = np.maximum(0.0, ends_s - np.minimum(played.called_s, HORIZON_S))
    shares = []
    for column, window in enumerate(played.windows):
        away = absences.get(window.id, Absence(HORIZON_S))
        there_s = HORIZON_S - max(0.0, min(away.back_s, HORIZON_S) - min(away.away_s, HORIZON_S))
        if there_s < HORIZON_S / 6:
            continue  # A share of nearly nothing says nothing.
        busy_s = np.minimum(played.free_s[:, column], HORIZON_S) if window.ticket_id is not None else 0.0
        total_s = np.where(played.at == column, works_s, 0.0).sum(axis=0) + busy_s
        shares.append(min(1.0, float(total_s.mean()) / there_s))
    return np.array(shares)
