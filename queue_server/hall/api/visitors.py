"""Messages in WeChat for a ticket that was taken elsewhere: who opened its page there, and wants to hear of it.

    GET  /t/{link}/wechat    one tap on the ticket's page: on to WeChat, which asks nobody anything
    GET  /wechat/return      back from there, with a code for who it was

The way back belongs to the browser that went: it holds a proof of the ticket and of a word that WeChat brings
back (`state`), as a cookie, for ten minutes and one return. So nobody can have a stranger's ticket told to
themselves, or their own to a stranger. The ticket's link goes no further than this cookie, the openid no
further than the sealed row. Whatever goes wrong, the ticket is as it was, and the page says so.
"""

import secrets
from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as Segment
from fastapi.responses import RedirectResponse

from notify.channels.wechat import Visitors
from queue_server.hall.access import House, access_ticket, house_of
from queue_server.hall.actions import HallContended
from queue_server.hall.api.holding import ATTEMPTS_MAX
from queue_server.hall.api.phones import as_holder
from queue_server.hall.api.tickets import both
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.codes import equal
from queue_server.hall.core.model import Hall, Reach
from queue_server.hall.core.rejections import PhoneHasTicket, TicketsEnough
from queue_server.kit.database import Duplicate, Transaction
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer, Key, fingerprint, recall
from queue_server.people import contacts, holders
from queue_server.people.holders import Held

router = APIRouter(include_in_schema=False)

LinkToken = Annotated[str, Segment(pattern="^[A-Za-z0-9_-]{1,64}$")]

WAY_COOKIE: Final = "wechat"
WAY_LASTS: Final = timedelta(minutes=10)
WAY: Final = "way to wechat"  # No hall is called so: a proof of the one is no proof of the other.
STATE_BYTES: Final = 16
STATE_CHARACTERS_MAX: Final = 128  # As WeChat has it.
CODE_CHARACTERS_MAX: Final = 512


@router.get("/t/{link_token}/wechat")
async def go(link_token: LinkToken, request: Request) -> Response:
    """On to WeChat, where the hall wants that and has an account."""
    house, visitors = house_of(request), visitors_of(request)
    hall_id, _ = await access_ticket(request, link_token)
    if visitors is None or not (await house.queues.halls.current(hall_id)).rules.wechat_binding:
        return to_ticket(link_token)
    state = secrets.token_hex(STATE_BYTES)
    settings = request.app.state.settings
    on = RedirectResponse(visitors.way(f"{settings.public_base_url}/wechat/return", state), status_code=303)
    on.headers["cache-control"] = "no-store"
    on.set_cookie(
        WAY_COOKIE,
        house.codes.proof(WAY, f"{state}.{link_token}", house.real_clock()),
        max_age=int(WAY_LASTS.total_seconds()),
        path="/wechat/return",
        httponly=True,
        secure=settings.public_base_url.startswith("https://"),
        samesite="lax",  # It comes back from another site.
    )
    return on


@router.get("/wechat/return")
async def come_back(
    request: Request,
    state: Annotated[str, Query(max_length=STATE_CHARACTERS_MAX)] = "",
    code: Annotated[str, Query(max_length=CODE_CHARACTERS_MAX)] = "",
) -> Response:
    """Back from WeChat: whoever it was hears of the ticket from now on."""
    house, visitors = house_of(request), visitors_of(request)
    went = house.codes.proven(WAY, request.cookies.get(WAY_COOKIE, ""), house.real_clock(), WAY_LASTS)
    expected, _, link_token = (went or "").partition(".")
    if visitors is None or not link_token:
        return over(RedirectResponse("/wechat/lost", status_code=303))
    is_theirs = equal(expected, state)
    bound = bool(is_theirs and code) and await bind_once(request, visitors, link_token, state, code)
    return over(to_ticket(link_token, "bound" if bound else "not"))


def visitors_of(request: Request) -> Visitors | None:
    """Who knows who opened a page in WeChat, where there is an account."""
    visitors: Visitors | None = request.app.state.visitors
    return visitors


def to_ticket(link_token: str, came: str = "") -> RedirectResponse:
    """To the ticket's page, with what came of it."""
    address = f"/t/{link_token}" + (f"?wechat={came}" if came else "")
    return RedirectResponse(address, status_code=303, headers={"cache-control": "no-store"})


def over(answer: RedirectResponse) -> RedirectResponse:
    """The way is good for one return."""
    answer.delete_cookie(WAY_COOKIE, path="/wechat/return", httponly=True, samesite="lax")
    return answer


async def bind_once(request: Request, visitors: Visitors, link_token: str, state: str, code: str) -> bool:
    """Whether they hear of it now. The same way back has one effect, whatever is repeated."""
    house = house_of(request)
    key = Key(WAY, state, fingerprint(b""))
    try:
        hall_id, ticket_id = await access_ticket(request, link_token)
        if await recall(house.database, key) is not None:
            return True
        openid = await visitors.openid(code)
        if openid is None:
            return False
        await bind(house, hall_id, Held(ticket_id, link_token), openid, key)
    except Rejected:
        return False  # It has ended meanwhile, most likely, and its page says how.
    return True


async def bind(house: House, hall_id: str, held: Held, openid: str, key: Key) -> None:
    """Have somebody in WeChat hear of a ticket: their own, or a relative's if they hold others."""
    hall = await house.queues.halls.catch_up(hall_id)
    language = hall.tickets[held.ticket_id].language if held.ticket_id in hall.tickets else "zh"

    def bound(tx: Transaction, events: list[e.Event], hall: Hall) -> None:
        contacts.bind_wechat(
            tx, house.sealer, hall_id, held.ticket_id, openid, held.link_token, language, house.clock()
        )

    for _ in range(ATTEMPTS_MAX):
        reach, holding = Reach.OWN, None
        try:
            holding = await as_holder(house, hall_id, openid, held)
        except (PhoneHasTicket, TicketsEnough):
            reach = Reach.RELATIVE
        command = c.BindWechat(held.ticket_id, reach)
        try:
            await house.queues.handle(
                hall_id,
                command,
                request=key,
                respond=lambda _, __: Answer(200, ""),
                also=both(bound, holding),
            )
        except Duplicate as taken:
            if taken.constraint != holders.ONE_AT_A_TIME:
                return  # The same way back, at the same time: it is done.
        else:
            return
    raise HallContended(hall=hall_id)
