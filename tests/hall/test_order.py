"""Who goes before whom: a head start by law, and a bound on how often anybody is passed."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.lanes import Lane, added, lane_of, standing_before, without
from queue_server.hall.core.model import CallRule, Clerk, Leg, Place, PriorityClass, Rules, Window
from queue_server.hall.core.order import ahead, line, next_ticket, overtaken
from queue_server.hall.core.reasons import Why

from .story import WINDOWS, Channel, Name, Story, at, opening, tell
from .test_reasons import why

CALM = Rules(misses_itself=False, ordinary_guard_seconds=28_800)  # The guard says nothing here.
TEN_MINUTES = opening(rules=replace(CALM, green_head_start_seconds=600))
TWICE = opening(rules=replace(CALM, overtaken_max=2))


def served(window: str, who: str, rule: str, clock: str) -> str:
    """The lines in which somebody is called and served."""
    return f"""
        {clock}  {window} calls      → {who} ({rule})
        {clock}  {window} starts     → ok
        {clock}  {window} completes  → ok
    """


# ── A head start ─────────────────────────────────────────────────────────────────────────────────


def test_whom_the_law_puts_first_counts_as_having_come_ten_minutes_earlier() -> None:
    story = tell(
        """
        09:00  w1 opens                 → ok
        09:00  anna takes A             → A001
        09:05  ben takes A              → A002
        09:12  gina takes A as elderly  → L001
        09:12  gina stands              → 1
        09:12  anna stands              → 0
        09:12  ben stands               → 2
    """
        + served("w1", "A001", "waited_longer", "09:13")
        + served("w1", "L001", "green_channel", "09:14")
        + served("w1", "A002", "turn", "09:15"),
        TEN_MINUTES,
    )
    assert next_ticket(story.hall, story.hall.windows["w1"], story.now) is None


def test_a_green_window_calls_the_green_ticket_whatever_its_head_start() -> None:
    tell(
        """
        09:00  w3 opens                 → ok
        09:00  anna takes A             → A001
        10:30  gina takes A as elderly  → L001
        10:31  w3 calls                 → L001 (green_channel)
    """,
        TEN_MINUTES,
    )


def test_of_two_who_count_as_having_come_together_the_earlier_number_goes_first() -> None:
    tell(
        """
        09:00  w1 opens                 → ok
        09:00  anna takes A             → A001
        09:10  gina takes A as elderly  → L001
        09:10  w1 calls                 → A001 (waited_longer)
    """,
        TEN_MINUTES,
    )


def test_who_was_put_behind_somebody_waits_since_that_one_does() -> None:
    story = tell(
        """
        09:00  w1 opens       → ok
        09:00  anna takes A   → A001
        09:01  ben takes A    → A002
        09:02  w1 calls       → A001 (turn)
        09:05  w1 gives up    → missed
        09:06  anna returns   → ok
        09:07  gina takes A as elderly  → L001
    """,
        TEN_MINUTES,
    )
    assert story.ticket("anna").waits_since == at("09:01")


def test_whoever_waited_longer_than_a_head_start_is_why_the_green_one_waits() -> None:
    story = tell(
        """
        09:00  w1 opens                 → ok
        09:00  anna takes A             → A001
        09:12  gina takes A as elderly  → L001
        09:13  w1 calls                 → A001 (waited_longer)
    """,
        TEN_MINUTES,
    )
    assert why(story, "gina", "anna") is Why.WAITED_LONGER


# ── A bound ──────────────────────────────────────────────────────────────────────────────────────

CROWD = """
        09:00  w1 opens                 → ok
        09:00  w3 opens                 → ok
        09:00  anna takes A             → A001
        09:01  vera takes A as elderly    → L001
        09:01  vito takes A as elderly → L002
        09:01  vlad takes A as elderly    → L003
