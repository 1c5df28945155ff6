"""The citizen's ticket on a phone, with a hall played by the test."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import Stage, problem, ticket

pytestmark = pytest.mark.browser

TOKEN = "abcdefghijklmnopqrstuv"
API = f"/api/v1/tickets/{TOKEN}"
COUNT_BUZZES = """
    window.buzzes = 0
    Object.defineProperty(navigator, 'vibrate', { value: () => { window.buzzes += 1; return true } })
    Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: true } })
"""


async def test_a_waiting_ticket_says_how_many_are_ahead_and_how_long(browser: Browser) -> None:
    _, page = await phone(browser)
    await expect(page.locator("[data-ahead]")).to_have_text("4 人")
    await expect(page.locator("[data-range]")).to_have_text("8–15 分钟")
    await expect(page.locator("[data-windows]")).to_have_text("可能在8号窗口、9号窗口，以叫号时为准")


async def test_a_call_says_where_to_go_and_vibrates_once(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    await expect(page.locator("[data-window]")).to_have_text("9号窗口")
    await stage.tell(ticket("called", seq=6, call_seq=5, acknowledged=True))
    await expect(page.locator("[data-explain]")).to_have_text("窗口人员已知道您正在过来")
    assert await page.evaluate("window.buzzes") == 1
    await stage.tell(ticket("called", seq=9, recalls=1))
    await expect(page.locator("[data-state-word]")).to_have_text("再次叫您，请到")
    assert await page.evaluate("window.buzzes") == 2


async def test_a_headline_breaks_between_its_phrases(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket(seq=2, near=True, ahead=1))
    await expect(page.locator("[data-state-word]")).to_have_text("快到您了，请到窗口附近等候")
    lines = await page.evaluate(
        """() => Array.from(document.querySelectorAll('[data-state-word] .phrase')).map((phrase) => {
            const range = document.createRange()
            range.selectNodeContents(phrase)
            return [phrase.textContent, new Set(Array.from(range.getClientRects()).map((box) => box.top)).size]
        })"""
    )
    assert lines == [["快到您了，", 1], ["请到窗口附近等候", 1]]


async def test_a_reload_does_not_vibrate_again(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    await expect(page.locator("[data-window]")).to_be_visible()
    await page.reload()
    await expect(page.locator("[data-window]")).to_have_text("9号窗口")
    assert await page.evaluate("window.buzzes") == 0


async def test_im_coming_is_told_to_the_clerk(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    stage.answers["POST", f"{API}/acknowledgement"] = (
        200,
        ticket("called", seq=6, call_seq=5, acknowledged=True),
    )
    await page.get_by_role("button", name="我马上到").click()
    await expect(page.locator("[data-explain]")).to_have_text("窗口人员已知道您正在过来")
    assert stage.deeds()[0].key


async def test_the_price_of_coming_later_is_shown_before_it_is_paid(browser: Browser) -> None:
    stage, page = await phone(browser)
    stage.answers["POST", f"{API}/deferral"] = (200, ticket(seq=2, ahead=9))
    await page.get_by_role("button", name="晚点来").click()
    offer = page.get_by_role("button", name="先让 5 位")
    await expect(offer).to_contain_text("前面最多 9 人，约 16–30 分钟")
    assert stage.deeds() == []
    await offer.click()
    await expect(page.locator("[data-ahead]")).to_have_text("9 人")
    assert stage.deeds()[0].body == {"places": 5}


async def test_cancelling_asks_first(browser: Browser) -> None:
    stage, page = await phone(browser)
    nothing_left = dict.fromkeys(("cancel", "defer", "return", "acknowledge"), False)
    stage.answers["POST", f"{API}/cancellation"] = (200, ticket("cancelled", seq=2, can=nothing_left))
    await page.get_by_role("button", name="不办了").click()
    await page.get_by_role("button", name="保留").click()
    assert stage.deeds() == []
    await page.get_by_role("button", name="不办了").click()
    await page.get_by_role("dialog").get_by_role("button", name="取消号票").click()
    await expect(page.locator("[data-state-word]")).to_have_text("已取消")
    assert len(stage.deeds()) == 1


async def test_a_missed_ticket_says_by_which_rule_one_comes_back(browser: Browser) -> None:
    stage, page = await phone(browser)
    can = {"cancel": True, "defer": False, "return": True, "acknowledge": False}
    await stage.tell(ticket("missed", seq=3, return_until="2026-11-23T02:00:00.000Z", can=can))
    await expect(page.locator("[data-explain]")).to_contain_text("10:00 前")
    await expect(page.locator("[data-explain]")).to_contain_text("3 位之后")
    stage.answers["POST", f"{API}/return"] = (200, ticket(seq=4, ahead=3))
    await page.get_by_role("button", name="我回来了").click()
    await expect(page.locator("[data-ahead]")).to_have_text("3 人")


async def test_without_sockets_the_page_asks_again_and_again(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.sockets_work = False
    stage.answers["GET", API] = (200, ticket())
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.locator("[data-ahead]")).to_have_text("4 人")
    stage.answers["GET", API] = (200, ticket(seq=2, ahead=1))
    for _ in range(8):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-ahead]")).to_have_text("1 人")
    await expect(page.locator("[data-stale]")).to_be_hidden()


async def test_a_link_nobody_knows_is_answered_kindly(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.sockets_work = False
    stage.answers["GET", API] = (404, problem("ticket_unknown", status=404))
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.locator("[data-state-word]")).to_have_text("没有找到这张号票")
    await expect(page.locator("[data-explain]")).to_contain_text("导办台")
    before = len(stage.asked)
    await page.clock.run_for(59_000)
    assert len(stage.asked) - before <= 1  # It asks again once a minute, and no more.


async def test_the_language_changes_without_a_server(browser: Browser) -> None:
    stage, page = await phone(browser)
    stage.sockets_work = False
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("[data-state-word]")).to_have_text("Waiting")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.reload()
    await expect(page.get_by_role("button", name="中文")).to_be_visible()


async def test_a_refusal_is_said_and_the_ticket_stays(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    refusal = problem("wrong_ticket_state", "号票当前状态下不能这样操作。")
    stage.answers["POST", f"{API}/acknowledgement"] = (409, refusal)
    await page.get_by_role("button", name="我马上到").click()
    await expect(page.get_by_role("alert")).to_have_text("号票当前状态下不能这样操作。")
    await expect(page.locator("[data-number]")).to_have_text("A007")


async def phone(browser: Browser) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    await stage.context.add_init_script(COUNT_BUZZES)
    stage.last_view = ticket()
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    return stage, page
