"""What can be done with a case, and by whom.

    draft → received → accepted → in_review → decided → result_ready → closed
              ↓  ↑        ↑
            notified ─────┘          received | notified → refused
    accepted → decided → closed      in one service, for an immediate matter, or as an electronic result
    before a decision → withdrawn    accepted with debts → terminated, when the promise was broken

Whoever prepares need not be who finishes: a trainee opens a case, looks at papers and gives a receipt; what
binds the office (notice, acceptance, refusal, decision) their mentor does. Nobody accepts and decides the
same case, unless the matter is decided on the spot. Each deed is a function from a case to a `Step`, or a
refusal. Time and names come in as arguments.
"""

from datetime import date, timedelta
from typing import Any, Final

from msgspec.structs import replace

from queue_server.calendar.core import YearNotPublished, add_workdays, is_workday
from queue_server.cases.core import checklist
from queue_server.cases.core import points as review
from queue_server.cases.core.deadlines import GENERAL_DAYS, SUPPLEMENT_DAYS, counted_from
from queue_server.cases.core.model import (
    ENDED,
    GAPS,
    SATISFIED,
    UNDER_WAY,
    Actor,
    Approval,
    By,
    Case,
    Decision,
    Fault,
    Form,
    Mark,
    Notice,
    Pause,
    PauseReason,
    Point,
    Promise,
    Refusal,
    RefusalReason,
    Stage,
    Step,
    Subject,
    When,
)
from queue_server.cases.core.rejections import (
    AccepterDecides,
    AgentBrought,
    AnotherReviews,
    ApplicantMissing,
    CaseElsewhere,
    ClockPaused,
    ClockRuns,
    DebtsOpen,
    DeciderLapsed,
    MemberOfChain,
    MentorFinishes,
    NoNoticeYet,
    NothingMissing,
    NotReviewer,
    NotTolerable,
    NotYourDepartment,
    PromiseBroken,
    PromiseDayUnfit,
    PromiseNeeded,
    ReasonMissing,
    SecondNotice,
)
from queue_server.cases.core.tasks import check_joined
from queue_server.catalogue.core import Matter, Scenario, open_matter

AT_INTAKE: Final = (Stage.RECEIVED, Stage.NOTIFIED)
BEFORE_DECISION: Final = (Stage.DRAFT, *AT_INTAKE, *UNDER_WAY)


def subject(matter: Matter, scenario: Scenario | None) -> Subject:
    """The matter as a case keeps it."""
    return Subject(
        code=matter.code,
        name_zh=matter.name_zh,
        name_en=matter.name_en,
        department_zh=matter.department_zh,
        department_en=matter.department_en,
        immediate=matter.kind == "immediate",
        limit_days=limit_days(matter),
        scenario=None if scenario is None else scenario.code,
        scenario_zh="" if scenario is None else scenario.name_zh,
        scenario_en="" if scenario is None else scenario.name_en,
    )


def limit_days(matter: Matter) -> int:
    """Within how many working days a decision is due: as promised, else as the law says."""
    limits = (matter.committed_days, matter.statutory_days, GENERAL_DAYS)
    return next(days for days in limits if days is not None)


def with_shorter_limit(case: Case, matter: Matter) -> Case:
    """The case under the limit of this day, if that is the shorter one. A longer one is never put upon it."""
    days = min(case.subject.limit_days, limit_days(matter))
    return replace(case, subject=replace(case.subject, limit_days=days))


# ── Preparing ────────────────────────────────────────────────────────────────────────────────────


def choose(case: Case, actor: Actor, matter: Matter, scenario: Scenario) -> Step:
    """Answer which scenario it is. It chooses the checklist, and what was looked at stays looked at."""
    check_stage(case, Stage.DRAFT)
    open_matter({matter.code: matter}, matter.code)
    items = checklist.checklist(matter, scenario.code, case.items)
    after = replace(case, subject=subject(matter, scenario), items=items)
    return step(after, "scenario_chosen", actor, scenario=scenario.code)


def name_applicant(case: Case, actor: Actor) -> Step:
    """Note that somebody applies, who is written down elsewhere."""
    check_stage(case, Stage.DRAFT, *AT_INTAKE)
    return step(replace(case, has_applicant=True), "applicant_named", actor)


