"""Whatever is tried with a case, in whatever order and by whomever, its rules hold."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from queue_server.cases.core import stages
from queue_server.cases.core.checklist import debts, gaps
from queue_server.cases.core.deadlines import due, paused_days
from queue_server.cases.core.model import (
    ENDED,
    Actor,
    Case,
    Fault,
    Mark,
    PauseReason,
    RefusalReason,
    Stage,
    Step,
    When,
)
from queue_server.kit.rejections import Rejected

from .stories import ALL_HATS, CLERK, COLLEAGUE, MANAGER, OTHER_REVIEWER, REVIEWER, TRAINEE, draft, on

START = date(2026, 9, 14)  # Two weeks before a make-up Sunday, Mid-autumn and the National Day.
Try = Callable[[Case, Actor, When], Step]

marks = st.sampled_from([None, *Mark])
faults = st.sampled_from([None, Fault.EXPIRED])
booleans = st.booleans()


def ticks(place: int, mark: Mark | None, fault: Fault | None) -> Try:
    return lambda case, actor, _: stages.tick(case, actor, place, mark, fault=fault)


def accepts(days: int | None) -> Try:
    return lambda case, actor, now: stages.accept(
        case, actor, now, supply_on=None if days is None else now.on + timedelta(days=days)
    )


def decides(approved: bool, handed_over: bool) -> Try:
    return lambda case, actor, now: stages.decide(
        case, actor, now, approved=approved, note="why", handed_over=handed_over
    )


def hands_over(way: str) -> Try:
    return lambda case, actor, now: stages.hand_over(case, actor, now, way, "JY1")


TRIES: st.SearchStrategy[Try] = st.one_of(
    st.builds(ticks, st.integers(0, 4), marks, faults),
    st.just(lambda case, actor, now: stages.receive(case, actor, now, "H1-2026-000001")),
    st.just(stages.notify),
    st.just(lambda case, actor, now: stages.approve_second_notice(case, MANAGER, now, "why")),
    st.builds(accepts, st.one_of(st.none(), st.integers(-1, 9))),
    st.just(lambda case, actor, now: stages.refuse(case, actor, now, RefusalReason.NOT_ELIGIBLE, "why")),
    st.just(stages.take_up),
    st.just(lambda case, actor, now: stages.pause(case, actor, now, PauseReason.HEARING, "why")),
    st.just(stages.resume),
    st.builds(decides, booleans, booleans),
    st.just(lambda case, actor, now: stages.announce(case, actor, now, "3842 0197")),
    st.just(lambda case, actor, _: stages.post(case, actor, "EMS", "EX123456785CN")),
    st.just(lambda case, actor, _: stages.come_back(case, actor)),
    st.builds(hands_over, st.sampled_from(["desk", "mail", "electronic"])),
    st.just(stages.withdraw),
    st.just(lambda case, _, now: stages.terminate(case, now)),
)
ACTORS = st.sampled_from([CLERK, CLERK, COLLEAGUE, TRAINEE, REVIEWER, REVIEWER, OTHER_REVIEWER, ALL_HATS])
EVERYTHING_THERE = [ticks(place, Mark.PRESENT, None) for place in range(4)]
BEGINNINGS = st.sampled_from([0, 4, 5, 6, 7])


@settings(deadline=None)  # A busy machine is no fault of a case.
@given(
    immediate=booleans,
    head_start=BEGINNINGS,
    steps=st.lists(st.tuples(TRIES, ACTORS, st.integers(0, 4)), max_size=40),
)
def test_no_order_of_steps_breaks_a_case(
    immediate: bool, head_start: int, steps: list[tuple[Try, Actor, int]]
) -> None:
    case = draft("immediate" if immediate else "committed")
    usual: list[Try] = [
        *EVERYTHING_THERE,
        lambda case, actor, now: stages.receive(case, actor, now, "H1-2026-000001"),
        accepts(None),
        stages.take_up,
    ]
    told = [(each, REVIEWER if place == 6 else CLERK, 0) for place, each in enumerate(usual[:head_start])]
    day = START
    for attempt, actor, days in [*told, *steps]:
        day += timedelta(days=days)
        before = case
        with suppress(Rejected):
            case = attempt(case, actor, on(day)).case
        check(before, case, day)


def check(before: Case, case: Case, day: date) -> None:
    """What must be true of every case, and of every step."""
    assert case.version - before.version in (0, 1)
    assert case is before or before.stage not in ENDED, "nothing happens to a case that has ended"
    if case.stage is not Stage.DRAFT and case.stage is not Stage.WITHDRAWN:
        assert case.receipt_no is not None
    if case.accepted is not None:
        assert all(item.mark is not None for item in case.items)
        assert len(gaps(case.items)) == len(debts(case)), "a gap after acceptance is a debt"
    if case.decision is not None:
        assert case.accepted is not None
        assert not debts(case)
        if not case.subject.immediate:
            assert case.decision.by.id != case.accepted.id, "nobody both accepts and decides"
    bound = [case.accepted, case.decision and case.decision.by, *(notice.by for notice in case.notices)]
    assert TRAINEE.id not in [each.id for each in bound if each is not None]
    assert all(notice.approved_by is not None for notice in case.notices[1:])
    told = due(case, day)
    if told is not None and case.counted_from is not None:
        assert paused_days(case, day) >= 0
        assert told.left_days is not None
        assert told.left_days >= 0, "a clock never runs below zero"
        assert told.on is not None
        assert told.on >= case.counted_from
