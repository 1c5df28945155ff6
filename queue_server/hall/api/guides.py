"""The floor guides: whom to fetch and who goes, and finding a ticket in the hall."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from queue_server.hall.access import GUIDES, MANAGERS, access_hall, house_of
from queue_server.hall.api.answers import answered, asker_of
from queue_server.hall.api.models import FoundTickets, GuideView, NoBody, TicketView
from queue_server.hall.api.paths import HallId, TicketId
from queue_server.hall.api.tickets import about_ticket, staff_asks
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.model import Guide
from queue_server.hall.live.views.guide import found, guide
from queue_server.hall.live.views.parts import Moment, View
from queue_server.kit.web.openapi import STAFF_ONLY

NUMBER_CHARACTERS_MAX: Final = 12

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["guides"], responses=STAFF_ONLY)


@router.get("/guide", response_model=GuideView)
async def desk(hall_id: HallId, request: Request) -> Response:
    """Whom to fetch, and who may come back."""
    await access_hall(request, hall_id, *GUIDES)
    return answered(guide(await house_of(request).watch.moment(hall_id)))


@router.get("/tickets", response_model=FoundTickets)
async def find(
    hall_id: HallId,
    request: Request,
    number: Annotated[
        str, Query(max_length=NUMBER_CHARACTERS_MAX, description="Any part of the number.")
    ] = "",
) -> Response:
    """Open tickets by a part of their number, the oldest first."""
    await access_hall(request, hall_id, *GUIDES)
    return answered(found(await house_of(request).watch.moment(hall_id), number))


@router.post("/tickets/{ticket_id}/help", response_model=GuideView)
async def take(hall_id: HallId, ticket_id: TicketId, request: Request, body: NoBody = NoBody()) -> Response:
    """Say "I go" for somebody who is to be fetched."""
    person = await access_hall(request, hall_id, *GUIDES)
    helper = Guide(person.account.id, person.account.display_name)
    command = c.TakeHelp(int(ticket_id), helper, by=person.by)
    return await about_ticket(request, hall_id, int(ticket_id), command, show_desk, asker_of(person))


@router.delete("/tickets/{ticket_id}/help", response_model=GuideView)
async def release(hall_id: HallId, ticket_id: TicketId, request: Request) -> Response:
    """Leave it to others. Managers may say so for a guide."""
    person = await access_hall(request, hall_id, *GUIDES)
    guide_id = None if person.account.role in MANAGERS else person.account.id
    command = c.ReleaseHelp(int(ticket_id), guide_id, by=person.by)
    return await about_ticket(request, hall_id, int(ticket_id), command, show_desk, asker_of(person))


@router.post("/tickets/{ticket_id}/acknowledgement", response_model=TicketView)
async def acknowledge(
    hall_id: HallId, ticket_id: TicketId, request: Request, body: NoBody = NoBody()
) -> Response:
    """Say "we are coming" for somebody who was called and has no phone."""
    person = await access_hall(request, hall_id, *GUIDES)
    command = c.AcknowledgeCall(int(ticket_id), by=person.by)
    return await staff_asks(request, hall_id, command, int(ticket_id), asker_of(person))


def show_desk(_: list[e.Event], moment: Moment) -> View:
    """The desk after a deed."""
    return guide(moment)