def tick(
    case: Case,
    actor: Actor,
    place: int,
    mark: Mark | None,
    *,
    fault: Fault | None = None,
    note: str = "",
    form: Form | None = None,
    pages: int | None = None,
) -> Step:
    """Say how a material stands. After acceptance only what was promised can still come."""
    check_stage(case, Stage.DRAFT, *AT_INTAKE, *UNDER_WAY)
    check_whole(case)
    items = checklist.marked(case.items, place, mark, fault=fault, note=note, form=form, pages=pages)
    if case.stage in UNDER_WAY and not (
        case.promise is not None and place in case.promise.places and mark in SATISFIED
    ):
        raise CaseElsewhere(stage=case.stage)
    asked_again = case.items[place].mark is Mark.HELD and mark in GAPS
    after = replace(case, items=items)
    item = items[place]
    details: dict[str, object] = {
        "material": {"zh": item.name_zh, "en": item.name_en},
        "mark": mark,
        "fault": fault,
    }
    if asked_again:
        details["asked_again"] = True  # The hall had it: this is a breach, unless it has expired.
    if checklist.debts(case) and not checklist.debts(after):
        details["settled"] = True
    return step(after, "material_marked", actor, **details)


def receive(case: Case, actor: Actor, now: When, receipt_no: str) -> Step:
    """Give a receipt for what was handed in."""
    check_stage(case, Stage.DRAFT)
    if not case.has_applicant:
        raise ApplicantMissing
    checklist.check_looked_at(case.items, for_receipt=True)
    after = replace(case, stage=Stage.RECEIVED, receipt_no=receipt_no, received=by(actor, now))
    return step(after, "received", actor, receipt=receipt_no)


# ── At the window, with effect ───────────────────────────────────────────────────────────────────


def notify(case: Case, actor: Actor, now: When) -> Step:
    """Tell everything that is missing, at once. A second time only with a manager's approval."""
    check_stage(case, *AT_INTAKE)
    check_finishes(actor)
    checklist.check_looked_at(case.items)
    missing = checklist.gaps(case.items)
    if not missing:
        raise NothingMissing
    approval = case.second_notice
    if case.notices and approval is None:
        raise SecondNotice
    notice = Notice(
        by(actor, now),
        add_workdays(now.on, SUPPLEMENT_DAYS),
        missing,
        approved_by=None if approval is None else approval.by,
    )
    notices = (*case.notices, notice)
    after = replace(case, stage=Stage.NOTIFIED, notices=notices, second_notice=None)
    # A second notice is a breach of the promise to tell everything at once, approved or not.
    return step(after, "notified", actor, gaps=len(missing), due=notice.due_on, breach=len(notices) > 1)


def approve_second_notice(case: Case, actor: Actor, now: When, reason: str) -> Step:
    """Let a second notice be given. Only a manager is asked."""
    check_stage(case, *AT_INTAKE)
    if not case.notices:
        raise NoNoticeYet
    approval = Approval(by(actor, now), reason)
    return step(replace(case, second_notice=approval), "second_notice_approved", actor, reason=reason)


def accept(
    case: Case,
    actor: Actor,
    now: When,
    *,
    supply_on: date | None = None,
    broke_a_promise: bool = False,
) -> Step:
    """Accept an application: complete, or with gaps that may be filled later against a signed promise."""
    check_stage(case, *AT_INTAKE)
    check_finishes(actor)
    check_apart(case, actor)
    checklist.check_looked_at(case.items)
    assert case.received is not None  # Whatever is at intake has been received.
    start = counted_from(case.received.on, now.on, notified=bool(case.notices))
    after = replace(case, stage=Stage.ACCEPTED, accepted=by(actor, now), counted_from=start)
    if checklist.gaps(case.items):
        promise = promised(after, now, supply_on, broke_a_promise)
        return step(
            replace(after, promise=promise), "accepted", actor, debts=len(promise.places), supply=supply_on
        )
    return step(after, "accepted", actor)


def promised(case: Case, now: When, supply_on: date | None, broke_a_promise: bool) -> Promise:
    """The promise under which a case with gaps may be accepted."""
    missing = checklist.gaps(case.items)
    for item in missing:
        if not item.tolerable:
            raise NotTolerable(material=item.name_zh, gaps=len(missing))
    if broke_a_promise:
        raise PromiseBroken
    if supply_on is None:
        raise PromiseNeeded
    latest = latest_supply(case, now.on)
    if not (now.on < supply_on <= latest and is_workday(supply_on)):
        raise PromiseDayUnfit(latest=latest.isoformat())
    places = tuple(place for place, item in enumerate(case.items) if item.mark in GAPS)
    return Promise(now.at, supply_on, places)


