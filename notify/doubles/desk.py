"""What all doubles share: a script of misfortunes, and a ledger of what was taken."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from aiohttp import ClientSession, ClientTimeout, web

HANG_SECONDS: Final = 60.0
SLOW_SECONDS: Final = 0.3  # Between the bytes of a slow body.
LEDGER_LINES_MAX: Final = 200_000


@dataclass(frozen=True, slots=True)
class Line:
    """One message that a double took."""

    provider: str
    to: str
    text_key: str  # A template, or nothing where a sentence was sent.
    text: str
    reference: str
    ours: str  # What we had called it.
    at: float = field(default_factory=time.time)


@dataclass
class Script:
    """What becomes of the next requests to one provider: the steps in their order, then `always`.

    ok · 500 · 429 · hang (no answer) · slow (a body in drops) · malformed · reset (cut off) ·
    lost (taken, and then cut off) · twice (taken, with its receipt doubled) · refuse:CODE
    """

    steps: deque[str] = field(default_factory=deque)
    always: str = "ok"
    delay_seconds: float = 0.0  # Before it is taken,
    answer_seconds: float = 0.0  # and between taking it and saying so.
    receipt: str = ""  # "delivered" or "failed", sent by itself; empty for none.
    receipt_seconds: float = 0.0

    def next(self) -> str:
        """What becomes of this one."""
        return self.steps.popleft() if self.steps else self.always


Took = Callable[[], web.StreamResponse]
Refused = Callable[[str], web.StreamResponse]


class Ledgers:
    """All scripts and everything that was taken."""

    def __init__(self) -> None:
        self.scripts: dict[str, Script] = {}
        self.lines: deque[Line] = deque(maxlen=LEDGER_LINES_MAX)
        self.requests: dict[str, int] = {}
        self._numbers = itertools.count(1)
        self._receipts: set[asyncio.Task[None]] = set()

    def script(self, provider: str) -> Script:
        """The script of one provider."""
        return self.scripts.setdefault(provider, Script())

    def reference(self, prefix: str) -> str:
        """A number that nobody had before."""
        return f"{prefix}{next(self._numbers):030d}"

    async def play(
        self,
        request: web.Request,
        provider: str,
        take: Callable[[], Line],
        answer: Callable[[Line], web.StreamResponse],
        refuse: Refused,
        receipt: Callable[[ClientSession, Line, str], Awaitable[None]] | None = None,
    ) -> web.StreamResponse:
        """Let happen what the script says."""
        script = self.script(provider)
        self.requests[provider] = self.requests.get(provider, 0) + 1
        step = script.next()
        if script.delay_seconds:
            await asyncio.sleep(script.delay_seconds)
        match step:
            case "500" | "502" | "503" | "429":
                return web.Response(status=int(step), text="out of order")
            case "hang":
                await asyncio.sleep(HANG_SECONDS)
                return web.Response(status=504)
            case "malformed":
                return web.Response(text='{"Code": ', content_type="application/json")
            case "reset":
                return _cut_off(request)
            case "slow":
                return await _in_drops(request)
            case refused if refused.startswith("refuse:"):
                return refuse(refused.removeprefix("refuse:"))
        line = take()
        self.lines.append(line)
        if script.receipt and receipt is not None:
            for _ in range(2 if step == "twice" else 1):
                self._later(receipt, line, script.receipt, script.receipt_seconds)
        if script.answer_seconds:
            await asyncio.sleep(script.answer_seconds)
        return _cut_off(request) if step == "lost" else answer(line)

    def _later(
        self,
        receipt: Callable[[ClientSession, Line, str], Awaitable[None]],
        line: Line,
        verdict: str,
        seconds: float,
    ) -> None:
        async def send() -> None:
            await asyncio.sleep(seconds)
            async with ClientSession(timeout=ClientTimeout(total=5)) as session:
                await receipt(session, line, verdict)

        task = asyncio.create_task(send())
        self._receipts.add(task)
        task.add_done_callback(self._receipts.discard)


def _cut_off(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _in_drops(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(int(HANG_SECONDS / SLOW_SECONDS)):
        await response.write(b" ")
        await asyncio.sleep(SLOW_SECONDS)
    return response


# ── Reading the ledger, writing the script ───────────────────────────────────────────────────────


def routes(ledgers: Ledgers) -> list[web.RouteDef]:
    """The doubles' own addresses."""

    async def read(request: web.Request) -> web.Response:
        provider = request.query.get("provider")
        lines = [asdict(line) for line in ledgers.lines if provider in (None, line.provider)]
        return web.json_response({"lines": lines, "requests": ledgers.requests})

    async def clear(_: web.Request) -> web.Response:
        ledgers.lines.clear()
        ledgers.requests.clear()
        return web.Response(status=204)

    async def write(request: web.Request) -> web.Response:
        wanted: dict[str, Any] = await request.json()
        ledgers.scripts[request.match_info["provider"]] = Script(
            deque(map(str, wanted.get("steps", []))),
            str(wanted.get("always", "ok")),
            float(wanted.get("delay_seconds", 0)),
            float(wanted.get("answer_seconds", 0)),
            str(wanted.get("receipt", "")),
            float(wanted.get("receipt_seconds", 0)),
        )
        return web.Response(status=204)

    return [
        web.get("/doubles/ledger", read),
        web.delete("/doubles/ledger", clear),
        web.put("/doubles/scripts/{provider}", write),
    ]
