"""Cases that came without anybody standing at a window, for those who accept them."""

from fastapi import APIRouter, Request, Response, status

from queue_server.cases.access import AT_A_DESK, access_cases, filing_of
from queue_server.cases.actions import Applicant
from queue_server.cases.api.cases import CaseId, changed, spelled
from queue_server.cases.api.models import CaseList, CaseShape, MailRequest, ParcelRequest
from queue_server.cases.core import mail
from queue_server.cases.core.model import Case, Step, When
from queue_server.cases.filing import Asked, Posted, Reach
from queue_server.cases.live import case_view
from queue_server.hall.access import house_of
from queue_server.hall.api.answers import answered, asker_of, replied
from queue_server.hall.api.paths import HallId
from queue_server.kit.requests import Answer
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["arrivals"], responses=STAFF_ONLY)


@router.get("/arrivals", response_model=CaseList)
async def waiting(hall_id: HallId, request: Request) -> Response:
    """What came without anybody standing at a window and waits to be accepted, the oldest first."""
    await access_cases(request, hall_id, *AT_A_DESK)
    found, now = await filing_of(request).arrivals(hall_id)
    return answered({"cases": [case_view(case, now) for case in found]})


@router.post("/mailed-cases", status_code=status.HTTP_201_CREATED, response_model=CaseShape)
async def register(hall_id: HallId, body: MailRequest, request: Request) -> Response:
    """Open the case of a parcel that came by post."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    key = await key_of(request, asker_of(person))
    contact, parcel = body.contact, body.parcel

    async def work() -> Answer:
        return await filing_of(request).register(
            hall_id,
            Asked(body.matter, body.scenario),
            actor,
            applicant=Applicant(body.applicant.kind, body.applicant.name, body.applicant.number),
            posted=Posted(parcel.carrier, parcel.waybill, parcel.posted_on),
            way_back=body.way_back,
            reach=None if contact is None else Reach(contact.phone, contact.language),
            respond=spelled(status.HTTP_201_CREATED),
            request=key,
        )

    return replied(await house_of(request).requests.once(key, work))


@router.post("/cases/{case_id}/parcels", response_model=CaseShape)
async def add_parcel(hall_id: HallId, case_id: CaseId, body: ParcelRequest, request: Request) -> Response:
    """Another parcel for a case that is there: what a notice named, or what was promised."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    told = body.parcel

    def deed(_: object, case: Case, now: When) -> Step:
        parcel = mail.parcel_from(actor, now, told.carrier, told.waybill, told.posted_on)
        return mail.add_parcel(case, actor, parcel)

    return await changed(request, hall_id, case_id, person, body, deed)
