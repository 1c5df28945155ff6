"""Calling the next citizen, silently, and what may become of a call."""

from fastapi import APIRouter, Request, Response, status

from queue_server.hall.access import access_window
from queue_server.hall.api.models import CallRequest, NoBody, WindowView
from queue_server.hall.api.paths import HallId, WindowId
from queue_server.hall.api.windows import at_window
from queue_server.hall.core import commands as c
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}/windows/{window_id}", tags=["calls"], responses=STAFF_ONLY)


@router.post("/calls", status_code=status.HTTP_201_CREATED, response_model=WindowView)
async def call_next(
    hall_id: HallId, window_id: WindowId, request: Request, body: CallRequest = CallRequest()
) -> Response:
    """Call the next citizen this window can serve, or one by hand and with a reason."""
    person = await access_window(request, hall_id, window_id)
    ticket_id = None if body.ticket is None else int(body.ticket)
    command = c.CallNext(window_id, person.console, ticket_id, body.reason or "", by=person.by)
    return await at_window(request, hall_id, window_id, person, command, status=status.HTTP_201_CREATED)


@router.post("/recall", response_model=WindowView)
async def recall(hall_id: HallId, window_id: WindowId, request: Request, body: NoBody = NoBody()) -> Response:
    """Repeat the call."""
    person = await access_window(request, hall_id, window_id)
    command = c.RecallTicket(window_id, person.console, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/undo", response_model=WindowView)
async def undo(hall_id: HallId, window_id: WindowId, request: Request, body: NoBody = NoBody()) -> Response:
    """Take back a call made by mistake."""
    person = await access_window(request, hall_id, window_id)
    command = c.UndoCall(window_id, person.console, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/missed", response_model=WindowView)
async def miss(hall_id: HallId, window_id: WindowId, request: Request, body: NoBody = NoBody()) -> Response:
    """Nobody came in time."""
    person = await access_window(request, hall_id, window_id)
    command = c.MissTicket(window_id, person.console, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)
