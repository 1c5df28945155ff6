"""A manager tries something out before doing it: with the hall as it is, and with the same luck."""

import pytest
from msgspec.structs import replace

from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.forecast.whatif import Change, Leaving, Opening, Outcome, what_if
from queue_server.hall.core.rejections import TooFewWindows, WindowNotOpen, WindowUnknown

from .story import WINDOWS, Story, at, opening


@pytest.fixture(scope="module")
def busy() -> Story:
    story = Story(opening(windows=(*WINDOWS, replace(WINDOWS[0], id="w5"), replace(WINDOWS[0], id="w6"))))
    story.tell("09:00 w1 opens → ok")
    story.tell("09:00 w2 opens → ok")
    for number in range(1, 17):
        story.tell(f"09:00 p{number} takes A → A{number:03}")
    story.tell("09:05 old takes A as elderly → L001")
    return story


def tried(
    story: Story, change: Change, rates: dict[tuple[str, bool], float] | None = None
) -> tuple[Outcome, Outcome]:
    before, after, _ = what_if(story.hall, Routine(), at("09:10"), rates or {}, change)
    return before, after


def p90(outcome: Outcome) -> float:
    assert outcome.ordinary.p90_s is not None
    return outcome.ordinary.p90_s


def test_two_more_windows_shorten_the_waits(busy: Story) -> None:
    before, after = tried(busy, Change(openings=(Opening("A", 2),)))
    assert p90(after) < 0.75 * p90(before)


def test_windows_opened_for_a_while_help_less_than_for_good(busy: Story) -> None:
    _, for_a_while = tried(busy, Change(openings=(Opening("A", 2, 600.0),)))
    before, for_good = tried(busy, Change(openings=(Opening("A", 2),)))
    assert p90(for_good) < p90(for_a_while) < p90(before)


def test_a_window_that_closes_makes_the_waits_longer_the_sooner_the_more(busy: Story) -> None:
    before, now = tried(busy, Change(leavings=(Leaving("w2"),)))
    _, later = tried(busy, Change(leavings=(Leaving("w2", after_s=1800.0),)))
    assert p90(before) < p90(later) < p90(now)


def test_a_break_costs_less_than_a_closed_window(busy: Story) -> None:
    before, pause = tried(busy, Change(leavings=(Leaving("w2", for_s=900.0),)))
    _, closed = tried(busy, Change(leavings=(Leaving("w2"),)))
    assert p90(before) < p90(pause) < p90(closed)


def test_without_the_head_start_green_people_wait_longer_and_nobody_is_overtaken(busy: Story) -> None:
    before, after = tried(busy, Change(green_head_start_seconds=0))
    assert before.green.p50_s is not None
    assert after.green.p50_s is not None
    assert before.green.p50_s < after.green.p50_s
    assert before.overtaken > after.overtaken == 0


def test_nothing_changed_comes_to_the_same(busy: Story) -> None:
    before, after = tried(busy, Change(), {("A", False): 0.01})
    assert before == after


def test_who_will_come_is_counted_in(busy: Story) -> None:
    alone, _ = tried(busy, Change())
    more, _ = tried(busy, Change(), {("A", False): 20 / 3600})
    assert more.ordinary.people == alone.ordinary.people + 20


@pytest.mark.parametrize(
    ("change", "no"),
    [
        (Change(openings=(Opening("A", 9),)), TooFewWindows),
        (Change(leavings=(Leaving("w5"),)), WindowNotOpen),
        (Change(leavings=(Leaving("w77"),)), WindowUnknown),
    ],
)
def test_what_cannot_be_done_is_not_tried_out(busy: Story, change: Change, no: type[Exception]) -> None:
    with pytest.raises(no):
        tried(busy, change)


def test_a_hall_without_a_window_serves_nobody_before_and_somebody_after() -> None:
    story = Story()
    story.tell("09:00 ann takes A → A001")
    before, after = tried(story, Change(openings=(Opening("A", 1),)))
    assert (before.unserved, before.ordinary.p50_s) == (1, None)
    assert (after.unserved, after.ordinary.people) == (0, 1)
