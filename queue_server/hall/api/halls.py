"""Halls: the board for everybody, days and rules for managers."""

from fastapi import APIRouter, Request, Response, status
from msgspec.structs import replace

from queue_server.hall.access import MANAGERS, access_hall, house_of
from queue_server.hall.actions import Also, rules_on_paper
from queue_server.hall.api.answers import answered, asker_of, carry_out
from queue_server.hall.api.models import Board, HallList, NoBody, OverviewView, PlanShape, RulesRequest
from queue_server.hall.api.paths import HallId
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.live.views.board import board
from queue_server.hall.live.views.parts import Moment, View, hall_name
from queue_server.hall.live.views.plan import plan_view
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls", tags=["halls"])


@router.get("", response_model=HallList)
async def halls(request: Request) -> Response:
    """Every hall of the installation."""
    house = house_of(request)
    lines = []
    for hall_id in await house.queues.hall_ids():
        hall = await house.queues.halls.current(hall_id)
        lines.append({**hall_name(hall), "open": hall.open, "day": hall.day})
    return answered({"halls": lines})


@router.get("/{hall_id}", response_model=Board)
async def look(hall_id: HallId, request: Request) -> Response:
    """The board: queues, windows, recent calls."""
    return answered(board(await house_of(request).watch.moment(hall_id)))


@router.get("/{hall_id}/plan", response_model=PlanShape)
async def plan(hall_id: HallId, request: Request) -> Response:
    """The floor plan: where the windows are."""
    return answered(plan_view(await house_of(request).watch.moment(hall_id)))


@router.get("/{hall_id}/overview", response_model=OverviewView, responses=STAFF_ONLY)
async def overview(hall_id: HallId, request: Request) -> Response:
    """The hall at a glance: lines, windows, the day so far, and what needs somebody."""
    await access_hall(request, hall_id, *MANAGERS)
    watch = house_of(request).watch
    return answered(await watch.overview(await watch.moment(hall_id)))


@router.post(
    "/{hall_id}/day", status_code=status.HTTP_201_CREATED, response_model=Board, responses=STAFF_ONLY
)
async def open_day(hall_id: HallId, request: Request, body: NoBody = NoBody()) -> Response:
    """Open today's books, for example again after they were closed too early."""
    person = await access_hall(request, hall_id, *MANAGERS)
    command = await house_of(request).queues.opening(hall_id, by=person.by)
    return await for_hall(request, hall_id, command, asker_of(person), status=status.HTTP_201_CREATED)


@router.delete("/{hall_id}/day", response_model=Board, responses=STAFF_ONLY)
async def close_day(hall_id: HallId, request: Request) -> Response:
    """Close today's books once nobody is called or served."""
    person = await access_hall(request, hall_id, *MANAGERS)
    return await for_hall(request, hall_id, c.CloseDay(by=person.by), asker_of(person))


@router.put("/{hall_id}/rules", response_model=Board, responses=STAFF_ONLY)
async def change_rules(hall_id: HallId, body: RulesRequest, request: Request) -> Response:
    """Put other rules into force; what is not named stays."""
    person = await access_hall(request, hall_id, *MANAGERS)
    hall = await house_of(request).queues.halls.current(hall_id)
    changes = body.model_dump(exclude_none=True)
    rules = replace(hall.rules, **changes)
    command = c.ChangeRules(rules, by=person.by)
    also = rules_on_paper(person.by, house_of(request).clock())
    return await for_hall(request, hall_id, command, asker_of(person), also=also)


async def for_hall(
    request: Request,
    hall_id: str,
    command: c.Command,
    asker: str,
    *,
    status: int = status.HTTP_200_OK,
    also: Also | None = None,
) -> Response:
    """Carry out what managers ask of a hall, and show the board after it."""

    def show(_: list[e.Event], moment: Moment) -> View:
        return board(moment)

    house = house_of(request)
    return await carry_out(request, house, hall_id, command, show, asker=asker, status=status, also=also)
