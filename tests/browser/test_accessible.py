"""Axe finds nothing, in every state that matters and in both languages; and no page asks a stranger.

Here a test plays the hall, state by state. What every page has to keep in a living hall is in test_every_page.py.
"""

from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.glances import ALARMS, GUIDE, MANAGER, guide, overview, person, task
from tests.browser.stage import NOW, Stage, board, both, call, console, plan, problem, ticket, window_name
from tests.browser.test_console import HELD, HISTORY, ME
from tests.browser.test_kiosk import (
    ISSUED,
    KIOSK,
    MATTERS,
    OFFER,
    PRINTER,
    SECOND_TAP_MS,
    SLIPS,
    TAKE,
    TOKEN,
    printed,
    printer,
)
from tests.browser.test_phone import MATERIALS, REASON
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
LATE = console(at="serving", held=[HELD])
LATE["ticket"]["service_seconds"] = 700.0
PAUSED = console()
PAUSED["window"] |= {
    "state": "paused",
    "pause": {"reason": "papers", "since": NOW, "until": "2026-11-23T01:42:05.000Z"},
}
QUESTIONED = {
    "ready": console(),
    "serving": console(at="serving"),
    "late": LATE,
    "taken": console(at_console="there"),
}
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
    "unknown screen": ("/displays/h1/screens/S-9", board(1)),
    "closed kiosk": ("/kiosk/h1", board(1, hall_open=False)),
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
    "late console": ("/clerk/h1/09", LATE),
    "paused console": ("/clerk/h1/09", PAUSED),
    "taken console": ("/clerk/h1/09", console(at="serving", at_console="there")),
    "closed console": ("/clerk/h1/09", console(session=False)),
    "guide": ("/guide/h1", guide([task("A007", called=True), task("A009"), task("A010", helper="李明")])),
    "idle guide": ("/guide/h1", guide([])),
    "overview": ("/overview/h1", overview(attention=ALARMS)),
    "quiet overview": ("/overview/h1", overview(hall_open=False)),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("place", PLACES)
async def test_axe_finds_nothing(browser: Browser, place: str, language: str) -> None:
    path, view = PLACES[place]
    stage, page = await at(browser, f"{path}?lang={language}", view)
    await page.clock.run_for(
        20_000 if path.startswith("/displays") else 1000
    )  # A lit row changes colour all the time.
    assert await violations(page) == []
    assert stage.complaints == []
    assert stage.strangers == []


# Every pair of terminal, type and language once. All of it on the first page is in test_every_page.py.
WAYS = [
    ("/kiosk/h1?device=K1", "zh"),
    ("/kiosk/h1?device=K1&elder", "en"),
    ("/take/h1?", "en"),
    ("/take/h1?elder", "zh"),
]


@pytest.mark.parametrize(("path", "language"), WAYS)
async def test_axe_finds_nothing_on_the_way_to_a_ticket(browser: Browser, path: str, language: str) -> None:
    stage, page = await at(browser, f"{path}&lang={language}", board(1))
    steps = ["[data-themes] li:nth-child(1) button", "[data-theme-matters] button", "[data-scenarios] button"]
    if path.startswith("/kiosk"):
        steps += ["[data-phone-open]", "[data-phone-use]", "[data-phone-none]"]
    steps += ["[data-take]"]
    for tap in steps:
        assert await violations(page) == [], tap
        await page.clock.run_for(SECOND_TAP_MS)
        await page.locator(tap).first.click()
    if path.startswith("/kiosk"):
        await page.locator("[data-on=done]").wait_for()
        await page.locator("[data-code]").wait_for()
        assert await violations(page) == []
        await page.clock.run_for(22_000)
        await page.get_by_role("alertdialog").wait_for()
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


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_wherever_a_guide_goes(browser: Browser, language: str) -> None:
    stage, page = await at(browser, f"/guide/h1?lang={language}", guide([task("A007", called=True)]))
    stage.answers["GET", "/api/v1/halls/h1/tickets"] = (200, {"tickets": [person("A012")]})
    stage.answers[TAKE] = (201, ISSUED)
    await page.locator("[data-go=issue]").click()
    await page.locator("[data-groups] button").first.click()
    assert await violations(page) == []
    await page.locator("[data-take]").click()
    await page.locator("[data-step=done]").wait_for()
    assert await violations(page) == []
    await page.locator("[data-go=find]").click()
    await page.locator("[data-people] button").click()
    assert await violations(page) == []
    for deed in ("class", "void"):
        await page.locator(f"[data-ask=person] [data-deed={deed}]").click()
        assert await violations(page) == []
        await page.keyboard.press("Escape")
        await page.locator("[data-people] button").click()
    assert stage.complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_where_a_manager_changes_a_window(browser: Browser, language: str) -> None:
    stage, page = await at(browser, f"/overview/h1?lang={language}", overview())
    await page.locator("[data-windows] button").first.click()
    assert await violations(page) == []
    await page.locator("[data-lose]").click()
    assert await violations(page) == []
    assert stage.complaints == []


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("state", "key"),
    [("serving", "h"), ("serving", "t"), ("serving", "g"), ("late", "c"), ("ready", "p"), ("ready", "k"),
     ("taken", "F9")],
)  # fmt: skip
async def test_axe_finds_nothing_in_a_question(browser: Browser, state: str, key: str, language: str) -> None:
    _, page = await at(browser, f"/clerk/h1/09?lang={language}", QUESTIONED[state])
    await page.locator("body[data-state]").wait_for()  # Before the first view a key means nothing.
    await page.keyboard.press(key)
    dialog = page.get_by_role("dialog")
    await dialog.wait_for()
    assert await violations(page) == []
    await page.keyboard.press("6")  # "Another reason" has a field of its own, where there is one.
    await page.keyboard.press("Enter")
    if await dialog.is_visible():  # What is missing is said in colour, too.
        assert await violations(page) == []


def who(path: str) -> dict[str, Any]:
    """Who is signed in there."""
    return {"/guide": GUIDE, "/overview": MANAGER}.get(path[: path.find("/", 1)], ME)


async def at(browser: Browser, path: str, view: dict[str, Any]) -> tuple[Stage, Page]:
    stage = await Stage.build(browser, signed_in=path.startswith(("/clerk", "/guide", "/overview")))
    await stage.context.grant_permissions([])
    stage.last_view = view
    stage.answers["GET", "/api/v1/sessions/current"] = (200, who(path))
    stage.answers["GET", "/api/v1/halls/h1/tickets/17/history"] = (200, HISTORY)
    stage.answers["GET", "/api/v1/halls/h1/displays/S-9"] = (404, problem("device_unknown", status=404))
    stage.answers["GET", "/api/v1/halls"] = (200, {"halls": [board(1)["hall"]]})
    stage.answers["GET", "/api/v1/halls/h1"] = (200, board(1))
    stage.answers[MATTERS] = (200, OFFER)
    stage.answers[KIOSK] = (200, {"device": "K1", "name": both("1号自助机", "Kiosk 1"), "elder": False})
    stage.answers[PRINTER] = (200, printer("paper_out"))
    stage.answers[SLIPS] = (201, printed("paper_out", done=False))
    stage.answers[TAKE] = (201, ISSUED)
    page = await stage.open(path)
    await page.emulate_media(reduced_motion="reduce")
    await page.wait_for_timeout(200)
    return stage, page
