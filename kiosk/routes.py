"""Taking a ticket: at the terminal by the door, and the same on one's own phone.

Pages only; the tickets come from the API, like everybody's. But here is where a phone that scanned a screen
exchanges the code for a proof that it is in the hall (`hall/core/codes.py`), as a cookie: the address it goes
on to holds neither, so whoever gets the link passed on has to come and scan.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse, RedirectResponse

from queue_server.hall.access import (
    OPENED_COOKIE,
    OPENED_LASTS,
    SCANNED_COOKIE,
    TERMINAL_COOKIE,
    access_hall,
    house_of,
    is_terminal,
    opened_by,
    opening,
    phone_here,
)
from queue_server.hall.core.codes import STEP_SECONDS, TERMINAL_LASTS
from queue_server.hall.core.model import Rules
from queue_server.hall.core.rejections import HallUnknown
from queue_server.kit.database import DatabaseDown
from queue_server.kit.rejections import Rejected
from queue_server.kit.web.codes import code
from queue_server.kit.web.templates import Pages

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
LinkToken = Annotated[str, Segment(pattern="^[A-Za-z0-9_-]{1,64}$")]
Scan = Literal["", "needed", "old"]

STEP: Final = timedelta(seconds=STEP_SECONDS)
PHONE_ID_BYTES: Final = 9
PHONE_KEPT: Final = timedelta(days=1)  # How long a phone that scans again is the same one.

router = APIRouter(include_in_schema=False)
pages = Pages("kiosk", Path(__file__).parent)


@router.get("/kiosk/{hall_id}")
async def terminal(
    request: Request,
    hall_id: HallId,
    device: Annotated[str, Query(pattern=ID)] | None = None,
    elder: str | None = None,
) -> HTMLResponse:
    """The terminal by the door: `device` is which one, `elder` lets it begin, and begin again, in elder mode.

    Opened by somebody of the staff who is signed in, this browser is a terminal from then on.
    """
    shown = page(request, hall_id, "kiosk", device=device, elder=elder is not None)
    if not is_terminal(request, hall_id) and await is_staff(request, hall_id):
        keep(request, shown, hall_id, TERMINAL_COOKIE, f"terminal {device or ''}".strip(), TERMINAL_LASTS)
    return shown


async def is_staff(request: Request, hall_id: str) -> bool:
    """Whether somebody is signed in here who works in this hall."""
    try:
        await access_hall(request, hall_id)
    except (Rejected, DatabaseDown):
        return False
    return True


@router.get("/take/{hall_id}")
async def pocket(
    request: Request,
    hall_id: HallId,
    scanned: Annotated[str | None, Query(alias="code", max_length=64)] = None,
    elder: str | None = None,
) -> Response:
    """The same on a phone, which then shows the ticket itself. `code` is what a screen of the hall showed."""
    required = (await rules_of(request, hall_id)).presence_required
    if scanned is not None:
        house = house_of(request)
        fresh = house.codes.is_fresh(hall_id, scanned, house.real_clock())
        if fresh or not required:
            clean = RedirectResponse(f"/take/{hall_id}{'' if elder is None else '?elder'}", status_code=303)
            if fresh:
                keep(request, clean, hall_id, SCANNED_COOKIE, phone_id(request, hall_id), PHONE_KEPT)
            return clean
    scan: Scan = ""
    if required and phone_here(request, hall_id) is None:
        scan = "needed" if scanned is None else "old"
    shown = page(request, hall_id, "web", elder=elder is not None, scan=scan)
    opened = opening(phone_id(request, hall_id), house_of(request).real_clock())
    keep(request, shown, hall_id, OPENED_COOKIE, opened, OPENED_LASTS)
    return shown


async def rules_of(request: Request, hall_id: str) -> Rules:
    """The rules of the hall. Where none can be known they are the usual ones: the page says what is wrong."""
    try:
        return (await house_of(request).queues.halls.current(hall_id)).rules
    except (HallUnknown, DatabaseDown):
        return Rules()


def phone_id(request: Request, hall_id: str) -> str:
    """A name for this phone: the one it has had since it scanned or opened the page today, or a fresh one."""
    house = house_of(request)
    before = request.cookies.get(SCANNED_COOKIE, "")
    known = house.codes.proven(hall_id, before, house.real_clock(), PHONE_KEPT)
    opened = opened_by(request, hall_id)
    return known or (opened.device if opened else secrets.token_urlsafe(PHONE_ID_BYTES))


def keep(request: Request, response: Response, hall_id: str, cookie: str, who: str, lasts: timedelta) -> None:
    """Have the browser keep a proof, out of reach of scripts and of other sites."""
    house = house_of(request)
    response.set_cookie(
        cookie,
        house.codes.proof(hall_id, who, house.real_clock()),
        max_age=int(lasts.total_seconds()),
        httponly=True,
        secure=request.app.state.settings.public_base_url.startswith("https://"),
        samesite="lax",  # A phone comes from another app, and is sent on from there.
    )


def page(
    request: Request,
    hall_id: str,
    channel: str,
    *,
    device: str | None = None,
    elder: bool,
    scan: Scan = "",
) -> HTMLResponse:
    """The page for tickets that are taken over this channel; with `scan` it says what to do first."""
    data = {"hall_id": hall_id, "channel": channel, "device": device, "elder": elder, "scan": scan}
    return pages.respond(request, "kiosk.html", data=data, on_a_wall=channel == "kiosk")


# ── Codes to scan ────────────────────────────────────────────────────────────────────────────────


@router.get("/take/{hall_id}/qr.svg")
async def way_in(request: Request, hall_id: HallId) -> Response:
    """The code on the screens as it is now: take a ticket with your own phone.

    Where the hall wants it, it is the official account's: a scan of it is a ticket (`hall/api/words.py`).
    Without one at hand the plain code is shown at once; it is as good for as long.
    """
    house = house_of(request)
    now = house.real_clock()
    scanned = house.codes.code(hall_id, now)
    if (await rules_of(request, hall_id)).account_code:
        address_of_scene = request.app.state.scene_address
        # So that the next one is there.
        address_of_scene(f"{hall_id}!{house.codes.code(hall_id, now + STEP)}")
        address = address_of_scene(f"{hall_id}!{scanned}")
        if address is not None:
            return drawn(address)
    return svg(request, f"/take/{hall_id}?code={scanned}")


@router.get("/take/{hall_id}/poster.svg")
async def way_in_from_afar(request: Request, hall_id: HallId) -> Response:
    """The code for posters, which stays the same. It proves nothing, so it serves halls that want no proof."""
    return svg(request, f"/take/{hall_id}")


@router.get("/t/{link_token}/qr.svg")
async def way_on(request: Request, link_token: LinkToken) -> Response:
    """The code on the terminal: follow the ticket you have just taken."""
    return svg(request, f"/t/{link_token}")


def svg(request: Request, path: str) -> Response:
    """A code that leads to this path, at the address under which phones reach us."""
    return drawn(f"{request.app.state.settings.public_base_url}{path}")


def drawn(address: str) -> Response:
    """The code that says this address. It is another one soon."""
    return Response(code(address), media_type="image/svg+xml", headers={"cache-control": "no-store"})
