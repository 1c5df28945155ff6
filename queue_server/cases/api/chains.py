"""Chains over HTTP: what is applied for together, and the cases into which one was split.

A chain is opened, taken in and accepted like any other case, under its own code.
"""

from fastapi import APIRouter, Request, Response

from queue_server.cases.access import access_cases, cases_of
from queue_server.cases.api.cases import CaseId
from queue_server.cases.api.models import CaseList, Chains
from queue_server.cases.live import case_view, chain_view
from queue_server.hall.api.answers import answered
from queue_server.hall.api.paths import HallId
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["chains"], responses=STAFF_ONLY)


@router.get("/chains", response_model=Chains)
async def offered(hall_id: HallId, request: Request) -> Response:
    """Which matters can be applied for together here."""
    await access_cases(request, hall_id)
    found = await cases_of(request).chains(hall_id)
    return answered({"chains": [chain_view(matter, members) for matter, members in found]})


@router.get("/cases/{case_id}/members", response_model=CaseList)
async def members(hall_id: HallId, case_id: CaseId, request: Request) -> Response:
    """The cases into which a chain was split when it was accepted."""
    await access_cases(request, hall_id)
    cases = cases_of(request)
    master, now = await cases.case(hall_id, int(case_id))
    return answered({"cases": [case_view(case, now) for case in await cases.members(master)]})
