"""Cases as they are told: whole to staff, and to the citizen as far as it concerns them."""

from collections.abc import Sequence
from typing import Any

from queue_server.cases.core import stages
from queue_server.cases.core.checklist import debts, gaps
from queue_server.cases.core.codes import spelled_code
from queue_server.cases.core.deadlines import Due, due
from queue_server.cases.core.entrustment import visits
from queue_server.cases.core.model import (
    By,
    Case,
    Citation,
    Item,
    Member,
    Notice,
    Parcel,
    Point,
    Question,
    When,
)
from queue_server.cases.core.support import minutes_taken
from queue_server.cases.core.tasks import due_of_task
from queue_server.catalogue.core import Matter
from queue_server.kit.database import Row

View = dict[str, Any]


def case_view(case: Case, now: When) -> View:
    """A case as staff see it. Whose it is they ask for separately: answers are kept, and names are not."""
    return {
        "id": str(case.id),
        "version": case.version,
        "code": spelled_code(case.code),
        "stage": case.stage,
        "subject": subject_view(case),
        "channel": case.channel,
        "ticket": None if case.ticket_id is None else str(case.ticket_id),
        "number": case.number,
        "window": case.window_id,
        "entrustment": entrustment_view(case),
        "parcels": [parcel_view(parcel) for parcel in case.parcels],
        "way_back": case.way_back,
        "visits": visits(case),
        "items": [item_view(item, place) for place, item in enumerate(case.items)],
        "has_applicant": case.has_applicant,
        "receipt": case.receipt_no,
        "opened": by_view(case.opened),
        "received": by_view(case.received),
        "notices": [notice_view(notice) for notice in case.notices],
        "second_notice_approved": case.second_notice is not None,
        "accepted": by_view(case.accepted),
        "promise": promise_view(case),
        "supply_by": supply_by(case, now),
        "refusal": None
        if case.refusal is None
        else {"by": by_view(case.refusal.by), "reason": case.refusal.reason, "note": case.refusal.note},
        "reviewer": by_view(case.reviewer),
        "points": [point_view(point, place) for place, point in enumerate(case.points)],
        "questions": [question_view(question, place) for place, question in enumerate(case.questions)],
        "citations": [citation_view(citation) for citation in case.citations],
        "pauses": [
            {
                "reason": pause.reason,
                "note": pause.note,
                "from_on": pause.from_on.isoformat(),
                "until_on": None if pause.until_on is None else pause.until_on.isoformat(),
            }
            for pause in case.pauses
        ],
        "decision": None
        if case.decision is None
        else {
            "by": by_view(case.decision.by),
            "approved": case.decision.approved,
            "note": case.decision.note,
        },
        "closed": by_view(case.closed),
        "due": due_view(case, now),
        "members": [member_view(member) for member in case.members],
        "part_of": None
        if case.part is None
        else {"id": str(case.part.master_id), "receipt": case.part.receipt_no},
        "tasks": [task_view(case, place, now) for place in range(len(case.tasks))],
        "wanted": list(case.wanted),
    }


def task_view(case: Case, place: int, now: When) -> View:
    """The part of one department in a case that another leads."""
    task = case.tasks[place]
    return {
        "place": place,
        "department": {"zh": task.department_zh, "en": task.department_en},
        "limit_days": task.limit_days,
        "due": spelled_due(due_of_task(case, task, now.on)),
        "reviewer": by_view(task.reviewer),
        "lacks": [{"place": lack.place, "fault": lack.fault, "note": lack.note} for lack in task.lacks],
        "opinion": None
        if task.opinion is None
        else {"by": by_view(task.opinion.by), "agreed": task.opinion.agreed, "note": task.opinion.note},
    }


def waiting_task_view(case: Case, place: int, now: When) -> View:
    """A task as its department finds it."""
    return {
        "case": str(case.id),
        "receipt": case.receipt_no,
        "subject": subject_view(case),
        "task": task_view(case, place, now),
    }


def member_view(member: Member) -> View:
    """One matter of a chain, and what it waits for."""
    subject = member.subject
    return {
        "matter": subject.code,
        "name": {"zh": subject.name_zh, "en": subject.name_en},
        "department": {"zh": subject.department_zh, "en": subject.department_en},
        "limit_days": subject.limit_days,
        "after": list(member.after),
    }


def chain_view(matter: Matter, members: Sequence[Member]) -> View:
    """A chain as it is offered: its matters, within how many working days, and its scenarios."""
    return {
        "code": matter.code,
        "name": {"zh": matter.name_zh, "en": matter.name_en},
        "department": {"zh": matter.department_zh, "en": matter.department_en},
        "limit_days": matter.committed_days,
        "members": [member_view(member) for member in members],
        "scenarios": [
            {"code": each.code, "name": {"zh": each.name_zh, "en": each.name_en}} for each in matter.scenarios
        ],
    }


def subject_view(case: Case) -> View:
    """The matter of a case."""
    subject = case.subject
    scenario = {"zh": subject.scenario_zh, "en": subject.scenario_en}
    return {
        "matter": subject.code,
        "name": {"zh": subject.name_zh, "en": subject.name_en},
        "department": {"zh": subject.department_zh, "en": subject.department_en},
        "scenario": subject.scenario,
        "scenario_name": None if subject.scenario is None else scenario,
        "immediate": subject.immediate,
        "limit_days": subject.limit_days,
    }


