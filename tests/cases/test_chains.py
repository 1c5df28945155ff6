"""Matters that are applied for together: one form, one day, and members that wait for one another."""

from contextlib import suppress
from dataclasses import replace as with_fields
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from queue_server.cases.core import chains, stages
from queue_server.cases.core import rejections as no
from queue_server.cases.core.chains import Chain, Link, Situation, check_chain, follows, longest_path
from queue_server.cases.core.checklist import checklist
from queue_server.cases.core.deadlines import due, paused_days
from queue_server.cases.core.model import ENDED, Actor, Mark, PauseReason, Stage, Step
from queue_server.catalogue.core import Material, Scenario
from queue_server.kit.rejections import Rejected

from .stories import CLERK, MONDAY, OTHER_REVIEWER, PERMIT, REVIEWER, draft, looked_at, on

ID = Material("身份证明", "Proof of identity", exempt=True)
LICENCE = Material("营业执照", "Business licence")
REGISTER = with_fields(
    PERMIT,
    code="M01",
    name_zh="企业设立登记",
    scenarios=(Scenario("company", "有限公司", "Company"), Scenario("single", "个体", "Single")),
    materials=(
        Material("登记申请书", "Application"),
        ID,
        Material("住所证明", "Premises", tolerable=True),
        Material("章程", "Articles", only=("company",)),
    ),
    committed_days=1,
)
TAX = with_fields(
    REGISTER,
    code="M12",
    name_zh="税务确认",
    department_zh="税务局",
    kind="immediate",
    scenarios=(),
    materials=(LICENCE, ID, Material("票种核定表", "Kinds of invoices")),
    committed_days=3,
)
INSURANCE = with_fields(
    TAX,
    code="M91",
    name_zh="社保登记",
    department_zh="人社局",
    materials=(LICENCE, ID, Material("住所证明", "Premises")),
    committed_days=5,
)
MATTERS = {each.code: each for each in (REGISTER, TAX, INSURANCE)}
COMPANY = Chain(
    "L1",
    "开办企业一件事",
    "Opening a company",
    "M01",
    (Link("M01", gives="营业执照"), Link("M12", ("M01",)), Link("M91", ("M01",))),
    (
        Situation("company", "有限公司", "Company", {"M01": "company"}),
        Situation("single", "个体", "Single", {"M01": "single"}),
    ),
)


class Whole:
    """A chain that has been accepted, and what became of its members."""

    def __init__(self, *, day: date = MONDAY, missing: bool = False) -> None:
        matter = chains.offered(COMPANY, MATTERS)
        assert matter is not None
        case = draft(matter=with_fields(matter, scenarios=matter.scenarios), scenario="company")
        case = replace(
            case,
            id=1,
            items=checklist(matter, "company"),
            members=chains.members(COMPANY, MATTERS, "company"),
        )
        marks = [Mark.MISSING if missing and item.tolerable else Mark.PRESENT for item in case.items]
        case = stages.receive(looked_at(case, marks), CLERK, on(day), "H1-2026-000001").case
        accepted = chains.entered(stages.accept(case, CLERK, on(day)))
        self.master = accepted.case
        parts = chains.split(self.master, ["A" * 12, "B" * 12, "C" * 12])
        self.parts = {part.subject.code: part for part in parts}
        self.told: list[Step] = []

    def does(self, code: str, step: Step, day: date = MONDAY) -> None:
        """One member moves, and whatever follows follows."""
        self.parts[code] = step.case
        self.settles(day)

    def settles(self, day: date) -> None:
        for step in follows(self.master, list(self.parts.values()), on(day)):
            self.told.append(step)
            if step.case.members:
                self.master = step.case
            else:
                self.parts[step.case.subject.code] = step.case

    def decides(self, code: str, *, approved: bool, day: date = MONDAY, by: Actor = REVIEWER) -> None:
        self.does(code, stages.take_up(self.parts[code], by, on(day)), day)
        decided = stages.decide(self.parts[code], by, on(day), approved=approved, note="理由")
        self.does(code, decided, day)

    def hands_over(self, code: str, day: date = MONDAY) -> None:
        self.does(code, stages.announce(self.parts[code], CLERK, on(day), "E006"), day)
        self.does(code, stages.hand_over(self.parts[code], CLERK, on(day), "desk", "1"), day)

    @property
    def stages(self) -> list[str]:
        return [self.master.stage, *(part.stage for part in self.parts.values())]


