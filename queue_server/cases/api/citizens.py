"""What a citizen may know of their cases from the link of the ticket."""

from fastapi import APIRouter, Request, Response

from queue_server.cases.access import cases_of
from queue_server.cases.api.models import OwnCases
from queue_server.cases.core.model import Stage
from queue_server.cases.live import citizen_view
from queue_server.hall.access import access_ticket
from queue_server.hall.api.answers import answered
from queue_server.hall.api.paths import LinkToken

router = APIRouter(prefix="/api/v1/tickets", tags=["cases"])


@router.get("/{link_token}/cases", response_model=OwnCases)
async def own(link_token: LinkToken, request: Request) -> Response:
    """The cases of a ticket that have a receipt: their numbers, and until when they are decided."""
    hall_id, ticket_id = await access_ticket(request, link_token)
    found, now = await cases_of(request).of_ticket(hall_id, ticket_id)
    told = [
        citizen_view(case, now)
        for case in found
        if case.receipt_no and case.part is None and case.stage != Stage.WITHDRAWN
    ]
    return answered({"cases": told})
