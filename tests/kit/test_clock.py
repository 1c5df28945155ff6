import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queue_server.kit.clock import AcceleratedClock, DrivenClock, SystemClock

NINE = datetime(2026, 11, 23, 1, tzinfo=UTC)


def system_clock_at(wall: float) -> SystemClock:
    clock = SystemClock()
    clock._now, clock._looked_at = wall, 0.0
    return clock


@given(st.lists(st.tuples(st.floats(0, 3600), st.floats(-100_000, 100_000)), max_size=20))
def test_whatever_happens_to_the_computers_time_ours_never_goes_back(
    steps: list[tuple[float, float]],
) -> None:
    clock = system_clock_at(1e9)
    monotonic, before = 0.0, clock._now
    for passed, shift in steps:
        monotonic += passed
        clock._advance(1e9 + monotonic + shift, monotonic)
        assert clock._now >= before
        before = clock._now


def test_after_the_computers_time_was_set_back_a_wait_is_shown_a_tenth_shorter_at_most() -> None:
    clock = system_clock_at(1e9)
    clock._advance(1e9 - 7200, 600)
    assert 540 <= clock._now - 1e9 <= 600


def test_after_the_computers_time_was_set_back_a_little_ours_soon_agrees_with_it_again() -> None:
    clock = system_clock_at(1e9)
    for second in range(1, 61):
        clock._advance(1e9 - 5 + second, second)
    assert abs(clock._now - (1e9 + 55)) < 0.05


def test_when_the_computers_time_is_set_forward_ours_follows_at_once() -> None:
    clock = system_clock_at(1e9)
    clock._advance(1e9 + 86_400, 1)
    assert clock._now == 1e9 + 86_400


def test_the_system_clock_tells_utc() -> None:
    now = SystemClock()()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=1)


async def test_at_high_speed_a_long_sleep_is_short() -> None:
    clock = AcceleratedClock(NINE, speed=36_000)
    await asyncio.wait_for(clock.sleep(3600), 2)
    assert clock() >= NINE + timedelta(hours=1)


async def test_the_driven_clock_wakes_each_sleeper_in_its_time() -> None:
    clock = DrivenClock(NINE)
    woken: list[int] = []

    async def sleeper(seconds: int) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    sleepers = asyncio.gather(*(sleeper(seconds) for seconds in (30, 10, 20)))
    await asyncio.sleep(0)
    clock.advance(19)
    await asyncio.sleep(0.01)
    assert woken == [10]
    clock.advance_to(NINE + timedelta(seconds=30))
    await sleepers
    assert woken == [10, 20, 30]
    assert clock() == NINE + timedelta(seconds=30)


def test_nobody_drives_the_clock_back() -> None:
    clock = DrivenClock(NINE)
    with pytest.raises(ValueError, match="back"):
        clock.advance_to(NINE - timedelta(seconds=1))
