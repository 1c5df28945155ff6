"""What is wrong with a guide, before anybody is sent home because of it.

A finding names the rule (a stable code, its sentence is `lint.CODE` in the texts) and the place where it was
found. An *error* stands in the way of publication; *advice* does not.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

import msgspec

from queue_server.catalogue.core import Kind
from queue_server.catalogue.core.guides import Guide, Paper, Words, all_answers, ways

Weight = Literal["error", "advice"]
WAYS_MAX: Final = 4096  # More combinations than anybody can check, or be asked.

# "Other materials", in the words in which it hides. What is named exactly is not caught.
CATCH_ALL: Final = re.compile(
    r"(其他|其它|有关|相关|必要的?|所需的?)(的)?(证明)?(材料|资料|文件|证件|手续)"
    r"|(要求|规定|需要)(提供|提交|补充)?的(其他|其它|有关|相关)"
    r"|等(材料|资料|文件|证件|证明)?$|(法律|法规|规章).{0,8}(其他|其它)"
)
CATCH_ALL_EN: Final = re.compile(
    r"\b(other|any|further|additional|relevant|related|necessary)\s+(\w+\s+)?(materials?|documents?|papers)\b"
    r"|\betc\b",
    re.IGNORECASE,
)


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, and where."""

    code: str
    at: str  # As "materials.2.source".
    weight: Weight = "error"
    facts: dict[str, Any] = {}


def findings(guide: Guide, kind: Kind) -> tuple[Finding, ...]:
    """Everything that is wrong with the guide of a matter of this kind, in the order in which it is read.

    >>> [each.code for each in findings(Guide(), "committed")][:3]
    ['conditions_missing', 'materials_missing', 'steps_missing']
    """
    return (
        *_missing(guide, "conditions"),
        *_scenarios(guide),
        *_materials(guide),
        *(() if guide.steps else (Finding("steps_missing", "steps"),)),
        *_limits(guide, kind),
        *_procedure(guide),
        *_fee(guide),
        *_result(guide),
        *_missing(guide, "basis"),
        *_visits(guide),
        *_untranslated(guide),
    )


