"""What happened to a ticket, for staff who are asked about it."""

from contextlib import suppress

from fastapi import APIRouter, Request, Response

from queue_server.hall.access import House, access_hall, house_of
from queue_server.hall.api.answers import answered
from queue_server.hall.api.models import History
from queue_server.hall.api.paths import HallId, TicketId
from queue_server.hall.core import events as e
from queue_server.hall.core.rejections import TicketUnknown
from queue_server.hall.live.views.history import history, staff_in
from queue_server.hall.store import journal
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.people.core import AccountUnknown

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["histories"], responses=STAFF_ONLY)


@router.get("/tickets/{ticket_id}/history", response_model=History)
async def look(hall_id: HallId, ticket_id: TicketId, request: Request) -> Response:
    """What happened to a ticket, in order, from the journal itself."""
    await access_hall(request, hall_id)
    house = house_of(request)
    hall = await house.queues.halls.current(hall_id)
    story = await house.database.read(lambda tx: journal.of_ticket(tx, hall_id, int(ticket_id)))
    issue = story[0].event if story else None
    if not isinstance(issue, e.TicketIssued):
        raise TicketUnknown()
    names = await names_of(house, staff_in(story))
    return answered({"id": ticket_id, "number": issue.number, "history": history(hall, story, names)})


async def names_of(house: House, account_ids: set[str]) -> dict[str, str]:
    """How colleagues know them. Whose account is gone has no name any more."""
    names = {}
    for account_id in account_ids:
        with suppress(AccountUnknown):
            names[account_id] = (await house.people.account(account_id)).display_name
    return names
