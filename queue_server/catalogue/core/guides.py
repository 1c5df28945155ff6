"""A guide: everything one must know to apply for a matter, in versions.

    draft  →  in review  →  published as version n           (the city's editors, and a second pair of eyes)
    suggestion  →  accepted, and published as version n + 1  (the departments, upwards)
    hours, place, telephone, a shorter limit  →  version n + 1 at once           (the departments themselves)

What a matter asks for (conditions, scenarios, materials) is its **substance** and belongs to the city. Where,
when and how fast it is done is **procedure** and belongs to the department that does it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace as replaced
from itertools import product
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec.structs import asdict, replace

from queue_server.catalogue.core import Material, Matter, Scenario
from queue_server.kit.rejections import Rejected

Source = Literal["applicant", "office", "intermediary", "shared", ""]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
Form = Literal["original", "copy", "either", "electronic"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)

PROCEDURE: Final = (
    "place",
    "hours",
    "phone",
    "complaints",
    "committed_days",
)  # What a department may change.


# ── Refusals ────────────────────────────────────────────────────────────────────────────────────


class SubstanceChanged(Rejected):
    """Conditions, scenarios and materials belong to the city's editors. Please send them a suggestion."""

    status = 403
    zh = "受理条件、情形、材料等实体性要素由市级编辑维护，请提交修改建议。"


class LimitLonger(Rejected):
    """A department may shorten its limit, not make it longer than {days} working days. Please suggest it."""

    status = 403
    zh = "部门可以缩短承诺时限，但不能超过现行的{days}个工作日，如需延长请提交修改建议。"


class GuideChanged(Rejected):
    """Somebody has published version {version} meanwhile. Please look at it before you change it."""

    zh = "其间已发布第{version}版，请查看后再修改。"


class DraftChanged(Rejected):
    """{by} has saved this draft meanwhile. Please look at it before you go on."""

    zh = "{by}其间已保存此草稿，请查看后再继续。"


class DraftUnknown(Rejected):
    """There is no draft of this guide."""

    status = 404
    zh = "该办事指南没有草稿。"


class DraftNotInReview(Rejected):
    """This draft was not handed in for review."""

    zh = "该草稿尚未提交审核。"


class GuideUnfit(Rejected):
    """This guide cannot be published yet: {count} findings have to be settled first."""

    zh = "该办事指南暂不能发布：还有{count}处问题需要解决。"


class OwnReview(Rejected):
    """Somebody other than its editor has to review a guide."""

    status = 403
    zh = "办事指南须由编辑者以外的人员审核。"


class GuideVersionUnknown(Rejected):
    """This guide has no version {version}."""

    status = 404
    zh = "该办事指南没有第{version}版。"


class SuggestionUnknown(Rejected):
    """There is no such suggestion."""

    status = 404
    zh = "没有这条修改建议。"


class SuggestionSettled(Rejected):
    """This suggestion was settled already."""

    zh = "该修改建议已经处理。"


class SuggestionStale(Rejected):
    """What the suggestion would change has been changed since. Please ask for a new one."""

    zh = "建议涉及的要素其间已被修改，请部门重新提交。"


class NothingChanged(Rejected):
    """Nothing is different from the version that is published."""

    status = 422
    zh = "与已发布的版本没有区别。"


# ── A guide ─────────────────────────────────────────────────────────────────────────────────────


class Words(msgspec.Struct, frozen=True):
    """A text in both languages; an empty one is missing."""

    zh: str = ""
    en: str = ""


NONE: Final = Words()


class Option(msgspec.Struct, frozen=True):
    """One answer to a question."""

    code: str
    text: Words


class Question(msgspec.Struct, frozen=True):
    """What is asked to find the scenario somebody is in."""

    code: str
    text: Words
    options: tuple[Option, ...]


class GuideScenario(msgspec.Struct, frozen=True):
    """A scenario, and the answers that lead to it. A question that is not named may be answered anyhow."""

    code: str
    name: Words
    when: dict[str, tuple[str, ...]] = {}
    group: str | None = None  # Where it is done, if not where the matter is.

    def covers(self, answers: Mapping[str, str]) -> bool:
        """Whether these answers lead to it."""
        return all(answers.get(question) in accepted for question, accepted in self.when.items())


class Paper(msgspec.Struct, frozen=True):
    """A material, and how one gets it."""

    name: Words
    source: Source = ""
    source_note: Words = NONE  # Who issues it, and where to ask.
    form: Form = "original"
    copies: int = 1
    filled_in: bool = False  # A form of ours: there has to be a blank one, and a sample.
    blank: str = ""  # Where it can be downloaded.
    sample: str = ""
    tolerable: bool = False
    exempt: bool = False
    only: tuple[str, ...] = ()  # The scenarios that need it; empty: all of them.


class FlowStep(msgspec.Struct, frozen=True):
    """A step of the way, from which the flow chart is drawn."""

    name: Words
    who: Words = NONE
    days: int | None = None


class Guide(msgspec.Struct, frozen=True):
    """All of it. The order of the fields is the order in which it is read."""

    conditions: Words = NONE
    questions: tuple[Question, ...] = ()
    scenarios: tuple[GuideScenario, ...] = ()
    materials: tuple[Paper, ...] = ()
    steps: tuple[FlowStep, ...] = ()
    process: Words = NONE  # The same in sentences, where somebody has written them.
    statutory_days: int | None = None
    committed_days: int | None = None
    place: Words = NONE
    hours: Words = NONE
    phone: str = ""
    complaints: str = ""
    charged: bool = False
    fee: Words = NONE
    fee_basis: Words = NONE
    result: Words = NONE
    result_is_document: bool = True
    result_sample: str = ""
    basis: Words = NONE
    visits: int = 1
    visits_because: Words = NONE

    def materials_for(self, scenario: str) -> tuple[Paper, ...]:
        """What one scenario asks for."""
        return tuple(each for each in self.materials if not each.only or scenario in each.only)


