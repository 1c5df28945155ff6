"""What may be done with a case, when, and by whom."""

from datetime import date, timedelta

import pytest

from queue_server.calendar.core import CHINA, YearNotPublished, is_workday
from queue_server.cases.core import rejections as no
from queue_server.cases.core import stages
from queue_server.cases.core.checklist import debts
from queue_server.cases.core.deadlines import due
from queue_server.cases.core.model import Mark, PauseReason, RefusalReason, Stage

from .stories import (
    ALL_HATS,
    CLERK,
    COLLEAGUE,
    MANAGER,
    MONDAY,
    OTHER_REVIEWER,
    PERMIT,
    REVIEWER,
    TRAINEE,
    accepted,
    draft,
    looked_at,
    on,
    received,
)

HERE, GONE = Mark.PRESENT, Mark.MISSING
COMPLETE = (HERE, HERE, HERE, HERE)
NO_PLAN = (HERE, HERE, GONE, HERE)  # The plan may come later.
NO_FORM = (GONE, HERE, GONE, HERE)  # The application may not.
FRIDAY = MONDAY + timedelta(days=4)


def test_an_e_licence_stands_in_for_paper_before_anybody_has_looked() -> None:
    assert [item.mark for item in draft().items] == [None, Mark.LICENCE, None, None]


def test_the_scenario_chooses_the_checklist_and_what_was_looked_at_stays() -> None:
    case = looked_at(draft(), [HERE])
    changed = stages.choose(case, CLERK, PERMIT, PERMIT.scenarios[1]).case
    assert [(item.name_zh, item.mark) for item in changed.items] == [
        ("申请书", HERE),
        ("营业执照", Mark.LICENCE),
        ("平面图", None),
    ]


def test_the_history_names_each_material_whatever_becomes_of_the_list() -> None:
    told = stages.tick(draft(), CLERK, 0, HERE).details
    assert told == {"material": {"zh": "申请书", "en": "Application"}, "mark": HERE}


def test_nobody_leaves_without_a_receipt_and_none_is_given_before_every_material_was_looked_at() -> None:
    with pytest.raises(no.Unchecked):
        stages.receive(draft(), CLERK, on(MONDAY), "H1-2026-000001")
    assert received(draft(), *NO_FORM).receipt_no == "H1-2026-000001"


def test_one_notice_names_every_gap() -> None:
    case = stages.notify(received(draft(), *NO_FORM), CLERK, on(MONDAY)).case
    assert [item.name_zh for item in case.notices[0].gaps] == ["申请书", "平面图"]
    assert case.notices[0].due_on == date(2026, 12, 7)


def test_a_second_notice_needs_a_manager_and_is_a_breach_even_so() -> None:
    case = stages.notify(received(draft(), *NO_FORM), CLERK, on(MONDAY)).case
    with pytest.raises(no.SecondNotice):
        stages.notify(case, CLERK, on(FRIDAY))
    case = stages.approve_second_notice(case, MANAGER, on(FRIDAY), "规定有变").case
    again = stages.notify(case, CLERK, on(FRIDAY))
    assert (again.details["breach"], again.case.notices[1].approved_by.id) == (True, MANAGER.id)  # type: ignore[union-attr]
    with pytest.raises(no.SecondNotice):
        stages.notify(again.case, CLERK, on(FRIDAY))


def test_what_was_notified_and_then_brought_is_accepted() -> None:
    case = stages.notify(received(draft(), *NO_FORM), CLERK, on(MONDAY)).case
    case = stages.accept(looked_at(case, COMPLETE), CLERK, on(FRIDAY)).case
    assert (case.stage, case.counted_from) == (Stage.ACCEPTED, FRIDAY)


def test_whoever_was_told_nothing_for_more_than_five_working_days_counts_as_accepted_from_the_first() -> None:
    late = MONDAY + timedelta(days=8)
    case = stages.accept(received(draft()), CLERK, on(late)).case
    assert case.counted_from == MONDAY


def test_a_gap_that_is_not_tolerable_stops_the_acceptance() -> None:
    with pytest.raises(no.NotTolerable):
        stages.accept(received(draft(), *NO_FORM), CLERK, on(MONDAY), supply_on=FRIDAY)


def test_a_tolerable_gap_is_accepted_against_a_promise_within_the_limit() -> None:
    case = received(draft(), *NO_PLAN)
    with pytest.raises(no.PromiseNeeded):
        stages.accept(case, CLERK, on(MONDAY))
    for unfit in (MONDAY, FRIDAY + timedelta(days=1), MONDAY + timedelta(days=8)):
        with pytest.raises(no.PromiseDayUnfit):
            stages.accept(case, CLERK, on(MONDAY), supply_on=unfit)
    with pytest.raises(no.PromiseBroken):
        stages.accept(case, CLERK, on(MONDAY), supply_on=FRIDAY, broke_a_promise=True)
    case = stages.accept(case, CLERK, on(MONDAY), supply_on=FRIDAY).case
    assert [item.name_zh for item in debts(case)] == ["平面图"]


def test_nothing_is_decided_while_a_debt_is_open_and_what_comes_later_settles_it() -> None:
    case = stages.take_up(accepted(draft(), *NO_PLAN, supply_on=FRIDAY), REVIEWER, on(MONDAY)).case
    with pytest.raises(no.DebtsOpen):
        stages.decide(case, REVIEWER, on(MONDAY), approved=True)
    with pytest.raises(no.CaseElsewhere):
        stages.tick(case, CLERK, 0, Mark.MISSING)  # What was there is not asked for again.
    settled = stages.tick(case, CLERK, 2, HERE)
    assert settled.details["settled"] is True
    assert stages.decide(settled.case, REVIEWER, on(FRIDAY), approved=True).case.stage is Stage.DECIDED


