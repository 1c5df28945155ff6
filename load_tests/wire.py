"""A customer's end of the wire: HTTP/1.1 with keep-alive, cheap enough not to be what is measured.

`Connection` sends prepared bytes and finds the end of each answer by its Content-Length; answers come in the
order of the requests, so several may be under way (pipelining). A request costs some 20 µs of CPU, where a
general client takes twenty times that, and both halves of a bench share two cores. `Client` is the friendly
one on top: paths, JSON, keys, and connections that come back. `Listener` is a WebSocket that only hears.

Only what our server says is understood: no chunks, no redirects, no compression.
"""

import asyncio
import base64
import itertools
import json
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import urlsplit

HEAD_END = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length: "
CLOSES = b"\r\nconnection: close"
TRY_AGAIN_SECONDS = 0.1
TRIES_MAX = 20

Json = dict[str, Any]


class ConnectionLost(Exception):
    """The connection ended before the answer: whether the request had its effect is unknown."""


class Refused(Exception):
    """The server said no. The message names the request, the status and the code."""

    def __init__(self, request: str, answer: "Answer") -> None:
        self.answer = answer
        why = answer.code or answer.body[:200].decode(errors="replace")
        super().__init__(f"{request}: {answer.status} {why}")


class Answer:
    """What came back: a status and a body."""

    __slots__ = ("body", "status")

    def __init__(self, status: int, body: bytes) -> None:
        self.status = status
        self.body = body

    def json(self) -> Json:
        """The body as the JSON object it is."""
        return cast(Json, json.loads(self.body))

    @property
    def code(self) -> str:
        """The code of the problem, or nothing if there is none."""
        if self.status < 400:
            return ""
        try:
            return str(self.json().get("code", ""))
        except (ValueError, AttributeError):
            return ""


class Prepared:
    """A request of which only the Idempotency-Key is still to come."""

    __slots__ = ("head", "tail")

    def __init__(self, method: str, path: str, body: object = None, token: str | None = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "host: jinghao", f"content-length: {len(content)}"]
        if body is not None:
            lines.append("content-type: application/json")
        if token is not None:
            lines.append(f"authorization: Bearer {token}")
        start = "\r\n".join(lines)
        self.head = (start if method == "GET" else f"{start}\r\nidempotency-key: ").encode()
        self.tail = HEAD_END + content

    def with_key(self, key: str) -> bytes:
        """The whole request. A GET has no key; for it, this is the empty string."""
        return self.head + key.encode() + self.tail


