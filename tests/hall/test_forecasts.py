from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.evaluate.pace import crowded
from queue_server.hall.core import events as e
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.forecast.boosting import boosted
from queue_server.hall.core.forecast.calibration import Breath, Forecast, Lesson, Moment, learned
from queue_server.hall.core.forecast.calls import Habits, Observed, head_starts
from queue_server.hall.core.forecast.halls import forecasts
from queue_server.hall.core.forecast.lifetimes import AGES_S, Lifetimes
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.model import Hall
from queue_server.hall.core.order import line

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def told(hall: Hall, seed: int = 1) -> dict[int, Forecast]:
    return forecasts(hall, Routine(), NOON, np.random.default_rng(seed))


def in_order(forecast: Forecast) -> bool:
    return 0 <= forecast.p10 <= forecast.p20 <= forecast.p50 <= forecast.p80 <= forecast.p90


@given(waiting=st.integers(1, 40), windows=st.integers(1, 12), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_no_wait_is_negative_and_no_quantile_out_of_order(waiting: int, windows: int, seed: int) -> None:
    waits = told(crowded(waiting, windows), seed)
    assert all(in_order(forecast) for forecast in waits.values())


def test_whoever_stands_further_back_is_called_later() -> None:
    hall = crowded(60, 6)
    waits = told(hall)
    for queue in hall.queues.values():
        middles = [waits[ticket_id].p50 for ticket_id in line(hall, queue)]
        assert middles == sorted(middles)


def test_nobody_is_told_a_wait_while_no_window_is_open() -> None:
    hall = crowded(20, 2)
    for number in range(2):
        hall = evolve(hall, e.WindowClosed(f"{number}", NOON))
    assert told(hall) == {}


def test_only_people_whom_a_window_serves_are_told_a_wait() -> None:
    hall = crowded(30, 1)  # Window 0 serves A and B.
    assert {hall.tickets[ticket_id].group_id for ticket_id in told(hall)} == {"A", "B"}


def test_a_pause_makes_everybody_wait_longer() -> None:
    hall = crowded(12, 1)
    paused = evolve(hall, e.WindowPaused("0", "rest", NOON + timedelta(hours=1), NOON))
    assert min(forecast.p10 for forecast in told(paused).values()) >= 3600
    assert max(forecast.p50 for forecast in told(hall).values()) < 3600


def test_the_same_luck_gives_the_same_answer() -> None:
    hall = crowded(30, 6)
    assert told(hall, seed=7) == told(hall, seed=7)


def test_a_long_service_is_expected_to_last_longer_when_most_that_lasted_did() -> None:
    services = Lifetimes()
    for _ in range(200):
        services.watched(0, 30, ended=True)
        services.watched(0, 1200, ended=True)
    luck = np.full(1, np.log(2))
    services.settle()
    assert services.remaining(0, luck)[0] < 60 < services.remaining(200, luck)[0]


def test_what_is_still_going_on_teaches_too() -> None:
    seen, cut = Lifetimes(), Lifetimes()
    for _ in range(300):
        seen.watched(0, 100, ended=True)
        cut.watched(0, 100, ended=True)
        cut.watched(0, 100, ended=False)
    assert cut.rates()[age(90)] < seen.rates()[age(90)]


def age(seconds: float) -> int:
    return int(np.searchsorted(AGES_S, seconds)) - 1


def test_a_hall_finds_out_who_is_put_before_others() -> None:
    habits = Habits()
    luck = np.random.default_rng(3)
    for _ in range(2000):
        ordinary, urgent = luck.uniform(0, 240, 2)
        first = ("x", "urgent") if urgent - 90 <= ordinary else ("x", "ordinary")
        waits = ("x", "ordinary") if first[1] == "urgent" else ("x", "urgent")
        habits.met(first, waits, ordinary - urgent if first[1] == "urgent" else urgent - ordinary)
    heads = head_starts(habits.meetings)
    assert heads["x", "urgent"] - heads["x", "ordinary"] == 90


def test_a_clock_that_steps_back_stands_still() -> None:
    observed = Observed(Habits(), np.random.default_rng(1))
    observed.joined(1, ("x", "1"), 1000.0)
    observed.joined(2, ("x", "1"), 400.0)
    moment = observed.look(2)
    assert moment.guess > 0
    assert observed.now == 1000.0


def lessons(days: int, luck: np.random.Generator) -> list[Lesson]:
    seen = luck.uniform(0, 10, (days * 100, 3))
    truth = 30 * seen[:, 0] + luck.exponential(20, len(seen))
    return [
        Lesson(Moment(tuple(row), guess=100.0), float(true), f"day {number % days}")
        for number, (row, true) in enumerate(zip(seen, truth, strict=True))
    ]


def test_what_was_learned_holds_on_days_that_were_not_seen() -> None:
    luck = np.random.default_rng(5)
    known = learned(lessons(4, luck), luck)
    assert known is not None
    later = lessons(2, luck)
    rows = known.forecasts([lesson.moment for lesson in later])
    truth = np.array([lesson.truth for lesson in later])
    assert np.abs(rows[:, 2] - truth).mean() < 20
    assert 0.7 < ((truth >= rows[:, 0]) & (truth <= rows[:, 4])).mean() < 0.9


def test_too_little_past_teaches_nothing() -> None:
    luck = np.random.default_rng(5)
    assert learned(lessons(1, luck), luck) is None


def test_a_range_that_misses_gets_wider_and_one_that_holds_gets_narrower() -> None:
    missed, held = Breath(), Breath()
    range_of_80 = Forecast(10, 12, 20, 28, 30)
    for _ in range(100):
        missed.resolved(range_of_80, 99)
        held.resolved(range_of_80, 20)
    assert held.width < 1 < missed.width
    wide = missed.applied(np.array([10.0, 12, 20, 28, 30]))
    assert wide.p50 == 20
    assert wide.p90 - wide.p10 > 20
    assert in_order(replace(wide))


def test_the_learner_finds_the_median_not_the_mean() -> None:
    luck = np.random.default_rng(2)
    seen = luck.uniform(0, 1, (2000, 1))
    target = luck.exponential(10.0, 2000) + np.where(seen[:, 0] > 0.5, 50.0, 0.0)
    said = boosted(seen, target, np.ones(2000), 60, luck).predict(np.linspace(0.05, 0.45, 9)[:, None])
    assert abs(said.mean() - 10 * np.log(2)) < 2.5  # The mean is three above it.
