"""Sockets that show what is newest, and a reader who does not read: claims on a real server."""

import asyncio
import base64
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest
import uvicorn
from fastapi import FastAPI, WebSocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from queue_server.kit import sockets
from queue_server.kit.mailbox import Mailbox
from queue_server.kit.rejections import Rejected
from queue_server.kit.web import errors, limits

BEAT = json.dumps({"type": "beat"})


class HallUnknown(Rejected):
    """There is no hall {hall}."""

    status = 404
    zh = "没有大厅 {hall}。"


class QuietServer(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Hall:
    """A server with one kind of socket, and what a test may see of it."""

    port: int = 0
    server: QuietServer | None = None
    boxes: list[Mailbox[str]] = field(default_factory=list)
    codes: list[int | None] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    alive: int = 0
    heartbeat_seconds: float = 60.0

    def tell(self, text: str) -> None:
        for box in self.boxes:
            box.put(text)

    def visit(self, **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/ws", max_size=None, **options)

    @property
    def connections(self) -> int:
        assert self.server is not None
        return len(self.server.server_state.connections)


def application(hall: Hall) -> FastAPI:
    app = FastAPI()

    async def on_message(text: str) -> None:
        if text == "fail":
            raise RuntimeError(text)
        hall.messages.append(text)

    async def alive() -> None:
        hall.alive += 1

    @app.websocket("/ws")
    async def show(websocket: WebSocket) -> None:
        box: Mailbox[str] = Mailbox()
        box.put("first view")
        hall.boxes.append(box)
        code = await sockets.show(
            websocket,
            box,
            heartbeat_seconds=hall.heartbeat_seconds,
            beat=lambda: BEAT,
            on_message=on_message,
            alive=alive,
            slow_seconds_max=0.5,
        )
        hall.boxes.remove(box)
        hall.codes.append(code)

    @app.websocket("/refused")
    async def refused(websocket: WebSocket) -> None:
        await sockets.refuse(websocket, HallUnknown(hall="h9"))

    errors.install(app)
    limits.install(app)
    return app


@pytest.fixture
async def hall(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hall]:
    monkeypatch.setattr(sockets, "DEAD_MS_MAX", 1000)
    hall = Hall()
    listener = sockets.listening_socket("127.0.0.1", 0)
    hall.port = listener.getsockname()[1]
    config = uvicorn.Config(
        application(hall),
        log_level="critical",
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )
    hall.server = QuietServer(config)
    serving = asyncio.create_task(hall.server.serve(sockets=[listener]))
    await soon(lambda: hall.server is not None and hall.server.started)
    yield hall
    hall.server.should_exit = True
    await serving
    listener.close()


async def soon(true: Callable[[], bool], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for lives in the server, not in an Event.
            await asyncio.sleep(0.01)


async def closed_with(visitor: ClientConnection) -> int:
    await asyncio.wait_for(visitor.wait_closed(), 5)
    assert visitor.close_code is not None
    return visitor.close_code


async def test_a_visitor_sees_the_view_that_is_there_and_every_newest_one(hall: Hall) -> None:
    async with hall.visit() as visitor:
        assert await visitor.recv() == "first view"
        hall.tell("skipped")
        hall.tell("second view")
        assert await visitor.recv() == "second view"


async def test_when_there_is_nothing_to_say_there_is_a_beat(hall: Hall) -> None:
    hall.heartbeat_seconds = 0.05
    async with hall.visit() as visitor:
        assert [await visitor.recv() for _ in range(3)] == ["first view", BEAT, BEAT]
    assert hall.alive >= 2


async def test_what_a_page_says_is_heard_and_shows_that_it_is_there(hall: Hall) -> None:
    async with hall.visit() as visitor:
        await visitor.send("beat")
        await soon(lambda: hall.messages == ["beat"])
        assert hall.alive == 2


async def test_when_the_page_is_closed_nothing_of_it_stays(hall: Hall) -> None:
    tasks = len(asyncio.all_tasks())
    async with hall.visit() as visitor:
        await visitor.recv()
    await soon(lambda: hall.codes == [None] and hall.boxes == [])
    await soon(lambda: len(asyncio.all_tasks()) <= tasks)


async def test_when_the_mailbox_is_closed_the_page_is_told_to_come_back(hall: Hall) -> None:
    async with hall.visit() as visitor:
        await visitor.recv()
        hall.boxes[0].close()
        assert await closed_with(visitor) == sockets.RESTART


async def test_when_the_server_stops_the_page_is_told_to_come_back(hall: Hall) -> None:
    async with hall.visit() as visitor:
        await visitor.recv()
        assert hall.server is not None
        hall.server.should_exit = True
        assert await closed_with(visitor) == sockets.RESTART
    await soon(lambda: hall.codes == [None])


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("x" * sockets.MESSAGE_BYTES_MAX, None),
        ("x" * (sockets.MESSAGE_BYTES_MAX + 1), sockets.TOO_BIG),
        ("字" * (sockets.MESSAGE_BYTES_MAX // 3 + 1), sockets.TOO_BIG),
        ("x" * 65 * 1024, sockets.TOO_BIG),
        (b"binary", sockets.BINARY),
        ("fail", sockets.FAILED),
    ],
    ids=["16 KiB", "a byte more", "in Chinese", "more than the server takes", "binary", "a failure of ours"],
)
async def test_what_does_not_fit_closes_the_socket_with_its_reason(
    hall: Hall, message: str | bytes, code: int | None
) -> None:
    async with hall.visit() as visitor:
        await visitor.recv()
        await visitor.send(message)
        if code is None:
            await soon(lambda: len(hall.messages) == 1)
        else:
            assert await closed_with(visitor) == code


async def test_whoever_talks_all_the_time_is_shown_the_door(hall: Hall) -> None:
    async with hall.visit() as visitor:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(sockets.MESSAGES_PER_MINUTE_MAX + 1):
                await visitor.send("beat")
        assert await closed_with(visitor) == sockets.UNWELCOME
    assert len(hall.messages) == sockets.MESSAGES_PER_MINUTE_MAX


async def test_a_refusal_answers_the_handshake_as_a_problem(hall: Hall) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await connect(f"ws://127.0.0.1:{hall.port}/refused")
    assert refused.value.response.status_code == 404
    problem = json.loads(refused.value.response.body or b"")
    assert problem["code"] == "hall_unknown"
    assert problem["title"] == "There is no hall h9."


# ── Origins ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:{port}", "HTTP://127.0.0.1:{port}"])
async def test_a_socket_opens_from_our_own_pages_and_for_what_is_no_page(
    hall: Hall, origin: str | None
) -> None:
    headers = {} if origin is None else {"Origin": origin.format(port=hall.port)}
    async with hall.visit(additional_headers=headers) as visitor:
        assert await visitor.recv() == "first view"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1:{port}.evil.example",
        "http://evil.example/127.0.0.1:{port}",
        "http://x127.0.0.1:{port}",
        "file://127.0.0.1:{port}",
        "127.0.0.1:{port}",
    ],
)
async def test_a_socket_does_not_open_from_any_other_page(hall: Hall, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await hall.visit(additional_headers={"Origin": origin.format(port=hall.port)})
    assert refused.value.response.status_code == 403
    assert hall.boxes == []


async def test_a_page_that_names_two_origins_gets_no_socket(hall: Hall) -> None:
    ours = f"http://127.0.0.1:{hall.port}"
    with pytest.raises(InvalidStatus):
        await hall.visit(additional_headers=[("Origin", ours), ("Origin", "http://evil.example")])


# ── Slow readers ────────────────────────────────────────────────────────────────────────────────────


class DeafVisitor:
    """Opens a socket and then reads nothing at all, with the smallest buffer the kernel gives."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.connect(("127.0.0.1", port))
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def leave(self) -> None:
        self._socket.close()


async def test_visitors_who_do_not_read_are_closed_and_delay_nobody_who_does(hall: Hall) -> None:
    async with hall.visit() as visitor:
        await visitor.recv()
        deaf = [DeafVisitor(hall.port) for _ in range(20)]
        await soon(lambda: len(hall.boxes) == 21)
        before_bytes = psutil.Process().memory_info().rss
        longest_seconds = 0.0
        while len(hall.boxes) > 1:  # Until the twenty have been given up.
            view = "字" * 40_000 + str(time.monotonic())
            told = time.monotonic()
            hall.tell(view)
            assert await asyncio.wait_for(visitor.recv(), 5) == view
            longest_seconds = max(longest_seconds, time.monotonic() - told)
        grown_bytes = psutil.Process().memory_info().rss - before_bytes
        assert hall.codes == [sockets.SLOW] * 20
        assert longest_seconds < 1.0
        assert grown_bytes / 20 < 1024 * 1024  # A view is 120 kB here, and nothing piles up behind it.
        # Closing waits for what was sent to be taken. The kernel does not wait for ever.
        await soon(lambda: hall.connections == 1, seconds=10)
        for each in deaf:
            each.leave()
