"""The pages of the queue itself: the citizen's ticket, the clerk's console, and the way to every page.

Pages only; what they show they get from the API, like everybody.
"""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse, RedirectResponse

from queue_server.hall.access import console_of
from queue_server.kit.texts import Language
from queue_server.kit.web.templates import Pages
from queue_server.people.api import token_in

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
WindowId = Annotated[str, Segment(pattern=ID)]
LinkToken = Annotated[str, Segment(pattern="^[A-Za-z0-9_-]{1,64}$")]

EVERYWHERE: Final = ("stale.", "minutes.", "problem.")

router = APIRouter(include_in_schema=False)
pages = Pages("hall", Path(__file__).parent)


@router.get("/")
async def index(request: Request) -> HTMLResponse:
    """Every page of every hall."""
    words = words_of("index.", "state.")
    return pages.respond(request, "index.html", data={"choose": False}, words=words)


# ── The citizen's phone ──────────────────────────────────────────────────────────────────────────


@router.get("/t/{link_token}")
async def phone(request: Request, link_token: LinkToken) -> HTMLResponse:
    """A ticket, for whoever holds its link."""
    return pages.respond(
        request, "phone.html", data={"token": link_token}, words=words_of("phone.", "reason.")
    )


# ── The clerk's desk ─────────────────────────────────────────────────────────────────────────────


@router.get("/clerk")
async def choose(request: Request) -> Response:
    """Where do you work today?"""
    if token_in(request) is None:
        return sign_in_first(request)
    words = words_of("index.", "state.")
    return pages.respond(request, "index.html", data={"choose": True}, words=words)


@router.get("/clerk/{hall_id}/{window_id}")
async def console(request: Request, hall_id: HallId, window_id: WindowId) -> Response:
    """The console of one window. Whether one may use it is decided by the API, deed by deed."""
    token = token_in(request)
    if token is None:
        return sign_in_first(request)
    data = {"hall_id": hall_id, "window_id": window_id, "console": console_of(token)}
    words = words_of(
        "clerk.", "story.", "why.", "rule.", "channel.", "class.", "need.", "outcome.", "reason."
    )
    return pages.respond(request, "clerk.html", data=data, window_id=window_id, words=words)


def sign_in_first(request: Request) -> RedirectResponse:
    """To the sign-in page, and back here after that."""
    return RedirectResponse(f"/sign-in?next={request.url.path}", status_code=303)


def words_of(*beginnings: str) -> dict[Language, dict[str, str]]:
    """The sentences that one page needs: the rest would only be carried about."""
    needed = beginnings + EVERYWHERE
    return {
        language: {key: sentence for key, sentence in sentences.items() if key.startswith(needed)}
        for language, sentences in pages.texts.everything().items()
    }
