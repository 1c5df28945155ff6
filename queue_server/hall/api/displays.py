"""Displays: what each screen on the walls is to show."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from queue_server.hall.access import house_of
from queue_server.hall.api.answers import answered
from queue_server.hall.api.models import DisplayShape
from queue_server.hall.api.paths import DisplayId, HallId
from queue_server.hall.core.layouts import shown_by
from queue_server.hall.live.views.display import display_view

router = APIRouter(prefix="/api/v1/halls/{hall_id}/displays", tags=["displays"])


@router.get("/{display_id}", response_model=DisplayShape)
async def look(
    hall_id: HallId,
    display_id: DisplayId,
    request: Request,
    window: Annotated[
        str | None, Query(max_length=40, description="The window, for a screen nobody has written down.")
    ] = None,
) -> Response:
    """What a display shows, where its arrows point, and the notices. Ask again when `version` moves."""
    house = house_of(request)
    version, paper = await house.queues.newest(hall_id)
    return answered(display_view(paper, version, shown_by(paper, display_id, window), house.clock()))
