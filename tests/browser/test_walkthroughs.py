"""Short ways through the hall that touch every face of it: the green channel, and a server that goes away."""

import re
from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.api.places import Client, Server, eventually
from tests.browser.conftest import DemoHall
from tests.browser.test_kiosk import SECOND_TAP_MS

pytestmark = pytest.mark.browser

GREEN, HELPING = "13", "10"
PHONE, DESK, WALL = (390, 844), (1366, 768), (1920, 1080)
BACK_MS = 40_000  # Pages look for the server after a random time below half a minute.


async def test_a_veteran_goes_to_whichever_window_is_free_first_and_shows_the_card_only_there(
    browser: Browser, hall_server: DemoHall
) -> None:
    hall = hall_server
    green, helping = clerk(hall, GREEN), clerk(hall, HELPING)
    for window, desk in ((GREEN, green), (HELPING, helping)):
        assert desk.ask("POST", at(hall, window, "session"), {}).status == 201
    takes(hall, group="A", priority_class="elderly")
    green.ask("POST", at(hall, GREEN, "calls"), {})
    green.ask("POST", at(hall, GREEN, "start"), {})
    before = takes(hall, group="A")

    phone = await opened(await a_browser(browser, PHONE), hall, f"/take/{hall.hall_id}")
    await phone.locator("[data-query]").fill("优待证")
    await tap(phone, "[data-found] [data-key=M21] button")
    await phone.get_by_role("button", name="首次").click()
    await expect(phone.locator("[data-class-proposed]")).to_contain_text("退役军人")
    await phone.get_by_role("radio", name="退役军人").check()
    await expect(phone.locator("[data-class-proposed]")).to_be_hidden()
    await tap(phone, "[data-take]")
    await expect(phone).to_have_url(re.compile("/t/"))
    await expect(phone.locator("[data-number]")).to_have_text("L002")
    await expect(phone.locator("[data-ahead]")).to_have_text("下一位就是您")

    console = await opened(await signed_in(browser, hall, HELPING), hall, f"/clerk/{hall.hall_id}/{HELPING}")
    lobby = await opened(await a_browser(browser, WALL), hall, f"/displays/{hall.hall_id}/lobby")
    await console.keyboard.press("F9")
    await expect(phone.locator("body")).to_have_attribute("data-state", "called")
    await expect(phone.locator("[data-window-name]")).to_have_text("10号窗口")
    await expect(lobby.locator(".call", has_text="L002")).to_be_visible()
    assert "退役" not in await lobby.content()

    other = await opened(await a_browser(browser, PHONE), hall, f"/t/{before['link_token']}")
    await other.get_by_text("为什么别人先叫到").click()
    await other.locator("[data-called] button", has_text="L002").click()
    await expect(other.locator("[data-answer]")).to_have_text("L002 依法优先办理。")

    await expect(console.locator("[data-marks]")).to_contain_text("退役军人（本人自述，未核验）")
    for key in ("g", "1", "Enter"):
        await console.keyboard.press(key)
    await expect(console.locator("[data-marks]")).to_contain_text("退役军人（已核验）")
    (seen,) = events(hall, "ClassChanged")
    assert (seen["proof_seen"], seen["priority_class"]) == (True, "veteran")


async def test_whoever_has_no_proof_waits_in_the_ordinary_line_by_the_time_of_issue(
    hall_server: DemoHall,
) -> None:
    hall = hall_server
    first = takes(hall, group="A")
    claimed = takes(hall, group="A", priority_class="veteran")
    last = takes(hall, group="A")
    desk = clerk(hall, HELPING)
    desk.ask("POST", at(hall, HELPING, "session"), {})
    refused = {"priority_class": None, "proof_seen": False, "reason": "proof_none"}
    path = f"/api/v1/halls/{hall.hall_id}/tickets/{claimed['id']}/priority-class"
    assert desk.ask("POST", path, refused).status == 200
    called = []
    for _ in range(3):
        called.append(desk.ask("POST", at(hall, HELPING, "calls"), {}).json["ticket"]["number"])
        desk.ask("POST", at(hall, HELPING, "start"), {})
        desk.ask("POST", at(hall, HELPING, "completion"), {})
    assert called == [first["number"], claimed["number"], last["number"]]


