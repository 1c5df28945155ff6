"""Deeds of a joint review: each department on its own task, and the lead for all of them."""

from msgspec.structs import replace

from queue_server.calendar.core import add_workdays
from queue_server.cases.core import tasks
from queue_server.cases.core.checklist import marked
from queue_server.cases.core.deadlines import SUPPLEMENT_DAYS
from queue_server.cases.core.model import (
    SATISFIED,
    Actor,
    Case,
    Fault,
    Lack,
    Mark,
    Notice,
    Pause,
    PauseReason,
    Stage,
    Step,
    Task,
    When,
)
from queue_server.cases.core.rejections import (
    AccepterDecides,
    AnotherReviews,
    CaseElsewhere,
    MaterialUnknown,
    NotReviewer,
    NotYourDepartment,
    SecondNotice,
    TaskNotTaken,
)
from queue_server.cases.core.stages import (
    by,
    check_certificate,
    check_clock,
    check_decides,
    check_stage,
    step,
)

IN_REVIEW = (Stage.ACCEPTED, Stage.IN_REVIEW)


def dispatched(accepted: Step, flow: tuple[tasks.Branch, ...]) -> Step:
    """The acceptance of a case in which several departments have a say: each gets its task with it."""
    if accepted.case.subject.immediate or not flow:
        return accepted
    return replace(accepted, case=replace(accepted.case, tasks=tasks.opened(flow)))


def take(case: Case, actor: Actor, now: When, place: int) -> Step:
    """Take a task: from now on one person answers for it."""
    check_stage(case, *IN_REVIEW)
    task = tasks.task_at(case.tasks, place)
    check_works(case, task, actor)
    return told(case, tasks.taken(case.tasks, place, by(actor, now)), "task_taken", actor, task)


def give(case: Case, actor: Actor, now: When, place: int, *, agreed: bool, note: str = "") -> Step:
    """End a task with an opinion. The last one joins them, and the lead can decide."""
    check_own(case, actor, place)
    after = tasks.ended(case.tasks, place, by(actor, now), agreed=agreed, note=note)
    joined = all(each.opinion is not None for each in after)
    return told(case, after, "task_ended", actor, case.tasks[place], agreed=agreed, note=note, joined=joined)


def lack(case: Case, actor: Actor, place: int, material: int, fault: Fault, note: str = "") -> Step:
    """Say that a task cannot use a material. The lead tells the applicant, once for all tasks."""
    check_own(case, actor, place)
    if not 0 <= material < len(case.items):
        raise MaterialUnknown
    item = case.items[material]
    after = tasks.lacking(case.tasks, place, Lack(material, fault, note))
    name = {"zh": item.name_zh, "en": item.name_en}
    return told(case, after, "task_lacks", actor, case.tasks[place], material=name, fault=fault)


def notify(case: Case, actor: Actor, now: When) -> Step:
    """Tell everything that any task lacks, at once, and let the clock stand still until it has come."""
    check_stage(case, Stage.IN_REVIEW)
    check_decides(case, actor)
    check_clock(case, paused=False)
    lacks = tasks.check_spoken(case.tasks)
    if case.notices and case.second_notice is None:
        raise SecondNotice
    items = tasks.with_lacks(case.items, lacks)
    gaps = tuple(items[place] for place in sorted(lacks))
    approved = None if case.second_notice is None else case.second_notice.by
    notice = Notice(by(actor, now), add_workdays(now.on, SUPPLEMENT_DAYS), gaps, approved_by=approved)
    pause = Pause(by(actor, now), PauseReason.SUPPLEMENT, "", now.on)
    notices = (*case.notices, notice)
    after = replace(
        case,
        items=items,
        notices=notices,
        second_notice=None,
        pauses=(*case.pauses, pause),
        wanted=tuple(sorted(lacks)),
    )
    details = {"gaps": len(gaps), "due": notice.due_on, "breach": len(notices) > 1}
    return step(after, "supplement_asked", actor, **details)


def supply(case: Case, actor: Actor, now: When, place: int, mark: Mark | None) -> Step:
    """Take in what tasks have lacked. With the last of it the clock runs again, and the tasks go on."""
    check_stage(case, Stage.IN_REVIEW)
    if place not in case.wanted or mark not in SATISFIED:
        raise CaseElsewhere(stage=case.stage)
    items = marked(case.items, place, mark)
    item = items[place]
    details = {"material": {"zh": item.name_zh, "en": item.name_en}, "mark": mark}
    wanted = tuple(each for each in case.wanted if each != place)
    after = replace(case, items=items, wanted=wanted)
    if wanted:
        return step(after, "material_marked", actor, **details)
    free = tuple(replace(task, lacks=()) for task in case.tasks)
    pauses = case.pauses
    if pauses and pauses[-1].until_on is None:
        pauses = (*pauses[:-1], replace(pauses[-1], until_on=max(now.on, pauses[-1].from_on)))
    return step(replace(after, tasks=free, pauses=pauses), "material_marked", actor, **details, settled=True)


def check_own(case: Case, actor: Actor, place: int) -> None:
    """Refuse whoever does not answer for a task."""
    check_stage(case, *IN_REVIEW)
    task = tasks.task_at(case.tasks, place)
    check_works(case, task, actor)
    if task.reviewer is None:
        raise TaskNotTaken


def check_works(case: Case, task: Task, actor: Actor) -> None:
    """Refuse who accepted the case, who is no reviewer of that department, and who is not the one at work."""
    if case.accepted is not None and case.accepted.id == actor.id:
        raise AccepterDecides
    if not actor.reviewer:
        raise NotReviewer
    check_certificate(actor)
    if task.department_zh not in actor.departments:
        raise NotYourDepartment(department=task.department_zh)
    if task.reviewer is not None and task.reviewer.id not in (actor.id, *actor.covers):
        raise AnotherReviews(name=task.reviewer.name)


def told(case: Case, after: tuple[Task, ...], name: str, actor: Actor, task: Task, **details: object) -> Step:
    """A step of one department."""
    department = {"zh": task.department_zh, "en": task.department_en}
    return step(replace(case, tasks=after), name, actor, department=department, **details)
