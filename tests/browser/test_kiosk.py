"""The terminal at the door, with a hall played by the test."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import Asked, Stage, board, both, problem

pytestmark = pytest.mark.browser

TAKE = ("POST", "/api/v1/halls/h1/tickets")
MATTERS = ("GET", "/api/v1/halls/h1/matters")
TOKEN = "abcdefghijklmnopqrstuv"
ISSUED = {
    "id": "17",
    "number": "A007",
    "link_token": TOKEN,
    "link": f"/t/{TOKEN}",
    "hall": "h1",
    "group": "A",
    "state": "waiting",
    "ahead": 6,
    "estimate": {"low_minutes": 12, "high_minutes": 18},
    "near": False,
    "windows": ["08", "09", "10"],
    "issued_at": "2026-11-23T01:32:05.000Z",
}
CARD = {
    "code": "M15",
    "name": both("居民身份证换领", "ID card renewal"),
    "department": both("公安分局", "Police"),
    "theme": "household",
    "kind": "committed",
    "group": "A",
    "target_minutes": 8,
    "tags": ["online"],
}
LICENCE = {
    **CARD,
    "code": "M01",
    "name": both("企业设立登记", "Company registration"),
    "theme": "business",
    "tags": [],
}


async def test_theme_matter_and_class_lead_to_a_ticket(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (201, ISSUED)
    await page.get_by_role("button", name="户籍证件").click()
    await page.get_by_role("button", name="居民身份证换领").click()
    await expect(page.locator("[data-confirm-range]")).to_have_text("12–18 分钟")  # Before it is taken.
    await expect(page.locator("[data-online]")).to_be_visible()
    await page.get_by_label("老年人").check()
    await page.get_by_role("button", name="取号").click()
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await expect(page.locator("[data-done-windows]")).to_have_text("8号窗口、9号窗口、10号窗口")
    await expect(page.locator("[data-code]")).to_have_attribute("src", f"/t/{ISSUED['link_token']}/qr.svg")
    assert stage.deeds()[0].body == {
        "channel": "kiosk",
        "language": "zh",
        "matters": ["M15"],
        "priority_class": "elderly",
    }


async def test_pinyin_initials_find_a_matter(browser: Browser) -> None:
    _, page = await terminal(browser)
    await page.get_by_role("button", name="S", exact=True).click()
    await page.get_by_role("button", name="F", exact=True).click()
    await page.get_by_role("button", name="Z", exact=True).click()
    await expect(page.locator("[data-query]")).to_have_value("SFZ")
    await page.clock.run_for(500)
    await expect(page.locator("[data-found] li")).to_have_count(2)
    await page.get_by_role("button", name="清除").click()
    await expect(page.locator("[data-themes] li")).to_have_count(2)


async def test_a_matter_of_no_group_belongs_to_general_business(browser: Browser) -> None:
    stage = await Stage.build(browser)
    view = board(1)
    view["groups"].insert(0, {**view["groups"][0], "id": "B", "name": both("市场准入"), "waiting": 33})
    stage.last_view = view
    stage.answers[MATTERS] = (200, {"matters": [{**CARD, "group": None}, LICENCE]})
    page = await stage.open("/kiosk/h1")
    matter = page.locator("[data-common]").get_by_role("button", name="居民身份证换领")
    await expect(matter).to_contain_text("6")
    await matter.click()
    await expect(page.locator("[data-goes-to]")).to_have_text("综合业务")


async def test_two_taps_are_one_ticket(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (201, ISSUED)
    await page.get_by_role("button", name="综合业务").click()
    await page.evaluate("for (let i = 0; i < 3; i += 1) document.querySelector('[data-take]').click()")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert len(stage.deeds()) == 1


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(browser: Browser) -> None:
    stage, page = await terminal(browser)

    async def lost_twice(_: Asked) -> tuple[int, Any]:
        return (201, ISSUED) if len(stage.deeds()) > 2 else (0, None)

    stage.answers[TAKE] = lost_twice
    await page.get_by_role("button", name="综合业务").click()
    await page.get_by_role("button", name="取号").click()
    for _ in range(10):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert len({asked.key for asked in stage.deeds()}) == 1


async def test_a_press_after_a_long_outage_is_still_the_same_ticket(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (0, None)
    await page.get_by_role("button", name="综合业务").click()
    await page.get_by_role("button", name="取号").click()
    for _ in range(30):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-refusal]")).to_contain_text("不会多取")
    stage.answers[TAKE] = (201, ISSUED)
    await page.get_by_role("button", name="取号").click()
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert len({asked.key for asked in stage.deeds()}) == 1


async def test_after_thirty_seconds_nothing_of_the_citizen_is_left(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (201, ISSUED)
    await page.get_by_role("button", name="大字模式").click()
    await page.get_by_role("button", name="English").click()
    await page.get_by_role("button", name="General business").click()
    await page.get_by_role("button", name="Take a ticket").click()
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await page.clock.run_for(31_000)
    await expect(page.locator("[data-on=start]")).to_be_visible()
    await expect(page.locator("html")).not_to_have_attribute("data-elder", "")
    await expect(page.locator("h1#welcome")).to_have_text("您好，请问办什么业务？")
    everything = await page.content()
    assert "A007" not in everything
    assert TOKEN not in everything


async def test_the_next_citizen_never_gets_the_ticket_of_the_one_before(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (0, None)
    await page.get_by_role("button", name="综合业务").click()
    await page.get_by_role("button", name="取号").click()
    for _ in range(75):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-on=start]")).to_be_visible()
    stage.answers[TAKE] = (201, ISSUED)
    await page.get_by_role("button", name="综合业务").click()
    await page.get_by_role("button", name="取号").click()
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert stage.deeds()[-1].key not in {asked.key for asked in stage.deeds()[:-1]}


async def test_a_refusal_is_said_in_the_language_of_the_page(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (409, problem("group_full", "该业务排队人数已满。", "This service is full."))
    await page.get_by_role("button", name="综合业务").click()
    await page.get_by_role("button", name="取号").click()
    await expect(page.get_by_role("alert")).to_have_text("该业务排队人数已满。")


@pytest.mark.parametrize("elder", [False, True])
async def test_every_target_fits_a_finger(browser: Browser, elder: bool) -> None:
    _, page = await terminal(browser)
    if elder:
        await page.get_by_role("button", name="大字模式").click()
    small = await page.evaluate(
        """() => Array.from(document.querySelectorAll('button, input, label.class'))
            .filter((node) => node.offsetParent && node.type !== 'radio')
            .filter((node) => node.offsetWidth < 60 || node.offsetHeight < 60)
            .map((node) => node.textContent)"""
    )
    assert small == []


async def test_elder_mode_makes_text_half_as_large_again(browser: Browser) -> None:
    _, page = await terminal(browser)
    size = "parseFloat(getComputedStyle(document.querySelector('.tile__name')).fontSize)"
    before = await page.evaluate(size)
    await page.get_by_role("button", name="大字模式").click()
    assert await page.evaluate(size) == pytest.approx(1.5 * before, rel=0.01)


async def test_a_closed_hall_gives_no_tickets(browser: Browser) -> None:
    stage = await Stage.build(browser)
    view = board(1, hall_open=False)
    view["hall"]["next_opens_at"] = "2026-11-24T01:00:00.000Z"
    stage.last_view = view
    page = await stage.open("/kiosk/h1")
    await expect(page.locator("h1:visible")).to_have_text("大厅现在不对外服务")
    await expect(page.locator("[data-wait-how]")).to_contain_text("09:00")


async def test_on_a_phone_the_ticket_itself_comes_next(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    stage.answers[TAKE] = (201, ISSUED)
    page = await stage.open("/take/h1")
    await page.get_by_role("button", name="综合业务").click()
    await page.get_by_role("button", name="取号").click()
    await page.wait_for_url(f"**{ISSUED['link']}")
    assert stage.deeds()[0].body["channel"] == "web"


async def terminal(browser: Browser) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    stage.answers[MATTERS] = (200, {"matters": [CARD, LICENCE]})
    page = await stage.open("/kiosk/h1")
    await expect(page.locator("[data-themes] li")).to_have_count(2)
    return stage, page
