"""A stage for one page: the real page in a real Chromium, and a hall that the test plays.

    stage = await Stage.build(browser)
    page = await stage.open("/displays/h1/lobby")
    await stage.tell(board(2, calls=[call(2, "A001", "08")]))

Pages and static files are the true ones, with the true security headers. What the API answers is put into
`stage.answers`; what the page asked is in `stage.asked`; what its sockets are told is `tell`. Time stands
still until the test moves it: `await page.clock.run_for(15_000)`.
"""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, Route, WebSocketRoute

from displays import routes as displays
from kiosk import routes as kiosk
from queue_server.hall.access import console_of
from queue_server.hall.admin import routes as admin_pages
from queue_server.hall.core.codes import Codes
from queue_server.hall.core.model import About, Hall, Name
from queue_server.hall.core.rejections import TicketUnknown
from queue_server.hall.live.views.parts import Moment
from queue_server.hall.pages import routes as hall_pages
from queue_server.kit.clock import SystemClock
from queue_server.kit.database import DatabaseDown
from queue_server.kit.web import assets, errors, limits
from tests.browser.pages import PAGES

ORIGIN = "http://hall.test"
NOW = "2026-11-23T01:32:05.000Z"  # 09:32:05 in Shanghai.
# By how the path begins; of pages that begin alike the first in the table counts.
VIEWPORTS = {page.path.partition("{")[0]: page.kind.size for page in reversed(PAGES)}

View = dict[str, Any]
Answer = tuple[int, Any] | Callable[["Asked"], Awaitable[tuple[int, Any]]]


@dataclass
class Asked:
    """What a page asked of the API."""

    method: str
    path: str
    body: Any
    key: str | None


@dataclass
class Stage:
    """One visitor's browser, and the hall around it."""

    context: BrowserContext
    answers: dict[tuple[str, str], Answer] = field(default_factory=lambda: dict(EVERY_HALL_ANSWERS))
    asked: list[Asked] = field(default_factory=list)
    sockets: list[WebSocketRoute] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    last_view: View | None = None
    sockets_work: bool = True

    @classmethod
    async def build(
        cls, browser: Browser, *, language: str = "zh-CN", signed_in: bool = False, scripts: bool = True
    ) -> "Stage":
        context = await browser.new_context(locale=language, java_script_enabled=scripts)
        if signed_in:
            await context.add_cookies([{"name": "session", "value": "a-token", "url": ORIGIN}])
        stage = cls(context)
        await context.route(re.compile(".*"), stage._answer)
        await context.route_web_socket(re.compile(".*"), stage._connect)
        return stage

    async def open(self, path: str, *, before: str | None = None) -> Page:
        """A page at its real size, with its clock in our hands; `before` is a script that runs before its own."""
        page = await self.context.new_page()
        size = VIEWPORTS[max((start for start in VIEWPORTS if path.startswith(start)), key=len)]
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        page.on("console", lambda said: self._complain(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.clock.install(time=NOW)
        if before is not None:
            await page.add_init_script(before)
        await page.goto(ORIGIN + path)
        return page

    async def tell(self, view: View) -> None:
        """Say something over every open socket, and to those that open later."""
        self.last_view = view
        for socket in self.sockets:
            socket.send(json.dumps(view))

    def deeds(self) -> list[Asked]:
        """What the page asked for that changes something."""
        return [asked for asked in self.asked if asked.method != "GET"]

    async def _answer(self, route: Route) -> None:
        request = route.request
        url = urlsplit(request.url)
        if f"{url.scheme}://{url.netloc}" != ORIGIN:
            self.strangers.append(request.url)
            await route.abort()
            return
        if url.path.endswith("/look.css"):
            await route.fulfill(content_type="text/css", body="")  # A hall that looks like the house.
            return
        if not url.path.startswith("/api/"):
            await self._serve(route, url.path + (f"?{url.query}" if url.query else ""))
            return
        asked = Asked(
            request.method, url.path, request.post_data_json, request.headers.get("idempotency-key")
        )
        self.asked.append(asked)
        answer = self.answers.get((asked.method, asked.path), (404, problem("not_found")))
        status, body = await answer(asked) if callable(answer) else answer
        if status == 0:
            await route.abort()
        else:
            await route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    async def _serve(self, route: Route, path: str) -> None:
        headers = {
            name: value
            for name, value in route.request.headers.items()
            if name in ("cookie", "accept-language")
        }
        cookies = await self.context.cookies(ORIGIN)
        headers["accept-encoding"] = "identity"  # Playwright hands on what it is given, without unpacking.
        headers["cookie"] = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in cookies)
        APP.state.house = StageHouse(self)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url=ORIGIN) as client:
            answer = await client.get(path, headers=headers)
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)

    async def _connect(self, socket: WebSocketRoute) -> None:
        if not self.sockets_work:
            await socket.close(code=1011)
            return
        self.sockets.append(socket)
        socket.on_close(lambda _code, _reason: self._hang_up(socket))
        if self.last_view is not None:
            socket.send(json.dumps(self.last_view))

    def _hang_up(self, socket: WebSocketRoute) -> None:
        self.sockets = [one for one in self.sockets if one is not socket]

    def _complain(self, kind: str, text: str) -> None:
        # What the test itself took away is no fault of the page. Nor is it that our origin, like a hall's
        # intranet, has no https: that is why it is so here.
        harmless = ("Failed to load resource", "Cross-Origin-Opener-Policy", "WebSocket connection to")
        if kind == "error" and not any(words in text for words in harmless):
            self.complaints.append(text)


