"""The register of cases: a page of what somebody looks for.

An applicant's number travels in a header: addresses are kept in logs and histories, and a number is nobody's there.
"""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response

from queue_server.cases.access import access_cases, cases_of
from queue_server.cases.api.models import ByShape, DueShape, SubjectShape
from queue_server.cases.core.checklist import debts
from queue_server.cases.core.codes import CODE_WRITTEN, spelled_code
from queue_server.cases.core.model import Case, Stage, When
from queue_server.cases.core.register import (
    Order,
    Wanted,
    read_place,
    spelled_place,
    wanted_applicant,
    wanted_code,
    wanted_receipt,
)
from queue_server.cases.live import by_view, due_view, subject_view, written
from queue_server.hall.api.answers import answered
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.hall.api.paths import HallId
from queue_server.kit.web.fields import Day
from queue_server.kit.web.openapi import STAFF_ONLY

PAGE_ROWS: Final = 50
PAGE_ROWS_MAX: Final = 200
RECEIPT_WRITTEN: Final = r"^[A-Za-z0-9_ -]{1,60}$"
NUMBER_WRITTEN: Final = r"^[A-Za-z]{1,3}[0-9]{1,6}$"
PLACE_WRITTEN: Final = r"^[a-z0-9.-]{1,40}$"

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["cases"], responses=STAFF_ONLY)


class RegisterLine(Shape):
    """A case in the register: enough to know it by. `owed`: a promised material has not come."""

    id: str
    code: str
    receipt: str | None
    ticket: str | None
    number: str | None  # Of its ticket, if it came with one.
    stage: Stage
    subject: SubjectShape
    opened: ByShape
    accepted: ByShape | None
    reviewer: ByShape | None
    accepted_on: date | None
    owed: bool
    papers: list[str]
    due: DueShape | None


class RegisterPage(Shape):
    """A page of the register. `next` is where the following one begins, null on the last.

    Only the first page says how many there are: `total`, or more than that if `total_is_more`. `department` is
    the one whose cases the asker decides on.
    """

    cases: list[RegisterLine]
    next: str | None
    total: int | None
    total_is_more: bool
    departments: list[Bilingual]
    department: str | None


@router.get("/register", response_model=RegisterPage)
async def register(
    hall_id: HallId,
    request: Request,
    receipt: Annotated[
        str | None,
        Query(pattern=RECEIPT_WRITTEN, description="How its number begins, or this year's serial."),
    ] = None,
    code: Annotated[str | None, Query(pattern=CODE_WRITTEN, description="What its citizen asks by.")] = None,
    number: Annotated[str | None, Query(pattern=NUMBER_WRITTEN, description="Of its ticket.")] = None,
    matter: Annotated[
        str | None, Query(min_length=1, max_length=60, description="Code, name, or how it sounds.")
    ] = None,
    department: Annotated[str | None, Query(max_length=200, description="Its Chinese name.")] = None,
    stage: Annotated[list[Stage] | None, Query(max_length=len(Stage), description="Any of these.")] = None,
    immediate: Annotated[
        bool | None, Query(description="Decided on the spot, or in the back office.")
    ] = None,
    due_before: Annotated[Day | None, Query(description="Under way, and due before this day.")] = None,
    late: Annotated[bool, Query(description="Only what should have been decided by now.")] = False,
    accepted_from: Annotated[Day | None, Query(description="Accepted on this day or later.")] = None,
    accepted_until: Annotated[Day | None, Query(description="Accepted on this day or earlier.")] = None,
    order: Annotated[Order, Query(description="`urgent` has only what waits for a decision.")] = Order.NEWEST,
    after: Annotated[
        str | None, Query(pattern=PLACE_WRITTEN, description="The `next` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_ROWS_MAX, description="Cases on a page.")] = PAGE_ROWS,
    applicant: Annotated[
        str | None,
        Header(alias="Applicant-Number", max_length=40, description="Of an identity card, a firm, a permit."),
    ] = None,
) -> Response:
    """Cases by whatever is known of them, a page at a time."""
    person, _ = await access_cases(request, hall_id)
    cases = cases_of(request)
    matters = None if matter is None else await cases.matters_like(hall_id, matter)

    def ask(today: date) -> Wanted:
        return Wanted(
            receipt=None if receipt is None else wanted_receipt(hall_id, receipt, today),
            code=None if code is None else wanted_code(code),
            number=None if number is None else number.upper(),
            matters=matters,
            department=department,
            stages=tuple(stage) if stage else None,
            immediate=immediate,
            due_before=due_before,
            late=late,
            accepted_from=accepted_from,
            accepted_until=accepted_until,
            applicant=None if applicant is None else cases.digests(wanted_applicant(applicant, today)),
        )

    place = None if after is None else read_place(after, order)
    found, now = await cases.register(hall_id, ask, order, after=place, rows_max=limit)
    return answered(
        {
            "cases": [line_of(entry.case, now) for entry in found.entries],
            "next": spelled_place(found.entries[-1].place, order) if found.more else None,
            "total": found.total,
            "total_is_more": found.total_is_more,
            "departments": [{"zh": zh, "en": en} for zh, en in await cases.departments(hall_id)],
            "department": person.account.department,
        }
    )


def line_of(case: Case, now: When) -> dict[str, Any]:
    """A case in the register."""
    return {
        "id": str(case.id),
        "code": spelled_code(case.code),
        "receipt": case.receipt_no,
        "ticket": None if case.ticket_id is None else str(case.ticket_id),
        "number": case.number,
        "stage": case.stage,
        "subject": subject_view(case),
        "opened": by_view(case.opened),
        "accepted": by_view(case.accepted),
        "reviewer": by_view(case.reviewer),
        "accepted_on": None if case.accepted is None else case.accepted.on.isoformat(),
        "owed": bool(debts(case)),
        "papers": list(written(case)),
        "due": due_view(case, now),
    }
