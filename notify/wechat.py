"""What WeChat tells us: scans, words, consents. Believed only when it proves to be fresh and WeChat's own.

    GET   /callbacks/wechat    the account is being set up: say the word back
    POST  /callbacks/wechat    somebody scanned, wrote, agreed or left

The library's own check compares signatures in a time that depends on them, knows no age and no repetition,
and lets its parser raise whatever it likes. So: the signature is compared in constant time, the timestamp is
at most five minutes off, a nonce belongs to one body only, what looks like a DTD is refused unread, and
whatever else goes wrong while reading is one refusal. With an AES key, plain messages are refused as well.

WeChat waits five seconds and then asks up to three times more. An answer takes a second at most; whatever
takes longer goes on by itself, and the citizen hears of it by message. Repetitions get the first answer.
"""

import asyncio
import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
import xmltodict
from fastapi import APIRouter, Request, Response
from redis.asyncio import Redis
from redis.exceptions import RedisError
from wechatpy.crypto import WeChatCrypto

from notify import outbox
from notify.callbacks import CallbackRefused
from queue_server.kit.database import Database, Transaction

router = APIRouter(prefix="/callbacks", include_in_schema=False)
log = structlog.get_logger(__name__)

WINDOW_SECONDS: Final = 300
ANSWER_SECONDS_MAX: Final = 0.9
DECLARATION: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY|ELEMENT|ATTLIST)", re.IGNORECASE)
NOTHING: Final = "success"  # What WeChat takes for "heard, and nothing to say".
REFERENCE: Final = re.compile(r"[A-Za-z0-9_@.:-]{1,64}")


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that somebody did in WeChat. `key` is the same when WeChat repeats itself."""

    openid: str
    what: str  # `scan`, `text`, `menu`, `left`, `consents`, or whatever else WeChat calls it.
    text: str
    key: str
    consents: tuple[tuple[str, bool], ...] = ()


Answer = Callable[[Heard], Awaitable[str]]
"""Says what is to be said, once for each key; an empty text for nothing."""


@dataclass(slots=True)
class Post:
    """The account's letter box."""

    token: str
    crypto: WeChatCrypto | None
    seen: "SharedNonces"
    database: Database
    person_of: Callable[[str], str]
    answer: Answer
    now: Callable[[], float] = time.time

    async def open(self, query: Mapping[str, str], body: bytes) -> tuple[dict[str, Any], bool]:
        """What is inside, and whether it came encrypted. `CallbackRefused` unless it is fresh and genuine."""
        self.check(query, "")
        nonce, digest = query["nonce"], hashlib.sha256(body).hexdigest()
        if not await self.seen.first(f"{query['timestamp']}:{nonce}", digest):
            raise CallbackRefused()
        outer = read_xml(body)
        if self.crypto is None:
            return outer, False
        encrypted = outer.get("Encrypt")
        if not isinstance(encrypted, str):
            raise CallbackRefused()  # Whoever has a key wants nothing in plain text.
        self.check({**query, "signature": query.get("msg_signature", "")}, encrypted)
        try:
            inner = self.crypto.decrypt_message(
                {"Encrypt": encrypted}, query["msg_signature"], query["timestamp"], nonce
            )
        except Exception:  # noqa: BLE001 - the library raises whatever it runs into; all of it means no.
            raise CallbackRefused() from None
        return read_xml(inner if isinstance(inner, bytes) else str(inner).encode()), True

    def check(self, query: Mapping[str, str], encrypted: str) -> None:
        """Raise unless the signature is right and of these five minutes."""
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        parts = sorted(part for part in (self.token, timestamp, nonce, encrypted) if part)
        expected = hashlib.sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()
        given = query.get("signature", "")
        genuine = hmac.compare_digest(expected.encode(), given.encode())
        fresh = (
            timestamp.isascii() and timestamp.isdigit() and abs(self.now() - int(timestamp)) <= WINDOW_SECONDS
        )
        if not (self.token and nonce and genuine and fresh):
            raise CallbackRefused()

    async def hear(self, heard: Heard) -> str:
        """Keep what is ours, and pass on the rest."""
        person = self.person_of(heard.openid)
        if heard.what == "left":
            await self.database.write(lambda tx: outbox.withdraw_consents(tx, person))
            return ""
        if heard.what == "consents":
            await self.database.write(lambda tx: self._agree(tx, person, heard))
            return ""
        return await self.answer(heard)

    def _agree(self, tx: Transaction, person: str, heard: Heard) -> None:
        # A repetition is noticed by its receipt, as with every other provider.
        if outbox.receive(tx, "wechat-consents", heard.key, "delivered"):
            for template, agreed in heard.consents:
                if agreed:
                    outbox.agree(tx, person, template)


@router.get("/wechat")
async def greet(request: Request) -> Response:
    """WeChat asks whether we know the token."""
    post_of(request).check(request.query_params, "")
    return Response(request.query_params.get("echostr", ""), media_type="text/plain")


