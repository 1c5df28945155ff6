"""What simpler rules say at the same moments: the yardstick of `evaluate estimates`.

* `naive`: people ahead × mean ÷ counters; `naive_plus_one` counts the service of whoever asks, too;
* `les`: the wait of the last to enter service; `hol`: how long the head of the line waits already;
* `ql`: the queue at the pace of lately.

They say when a wait is predicted and what counts as the truth. Each table has one row for a moment.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from queue_server.evaluate.recorded import Visit
from queue_server.hall.core.forecast.boards import MINUTES_PER_CALL, SHRINK_COUNTER_CALLS, Board, Key

Floats = NDArray[np.float64]

RULES = ("naive", "naive_plus_one", "les", "hol", "ql")
MEAN_S = 180.0  # Of a service, where no past is given.
HEAD_START_S = 90.0


class Asked(NamedTuple):
    """A moment: the truth, what each rule says, and how many are ahead."""

    truth: float
    naive: float
    naive_plus_one: float
    les: float
    hol: float
    ql: float
    ahead: float


@dataclass(frozen=True, slots=True)
class Means:
    """Mean seconds of a service: of all, and by type."""

    all: float
    of: Mapping[str, float]


def means_of(visits: Iterable[Visit]) -> Means:
    """The constants of the rules, from a past."""
    lasted = [
        (visit.kind[0], visit.ended - visit.called) for visit in visits if visit.served and known(visit.ended)
    ]
    if not lasted:
        return Means(MEAN_S, {})
    by_type = defaultdict(list)
    for kind, each in lasted:
        by_type[kind].append(each)
    return Means(
        float(np.mean([each for _, each in lasted])),
        {kind: float(np.mean(each)) for kind, each in by_type.items()},
    )


def known(instant: float) -> bool:
    """Whether it was written down."""
    return instant == instant


def of_visits(visits: Sequence[Visit], means: Means) -> dict[int, Asked]:
    """What the rules say to everybody who joins the line and is served in the end, by place in the file."""
    asked: dict[int, Asked] = {}
    for pool in ("main", "internet"):
        asked |= _of_pool(
            [number for number, visit in enumerate(visits) if visit.pool == pool], visits, means
        )
    return asked


def _of_pool(numbers: list[int], visits: Sequence[Visit], means: Means) -> dict[int, Asked]:
    people = [visits[number] for number in numbers]
    ends = sorted((v for v in people if v.served and known(v.ended)), key=lambda v: v.ended)
    starts = sorted((v for v in people if v.served), key=lambda v: v.called)
    of_type: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=50))
    of_all: deque[float] = deque(maxlen=100)
    busy_until: dict[str, float] = {}
    waiting: list[Visit] = []
    last_call, last_wait, ended, started = -np.inf, 0.0, 0, 0
    asked = {}
    for number in sorted(numbers, key=lambda each: visits[each].arrived):
        me = visits[number]
        now = me.arrived
        while ended < len(ends) and ends[ended].ended <= now:
            lasted = ends[ended].ended - ends[ended].called
            of_type[ends[ended].kind[0]].append(lasted)
            of_all.append(lasted)
            ended += 1
        while started < len(starts) and starts[started].called <= now:
            one = starts[started]
            last_call, last_wait = one.called, one.called - one.arrived
            if one.window:
                busy_until[one.window] = one.ended if known(one.ended) else one.called + means.all
            started += 1
        waiting = [each for each in waiting if each.left_line > now]
        if not me.waited:
            continue
        ahead = [each for each in waiting if _stands_at(each) <= _stands_at(me)]
        servers = max(1, sum(until > now or now - until <= 600 for until in busy_until.values()))
        les = last_wait if now - last_call < 3600 else 0.0

        def mean_of(kind: str) -> float:
            recent = of_type[kind]
            return float(np.mean(recent)) if len(recent) >= 10 else means.of.get(kind, means.all)

        mean_all = float(np.mean(of_all)) if len(of_all) >= 20 else means.all
        if me.counts:
            asked[number] = Asked(
                me.called - now,
                len(ahead) * means.all / servers,
                (len(ahead) + 1) * means.all / servers,
                les,
                max((now - each.arrived for each in waiting), default=les),
                (sum(mean_of(each.kind[0]) for each in ahead) + mean_all) / servers,
                float(len(ahead)),
            )
        waiting.append(me)
    return asked


def _stands_at(visit: Visit) -> float:
    return visit.arrived - (HEAD_START_S if visit.kind[1] == "2" else 0.0)


class Poll(NamedTuple):
    """A moment of a board: the newest ticket at a poll, and the poll that sees it called."""

    at: int
    called_by: int
    truth: float


def moments_of(board: Board) -> list[Poll]:
    """The polls at which new tickets had been issued, of which the newest was called later that day."""
    called, issued, at = board.called, board.issued, board.at
    moments = []
    for poll in range(1, len(at)):
        if issued[poll] <= issued[poll - 1] or called[poll] >= issued[poll] or board.waiting[poll] < 1:
            continue
        by = int(np.searchsorted(called, issued[poll]))
        if by < len(at):
            moments.append(Poll(poll, by, float((at[by - 1] + at[by]) / 2 - at[poll])))
    return moments


def of_board(board: Board, counter_minutes: float) -> list[Asked]:
    """What the rules say at the moments of a board."""
    at, called, issued, counters = board.at, board.called, board.issued, board.counters
    last = len(at) - 1
    asked = []
    for moment in moments_of(board):
        poll = moment.at
        ahead = float(issued[poll] - 1 - called[poll])
        number = called[poll]
        les = board.seen_at(number, called, last) - board.seen_at(number, issued, last) if number > 0 else 0.0
        start = max(0, int(np.searchsorted(at, at[poll] - 30)))
        rate = (number - called[start] + 2) / (at[poll] - at[start] + 2 * counter_minutes / counters[poll])
        asked.append(
            Asked(
                moment.truth,
                ahead * counter_minutes / counters[poll],
                (ahead + 1) * counter_minutes / counters[poll],
                max(0.0, les),
                max(0.0, float(at[poll]) - board.seen_at(number + 1, issued, last)),
                float((ahead + 1) / rate),
                ahead,
            )
        )
    return asked


def counter_minutes_of(boards: Iterable[Board]) -> Callable[[Key], float]:
    """The constants of the rules, from a past: minutes of a counter for each call, by queue."""
    minutes, calls = Counter[Key](), Counter[Key]()
    for board in boards:
        minutes[board.key] += board.counter_minutes[-1]
        calls[board.key] += board.busy_calls[-1]
    pooled = minutes.total() / calls.total() if calls.total() else MINUTES_PER_CALL
    return lambda key: (minutes[key] + SHRINK_COUNTER_CALLS * pooled) / (calls[key] + SHRINK_COUNTER_CALLS)