def latest_supply(case: Case, today: date) -> date:
    """Until when promised materials may come: within the limit, and for a matter without one the next day."""
    start = case.counted_from or today
    try:
        return max(add_workdays(start, case.subject.limit_days), add_workdays(today, 1))
    except YearNotPublished:
        # The whole limit cannot be told yet. The part of it in a year that is known is safe to promise.
        day = date(today.year, 12, 31)
        while not is_workday(day):
            day -= timedelta(days=1)
        return day


def refuse(case: Case, actor: Actor, now: When, reason: RefusalReason, note: str) -> Step:
    """Do not accept an application, for one of the listed reasons, in writing."""
    check_stage(case, *AT_INTAKE)
    check_finishes(actor)
    if not note:
        raise ReasonMissing
    after = replace(case, stage=Stage.REFUSED, refusal=Refusal(by(actor, now), reason, note))
    return step(after, "refused", actor, reason=reason, note=note)


def withdraw(case: Case, actor: Actor, now: When) -> Step:
    """The applicant takes it back, before it is decided."""
    check_stage(case, *BEFORE_DECISION)
    check_whole(case)
    return step(replace(case, stage=Stage.WITHDRAWN, closed=by(actor, now)), "withdrawn", actor)


# ── Reviewing ────────────────────────────────────────────────────────────────────────────────────


def take_up(case: Case, actor: Actor, now: When, points: tuple[Point, ...] = ()) -> Step:
    """Begin to review: from now on one person answers for it, and judges these points."""
    check_stage(case, Stage.ACCEPTED)
    if case.subject.immediate:
        raise CaseElsewhere(stage=case.stage)  # It is decided where it was accepted.
    check_decides(case, actor)
    after = replace(case, stage=Stage.IN_REVIEW, reviewer=by(actor, now), points=points)
    return step(after, "taken_up", actor)


def judge(case: Case, actor: Actor, place: int, passed: bool | None, note: str = "") -> Step:
    """Say whether a review point is met; `None` takes a judgement back."""
    check_stage(case, Stage.IN_REVIEW)
    check_decides(case, actor)
    points = review.judged(case.points, place, passed, note)
    point = points[place]
    item = {"zh": point.item_zh, "en": point.item_en}
    verdict = {True: "passed", False: "failed", None: "open"}[passed]
    return step(
        replace(case, points=points), "point_judged", actor, item=item, verdict=verdict, note=point.note
    )


def pause(case: Case, actor: Actor, now: When, reason: PauseReason, note: str) -> Step:
    """Let the clock stand still, for a reason that is written down."""
    check_stage(case, Stage.IN_REVIEW)
    check_decides(case, actor)
    check_clock(case, paused=False)
    pauses = (*case.pauses, Pause(by(actor, now), reason, note, now.on))
    return step(replace(case, pauses=pauses), "paused", actor, reason=reason, note=note)


def resume(case: Case, actor: Actor, now: When) -> Step:
    """Let the clock run again."""
    check_stage(case, Stage.IN_REVIEW)
    check_decides(case, actor)
    check_clock(case, paused=True)
    last = case.pauses[-1]
    ended = replace(last, until_on=max(now.on, last.from_on))
    return step(replace(case, pauses=(*case.pauses[:-1], ended)), "resumed", actor)


def decide(
    case: Case, actor: Actor, now: When, *, approved: bool, note: str = "", handed_over: bool = False
) -> Step:
    """Decide. An immediate matter is decided by whoever accepted it, and handed over in the same service."""
    check_stage(case, Stage.ACCEPTED if case.subject.immediate else Stage.IN_REVIEW)
    check_finishes(actor)
    if not case.subject.immediate:
        check_decides(case, actor)
    check_clock(case, paused=False)
    open_debts = len(checklist.debts(case))
    if open_debts:
        raise DebtsOpen(count=open_debts)
    review.check_judged(case.points, approved=approved)
    check_joined(case.tasks, approved=approved)
    if not approved and not note:
        raise ReasonMissing
    now_by = by(actor, now)
    closes = case.subject.immediate and handed_over
    after = replace(
        case,
        stage=Stage.CLOSED if closes else Stage.DECIDED,
        decision=Decision(now_by, approved, note),
        closed=now_by if closes else None,
    )
    judged = review.told(case.points) or None
    return step(after, "decided", actor, approved=approved, note=note, handed_over=closes, points=judged)


# ── Handing over ─────────────────────────────────────────────────────────────────────────────────


