"""Taking a ticket: at the terminal by the door, and the same on one's own phone.

Pages only; the tickets come from the API, like everybody's.
"""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse

from queue_server.kit.web.codes import code
from queue_server.kit.web.templates import Pages

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
LinkToken = Annotated[str, Segment(pattern="^[A-Za-z0-9_-]{1,64}$")]

router = APIRouter(include_in_schema=False)
pages = Pages("kiosk", Path(__file__).parent)


@router.get("/kiosk/{hall_id}")
async def terminal(
    request: Request,
    hall_id: HallId,
    device: Annotated[str, Query(pattern=ID)] | None = None,
    elder: str | None = None,
) -> HTMLResponse:
    """The terminal by the door: `device` is which one, `elder` lets it begin, and begin again, in elder mode."""
    return page(request, hall_id, "kiosk", device=device, elder=elder is not None)


@router.get("/take/{hall_id}")
async def pocket(request: Request, hall_id: HallId, elder: str | None = None) -> HTMLResponse:
    """The same on a phone, which then shows the ticket itself."""
    return page(request, hall_id, "web", elder=elder is not None)


def page(
    request: Request, hall_id: str, channel: str, *, device: str | None = None, elder: bool
) -> HTMLResponse:
    """The page for tickets that are taken over this channel."""
    data = {"hall_id": hall_id, "channel": channel, "device": device, "elder": elder}
    return pages.respond(request, "kiosk.html", data=data, on_a_wall=channel == "kiosk")


# ── Codes to scan ────────────────────────────────────────────────────────────────────────────────


@router.get("/take/{hall_id}/qr.svg")
async def way_in(request: Request, hall_id: HallId) -> Response:
    """The code on the lobby screen: take a ticket with your own phone."""
    return svg(request, f"/take/{hall_id}")


@router.get("/t/{link_token}/qr.svg")
async def way_on(request: Request, link_token: LinkToken) -> Response:
    """The code on the terminal: follow the ticket you have just taken."""
    return svg(request, f"/t/{link_token}")


def svg(request: Request, path: str) -> Response:
    """A code that leads to this path, at the address under which phones reach us."""
    drawing = code(f"{request.app.state.settings.public_base_url}{path}")
    return Response(drawing, media_type="image/svg+xml")
