"""A case through the real pages: at window 09 beside the console, on the citizen's phone, and on paper."""

from contextlib import suppress
from typing import Any

import pytest
from playwright.async_api import Browser, Error, Page, expect

from .conftest import DemoHall
from .test_clerks_morning import Morning, at_the_desk, called_and_started
from .test_clerks_morning import hall as hall  # The same hall, at half past nine.

pytestmark = pytest.mark.browser

IDENTITY = "11010519491231002X"


class Intake:
    """The page for cases, as the clerk has opened it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def says(self, sentence: str) -> None:
        await expect(self.page.locator("p[data-now]")).to_contain_text(sentence)

    async def marks(self, *keys: str) -> None:
        """How each material stands, one key for each that nobody has looked at."""
        for key in keys:
            left = await self.page.locator("li[data-mark=open]").count()
            await self.page.keyboard.press(key)
            await expect(self.page.locator("li[data-mark=open]")).to_have_count(left - 1)

    async def next(self, then: str) -> None:
        await self.page.keyboard.press("F9")
        await self.says(then)

    async def names(self, name: str, number: str) -> None:
        await self.page.locator("dialog[open] [name=name]").fill(name)
        await self.page.locator("dialog[open] [name=number]").fill(number)
        await self.page.keyboard.press("Enter")

    async def leave(self) -> None:
        """Back to the console: the page closes itself."""
        async with self.page.expect_event("close"):
            with suppress(Error):  # The key comes up when there is no page left.
                await self.page.keyboard.press("Escape")

    async def paper(self, name: str) -> Page:
        async with self.page.context.expect_page() as opened:
            await self.page.get_by_role("link", name=name, exact=True).click()
        return await opened.value


async def opened(morning: Morning) -> Intake:
    """One key at the console, and the case is on the desk beside it."""
    async with morning.page.context.expect_page() as page:
        await morning.does("intake")
    return Intake(await page.value)


async def test_a_notice_a_matter_done_on_the_spot_and_a_promise_in_one_morning(
    browser: Browser, hall: DemoHall
) -> None:
    # One hall for three citizens: opening it takes longer than all of them.
    morning = await at_the_desk(browser, hall)
    await two_gaps_are_told_in_one_notice_and_accepted_when_they_are_filled(browser, hall, morning)
    await an_immediate_matter_is_decided_and_handed_over_in_the_same_service(morning)
    await a_veteran_without_a_photo_is_accepted_against_a_signed_promise(morning)


async def two_gaps_are_told_in_one_notice_and_accepted_when_they_are_filled(
    browser: Browser, hall: DemoHall, morning: Morning
) -> None:
    a002 = morning.takes(matters=["M23"], scenarios=["M23.civil"])
    await called_and_started(morning, a002)
    intake = await opened(morning)
    page = intake.page
    await page.set_viewport_size({"width": 1366, "height": 768})
    await expect(page.locator("[data-number]")).to_have_text(a002["number"])
    await intake.says("逐份核对材料，还有 3 份")
    await intake.marks("y", "n", "n")
    await page.keyboard.press("F9")
    await intake.names("张某某", "110105194912310021")
    await expect(page.locator("[role=alert][data-refusal]")).to_contain_text("逐位核对")
    await page.keyboard.press("a")
    await intake.names("张某某", IDENTITY)
    await expect(page.locator("p[data-applicant]")).to_contain_text("002X")
    await intake.says("可以出具收件回执")
    await intake.next("缺 2 份，一次告知全部内容")
    await intake.next("已一次性告知")
    notice = await intake.paper("一次性告知书")
    await expect(notice.locator("tbody tr")).to_have_count(2)
    await expect(notice.locator("body")).to_contain_text("张某某")
    await expect(notice.locator("body")).not_to_contain_text(IDENTITY)

    await page.bring_to_front()
    for key, left in (("ArrowUp", 1), ("ArrowDown", 0)):
        await page.keyboard.press(key)
        await page.keyboard.press("y")
        await expect(page.locator("li[data-mark=missing]")).to_have_count(left)
    await intake.says("材料齐全，可以受理")
    await intake.next("已受理，待部门审查")
    code = (await page.locator("[data-code]").inner_text()).split()[-1]
    own = await citizens_phone(browser, hall, a002)
    await expect(own.locator("[data-case-list]")).to_contain_text("收件编号 H1-2026-")
    await expect(own.locator("[data-case-list]")).to_contain_text("承诺 2026-11-26 前办结")
    await own.get_by_role("link", name="查看办件进度").click()
    await expect(own.get_by_role("heading", level=1)).to_have_text("已受理")
    assert code in own.url
    assert "张某某" not in await own.content()
    await intake.leave()
    await morning.does("complete")


async def an_immediate_matter_is_decided_and_handed_over_in_the_same_service(morning: Morning) -> None:
    await called_and_started(morning, morning.takes(matters=["M90"]))
    intake = await opened(morning)
    page = intake.page
    await expect(page.locator("[data-items] li")).not_to_have_count(0)
    await intake.marks(*["y"] * await page.locator("li[data-mark=open]").count())
    await intake.says("请登记申请人")
    await page.keyboard.press("F9")
    await intake.names("李某某", IDENTITY)
    await intake.says("可以出具收件回执")
    await intake.next("材料齐全，可以受理")
    await intake.next("即办件请当场作出决定")
    await intake.next("已办结，结果已交付")
    await intake.leave()
    await morning.does("complete")


async def a_veteran_without_a_photo_is_accepted_against_a_signed_promise(morning: Morning) -> None:
    await called_and_started(morning, morning.takes(matters=["M21"], scenarios=["M21.first"]))
    intake = await opened(morning)
    page = intake.page
    await intake.says("逐份核对材料")
    await intake.marks("y", "n")
    await page.keyboard.press("F9")
    await intake.names("王某某", IDENTITY)
    await intake.says("可以出具收件回执")
    await intake.next("均可容缺")
    await page.keyboard.press("F9")
    asked = page.locator("dialog[open]")
    await expect(asked).to_contain_text("近期免冠照片")
    await asked.locator("[name=supply_on]").fill("2026-11-30")
    await asked.locator("[name=signed]").check()
    await page.keyboard.press("Enter")
    await intake.says("等待 2026-11-30 前补齐 1 份；补齐前不作决定")
    promise = await intake.paper("容缺承诺书")
    await expect(promise.locator("body")).to_contain_text("本人（本单位）承诺于 2026-11-30 前")


async def citizens_phone(browser: Browser, hall: DemoHall, ticket: dict[str, Any]) -> Page:
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await page.goto(f"{hall.base_url}/t/{ticket['link_token']}")
    return page
