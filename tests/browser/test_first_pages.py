"""One citizen through the real hall: terminal, lobby, window, phone and console, all at once.

`hall_server` is a running server with a hall that is open: `base_url`, `hall_id`, `tokens` (a clerk's token
by window; the clerk may open that window), `group_of` (the group of each window), and `stop()`.
"""

import time
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

pytestmark = pytest.mark.browser

SEEN_MS = 1000  # Everybody concerned knows of a call within a second.
STALE_MS = 20_000  # The pages give a silent server fifteen seconds.


async def test_a_ticket_from_the_terminal_is_called_everywhere_within_a_second(
    browser: Browser, hall_server: Any
) -> None:
    hall, window_id = hall_server.hall_id, next(iter(hall_server.tokens))
    complaints: list[str] = []
    visitor = await visitors(browser, complaints)
    clerk = await visitors(browser, complaints)
    await clerk.add_cookies(
        [{"name": "session", "value": hall_server.tokens[window_id], "url": hall_server.base_url}]
    )

    console = await open_page(clerk, hall_server, f"/clerk/{hall}/{window_id}", 1366, 768)
    await expect(console.locator("[data-act=next]")).to_be_enabled()
    if await console.locator("body").get_attribute("data-state") == "closed":
        await console.keyboard.press("F9")
    await expect(console.locator("body")).to_have_attribute("data-state", "ready")

    terminal = await open_page(visitor, hall_server, f"/kiosk/{hall}", 1080, 1920)
    group = hall_server.group_of[window_id]
    await terminal.locator(f"[data-groups] [data-key='{group}'] button").click()
    await terminal.locator("[data-take]").click()
    await expect(terminal.locator("[data-number]")).not_to_be_empty()
    number = await terminal.locator("[data-number]").inner_text()
    code = await terminal.locator("[data-code]").get_attribute("src")
    assert code is not None

    phone = await open_page(visitor, hall_server, code.removesuffix("/qr.svg"), 390, 844)
    await expect(phone.locator("[data-number]")).to_have_text(number)
    lobby = await open_page(visitor, hall_server, f"/displays/{hall}/lobby", 1920, 1080)
    screen = await open_page(visitor, hall_server, f"/displays/{hall}/windows/{window_id}", 1920, 1080)
    await expect(lobby.locator("[data-hall]")).not_to_be_empty()
    await expect(screen.locator("[data-clerk-name]")).not_to_be_empty()
    await expect(console.locator("main")).to_contain_text(number)  # Next, or in the line behind.

    pressed = time.monotonic()
    await console.keyboard.press("F9")
    left = max(1.0, SEEN_MS - (time.monotonic() - pressed) * 1000)
    row = lobby.locator(".call[data-lit]").filter(has_text=number)
    await expect(row).to_be_visible(timeout=left)
    await expect(screen.locator("[data-number]")).to_have_text(number, timeout=SEEN_MS)
    await expect(phone.locator("body")).to_have_attribute("data-state", "called", timeout=SEEN_MS)
    await expect(console.locator("[data-number]").first).to_have_text(number, timeout=SEEN_MS)

    await phone.locator("[data-do=acknowledgement]").click()
    await expect(console.locator("[data-acknowledged]")).to_be_visible()
    await console.keyboard.press("s")
    await expect(phone.locator("body")).to_have_attribute("data-state", "serving")
    await console.keyboard.press("c")
    await expect(phone.locator("body")).to_have_attribute("data-state", "completed")
    await expect(row).to_have_count(0)
    await expect(lobby.locator("[data-earlier]")).to_contain_text(number)  # Still listed with its window.
    assert complaints == []


async def test_screens_say_so_when_the_server_goes_away(browser: Browser, hall_server: Any) -> None:
    visitor = await visitors(browser, [])
    lobby = await open_page(visitor, hall_server, f"/displays/{hall_server.hall_id}/lobby", 1920, 1080)
    await expect(lobby.locator("html")).to_have_attribute("data-live", "live")
    hall_server.stop()
    await expect(lobby.locator("[data-stale]")).to_be_visible(timeout=STALE_MS)
    await expect(lobby.locator("[data-stale]")).to_contain_text("数据截至")
    await expect(lobby.locator("[data-groups] li").first).to_be_visible()  # The last state stays.


async def visitors(browser: Browser, complaints: list[str]) -> BrowserContext:
    """A browser of somebody's own; what its pages complain of is collected."""
    context = await browser.new_context(locale="zh-CN")
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context


async def open_page(context: BrowserContext, hall_server: Any, path: str, width: int, height: int) -> Page:
    page = await context.new_page()
    await page.set_viewport_size({"width": width, "height": height})
    await page.goto(hall_server.base_url + path)
    return page
