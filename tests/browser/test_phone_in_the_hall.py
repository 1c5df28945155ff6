"""The citizen's page in a real hall: from waiting to the thank-you, on two phones, and back after a missed call."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from load_tests.chromium import first_view_kb
from queue_server.settings import Settings
from tests.api.places import Answer
from tests.browser.living import FREE_WINDOW, LivingHall, living_hall
from tests.browser.test_phone import COUNT_BUZZES, becomes

pytestmark = pytest.mark.browser

FIRST_VIEW_KB_MAX = 60
SIZE = {"width": 390, "height": 844}
FOLLOWED = """() => fetch(location.pathname.replace('/t/', '/api/v1/tickets/'))
    .then((answer) => answer.json()).then((view) => view.followed)"""
MATTER = {"matters": ["M15"], "scenarios": ["M15.expired"], "channel": "web"}


@pytest.fixture(scope="module")
def hall(module_settings: Settings) -> Iterator[LivingHall]:
    with living_hall(module_settings) as living:
        yield living


async def test_a_visit_from_waiting_to_the_thank_you_on_two_phones(
    browser: Browser, hall: LivingHall
) -> None:
    mine = takes(hall)
    page, complaints = await opened(browser, hall, mine)
    await expect(page.locator("body")).to_have_attribute("data-state", "waiting")
    await expect(page.locator("[data-ahead]")).to_have_text(f"{mine['ahead']} 人")
    await expect(page.locator("[data-matters]")).to_have_text("居民身份证换领")
    await expect(page.locator(".bring__exempt").first).to_contain_text("免提交")
    await expect(page.locator("[data-promise]")).to_contain_text("与取号时说的")
    assert await becomes(page, FOLLOWED, True)

    await page.get_by_text("为什么别人先叫到").click()
    number = await page.locator("[data-called] button").first.inner_text()
    await page.locator("[data-called] button").first.click()
    await expect(page.locator("[data-answer]")).to_contain_text(number)

    other, _ = await opened(browser, hall, mine, language="en")
    await page.reload()
    free(hall)
    assert at_window(hall, "calls", {"ticket": mine["id"], "reason": "复核材料"}).status == 201
    for phone in (page, other):
        await expect(phone.locator("body")).to_have_attribute("data-state", "called")
        await expect(phone.locator("[data-plan] .plan__goal")).to_have_text(FREE_WINDOW)
        await expect(phone.locator("[data-arrow]")).to_have_attribute("data-direction", "up")
    await expect(other.locator("[data-window-name]")).to_have_text("Window 10")
    assert await becomes(page, "window.buzzes", 1)
    hall.server.time_passes(61)
    assert at_window(hall, "recall").status < 300
    assert await becomes(page, "window.buzzes", 2)

    await page.get_by_role("button", name="我马上到").click()
    await expect(other.locator("[data-explain]")).to_have_text("The clerk knows that you are coming")
    at_window(hall, "start")
    await expect(page.locator("body")).to_have_attribute("data-state", "serving")
    at_window(hall, "completion", {"outcomes": {"M15": "accepted"}})
    await expect(page.locator("[data-state-word]")).to_have_text("已办结，谢谢您的到来")
    await expect(page.locator("[data-outcomes]")).to_have_text("居民身份证换领受理")
    assert complaints == []


async def test_whoever_missed_the_call_comes_back_by_the_rule_on_the_page(
    browser: Browser, hall: LivingHall
) -> None:
    mine = takes(hall)
    page, _ = await opened(browser, hall, mine)
    free(hall)
    at_window(hall, "calls", {"ticket": mine["id"], "reason": "复核材料"})
    await expect(page.locator("body")).to_have_attribute("data-state", "called")
    hall.server.time_passes(181)
    await expect(page.locator("body")).to_have_attribute("data-state", "missed")
    await expect(page.locator("[data-explain]")).to_contain_text("排在前面 3 位之后")
    await page.get_by_role("button", name="我回来了").click()
    await expect(page.locator("body")).to_have_attribute("data-state", "waiting")


async def test_coming_later_costs_what_the_page_said_before(browser: Browser, hall: LivingHall) -> None:
    mine = takes(hall)
    for _ in range(6):
        takes(hall)
    page, _ = await opened(browser, hall, mine)
    await page.get_by_role("button", name="晚点来").click()
    offer = page.get_by_role("button", name="先让 5 位")
    ahead = mine["ahead"] + 5
    await expect(offer).to_contain_text(f"前面将有 {ahead} 人")
    await offer.click()
    await expect(page.locator("[data-ahead]")).to_have_text(f"{ahead} 人")


async def test_a_first_look_weighs_less_than_a_photograph(browser: Browser, hall: LivingHall) -> None:
    link = takes(hall)["link_token"]
    assert await first_view_kb(browser, f"{hall.base}/t/{link}", SIZE) < FIRST_VIEW_KB_MAX


# ── Deeds of the others ──────────────────────────────────────────────────────────────────────────


def takes(hall: LivingHall) -> dict[str, Any]:
    """Somebody takes a ticket for a new identity card."""
    answer = hall.server.anybody.ask("POST", f"/api/v1/halls/{hall.hall_id}/tickets", MATTER)
    assert answer.status == 201, answer
    return dict(answer.json)


def at_window(hall: LivingHall, deed: str, body: object = None) -> Answer:
    """A deed of the clerk at the free window."""
    client = hall.server.client(hall.tokens[FREE_WINDOW])
    try:
        return client.ask("POST", f"/api/v1/halls/{hall.hall_id}/windows/{FREE_WINDOW}/{deed}", body or {})
    finally:
        client.close()


def free(hall: LivingHall) -> None:
    """Whoever is at the window is done."""
    for deed in ("start", "completion"):
        at_window(hall, deed)


async def opened(
    browser: Browser, hall: LivingHall, ticket: dict[str, Any], *, language: str = "zh"
) -> tuple[Page, list[str]]:
    """The ticket on a phone of somebody's own."""
    complaints: list[str] = []
    context = await browser.new_context(viewport=SIZE, has_touch=True)  # type: ignore[arg-type]
    await context.add_init_script(COUNT_BUZZES)
    context.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page = await context.new_page()
    await page.goto(f"{hall.base}/t/{ticket['link_token']}?lang={language}")
    await expect(page.locator("[data-line]")).to_be_visible()
    return page, complaints
