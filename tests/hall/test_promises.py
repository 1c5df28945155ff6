"""What citizens are told at issue is kept, and a difference is explained with true values."""

from dataclasses import asdict
from datetime import timedelta

from queue_server.hall.core.model import Rules
from queue_server.hall.core.promises import Because, Cause, Revision, revision

from .story import Story, opening, tell

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


def told(story: Story, who: str) -> Revision | None:
    return revision(story.hall, None, story.ticket(who), story.now)


def why(story: Story, who: str) -> list[tuple[Because, int, int]]:
    found = told(story, who)
    assert found is not None
    return [(cause.because, cause.was, cause.now) for cause in found.causes]


def test_a_ticket_carries_the_first_promise_and_what_it_was_reckoned_from() -> None:
    story = tell(MORNING)
    promise = story.ticket("fay").promise
    assert promise is not None
    assert (promise.ahead, promise.windows, promise.mean_seconds) == (5, 2, 600.0)
    minutes = [(at - promise.made_at) / timedelta(minutes=1) for at in (promise.low_at, promise.high_at)]
    assert minutes == [16, 41]
    assert story.events[-1].promise == promise  # type: ignore[union-attr]


def test_nothing_is_promised_while_no_window_is_open() -> None:
    story = tell("09:00  ann takes A → A001")
    assert story.ticket("ann").promise is None
    assert told(story, "ann") is None


def test_as_long_as_the_promise_holds_nothing_is_explained() -> None:
    story = tell(MORNING)
    story.tell("09:05  w1 calls → A001 (turn)")
    assert told(story, "fay") is None


def test_the_promise_is_not_overwritten_when_things_change() -> None:
    story = tell(MORNING)
    promise = story.ticket("fay").promise
    story.tell("""
        09:01  w1 closes       → ok
        09:02  fay defers 1    → nobody_behind
        09:03  emil cancels    → ok
    """)
    assert story.ticket("fay").promise == promise


def test_a_window_that_closes_is_the_reason_with_how_many_there_were_and_are() -> None:
    story = tell(MORNING)
    story.tell("09:10  w1 closes → ok")
    assert told(story, "fay") == Revision(True, (Cause(Because.FEWER_WINDOWS, 2, 1),))


def test_a_pause_is_named_by_its_window() -> None:
    story = tell(MORNING)
    story.tell("09:10  w2 pauses → ok")
    found = told(story, "fay")
    assert found is not None
    (cause,) = found.causes
    assert (cause.because, cause.was, cause.now) == (Because.FEWER_WINDOWS, 2, 1)
    assert [window.id for window in cause.paused] == ["w2"]


def test_more_windows_make_it_earlier() -> None:
    story = tell(MORNING.replace("    09:00  w2 opens        → ok\n", ""))
    story.tell("09:01 w2 opens → ok\n 09:01 w3 opens → ok")
    found = told(story, "fay")
    assert found == Revision(False, (Cause(Because.MORE_WINDOWS, 1, 3),))


def test_longer_services_are_the_reason_in_minutes() -> None:
    story = tell(MORNING)
    for person, from_minute, number in (("ann", 0, "A001"), ("ben", 30, "A002")):
        del person
        story.tell(f"""
            09:{from_minute:02}  w1 calls      → {number} (turn)
            09:{from_minute:02}  w1 starts     → ok
            09:{from_minute + 29}  w1 completes  → ok
        """)
    assert why(story, "fay") == [(Because.SLOWER, 10, 14)]


def test_people_with_priority_are_a_reason_and_only_counted() -> None:
    story = tell(MORNING)
    story.tell("""
        09:05  gina takes A as elderly  → L001
        09:05  hugo takes A as ill      → L002
        09:05  ines takes A as ill      → L003
        09:05  jana takes A as pregnant → L004
    """)
    assert why(story, "fay") == [(Because.WENT_BEFORE, 0, 4)]


def test_who_lets_others_pass_reads_that_as_the_reason() -> None:
    story = tell(MORNING)
    story.tell("""
        09:01  ann defers 5   → ok
        09:01  ann stands     → 5
    """)
    assert why(story, "ann") == [(Because.YOU_DEFERRED, 0, 1)]


def test_who_comes_back_after_a_missed_call_reads_that_as_the_reason() -> None:
    story = tell(MORNING)
    story.tell("""
        09:02  w1 calls       → A001 (turn)
        09:06  w1 gives up    → missed
        09:20  ann returns    → ok
    """)
    assert why(story, "ann") == [(Because.YOU_RETURNED, 0, 1)]


def test_who_was_sent_on_reads_that_as_the_reason() -> None:
    story = tell(MORNING)
    story.tell("""
        09:01  w4 opens             → ok
        09:02  w1 calls             → A001 (turn)
        09:03  w1 starts            → ok
        09:30  w1 transfers to B    → ok
    """)
    assert why(story, "ann") == [(Because.TRANSFERRED, 0, 1)]


def test_a_later_leg_begins_without_a_promise() -> None:
    story = tell("""
        09:00  w1 opens       → ok
        09:00  w4 opens       → ok
        09:00  ann takes A+B  → A001
        09:00  w1 calls       → A001 (turn)
        09:01  w1 starts      → ok
        09:05  w1 completes   → ok
    """)
    assert story.ticket("ann").promise is None


def test_when_nothing_else_changed_the_line_itself_was_slower() -> None:
    story = tell(MORNING)
    story.tell("09:40  w1 calls → A001 (turn)")
    assert why(story, "fay") == [(Because.LINE_SLOWER, 0, 0)]


def test_when_people_leave_the_line_was_faster() -> None:
    story = tell(MORNING)
    story.tell("""
        09:01  ann cancels   → ok
        09:01  ben cancels   → ok
        09:01  cleo cancels  → ok
        09:01  dora cancels  → ok
        09:01  emil cancels  → ok
    """)
    found = told(story, "fay")
    assert found == Revision(False, (Cause(Because.LINE_FASTER),))


def test_two_causes_are_enough() -> None:
    story = tell(MORNING, opening(rules=Rules(misses_itself=False, defers_max=5)))
    story.tell("""
        09:01  ann defers 5              → ok
        09:02  w2 closes                 → ok
        09:03  gina takes A as elderly   → L001
    """)
    assert [because for because, _, _ in why(story, "ann")] == [Because.YOU_DEFERRED, Because.FEWER_WINDOWS]


def test_who_was_called_has_nothing_to_be_explained() -> None:
    story = tell(MORNING)
    story.tell("09:45  w1 calls → A001 (turn)")
    assert told(story, "ann") is None
    assert asdict(Cause(Because.SLOWER))["paused"] == ()
