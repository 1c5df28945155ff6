"""What citizens were told on their phones, by which channel, and what came of it. For staff; no phone is shown."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from notify import outbox
from notify.outbox import Line
from notify.sentences import spoken
from queue_server.hall.access import MANAGERS, access_hall, house_of
from queue_server.hall.api.answers import answered
from queue_server.hall.api.models import MessageList, TicketMessages
from queue_server.hall.api.paths import HallId, TicketId
from queue_server.hall.core.messages import GUIDE, subject_of
from queue_server.hall.live.views.parts import View
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["messages"], responses=STAFF_ONLY)

LINES_MAX = 100


@router.get("/messages", response_model=MessageList)
async def of_hall(
    hall_id: HallId,
    request: Request,
    before: Annotated[
        int | None, Query(ge=1, le=2**63 - 1, description="Only messages older than this one.")
    ] = None,
) -> Response:
    """The messages of a hall, the newest first, and what the last twenty-four hours cost."""
    await access_hall(request, hall_id, *MANAGERS)
    database = house_of(request).database
    await house_of(request).queues.halls.current(hall_id)
    lines = await database.read(lambda tx: outbox.lines(tx, hall_id, before_id=before, rows_max=LINES_MAX))
    totals = await database.read(lambda tx: outbox.totals(tx, hall_id))
    return answered(
        {
            "messages": [view(line) for line in lines],
            "totals": [{**row, "cost": float(row["cost"])} for row in totals],
            "before": str(lines[-1].id) if len(lines) == LINES_MAX else None,
        }
    )


@router.get("/tickets/{ticket_id}/messages", response_model=TicketMessages)
async def of_ticket(hall_id: HallId, ticket_id: TicketId, request: Request) -> Response:
    """What the holder of a ticket was told: which step of the ladder worked."""
    await access_hall(request, hall_id)
    subject = subject_of(hall_id, int(ticket_id))
    lines = await house_of(request).database.read(lambda tx: outbox.lines(tx, hall_id, subject=subject))
    return answered({"id": ticket_id, "messages": [view(line) for line in lines]})


def view(line: Line) -> View:
    """A message as staff see it, with the sentence as it was said. A guide is asked without one."""
    return {
        "id": str(line.id),
        "ticket": line.subject.rpartition("/")[2],
        "number": str(line.values.get("number", "")),
        "kind": line.kind,
        "channel": line.channel,
        "state": line.state,
        "reason": line.reason,
        "attempts": line.attempts,
        "provider": line.provider,
        "cost": line.cost,
        "put_at": line.put_at,
        "sent_at": line.sent_at,
        "text": "" if line.channel == GUIDE else spoken(line.text_key, line.language, line.values),
    }
