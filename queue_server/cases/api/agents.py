"""Cases that agents bring for people who stay at home, and the results they bring back."""

from fastapi import APIRouter, Request, Response, status

from queue_server.cases.access import access_cases, filing_of
from queue_server.cases.actions import Applicant
from queue_server.cases.api.cases import CaseId, changed, spelled
from queue_server.cases.api.models import (
    CaseShape,
    DeliveryRequest,
    EntrustedCases,
    EntrustmentRequest,
)
from queue_server.cases.core.entrustment import deliver as delivered
from queue_server.cases.core.model import Case, Mark, Step, When
from queue_server.cases.filing import Asked, Reach
from queue_server.cases.live import case_view
from queue_server.hall.access import house_of
from queue_server.hall.api.answers import answered, asker_of, replied
from queue_server.hall.api.paths import HallId
from queue_server.kit.requests import Answer
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.people.core import Role

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["agents"], responses=STAFF_ONLY)


@router.get("/entrusted-cases", response_model=EntrustedCases)
async def own(hall_id: HallId, request: Request) -> Response:
    """What the agent who asks has brought, and for whom, the newest first."""
    person, _ = await access_cases(request, hall_id, Role.AGENT)
    found, now = await filing_of(request).of_agent(hall_id, person.account.id)
    told = [
        {
            "case": case_view(case, now),
            "applicant": "" if applicant is None else applicant.name,
            "pickup": case.pickup,
        }
        for case, applicant in found
    ]
    return answered({"cases": told})


@router.post("/entrusted-cases", status_code=status.HTTP_201_CREATED, response_model=CaseShape)
async def entrust(hall_id: HallId, body: EntrustmentRequest, request: Request) -> Response:
    """Hand in a case for somebody who has signed that the agent may. The answer has its receipt number."""
    person, actor = await access_cases(request, hall_id, Role.AGENT)
    key = await key_of(request, asker_of(person))
    contact = body.contact

    async def work() -> Answer:
        return await filing_of(request).entrust(
            hall_id,
            Asked(body.matter, body.scenario),
            actor,
            applicant=Applicant(body.applicant.kind, body.applicant.name, body.applicant.number),
            entruster=body.entruster,
            marks=[None if mark is None else Mark(mark) for mark in body.marks],
            reach=None if contact is None else Reach(contact.phone, contact.language),
            phone_of=None if contact is None else contact.of,
            respond=spelled(status.HTTP_201_CREATED),
            request=key,
        )

    return replied(await house_of(request).requests.once(key, work))


@router.post("/entrusted-cases/{case_id}/delivery", response_model=CaseShape)
async def deliver(hall_id: HallId, case_id: CaseId, body: DeliveryRequest, request: Request) -> Response:
    """The result is with whoever it is for: each paper is accounted for, and they have signed."""
    person, actor = await access_cases(request, hall_id, Role.AGENT)

    def deed(_: object, case: Case, now: When) -> Step:
        return delivered(case, actor, now, returned=body.returned, kept=body.kept)

    return await changed(request, hall_id, case_id, person, body, deed)
