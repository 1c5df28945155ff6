"""A hall that is made of something else the next morning: nobody vanishes with a group or a window."""

from datetime import timedelta

import pytest

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.invariants import check
from queue_server.hall.core.model import Rules

from .story import DAY, GROUPS, WINDOWS, Story, at, hours, opening

TOMORROW = DAY + timedelta(days=1)
EVENING = """
    09:00  w4 opens                 → ok
    09:01  boris takes B            → B001
    09:02  w4 calls                 → B001 (turn)
    09:03  w4 starts                → ok
    09:04  w4 holds                 → ok
    09:05  carla takes B            → B002
    09:06  w4 calls                 → B002 (turn)
    09:07  w4 starts                → ok
    09:08  dora takes B             → B003
"""


def story(table: str, *, carry: bool = True) -> Story:
    return Story(opening(rules=Rules(misses_itself=False, carry_over_waiting=carry))).tell(table)


def only_a() -> c.OpenDay:
    """Tomorrow there is no group B and no window 4."""
    return opening(day=TOMORROW, groups=GROUPS[:1], windows=WINDOWS[:3], openings=(hours(day=TOMORROW),))


@pytest.mark.parametrize("carry", [True, False])
def test_whoever_is_in_hand_for_a_group_that_is_gone_has_an_end(carry: bool) -> None:
    told = story(EVENING, carry=carry)
    events = told.ask(only_a(), at("08:30", TOMORROW))
    assert not told.hall.tickets
    ended = {event.ticket_id for event in events if isinstance(event, e.TicketExpired)}
    assert ended == set(told.people.values())
    assert set(told.hall.windows) == {"w1", "w2", "w3"}


def test_a_window_that_is_gone_stays_until_its_citizen_has_been_served() -> None:
    told = story("""
        09:00  w1 opens                 → ok
        09:01  anna takes A             → A001
        09:02  w1 calls                 → A001 (turn)
        09:03  w1 starts                → ok
    """)
    told.ask(
        opening(day=TOMORROW, groups=GROUPS[:1], windows=WINDOWS[1:3], openings=(hours(day=TOMORROW),)),
        at("08:30", TOMORROW),
    )
    told.ask(c.CompleteServing("w1", "console-w1"), at("09:00", TOMORROW))
    assert not told.hall.tickets


def test_a_visit_whose_next_leg_is_gone_ends_with_this_one() -> None:
    told = story("""
        09:00  w1 opens                 → ok
        09:01  anna takes A+B           → A001
        09:02  w1 calls                 → A001 (turn)
        09:03  w1 starts                → ok
    """)
    told.ask(only_a(), at("08:30", TOMORROW))
    told.ask(c.CompleteServing("w1", "console-w1"), at("09:00", TOMORROW))
    assert not told.hall.tickets


def test_a_window_that_now_serves_others_still_holds_whom_it_held() -> None:
    told = story("""
        09:00  w1 opens                 → ok
        09:01  anna takes A             → A001
        09:02  w1 calls                 → A001 (turn)
        09:03  w1 starts                → ok
        09:04  w1 holds                 → ok
    """)
    told.ask(opening(day=TOMORROW, openings=(hours(day=TOMORROW),)), at("08:30", TOMORROW))
    check(told.hall)
    told.ask(c.ResumeTicket("w1", "console-w1", told.people["anna"]), at("09:00", TOMORROW))
