"""A guide is changed by those who may, and a delegation runs out and is renewed: the kiosk shows both at once."""

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import DemoHall
from tests.browser.test_kiosk import SECOND_TAP_MS

pytestmark = pytest.mark.browser

DESK, KIOSK = (1366, 768), (1080, 1920)
GUIDE, LETTERS = "/catalogue/h1/M16", "/delegations/h1"


async def test_a_department_edits_and_suggests_the_city_accepts_and_the_kiosk_shows_it_at_once(
    browser: Browser, hall_server: DemoHall
) -> None:
    department = await signed_in(browser, hall_server, "r02")
    city = await signed_in(browser, hall_server, "adm01")
    kiosk = await opened(await a_browser(browser, KIOSK), hall_server, "/kiosk/h1")
    await chosen_on(kiosk, "驾驶证", "M16")
    bring = kiosk.locator("[data-bring] li")
    before = await bring.count()

    editor = await opened(department, hall_server, GUIDE)
    await editor.locator('[data-at="hours.zh"]').fill("周六 9:00–12:00")
    await editor.get_by_role("button", name="立即生效").click()
    await expect(editor.locator("[data-done]")).to_contain_text("第 2 版已发布")

    await editor.locator('[data-remove="materials.0"]').click()
    await expect(editor.locator("[data-done]")).to_contain_text("实体性要素由市级编辑维护")
    await editor.get_by_label("修改理由").fill("已数据共享")
    await editor.get_by_role("button", name="提交修改建议").click()
    await expect(editor.locator("[data-suggestions] .asked")).to_contain_text("待处理")

    desk = await opened(city, hall_server, "/catalogue/h1")
    await expect(desk.locator("[data-key=M16]")).to_contain_text("1 条建议")
    await desk.locator("[data-key=M16] a").click()
    await expect(desk.locator("[data-suggestions] del")).to_be_visible()
    await desk.get_by_role("button", name="采纳并发布").click()
    await expect(desk.locator("[data-done]")).to_contain_text("第 3 版已发布")
    await expect(bring).to_have_count(before - 1)  # Nobody has touched the kiosk.

    phone = await opened(await a_browser(browser, (390, 844)), hall_server, "/matters/h1/M16")
    await expect(phone.get_by_text("周六 9:00–12:00")).to_be_visible()
    await expect(phone.get_by_text("第 3 版")).to_be_visible()


async def test_an_ended_delegation_pauses_its_matter_until_the_reform_office_approves_a_renewal(
    browser: Browser, hall_server: DemoHall
) -> None:
    kiosk = await opened(await a_browser(browser, KIOSK), hall_server, "/kiosk/h1")
    await chosen_on(kiosk, "民办", "M06")
    await expect(kiosk.locator("[data-paused]")).to_contain_text("请到部门专窗办理，或联系：区审改办")
    await expect(kiosk.locator("[data-take]")).to_be_disabled()

    department = await opened(await signed_in(browser, hall_server, "r02"), hall_server, LETTERS)
    letter = department.locator("[data-key=M06]")
    await expect(letter).to_contain_text("已到期 23 天")
    await letter.get_by_role("button", name="申请续期").click()
    await department.get_by_label("续期至").fill("2027-11-30")
    await department.get_by_label("理由").fill("委托继续有效")
    await department.get_by_role("button", name="提交").click()
    await expect(letter).to_contain_text("市场监管审批员 申请续至 2027-11-30")

    office = await opened(await signed_in(browser, hall_server, "adm01"), hall_server, LETTERS)
    await office.locator("[data-key=M06]").get_by_role("button", name="批准", exact=True).click()
    await expect(office.locator("[data-key=M06]")).to_contain_text("还有 372 天")
    await expect(kiosk.locator("[data-paused]")).to_be_hidden()
    await expect(kiosk.locator("[data-take]")).to_be_enabled()


async def chosen_on(kiosk: Page, words: str, code: str) -> None:
    """Search for a matter and go as far as the page that says what to bring."""
    await expect(kiosk.locator("html")).to_have_attribute("data-live", "live")
    await kiosk.locator("[data-query]").fill(words)
    await kiosk.wait_for_timeout(SECOND_TAP_MS)
    await kiosk.locator(f"[data-found] [data-key={code}] button").click()
    scenario = kiosk.locator("[data-scenarios] button").first
    await kiosk.wait_for_timeout(SECOND_TAP_MS)
    if await scenario.is_visible():
        await scenario.click()


async def a_browser(browser: Browser, size: tuple[int, int]) -> BrowserContext:
    return await browser.new_context(locale="zh-CN", viewport={"width": size[0], "height": size[1]})


async def signed_in(browser: Browser, hall: DemoHall, login: str) -> BrowserContext:
    people = hall.server.house.people
    account = next(each for each in hall.server.do(people.accounts(hall.hall_id)) if each.login == login)
    context = await a_browser(browser, DESK)
    token = hall.server.do(people.admit(account)).token
    await context.add_cookies([{"name": "session", "value": token, "url": hall.base_url}])
    return context


async def opened(context: BrowserContext, hall: DemoHall, path: str) -> Page:
    page = await context.new_page()
    await page.goto(hall.base_url + path)
    return page
