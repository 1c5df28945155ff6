"""Departments side by side on one case: each decides for itself, one notice for all, one decision in the end."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from queue_server.cases.core import joint, stages
from queue_server.cases.core import rejections as no
from queue_server.cases.core.deadlines import due, paused_days
from queue_server.cases.core.model import Actor, Case, Fault, Mark, PauseReason, Stage, Step
from queue_server.cases.core.tasks import Branch, due_of_task
from queue_server.kit.rejections import Rejected

from .stories import CLERK, MANAGER, MONDAY, REVIEWER, draft, on, received

FLOW = (Branch("规划国土局", "Planning", 2), Branch("住建局", "Housing", 4))
PLANNER = Actor("r03", "规划", reviewer=True, departments=("规划国土局",))
BUILDER = Actor("r07", "住建", reviewer=True, departments=("住建局",))
TUESDAY, FRIDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=4)


def dispatched() -> Case:
    """A case as it is accepted, with a task for each department."""
    step = stages.accept(received(draft()), CLERK, on(MONDAY))
    return joint.dispatched(step, FLOW).case


def under_way() -> Case:
    """The same once everybody has begun."""
    case = stages.take_up(dispatched(), REVIEWER, on(MONDAY)).case
    case = joint.take(case, PLANNER, on(MONDAY), 0).case
    return joint.take(case, BUILDER, on(MONDAY), 1).case


def test_acceptance_gives_each_department_its_task_with_its_own_limit() -> None:
    case = dispatched()
    days = [due_of_task(case, task, MONDAY) for task in case.tasks]
    assert [each.on for each in days if each is not None] == [date(2026, 11, 25), date(2026, 11, 27)]
    assert due(case, MONDAY).on == date(2026, 11, 30)  # type: ignore[union-attr]


def test_a_department_works_on_its_own_task_and_on_no_other() -> None:
    with pytest.raises(no.NotYourDepartment):
        joint.take(dispatched(), BUILDER, on(MONDAY), 0)
    with pytest.raises(no.TaskNotTaken):
        joint.give(dispatched(), PLANNER, on(MONDAY), 0, agreed=True)


def test_whoever_accepted_the_case_ends_none_of_its_tasks() -> None:
    both = replace(PLANNER, id=CLERK.id)
    with pytest.raises(no.AccepterDecides):
        joint.take(dispatched(), both, on(MONDAY), 0)


def test_the_lead_decides_when_all_have_ended_and_approves_only_if_all_agree() -> None:
    case = under_way()
    case = joint.give(case, PLANNER, on(MONDAY), 0, agreed=True).case
    with pytest.raises(no.TasksOpen):
        stages.decide(case, REVIEWER, on(MONDAY), approved=True)
    with pytest.raises(no.ReasonMissing):
        joint.give(case, BUILDER, on(MONDAY), 1, agreed=False)
    last = joint.give(case, BUILDER, on(MONDAY), 1, agreed=False, note="通道不足")
    assert last.details["joined"] is True
    with pytest.raises(no.NotAllAgree):
        stages.decide(last.case, REVIEWER, on(MONDAY), approved=True)
    assert stages.decide(last.case, REVIEWER, on(MONDAY), approved=False, note="通道不足").case.decision


def test_an_opinion_stays() -> None:
    case = joint.give(under_way(), PLANNER, on(MONDAY), 0, agreed=True).case
    with pytest.raises(no.TaskEnded):
        joint.give(case, PLANNER, on(MONDAY), 0, agreed=False, note="改")


def test_what_two_departments_lack_is_told_in_one_notice_and_the_clock_waits_for_it() -> None:
    case = joint.lack(under_way(), PLANNER, 0, 2, Fault.INCOMPLETE).case
    with pytest.raises(no.TasksSilent):
        joint.notify(case, REVIEWER, on(TUESDAY))
    for material in (2, 3):
        case = joint.lack(case, BUILDER, 1, material, Fault.EXPIRED).case
    told = joint.notify(case, REVIEWER, on(TUESDAY))
    case = told.case
    assert [item.name_zh for item in case.notices[0].gaps] == ["平面图", "健康证明"]
    with pytest.raises(no.TaskLacks):
        joint.give(case, PLANNER, on(TUESDAY), 0, agreed=True)
    case = joint.supply(case, CLERK, on(FRIDAY), 2, Mark.PRESENT).case
    assert due(case, FRIDAY).color == "paused"  # type: ignore[union-attr]
    case = joint.supply(case, CLERK, on(FRIDAY), 3, Mark.PRESENT).case
    assert paused_days(case, FRIDAY) == 3
    assert joint.give(case, PLANNER, on(FRIDAY), 0, agreed=True).case.tasks[0].opinion is not None
    case = joint.lack(case, PLANNER, 0, 2, Fault.INCOMPLETE).case
    case = joint.lack(case, BUILDER, 1, 2, Fault.INCOMPLETE).case
    with pytest.raises(no.SecondNotice):
        joint.notify(case, REVIEWER, on(FRIDAY))


def test_a_joint_site_visit_stops_the_clock_of_case_and_tasks_for_exactly_its_days() -> None:
    case = stages.pause(under_way(), REVIEWER, on(TUESDAY), PauseReason.SITE_VISIT, "三方").case
    case = stages.resume(case, REVIEWER, on(FRIDAY)).case
    assert paused_days(case, FRIDAY) == 3
    assert due(case, FRIDAY).on == date(2026, 12, 3)  # type: ignore[union-attr]
    assert due_of_task(case, case.tasks[0], FRIDAY).on == date(2026, 11, 30)  # type: ignore[union-attr]


def test_when_a_certificate_has_expired_the_stand_in_goes_on() -> None:
    case = under_way()
    with pytest.raises(no.DeciderLapsed):
        joint.give(case, replace(PLANNER, lapsed="规划B岗"), on(MONDAY), 0, agreed=True)
    other = replace(PLANNER, id="r06", name="规划B岗")
    with pytest.raises(no.AnotherReviews):
        joint.give(case, other, on(MONDAY), 0, agreed=True)
    case = joint.give(case, replace(other, covers=("r03",)), on(MONDAY), 0, agreed=True).case
    assert case.tasks[0].opinion.by.id == "r06"  # type: ignore[union-attr]


# ── Whatever happens ─────────────────────────────────────────────────────────────────────────────

DEEDS = ("take_up", "take", "agree", "against", "lack", "notify", "supply", "pause", "resume", "yes", "no")
BOTH = Actor(CLERK.id, "", reviewer=True, departments=("规划国土局", "住建局"))


def attempt(case: Case, deed: str, actor: Actor, place: int, day: date) -> Step:
    now = on(day)
    match deed:
        case "take_up":
            return stages.take_up(case, actor, now)
        case "take":
            return joint.take(case, actor, now, place)
        case "agree" | "against":
            return joint.give(case, actor, now, place, agreed=deed == "agree", note="why")
        case "lack":
            return joint.lack(case, actor, place, 2 + place, Fault.EXPIRED)
        case "notify":
            return joint.notify(case, actor, now)
        case "supply":
            return joint.supply(case, CLERK, now, 2 + place, Mark.PRESENT)
        case "pause":
            return stages.pause(case, actor, now, PauseReason.SITE_VISIT, "")
        case "resume":
            return stages.resume(case, actor, now)
        case _:
            return stages.decide(case, actor, now, approved=deed == "yes", note="why")


@settings(deadline=None)  # A busy machine is no fault of a case.
@given(
    begun=st.booleans(),
    steps=st.lists(
        st.tuples(
            st.sampled_from(DEEDS),
            st.sampled_from([REVIEWER, PLANNER, BUILDER, BOTH, MANAGER]),
            st.integers(0, 1),
            st.integers(0, 2),
        ),
        max_size=40,
    ),
)
def test_no_order_of_steps_breaks_a_joint_review(
    begun: bool, steps: list[tuple[str, Actor, int, int]]
) -> None:
    case, day, joined = under_way() if begun else dispatched(), MONDAY, 0
    for deed, actor, place, days in steps:
        day += timedelta(days=days)
        with suppress(Rejected):
            step = attempt(case, deed, actor, place, day)
            joined += bool(step.details.get("joined"))
            case = step.case
        if day < date(2026, 12, 1):
            told = due(case, day)
            assert told is not None
            assert (told.left_days or 0) >= 0, "a clock never runs below zero"
        assert paused_days(case, min(day, date(2026, 12, 31))) >= 0
        assert len(case.notices) <= 1, "gaps of every branch are told once"
        ended = [task for task in case.tasks if task.opinion is not None]
        assert joined == (len(ended) == len(case.tasks)), "the join fires once, when all have ended"
        assert CLERK.id not in [task.opinion.by.id for task in ended if task.opinion is not None]
        if case.stage is Stage.DECIDED and case.decision is not None:
            assert joined == 1
            assert case.decision.by.id != CLERK.id
            agreed = all(task.opinion is not None and task.opinion.agreed for task in case.tasks)
            assert agreed or not case.decision.approved
