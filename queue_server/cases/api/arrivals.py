"""Cases that came without anybody standing at a window, for those who accept them."""

from fastapi import APIRouter, Request, Response

from queue_server.cases.access import AT_A_DESK, access_cases, filing_of
from queue_server.cases.api.models import CaseList
from queue_server.cases.live import case_view
from queue_server.hall.api.answers import answered
from queue_server.hall.api.paths import HallId
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["arrivals"], responses=STAFF_ONLY)


@router.get("/arrivals", response_model=CaseList)
async def waiting(hall_id: HallId, request: Request) -> Response:
    """What came without anybody standing at a window and waits to be accepted, the oldest first."""
    await access_cases(request, hall_id, *AT_A_DESK)
    found, now = await filing_of(request).arrivals(hall_id)
    return answered({"cases": [case_view(case, now) for case in found]})
