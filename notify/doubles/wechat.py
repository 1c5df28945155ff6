"""A double of WeChat: tokens that end, consents that are used up, and messages that are sent twice."""

import json
import time
from typing import Any, Final

from aiohttp import web
from yarl import URL

from notify.doubles.desk import Ledgers, Line
from notify.doubles.sms import KEY, KEY_ID

TOKEN_SECONDS: Final = 7200
SCENE_CHARACTERS_MAX: Final = 64
VISITOR_LINES: Final = "wechat-visitor"  # Under this one, who was told to have opened a page.
CODE_LINES: Final = "wechat-code"  # Likewise, the codes that were made.
TOKEN_LINES: Final = "wechat-token"  # Under this name fetched tokens stand in the ledger's requests.


def routes(ledgers: Ledgers) -> list[web.RouteDef]:
    """Where the real client finds it."""
    double = Double(ledgers)
    return [
        web.post("/cgi-bin/stable_token", double.token),
        web.post("/cgi-bin/qrcode/create", double.code),
        web.get("/connect/oauth2/authorize", double.authorize),
        web.get("/sns/oauth2/access_token", double.visitor),
        web.post("/cgi-bin/message/template/send", double.template),
        web.post("/cgi-bin/message/subscribe/bizsend", double.subscription),
    ]


class Double:
    """One official account."""

    def __init__(self, ledgers: Ledgers) -> None:
        self._ledgers = ledgers
        self._token = ""
        self._ends_at = 0.0
        self._known: dict[str, Line] = {}  # By `client_msg_id`.
        self._codes: dict[str, str] = {}  # Of visitors who were sent back, each good for one question.

    async def token(self, request: web.Request) -> web.StreamResponse:
        """A stable token: the same again until it ends, whoever asks."""
        self._ledgers.requests[TOKEN_LINES] = self._ledgers.requests.get(TOKEN_LINES, 0) + 1
        wanted = json.loads(await request.read())
        if (wanted.get("appid"), wanted.get("secret")) != (KEY_ID, KEY):
            return _error(40125, "invalid appsecret")
        if time.time() >= self._ends_at or wanted.get("force_refresh"):
            self._token, self._ends_at = self._ledgers.reference("TOKEN"), time.time() + TOKEN_SECONDS
        return web.json_response(
            {"access_token": self._token, "expires_in": int(self._ends_at - time.time())}
        )

    async def code(self, request: web.Request) -> web.StreamResponse:
        """A temporary code with a scene in words. The script of `wechat-code` says what becomes of it."""
        wanted = json.loads(await request.read())
        if request.query.get("access_token") != self._token or time.time() >= self._ends_at:
            return _error(40001, "invalid credential, access_token is invalid or not latest")
        scene, seconds = wanted["action_info"]["scene"].get("scene_str", ""), wanted.get("expire_seconds", 60)
        if wanted.get("action_name") != "QR_STR_SCENE" or not 1 <= len(scene) <= SCENE_CHARACTERS_MAX:
            return _error(40053, "invalid action info")

        def take() -> Line:
            return Line(CODE_LINES, "", "", scene, self._ledgers.reference("TICKET"), "")

        def told(line: Line) -> web.StreamResponse:
            url = f"http://weixin.qq.com/q/{line.reference}"
            return web.json_response({"ticket": line.reference, "expire_seconds": seconds, "url": url})

        return await self._ledgers.play(
            request, CODE_LINES, take, told, lambda no: _error(int(no), "refused")
        )

    async def authorize(self, request: web.Request) -> web.StreamResponse:
        """Somebody opens a page that asks who they are: they are sent back with a code, and see nothing."""
        asked = request.query
        if (asked.get("appid"), asked.get("response_type"), asked.get("scope")) != (
            KEY_ID,
            "code",
            "snsapi_base",
        ):
            return web.Response(status=400, text="redirect_uri 参数错误")
        code = self._ledgers.reference("CODE")
        self._codes[code] = self._ledgers.reference("oVisitor")
        back = URL(asked["redirect_uri"]).update_query(code=code, state=asked.get("state", ""))
        return web.Response(status=302, headers={"location": str(back)})

    async def visitor(self, request: web.Request) -> web.StreamResponse:
        """Who came with a code, once. The script of `wechat-visitor` says what becomes of the question."""
        asked = request.query
        if (asked.get("appid"), asked.get("secret")) != (KEY_ID, KEY):
            return _error(40125, "invalid appsecret")
        openid = self._codes.pop(asked.get("code", ""), None)
        if openid is None:
            return _error(40029, "invalid code")
        return await self._ledgers.play(
            request,
            VISITOR_LINES,
            lambda: Line(VISITOR_LINES, openid, "", "", self._ledgers.reference("VISIT"), ""),
            lambda line: web.json_response(
                {"access_token": "VISIT", "expires_in": TOKEN_SECONDS, "refresh_token": "AGAIN"}
                | {"openid": line.to, "scope": "snsapi_base"}
            ),
            lambda no: _error(int(no), "refused"),
        )

    async def template(self, request: web.Request) -> web.StreamResponse:
        """Send a template message."""
        wanted = json.loads(await request.read())
        before = self._known.get(str(wanted.get("client_msg_id", "")))
        if before is not None:
            return _ok(before.reference)  # Taken already: it does not arrive twice.
        return await self._take(request, wanted)

    async def subscription(self, request: web.Request) -> web.StreamResponse:
        """Send a subscription message. There is no number in the answer."""
        return await self._take(request, json.loads(await request.read()))

    async def _take(self, request: web.Request, wanted: dict[str, Any]) -> web.StreamResponse:
        if request.query.get("access_token") != self._token or time.time() >= self._ends_at:
            return _error(40001, "invalid credential, access_token is invalid or not latest")

        def take() -> Line:
            said = {name: each["value"] for name, each in wanted["data"].items()}
            line = Line(
                "wechat",
                wanted["touser"],
                wanted["template_id"],
                json.dumps(said, ensure_ascii=False),
                str(int(self._ledgers.reference(""))),
                str(wanted.get("client_msg_id", "")),
            )
            if line.ours:
                self._known[line.ours] = line
            return line

        return await self._ledgers.play(
            request,
            "wechat",
            take,
            lambda line: _ok(line.reference if line.ours else ""),
            lambda code: _error(int(code), "refused"),
        )


def _ok(reference: str) -> web.Response:
    said: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
    return web.json_response(said | ({"msgid": int(reference)} if reference else {}))


def _error(code: int, text: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": text})
