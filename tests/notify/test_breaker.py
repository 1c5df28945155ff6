"""Whoever fails is left alone for a while."""

from notify.breaker import PROBE_SECONDS, STEP_SECONDS, Breaker


def broken(at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(at)
    return breaker


def test_five_failures_in_a_row_are_enough() -> None:
    breaker = Breaker()
    for _ in range(4):
        breaker.failed(0)
    assert breaker.permits(0)
    breaker.failed(0)
    assert not breaker.permits(1)


def test_half_of_the_attempts_within_ten_seconds_are_enough() -> None:
    breaker = Breaker()
    for second in range(5):
        breaker.worked(second)
        breaker.failed(second)
    assert breaker.open


def test_old_failures_are_forgotten() -> None:
    breaker = Breaker()
    for minute in range(60):
        breaker.failed(minute * 60)
        breaker.worked(minute * 60 + 30)
    assert breaker.permits(4000)


def test_one_attempt_every_thirty_seconds_finds_out_whether_it_is_back() -> None:
    breaker = broken()
    assert [second for second in range(100) if breaker.permits(second)] == [30, 60, 90]


def test_it_comes_back_a_tenth_at_a_time() -> None:
    breaker = broken()
    assert breaker.permits(PROBE_SECONDS)
    breaker.worked(PROBE_SECONDS)
    shares = []
    for step in range(10):
        now = PROBE_SECONDS + step * STEP_SECONDS
        shares.append(sum(breaker.permits(now) for _ in range(100)))
    assert shares == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]


def test_whoever_fails_while_coming_back_is_left_alone_again() -> None:
    breaker = broken()
    breaker.permits(PROBE_SECONDS)
    breaker.worked(PROBE_SECONDS)
    breaker.failed(PROBE_SECONDS + 1)
    assert breaker.open
