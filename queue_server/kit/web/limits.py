"""What stands around the whole application: sizes, shapes, headers, origins. Pure ASGI, a few microseconds.

* A body has at most 64 KiB, arrives within ten seconds, and if it claims to be JSON it is JSON: strict
  (no NaN, nothing after the end), at most 20 levels deep, without NUL and without half characters.
* Every answer carries the security headers and the request's number.
* A WebSocket is only opened from a page of this very host, or by something that is no page.
* What nobody foresaw is logged and answered with a problem that tells nothing of our insides.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec
import structlog
from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from queue_server.kit.web.errors import HTTP, MALFORMED, MEDIA_TYPE, UNREADABLE, problem

BODY_BYTES_MAX: Final = 64 * 1024
BODY_SECONDS_MAX: Final = 10.0  # Whoever sends a byte a minute only wants to keep us busy.
JSON_DEPTH_MAX: Final = 20

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'; connect-src 'self'"
)
HEADERS: Final = [
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), autoplay=()"),
]
PARTS_NEED: Final = (b"x-content-type-options", b"cross-origin-resource-policy")
HTTPS_HEADERS: Final = [
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    # Browsers ignore it over plain HTTP, and complain about it on every page.
    (b"cross-origin-opener-policy", b"same-origin"),
]
# Scripts and styles are parts of a page and obey its policies; half a kilobyte for each is much on a phone.
PART_HEADERS: Final = [(name, value) for name, value in HEADERS if name in PARTS_NEED]
NO_STORE: Final = (b"cache-control", b"no-store")

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger(__name__)
_decode = msgspec.json.Decoder().decode


class Refused(Exception):
    """The request is refused before the application sees it."""

    def __init__(self, status: int, words: tuple[str, str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.words = words or HTTP[status]


def install(
    app: FastAPI,
    *,
    body_bytes_max: int = BODY_BYTES_MAX,
    larger_bodies: Mapping[str, int] | None = None,
    origins: Collection[str] = (),
) -> None:
    """Put the limits around the application. To be called last, so that they stand outermost."""
    app.add_middleware(
        Limits, body_bytes_max=body_bytes_max, larger_bodies=larger_bodies or {}, origins=origins
    )


class Limits:
    """The middleware. `larger_bodies` gives other limits, in bytes, to addresses that begin so.

    `origins` are further hosts whose pages may open a WebSocket, like "queue.example.gov.cn".
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        body_bytes_max: int = BODY_BYTES_MAX,
        larger_bodies: Mapping[str, int] | None = None,
        origins: Collection[str] = (),
    ) -> None:
        self._app = app
        self._body_bytes_max = body_bytes_max
        self._larger_bodies = tuple((larger_bodies or {}).items())
        self._origins = frozenset(origins)
        self._prefix = secrets.token_hex(4)
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request or connection through, or not."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = self._number(scope)
        answer = _Answer(scope, send, request_id)
        try:
            _check_address(scope)
            if scope["method"] not in _WITHOUT_BODY:
                receive = await self._checked_body(scope, receive)
            await self._app(scope, receive, answer.send)
        except Refused as refusal:
            await answer.problem(refusal.status, refusal.words)
        except Exception:
            log.exception("internal_error", request=request_id, path=scope["path"])
            if answer.started:
                raise  # Too late for a problem: the server cuts the connection.
            await answer.problem(500, HTTP[500])

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._number(scope)
        try:
            _check_address(scope)
            self._check_origin(scope)
        except Refused:
            await receive()  # "websocket.connect"; to close before accepting is to answer 403.
            await send({"type": "websocket.close", "code": 1008})
            return
        await self._app(scope, receive, send)

    def _number(self, scope: Scope) -> str:
        request_id = f"{self._prefix}-{next(self._numbers)}"
        scope.setdefault("state", {})["request_id"] = request_id
        return request_id

    def _check_origin(self, scope: Scope) -> None:
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if not origins:
            return  # Not a page: browsers always say where a page is from.
        if len(origins) > 1 or len(hosts) != 1:
            raise Refused(403)
        origin = origins[0].decode("latin-1").lower()
        scheme, _, host = origin.partition("://")
        if scheme not in ("http", "https") or host not in {
            hosts[0].decode("latin-1").lower(),
            *self._origins,
        }:
            raise Refused(403)

    async def _checked_body(self, scope: Scope, receive: Receive) -> Receive:
        """Read the body, check it, and hand it on."""
        bytes_max = self._limit_at(scope["path"])
        content_type = b""
        for name, value in scope["headers"]:
            if name == b"content-length":
                if not value.isdigit() or int(value) > bytes_max:
                    raise Refused(413 if value.isdigit() else 400)
            elif name == b"content-type":
                content_type = value
        message = await receive()
        if message.get("more_body", False):
            message = await _rest_of_body(message, receive, bytes_max)
        body = message.get("body", b"")
        if len(body) > bytes_max:
            raise Refused(413)
        if body and (not content_type or b"json" in content_type):
            check_json(body)
        return _replay(message, receive)

    def _limit_at(self, path: str) -> int:
        for prefix, bytes_max in self._larger_bodies:
            if path.startswith(prefix):
                return bytes_max
        return self._body_bytes_max