def test_a_broken_promise_ends_the_case() -> None:
    case = accepted(draft(), *NO_PLAN, supply_on=FRIDAY)
    with pytest.raises(no.CaseElsewhere):
        stages.terminate(case, on(FRIDAY))
    saturday = on(FRIDAY + timedelta(days=1))
    assert stages.terminate(case, saturday).case.stage is Stage.TERMINATED


def test_a_refusal_gives_its_reason() -> None:
    case = received(draft())
    with pytest.raises(no.ReasonMissing):
        stages.refuse(case, CLERK, on(MONDAY), RefusalReason.NOT_COMPETENT, "")
    refused = stages.refuse(case, CLERK, on(MONDAY), RefusalReason.NOT_COMPETENT, "请到省级部门办理").case
    assert refused.stage is Stage.REFUSED


# ── Who ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_trainee_prepares_and_the_mentor_finishes() -> None:
    case = looked_at(draft(), COMPLETE, TRAINEE)
    case = stages.receive(case, TRAINEE, on(MONDAY), "H1-2026-000001").case
    with pytest.raises(no.MentorFinishes) as refused:
        stages.accept(case, TRAINEE, on(MONDAY))
    assert refused.value.facts == {"mentor": "王秀英"}
    assert stages.accept(case, CLERK, on(MONDAY)).case.accepted.id == CLERK.id  # type: ignore[union-attr]


def test_an_immediate_matter_is_decided_and_handed_over_where_it_was_accepted() -> None:
    case = accepted(draft("immediate"))
    closed = stages.decide(case, CLERK, on(MONDAY), approved=True, handed_over=True).case
    assert (closed.stage, closed.closed.id) == (Stage.CLOSED, CLERK.id)  # type: ignore[union-attr]


def test_nobody_accepts_and_decides_any_other_matter() -> None:
    case = received(draft())
    case = stages.accept(case, ALL_HATS, on(MONDAY)).case
    with pytest.raises(no.AccepterDecides):
        stages.take_up(case, ALL_HATS, on(MONDAY))
    with pytest.raises(no.NotReviewer):
        stages.take_up(case, COLLEAGUE, on(MONDAY))


def test_one_reviewer_answers_for_a_case() -> None:
    case = stages.take_up(accepted(draft()), REVIEWER, on(MONDAY)).case
    with pytest.raises(no.AnotherReviews):
        stages.decide(case, OTHER_REVIEWER, on(MONDAY), approved=True)
    with pytest.raises(no.ReasonMissing):
        stages.decide(case, REVIEWER, on(MONDAY), approved=False)
    assert (
        stages.decide(case, REVIEWER, on(MONDAY), approved=False, note="面积不足").case.decision is not None
    )


# ── When ─────────────────────────────────────────────────────────────────────────────────────────


def test_the_limit_is_counted_in_working_days_from_the_day_after_acceptance() -> None:
    case = accepted(
        draft(), day=date(2026, 9, 24)
    )  # Mid-autumn, a make-up Sunday before, the National Day after.
    assert due(case, date(2026, 9, 24)).on == date(2026, 10, 9)  # type: ignore[union-attr]


def test_a_pause_moves_the_day_by_exactly_its_working_days() -> None:
    case = stages.take_up(accepted(draft()), REVIEWER, on(MONDAY)).case
    assert due(case, MONDAY).on == date(2026, 11, 30)  # type: ignore[union-attr]
    tuesday, thursday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=3)
    case = stages.pause(case, REVIEWER, on(tuesday), PauseReason.SITE_VISIT, "").case
    assert due(case, thursday).color == "paused"  # type: ignore[union-attr]
    with pytest.raises(no.ClockPaused):
        stages.decide(case, REVIEWER, on(thursday), approved=True)
    case = stages.resume(case, REVIEWER, on(thursday)).case
    assert due(case, thursday).on == date(2026, 12, 2)  # type: ignore[union-attr]


def test_a_pause_that_ends_on_its_day_costs_nothing() -> None:
    case = stages.take_up(accepted(draft()), REVIEWER, on(MONDAY)).case
    case = stages.pause(case, REVIEWER, on(MONDAY), PauseReason.HEARING, "").case
    case = stages.resume(case, REVIEWER, on(MONDAY)).case
    assert due(case, MONDAY).on == date(2026, 11, 30)  # type: ignore[union-attr]


def test_a_limit_that_crosses_an_unknown_year_is_flagged_and_not_guessed() -> None:
    case = accepted(draft(), day=date(2026, 12, 29))
    told = due(case, date(2026, 12, 29))
    assert told is not None
    assert (told.on, told.unknown_year) == (None, 2027)


def test_a_promise_within_a_limit_that_nobody_can_tell_ends_in_the_year_that_is_known() -> None:
    case = received(draft(), *NO_PLAN, day=date(2026, 12, 29))
    with pytest.raises((no.PromiseDayUnfit, YearNotPublished)):
        stages.accept(case, CLERK, on(date(2026, 12, 29)), supply_on=date(2027, 1, 5))
    promised = stages.accept(case, CLERK, on(date(2026, 12, 29)), supply_on=date(2026, 12, 31)).case
    assert promised.stage is Stage.ACCEPTED
    assert is_workday(date(2026, 12, 31), CHINA)