def announce(case: Case, actor: Actor, now: When, pickup: str) -> Step:
    """The result can be collected, by whoever knows the code."""
    check_stage(case, Stage.DECIDED)
    check_finishes(actor)
    after = replace(case, stage=Stage.RESULT_READY, ready=by(actor, now), pickup=pickup)
    return step(after, "result_ready", actor)


def post(case: Case, actor: Actor, carrier: str, waybill: str) -> Step:
    """The result is on its way by post."""
    check_stage(case, Stage.RESULT_READY)
    check_finishes(actor)
    return step(replace(case, waybill=waybill), "posted", actor, carrier=carrier, waybill=waybill)


def come_back(case: Case, actor: Actor) -> Step:
    """The post has brought the result back, and it can be collected again."""
    check_stage(case, Stage.RESULT_READY)
    return step(replace(case, waybill=None), "came_back", actor)


def hand_over(case: Case, actor: Actor, now: When, way: str, number: str) -> Step:
    """The applicant has the result. An electronic one needs no way to the desk."""
    check_stage(case, Stage.DECIDED if way == "electronic" else Stage.RESULT_READY)
    check_finishes(actor)
    after = replace(case, stage=Stage.CLOSED, closed=by(actor, now), way=way, result_no=number)
    return step(after, "handed_over", actor, way=way, number=number)


# ── By itself ────────────────────────────────────────────────────────────────────────────────────


def lapses(case: Case, today: date) -> bool:
    """Whether a promise was broken: its day is over, and something has not come."""
    return (
        case.stage in UNDER_WAY
        and case.part is None  # It ends with the whole.
        and case.promise is not None
        and today > case.promise.due_on
        and bool(checklist.debts(case))
    )


def terminate(case: Case, now: When) -> Step:
    """End a case whose promise was broken."""
    if not lapses(case, now.on):
        raise CaseElsewhere(stage=case.stage)
    clock = Actor("clock", "")
    after = replace(case, stage=Stage.TERMINATED, closed=by(clock, now))
    return step(after, "terminated", clock, debts=len(checklist.debts(case)))


# ── Guards ───────────────────────────────────────────────────────────────────────────────────────


def check_stage(case: Case, *stages: Stage) -> None:
    """Refuse a deed that does not belong to the stage of the case."""
    if case.stage not in stages:
        raise CaseElsewhere(stage=case.stage)


def check_whole(case: Case) -> None:
    """Refuse what is done once, on the whole of which this is a part."""
    if case.part is not None:
        raise MemberOfChain(receipt=case.part.receipt_no)


def check_finishes(actor: Actor) -> None:
    """Refuse to let a trainee do what binds the office."""
    if actor.mentor is not None:
        raise MentorFinishes(mentor=actor.mentor)


def check_apart(case: Case, actor: Actor) -> None:
    """Refuse whoever has brought the case for somebody else."""
    if case.entrustment is not None and case.entrustment.by.id == actor.id:
        raise AgentBrought


def check_decides(case: Case, actor: Actor) -> None:
    """Refuse whoever may not decide: no reviewer, or who accepted it, or not the one who reviews it."""
    check_apart(case, actor)
    if case.accepted is not None and case.accepted.id == actor.id:
        raise AccepterDecides
    if not actor.reviewer:
        raise NotReviewer
    check_certificate(actor)
    if actor.departments and case.subject.department_zh not in actor.departments:
        raise NotYourDepartment(department=case.subject.department_zh)
    if case.reviewer is not None and case.reviewer.id not in (actor.id, *actor.covers):
        raise AnotherReviews(name=case.reviewer.name)


def check_certificate(actor: Actor) -> None:
    """Refuse whoever may not decide any more, and say who does."""
    if actor.lapsed is not None:
        raise DeciderLapsed(ask=actor.lapsed)


def check_clock(case: Case, *, paused: bool) -> None:
    """Refuse what needs a running clock while it stands still, or the other way round."""
    stands_still = bool(case.pauses) and case.pauses[-1].until_on is None
    if stands_still != paused:
        raise ClockPaused if stands_still else ClockRuns


def has_ended(case: Case) -> bool:
    """Whether nothing will happen to it any more."""
    return case.stage in ENDED


def by(actor: Actor, now: When) -> By:
    """Who did it, and when."""
    return By(actor.id, actor.name, now.at, now.on)


def step(case: Case, name: str, actor: Actor, **details: Any) -> Step:
    """The case after a deed, with its next line of history."""
    told = {key: value for key, value in details.items() if value is not None and value is not False}
    return Step(replace(case, version=case.version + 1), name, actor, told)