class _Answer:
    """The way out: adds the headers, and knows whether an answer has begun."""

    __slots__ = ("_request_id", "_scope", "_send", "started")

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            own = PART_HEADERS if _is_part_of_a_page(self._scope["path"]) else HEADERS
            headers = [*message["headers"], *own, (b"x-request-id", self._request_id.encode())]
            if self._scope["scheme"] == "https":
                headers += HTTPS_HEADERS
            if self._scope["path"].startswith("/api/") and not _says_how_to_cache(headers):
                headers.append(NO_STORE)
            message["headers"] = headers
        await self._send(message)

    async def problem(self, status: int, words: tuple[str, str, str]) -> None:
        body = problem(status, words, self._request_id)
        headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
        if status in (408, 413):
            headers.append((b"connection", b"close"))  # The rest of the body is not worth reading.
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


def check_json(body: bytes) -> None:
    """Refuse what is no JSON, is too deep, or has characters that no text can hold."""
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused(400, MALFORMED) from None
    # Most bodies have few brackets and no escapes, and are done here.
    if body.count(b"{") + body.count(b"[") > JSON_DEPTH_MAX and not _is_shallow(value, JSON_DEPTH_MAX):
        raise Refused(400, MALFORMED)
    if b"\\u" in body and not _is_text(value):
        raise Refused(400, UNREADABLE)


def _is_shallow(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return True
    return levels > 0 and all(_is_shallow(each, levels - 1) for each in value)


def _is_text(value: Any) -> bool:
    """Whether every text in it can be stored. The value is known to be shallow."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return all(_is_text(key) and _is_text(each) for key, each in value.items())
    return not isinstance(value, list) or all(map(_is_text, value))


def _check_address(scope: Scope) -> None:
    path: str = scope["path"]
    # U+FFFD is what the server makes of bytes that are no UTF-8.
    if "\x00" in path or "\ufffd" in path or b"%00" in scope["query_string"]:
        raise Refused(400, UNREADABLE)


async def _rest_of_body(message: Message, receive: Receive, bytes_max: int) -> Message:
    chunks = [message.get("body", b"")]
    size = len(chunks[0])
    try:
        async with asyncio.timeout(BODY_SECONDS_MAX):
            while message.get("more_body", False):
                message = await receive()
                if message["type"] != "http.request":
                    return message  # The client has gone away.
                chunks.append(message.get("body", b""))
                size += len(chunks[-1])
                if size > bytes_max:
                    raise Refused(413)
    except TimeoutError:
        raise Refused(408) from None
    return {"type": "http.request", "body": b"".join(chunks), "more_body": False}


def _replay(first: Message, receive: Receive) -> Receive:
    """A `receive` that gives this message before all others."""
    waiting: list[Message] = [first]

    async def receive_next() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_next


def _is_part_of_a_page(path: str) -> bool:
    """Whether it is a script or a style. A picture may be opened by itself and is a page then.

    >>> [_is_part_of_a_page(path) for path in ("/static/js/api.js", "/static/icon.svg", "/t/x.js")]
    [True, False, False]
    """
    return path.startswith("/static/") and path.endswith((".js", ".css"))


def _says_how_to_cache(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name == b"cache-control" for name, _ in headers)