"""


def test_nobody_is_passed_more_often_than_the_hall_allows_not_even_at_a_green_window() -> None:
    story = tell(
        CROWD
        + served("w1", "L001", "green_channel", "09:02")
        + served("w3", "L002", "green_channel", "09:03")
        + "09:04  w3 calls → A001 (overtaken)",
        TWICE,
    )
    assert why(story, "vlad", "anna") is Why.OVERTAKEN


def test_a_call_taken_back_has_passed_nobody() -> None:
    story = tell(
        CROWD
        + served("w1", "L001", "green_channel", "09:02")
        + """
        09:03     w1 calls   → L002 (green_channel)
        09:03:05  w1 undoes  → ok
    """,
        TWICE,
    )
    assert overtaken(story.hall, story.ticket("anna")) == 1


def test_a_call_by_hand_counts_for_those_it_passed() -> None:
    story = tell(
        """
        09:00  w1 opens         → ok
        09:00  w2 opens         → ok
        09:00  anna takes A     → A001
        09:01  ben takes A      → A002
        09:01  cleo takes A     → A003
        09:02  w1 calls cleo    → A003 (picked)
        09:02  gina takes A as elderly    → L001
        09:02  hugo takes A as elderly    → L002
    """
        + served("w2", "L001", "green_channel", "09:03")
        + "09:04  w2 calls → A001 (overtaken)",
        TWICE,
    )
    assert overtaken(story.hall, story.ticket("ben")) == 2


def test_who_came_after_the_green_ones_has_not_been_passed() -> None:
    story = tell(CROWD + "09:02 ben takes A → A002" + served("w1", "L001", "green_channel", "09:03"), TWICE)
    assert (overtaken(story.hall, story.ticket("anna")), overtaken(story.hall, story.ticket("ben"))) == (1, 0)


def test_no_fee_buys_a_place() -> None:
    words = {
        name
        for kind in (
            c.IssueTicket,
            c.ChangeClass,
            c.CallNext,
            c.TransferTicket,
            e.TicketIssued,
            e.ClassChanged,
        )
        for name in kind.__dataclass_fields__
    } | set(Rules.__struct_fields__)
    assert not {name for name in words if any(paid in name for paid in ("fee", "price", "pay", "amount"))}


# ── Whatever happens ─────────────────────────────────────────────────────────────────────────────

ANYBODY = (None, None, PriorityClass.ELDERLY, PriorityClass.VETERAN)
CANNOT = {"w1": ("M1",), "w2": (), "w3": ("M2",), "w4": ()}
BOTH = (*WINDOWS[:3], Window("w4", Name("4号窗口", "Window 4"), ("A", "B")))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1_000_000), st.integers(1, 4), st.sampled_from((0, 300, 3600)))
def test_nobody_starves_and_the_bound_holds(seed: int, most: int, head_start: int) -> None:
    luck = Random(seed)
    rules = Rules(misses_itself=False, overtaken_max=most, green_head_start_seconds=head_start)
    story = Story(opening(rules=rules, windows=BOTH))
    for window_id, cannot in CANNOT.items():
        clerk = Clerk(window_id, window_id, window_id, cannot=cannot)
        story.ask(c.SignIn(window_id, clerk, window_id), at("09:00"))
    passings: Counter[int] = Counter()
    for _ in range(150):
        story.now += timedelta(seconds=luck.choice((0, 10, 200)))
        if luck.random() < 0.6:
            leg = Leg(luck.choice("AAB"), luck.choice(((), (), ("M1",), ("M2",))))
            story.ask(c.IssueTicket((leg,), Channel.KIOSK, "d", luck.choice(ANYBODY)), story.now)
            assert_line_is_total_and_stable(story)
        else:
            call(story, luck.choice(tuple(CANNOT)), passings)
    while sum(call(story, window_id, passings) for window_id in CANNOT):
        pass
    assert max(passings.values()) <= most, "somebody was passed too often"
    assert not any(queue.length for queue in story.hall.queues.values()), "w2 and w4 can serve everybody"


def call(story: Story, window_id: str, passings: Counter[int]) -> bool:
    """Call and serve somebody; count whom it passed, by the windows and places alone."""
    before, window = story.hall, story.hall.windows[window_id]
    choice = next_ticket(before, window, story.now)
    if choice is None:
        return False
    called = choice.ticket
    for group_id in window.group_ids:
        for ticket_id in before.queues[group_id].fair:
            other = before.tickets[ticket_id]
            if other.place < called.place and set(CANNOT[window_id]).isdisjoint(other.matters):
                passings[other.id] += 1
    for deed in (c.CallNext, c.StartServing, c.CompleteServing):
        story.ask(deed(window_id, window_id), story.now)
    return True


def assert_line_is_total_and_stable(story: Story) -> None:
    """Everybody has exactly one position, and the equal ones stand by time of issue."""
    for queue in story.hall.queues.values():
        tickets = [story.hall.tickets[ticket_id] for ticket_id in line(story.hall, queue)]
        assert [ahead(story.hall, ticket) for ticket in tickets] == list(range(len(tickets)))
        for lane in (queue.green, queue.fair):
            assert list(lane) == sorted(lane)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 400)), max_size=400))
def test_a_lane_is_a_sorted_list_however_long(moves: list[tuple[bool, int]]) -> None:
    lane, model = lane_of(range(0, 800, 2)), list(range(0, 800, 2))

    def place_of(ticket_id: int) -> Place:
        return Place(ticket_id)

    for joins, number in moves:
        if joins and 2 * number + 1 not in model:
            lane = added(lane, 2 * number + 1, Place(2 * number + 1), place_of)
            model = sorted([*model, 2 * number + 1])
        elif not joins and model:
            gone = model.pop(number % len(model))
            lane = without(lane, gone, place_of)
        assert standing_before(lane, Place(number), place_of) == sum(each < number for each in model)
    assert list(lane) == model
    assert [lane[index] for index in range(len(lane))] == model
    with pytest.raises(IndexError):
        lane[len(lane)]


def test_an_empty_lane_has_nobody() -> None:
    assert (len(Lane()), list(Lane()), bool(Lane())) == (0, [], False)
    assert CallRule("overtaken") is CallRule.OVERTAKEN
