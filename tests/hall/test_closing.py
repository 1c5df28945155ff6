"""Who cannot be served before the hall closes is told in time, and is first when it opens again."""

from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import structs

from queue_server.hall.core import events as e
from queue_server.hall.core.model import Rules

from .story import DAY, Story, at, hours, opening

TOMORROW = DAY + timedelta(days=1)
EVENING = replace(
    opening(rules=Rules(misses_itself=False, extension_seconds=600), openings=(hours("09:00", "12:00"),)),
    next_opens_at=at("09:00", TOMORROW),
)


@pytest.fixture
def crowded() -> Story:
    """Ten people at ten past eleven, one window, ten minutes each: the last would be called after one."""
    story = Story(EVENING)
    story.tell("11:10 w1 opens → ok")
    for number in range(1, 11):
        story.tell(f"11:10 p{number} takes A → A{number:03}")
    return story


def test_a_hall_that_cannot_serve_another_person_today_issues_no_more_numbers(crowded: Story) -> None:
    crowded.tell("""
        11:10  the hall looks ahead  → ok
        11:11  time passes           → A full for today, A009 first next day, A010 first next day
        11:11  late takes A          → not_today
        11:11  else takes B          → B001
    """)


def test_numbers_are_issued_again_once_there_is_room(crowded: Story) -> None:
    crowded.tell("""
        11:10  the hall looks ahead  → ok
        11:11  time passes           → A full for today, A009 first next day, A010 first next day
        11:12  w2 opens              → ok
        11:12  w3 opens              → ok
        11:15  the hall looks ahead  → ok
    """)
    assert any(isinstance(event, e.IssuingResumed) for event in crowded.let_time_pass("11:16"))
    crowded.tell("11:16 late takes A → A011")


def test_who_is_not_reached_today_keeps_the_number_and_is_first_tomorrow(crowded: Story) -> None:
    crowded.tell("""
        11:10  the hall looks ahead  → ok
        11:11  time passes           → A full for today, A009 first next day, A010 first next day
    """)
    for number in range(1, 9):
        crowded.tell(f"11:30 p{number} cancels → ok")
    crowded.tell("12:10 time passes → closed")
    crowded.ask(
        replace(EVENING, day=TOMORROW, hours=(hours("09:00", "12:00", day=TOMORROW),)), at("08:30", TOMORROW)
    )
    ticket = crowded.ticket("p10")
    assert (ticket.number, ticket.first_slot_at, ticket.promise) == ("A010", at("09:00", TOMORROW), None)
    assert list(crowded.hall.queues["A"].fair) == [crowded.people["p9"], ticket.id]


def test_nobody_speaks_of_the_evening_in_the_morning() -> None:
    story = Story(EVENING)
    story.tell("09:00 w1 opens → ok")
    for number in range(1, 40):
        story.tell(f"09:00 p{number} takes A → A{number:03}")
    story.tell("""
        09:01  the hall looks ahead  → ok
        09:02  time passes           → ok
        09:02  late takes A          → A040
    """)


def test_without_a_next_day_nobody_is_promised_one(crowded: Story) -> None:
    crowded.hall = structs.replace(crowded.hall, next_opens_at=None)
    crowded.tell("""
        11:10  the hall looks ahead  → ok
        11:11  time passes           → A full for today
    """)