def errors(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that stand in the way."""
    return tuple(each for each in found if each.weight == "error")


def is_catch_all(words: Words) -> bool:
    """Whether a material is named so loosely that anything could be asked for.

    >>> is_catch_all(Words("法律法规要求的其他材料")), is_catch_all(Words("营业执照", "Business licence"))
    (True, False)
    """
    return bool(CATCH_ALL.search(words.zh) or CATCH_ALL_EN.search(words.en))


def _missing(guide: Guide, element: str) -> Iterator[Finding]:
    if not getattr(guide, element).zh:
        yield Finding(f"{element}_missing", element)


def _scenarios(guide: Guide) -> Iterator[Finding]:
    known = {question.code: {option.code for option in question.options} for question in guide.questions}
    for place, question in enumerate(guide.questions):
        if len(known[question.code]) < len(question.options) or not question.options:
            yield Finding("answers_repeat", f"questions.{place}")
    if len(known) < len(guide.questions):
        yield Finding("questions_repeat", "questions")
    if len({each.code for each in guide.scenarios}) < len(guide.scenarios):
        yield Finding("scenarios_repeat", "scenarios")
    strange = [
        Finding("answer_unknown", f"scenarios.{place}", facts={"question": question})
        for place, case in enumerate(guide.scenarios)
        for question, accepted in case.when.items()
        if not set(accepted) <= known.get(question, set())
    ]
    yield from strange
    if not strange and guide.scenarios:
        yield from _overlaps_and_gaps(guide)


def _overlaps_and_gaps(guide: Guide) -> Iterator[Finding]:
    if ways(guide.questions) > WAYS_MAX:
        yield Finding("combinations_too_many", "questions", facts={"most": WAYS_MAX})
        return
    overlaps, gap = set(), None
    for answers in all_answers(guide.questions):
        true = tuple(case.code for case in guide.scenarios if case.covers(answers))
        if len(true) > 1 and true not in overlaps:
            overlaps.add(true)
            facts = {"scenarios": list(true), "answers": answers}
            yield Finding("scenarios_overlap", "scenarios", facts=facts)
        if not true and gap is None:
            gap = answers
    if gap is not None:
        yield Finding("scenarios_gap", "scenarios", facts={"answers": gap})


def _materials(guide: Guide) -> Iterator[Finding]:
    if not guide.materials:
        yield Finding("materials_missing", "materials", "advice")  # Some matters ask for nothing.
    cases, names = {each.code for each in guide.scenarios}, set()
    for place, paper in enumerate(guide.materials):
        at = f"materials.{place}"
        yield from _material(paper, at)
        if not set(paper.only) <= cases:
            yield Finding("scenario_unknown", f"{at}.only")
        if paper.name.zh in names:
            yield Finding("material_repeats", f"{at}.name")
        names.add(paper.name.zh)


def _material(paper: Paper, at: str) -> Iterator[Finding]:
    if not paper.name.zh:
        yield Finding("name_missing", f"{at}.name")
    if is_catch_all(paper.name):
        yield Finding("catch_all", f"{at}.name", facts={"name": paper.name.zh})
    if not paper.source:
        yield Finding("source_missing", f"{at}.source", facts={"name": paper.name.zh})
    if paper.filled_in and not paper.blank:
        yield Finding("blank_missing", f"{at}.blank", facts={"name": paper.name.zh})
    if paper.filled_in and not paper.sample:
        yield Finding("sample_missing", f"{at}.sample", facts={"name": paper.name.zh})


def _limits(guide: Guide, kind: Kind) -> Iterator[Finding]:
    committed, statutory = guide.committed_days, guide.statutory_days
    if kind == "immediate":
        if committed:
            yield Finding("immediate_takes_days", "committed_days")
    elif committed is None:
        yield Finding("committed_missing", "committed_days")
    if statutory is None and kind != "immediate":
        yield Finding("statutory_missing", "statutory_days")
    if committed is not None and statutory is not None and committed > statutory:
        facts = {"committed": committed, "statutory": statutory}
        yield Finding("committed_over_statutory", "committed_days", facts=facts)
    walked = sum(step.days or 0 for step in guide.steps)
    if committed is not None and walked > committed:
        facts = {"days": walked, "committed": committed}
        yield Finding("steps_over_committed", "steps", "advice", facts)  # A limit was cut: redraw the way.


def _procedure(guide: Guide) -> Iterator[Finding]:
    yield from _missing(guide, "place")
    yield from _missing(guide, "hours")
    if not guide.phone:
        yield Finding("phone_missing", "phone")
    if not guide.complaints:
        yield Finding("complaints_missing", "complaints")
    elif guide.phone == guide.complaints:
        yield Finding("phones_same", "complaints")


def _fee(guide: Guide) -> Iterator[Finding]:
    if guide.charged and not guide.fee.zh:
        yield Finding("fee_missing", "fee")
    if guide.charged and not guide.fee_basis.zh:
        yield Finding("fee_basis_missing", "fee_basis")


def _result(guide: Guide) -> Iterator[Finding]:
    yield from _missing(guide, "result")
    if guide.result_is_document and not guide.result_sample:
        yield Finding("result_sample_missing", "result_sample")


def _visits(guide: Guide) -> Iterator[Finding]:
    if guide.visits > 1 and not guide.visits_because.zh:
        yield Finding("visits_unexplained", "visits_because", facts={"visits": guide.visits})


def _untranslated(guide: Guide) -> Iterator[Finding]:
    for name in ("conditions", "place", "hours", "fee", "result", "basis"):
        words: Words = getattr(guide, name)
        if words.zh and not words.en:
            yield Finding("english_missing", name, "advice")
    for place, paper in enumerate(guide.materials):
        if paper.name.zh and not paper.name.en:
            yield Finding("english_missing", f"materials.{place}.name", "advice")
