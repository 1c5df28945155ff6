"""The admin pages: one for each area of a hall, with a navigation they share.

Pages only; what they show and change they get from the API, like everybody.
"""

from pathlib import Path
from typing import Annotated, Final, Literal, get_args

from fastapi import APIRouter, Request, Response
from fastapi import Path as Segment
from fastapi.responses import RedirectResponse

from queue_server.hall.core.layouts import EVERY_HALL, PANELS
from queue_server.hall.core.rulebook import RULEBOOK, default
from queue_server.kit.web.templates import Pages
from queue_server.people.api import token_in

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
Area = Literal[
    "look",
    "plan",
    "groups",
    "windows",
    "matters",
    "people",
    "hours",
    "rules",
    "devices",
    "notices",
    "messages",
    "history",
]
AREAS: Final[tuple[Area, ...]] = get_args(Area)

router = APIRouter(prefix="/admin", include_in_schema=False)
pages = Pages("admin", Path(__file__).parent)


@router.get("")
async def choose(request: Request) -> Response:
    """Every hall, and a form for a new one."""
    if token_in(request) is None:
        return sign_in_first(request)
    return pages.respond(request, "halls.html")


@router.get("/{hall_id}")
async def hall(request: Request, hall_id: HallId) -> Response:
    """The first area of a hall."""
    return await area(request, hall_id, AREAS[0])


@router.get("/{hall_id}/{area}")
async def area(request: Request, hall_id: HallId, area: Area) -> Response:
    """One area of a hall. Whether one may change it is decided by the API, deed by deed."""
    if token_in(request) is None:
        return sign_in_first(request)
    data = {"hall_id": hall_id, "area": area, "rules": rules(), "layouts": layouts(), "panels": PANELS}
    return pages.respond(request, "area.html", data=data, hall_id=hall_id, area=area, areas=AREAS)


def sign_in_first(request: Request) -> RedirectResponse:
    """To the sign-in page, and back here after that."""
    return RedirectResponse(f"/sign-in?next={request.url.path}", status_code=303)


def rules() -> list[dict[str, object]]:
    """Every rule with its words, bounds and default."""
    return [
        {
            "id": rule.id,
            "unit": rule.unit,
            "name": {"zh": rule.name.zh, "en": rule.name.en},
            "means": {"zh": rule.means.zh, "en": rule.means.en},
            "least": rule.least,
            "most": rule.most,
            "default": default(rule),
        }
        for rule in RULEBOOK
    ]


def layouts() -> list[dict[str, object]]:
    """The layouts that every hall has."""
    return [{"id": each.id, "name": {"zh": each.name.zh, "en": each.name.en}} for each in EVERY_HALL]
