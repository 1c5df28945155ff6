"""Sockets: whole views for boards, windows, phones, guides and managers.

A lost view is harmless, the next one is whole.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import msgspec
from fastapi import APIRouter, WebSocket

from queue_server.hall.access import (
    GUIDES,
    MANAGERS,
    House,
    Person,
    access_ticket,
    check_window,
    house_of,
    look_at_ticket,
    person_in,
)
from queue_server.hall.live.watch import Letterbox
from queue_server.hall.timers import presence_of
from queue_server.kit import metrics
from queue_server.kit.database import DatabaseDown
from queue_server.kit.rejections import Rejected
from queue_server.kit.sockets import UNWELCOME, refuse, show
from queue_server.people.api import token_in
from queue_server.people.core import Role, SignInNeeded

STAFF_LOOK_SECONDS: Final = 2.0  # `whoami` may be two seconds old: who signs out is out within four.

router = APIRouter()


class TryAgain(Rejected):
    """Please try again in a moment."""

    status = 503
    zh = "系统繁忙，请稍后重试。"


@router.websocket("/ws/halls/{hall_id}/board")
async def board(websocket: WebSocket, hall_id: str) -> None:
    """The board of a hall, for everybody."""
    house = house_of(websocket)
    try:
        box = await house.watch.board(hall_id)
    except (Rejected, DatabaseDown) as no:
        await refuse(websocket, as_refusal(no))
        return
    await keep_showing(websocket, house, hall_id, box, "board")


@router.websocket("/ws/tickets/{link_token}")
async def ticket(websocket: WebSocket, link_token: str) -> None:
    """A ticket, for whoever holds its link."""
    house = house_of(websocket)
    try:
        await look_at_ticket(websocket, link_token)
        hall_id, ticket_id = await access_ticket(websocket, link_token)
        box = await house.watch.ticket(hall_id, ticket_id)
    except (Rejected, DatabaseDown) as no:
        await refuse(websocket, as_refusal(no))
        return
    await keep_showing(websocket, house, hall_id, box, "ticket")


@router.websocket("/ws/halls/{hall_id}/windows/{window_id}")
async def window(websocket: WebSocket, hall_id: str, window_id: str) -> None:
    """A window: its screen for everybody, its console for staff of the hall who are signed in."""
    house = house_of(websocket)
    try:
        hall = await house.queues.halls.current(hall_id)
        check_window(hall.windows, window_id)
        person = None if "screen" in websocket.query_params else await person_at(websocket, house, hall_id)
        box = await house.watch.window(hall_id, window_id, as_clerk=person is not None)
    except (Rejected, DatabaseDown) as no:
        await refuse(websocket, as_refusal(no))
        return
    if person is None:
        await keep_showing(websocket, house, hall_id, box, "screen")
        return
    watching = asyncio.create_task(
        watch_sign_in(websocket, house, presence_of(hall_id, window_id, person.console)), name="console"
    )
    try:
        await keep_showing(websocket, house, hall_id, box, "console")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


@router.websocket("/ws/halls/{hall_id}/guide")
async def guide(websocket: WebSocket, hall_id: str) -> None:
    """The floor guides' desk, for guides and whoever leads them."""
    await show_staff(websocket, hall_id, GUIDES, house_of(websocket).watch.guide, "guide")


@router.websocket("/ws/halls/{hall_id}/overview")
async def overview(websocket: WebSocket, hall_id: str) -> None:
    """The hall at a glance, for its managers."""
    await show_staff(websocket, hall_id, MANAGERS, house_of(websocket).watch.manager, "overview")


async def show_staff(
    websocket: WebSocket,
    hall_id: str,
    roles: tuple[Role, ...],
    watch: Callable[[str], Awaitable[Letterbox]],
    kind: str,
) -> None:
    """Show something to somebody who works here in one of these roles, for as long as they are signed in."""
    house = house_of(websocket)
    token = token_in(websocket)
    try:
        account = None if token is None else await house.people.whoami(token)
        if account is None:
            raise SignInNeeded
        person_in(account, token, hall_id, roles)
        box = await watch(hall_id)
    except (Rejected, DatabaseDown) as no:
        await refuse(websocket, as_refusal(no))
        return
    watching = asyncio.create_task(watch_sign_in(websocket, house), name=kind)
    try:
        await keep_showing(websocket, house, hall_id, box, kind)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def keep_showing(websocket: WebSocket, house: House, hall_id: str, box: Letterbox, kind: str) -> None:
    """Send views until the other side has gone."""

    def beat() -> str:
        hall = house.queues.halls.known(hall_id)
        seq = 0 if hall is None else hall.seq
        epoch, as_of = house.queues.halls.epoch(hall_id), house.watch.as_of(hall_id)
        return msgspec.json.encode({"type": "beat", "epoch": epoch, "seq": seq, "as_of": as_of}).decode()

    metrics.connections(kind).inc()
    try:
        await show(websocket, box, heartbeat_seconds=house.heartbeat_seconds, beat=beat)
    finally:
        metrics.connections(kind).dec()
        house.watch.leave(hall_id, box)


async def watch_sign_in(websocket: WebSocket, house: House, console: str | None = None) -> None:
    """What staff see is open for as long as they are signed in. An open console is a console that is there."""
    token = token_in(websocket)
    while token is not None and await is_signed_in(house, token):
        if console is not None:
            await house.presence.beat(console)
        await asyncio.sleep(STAFF_LOOK_SECONDS)
    with suppress(RuntimeError):  # It has just closed by itself.
        await websocket.close(UNWELCOME)


async def is_signed_in(house: House, token: str) -> bool:
    """Whether the token is still good. Nobody is signed out because the database is away."""
    try:
        return await house.people.whoami(token) is not None
    except DatabaseDown:
        return True


def as_refusal(no: Rejected | DatabaseDown) -> Rejected:
    """What a handshake is answered with."""
    return no if isinstance(no, Rejected) else TryAgain(retry_after_seconds=1)


async def person_at(websocket: WebSocket, house: House, hall_id: str) -> Person | None:
    """Who is at the other end, if it is somebody of this hall's staff."""
    token = token_in(websocket)
    account = None if token is None else await house.people.whoami(token)
    if account is None:
        return None
    with suppress(Rejected):  # Staff of other halls see the screen like everybody.
        return person_in(account, token, hall_id, ())
    return None
