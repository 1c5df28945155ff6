"""Clocks of several processes never agree exactly. Order is by journal number, whatever they say."""

from datetime import timedelta

from queue_server.hall.core import commands as c
from queue_server.hall.core.decide import decide
from queue_server.hall.core.model import Channel, Leg

from .story import Story, at, tell


def test_whoever_takes_a_ticket_later_stands_behind_even_if_that_process_s_clock_is_behind() -> None:
    story = tell("""
        09:05  anna takes A   → A001
    """)
    take = c.IssueTicket((Leg("A"),), Channel.KIOSK, "digest")
    _, hall = decide(story.hall, take, at("09:05") - timedelta(seconds=2))
    numbers = [hall.tickets[ticket_id].number for ticket_id in hall.queues["A"].fair]
    assert numbers == ["A001", "A002"]


def test_whoever_comes_back_keeps_the_place_behind_others_whatever_the_clock_says() -> None:
    story = tell("""
        09:00  w1 opens       → ok
        09:01  anna takes A   → A001
        09:02  w1 calls       → A001 (turn)
        09:06  w1 gives up    → missed
        09:07  anna returns   → ok
    """)
    take = c.IssueTicket((Leg("A"),), Channel.KIOSK, "digest")
    _, hall = decide(story.hall, take, at("09:07") - timedelta(seconds=5))
    assert [hall.tickets[t].number for t in hall.queues["A"].fair] == ["A001", "A002"]


def test_a_call_from_an_absent_window_says_that_somebody_is_there() -> None:
    story: Story = tell("""
        09:00  w1 opens       → ok
        09:01  anna takes A   → A001
        09:02  w1 is absent   → ok
        09:03  w1 calls       → A001 (turn)
    """)
    session = story.hall.windows["w1"].session
    assert session is not None
    assert session.absent_since is None
