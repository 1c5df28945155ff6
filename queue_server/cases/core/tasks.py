"""Tasks of departments within one case: branches that are worked on side by side, and what joins them.

    flow     the departments that have a say in a matter beside the one that leads, each with its own limit
    task     the part of one of them in one case: taken, then ended by an opinion
    lack     a material that a task cannot use; everything that tasks lack is told in one notice

The lead decides once every task has ended, and approves only if all agree.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from queue_server.cases.core.deadlines import Due, due
from queue_server.cases.core.model import By, Case, Item, Lack, Mark, Opinion, Task
from queue_server.cases.core.rejections import (
    NobodyLacks,
    NoSuchTask,
    NotAllAgree,
    ReasonMissing,
    TaskEnded,
    TaskLacks,
    TasksOpen,
    TasksSilent,
)


class Branch(Struct, frozen=True):
    """A department that has a say in a matter, and within how many working days."""

    department_zh: str
    department_en: str
    limit_days: int


def opened(flow: Iterable[Branch]) -> tuple[Task, ...]:
    """The tasks of a case that has just been accepted."""
    return tuple(Task(each.department_zh, each.department_en, each.limit_days) for each in flow)


def task_at(tasks: tuple[Task, ...], place: int) -> Task:
    """One task that has not ended."""
    if not 0 <= place < len(tasks):
        raise NoSuchTask
    if tasks[place].opinion is not None:
        raise TaskEnded(department=tasks[place].department_zh)
    return tasks[place]


def taken(tasks: tuple[Task, ...], place: int, by: By) -> tuple[Task, ...]:
    """The tasks once somebody answers for one of them."""
    return changed(tasks, place, replace(task_at(tasks, place), reviewer=by))


def ended(tasks: tuple[Task, ...], place: int, by: By, *, agreed: bool, note: str) -> tuple[Task, ...]:
    """The tasks once one of them has said what it thinks. Whoever does not agree says why."""
    task = task_at(tasks, place)
    if task.lacks:
        raise TaskLacks(count=len(task.lacks))
    if not agreed and not note:
        raise ReasonMissing
    return changed(tasks, place, replace(task, opinion=Opinion(by, agreed, note)))


def lacking(tasks: tuple[Task, ...], place: int, lack: Lack) -> tuple[Task, ...]:
    """The tasks once one of them cannot use a material; said again, the newer word counts."""
    task = task_at(tasks, place)
    others = tuple(each for each in task.lacks if each.place != lack.place)
    return changed(tasks, place, replace(task, lacks=(*others, lack)))


def changed(tasks: tuple[Task, ...], place: int, task: Task) -> tuple[Task, ...]:
    """The tasks with another in one place."""
    return (*tasks[:place], task, *tasks[place + 1 :])


def all_lacks(tasks: Iterable[Task]) -> dict[int, Lack]:
    """What any task cannot use, each material once."""
    return {lack.place: lack for task in reversed(tuple(tasks)) for lack in task.lacks}


def check_spoken(tasks: tuple[Task, ...]) -> dict[int, Lack]:
    """Refuse a notice before each task has said what it lacks, or that it lacks nothing."""
    silent = sum(task.opinion is None and not task.lacks for task in tasks)
    if silent:
        raise TasksSilent(count=silent)
    lacks = all_lacks(tasks)
    if not lacks:
        raise NobodyLacks
    return lacks


def check_joined(tasks: Iterable[Task], *, approved: bool) -> None:
    """Refuse to decide while a task is open, and to approve what one of them does not agree to."""
    tasks = tuple(tasks)
    waiting = sum(task.opinion is None for task in tasks)
    if waiting:
        raise TasksOpen(count=waiting)
    against = next((each for each in tasks if each.opinion is not None and not each.opinion.agreed), None)
    if approved and against is not None:
        raise NotAllAgree(department=against.department_zh)


def with_lacks(items: tuple[Item, ...], lacks: dict[int, Lack]) -> tuple[Item, ...]:
    """The checklist once everything that tasks lack is known."""
    return tuple(
        replace(item, mark=Mark.DEFECTIVE, fault=lacks[place].fault, note=lacks[place].note)
        if place in lacks
        else item
        for place, item in enumerate(items)
    )


def due_of_task(case: Case, task: Task, today: date) -> Due | None:
    """Until when a task is to end: its own limit, on the clock of the case."""
    return due(replace(case, subject=replace(case.subject, limit_days=task.limit_days)), today)
