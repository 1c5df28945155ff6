"""A hall of which every call is known: who is at which window since when, who waits for what, who gave up.

`Observed` watches such a hall, event by event, and learns its habits on the way: how long services last by kind, how
soon a window calls the next person, how long people are patient, what a window can serve, which kinds are put before
others and by how much. `Observed.look` plays the hall forward for one person who waits, and says what else is seen.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from queue_server.hall.core.forecast.calibration import SHARES, Moment
from queue_server.hall.core.forecast.lifetimes import Lifetimes
from queue_server.hall.core.forecast.replay import NEVER, Turn, first_free, play

Floats = NDArray[np.float64]

FUTURES = 100
LOST_S = 2400.0  # A window that has called nobody for so long, while people waited or not, is closed.
STUCK_S = 7200.0  # A service that never ended was not written down.
PATIENCE_MEAN_S = 600.0
RETURN_MEAN_S = 60.0
RATE_SPAN_S = 900.0
HEAD_STEP_S = 15.0
HEAD_STEPS_MAX = 20
HEAD_PAIRS_MIN = 30  # How often two kinds must have met before one is believed to go first.
WAIT_MAX_S = 7200.0
SCALE_S_MIN = 20.0  # No guess is surer than this.
LINES = (
    1,
    2,
    4,
)  # Lengths of the line up to which windows behave alike: the longer it is, the sooner they call.

Kind = tuple[str, str]  # What somebody comes for, and in which lane.


@dataclass(slots=True)
class Waiting:
    """Somebody in the line."""

    kind: Kind
    since: float


@dataclass(slots=True)
class Seat:
    """A window: busy with what since when, or idle since when; and what it has served today."""

    busy: str | None
    since: float
    today: Counter[str] = field(default_factory=Counter)


class Habits:
    """What a hall has learned of itself; kept per hall from day to day."""

    def __init__(self) -> None:
        self.service = Lifetimes()
        self.services: dict[str, Lifetimes] = {}
        self.patience = Lifetimes(PATIENCE_MEAN_S)
        self.patiences: dict[str, Lifetimes] = {}
        self.pause = Lifetimes(RETURN_MEAN_S)
        self.pauses = [Lifetimes(above=self.pause) for _ in range(len(LINES) + 1)]
        self.served: dict[str, Counter[str]] = {}  # What each window has served, by kind of work.
        self.joined: Counter[Kind] = Counter()
        self.kinds: dict[
            str, int
        ] = {}  # A number for each word, in the order in which they were first heard.
        self.heads: dict[Kind, float] = {}  # By how many seconds a kind is put before others.
        self.meetings: dict[
            tuple[Kind, Kind], Floats
        ] = {}  # Who was called while whom waited, by who came when.

    def service_of(self, work: str) -> Lifetimes:
        """How long this kind of work takes."""
        return self.services.setdefault(work, Lifetimes(above=self.service))

    def patience_of(self, lane: str) -> Lifetimes:
        """How long people of this lane wait."""
        return self.patiences.setdefault(lane, Lifetimes(PATIENCE_MEAN_S, above=self.patience))

    def pause_with(self, waiting: int) -> Lifetimes:
        """How soon a window calls, while so many wait."""
        return self.pauses[sum(waiting > up_to for up_to in LINES)]

    def number_of(self, word: str) -> int:
        """A number for a word, for learners that know only numbers."""
        return self.kinds.setdefault(word, len(self.kinds))

    def head(self, kind: Kind) -> float:
        """By how many seconds this kind is put before others."""
        return self.heads.get(kind, 0.0)

    def met(self, first: Kind, waiting: Kind, came_later_s: float) -> None:
        """Somebody was called while somebody else, who came so much later (or earlier), still waited."""
        if first == waiting:
            return
        step = int(np.floor(came_later_s / HEAD_STEP_S)) + HEAD_STEPS_MAX
        if 0 <= step < 2 * HEAD_STEPS_MAX:
            steps = self.meetings.setdefault((first, waiting), np.zeros(2 * HEAD_STEPS_MAX))
            steps[step] += 1

    def settle(self) -> None:
        """The day is over: what it taught counts from tomorrow on."""
        every = (self.service, self.patience, self.pause, *self.services.values(), *self.patiences.values())
        for each in (*every, *self.pauses):
            each.settle()
        self.heads = head_starts(self.meetings)


class Observed:
    """What can be seen of a hall right now, and the habits that it shows."""

    def __init__(self, habits: Habits, rng: np.random.Generator) -> None:
        self.habits = habits
        self.rng = rng
        self.line: dict[int, Waiting] = {}
        self.seats: dict[str, Seat] = {}
        self.arrivals: deque[float] = deque()
        self.calls: deque[tuple[float, float, str]] = deque(maxlen=60)  # When, after which wait, for what.
        self.now = -np.inf

    # ── What happens ─────────────────────────────────────────────────────────────────────────────

    def came(self, at: float) -> None:
        """Somebody came, whether to wait or to be served at once."""
        self._passed(at)
        self.arrivals.append(self.now)

    def joined(self, person: int, kind: Kind, at: float) -> None:
        """Somebody waits."""
        self._passed(at)
        self.habits.joined[kind] += 1
        self.line[person] = Waiting(kind, self.now)

    def gave_up(self, person: int, at: float) -> None:
        """Somebody waits no more."""
        self._passed(at)
        gone = self.line.pop(person, None)
        if gone is not None:
            self._patience(gone, ended=True)

    def vanished(self, person: int) -> None:
        """Whoever joined was gone in the same instant, and nothing is to be learned from it."""
        self.line.pop(person, None)

    def called(self, person: int, kind: Kind, window: str, at: float) -> None:
        """Somebody is called to a window, out of the line or straight from the door."""
        self._passed(at)
        waited = self.line.pop(person, None)
        seat = self.seats.get(window)
        if (
            seat is not None
            and seat.busy is None
            and (self.line or waited)
            and self.now - seat.since < LOST_S
        ):
            idle_s = self.now - seat.since
            for pause in (self.habits.pause, self.habits.pause_with(len(self.line) + (waited is not None))):
                pause.watched(idle_s, idle_s, ended=True)
        if window:
            today = Counter[str]() if seat is None else seat.today
            today[kind[0]] += 1
            self.seats[window] = Seat(kind[0], self.now, today)
        if waited is not None:
            self._patience(waited, ended=False)
            for other in self.line.values():
                self.habits.met(kind, other.kind, other.since - waited.since)
        self.calls.append((self.now, 0.0 if waited is None else self.now - waited.since, kind[0]))

    def finished(self, window: str, work: str, lasted_s: float, at: float) -> None:
        """A service is over."""
        self._passed(at)
        for services in (self.habits.service, self.habits.service_of(work)):
            services.watched(0.0, max(0.0, lasted_s), ended=True)
        if window:
            today = self.seats[window].today if window in self.seats else Counter[str]()
            self.seats[window] = Seat(None, self.now, today)

    def closed(self) -> None:
        """The day is over. Everybody is gone, and what was learned counts."""
        for window, seat in self.seats.items():
            self.habits.served.setdefault(window, Counter()).update(seat.today)
        self.habits.settle()
        self.line.clear()
        self.seats.clear()
        self.arrivals.clear()
        self.calls.clear()
        self.now = -np.inf

    def _passed(self, at: float) -> None:
        """Time went by. A clock that steps back stands still."""
        now = max(at, self.now)
        if self.line and now > self.now:
            pause = self.habits.pause_with(len(self.line))
            for seat in self.seats.values():
                if seat.busy is None and self.now - seat.since < LOST_S:
                    for each in (self.habits.pause, pause):
                        each.watched(self.now - seat.since, now - seat.since, ended=False)
        self.now = now
        while self.arrivals and self.arrivals[0] < now - RATE_SPAN_S:
            self.arrivals.popleft()

    def _patience(self, gone: Waiting, *, ended: bool) -> None:
        for patience in (self.habits.patience, self.habits.patience_of(gone.kind[1])):
            patience.watched(0.0, self.now - gone.since, ended=ended)

    # ── What is to be seen ───────────────────────────────────────────────────────────────────────

    def look(self, person: int) -> Moment:
        """The wait of somebody who has just joined, in many futures, and what else is to be seen."""
        me = self.line[person]
        ahead = self.ahead_of(person)
        windows = [name for name, seat in self.seats.items() if self._may_call(seat)]
        can = _Can(self, windows)
        free_s = self._free(windows)
        play(free_s, list(self._turns(ahead, can)))
        self._overtaken(free_s, me, can)
        waits_s = np.clip(first_free(free_s, can.serve(me.kind[0])), 1.0, WAIT_MAX_S)
        replayed_s = self._weighted(waits_s, me)
        return Moment(
            (*replayed_s, *self._seen(me, ahead)),
            guess=replayed_s[2],
            origin=replayed_s[2],
            scale=replayed_s[4] - replayed_s[0] + SCALE_S_MIN,
        )

    def ahead_of(self, person: int) -> list[Waiting]:
        """Who is called before this one if nobody else comes, in order."""
        mine = self._stands_at(self.line[person])
        others = (each for number, each in self.line.items() if number != person)
        return sorted((each for each in others if self._stands_at(each) <= mine), key=self._stands_at)

    def _stands_at(self, each: Waiting) -> float:
        return each.since - self.habits.head(each.kind)

    def _may_call(self, seat: Seat) -> bool:
        return self.now - seat.since < (LOST_S if seat.busy is None else STUCK_S)

    def _free(self, windows: list[str]) -> Floats:
        """When each window calls next, in each future: after its service, after its pause."""
        pause = self.habits.pause_with(len(self.line))
        if not windows:  # Nobody has been seen at work yet: as if one window were about to open.
            return pause.remaining(0.0, self._luck(1))
        free_s = np.empty((FUTURES, len(windows)))
        luck, more_luck = self._luck(len(windows)), self._luck(len(windows))
        for column, window in enumerate(windows):
            seat = self.seats[window]
            age_s = self.now - seat.since
            if seat.busy is None:
                free_s[:, column] = pause.remaining(age_s, luck[:, column])
            else:
                rest_s = self.habits.service_of(seat.busy).remaining(age_s, luck[:, column])
                free_s[:, column] = rest_s + pause.remaining(0.0, more_luck[:, column])
        return free_s

    def _turns(self, ahead: list[Waiting], can: "_Can") -> Iterator[Turn]:
        for place, each in enumerate(ahead):
            work, lane = each.kind
            luck = self._luck(3)
            pause = self.habits.pause_with(len(self.line) - 1 - place)
            yield Turn(
                can.serve(work),
                self.habits.service_of(work).remaining(0.0, luck[:, 0]) + pause.remaining(0.0, luck[:, 1]),
                self.habits.patience_of(lane).remaining(self.now - each.since, luck[:, 2]),
            )

    def _overtaken(self, free_s: Floats, me: Waiting, can: "_Can") -> None:
        """Some who come later are put before me: let them be called, in the futures in which they come in time."""
        total = self.habits.joined.total()
        gains = {
            kind: (self.habits.head(kind) - self.habits.head(me.kind), count / total)
            for kind, count in self.habits.joined.items()
        }
        gains = {kind: gain for kind, gain in gains.items() if gain[0] > 0}
        if not gains:
            return
        kinds = list(gains)
        heads_s = np.array([gains[kind][0] for kind in kinds])
        shares = np.array([gains[kind][1] for kind in kinds])
        rate = (len(self.arrivals) + 1) / RATE_SPAN_S * shares.sum()
        expected = rate * heads_s.max()
        most = int(np.ceil(expected + 3 * np.sqrt(expected)))
        comes_s = np.cumsum(self._luck(most) / rate, axis=1)
        which = self.rng.choice(len(kinds), size=(FUTURES, most), p=shares / shares.sum())
        pause = self.habits.pause_with(len(self.line))
        mine = can.serve(me.kind[0])
        for number in range(most):
            of, comes = which[:, number], comes_s[:, number]
            in_time = (comes < heads_s[of]) & (comes < first_free(free_s, mine))
            if not in_time.any():
                continue
            luck = self._luck(2)
            windows, work_s = np.empty_like(free_s), np.empty(FUTURES)
            for index in np.unique(of):
                here = of == index
                work = kinds[index][0]
                windows[here] = can.serve(work)[here]
                work_s[here] = self.habits.service_of(work).remaining(0.0, luck[here, 0])
            work_s += pause.remaining(0.0, luck[:, 1])
            play(free_s, [Turn(windows, work_s, np.where(in_time, np.inf, -np.inf), comes)])

    def _weighted(self, waits_s: Floats, me: Waiting) -> tuple[float, ...]:
        """Quantiles of the wait over the futures in which this person is still there when called."""
        stays = np.exp(-self.habits.patience_of(me.kind[1]).risk(waits_s))
        order = np.argsort(waits_s)
        reached = np.cumsum(stays[order])
        places = np.searchsorted(reached / reached[-1], SHARES)
        mean_s = float((waits_s * stays).sum() / stays.sum())
        return (*(float(w) for w in waits_s[order][np.minimum(places, FUTURES - 1)]), mean_s)

    def _seen(self, me: Waiting, ahead: list[Waiting]) -> tuple[float, ...]:
        idle = np.array([self.now - s.since for s in self.seats.values() if s.busy is None], dtype=float)
        idle = idle[idle < LOST_S]
        lately = [wait for at, wait, _ in self.calls if self.now - at < 300]
        alike = [wait for at, wait, work in self.calls if work == me.kind[0] and self.now - at < 1800]
        last_at, last_wait, _ = self.calls[-1] if self.calls else (-np.inf, 0.0, "")
        others = [each for each in self.line.values() if each is not me]
        return (
            float(len(ahead)),
            float(len(others)),
            float(sum(seat.busy is not None and self._may_call(seat) for seat in self.seats.values())),
            *(float((idle < age_s).sum()) for age_s in (10, 60, 300, LOST_S)),
            max((self.now - each.since for each in others), default=0.0),
            last_wait,
            min(self.now - last_at, 3600.0),
            alike[-1] if alike else -1.0,
            float(np.mean(lately)) if lately else 0.0,
            float(len(lately)),
            self.now % 86_400 // 60,
            self.now // 86_400 % 7,
            float(self.habits.number_of(me.kind[0])),
            float(self.habits.number_of(me.kind[1])),
            float(len(self.arrivals)),
            float(sum(each.kind[0] == me.kind[0] for each in others)),
            float(sum(each.kind[0] == me.kind[0] for each in ahead)),
        )

    def _luck(self, columns: int) -> Floats:
        return self.rng.exponential(size=(FUTURES, columns))


class _Can:
    """Which windows can serve what, in each future: known from today, else as likely as the past makes it."""

    def __init__(self, observed: Observed, windows: list[str]) -> None:
        self.rng = observed.rng
        self.seats = [observed.seats[window] for window in windows]
        self.served = [observed.habits.served.get(window, Counter[str]()) for window in windows]
        self.total = sum((seat.today for seat in observed.seats.values()), Counter[str]())
        self.known: dict[str, Floats] = {}

    def serve(self, work: str) -> Floats:
        """0 where a window can serve this work, NEVER where it cannot (futures × windows)."""
        if work not in self.known:
            self.known[work] = self._drawn(work)
        return self.known[work]

    def _drawn(self, work: str) -> Floats:
        if not self.seats:
            return np.zeros((FUTURES, 1))
        usual = (self.total[work] + 1) / (self.total.total() + 20)
        chance = np.array(
            [
                1.0
                if seat.today[work]
                else still_able(0.85 if before[work] else 0.15, usual, seat.today.total())
                for seat, before in zip(self.seats, self.served, strict=True)
            ]
        )
        able = self.rng.random((FUTURES, len(self.seats))) < chance
        able[~able.any(axis=1)] = True  # Somebody will serve this person.
        return np.where(able, 0.0, NEVER)


def still_able(before: float, usual: float, others: int) -> float:
    """The chance that a window can serve some work, after so many calls for something else (Bayes).

    >>> round(still_able(0.5, 0.2, 0), 2), round(still_able(0.5, 0.2, 10), 2)
    (0.5, 0.1)
    """
    unseen = before * (1 - usual) ** others
    return unseen / (unseen + 1 - before)


def head_starts(meetings: dict[tuple[Kind, Kind], Floats]) -> dict[Kind, float]:
    """The head start of each kind that explains best who was called while whom waited.

    A call is unexplained when somebody with an earlier place still waited. One kind after another takes the head
    start that leaves the fewest of those; the most frequent kind stands at zero.
    """
    counts = Counter[Kind]()
    for (first, waiting), steps in meetings.items():
        counts[first] += int(steps.sum())
        counts[waiting] += int(steps.sum())
    kinds = [kind for kind, count in counts.most_common() if count >= HEAD_PAIRS_MIN]
    heads = dict.fromkeys(kinds, 0)
    tried = sorted(range(-HEAD_STEPS_MAX + 1, HEAD_STEPS_MAX), key=abs)  # In doubt, none.
    for _ in range(3):
        for kind in kinds[1:]:
            heads[kind] = min(tried, key=lambda head: unexplained(meetings, heads | {kind: head}, kind))
    return {kind: head * HEAD_STEP_S for kind, head in heads.items()}


def unexplained(meetings: dict[tuple[Kind, Kind], Floats], heads: dict[Kind, int], kind: Kind) -> float:
    """How many calls that concern a kind these head starts do not explain."""
    return sum(
        float(steps[: max(0, heads.get(waiting, 0) - heads.get(first, 0) + HEAD_STEPS_MAX)].sum())
        for (first, waiting), steps in meetings.items()
        if kind in (first, waiting)
    )
