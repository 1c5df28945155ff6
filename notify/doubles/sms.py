"""Doubles of those who send short messages: they check what the real ones check."""

import base64
import hashlib
import hmac
import json
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import ClientSession, web
from twilio.request_validator import RequestValidator

from notify.channels.sms_aliyun import signed_headers
from notify.channels.sms_tencent import authorization
from notify.doubles.desk import Ledgers, Line

KEY_ID: Final = "double"  # Of every account at the doubles.
KEY: Final = "double-secret"


def routes(ledgers: Ledgers, callback_base: str, path_secret: str) -> list[web.RouteDef]:
    """Where the real clients find them. Aliyun and Tencent Cloud are told apart by their headers."""

    async def by_header(request: web.Request) -> web.StreamResponse:
        if "x-acs-action" in request.headers:
            return await aliyun(request, ledgers, f"{callback_base}/callbacks/aliyun/{path_secret}/receipts")
        return await tencent(request, ledgers, f"{callback_base}/callbacks/tencent/{path_secret}/receipts")

    async def by_path(request: web.Request) -> web.StreamResponse:
        return await twilio(request, ledgers)

    return [web.post("/", by_header), web.post("/2010-04-01/Accounts/{sid}/Messages.json", by_path)]


# ── Aliyun ───────────────────────────────────────────────────────────────────────────────────────


async def aliyun(request: web.Request, ledgers: Ledgers, callback: str) -> web.StreamResponse:
    """SendSms."""
    query = dict(parse_qsl(request.query_string, keep_blank_values=True))
    headers = {
        name.lower(): value for name, value in request.headers.items() if name.lower() != "authorization"
    }
    headers.pop("x-acs-content-sha256", None)
    headers.pop("content-type", None)
    expected = signed_headers("POST", "/", query, headers, await request.read(), KEY_ID, KEY)["authorization"]

    def refuse(code: str) -> web.Response:
        return web.json_response({"Code": code, "Message": code, "RequestId": ledgers.reference("R")})

    if not hmac.compare_digest(expected, request.headers.get("Authorization", "")):
        return web.json_response({"Code": "SignatureDoesNotMatch", "Message": "signature"}, status=403)
    if missing := {"PhoneNumbers", "SignName", "TemplateCode"} - query.keys():
        return refuse(f"Missing{missing.pop()}")

    def take() -> Line:
        return Line(
            "aliyun",
            query["PhoneNumbers"],
            query["TemplateCode"],
            query.get("TemplateParam", ""),
            ledgers.reference("BIZ"),
            query.get("OutId", ""),
        )

    async def receipt(session: ClientSession, line: Line, verdict: str) -> None:
        ok = verdict == "delivered"
        report = {
            "phone_number": line.to,
            "success": ok,
            "err_code": "DELIVERED" if ok else "MOBILE_SEND_LIMIT",
            "biz_id": line.reference,
            "out_id": line.ours,
            "sms_size": "1",
        }
        await session.post(callback, json=[report])

    return await ledgers.play(
        request,
        "aliyun",
        take,
        lambda line: web.json_response(
            {"Code": "OK", "Message": "OK", "BizId": line.reference, "RequestId": ledgers.reference("R")}
        ),
        refuse,
        receipt,
    )


# ── Tencent Cloud ────────────────────────────────────────────────────────────────────────────────


async def tencent(request: web.Request, ledgers: Ledgers, callback: str) -> web.StreamResponse:
    """SendSms."""
    body = await request.read()
    timestamp = int(request.headers.get("X-TC-Timestamp", "0"))
    expected = authorization(request.headers.get("Host", ""), "sms", body, timestamp, KEY_ID, KEY)
    if not hmac.compare_digest(expected, request.headers.get("Authorization", "")):
        return _tencent_error("AuthFailure.SignatureFailure")
    wanted: dict[str, Any] = json.loads(body)

    def status(code: str, line: Line | None = None) -> web.Response:
        reference = "" if line is None else line.reference
        row = {
            "SerialNo": reference,
            "PhoneNumber": wanted["PhoneNumberSet"][0],
            "Fee": 1,
            "SessionContext": wanted.get("SessionContext", ""),
            "Code": code,
            "Message": code,
            "IsoCode": "CN",
        }
        return web.json_response({"Response": {"SendStatusSet": [row], "RequestId": ledgers.reference("R")}})

    def take() -> Line:
        return Line(
            "tencent",
            wanted["PhoneNumberSet"][0],
            wanted["TemplateId"],
            json.dumps(wanted.get("TemplateParamSet", []), ensure_ascii=False),
            ledgers.reference("SN"),
            wanted.get("SessionContext", ""),
        )

    async def receipt(session: ClientSession, line: Line, verdict: str) -> None:
        ok = verdict == "delivered"
        report = {
            "nationcode": "86",
            "mobile": line.to.removeprefix("+86"),
            "report_status": "SUCCESS" if ok else "FAIL",
            "errmsg": "DELIVRD" if ok else "UNDELIV",
            "sid": line.reference,
        }
        await session.post(callback, json=[report])

    return await ledgers.play(
        request, "tencent", take, lambda line: status("Ok", line), lambda code: status(code), receipt
    )


def _tencent_error(code: str) -> web.Response:
    return web.json_response({"Response": {"Error": {"Code": code, "Message": code}, "RequestId": "r"}})


# ── Twilio ───────────────────────────────────────────────────────────────────────────────────────


async def twilio(request: web.Request, ledgers: Ledgers) -> web.StreamResponse:
    """Create a message."""
    form = {name: str(value) for name, value in (await request.post()).items()}
    basic = base64.b64encode(f"{request.match_info['sid']}:{KEY}".encode()).decode()

    def refuse(code: str) -> web.Response:
        said = {"code": int(code), "message": "refused", "more_info": "", "status": 400}
        return web.json_response(said, status=400)

    if not hmac.compare_digest(f"Basic {basic}", request.headers.get("Authorization", "")):
        return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)
    if "To" not in form:
        return refuse("21604")

    def take() -> Line:
        reference = f"SM{hashlib.md5(ledgers.reference('').encode(), usedforsecurity=False).hexdigest()}"
        return Line("twilio", form["To"], "", form.get("Body", ""), reference, "")

    def answer(line: Line) -> web.Response:
        said = {"sid": line.reference, "status": "queued", "to": line.to, "body": line.text}
        return web.json_response(said, status=201)

    async def receipt(session: ClientSession, line: Line, verdict: str) -> None:
        status = "delivered" if verdict == "delivered" else "undelivered"
        report = {"MessageSid": line.reference, "MessageStatus": status, "To": line.to}
        signature = RequestValidator(KEY).compute_signature(form["StatusCallback"], report)
        await session.post(form["StatusCallback"], data=report, headers={"X-Twilio-Signature": signature})

    return await ledgers.play(
        request, "twilio", take, answer, refuse, receipt if form.get("StatusCallback") else None
    )