# ── One form, one day ────────────────────────────────────────────────────────────────────────────


def test_three_and_five_days_side_by_side_are_five_and_one_after_the_other_eight() -> None:
    assert longest_path({"a": 3, "b": 5}, {}) == 5
    assert longest_path({"a": 3, "b": 5}, {"b": ["a"]}) == 8


@given(
    days=st.lists(st.integers(0, 30), min_size=1, max_size=8),
    waits=st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12),
)
def test_the_whole_takes_as_long_as_its_longest_way_and_never_more_than_the_sum(
    days: list[int], waits: set[tuple[int, int]]
) -> None:
    limits = {str(at): each for at, each in enumerate(days)}
    after = {str(at): [str(one) for one, then in waits if then == at and one < at] for at in range(len(days))}
    told = longest_path(limits, after)
    assert max(days) <= told <= sum(days)
    assert all(told >= limits[each] + sum(limits[one] for one in after[each][:1]) for each in limits)


def test_what_several_matters_ask_for_is_asked_once_and_what_one_gives_another_is_never_asked() -> None:
    offered = chains.offered(COMPANY, MATTERS)
    assert offered is not None
    assert [each.name_zh for each in offered.materials_for("company")] == [
        "登记申请书",
        "身份证明",
        "住所证明",
        "章程",
        "票种核定表",
    ]
    assert "章程" not in [each.name_zh for each in offered.materials_for("single")]
    assert offered.committed_days == 6, "one day for the licence, then five beside three"
    premises = next(each for each in offered.materials if each.name_zh == "住所证明")
    assert not premises.tolerable, "the insurance needs it at once"


@pytest.mark.parametrize(
    "wrong",
    [
        {"links": (Link("M01"),)},
        {"links": (Link("M01", ("M12",)), Link("M12", ("M01",)))},
        {"links": (Link("M01"), Link("M77"))},
        {"links": (Link("M01"), Link("M12", ("M77",)))},
        {"lead": "M77"},
        {"code": "M12"},
        {"situations": (Situation("company", "", "", {"M01": "nothing"}),)},
        {"situations": (Situation("company", "", "", {}),)},
    ],
)
def test_a_chain_that_leads_nowhere_is_refused(wrong: dict[str, object]) -> None:
    check_chain(COMPANY, MATTERS)
    with pytest.raises(no.ChainUnfit):
        check_chain(replace(COMPANY, **wrong), MATTERS)


# ── One acceptance ───────────────────────────────────────────────────────────────────────────────


def test_one_acceptance_accepts_every_member_at_the_same_time_and_only_the_first_begins() -> None:
    whole = Whole()
    assert whole.stages == ["in_chain", "accepted", "waiting", "waiting"]
    assert {part.accepted for part in whole.parts.values()} == {whole.master.accepted}
    assert due(whole.master, MONDAY).on == date(2026, 12, 1)  # type: ignore[union-attr]
    with pytest.raises(no.CaseElsewhere):
        stages.take_up(whole.parts["M12"], REVIEWER, on(MONDAY))


def test_the_licence_stands_in_for_paper_in_both_members_that_waited_for_it() -> None:
    whole = Whole()
    tuesday = MONDAY + timedelta(days=1)
    whole.decides("M01", approved=True, day=tuesday)
    assert whole.stages == ["in_chain", "decided", "accepted", "accepted"]
    for code in ("M12", "M91"):
        part = whole.parts[code]
        assert [item.mark for item in part.items if item.name_zh == "营业执照"] == [Mark.HELD]
        assert part.counted_from == tuesday


def test_whoever_accepted_the_whole_decides_on_none_of_it() -> None:
    both = Actor(CLERK.id, CLERK.name, reviewer=True)
    with pytest.raises(no.AccepterDecides):
        stages.take_up(Whole().parts["M01"], both, on(MONDAY))


def test_the_whole_closes_when_its_last_member_does() -> None:
    whole = Whole()
    for code in ("M01", "M12", "M91"):
        assert whole.master.stage is Stage.IN_CHAIN
        whole.decides(code, approved=True)
        whole.hands_over(code)
    assert whole.stages == ["closed", "closed", "closed", "closed"]


