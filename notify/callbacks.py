"""What providers tell us: receipts, and what people answer.

Twilio signs what it sends, over the address that it was given: ours is built from the settings, because
behind a proxy no request knows its own. Aliyun and Tencent Cloud sign nothing, so their address holds a
secret. Whatever does not prove where it comes from is refused without a reason.

Providers repeat themselves, and answer late and in any order: every receipt is kept, and has its effect
once (`notify.outbox.receive`).
"""

import hmac
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final
from xml.sax.saxutils import escape

from fastapi import APIRouter, Path, Request, Response, status
from twilio.request_validator import RequestValidator

from notify import outbox
from notify.states import Verdict
from queue_server.kit.database import Database, Transaction
from queue_server.kit.rejections import Rejected

router = APIRouter(prefix="/callbacks", include_in_schema=False)

REASON_CHARACTERS_MAX: Final = 80
TWILIO: Final[Mapping[str, Verdict]] = {"delivered": "delivered", "undelivered": "failed", "failed": "failed"}
NO_MORE: Final = re.compile(
    r"^\s*(T|TD|R|N|退订|停止|STOP|STOPALL|UNSUBSCRIBE|CANCEL|END|QUIT)\s*$", re.IGNORECASE
)
AGAIN: Final = re.compile(r"^\s*(START|UNSTOP|YES|订阅|恢复)\s*$", re.IGNORECASE)

PHONE: Final = re.compile(r"\+[0-9]{7,15}")

Secret = Annotated[str, Path(max_length=100)]


class CallbackRefused(Rejected):
    """This did not come from whom it says."""

    status = 403
    zh = "来源无法确认。"


@dataclass(frozen=True, slots=True)
class Callbacks:
    """What is needed to believe a provider, and to know a person by their phone."""

    database: Database
    public_base_url: str
    twilio_token: str
    path_secret: str
    person_of: Callable[[str], str]
    answer: Callable[[str, str, str], Awaitable[str]]  # Phone, words and key: what is to be answered.
    # The same where no answer travels back with the letter: it becomes a message of its own.
    write_back: Callable[[str, str, str], Awaitable[str]]

    async def receive(self, provider: str, receipts: Iterable[tuple[str, Verdict, str]]) -> None:
        """Keep receipts: reference, verdict, reason."""
        known = [(ref, verdict, reason[:REASON_CHARACTERS_MAX]) for ref, verdict, reason in receipts if ref]

        def unit(tx: Transaction) -> None:
            for reference, verdict, reason in known:
                outbox.receive(tx, provider, reference, verdict, reason)

        await self.database.write(unit)

    async def hear(self, phone: str, said: str, key: str) -> str:
        """What to answer somebody whose provider carries an answer back."""
        return await self._hear(phone, said, key, self.answer)

    async def hear_only(self, phone: str, said: str, key: str) -> None:
        """The providers of mainland China carry nothing back."""
        await self._hear(phone, said, key, self.write_back)

    async def _hear(
        self, phone: str, said: str, key: str, answer: Callable[[str, str, str], Awaitable[str]]
    ) -> str:
        """Somebody wants no more messages, or wants them again; or wants something of the hall."""
        if not PHONE.fullmatch(phone):
            return ""
        person = self.person_of(phone)
        if NO_MORE.match(said):
            await self.database.write(lambda tx: outbox.opt_out(tx, person))
            return ""
        if AGAIN.match(said):
            await self.database.write(lambda tx: outbox.opt_in(tx, person))
            return ""
        return await answer(phone, said[:100], key)

    def check_secret(self, secret: str) -> None:
        """Whoever knows the address may use it."""
        if not hmac.compare_digest(secret.encode(), self.path_secret.encode()):
            raise CallbackRefused()


def callbacks_of(request: Request) -> Callbacks:
    """The callbacks of this installation."""
    callbacks: Callbacks = request.app.state.callbacks
    return callbacks


# ── Twilio ───────────────────────────────────────────────────────────────────────────────────────


