"""Serving the citizen at the window: start, hold, resume, transfer, complete."""

from fastapi import APIRouter, Request, Response

from queue_server.hall.access import access_window, house_of
from queue_server.hall.api.models import (
    CompletionRequest,
    HoldRequest,
    NoBody,
    ResumeRequest,
    TransferRequest,
    WindowView,
)
from queue_server.hall.api.paths import HallId, WindowId
from queue_server.hall.api.windows import at_window
from queue_server.hall.core import commands as c
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(
    prefix="/api/v1/halls/{hall_id}/windows/{window_id}", tags=["servings"], responses=STAFF_ONLY
)


@router.post("/start", response_model=WindowView)
async def start(hall_id: HallId, window_id: WindowId, request: Request, body: NoBody = NoBody()) -> Response:
    """The citizen has arrived."""
    person = await access_window(request, hall_id, window_id)
    command = c.StartServing(window_id, person.console, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/hold", response_model=WindowView)
async def hold(hall_id: HallId, window_id: WindowId, body: HoldRequest, request: Request) -> Response:
    """Interrupt the service; the citizen returns to this window."""
    person = await access_window(request, hall_id, window_id)
    seconds = None if body.minutes is None else body.minutes * 60
    command = c.HoldTicket(window_id, person.console, body.reason, seconds, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/resume", response_model=WindowView)
async def resume(hall_id: HallId, window_id: WindowId, body: ResumeRequest, request: Request) -> Response:
    """Go on with a held service."""
    person = await access_window(request, hall_id, window_id)
    command = c.ResumeTicket(window_id, person.console, int(body.ticket), by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/transfer", response_model=WindowView)
async def transfer(hall_id: HallId, window_id: WindowId, body: TransferRequest, request: Request) -> Response:
    """Send the citizen on to another group without queueing again."""
    person = await access_window(request, hall_id, window_id)
    ticket_id = None if body.ticket is None else int(body.ticket)
    command = c.TransferTicket(window_id, person.console, body.group, body.reason, ticket_id, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/completion", response_model=WindowView)
async def complete(
    hall_id: HallId, window_id: WindowId, request: Request, body: CompletionRequest = CompletionRequest()
) -> Response:
    """Finish, with an outcome for each matter, and the reason if it took longer than it should."""
    person = await access_window(request, hall_id, window_id)
    matters = await house_of(request).catalogue.matters(hall_id)
    command = c.CompleteServing(
        window_id,
        person.console,
        dict(body.outcomes),
        overrun_reason=body.overrun_reason or "",
        target_minutes={code: matter.target_minutes for code, matter in matters.items()},
        by=person.by,
    )
    return await at_window(request, hall_id, window_id, person, command)
