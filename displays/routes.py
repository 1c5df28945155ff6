"""The screens on the walls: in the lobby, in each zone, on pillars, where results are handed out, above windows.

One page for all of them: which panels it shows is the hall's configuration, and like everything else it
comes from the API.
"""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse

from queue_server.kit.web.templates import Pages

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
DisplayId = Annotated[str, Segment(pattern=ID)]
WindowId = Annotated[str, Segment(pattern=ID)]

router = APIRouter(prefix="/displays/{hall_id}", include_in_schema=False)
pages = Pages("displays", Path(__file__).parent)


@router.get("/screens/{display_id}")
async def screen(request: Request, hall_id: HallId, display_id: DisplayId) -> HTMLResponse:
    """A display of the hall by its id, or any screen with a layout by its name."""
    return page(request, hall_id, display_id)


@router.get("/lobby")
async def lobby(request: Request, hall_id: HallId) -> HTMLResponse:
    """Who goes where, who is next, how long it takes."""
    return page(request, hall_id, "lobby")


@router.get("/windows/{window_id}")
async def window(request: Request, hall_id: HallId, window_id: WindowId) -> HTMLResponse:
    """The screen above one window."""
    return page(request, hall_id, "window", window_id)


def page(request: Request, hall_id: str, display_id: str, window_id: str | None = None) -> HTMLResponse:
    """The page of every display."""
    data = {"hall_id": hall_id, "display_id": display_id, "window_id": window_id}
    return pages.respond(request, "screen.html", data=data, on_a_wall=True, hall_id=hall_id)
