"""Certificates with a last day: who is certified no more is offered nobody for it, from the opening of a day on."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from queue_server.hall.core import commands as c
from queue_server.hall.core.forecast.halls import luck_of, outlook
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.model import Rules
from queue_server.hall.core.order import serves
from queue_server.hall.core.outlook import expected_call

from .story import DAY, WINDOWS, Story, at, hours, opening

TOMORROW = DAY + timedelta(days=1)
BOTH = opening(windows=(replace(WINDOWS[0], group_ids=("A", "B")), WINDOWS[1], WINDOWS[3]))


def test_a_certificate_holds_through_its_last_day() -> None:
    Story(BOTH).tell("""
        09:00  w1 opens certified B until 2026-11-23  → ok
        09:01  boris takes B                          → B001
        09:02  w1 calls                               → B001 (turn)
    """)


def test_the_day_after_nobody_is_offered_for_it_and_other_work_goes_on() -> None:
    Story(BOTH).tell("""
        09:00  w1 opens certified B until 2026-11-22  → ok
        09:01  boris takes B                          → B001
        09:02  w1 calls                               → nobody_waiting
        09:02  w1 calls boris                         → cannot_serve
        09:03  anna takes A                           → A001
        09:04  w1 calls                               → A001 (turn)
    """)


def test_a_certificate_for_one_matter_leaves_the_rest_of_the_group() -> None:
    Story(BOTH).tell("""
        09:00  w1 opens certified M13 until 2026-11-22  → ok
        09:01  anna takes A:M13                         → A001
        09:01  boris takes A:M15                        → A002
        09:02  w1 calls                                 → A002 (turn)
    """)


def test_who_has_no_certificate_left_for_a_window_is_told_so_when_opening_it() -> None:
    Story(BOTH).tell("09:00  w4 opens certified B until 2026-11-22  → certificate_ended")


def test_an_any_matter_window_that_must_not_have_gaps_names_the_certificate() -> None:
    told = Story(opening(windows=BOTH.windows, rules=Rules(skill_gap_blocks=True)))
    told.tell("09:00  w1 opens certified A until 2026-11-22  → certificate_ended")


def test_the_estimate_expects_nobody_at_a_window_whose_clerk_is_not_certified_any_more() -> None:
    def expected_s(last_day: str) -> float:
        told = Story(BOTH).tell(f"""
            09:00  w4 opens                                 → ok
            09:00  w1 opens certified B until {last_day}    → ok
            09:01  boris takes B                            → B001
            09:01  carla takes B                            → B002
            09:01  dora takes B                             → B003
        """)
        seen = outlook(told.hall, Routine(), told.now, luck_of(told.hall))
        expected = expected_call(told.hall, seen, told.ticket("dora"), told.now)
        assert expected is not None
        return (expected.likely_at - told.now).total_seconds()

    assert expected_s("2026-11-22") > 1.3 * expected_s("2026-11-23")


@pytest.mark.parametrize(("last_day", "serving"), [("2026-11-23", ("A",)), ("2026-11-24", ("A", "B"))])
def test_what_ends_over_night_has_ended_for_whoever_is_still_at_the_window_in_the_morning(
    last_day: str, serving: tuple[str, ...]
) -> None:
    told = Story(BOTH).tell(f"""
        09:00  w1 opens certified B until {last_day}    → ok
        09:01  anna takes A                             → A001
        09:02  w1 calls                                 → A001 (turn)
        09:03  w1 starts                                → ok
        09:04  w1 holds                                 → ok
    """)
    told.ask(replace_day(BOTH), at("08:30", TOMORROW))
    assert serves(told.hall.windows["w1"]) == serving


def replace_day(command: c.OpenDay) -> c.OpenDay:
    """The same hall on the morning after."""
    return opening(day=TOMORROW, windows=command.windows, openings=(hours(day=TOMORROW),))
