"""One socket: shows whatever is newest in its mailbox, and never lets one slow reader hold up anybody.

The server sends whole views, and a beat when it has nothing else to say; a page cannot see WebSocket pings,
so the beat is how it knows that it is not showing the past. What comes in is little: a page's own beat.

A reader that does not take a view for ten seconds is closed. Its mailbox has kept only the newest view
meanwhile, so it has cost what one view and one socket buffer weigh, and after it reconnects it is up to date.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeAlias

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from queue_server.kit.mailbox import Closed, Mailbox
from queue_server.kit.rejections import Rejected
from queue_server.kit.web.errors import refusal

MESSAGE_BYTES_MAX: Final = 16 * 1024
MESSAGES_PER_MINUTE_MAX: Final = 120
SLOW_SECONDS_MAX: Final = 10.0
GOODBYE_SECONDS_MAX: Final = 2.0  # For the closing frame of a reader that does not read.
DEAD_MS_MAX: Final = 20_000  # What the kernel waits for a peer that acknowledges nothing.
BACKLOG: Final = 4096  # A hall's screens all come back in the same second.

# Why a socket was closed (RFC 6455, and one of our own). A page reconnects after each of them.
GOING_AWAY: Final = 1001
BINARY: Final = 1003
UNWELCOME: Final = 1008
TOO_BIG: Final = 1009
FAILED: Final = 1011
RESTART: Final = 1012
SLOW: Final = 4008

OnMessage: TypeAlias = Callable[[str], Awaitable[None]]
Alive: TypeAlias = Callable[[], Awaitable[None]]

log = structlog.get_logger(__name__)


async def show(
    websocket: WebSocket,
    mailbox: Mailbox[str],
    *,
    heartbeat_seconds: float,
    beat: Callable[[], str],
    on_message: OnMessage | None = None,
    alive: Alive | None = None,
    slow_seconds_max: float = SLOW_SECONDS_MAX,
) -> int | None:
    """Accept the socket and show what arrives in the mailbox until either side is done.

    `beat` spells a beat, sent whenever nothing else was sent for `heartbeat_seconds`. `alive` is awaited
    at the start, after every beat and for every message, `on_message` for every message. Returns the code
    with which we closed the socket, or None if the other side did. Closing the mailbox closes the socket
    with 1012: "come back, to whoever answers next".
    """
    await websocket.accept()
    showing = asyncio.create_task(
        _show(websocket, mailbox, heartbeat_seconds, beat, alive, slow_seconds_max), name="show"
    )
    hearing = asyncio.create_task(_hear(websocket, on_message, alive), name="hear")
    try:
        await asyncio.wait((showing, hearing), return_when=asyncio.FIRST_COMPLETED)
    finally:
        # Also when we are cancelled ourselves: nobody else knows of these two.
        showing.cancel()
        hearing.cancel()
        results = await asyncio.gather(showing, hearing, return_exceptions=True)
    code = _code_of(results)
    if code is not None:
        await _close(websocket, code)
    return code


async def refuse(websocket: WebSocket, rejected: Rejected) -> None:
    """Answer the handshake with a problem instead of a socket."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # Gone meanwhile, or a server that cannot.
        await websocket.send_denial_response(
            refusal(rejected, websocket.scope.get("state", {}).get("request_id", ""))
        )


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket for the server to accept from, whose connections do not outlive a peer that is gone.

    Closing a connection waits until the peer has taken what was sent, and one that takes nothing would keep
    us waiting for ever. With this the kernel gives up on it, with or without our asking.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux. Accepted connections inherit it.
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_MS_MAX)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except BaseException:
        listener.close()
        raise
    return listener


async def _show(
    websocket: WebSocket,
    mailbox: Mailbox[str],
    heartbeat_seconds: float,
    beat: Callable[[], str],
    alive: Alive | None,
    slow_seconds_max: float,
) -> int | None:
    if alive is not None:
        await alive()
    while True:
        beats = False
        try:
            async with asyncio.timeout(heartbeat_seconds):
                text = await mailbox.get()
        except TimeoutError:
            text, beats = beat(), True
        except Closed:
            return RESTART
        try:
            async with asyncio.timeout(slow_seconds_max):
                await websocket.send_text(text)
        except TimeoutError:
            return SLOW
        except (WebSocketDisconnect, RuntimeError):
            return None  # Closed from the other side, or by the server that shuts down.
        if beats and alive is not None:
            await alive()


async def _hear(websocket: WebSocket, on_message: OnMessage | None, alive: Alive | None) -> int | None:
    minute, heard = time.monotonic(), 0
    while True:
        message = await websocket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        if text is None:
            return BINARY
        if len(text) > MESSAGE_BYTES_MAX or len(text.encode()) > MESSAGE_BYTES_MAX:
            return TOO_BIG
        if time.monotonic() - minute >= 60:
            minute, heard = time.monotonic(), 0
        heard += 1
        if heard > MESSAGES_PER_MINUTE_MAX:
            return UNWELCOME
        if alive is not None:
            await alive()
        if on_message is not None:
            await on_message(text)


def _code_of(results: Sequence[int | BaseException | None]) -> int | None:
    """What the two tasks came to: a failure first, then a reason to close, then that there is none."""
    for result in results:
        if isinstance(result, Exception):
            log.error("socket_failed", exc_info=result)
            return FAILED
    return next((result for result in results if isinstance(result, int)), None)


async def _close(websocket: WebSocket, code: int) -> None:
    if websocket.application_state != WebSocketState.CONNECTED:
        return
    with contextlib.suppress(TimeoutError, WebSocketDisconnect, RuntimeError):
        async with asyncio.timeout(GOODBYE_SECONDS_MAX):
            await websocket.close(code)
