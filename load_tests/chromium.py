"""A real Chromium as a customer has it: what a page shows and when, what it costs, what it weighs.

Nothing here knows how our pages are made. A call is visible when its number stands in the list of calls
(`data-calls`) in a frame that was handed over for painting; the time is that of the machine's one clock.
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from playwright.async_api import Browser, Error, Page, async_playwright

from load_tests.figures import CannotMeasure

LOBBY_SIZE = {"width": 1920, "height": 1080}
PHONE_SIZE = {"width": 390, "height": 844}
KIOSK_SIZE = {"width": 1080, "height": 1920}
QUIET_MS = 1500  # A first view is complete when nothing has come for so long.
FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
]

# Notes the first frame in which each number stood in the list of calls. The MutationObserver comes with the
# change, the animation frame before its painting, the message after it.
WATCH_CALLS = """() => {
  const list = document.querySelector('[data-calls]')
  const seen = (window.seen = {})
  const look = () => {
    const fresh = []
    const texts = document.createTreeWalker(list, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const text = texts.currentNode.data.trim()
      if (/^[A-Z]{1,3}[0-9]{3,}$/.test(text) && !(text in seen)) fresh.push(text)
    }
    for (const number of fresh) seen[number] = null
    if (fresh.length === 0) return
    requestAnimationFrame(() => {
      const painted = new MessageChannel()
      painted.port1.onmessage = () => {
        painted.port1.close()
        const at = performance.timeOrigin + performance.now()
        for (const number of fresh) seen[number] = at
      }
      painted.port2.postMessage(0)
    })
  }
  look()
  new MutationObserver(look).observe(list, { childList: true, subtree: true, characterData: true })
}"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A Chromium of our own: the system's if it has one, else Playwright's."""
    own = os.environ.get("JINGHAO_CHROMIUM", shutil.which("chromium")) or None
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=own, args=FLAGS)
        except Error as error:
            raise CannotMeasure(f"there is no Chromium to measure with.\n{error.message}") from error
        try:
            yield browser
        finally:
            await browser.close()


class LobbyPage:
    """The lobby on a wall of 1920 × 1080, and the instants at which it showed each call."""

    def __init__(self, browser: Browser, page: Page) -> None:
        self._browser = browser
        self._page = page

    @classmethod
    async def open(cls, browser: Browser, base: str, hall: str) -> "LobbyPage":
        """Hang it up; returns when it shows the hall."""
        page = await browser.new_page(viewport=cast(Any, LOBBY_SIZE))
        await page.goto(f"{base}/displays/{hall}/lobby")
        await page.locator("html[data-live=live]").wait_for(timeout=15_000)
        await page.evaluate(WATCH_CALLS)
        return cls(browser, page)

    async def seen(self) -> dict[str, float]:
        """When each number was shown first, in seconds of the machine's clock."""
        shown = await self._page.evaluate("window.seen")
        return {number: at / 1000 for number, at in shown.items() if at is not None}

    async def cpu_seconds(self) -> tuple[float, float]:
        """CPU time of the page's process until now, and that of the whole Chromium."""
        session = await self._browser.new_browser_cdp_session()
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        await session.detach()
        page = sum(process["cpuTime"] for process in processes if process["type"] == "renderer")
        return page, sum(process["cpuTime"] for process in processes)


async def first_view_kb(browser: Browser, url: str, size: dict[str, int]) -> float:
    """What a first visit to a page brings over the wire, heads and the first view included, in KB of 1000 bytes."""
    context = await browser.new_context(viewport=cast(Any, size))
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    received = 0.0

    def file(event: dict[str, Any]) -> None:
        nonlocal received
        received += event["encodedDataLength"]

    def view(event: dict[str, Any]) -> None:
        nonlocal received
        received += len(event["response"]["payloadData"].encode())

    session.on("Network.loadingFinished", file)
    session.on("Network.webSocketFrameReceived", view)
    await session.send("Network.enable")
    await page.goto(url, wait_until="load")
    await page.wait_for_timeout(QUIET_MS)
    await context.close()
    return received / 1000
