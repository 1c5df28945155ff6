"""Axe finds nothing, in every state that matters and in both languages; and no page asks a stranger."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.stage import Stage, board, both, call, console, plan, ticket, window_name
from tests.browser.test_console import ME
from tests.browser.test_kiosk import CARD, ISSUED, LICENCE, MATTERS, TAKE, TOKEN
from tests.browser.test_phone import MATERIALS, REASON

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

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
REVISION = {
    "later": True,
    "causes": [{"because": "fewer_windows", "was": 5, "now": 3, "paused": [window_name(9)]}],
}
TAX = {"id": "D", "name": both("税务", "Tax"), "windows": [window_name(1)]}
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
    "later than promised": (f"/t/{TOKEN}", ticket(ahead=14, revision=REVISION, later=[TAX])),
    "on hold": (f"/t/{TOKEN}", ticket("on_hold", hold_until="2026-11-23T02:00:00.000Z", can=MISSED)),
    "serving": (f"/t/{TOKEN}", ticket("serving")),
    "completed": (f"/t/{TOKEN}", ticket("completed", outcomes=[{"matter": "M15", "outcome": "done"}])),
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


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_in_what_a_ticket_unfolds_in_large_type(
    browser: Browser, language: str
) -> None:
    stage, page = await at(browser, f"/t/{TOKEN}?lang={language}", ticket(matters=["M15"]))
    stage.answers["GET", "/api/v1/halls/h1/plan"] = (200, plan())
    stage.answers["GET", f"/api/v1/tickets/{TOKEN}/materials"] = (200, MATERIALS)
    stage.answers["GET", f"/api/v1/tickets/{TOKEN}/reasons/A006"] = (200, {**REASON, "number": "A006"})
    await page.locator("[data-enlarge]").click()
    await stage.tell(ticket(seq=2, matters=["M15"]))
    for fold in ("map", "why", "rules"):
        await page.locator(f"[data-{fold}] summary").click()
    await page.locator("[data-other]").fill("6")
    await page.locator("[data-ask-why] button").click()
    await page.locator("[data-answer]").wait_for()
    await page.locator("[data-bring]").wait_for()
    await page.locator("[data-map] svg").wait_for()
    assert await violations(page) == []
    await page.locator("[data-do=cancellation]").click()
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


async def violations(page: Page) -> list[str]:
    """What axe has against the page as it stands."""
    await page.evaluate(
        AXE.read_text(encoding="utf-8")
    )  # Not a script tag: the page's own policy forbids that.
    found: dict[str, Any] = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
