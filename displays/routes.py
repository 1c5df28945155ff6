"""The screens on the walls: the lobby board, and a screen above each window.

Pages only; what they show they get from the API, like everybody.
"""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse

from queue_server.kit.web.templates import Pages

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
WindowId = Annotated[str, Segment(pattern=ID)]

router = APIRouter(prefix="/displays/{hall_id}", include_in_schema=False)
pages = Pages("displays", Path(__file__).parent)


@router.get("/lobby")
async def lobby(request: Request, hall_id: HallId) -> HTMLResponse:
    """Who goes where, who is next, how long it takes."""
    return pages.respond(request, "lobby.html", data={"hall_id": hall_id}, on_a_wall=True, hall_id=hall_id)


@router.get("/windows/{window_id}")
async def window(request: Request, hall_id: HallId, window_id: WindowId) -> HTMLResponse:
    """The screen above one window."""
    data = {"hall_id": hall_id, "window_id": window_id}
    return pages.respond(request, "window.html", data=data, on_a_wall=True, window_id=window_id)
