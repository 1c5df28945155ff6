"""What the hall expects is told, kept, revised with its reason, and never breaks anything."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.decide import decide
from queue_server.hall.core.forecast.experience import Ages, Experience, Kept, Shows, Spell, of_all, of_day
from queue_server.hall.core.forecast.halls import luck_of, outlook
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.outlook import Outlook, wait_of, wait_of_newcomer

from .story import DAY, Story, at, tell

MORNING = """
    09:00  w1 opens        → ok
    09:00  w2 opens        → ok
    09:00  ann takes A     → A001
    09:00  ben takes A     → A002
    09:00  cleo takes A    → A003
    09:00  dora takes A    → A004
    09:00  emil takes A    → A005
    09:00  fay takes A     → A006
"""


def looked(story: Story, experience: Experience | None = None) -> Outlook:
    return outlook(story.hall, Routine(experience), story.now, luck_of(story.hall))


def test_everybody_who_waits_and_whoever_comes_next_hears_a_range() -> None:
    story = tell(MORNING)
    seen = looked(story)
    waits = [wait_of(story.hall, seen, story.ticket(who), story.now) for who in ("ann", "cleo", "fay")]
    assert all(wait is not None for wait in waits)
    assert [w.low_minutes <= w.likely_minutes <= w.high_minutes for w in waits if w] == [True] * 3
    likely = [wait.likely_minutes for wait in waits if wait]
    assert likely == sorted(likely)
    newcomer = wait_of_newcomer(story.hall, seen, "A", story.now)
    assert newcomer is not None
    assert newcomer.likely_minutes >= likely[-1]


def test_the_same_hall_at_the_same_number_expects_the_same() -> None:
    story = tell(MORNING)
    assert looked(story).calls == looked(story).calls


def test_nobody_is_told_anything_while_no_window_serves_the_group() -> None:
    story = tell(MORNING + "09:01 tom takes B → B001")
    assert wait_of(story.hall, looked(story), story.ticket("tom"), story.now) is None


def test_whoever_comes_after_a_look_is_told_so_much_after_the_last() -> None:
    story = tell(MORNING + "09:00 the hall looks ahead → ok")
    story.tell("09:00 gus takes A → A007")
    story.tell("09:00 hal takes A → A008")
    gus, hal = (wait_of(story.hall, story.expected, story.ticket(who), story.now) for who in ("gus", "hal"))
    assert gus is not None
    assert hal is not None
    assert hal.likely_minutes > gus.likely_minutes


def test_whoever_was_called_since_the_look_makes_nobody_else_earlier() -> None:
    story = tell(MORNING + "09:00 the hall looks ahead → ok")
    story.tell("""
        09:01  w1 calls      → A001 (turn)
        09:01  w2 calls      → A002 (turn)
        09:02  gus takes A   → A007
    """)
    fay, gus = (wait_of(story.hall, story.expected, story.ticket(who), story.now) for who in ("fay", "gus"))
    assert fay is not None
    assert gus is not None
    assert fay.likely_minutes <= gus.likely_minutes


def test_a_promise_says_what_the_hall_expects_and_is_never_of_the_past() -> None:
    story = tell(MORNING + "09:00 the hall looks ahead → ok")
    story.tell("09:04 gus takes A → A007")
    promise = story.ticket("gus").promise
    assert promise is not None
    assert promise.likely_at is not None
    assert promise.made_at <= promise.low_at <= promise.likely_at <= promise.high_at


def test_a_window_that_closes_revises_the_promise_with_that_reason_and_keeps_the_first() -> None:
    story = tell(MORNING + "09:00 the hall looks ahead → ok")
    story.tell("""
        09:00  gus takes A           → A007
        09:04  w2 closes             → ok
        09:05  the hall looks ahead  → ok
    """)
    first = story.ticket("gus").promise
    revised = {
        event.ticket_id: event
        for event in story.let_time_pass("09:06")
        if isinstance(event, e.PromiseRevised)
    }
    event = revised[story.people["gus"]]
    assert (event.later, event.because) == (True, ("fewer_windows",))
    assert story.ticket("gus").promise == first
    assert story.ticket("gus").told == event.promise


def test_nobody_is_told_another_range_twice_within_three_minutes() -> None:
    story = tell(MORNING + "09:04 w2 closes → ok")
    story.tell("09:05 the hall looks ahead → ok")
    story.let_time_pass("09:07")
    again = [event for event in story.let_time_pass("09:08") if isinstance(event, e.PromiseRevised)]
    assert again == []


def test_time_alone_brings_somebody_near() -> None:
    story = tell("09:00 w1 opens → ok")
    for number in range(1, 9):
        story.tell(f"09:00 p{number} takes A → A{number:03}")
    assert not story.ticket("p6").near
    story.tell("09:00 w2 opens → ok")
    story.tell("09:20 the hall looks ahead → ok")
    quick = structs.replace(
        story.expected,
        calls={
            ticket_id: structs.replace(call, low_at=at("09:31"), likely_at=at("09:40"), high_at=at("09:50"))
            for ticket_id, call in story.expected.calls.items()  # type: ignore[union-attr]
        },
    )
    story.expected = structs.replace(quick, at=at("09:20"))
    story.let_time_pass("09:20")
    assert not story.ticket("p6").near
    story.let_time_pass("09:22")
    assert story.ticket("p6").near


@given(
    st.lists(st.tuples(st.floats(-1e7, 1e7), st.floats(0, 1e7), st.floats(0, 1e7)), min_size=6, max_size=6)
)
@settings(max_examples=50, deadline=None)
def test_no_outlook_however_wrong_makes_a_negative_wait_or_a_refusal(
    waits: list[tuple[float, float, float]],
) -> None:
    story = tell(MORNING)
    seen = looked(story)
    calls = {
        ticket_id: structs.replace(
            call,
            low_at=story.now + timedelta(seconds=low),
            likely_at=story.now + timedelta(seconds=low + more),
            high_at=story.now + timedelta(seconds=low + more + most),
        )
        for (ticket_id, call), (low, more, most) in zip(seen.calls.items(), waits, strict=True)
    }
    wrong = structs.replace(seen, calls=calls, lines={"A": [*calls.values()]})
    _, hall = decide(story.hall, c.CancelTicket(story.people["ann"]), story.now, wrong)
    for ticket in hall.tickets.values():
        wait = wait_of(hall, wrong, ticket, story.now)
        assert wait is not None
        assert 0 <= wait.low_minutes <= wait.likely_minutes <= wait.high_minutes


# ── What a hall has learned ──────────────────────────────────────────────────────────────────────


def day_of_services(minutes: int = 4) -> Story:
    story = Story()
    story.tell("09:00 w1 opens → ok")
    for number in range(20):
        begin = at("09:00") + timedelta(minutes=20 * number)
        clock = begin.strftime("%H:%M")
        start = (begin + timedelta(minutes=1)).strftime("%H:%M")
        end = (begin + timedelta(minutes=1 + minutes)).strftime("%H:%M")
        story.tell(f"{clock} p{number} takes A → A{number + 1:03}")
        story.tell(f"{clock} w1 calls → A{number + 1:03} (turn)")
        story.tell(f"{start} w1 starts → ok")
        story.tell(f"{end} w1 completes → ok")
    return story


def test_a_day_teaches_how_long_services_take_and_by_whom() -> None:
    known = of_day("h1", 1, day_of_services().events)
    (spell,) = known.served["A"][""].values()
    assert (spell.count, spell.seconds) == (20, 20 * 240)
    assert (known.shows["A"].called, known.ways.count, known.ways.seconds) == (20, 20, 20 * 60)


def test_learning_twice_is_learning_once() -> None:
    events = day_of_services().events
    assert of_day("h1", 1, events) == of_day("h1", 1, events)


def test_what_was_learned_shortens_what_is_expected() -> None:
    quick = of_day("h1", 1, day_of_services(minutes=2).events)
    story = tell(MORNING)
    before = wait_of(story.hall, looked(story), story.ticket("fay"), story.now)
    after = wait_of(story.hall, looked(story, of_all([quick] * 3)), story.ticket("fay"), story.now)
    assert before is not None
    assert after is not None
    assert after.likely_minutes < before.likely_minutes


def test_older_days_count_less() -> None:
    slow, quick = (of_day("h1", 1, day_of_services(minutes=m).events) for m in (8, 2))
    spell = of_all([slow] * 60 + [quick] * 60).served["A"][""]
    (now,) = spell.values()
    assert now.seconds / now.count < 180


def test_a_hall_that_forgets_begins_with_its_defaults() -> None:
    story = day_of_services()
    story.ask(c.ForgetExperience("the office moved", by="manager:m1"), at("17:00"))
    assert story.hall.queues["A"].mean_seconds == 600
    known = of_all([of_day("h1", 1, day_of_services().events), of_day("h1", 1, story.events)])
    assert known.served == {}
    assert Routine(known).no_show("A") == Routine().no_show("A")


def test_a_clerk_of_whom_little_is_known_has_nearly_everybodys_pace() -> None:
    known = Experience(served={"A": {"M1": {"old": Spell(100, 60_000), "new": Spell(1, 3000)}}})
    routine = Routine(known)
    assert 0.9 < routine.clerk("old") < 1.1
    assert 1.0 < routine.clerk("new") < 1.6
    assert routine.clerk("nobody") == 1.0


@pytest.mark.parametrize(
    ("off", "width"),
    [([30, 30, 20, 10, 5, 5, 0, 0, 0, 0], "narrower"), ([0, 0, 0, 10, 10, 20, 60, 0, 0, 0], "wider")],
)
def test_ranges_that_missed_get_wider_and_ranges_that_held_narrower(off: list[float], width: str) -> None:
    routine = Routine(Experience(kept=Kept(told=sum(off), off=off)))
    assert (routine.width > 1) == (width == "wider")


@pytest.mark.parametrize("mean_seconds", [0.0, 1.0, 1e6])
def test_a_mean_of_nothing_or_of_days_gives_a_wide_range_and_no_crash(mean_seconds: float) -> None:
    story = tell(MORNING)
    queue = structs.replace(story.hall.queues["A"], mean_seconds=mean_seconds)
    hall = structs.replace(story.hall, queues={**story.hall.queues, "A": queue})
    empty = Experience(
        served={"A": {"": {"c": Spell(0, 0)}}},
        services={"A": Ages()},
        shows={"A": Shows()},
        kept=Kept(told=3),
    )
    for experience in (None, empty):
        seen = outlook(hall, Routine(experience), story.now, np.random.default_rng(1))
        for call in seen.calls.values():
            assert story.now <= call.low_at <= call.likely_at <= call.high_at


def test_a_clock_that_jumps_back_gives_nobody_a_negative_wait() -> None:
    story = tell(MORNING)
    seen = outlook(story.hall, Routine(), at("08:00"), luck_of(story.hall))
    wait = wait_of(story.hall, seen, story.ticket("fay"), at("08:00"))
    assert wait is not None
    assert wait.low_minutes >= 0


def test_a_day_without_a_finished_service_teaches_nothing_and_breaks_nothing() -> None:
    known = of_day("h1", 1, tell(MORNING).events)
    assert known.served == {}
    assert known.first_on == DAY
    assert Routine(known).width == 1.0