class StageHouse:
    """What pages ask of the house before any script runs: every link leads to the ticket that the test plays."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.links = SimpleNamespace(get=lambda _: ("h1", 17))
        self.watch = self.queues = self.halls = self
        self.codes = Codes(b"k" * 32)
        self.real_clock = SystemClock()

    async def moment(self, hall_id: str) -> Moment:
        hall = Hall(hall_id, about=About(Name("示范区政务服务中心", "Demonstration Hall"), "Asia/Shanghai"))
        return Moment(hall, "e1", datetime.fromisoformat(NOW))

    async def ticket_view(self, moment: Moment, ticket_id: int) -> View:
        paths = [path for _, path in self._stage.answers if re.fullmatch(r"/api/v1/tickets/[\w-]+", path)]
        status, told = self._stage.answers["GET", paths[0]] if paths else (0, None)  # type: ignore[misc]
        view = self._stage.last_view if told is None else told
        if status == 404:
            raise TicketUnknown
        if view is None or view["type"] != "ticket":
            raise DatabaseDown
        return {key: instant(value) if key.endswith("_at") else value for key, value in view.items()}

    async def hall_ids(self) -> list[str]:
        return ["h1"]

    async def current(self, hall_id: str) -> Hall:
        return (await self.moment(hall_id)).hall


def instant(text: Any) -> datetime | None:
    """An instant as views have it before they are spelled; what is none is none."""
    return datetime.fromisoformat(text) if isinstance(text, str) and text.endswith("Z") else None


def _pages_only() -> FastAPI:
    app = FastAPI()
    app.state.settings = SimpleNamespace(public_base_url=ORIGIN)
    app.state.visitors = None
    for router in (displays.router, kiosk.router, hall_pages.router, admin_pages.router):
        app.include_router(router)
    assets.mount(app)
    errors.install(app)
    limits.install(app)
    return app


APP = _pages_only()


# ── What a hall may say ─────────────────────────────────────────────────────────────────────────


def both(zh: str, en: str = "") -> dict[str, str]:
    return {"zh": zh, "en": en or zh}


def call(
    seq: int, number: str, window: str, *, state: str = "called", at: str = NOW, recall: int = 0
) -> View:
    return {
        "seq": seq,
        "number": number,
        "window": window,
        "zone": "Z1",
        "at": at,
        "recall": recall,
        "state": state,
    }


def board(
    seq: int = 1,
    *,
    calls: list[View] | None = None,
    epoch: str = "e1",
    as_of: str = NOW,
    missed: list[str] | None = None,
    hall_open: bool = True,
    name: str = "示范区政务服务中心",
    waiting: int = 6,
    version: int = 1,
) -> View:
    windows = [
        {
            "id": f"{place:02}",
            "name": f"{place:02}",
            "label": both(f"{place}号窗口", f"Window {place}"),
            "zone": "Z1",
            "groups": ["A"],
            "green": False,
            "state": "ready",
            "number": None,
            "clerk": {"name": "王秀英", "staff_no": f"c{place:02}", "trainee": False, "mentor": None},
            "paused_until": None,
        }
        for place in (8, 9, 10)
    ]
    return {
        "type": "board",
        "hall": {
            "id": "h1",
            "name": both(name, "Demonstration Hall"),
            "timezone": "Asia/Shanghai",
            "open": hall_open,
            "day": "2026-11-23",
            "next_opens_at": None,
            "general_group": "A",
        },
        "epoch": epoch,
        "seq": seq,
        "as_of": as_of,
        "version": version,
        "pace": {"called": 23, "minutes": 15},
        "groups": [
            {
                "id": "A",
                "name": both("综合业务", "General business"),
                "prefix": "A",
                "green_prefix": "L",
                "zone": "Z1",
                "open": True,
                "waiting": waiting,
                "estimate": {"low_minutes": 12, "high_minutes": 18},
                "windows": ["08", "09", "10"],
                "next": ["A007", "A008", "A009"],
            }
        ],
        "windows": windows,
        "zones": [{"id": "Z1", "name": both("前台受理区", "Front intake"), "color": "indigo"}],
        "calls": calls or [],
        "missed": missed or [],
    }


PANELS = {
    "lobby": ["calls", "earlier", "windows", "groups", "pace", "scan", "missed", "notices"],
    "zone": ["calls", "plates", "groups", "plan", "pace", "missed", "notices"],
    "far": ["calls", "notices"],
    "issuance": ["calls", "ready", "groups", "plan", "pace", "missed", "notices"],
    "window": ["window"],
}


def display(name: str = "lobby", **more: Any) -> View:
    """What a display shows; one above a window shows window 09."""
    view: View = {
        "type": "display",
        "version": 1,
        "as_of": NOW,
        "hall": {
            "id": "h1",
            "name": both("示范区政务服务中心", "Demonstration Hall"),
            "timezone": "Asia/Shanghai",
        },
        "device": None,
        "layout": {"id": name, "name": both(name), "panels": PANELS[name]},
        "zone": None,
        "window": "09" if name == "window" else None,
        "accessible": False,
        "spot": {"x": 12.0, "y": 8.0},
        "arrows": {"08": "up_left", "09": "up", "10": "up_right"},
        "notices": [],
    }
    return {**view, **more}


def notice(text: str, *, id: str = "n1", from_at: str | None = None, until_at: str | None = None) -> View:
    return {"id": id, "kind": "notice", "text": both(text), "from_at": from_at, "until_at": until_at}


PLAN: View = {
    "type": "plan",
    "epoch": "e1",
    "seq": 1,
    "as_of": NOW,
    "version": 1,
    "plan": {
        "width": 24.0,
        "height": 12.0,
        "waiting": {"x": 12.0, "y": 8.0},
        "entrance": {"x": 12.0, "y": 12.0},
    },
    "zones": [
        {
            "id": "Z1",
            "name": both("前台受理区", "Front intake"),
            "color": "indigo",
            "area": {"x": 2.0, "y": 0.0, "width": 20.0, "height": 5.0},
        }
    ],
    "windows": [
        {
            "id": f"{place:02}",
            "label": both(f"{place}号窗口"),
            "zone": "Z1",
            "spot": {"x": 4.0 * place - 28, "y": 1.5},
        }
        for place in (8, 9, 10)
    ],
}
EVERY_HALL_ANSWERS: dict[tuple[str, str], Answer] = {
    ("GET", "/api/v1/halls/h1/plan"): (200, PLAN),
    ("GET", "/api/v1/halls/h1/results"): (200, {"type": "ready", "as_of": NOW, "results": []}),
    **{("GET", f"/api/v1/halls/h1/displays/{layout}"): (200, display(layout)) for layout in PANELS},
}


def ticket(state: str = "waiting", seq: int = 1, **more: Any) -> View:
    called = state == "called"
    view: View = {
        "type": "ticket",
        "epoch": "e1",
        "seq": seq,
        "as_of": NOW,
        "hall": {
            "id": "h1",
            "name": both("示范区政务服务中心", "Demonstration Hall"),
            "timezone": "Asia/Shanghai",
        },
        "id": "17",
        "number": "A007",
        "state": state,
        "reason": None,
        "group": {"id": "A", "name": both("综合业务", "General business")},
        "matters": [],
        "ahead": 4 if state == "waiting" else None,
        "estimate": {"low_minutes": 8, "high_minutes": 15} if state == "waiting" else None,
        "near": False,
        "promise": {
            "made_at": "2026-11-23T01:20:00.000Z",
            "low_at": "2026-11-23T01:36:00.000Z",
            "high_at": "2026-11-23T01:48:00.000Z",
        }
        if state == "waiting"
        else None,
        "revision": None,
        "windows": ["08", "09"],
        "likely": [window_name(8), window_name(9)] if state == "waiting" else [],
        "later": [],
        "window": {
            "id": "09",
            "label": both("9号窗口", "Window 9"),
            "zone": {"id": "Z1", "name": both("前台受理区", "Front intake"), "color": "indigo"},
            "direction": "up_right",
        }
        if called
        else None,
        "called_at": NOW if called else None,
        "call_seq": seq if called else None,
        "recalls": 0,
        "acknowledged": False,
        "grace_until": "2026-11-23T01:35:05.000Z" if called else None,
        "priority_class": None,
        "issued_at": "2026-11-23T01:20:00.000Z",
        "serving_since": None,
        "hold_until": None,
        "hold_reason": None,
        "return_until": None,
        "return_places": 3,
        "defers_left": 2,
        "returns_left": 1,
        "followed": True,
        "reach": "none",
        "in_wechat": False,
        "rules": {
            "call_grace_seconds": 180,
            "return_within_seconds": 1800,
            "return_places": 3,
            "returns_max": 1,
            "defers_max": 2,
            "defer_places_max": 20,
            "green_head_start_seconds": 7200,
            "overtaken_max": 10,
            "ordinary_guard_seconds": 1800,
            "green_in_a_row_max": 2,
        },
        "outcomes": [],
        "can": {"cancel": True, "defer": state == "waiting", "return": False, "acknowledge": called},
    }
    return {**view, **more}


def window_name(number: int) -> View:
    """A window by name."""
    return {"id": f"{number:02}", "label": both(f"{number}号窗口", f"Window {number}")}


def plan() -> View:
    """The floor plan of a small hall."""
    spots = {8: (22, 2), 9: (25, 2), 10: (28, 2)}
    return {
        "type": "plan",
        "epoch": "e1",
        "seq": 1,
        "as_of": NOW,
        "version": 1,
        "plan": {
            "width": 48,
            "height": 28,
            "waiting": {"x": 24, "y": 14},
            "entrance": {"x": 38, "y": 28},
        },
        "zones": [
            {
                "id": "Z1",
                "name": both("前台受理区", "Front intake"),
                "color": "indigo",
                "area": {"x": 8, "y": 0, "width": 32, "height": 7},
            }
        ],
        "windows": [
            {**window_name(number), "zone": "Z1", "spot": {"x": x, "y": y}}
            for number, (x, y) in spots.items()
        ],
    }


CLERK = {"name": "王秀英", "staff_no": "c09", "trainee": False}


HERE = console_of("a-token")  # The console that the stage's clerk is signed in at.


def console(
    seq: int = 1, *, at: str | None = None, session: bool = True, at_console: str = HERE, **more: Any
) -> View:
    """A window as its clerk sees it; `at` is the state of the ticket there, None for nobody."""
    state = {None: "ready", "called": "calling", "serving": "serving"}[at] if session else "closed"
    served = None
    if at is not None:
        served = {
            "id": "17",
            "number": "A007",
            "state": at,
            "group": "A",
            "matters": [
                {
                    "code": "M15",
                    "name": both("居民身份证换领", "ID card renewal"),
                    "scenario": both("有效期满", "Expired"),
                    "target_minutes": 8,
                    "materials": [
                        {"name": both("旧身份证", "Old card"), "tolerable": False, "exempt": False},
                        {"name": both("电子照片", "Photo"), "tolerable": True, "exempt": False},
                        {"name": both("户口簿", "Household register"), "tolerable": False, "exempt": True},
                    ],
                }
            ],
            "later_groups": [],
            "channel": "kiosk",
            "priority_class": "elderly",
            "proof_seen": False,
            "needs": ["wheelchair"],
            "language": "zh",
            "call_rule": "green_channel",
            "issued_at": "2026-11-23T01:20:00.000Z",
            "called_at": NOW,
            "started_at": NOW if at == "serving" else None,
            "serving_since": NOW if at == "serving" else None,
            "service_seconds": 0.0,
            "recalls": 0,
            "recalls_max": 2,
            "recall_from": NOW if at == "called" else None,
            "grace_until": NOW if at == "called" else None,
            "undo_until": "2026-11-23T01:32:35.000Z" if at == "called" else None,
            "hold_seconds": 0.0,
            "wait_seconds": 720.0,
            "hops": 0,
            "acknowledged": False,
        }
    view: View = {
        "type": "window",
        "epoch": "e1",
        "seq": seq,
        "as_of": NOW,
        "hall": {
            "id": "h1",
            "name": both("示范区政务服务中心", "Demonstration Hall"),
            "timezone": "Asia/Shanghai",
        },
        "window": {
            "id": "09",
            "name": "09",
            "label": both("9号窗口", "Window 9"),
            "zone": "Z1",
            "groups": ["A"],
            "green": False,
            "state": state,
            "number": "A007" if at else None,
            "clerk": CLERK if session else None,
            "paused_until": None,
            "session": {
                "clerk": CLERK,
                "since": "2026-11-23T00:55:00.000Z",
                "console": at_console,
                "taken_over_at": None,
                "taken_from": "",
            }
            if session
            else None,
            "pause": None,
        },
        "calls": [],
        "helping": [],
        "turn": None,
        "gaps": [],
        "ticket": served,
        "held": [],
        "next": {
            "id": "18",
            "number": "A008",
            "rule": "turn",
            "matters": [both("社保参保登记", "Social insurance")],
        },
        "waiting": {"total": 2, "next": [waits("18", "A008"), waits("19", "A009", priority_class="elderly")]},
        "groups": [{"id": "A", "name": both("综合业务", "General business"), "waiting": 2}],
        "today": {
            "served": 3,
            "mean_service_seconds": 412.0,
            "mean_wait_seconds": 700.0,
            "longest_seconds": 655.0,
            "targeted": 3,
            "over_target": 1,
        },
    }
    return {**view, **more}


def waits(ticket_id: str, number: str, **more: Any) -> View:
    """Somebody in the line of a console."""
    person: View = {
        "id": ticket_id,
        "number": number,
        "group": "A",
        "wait_seconds": 600.0,
        "priority_class": None,
        "needs": [],
        "language": "zh",
        "transferred": False,
        "returned": False,
    }
    return {**person, **more}


def problem(code: str, zh: str = "没有成功。", en: str = "That did not work.", status: int = 409) -> View:
    return {
        "type": f"/problems/{code}",
        "code": code,
        "status": status,
        "title": en,
        "title_zh": zh,
        "detail": en,
        "detail_zh": zh,
    }
