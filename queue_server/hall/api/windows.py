"""Windows: signing in and out, pauses, and what managers do with them."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response, status

from queue_server.hall.access import (
    MANAGERS,
    House,
    Person,
    access_hall,
    access_window,
    clerk_of,
    house_of,
)
from queue_server.hall.api.answers import answered, asker_of, carry_out, ended
from queue_server.hall.api.models import (
    GroupsRequest,
    LossRequest,
    NoBody,
    PauseRequest,
    SessionRequest,
    WindowView,
)
from queue_server.hall.api.paths import HallId, WindowId
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.rejections import TicketEnded
from queue_server.hall.live.views.parts import Moment, View, window_state
from queue_server.hall.live.views.window import console
from queue_server.hall.timers import presence_of
from queue_server.kit.rejections import Rejected
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(
    prefix="/api/v1/halls/{hall_id}/windows/{window_id}", tags=["windows"], responses=STAFF_ONLY
)


@router.get("", response_model=WindowView)
async def look(hall_id: HallId, window_id: WindowId, request: Request) -> Response:
    """The window as its clerk sees it."""
    await access_window(request, hall_id, window_id)
    house = house_of(request)
    moment = await house.watch.moment(hall_id)
    matters = await house.catalogue.matters(hall_id)
    return answered(console(moment, moment.hall.windows[window_id], matters))


@router.post("/session", status_code=status.HTTP_201_CREATED, response_model=WindowView)
async def sign_in(
    hall_id: HallId, window_id: WindowId, request: Request, body: SessionRequest = SessionRequest()
) -> Response:
    """Open the window. A window that another console holds must be taken over explicitly."""
    person = await access_window(request, hall_id, window_id)
    house = house_of(request)
    hall = await house.queues.halls.current(hall_id)
    clerk = await clerk_of(house, person.account, hall.day or house.clock().date())
    command = c.SignIn(window_id, clerk, person.console, body.take_over, by=person.by)
    return await at_window(request, hall_id, window_id, person, command, status=status.HTTP_201_CREATED)


@router.delete("/session", response_model=WindowView)
async def sign_out(hall_id: HallId, window_id: WindowId, request: Request) -> Response:
    """Close the window, once nobody is called, served or held there."""
    person = await access_window(request, hall_id, window_id)
    command = c.SignOut(window_id, person.console, by=person.by)
    answer = await at_window(request, hall_id, window_id, person, command)
    await house_of(request).presence.forget(presence_of(hall_id, window_id, person.console))
    return answer


@router.put("/pause", response_model=WindowView)
async def pause(hall_id: HallId, window_id: WindowId, body: PauseRequest, request: Request) -> Response:
    """Serve nobody for a while."""
    person = await access_window(request, hall_id, window_id)
    now = house_of(request).clock()
    until = None if body.minutes is None else now + timedelta(minutes=body.minutes)
    command = c.PauseWindow(window_id, person.console, body.reason, until, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.delete("/pause", response_model=WindowView)
async def resume(hall_id: HallId, window_id: WindowId, request: Request) -> Response:
    """End the pause."""
    person = await access_window(request, hall_id, window_id)
    command = c.ResumeWindow(window_id, person.console, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/heartbeat", status_code=status.HTTP_204_NO_CONTENT)
async def heartbeat(
    hall_id: HallId, window_id: WindowId, request: Request, body: NoBody = NoBody()
) -> Response:
    """Say that the console is there. An open socket says so by itself."""
    person = await access_window(request, hall_id, window_id)
    await house_of(request).presence.beat(presence_of(hall_id, window_id, person.console))
    return Response(status_code=status.HTTP_204_NO_CONTENT)


# ── Managers ─────────────────────────────────────────────────────────────────────────────────────


@router.put("/groups", response_model=WindowView)
async def regroup(hall_id: HallId, window_id: WindowId, body: GroupsRequest, request: Request) -> Response:
    """Let the window serve other groups, now or from an instant. A running service finishes first."""
    person = await access_hall(request, hall_id, *MANAGERS)
    command = c.RegroupWindow(window_id, tuple(body.groups), body.effective_at, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


@router.post("/loss", response_model=WindowView)
async def lose(hall_id: HallId, window_id: WindowId, body: LossRequest, request: Request) -> Response:
    """Take the window out of service; its people are first in line elsewhere."""
    person = await access_hall(request, hall_id, *MANAGERS)
    command = c.LoseWindow(window_id, body.reason, by=person.by)
    return await at_window(request, hall_id, window_id, person, command)


# ── What they share ──────────────────────────────────────────────────────────────────────────────


async def at_window(
    request: Request,
    hall_id: str,
    window_id: str,
    person: Person,
    command: c.Command,
    *,
    status: int = 200,
) -> Response:
    """Carry out what staff ask at a window, and show the window after it."""
    house: House = house_of(request)
    matters = await house.catalogue.matters(hall_id)

    def show(_: list[e.Event], moment: Moment) -> View:
        return console(moment, moment.hall.windows[window_id], matters)

    try:
        return await carry_out(request, house, hall_id, command, show, asker=asker_of(person), status=status)
    except TicketEnded as no:
        assert isinstance(command, c.CallNext | c.ResumeTicket)  # The others name no ticket.
        assert command.ticket_id is not None
        raise await ended(house, hall_id, command.ticket_id, no) from None
    except Rejected as no:
        raise with_state(no, house, hall_id, window_id) from None


def with_state(no: Rejected, house: House, hall_id: str, window_id: str) -> Rejected:
    """The refusal, with the present state of the window unless it names one of its own."""
    hall = house.queues.halls.known(hall_id)
    if no.status == status.HTTP_409_CONFLICT and hall is not None and window_id in hall.windows:
        no.facts.setdefault("state", window_state(hall, hall.windows[window_id]))
    return no
