"""What happened to a ticket, as staff who are asked about it can read."""

from dataclasses import fields

import pytest

from queue_server.hall.core import events as e
from queue_server.hall.core.model import Hall as Value
from queue_server.hall.live.views.history import told

from .places import Hall, Json, Server
from .story import Story


@pytest.fixture
def story(hall_server: Server) -> Story:
    return Story(Hall.made(hall_server))


def history(story: Story, who: str) -> list[Json]:
    hall = story.hall
    answer = hall.by("guide").ask("GET", f"{hall.at}/tickets/{story.people[who].id}/history")
    assert answer.status == 200, answer
    return list(answer.json["history"])


def test_a_ticket_that_went_from_window_to_window_tells_its_whole_story(story: Story) -> None:
    story.tell("""
        w1 session
        anna takes A as elderly
        guide priority-class anna {"priority_class": "elderly", "reason": "seen", "proof_seen": true}
        w1 calls
        anna acknowledgement
        w1 undo
        w1 calls
        w1 start
        w1 hold {"reason": "copy"}
        anna return
        w1 resume anna
        w1 transfer {"group": "B", "reason": "checked the register"}
    """)
    lines = history(story, "anna")
    assert [line["what"] for line in lines] == [
        "issued", "class_changed", "called", "acknowledged", "undone", "called", "started", "held", "back",
        "resumed", "transferred",
    ]  # fmt: skip
    issued, changed, *_, moved = lines
    assert (issued["channel"], issued["by"]["role"], issued["priority_class"]) == (
        "kiosk",
        "citizen",
        "elderly",
    )
    assert (changed["by"]["role"], changed["proof_seen"]) == ("guide", True)
    assert (moved["window"], moved["group"]["id"], moved["reason"]) == ("w1", "B", "checked the register")
    assert moved["by"]["role"] == "clerk"
    assert moved["by"]["name"]


def test_a_ticket_that_has_ended_still_tells_its_story(story: Story) -> None:
    story.tell("""
        anna takes A
        anna cancellation
    """)
    assert [line["what"] for line in history(story, "anna")] == ["issued", "cancelled"]


def test_other_tickets_do_not_appear_in_it(story: Story) -> None:
    story.tell("""
        w1 session
        anna takes A
        boris takes A
        w1 calls
        boris cancellation
    """)
    assert [line["what"] for line in history(story, "anna")] == ["issued", "called"]


@pytest.mark.parametrize("ticket_id", ["1", "999999"])  # The opening of the day, and nothing at all.
def test_what_is_no_ticket_has_no_history(story: Story, ticket_id: str) -> None:
    hall = story.hall
    answer = hall.by("guide").ask("GET", f"{hall.at}/tickets/{ticket_id}/history")
    assert answer.said == (404, "ticket_unknown")


def test_the_console_says_who_is_next_and_by_which_rule(story: Story) -> None:
    story.tell("""
        w1 session
        anna takes A
        boris takes A as ill
        w1 calls
    """)
    desk = story.desk("w1")
    seen = desk.sees()
    assert (seen["ticket"]["number"], seen["ticket"]["call_rule"]) == ("L001", "green_channel")
    assert (seen["next"]["number"], seen["next"]["rule"]) == ("A001", "turn")
    story.tell("""
        w1 start
        w1 hold {"reason": "copy"}
        boris return
    """)
    assert (desk.sees()["next"]["number"], desk.sees()["next"]["rule"]) == ("L001", "back_from_hold")


def test_the_day_of_a_clerk_survives_a_sign_out(story: Story) -> None:
    story.tell("""
        w1 session
        anna takes A
        w1 calls
        w1 start
        120 seconds pass
        w1 completion
        w1 -session
    """)
    assert story.desk("w1").sees()["today"]["served"] == 0  # Nobody is signed in, so it is nobody's day.
    story.tell("w1 session")
    today = story.desk("w1").sees()["today"]
    assert (today["served"], today["longest_seconds"], today["targeted"]) == (1, 120, 0)


UNTOLD = {e.TicketNear, e.TicketFollowed, e.WalkChosen, e.GuideAsked}  # What was only sent or looked at.


@pytest.mark.parametrize("kind", e.EVENTS.values(), ids=lambda kind: kind.__name__)
def test_whatever_happens_to_a_ticket_is_told(kind: type[e.Event]) -> None:
    names = {field.name for field in fields(kind)}
    event = object.__new__(kind)
    for name in names:
        object.__setattr__(event, name, None)
    if kind is e.TicketIssued:
        return  # Its group is told with it; every story begins so.
    assert (told(Value("h1"), event) is not None) == ("ticket_id" in names and kind not in UNTOLD)
