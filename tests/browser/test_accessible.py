"""Axe finds nothing, in every state that matters and in both languages; and no page asks a stranger.

Here a test plays the hall, state by state. What every page has to keep in a living hall is in test_every_page.py.
"""

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.stage import Stage, board, call, console, ticket
from tests.browser.test_console import ME
from tests.browser.test_kiosk import CARD, ISSUED, LICENCE, MATTERS, TAKE, TOKEN
from tests.browser.visits import AXE, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: accessibility was NOT tested."),
]

CALLS = [
    call(9, "A007", "09"),
    call(8, "A006", "08", state="serving"),
    call(7, "A003", "10", state="missed"),
    call(5, "A002", "10", state="completed"),
]
MISSED = {"cancel": True, "defer": False, "return": True, "acknowledge": False}
PLACES: dict[str, tuple[str, dict[str, Any]]] = {
    "lobby": ("/displays/h1/lobby", board(9, calls=CALLS, missed=["A003"])),
    "empty lobby": ("/displays/h1/lobby", board(1, hall_open=False)),
    "window": ("/displays/h1/windows/09", board(9, calls=CALLS)),
    "kiosk": ("/kiosk/h1", board(1)),
    "closed kiosk": ("/kiosk/h1", board(1, hall_open=False)),
    "kiosk on a phone": ("/take/h1", board(1)),
    "waiting": (f"/t/{TOKEN}", ticket()),
    "near": (f"/t/{TOKEN}", ticket(near=True)),
    "called": (f"/t/{TOKEN}", ticket("called")),
    "missed": (f"/t/{TOKEN}", ticket("missed", return_until="2026-11-23T02:00:00.000Z", can=MISSED)),
    "expired": (f"/t/{TOKEN}", ticket("expired")),
    "ready console": ("/clerk/h1/09", console()),
    "calling console": ("/clerk/h1/09", console(at="called")),
    "serving console": ("/clerk/h1/09", console(at="serving")),
    "closed console": ("/clerk/h1/09", console(session=False)),
    "index": ("/", board(1)),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("place", PLACES)
async def test_axe_finds_nothing(browser: Browser, place: str, language: str) -> None:
    path, view = PLACES[place]
    stage, page = await at(browser, f"{path}?lang={language}", view)
    await page.clock.run_for(20_000 if "lobby" in place else 1000)  # A lit row changes colour all the time.
    assert await violations(page) == []
    assert stage.complaints == []
    assert stage.strangers == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_on_the_way_to_a_ticket_in_elder_mode(
    browser: Browser, language: str
) -> None:
    stage, page = await at(browser, f"/kiosk/h1?lang={language}", board(1))
    await page.locator("[data-enlarge]").click()
    assert await violations(page) == []
    await page.locator("[data-common] button").first.click()
    assert await violations(page) == []
    await page.locator("[data-take]").click()
    await page.locator("[data-on=done]").wait_for()
    assert await violations(page) == []
    assert stage.complaints == []


@pytest.mark.parametrize("key", ["h", "t"])
async def test_axe_finds_nothing_in_a_question(browser: Browser, key: str) -> None:
    _, page = await at(browser, "/clerk/h1/09", console(at="serving"))
    await page.keyboard.press(key)
    await page.get_by_role("dialog").wait_for()
    assert await violations(page) == []


async def at(browser: Browser, path: str, view: dict[str, Any]) -> tuple[Stage, Page]:
    stage = await Stage.build(browser, signed_in=path.startswith("/clerk"))
    await stage.context.grant_permissions([])
    stage.last_view = view
    stage.answers["GET", "/api/v1/sessions/current"] = (200, ME)
    stage.answers["GET", "/api/v1/halls"] = (200, {"halls": [board(1)["hall"]]})
    stage.answers["GET", "/api/v1/halls/h1"] = (200, board(1))
    stage.answers[MATTERS] = (200, {"matters": [CARD, LICENCE]})
    stage.answers[TAKE] = (201, ISSUED)
    page = await stage.open(path)
    await page.emulate_media(reduced_motion="reduce")
    await page.wait_for_timeout(200)
    return stage, page
