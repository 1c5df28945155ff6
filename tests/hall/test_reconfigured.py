"""A hall that is laid out anew while people are in it."""

from msgspec.structs import replace

from queue_server.hall.core import commands as c
from queue_server.hall.core.model import Group, Name, TicketState, Window
from queue_server.kit.rejections import Rejected

from .story import GROUPS, WINDOWS, Story, at


def anew(
    story: Story,
    groups: tuple[Group, ...] = GROUPS,
    windows: tuple[Window, ...] = WINDOWS,
) -> c.Reconfigure:
    """The request that lays the story's hall out anew."""
    hall = story.hall
    return c.Reconfigure(
        version=hall.version + 1,
        about=hall.about,
        rules=hall.rules,
        hours=hall.hours,
        groups=groups,
        windows=windows,
        next_opens_at=None,
        by="admin:a1",
    )


def refused(story: Story, command: c.Reconfigure, clock: str) -> str:
    """The code of the refusal."""
    try:
        story.ask(command, at(clock))
    except Rejected as no:
        return no.code
    return "ok"


def test_people_keep_their_places_and_services_when_the_hall_is_laid_out_anew() -> None:
    story = Story().tell("""
        09:00  w1 opens       → ok
        09:01  anna takes A   → A001
        09:02  boris takes A  → A002
        09:03  w1 calls       → A001 (turn)
        09:04  w1 starts      → ok
    """)
    new = Group("C", Name("新业务", "New"), "C")
    windows = (replace(WINDOWS[0], group_ids=("A", "C")), *WINDOWS[1:])
    story.ask(anew(story, (*GROUPS, new), windows), at("09:05"))
    assert story.ticket("anna").state is TicketState.SERVING
    assert story.hall.version == 1
    story.tell("""
        09:06  clara takes C  → C001
        09:07  w1 completes   → ok
        09:08  w1 calls       → A002 (turn)
    """)


def test_a_window_that_is_given_another_group_calls_from_it_next() -> None:
    story = Story().tell("""
        09:00  w1 opens       → ok
        09:01  anna takes B   → B001
        09:02  w1 calls       → nobody_waiting
    """)
    story.ask(anew(story, windows=(replace(WINDOWS[0], group_ids=("A", "B")), *WINDOWS[1:])), at("09:03"))
    story.tell("09:04  w1 calls → B001 (turn)")


def test_a_group_is_not_struck_while_people_are_there_for_it() -> None:
    story = Story().tell("09:01  anna takes B → B001")
    assert refused(story, anew(story, GROUPS[:1], WINDOWS[:3]), "09:02") == "group_stranded"
    assert refused(story, anew(story, windows=WINDOWS[:3]), "09:02") == "group_stranded"
    story.tell("09:03  anna cancels → ok")
    assert refused(story, anew(story, GROUPS[:1], WINDOWS[:3]), "09:04") == "ok"


def test_a_group_is_not_struck_while_a_later_leg_leads_to_it() -> None:
    story = Story().tell("09:01  anna takes A+B → A001")
    assert refused(story, anew(story, GROUPS[:1], WINDOWS[:3]), "09:02") == "group_stranded"


def test_a_window_is_not_taken_away_from_the_clerk_who_sits_there() -> None:
    story = Story().tell("09:00  w1 opens → ok")
    assert refused(story, anew(story, windows=WINDOWS[1:]), "09:01") == "window_in_use"
    story.tell("09:02  w1 closes → ok")
    assert refused(story, anew(story, windows=WINDOWS[1:]), "09:03") == "ok"