@router.post("/twilio/status", status_code=status.HTTP_204_NO_CONTENT)
async def twilio_status(request: Request) -> Response:
    """A message has moved on."""
    form = await _signed_by_twilio(request)
    verdict = TWILIO.get(form.get("MessageStatus", ""))
    if verdict is not None:
        receipt = (form.get("MessageSid", ""), verdict, form.get("ErrorCode", ""))
        await callbacks_of(request).receive("twilio", [receipt])
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/twilio/inbound")
async def twilio_inbound(request: Request) -> Response:
    """Somebody wrote, and is answered at once."""
    form = await _signed_by_twilio(request)
    said = form.get("OptOutType") or form.get("Body", "")
    text = await callbacks_of(request).hear(form.get("From", ""), said, form.get("MessageSid", ""))
    reply = f"<Response><Message>{escape(text)}</Message></Response>" if text else "<Response/>"
    return Response(reply, media_type="text/xml")


async def _signed_by_twilio(request: Request) -> Mapping[str, str]:
    callbacks = callbacks_of(request)
    query = f"?{request.url.query}" if request.url.query else ""
    url = f"{callbacks.public_base_url}{request.url.path}{query}"
    form = await request.form(max_files=0, max_fields=200)
    signature = request.headers.get("x-twilio-signature", "")
    known = bool(callbacks.twilio_token) and RequestValidator(callbacks.twilio_token).validate(
        url, form, signature
    )
    if not known:
        raise CallbackRefused()
    return {name: value for name, value in form.items() if isinstance(value, str)}


# ── Aliyun ───────────────────────────────────────────────────────────────────────────────────────


@router.post("/aliyun/{secret}/receipts")
async def aliyun_receipts(secret: Secret, request: Request) -> dict[str, Any]:
    """SmsReport: many at a time."""
    callbacks = callbacks_of(request)
    callbacks.check_secret(secret)
    await callbacks.receive(
        "aliyun",
        [
            (
                _text(r, "biz_id"),
                "delivered" if r.get("success") is True else "failed",
                _reason(r, "err_code"),
            )
            for r in await _rows(request)
            if isinstance(r.get("success"), bool)
        ],
    )
    return {"code": 0, "msg": "成功"}


@router.post("/aliyun/{secret}/inbound")
async def aliyun_inbound(secret: Secret, request: Request) -> dict[str, Any]:
    """SmsUp: what people answered."""
    callbacks = callbacks_of(request)
    callbacks.check_secret(secret)
    for row in await _rows(request):
        phone = f"+86{_text(row, 'phone_number').removeprefix('86')}"
        await callbacks.hear_only(phone, _text(row, "content"), f"{_text(row, 'sequence_id')} {phone}")
    return {"code": 0, "msg": "成功"}


# ── Tencent Cloud ────────────────────────────────────────────────────────────────────────────────


@router.post("/tencent/{secret}/receipts")
async def tencent_receipts(secret: Secret, request: Request) -> dict[str, Any]:
    """Whether messages arrived, many at a time."""
    callbacks = callbacks_of(request)
    callbacks.check_secret(secret)
    verdicts: Mapping[str, Verdict] = {"SUCCESS": "delivered", "FAIL": "failed"}
    await callbacks.receive(
        "tencent",
        [
            (_text(r, "sid"), verdicts[_text(r, "report_status")], _reason(r, "errmsg"))
            for r in await _rows(request)
            if _text(r, "report_status") in verdicts
        ],
    )
    return {"result": 0, "errmsg": "OK"}


@router.post("/tencent/{secret}/inbound")
async def tencent_inbound(secret: Secret, request: Request) -> dict[str, Any]:
    """What somebody answered."""
    callbacks = callbacks_of(request)
    callbacks.check_secret(secret)
    for row in await _rows(request):
        phone = f"+{_text(row, 'nationcode')}{_text(row, 'mobile')}"
        await callbacks.hear_only(phone, _text(row, "content"), f"{row.get('time')} {phone}")
    return {"result": 0, "errmsg": "OK"}


async def _rows(request: Request) -> list[dict[str, Any]]:
    said = await request.json()
    rows = said if isinstance(said, list) else [said]
    return [row for row in rows if isinstance(row, dict)]


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _reason(row: Mapping[str, Any], name: str) -> str:
    """What is worth writing down: that it was delivered is no reason."""
    reason = _text(row, name)
    return "" if reason.startswith("DELIVR") or reason == "DELIVERED" else reason
