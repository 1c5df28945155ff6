"""When a clerk is unsure: a question to the department, an answer, and what one went by."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from queue_server.cases.core import rejections as no
from queue_server.cases.core import stages, support
from queue_server.cases.core.model import Case, Point, Stage, When

from .stories import CLERK, COLLEAGUE, MONDAY, OTHER_REVIEWER, REVIEWER, accepted, draft, on

WIRING = Point("操作间布局", "Kitchen layout", "看图", "Read the plan", "生熟分开", "Raw apart from cooked")
STORAGE = Point("食品贮存", "Storage", "看图", "Read the plan", "离地离墙", "Off the floor")


def later(minutes: float) -> When:
    return When(on(MONDAY).at + timedelta(minutes=minutes), MONDAY)


def under_review() -> Case:
    return stages.take_up(accepted(draft()), REVIEWER, on(MONDAY), (WIRING, STORAGE)).case


# ── A question from the window ───────────────────────────────────────────────────────────────────


def test_the_minutes_between_a_question_and_its_answer_are_kept_in_the_history() -> None:
    asked = support.ask(draft(), CLERK, on(MONDAY), "隔油池要不要标？").case
    assert support.waits_since(asked) == on(MONDAY).at
    told = support.answer(asked, REVIEWER, later(2), 0, "要标。")
    assert (told.name, told.details["minutes"], support.waits_since(told.case)) == ("answered", 2.0, None)


def test_the_first_answer_stands_and_the_second_is_told_whose_it_was() -> None:
    asked = support.ask(draft(), CLERK, on(MONDAY), "隔油池要不要标？").case
    answered = support.answer(asked, REVIEWER, later(2), 0, "要标。").case
    with pytest.raises(no.QuestionAnswered) as refused:
        support.answer(answered, OTHER_REVIEWER, later(3), 0, "不用标。")
    assert refused.value.facts == {"name": REVIEWER.name}


def test_a_window_waits_for_its_answers_before_it_asks_more_and_more() -> None:
    case = draft()
    for number in range(support.OPEN_MAX):
        case = support.ask(case, CLERK, on(MONDAY), f"问题{number}").case
    with pytest.raises(no.QuestionsOpenMax):
        support.ask(case, CLERK, on(MONDAY), "还有一个")
    with pytest.raises(no.QuestionUnknown):
        support.answer(case, REVIEWER, on(MONDAY), support.OPEN_MAX, "没有这条")


def test_nothing_is_asked_about_a_case_that_has_ended_and_nobody_is_waited_for() -> None:
    asked = support.ask(draft(), CLERK, on(MONDAY), "隔油池要不要标？").case
    ended = stages.withdraw(asked, CLERK, on(MONDAY)).case
    assert support.waits_since(ended) is None
    with pytest.raises(no.CaseElsewhere):
        support.ask(ended, CLERK, on(MONDAY), "还要问")


# ── What one went by ─────────────────────────────────────────────────────────────────────────────


def test_a_case_keeps_which_version_was_cited_and_does_so_once() -> None:
    cited = support.cite(draft(), CLERK, on(MONDAY), entry=7, version=2, zh="平面图怎么画", en="")
    assert cited.details["entry_version"] == 2
    with pytest.raises(no.AlreadyCited):
        support.cite(cited.case, COLLEAGUE, on(MONDAY), entry=7, version=2, zh="平面图怎么画", en="")
    newer = support.cite(cited.case, CLERK, on(MONDAY), entry=7, version=3, zh="平面图怎么画", en="")
    assert [each.entry_version for each in newer.case.citations] == [2, 3]


def test_an_answer_can_be_cited_and_nothing_before_it_is_there() -> None:
    asked = support.ask(draft(), CLERK, on(MONDAY), "隔油池要不要标？").case
    with pytest.raises(no.AnswerMissing):
        support.cite_answer(asked, CLERK, on(MONDAY), 0)
    answered = support.answer(asked, REVIEWER, later(2), 0, "要标。").case
    (citation,) = support.cite_answer(answered, CLERK, later(3), 0).case.citations
    assert (citation.question, citation.title_zh) == (0, "隔油池要不要标？")


# ── Review points ────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_decided_while_a_review_point_has_not_been_judged() -> None:
    case = stages.judge(under_review(), REVIEWER, 0, True).case
    for approved in (True, False):
        with pytest.raises(no.PointsUnjudged) as refused:
            stages.decide(case, REVIEWER, on(MONDAY), approved=approved, note="理由")
        assert refused.value.facts == {"count": 1}


def test_a_point_that_is_not_met_says_why_and_the_case_can_only_be_denied() -> None:
    with pytest.raises(no.CommentMissing):
        stages.judge(under_review(), REVIEWER, 1, False)
    case = stages.judge(under_review(), REVIEWER, 0, True).case
    case = stages.judge(case, REVIEWER, 1, False, "贮存区未标注").case
    with pytest.raises(no.PointFailed) as refused:
        stages.decide(case, REVIEWER, on(MONDAY), approved=True)
    assert refused.value.in_chinese == "审查要点“食品贮存”不符合，不能批准。"
    denied = stages.decide(case, REVIEWER, on(MONDAY), approved=False, note="贮存不合要求")
    assert denied.details["points"] == [
        {"item": {"zh": "操作间布局", "en": "Kitchen layout"}, "passed": True, "note": ""},
        {"item": {"zh": "食品贮存", "en": "Storage"}, "passed": False, "note": "贮存区未标注"},
    ]


def test_only_whoever_reviews_the_case_judges_its_points() -> None:
    with pytest.raises(no.AnotherReviews):
        stages.judge(under_review(), OTHER_REVIEWER, 0, True)
    with pytest.raises(no.AccepterDecides):
        stages.judge(under_review(), CLERK, 0, True)
    with pytest.raises(no.PointUnknown):
        stages.judge(under_review(), REVIEWER, 2, True)


def test_a_point_that_was_not_met_can_be_judged_again_once_it_is() -> None:
    case = stages.judge(under_review(), REVIEWER, 0, False, "缺标注").case
    case = stages.judge(case, REVIEWER, 0, True).case
    case = stages.judge(case, REVIEWER, 1, True).case
    assert case.points[0] == replace(WIRING, passed=True)
    assert stages.decide(case, REVIEWER, on(MONDAY), approved=True).case.stage is Stage.DECIDED
