"""Rating a service on a phone, and what managers see of it."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse, RedirectResponse

from queue_server.hall.access import house_of
from queue_server.kit.web.templates import Pages
from queue_server.oversight.access import ratings_of
from queue_server.oversight.core import ASPECTS, LEVELS, RatingPast, RatingUnknown
from queue_server.people.api import token_in

HallId = Annotated[str, Segment(pattern="^[A-Za-z0-9_-]{1,40}$")]
Token = Annotated[str, Segment(pattern=r"^[A-Za-z0-9._-]{1,240}$")]

router = APIRouter(include_in_schema=False)
pages = Pages("oversight", Path(__file__).parent)


@router.get("/rate/{token}")
async def rate(request: Request, token: Token) -> HTMLResponse:
    """Five levels, four aspects, a few words; once."""
    try:
        service, hall, rated = await ratings_of(request).service(token)
    except RatingUnknown:
        return pages.respond(request, "no-rating.html", status=404, said="unknown")
    except RatingPast:
        return pages.respond(request, "no-rating.html", status=410, said="past")
    if rated:
        return pages.respond(request, "no-rating.html", said="used")
    return pages.respond(
        request,
        "rate.html",
        data={"token": token},
        hall=hall.about.name,
        day=service.day.isoformat(),
        levels=LEVELS,
        aspects=ASPECTS,
    )


@router.get("/ratings/{hall_id}")
async def ratings(request: Request, hall_id: HallId) -> Response:
    """What people said, and the bad ones that wait for an answer."""
    if token_in(request) is None:
        return RedirectResponse(f"/sign-in?next={request.url.path}", status_code=303)
    hall = await house_of(request).queues.halls.current(hall_id)
    return pages.respond(request, "ratings.html", data={"hall_id": hall_id, "timezone": hall.about.timezone})