async def test_after_a_restart_in_mid_morning_everybody_stands_where_they_stood(
    browser: Browser, hall_server: DemoHall
) -> None:
    hall = hall_server
    desk = clerk(hall, HELPING)
    desk.ask("POST", at(hall, HELPING, "session"), {})
    tickets = [takes(hall, group="A") for _ in range(3)]
    desk.ask("POST", at(hall, HELPING, "calls"), {})
    console = await opened(await signed_in(browser, hall, HELPING), hall, f"/clerk/{hall.hall_id}/{HELPING}")
    phone = await opened(await a_browser(browser, PHONE), hall, f"/t/{tickets[2]['link_token']}")
    lobby = await opened(await a_browser(browser, WALL), hall, f"/displays/{hall.hall_id}/lobby")
    pages = {"console": console, "phone": phone, "lobby": lobby}
    for page in pages.values():
        await page.evaluate("() => { window.sameDocument = true }")
    before = queue(hall)

    hall.server.stop()
    for page in pages.values():
        await expect(page.locator("html")).to_have_attribute("data-live", "stale", timeout=BACK_MS)
    hall.server = Server(hall.server.settings, port=hall.server.port)
    hall.server.start()
    board = f"/api/v1/halls/{hall.hall_id}"
    assert eventually(lambda: hall.server.anybody.ask("GET", board).status == 200, 20, pause=0.1)

    assert queue(hall) == before
    for name, page in pages.items():
        await expect(page.locator("html")).to_have_attribute("data-live", "live", timeout=BACK_MS)
        assert await page.evaluate("() => window.sameDocument === true"), name
    await console.keyboard.press("s")
    await expect(console.locator("body")).to_have_attribute("data-state", "serving")
    await console.keyboard.press("c")
    await expect(console.locator("body")).to_have_attribute("data-state", "ready")
    await calls_next(console)
    await expect(lobby.locator(".call", has_text=tickets[1]["number"])).to_be_visible(timeout=BACK_MS)
    await expect(phone.locator("[data-ahead]")).to_have_text("下一位就是您")


# ── Who is there ─────────────────────────────────────────────────────────────────────────────────


def takes(hall: DemoHall, **wish: Any) -> dict[str, Any]:
    """Somebody takes a ticket."""
    path = f"/api/v1/halls/{hall.hall_id}/tickets"
    answer = hall.server.anybody.ask("POST", path, {"channel": "web", **wish})
    assert answer.status == 201, answer
    return dict(answer.json)


async def calls_next(console: Page) -> None:
    """Press the key until it is taken: while the answer to the last one is under way, it means nothing."""
    for _ in range(20):
        await console.keyboard.press("F9")
        with suppress(AssertionError):
            await expect(console.locator("body")).not_to_have_attribute("data-state", "ready", timeout=1500)
            return


def clerk(hall: DemoHall, window_id: str) -> Client:
    return hall.server.client(hall.tokens[window_id])


def at(hall: DemoHall, window_id: str, deed: str) -> str:
    return f"/api/v1/halls/{hall.hall_id}/windows/{window_id}/{deed}"


def queue(hall: DemoHall) -> list[Any]:
    """Who waits, who is where: all of the board but its time, and how long it may take."""
    board = hall.server.anybody.ask("GET", f"/api/v1/halls/{hall.hall_id}").json
    groups = [{key: told for key, told in group.items() if key != "estimate"} for group in board["groups"]]
    return [groups, *(board[key] for key in ("seq", "windows", "calls", "missed"))]


def events(hall: DemoHall, name: str) -> list[dict[str, Any]]:
    """What the journal says of this kind."""
    house = hall.server.house
    entries = hall.server.do(
        house.database.read(
            lambda tx: tx.all(
                "SELECT body FROM journal WHERE hall_id = :id AND name = :name ORDER BY seq",
                id=hall.hall_id,
                name=name,
            )
        )
    )
    return [entry["body"] for entry in entries]


async def a_browser(browser: Browser, size: tuple[int, int]) -> BrowserContext:
    return await browser.new_context(locale="zh-CN", viewport={"width": size[0], "height": size[1]})


async def signed_in(browser: Browser, hall: DemoHall, window_id: str) -> BrowserContext:
    context = await a_browser(browser, DESK)
    await hall.sign_in(context, window_id)
    return context


async def opened(context: BrowserContext, hall: DemoHall, path: str) -> Page:
    page = await context.new_page()
    await page.goto(hall.base_url + path)
    await expect(page.locator("html")).to_have_attribute("data-live", "live")
    return page


async def tap(page: Page, place: str) -> None:
    await page.wait_for_timeout(SECOND_TAP_MS)  # Sooner, it would count as the second half of a double tap.
    await page.locator(place).first.click()
