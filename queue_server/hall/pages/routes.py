"""The pages of the queue itself: the citizen's ticket, the clerk's console, and the way to every page.

Pages only; what they show they get from the API, like everybody.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse, RedirectResponse

from queue_server.hall.access import House, TooManyWrongLinks, console_of, house_of, look_at_ticket
from queue_server.hall.core.rejections import TicketPast, TicketUnknown
from queue_server.hall.live.views.parts import View
from queue_server.kit.database import DatabaseDown
from queue_server.kit.texts import Language
from queue_server.kit.web.templates import Pages, language_of
from queue_server.people.api import token_in

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
WindowId = Annotated[str, Segment(pattern=ID)]
LinkToken = Annotated[str, Segment(pattern="^[A-Za-z0-9_-]{1,64}$")]

ELDER_COOKIE: Final = "elder"
HALLS_SHOWN_MAX: Final = 6
IN_WECHAT: Final = "MicroMessenger"  # How its browser names itself.

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
async def phone(
    request: Request, link_token: LinkToken, wechat: Literal["", "bound", "not"] = ""
) -> HTMLResponse:
    """A ticket, for whoever holds its link; it says the most important with scripts off, too.

    `wechat` is what came of asking for messages there.
    """
    house = house_of(request)
    try:
        view = await look_at_ticket(request, link_token)
    except TicketUnknown:
        return await no_ticket(request, house, "phone.gone", status=404)
    except TicketPast as past:
        return await no_ticket(request, house, "phone.past", status=410, nearest=past.facts["hall"])
    except TooManyWrongLinks as no:
        return await no_ticket(request, house, "phone.gone", status=no.status)
    except DatabaseDown:
        view = None  # The page goes on asking.
    return pages.respond(
        request,
        "phone.html",
        data={"token": link_token},
        words=words_of("phone.", "because.", "before.", "way.", "outcome.", "reason."),
        shown=None if view is None else at_first(view, language_of(request)),
        elder=is_elder(request),
        wechat=view is not None and await offers_wechat(request, view["hall"]["id"]),
        came=wechat,
    )


async def offers_wechat(request: Request, hall_id: str) -> bool:
    """Whether this page is open in WeChat, in a hall that has an account there and wants to use it so."""
    if request.app.state.visitors is None or IN_WECHAT not in request.headers.get("user-agent", ""):
        return False
    return (await house_of(request).queues.halls.current(hall_id)).rules.wechat_binding


@router.get("/wechat/lost")
async def lost(request: Request) -> HTMLResponse:
    """Whoever comes back from WeChat by a way that is not theirs, or was used before."""
    return await no_ticket(request, house_of(request), "phone.wechat_lost", status=403)


async def no_ticket(
    request: Request, house: House, said: str, *, status: int, nearest: str | None = None
) -> HTMLResponse:
    """A kind word to whoever has a link that leads to no ticket, and the way to a new one: first where it was."""
    hall_ids = sorted(await house.queues.hall_ids(), key=lambda hall_id: hall_id != nearest)
    halls = [await house.queues.halls.current(hall_id) for hall_id in hall_ids[:HALLS_SHOWN_MAX]]
    return pages.respond(
        request,
        "no-ticket.html",
        status=status,
        said=said,
        halls=[(hall.id, getattr(hall.about.name, language_of(request))) for hall in halls],
        elder=is_elder(request),
    )


def at_first(view: View, language: Language) -> dict[str, str]:
    """What the page says before any script has run."""

    def t(key: str, **values: object) -> str:
        return pages.texts.t(key, language, **values)

    zone = ZoneInfo(view["hall"]["timezone"])
    group, window, ahead = view["group"]["name"], view["window"], view["ahead"]
    state = "near" if view["near"] and view["state"] == "waiting" else view["state"]
    return {
        "state": view["state"],
        "hall": view["hall"]["name"][language],
        "number": view["number"],
        "group": "" if group is None else group[language],
        "word": t("phone.void" if view["reason"] == "void" else f"phone.{state}"),
        "window": "" if window is None else window["label"][language],
        "ahead": "" if ahead is None else t("phone.people", count=ahead),
        "range": minutes_in_words(view["estimate"], t),
        "issued": t("phone.issued", time=f"{view['issued_at'].astimezone(zone):%H:%M}"),
    }


def minutes_in_words(estimate: View | None, t: Callable[..., str]) -> str:
    """A range of minutes, as texts.js writes it too."""
    if estimate is None:
        return t("minutes.unknown")
    low, high = estimate["low_minutes"], estimate["high_minutes"]
    return t("minutes.range", low=low, high=high) if low else t("minutes.upto", high=high)


def is_elder(request: Request) -> bool:
    """Whether this phone shows everything in large type. It was chosen here, and is kept here."""
    return request.cookies.get(ELDER_COOKIE) == "1"


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
        "clerk.", "story.", "told.", "why.", "rule.", "channel.", "class.", "need.", "outcome.", "reason."
    )
    return pages.respond(request, "clerk.html", data=data, window_id=window_id, words=words)


# ── In the hall ──────────────────────────────────────────────────────────────────────────────────


@router.get("/guide/{hall_id}")
async def guide(request: Request, hall_id: HallId) -> Response:
    """The floor guides' desk, on a phone or a tablet."""
    if token_in(request) is None:
        return sign_in_first(request)
    words = words_of("guide.", "class.", "need.", "reason.")
    return pages.respond(request, "guide.html", data={"hall_id": hall_id}, words=words)


@router.get("/overview/{hall_id}")
async def overview(request: Request, hall_id: HallId) -> Response:
    """The hall at a glance, for its managers."""
    if token_in(request) is None:
        return sign_in_first(request)
    words = words_of("overview.", "what_if.", "state.", "reason.", "guide.printer_")
    return pages.respond(request, "overview.html", data={"hall_id": hall_id}, hall_id=hall_id, words=words)


@router.get("/overview/{hall_id}/learned")
async def learned(request: Request, hall_id: HallId) -> Response:
    """What the hall has learned of itself, for its managers."""
    if token_in(request) is None:
        return sign_in_first(request)
    words = words_of("learned.", "overview.not_for_you", "overview.back")
    return pages.respond(request, "learned.html", data={"hall_id": hall_id}, hall_id=hall_id, words=words)


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