ELEMENTS: Final = Guide.__struct_fields__


def changed_elements(before: Guide, after: Guide) -> tuple[str, ...]:
    """Which elements differ, in the order in which they are read."""
    return tuple(name for name in ELEMENTS if getattr(before, name) != getattr(after, name))


def changes(before: Guide, after: Guide) -> dict[str, Any]:
    """What differs, as it is afterwards."""
    return {name: getattr(after, name) for name in changed_elements(before, after)}


def with_changes(guide: Guide, changed: Mapping[str, Any]) -> Guide:
    """A guide in which some elements are others."""
    return msgspec.convert({**msgspec.to_builtins(asdict(guide)), **changed}, Guide)


def check_procedural(before: Guide, after: Guide) -> None:
    """Refuse what a department may not change by itself."""
    changed = changed_elements(before, after)
    if not changed:
        raise NothingChanged
    substance = [name for name in changed if name not in PROCEDURE]
    if substance:
        raise SubstanceChanged(elements=substance)
    if "committed_days" in changed and before.committed_days is not None:
        longer = after.committed_days is None or after.committed_days > before.committed_days
        if longer:
            raise LimitLonger(days=before.committed_days)


# ── Scenarios ───────────────────────────────────────────────────────────────────────────────────


def all_answers(questions: tuple[Question, ...]) -> Iterator[dict[str, str]]:
    """Every way in which the questions can be answered."""
    for chosen in product(*([option.code for option in each.options] for each in questions)):
        yield dict(zip((each.code for each in questions), chosen, strict=True))


def ways(questions: tuple[Question, ...]) -> int:
    """How many ways there are, without walking them.

    >>> ways((Question("q", NONE, (Option("a", NONE), Option("b", NONE))),))
    2
    """
    count = 1
    for question in questions:
        count *= len(question.options)
    return count


# ── A guide and its matter ──────────────────────────────────────────────────────────────────────

LOST_OR_NOT: Final = Words("您办理哪种情形？", "Which of these is your case?")


def derived(matter: Matter) -> Guide:
    """The guide that the catalogue knows already: the beginning, before an editor has added the rest."""
    return Guide(
        questions=one_question(matter.scenarios),
        scenarios=tuple(
            GuideScenario(each.code, Words(each.name_zh, each.name_en), {"case": (each.code,)}, each.group_id)
            for each in matter.scenarios
        ),
        materials=tuple(
            Paper(
                Words(each.name_zh, each.name_en),
                source="shared" if each.exempt else "",
                tolerable=each.tolerable,
                exempt=each.exempt,
                only=each.only,
            )
            for each in matter.materials
        ),
        steps=usual_steps(matter),
        statutory_days=matter.statutory_days,
        committed_days=matter.committed_days,
    )


def one_question(scenarios: tuple[Scenario, ...]) -> tuple[Question, ...]:
    """The question that only asks for the scenario itself; none where there is nothing to choose."""
    if not scenarios:
        return ()
    options = tuple(Option(each.code, Words(each.name_zh, each.name_en)) for each in scenarios)
    return (Question("case", LOST_OR_NOT, options),)


def usual_steps(matter: Matter) -> tuple[FlowStep, ...]:
    """The way of nearly every case: taken in at any window, decided by the department, handed out."""
    hall = Words("综合窗口", "Any window")
    department = Words(matter.department_zh, matter.department_en)
    if matter.kind == "immediate":
        return (
            FlowStep(Words("收件受理", "Taken in and accepted"), hall),
            FlowStep(Words("当场办结", "Decided on the spot"), hall, 0),
        )
    return (
        FlowStep(Words("收件", "Taken in"), hall),
        FlowStep(Words("受理", "Accepted"), hall),
        FlowStep(Words("审查与决定", "Reviewed and decided"), department, matter.committed_days),
        FlowStep(Words("出件", "Handed out"), Words("出件窗口", "Collection window")),
    )


def applied(matter: Matter, guide: Guide) -> Matter:
    """The matter as its guide says it: what kiosks, phones and windows go by."""
    return replaced(
        matter,
        scenarios=tuple(
            Scenario(each.code, each.name.zh, each.name.en or each.name.zh, each.group)
            for each in guide.scenarios
        ),
        materials=tuple(
            Material(each.name.zh, each.name.en or each.name.zh, each.tolerable, each.exempt, each.only)
            for each in guide.materials
        ),
        committed_days=guide.committed_days,
        statutory_days=guide.statutory_days,
    )


def kept_in_step(guide: Guide, matter: Matter) -> Guide:
    """The guide with whatever was changed at the matter itself since, so that the two never say different things."""
    if applied(matter, guide) == matter:
        return guide
    fresh = derived(matter)
    told = {each.name.zh: each for each in guide.materials}
    materials = tuple(
        replace(told[each.name.zh], tolerable=each.tolerable, exempt=each.exempt, only=each.only)
        if each.name.zh in told
        else each
        for each in fresh.materials
    )
    same = {each.code for each in guide.scenarios} == {each.code for each in fresh.scenarios}
    return replace(
        guide,
        questions=guide.questions if same else fresh.questions,
        scenarios=guide.scenarios if same else fresh.scenarios,
        materials=materials,
        committed_days=fresh.committed_days,
        statutory_days=fresh.statutory_days,
    )