def test_when_the_ground_is_denied_what_builds_on_it_is_dropped_and_says_why() -> None:
    whole = Whole()
    whole.decides("M01", approved=False)
    assert whole.stages == ["in_chain", "decided", "dropped", "dropped"]
    assert [step.details["matter"] for step in whole.told] == [
        {"zh": "企业设立登记", "en": REGISTER.name_en}
    ] * 2
    whole.hands_over("M01")
    assert whole.master.stage is Stage.CLOSED


def test_when_the_whole_is_taken_back_so_is_every_member_that_is_not_decided() -> None:
    whole = Whole()
    whole.decides("M01", approved=True)
    with pytest.raises(no.MemberOfChain):
        stages.withdraw(whole.parts["M12"], CLERK, on(MONDAY))
    whole.master = stages.withdraw(whole.master, CLERK, on(MONDAY)).case
    whole.settles(MONDAY)
    assert whole.stages == ["withdrawn", "decided", "withdrawn", "withdrawn"]


def test_a_clock_that_stood_still_moves_the_day_of_the_whole_by_as_much() -> None:
    whole = Whole()
    whole.does("M01", stages.take_up(whole.parts["M01"], REVIEWER, on(MONDAY)))
    paused = stages.pause(whole.parts["M01"], REVIEWER, on(MONDAY), PauseReason.SITE_VISIT, "")
    whole.does("M01", paused)
    friday = MONDAY + timedelta(days=4)
    whole.does("M01", stages.resume(whole.parts["M01"], REVIEWER, on(friday)), friday)
    assert paused_days(whole.parts["M01"], friday) == 4
    assert whole.master.subject.limit_days == 10


# ── Whatever happens ─────────────────────────────────────────────────────────────────────────────

DEEDS = ("take_up", "approve", "deny", "pause", "resume", "announce", "hand_over", "withdraw")


@settings(deadline=None)  # A busy machine is no fault of a chain.
@given(
    st.lists(
        st.tuples(
            st.sampled_from(DEEDS),
            st.sampled_from(["M01", "M01", "M12", "M91"]),
            st.sampled_from([REVIEWER, REVIEWER, OTHER_REVIEWER, Actor(CLERK.id, "", reviewer=True)]),
            st.integers(0, 3),
        ),
        max_size=40,
    )
)
def test_no_order_of_steps_breaks_a_chain(steps: list[tuple[str, str, Actor, int]]) -> None:
    day = date(2026, 9, 14)
    whole = Whole(day=day)
    begun: list[str] = []
    for deed, code, actor, days in steps:
        day += timedelta(days=days)
        with suppress(Rejected):
            if deed == "withdraw":
                whole.master = stages.withdraw(whole.master, CLERK, on(day)).case
                whole.settles(day)
            else:
                whole.does(code, DO[deed](whole.parts[code], actor, day), day)
        assert follows(whole.master, list(whole.parts.values()), on(day)) == [], "it follows once"
        begun = [step.case.subject.code for step in whole.told if step.name == "begun"]
        check(whole, begun, day)


def check(whole: Whole, begun: list[str], day: date) -> None:
    """What must be true of every chain."""
    first = whole.parts["M01"]
    assert len(begun) == len(set(begun)), "nobody begins twice"
    assert not begun or chains.granted(first)
    assert [step.name for step in whole.told].count("closed") <= 1
    over = all(part.stage in ENDED for part in whole.parts.values())
    assert (whole.master.stage is Stage.CLOSED) == (over and whole.master.stage is not Stage.WITHDRAWN)
    for part in whole.parts.values():
        if part.decision is not None:
            assert part.decision.by.id != CLERK.id, "nobody both accepts and decides"
        told = due(part, day)
        assert told is None or (told.left_days or 0) >= 0
    assert (due(whole.master, day).left_days or 0) >= 0  # type: ignore[union-attr]


DO = {
    "take_up": lambda case, actor, day: stages.take_up(case, actor, on(day)),
    "approve": lambda case, actor, day: stages.decide(case, actor, on(day), approved=True),
    "deny": lambda case, actor, day: stages.decide(case, actor, on(day), approved=False, note="why"),
    "pause": lambda case, actor, day: stages.pause(case, actor, on(day), PauseReason.HEARING, ""),
    "resume": lambda case, actor, day: stages.resume(case, actor, on(day)),
    "announce": lambda case, _, day: stages.announce(case, CLERK, on(day), "E006"),
    "hand_over": lambda case, _, day: stages.hand_over(case, CLERK, on(day), "desk", "1"),
}