def entrustment_view(case: Case) -> View | None:
    """Who brings the case and its result, and by whose word."""
    if case.entrustment is None:
        return None
    return {
        "by": by_view(case.entrustment.by),
        "entruster": case.entrustment.entruster,
        "phone_of": case.entrustment.phone_of,
        "delivered": by_view(case.entrustment.delivered),
    }


def parcel_view(parcel: Parcel) -> View:
    """Papers that came by post."""
    return {
        "by": by_view(parcel.by),
        "carrier": parcel.carrier,
        "waybill": parcel.waybill,
        "posted_on": parcel.posted_on.isoformat(),
    }


def item_view(item: Item, place: int) -> View:
    """One material, and how it stands."""
    return {
        "place": place,
        "name": {"zh": item.name_zh, "en": item.name_en},
        "tolerable": item.tolerable,
        "exempt": item.exempt,
        "mark": item.mark,
        "fault": item.fault,
        "note": item.note,
        "form": item.form,
        "pages": item.pages,
    }


def point_view(point: Point, place: int) -> View:
    """One review point, and how it was judged."""
    return {
        "place": place,
        "item": {"zh": point.item_zh, "en": point.item_en},
        "method": {"zh": point.method_zh, "en": point.method_en},
        "standard": {"zh": point.standard_zh, "en": point.standard_en},
        "passed": point.passed,
        "note": point.note,
    }


def question_view(question: Question, place: int) -> View:
    """A question from the window, with its answer."""
    return {
        "place": place,
        "text": question.text,
        "asked": by_view(question.asked),
        "answer": question.answer,
        "answered": by_view(question.answered),
        "minutes": minutes_taken(question),
    }


def citation_view(citation: Citation) -> View:
    """What a clerk went by."""
    return {
        "by": by_view(citation.by),
        "title": {"zh": citation.title_zh, "en": citation.title_en or citation.title_zh},
        "entry": None if citation.entry is None else str(citation.entry),
        "entry_version": citation.entry_version,
        "question": citation.question,
    }


def asked_view(case: Case, now: When) -> list[View]:
    """The questions of a case that wait for an answer, for whoever may answer them."""
    return [
        {
            "case": str(case.id),
            "number": case.number,
            "window": case.window_id,
            "subject": subject_view(case),
            "waits_minutes": int((now.at - question.asked.at).total_seconds() // 60),
            **question_view(question, place),
        }
        for place, question in enumerate(case.questions)
        if question.answered is None
    ]


def notice_view(notice: Notice) -> View:
    """What was told to be missing."""
    return {
        "by": by_view(notice.by),
        "due_on": notice.due_on.isoformat(),
        "gaps": [{"zh": item.name_zh, "en": item.name_en} for item in notice.gaps],
        "approved_by": by_view(notice.approved_by),
    }


def promise_view(case: Case) -> View | None:
    """What was promised, and what of it has not come."""
    if case.promise is None:
        return None
    owed = [{"zh": item.name_zh, "en": item.name_en} for item in debts(case)]
    return {"due_on": case.promise.due_on.isoformat(), "owed": owed}


def supply_by(case: Case, now: When) -> str | None:
    """Until when gaps could be promised, while that is a question."""
    missing = gaps(case.items)
    if case.stage not in stages.AT_INTAKE or not missing or not all(item.tolerable for item in missing):
        return None
    return stages.latest_supply(case, now.on).isoformat()


def due_view(case: Case, now: When) -> View | None:
    """Until when it is to be decided."""
    return spelled_due(due(case, now.on))


def spelled_due(told: Due | None) -> View | None:
    """A day, how many are left, and how urgent that is."""
    if told is None:
        return None
    return {
        "on": None if told.on is None else told.on.isoformat(),
        "left_days": told.left_days,
        "unknown_year": told.unknown_year,
        "color": told.color,
    }


def written(case: Case) -> dict[str, By]:
    """The papers that there are of a case, and who wrote each when."""
    by = {
        "receipt": case.received,
        "notice": case.notices[-1].by if case.notices else None,
        "acceptance": case.accepted,
        "promise": case.accepted if case.promise is not None else None,
        "refusal": None if case.refusal is None else case.refusal.by,
    }
    return {paper: writer for paper, writer in by.items() if writer is not None}


def by_view(by: By | None) -> View | None:
    """Who did something, and when."""
    return None if by is None else {"name": by.name, "at": by.at}


def line_view(row: Row) -> View:
    """One line of a case's history."""
    return {
        "version": row["version"],
        "at": row["at"],
        "name": row["name"],
        "by": row["by_name"],
        "details": row["details"],
    }


def citizen_view(case: Case, now: When) -> View:
    """A case as its citizen may know it from the link of the ticket: what it is called, and until when."""
    told = due(case, now.on)
    return {
        "code": spelled_code(case.code),
        "matter": {"zh": case.subject.name_zh, "en": case.subject.name_en},
        "stage": case.stage,
        "receipt": case.receipt_no,
        "due_on": None if told is None or told.on is None else told.on.isoformat(),
        "immediate": case.subject.immediate,
    }