@router.post("/wechat")
async def hear(request: Request) -> Response:
    """Somebody did something."""
    post = post_of(request)
    said, encrypted = await post.open(request.query_params, await request.body())
    heard = heard_of(said)
    if heard is None:
        return Response(NOTHING, media_type="text/plain")
    working = asyncio.create_task(post.hear(heard))
    try:
        text = await asyncio.wait_for(asyncio.shield(working), ANSWER_SECONDS_MAX)
    except TimeoutError:
        working.add_done_callback(_look)
        text = ""
    if not text:
        return Response(NOTHING, media_type="text/plain")
    reply = reply_xml(said, text, int(post.now()))
    if encrypted and post.crypto is not None:
        reply = post.crypto.encrypt_message(reply, request.query_params["nonce"], str(int(post.now())))
    return Response(reply, media_type="application/xml")


def post_of(request: Request) -> Post:
    """The letter box, where there is an account."""
    post: Post | None = request.app.state.wechat
    if post is None:
        raise CallbackRefused()
    return post


def _look(task: asyncio.Task[str]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.warning("wechat_answer_failed", why=type(error).__name__)


# ── Reading and writing ──────────────────────────────────────────────────────────────────────────


def read_xml(body: bytes) -> dict[str, Any]:
    """The fields of a letter. `CallbackRefused` for anything but a flat, plain one."""
    if DECLARATION.search(body):
        raise CallbackRefused()
    try:
        said = xmltodict.parse(body, disable_entities=True)["xml"]
    except Exception:  # noqa: BLE001 - expat and the library have many words for "this is no letter".
        raise CallbackRefused() from None
    if not isinstance(said, dict):
        raise CallbackRefused()
    return said


def heard_of(said: Mapping[str, Any]) -> Heard | None:
    """What was done, or None for what does not concern us."""
    openid, kind = said.get("FromUserName"), said.get("MsgType")
    if not isinstance(openid, str) or not REFERENCE.fullmatch(openid):
        return None
    if kind == "text":
        number = said.get("MsgId")
        content = said.get("Content")
        if not isinstance(number, str) or not isinstance(content, str):
            return None
        return Heard(openid, "text", content[:100], f"{openid} {number}")
    event, at = said.get("Event"), said.get("CreateTime")
    if kind != "event" or not isinstance(event, str) or not isinstance(at, str):
        return None
    key = f"{openid} {at} {event}"  # Events have no number of their own.
    scene = said.get("EventKey")
    scene = scene if isinstance(scene, str) else ""
    match event.lower():
        case "scan":
            return Heard(openid, "scan", scene[:64], key)
        case "subscribe":
            return Heard(openid, "scan" if scene else "came", scene.removeprefix("qrscene_")[:64], key)
        case "unsubscribe":
            return Heard(openid, "left", "", key)
        case "click":
            return Heard(openid, "text", scene[:64], key)
        case "subscribe_msg_popup_event" | "subscribe_msg_change_event":
            return Heard(openid, "consents", "", key, tuple(_consents(said)))
        case _:
            return None


def _consents(said: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Template and whether it was agreed to. One of them comes as a dict, several as a list."""
    for name in ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent"):
        inner = said.get(name)
        rows = inner.get("List") if isinstance(inner, dict) else None
        rows = rows if isinstance(rows, list) else [rows]
        found = [
            (row["TemplateId"], row.get("SubscribeStatusString") == "accept")
            for row in rows
            if isinstance(row, dict) and isinstance(row.get("TemplateId"), str)
        ]
        if found:
            return found
    return []


def reply_xml(said: Mapping[str, Any], text: str, at: int) -> str:
    """A text in answer to a letter."""
    fields = {
        "ToUserName": said["FromUserName"],
        "FromUserName": said.get("ToUserName", ""),
        "CreateTime": str(at),
        "MsgType": "text",
        "Content": text,
    }
    return str(xmltodict.unparse({"xml": fields}, full_document=False))


# ── Nonces ───────────────────────────────────────────────────────────────────────────────────────


class SharedNonces:
    """In Redis for all processes, and in this one for when Redis is away."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_timeout=0.3, socket_connect_timeout=0.3, decode_responses=True
        )
        self._own: dict[str, str] = {}

    async def first(self, nonce: str, digest: str) -> bool:
        """Whether this nonce is new, or came with the same body before."""
        if len(self._own) > 10_000:
            self._own.clear()
        if self._own.setdefault(nonce, digest) != digest:
            return False
        key = f"jinghao:wechat:nonce:{hashlib.sha256(nonce.encode()).hexdigest()}"
        try:
            if await self._redis.set(key, digest, nx=True, ex=2 * WINDOW_SECONDS):
                return True
            before = await self._redis.get(key)
        except (RedisError, OSError):
            return True
        return before is None or before == digest

    async def close(self) -> None:
        """Disconnect."""
        await self._redis.aclose()
