"""What is wrong with a guide is found before anybody is sent home because of it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from queue_server.catalogue.core.guides import (
    FlowStep,
    Guide,
    GuideScenario,
    Option,
    Paper,
    Question,
    Words,
    all_answers,
    ways,
)
from queue_server.catalogue.core.lint import WAYS_MAX, errors, findings, is_catch_all

from .guides import both, complete


def codes(guide: Guide, kind: str = "committed") -> list[str]:
    return [each.code for each in findings(guide, kind)]  # type: ignore[arg-type]


def with_first(**changed: object) -> Guide:
    first, *others = complete().materials
    return replace(complete(), materials=(replace(first, **changed), *others))


def test_a_complete_guide_has_no_findings() -> None:
    assert codes(complete()) == []


@pytest.mark.parametrize(
    "name",
    [
        "其他材料",
        "有关材料",
        "法律法规规定的其他材料",
        "其它相关证明文件",
        "按要求提供的其他手续",
        "所需材料",
        "身份证等",
    ],
)
def test_a_material_that_could_be_anything_is_caught(name: str) -> None:
    assert is_catch_all(Words(name))


@pytest.mark.parametrize(
    "name", ["营业执照", "申请书", "场所平面图", "无犯罪记录证明", "亲属关系证明", "清税证明"]
)
def test_a_material_that_says_what_it_is_passes(name: str) -> None:
    assert not is_catch_all(Words(name))


@pytest.mark.parametrize(
    ("code", "guide"),
    [
        ("catch_all", with_first(name=both("其他材料"))),
        ("source_missing", with_first(source="")),
        ("blank_missing", with_first(filled_in=True, sample="/s.pdf")),
        ("sample_missing", with_first(filled_in=True, blank="/b.pdf")),
        ("scenario_unknown", with_first(only=("nowhere",))),
        ("material_repeats", with_first(name=complete().materials[1].name)),
        ("committed_over_statutory", replace(complete(), committed_days=30)),
        ("committed_missing", replace(complete(), committed_days=None)),
        ("statutory_missing", replace(complete(), statutory_days=None)),
        ("steps_over_committed", replace(complete(), steps=(FlowStep(both("审查"), days=9),))),
        ("result_sample_missing", replace(complete(), result_sample="")),
        ("phones_same", replace(complete(), complaints=complete().phone)),
        ("phone_missing", replace(complete(), phone="")),
        ("place_missing", replace(complete(), place=Words())),
        ("basis_missing", replace(complete(), basis=Words())),
        ("fee_missing", replace(complete(), charged=True, fee_basis=both("依据"))),
        ("fee_basis_missing", replace(complete(), charged=True, fee=both("20元"))),
        ("visits_unexplained", replace(complete(), visits=2)),
        ("english_missing", replace(complete(), basis=Words("《食品安全法》"))),
    ],
)
def test_every_rule_finds_what_it_is_for_and_nothing_else(code: str, guide: Guide) -> None:
    assert codes(guide) == [code]


def test_an_immediate_matter_promises_no_days() -> None:
    assert codes(complete(), "immediate") == ["immediate_takes_days"]


# ── Scenarios ────────────────────────────────────────────────────────────────────────────────────

WHO = Question("who", both("谁来办？"), (Option("self", both("本人")), Option("agent", both("代办"))))
WHAT = Question("what", both("办什么？"), (Option("new", both("新办")), Option("lost", both("补办"))))


def asking(*scenarios: GuideScenario, questions: tuple[Question, ...] = (WHO, WHAT)) -> Guide:
    return replace(complete(), questions=questions, scenarios=scenarios, materials=complete().materials[:2])


def test_two_scenarios_that_are_both_true_are_shown_with_the_answers() -> None:
    mine = GuideScenario("mine", both("本人办"), {"who": ("self",)})
    lost = GuideScenario("lost", both("补办"), {"what": ("lost",)})
    rest = GuideScenario("rest", both("代办新办"), {"who": ("agent",), "what": ("new",)})
    [found] = findings(asking(mine, lost, rest), "committed")
    assert found.code == "scenarios_overlap"
    assert found.facts == {"scenarios": ["mine", "lost"], "answers": {"who": "self", "what": "lost"}}


def test_answers_that_lead_nowhere_are_a_gap() -> None:
    [found] = findings(asking(GuideScenario("mine", both("本人办"), {"who": ("self",)})), "committed")
    assert (found.code, found.facts["answers"]) == ("scenarios_gap", {"who": "agent", "what": "new"})


def test_more_combinations_than_anybody_could_check_are_not_walked() -> None:
    many = tuple(replace(WHO, code=f"q{place}") for place in range(40))
    assert codes(asking(GuideScenario("all", both("全部")), questions=many)) == ["combinations_too_many"]


questions = st.lists(st.integers(1, 3), min_size=1, max_size=4).map(
    lambda sizes: tuple(
        Question(f"q{at}", both("?"), tuple(Option(f"a{each}", both("!")) for each in range(size)))
        for at, size in enumerate(sizes)
    )
)


@st.composite
def asked(draw: Callable[[st.SearchStrategy[tuple[Question, ...]]], tuple[Question, ...]]) -> Guide:
    """Questions, and scenarios over them that fit as luck has it."""
    asked = draw(questions)
    conditions = st.fixed_dictionaries(
        {},
        optional={
            each.code: st.lists(
                st.sampled_from([option.code for option in each.options]), min_size=1, unique=True
            ).map(tuple)
            for each in asked
        },
    )
    whens = draw(st.lists(conditions, min_size=1, max_size=5))  # type: ignore[arg-type]
    return asking(
        *(GuideScenario(f"s{at}", both("情形"), when) for at, when in enumerate(whens)), questions=asked
    )  # type: ignore[arg-type]


@given(asked())
def test_a_guide_passes_exactly_when_every_way_of_answering_leads_to_one_scenario(guide: Guide) -> None:
    leads = [
        sum(case.covers(answers) for case in guide.scenarios) for answers in all_answers(guide.questions)
    ]
    found = codes(guide)
    assert ("scenarios_overlap" in found) == any(count > 1 for count in leads)
    assert ("scenarios_gap" in found) == any(count == 0 for count in leads)
    assert len(leads) == ways(guide.questions) <= WAYS_MAX


@given(st.permutations(complete().materials), st.text(max_size=20))
def test_a_catch_all_among_any_materials_is_an_error(papers: list[Paper], before: str) -> None:
    vague = Paper(Words(before + "其他材料", "x"), source="applicant")
    found = errors(findings(replace(complete(), materials=(*papers, vague)), "committed"))
    assert [(each.code, each.at) for each in found] == [("catch_all", f"materials.{len(papers)}.name")]
