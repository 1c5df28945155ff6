"""The page on which departments keep what windows need to know."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi import Path as Segment
from fastapi.responses import RedirectResponse

from queue_server.kit.web.templates import Pages
from queue_server.people.api import token_in

ID: Final = "^[A-Za-z0-9_-]{1,40}$"

router = APIRouter(include_in_schema=False)
pages = Pages("knowledge", Path(__file__).parent)


@router.get("/knowledge/{hall_id}")
async def keep(request: Request, hall_id: Annotated[str, Segment(pattern=ID)]) -> Response:
    """Write, publish, withdraw. What may be done is decided by the API, deed by deed."""
    if token_in(request) is None:
        return RedirectResponse(f"/sign-in?next={request.url.path}", status_code=303)
    words = pages.texts.everything()
    return pages.respond(request, "knowledge.html", data={"hall_id": hall_id}, words=words)
