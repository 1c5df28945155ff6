"""Sockets: whole views for boards, windows and phones. A lost view is harmless, the next one is whole."""

from contextlib import suppress

import msgspec
from fastapi import APIRouter, WebSocket

from queue_server.hall.access import House, Person, access_ticket, check_window, person_in
from queue_server.hall.live.watch import Letterbox
from queue_server.hall.timers import presence_of
from queue_server.kit.rejections import Rejected
from queue_server.kit.sockets import refuse, show
from queue_server.people.api import token_in

router = APIRouter()


@router.websocket("/ws/halls/{hall_id}/board")
async def board(websocket: WebSocket, hall_id: str) -> None:
    """The board of a hall, for everybody."""
    house = house_at(websocket)
    try:
        box = await house.watch.board(hall_id)
    except Rejected as no:
        await refuse(websocket, no)
        return
    await keep_showing(websocket, house, hall_id, box)


@router.websocket("/ws/tickets/{link_token}")
async def ticket(websocket: WebSocket, link_token: str) -> None:
    """A ticket, for whoever holds its link."""
    house = house_at(websocket)
    try:
        hall_id, ticket_id = await access_ticket(house, link_token)
        box = await house.watch.ticket(hall_id, ticket_id)
    except Rejected as no:
        await refuse(websocket, no)
        return
    await keep_showing(websocket, house, hall_id, box)


@router.websocket("/ws/halls/{hall_id}/windows/{window_id}")
async def window(websocket: WebSocket, hall_id: str, window_id: str) -> None:
    """A window: its screen for everybody, its console for staff of the hall who are signed in."""
    house = house_at(websocket)
    try:
        hall = await house.queues.halls.current(hall_id)
        check_window(hall.windows, window_id)
        person = None if "screen" in websocket.query_params else await person_at(websocket, house, hall_id)
        box = await house.watch.window(hall_id, window_id, as_clerk=person is not None)
    except Rejected as no:
        await refuse(websocket, no)
        return
    who = None if person is None else presence_of(hall_id, window_id, person.console)
    await keep_showing(websocket, house, hall_id, box, who)


async def keep_showing(
    websocket: WebSocket, house: House, hall_id: str, box: Letterbox, who: str | None = None
) -> None:
    """Send views until the other side has gone. An open console is a console that is there."""

    async def alive() -> None:
        if who is not None:
            await house.presence.beat(who)

    def beat() -> str:
        hall = house.queues.halls.known(hall_id)
        seq = 0 if hall is None else hall.seq
        epoch = house.queues.halls.epoch(hall_id)
        return msgspec.json.encode(
            {"type": "beat", "epoch": epoch, "seq": seq, "as_of": house.clock()}
        ).decode()

    try:
        await show(websocket, box, heartbeat_seconds=house.heartbeat_seconds, beat=beat, alive=alive)
    finally:
        house.watch.leave(hall_id, box)


async def person_at(websocket: WebSocket, house: House, hall_id: str) -> Person | None:
    """Who is at the other end, if it is somebody of this hall's staff."""
    token = token_in(websocket)
    account = None if token is None else await house.people.whoami(token)
    if account is None:
        return None
    with suppress(Rejected):  # Staff of other halls see the screen like everybody.
        return person_in(account, token, hall_id, ())
    return None


def house_at(websocket: WebSocket) -> House:
    """The house this socket came to."""
    house: House = websocket.app.state.house
    return house
