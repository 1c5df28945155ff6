"""A case in the hands of a few people, for tests of its rules: no database, no clock."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time

from queue_server.cases.core import stages
from queue_server.cases.core.checklist import checklist
from queue_server.cases.core.model import Actor, By, Case, Fault, Mark, When
from queue_server.catalogue.core import Kind, Material, Matter, Scenario

PERMIT = Matter(
    code="M03",
    name_zh="食品经营许可",
    name_en="Food business permit",
    department_zh="市场监管局",
    department_en="Market Regulation Bureau",
    theme="business",
    group_id="B",
    target_minutes=20,
    scenarios=(Scenario("new", "新办", "New"), Scenario("change", "变更", "Change")),
    materials=(
        Material("申请书", "Application"),
        Material("营业执照", "Business licence", exempt=True),
        Material("平面图", "Floor plan", tolerable=True),
        Material("健康证明", "Health certificates", only=("new",)),
    ),
    committed_days=5,
    statutory_days=20,
)
CLERK, COLLEAGUE = Actor("c09", "王秀英"), Actor("c10", "李建国")
TRAINEE = Actor("c12", "学员", mentor="王秀英")
MANAGER = Actor("m01", "主管", manager=True)
REVIEWER, OTHER_REVIEWER = Actor("r02", "审批员", reviewer=True), Actor("r04", "审批员乙", reviewer=True)
ALL_HATS = Actor("c99", "身兼数职", reviewer=True)
MONDAY = date(2026, 11, 23)


def on(day: date, hour: int = 1) -> When:
    """A time of a day in the hall: one o'clock in UTC is nine in the morning."""
    return When(datetime.combine(day, time(hour), UTC), day)


def draft(kind: Kind = "committed", scenario: str = "new", *, matter: Matter = PERMIT) -> Case:
    """A case as it is opened."""

    matter = replace(matter, kind=kind)
    chosen = next(each for each in matter.scenarios if each.code == scenario)
    return Case(
        hall_id="h1",
        code="23456789ABGP",
        subject=stages.subject(matter, chosen),
        ticket_id=7,
        number="A007",
        items=checklist(matter, scenario),
        opened=By(CLERK.id, CLERK.name, on(MONDAY).at, MONDAY),
        has_applicant=True,
    )


def looked_at(case: Case, marks: Iterable[Mark], actor: Actor = CLERK) -> Case:
    """The case after every material has been looked at."""
    for place, mark in enumerate(marks):
        fault = None if mark is not Mark.DEFECTIVE else Fault.EXPIRED
        case = stages.tick(case, actor, place, mark, fault=fault).case
    return case


def received(case: Case, *marks: Mark, day: date = MONDAY) -> Case:
    """The case with a receipt. Without marks everything is there."""
    case = looked_at(case, marks or [Mark.PRESENT] * len(case.items))
    return stages.receive(case, CLERK, on(day), "H1-2026-000001").case


def accepted(case: Case, *marks: Mark, day: date = MONDAY, supply_on: date | None = None) -> Case:
    """The case once it is accepted."""
    return stages.accept(received(case, *marks, day=day), CLERK, on(day), supply_on=supply_on).case