class Connection(asyncio.Protocol):
    """One connection. `send` gives a future for each request, in the order in which they were sent."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._expected: deque[asyncio.Future[Answer]] = deque()
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def open(cls, host: str, port: int) -> "Connection":
        """Connect; OSError when nobody listens."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, port)
        return connection

    @property
    def alive(self) -> bool:
        """Whether a request sent now has a chance."""
        return self._transport is not None and not self._transport.is_closing()

    def send(self, request: bytes) -> asyncio.Future[Answer]:
        """Send a whole request. The future fails with ConnectionLost when no answer can come any more."""
        answer: asyncio.Future[Answer] = self._loop.create_future()
        if self._transport is None or self._transport.is_closing():
            answer.set_exception(ConnectionLost())
            return answer
        self._expected.append(answer)
        self._transport.write(request)
        return answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands (asyncio's own word)."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone: whoever still waits for an answer is told."""
        self._transport = None
        for answer in self._expected:
            if not answer.done():
                answer.set_exception(ConnectionLost(str(error or "")))
        self._expected.clear()

    def data_received(self, data: bytes) -> None:
        """Bytes came: give out every answer that is complete."""
        data = self._rest + data if self._rest else data
        while data:
            end = data.find(HEAD_END)
            if end < 0:
                break
            at = data.find(LENGTH, 0, end + 2)
            if at < 0:
                length, closes = _careful_look_at(data[: end + 2])
            else:
                start = at + len(LENGTH)
                length = int(data[start : data.find(b"\r", start)])
                closes = data.find(CLOSES, 0, end + 2) >= 0
            after = end + 4 + length
            if len(data) < after:
                break
            if self._expected:
                answer = self._expected.popleft()
                if not answer.done():
                    answer.set_result(Answer(int(data[9:12]), data[end + 4 : after]))
            data = data[after:]
            if closes:
                self.close()
        self._rest = data


def _careful_look_at(head: bytes) -> tuple[int, bool]:
    """Length and end of connection of an answer that spells its headers in another way."""
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n")[1:])
    headers = {name: value.strip() for name, _, value in lines}
    if b"transfer-encoding" in headers:
        raise NotImplementedError("The answer comes in chunks, which this client does not read.")
    return int(headers.get(b"content-length", b"0")), headers.get(b"connection") == b"close"


class Client:
    """A customer who speaks JSON, over as many connections as it needs at once.

        async with Client("http://127.0.0.1:8000") as client:
            ticket = await client.post("/api/v1/halls/h1/tickets", {"group": "A", "channel": "kiosk"})

    Requests that may have been lost are sent again with the same key, which is what the key is for.
    """

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{base} is no address such as http://127.0.0.1:8000")
        self.host = parts.hostname
        self.port = parts.port or 80
        self._idle: list[Connection] = []
        self._name = uuid.uuid4().hex[:12]
        self._numbers = itertools.count(1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up everywhere."""
        while self._idle:
            self._idle.pop().close()

    def new_key(self) -> str:
        """An Idempotency-Key nobody used before."""
        return f"{self._name}-{next(self._numbers)}"

    async def get(self, path: str, token: str | None = None) -> Json:
        """What is there, or Refused."""
        return await self._json("GET", path, None, token)

    async def post(self, path: str, body: object = None, token: str | None = None) -> Json:
        """Do something once, or Refused."""
        return await self._json("POST", path, {} if body is None else body, token)

    async def put(self, path: str, body: object, token: str | None = None) -> Json:
        """Set something, or Refused."""
        return await self._json("PUT", path, body, token)

    async def delete(self, path: str, token: str | None = None) -> Json:
        """End something, or Refused."""
        return await self._json("DELETE", path, None, token)

    async def ask(
        self, method: str, path: str, body: object = None, token: str | None = None, key: str | None = None
    ) -> Answer:
        """One request, whatever comes back. After a lost connection or a 503 it is sent again."""
        own_key = "" if method == "GET" else key or self.new_key()
        request = Prepared(method, path, body, token).with_key(own_key)
        for attempt in itertools.count(1):
            try:
                (answer,) = await self.exchange([request])
                if answer.status != 503 or attempt == TRIES_MAX:
                    return answer
            except (ConnectionLost, OSError):
                if attempt == TRIES_MAX:
                    raise
            await asyncio.sleep(TRY_AGAIN_SECONDS)
        raise AssertionError

    async def exchange(self, requests: list[bytes]) -> list[Answer]:
        """Send these down one connection at once; the server takes them in turn."""
        connection = await self._connection()
        answers = [connection.send(request) for request in requests]
        try:
            got = [await answer for answer in answers]
        except BaseException:
            connection.close()
            for answer in answers:  # Nobody will ask for these any more.
                answer.cancel()
                if not answer.cancelled():
                    answer.exception()
            raise
        self._idle.append(connection)
        return got

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.alive:
                return connection
        return await Connection.open(self.host, self.port)

    async def _json(self, method: str, path: str, body: object, token: str | None) -> Json:
        answer = await self.ask(method, path, body, token)
        if answer.status >= 400:
            raise Refused(f"{method} {path}", answer)
        return answer.json() if answer.body else {}


OnText = Callable[[bytes, float], None]
"""What is done with a message: the bytes of its text, and when they had come, on the clock of the wall."""

TEXT, CLOSING, PING, PONG = 1, 8, 9, 10  # The kinds of frames we meet (RFC 6455).
FINAL = 0x80
MASKED = 0x80
LENGTH_IN_TWO_BYTES, LENGTH_IN_EIGHT_BYTES = 126, 127


class Listener(asyncio.Protocol):
    """A WebSocket that hears whole texts and, but for pongs, says nothing. Some 5 µs of CPU a message."""

    def __init__(self, head: bytes, on_text: OnText) -> None:
        self._head = head
        self._on_text = on_text
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._shaken = False

    @classmethod
    async def open(cls, host: str, port: int, path: str, on_text: OnText) -> "Listener":
        """Connect and shake hands; ConnectionLost when the server does not want to."""
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            f"GET {path} HTTP/1.1\r\nhost: jinghao\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n"
        )
        loop = asyncio.get_running_loop()
        _, listener = await loop.create_connection(lambda: cls(head.encode(), on_text), host, port)
        await listener._opened
        return listener

    @property
    def alive(self) -> bool:
        """Whether it still hears."""
        return self._transport is not None and not self._transport.is_closing()

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands (asyncio's own word)."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._head)

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        self._transport = None
        if not self._opened.done():
            self._opened.set_exception(ConnectionLost(str(error or "no answer to the handshake")))

    def data_received(self, data: bytes) -> None:
        """Bytes came: give out every message that is complete."""
        came_at = time.time()
        data = self._rest + data if self._rest else data
        if not self._shaken:
            end = data.find(HEAD_END)
            if end < 0:
                self._rest = data
                return
            if data[9:12] != b"101":
                self._opened.set_exception(ConnectionLost(data[:end].decode(errors="replace")))
                self.close()
                return
            self._shaken = True
            self._opened.set_result(None)
            data = data[end + 4 :]
        at = 0
        while (frame := _frame_at(data, at)) is not None:
            kind, start, end = frame
            if end > len(data):
                break
            if kind == TEXT:
                self._on_text(data[start:end], came_at)
            elif kind == PING:
                self._pong(data[start:end])
            elif kind == CLOSING:
                self.close()
            at = end
        self._rest = data[at:]

    def _pong(self, content: bytes) -> None:
        # A mask is required of clients; one of zeros leaves the content as it is.
        if self._transport is not None:
            self._transport.write(bytes([FINAL | PONG, MASKED | len(content)]) + bytes(4) + content)


def _frame_at(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Kind, start and end of the frame that begins here; None while not even its head is complete."""
    if len(data) < at + 2:
        return None
    if not data[at] & FINAL:
        raise NotImplementedError("The message comes in pieces, which this client does not read.")
    kind, length, start = data[at] & 0x0F, data[at + 1], at + 2
    if length == LENGTH_IN_TWO_BYTES:
        length, start = int.from_bytes(data[start : start + 2], "big"), start + 2
    elif length == LENGTH_IN_EIGHT_BYTES:
        length, start = int.from_bytes(data[start : start + 8], "big"), start + 8
    return None if len(data) < start else (kind, start, start + length)


def hall_definition(
    hall: str, groups: Mapping[str, str], windows: Mapping[str, list[str]], **more: Any
) -> Json:
    """The body that makes a rehearsal or bench hall: groups by id with their names, windows by id."""
    return {
        "id": hall,
        "name": hall,
        "timezone": "UTC",
        "groups": [{"id": group, "prefix": group, "name": name} for group, name in groups.items()],
        "windows": [{"id": window, "groups": served} for window, served in windows.items()],
        "rules": {},
        "hours": "always",
        **more,
    }
