from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from load_tests import script, trace
from load_tests.script import Deed, Script
from load_tests.trace import Outcome, Visit

MORNING = datetime(2026, 3, 6, 9, tzinfo=UTC)
WARSAW = Path(__file__).parents[1] / "data" / "warsaw_bielany_2020-01-08.csv"


def visit(arrives: int, called: int | None = None, ends: int | None = None, service: str = "tax") -> Visit:
    """Minutes after nine."""
    instant = [None if at is None else MORNING + timedelta(minutes=at) for at in (arrives, called, ends)]
    assert instant[0] is not None
    return Visit(1, "x", service, instant[0], instant[1], instant[1], instant[2], None, Outcome.SERVED)


def told(day: Script) -> list[str]:
    return [
        f"{(act.at - MORNING) // timedelta(minutes=1)} {act.deed.name} {act.part} {act.window}".strip()
        for act in day.acts
    ]


def test_a_window_is_free_before_it_calls_again() -> None:
    day = script.write([visit(0, 1, 5), visit(0, 5, 9)])
    assert told(day) == [
        "0 ISSUE 0",
        "0 ISSUE 1",
        "1 CALL 0 01",
        "1 START 0 01",
        "5 COMPLETE 0 01",
        "5 CALL 1 01",
        "5 START 1 01",
        "9 COMPLETE 1 01",
    ]


def test_services_that_go_on_at_once_have_windows_of_their_own() -> None:
    day = script.write([visit(0, 1, 5), visit(0, 4, 9), visit(0, 5, 9)])
    assert [act.window for act in day.acts if act.deed is Deed.CALL] == ["01", "02", "01"]


def test_a_service_of_unknown_length_ends_when_its_window_is_needed_or_after_a_while() -> None:
    day = script.write([visit(0, 1), visit(0, 4), visit(0, 40)])
    assert [line for line in told(day) if "COMPLETE" in line or "CALL" in line] == [
        "1 CALL 0 01",
        "4 COMPLETE 0 01",
        "4 CALL 1 01",
        "19 COMPLETE 1 01",
        "40 CALL 2 01",
        "55 COMPLETE 2 01",
    ]


def test_calls_of_unknown_length_at_one_instant_have_windows_of_their_own() -> None:
    day = script.write([visit(0, 1), visit(0, 1)])
    assert day.windows == {"01": "A", "02": "A"}


def test_every_service_has_a_group_and_windows_of_its_own() -> None:
    day = script.write([visit(0, 1, 2, "tax"), visit(0, 1, 2, "passports"), visit(1)])
    assert day.groups == {"A": "tax", "B": "passports"}
    assert day.windows == {"01": "A", "02": "B"}


def test_who_is_never_called_goes_home_at_closing() -> None:
    assert told(script.write([visit(0)])) == ["0 ISSUE 0", "1 CANCEL 0"]


def test_a_service_that_took_no_time_is_called_started_and_completed_at_once() -> None:
    day = script.write([visit(0, 1, 1), visit(0, 1, 1)])
    assert told(day)[2:] == [
        "1 CALL 0 01",
        "1 START 0 01",
        "1 COMPLETE_AT_ONCE 0 01",
        "1 CALL 1 01",
        "1 START 1 01",
        "1 COMPLETE_AT_ONCE 1 01",
    ]


def test_the_day_of_warsaw_needs_as_many_windows_as_counters_were_open() -> None:
    visits = trace.read(WARSAW)
    day = script.write(visits)
    counters = {
        service: max(v.counters or 1 for v in visits if v.service == service)
        for service in trace.services(visits)
    }
    windows = [day.groups[group] for group in day.windows.values()]
    assert all(windows.count(service) <= max(1, number) for service, number in counters.items())


def check_windows(acts: Sequence[script.Act]) -> None:
    """A window has one citizen at a time, and everything happens in a possible order."""
    at_window: dict[str, int] = {}
    there: set[int] = set()
    for act in acts:
        if act.deed is Deed.ISSUE:
            there.add(act.part)
        assert act.part in there
        if act.deed is Deed.CALL:
            assert act.window not in at_window
            at_window[act.window] = act.part
        elif act.window:
            assert at_window[act.window] == act.part
            if act.deed is not Deed.START:
                del at_window[act.window]
    assert not at_window


minutes = st.integers(0, 30)


@given(
    st.lists(st.tuples(minutes, minutes, st.none() | minutes, st.sampled_from(["tax", "id"])), max_size=30)
)
def test_no_trace_puts_two_citizens_at_one_window(
    rows: list[tuple[int, int, int | None, str]],
) -> None:
    visits = [
        visit(arrives, arrives + wait, None if length is None else arrives + wait + length, service)
        for arrives, wait, length, service in sorted(rows, key=lambda row: row[0])
    ]
    check_windows(script.write(visits).acts if visits else [])
