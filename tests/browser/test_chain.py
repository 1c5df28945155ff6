"""A company through the real pages: one form at window 03, one number on the phone, three departments behind."""

import pytest
from playwright.async_api import Browser, Page, expect

from .conftest import DemoHall
from .test_intake import IDENTITY, Intake
from .test_walkthroughs import DESK, PHONE, a_browser, at, clerk, signed_in, takes
from .visits import violations

pytestmark = pytest.mark.browser

WINDOW = "03"


async def test_a_company_is_taken_in_once_and_its_licence_serves_the_two_that_waited(
    browser: Browser, hall_server: DemoHall
) -> None:
    hall = hall_server
    desk = clerk(hall, WINDOW)
    takes(hall, matters=["M01"], scenarios=["M01.company"])
    for deed in ("session", "calls", "start"):
        assert desk.ask("POST", at(hall, WINDOW, deed), {}).status < 300
    page = await (await signed_in(browser, hall, WINDOW)).new_page()
    await page.goto(f"{hall.base_url}/intake/{hall.hall_id}/{WINDOW}")
    intake = Intake(page)
    await page.get_by_role("button", name="开办企业一件事").click()
    await intake.says("请先选定情形")
    await page.keyboard.press("1")
    await intake.says("逐份核对材料")
    await expect(page.locator("[data-items]")).not_to_contain_text("营业执照")
    await expect(page.locator("[data-items] li", has_text="经办人身份证件")).to_have_count(1)
    await intake.marks(*["y"] * await page.locator("li[data-mark=open]").count())
    await page.keyboard.press("F9")
    await intake.names("张某某", IDENTITY)
    await intake.says("可以出具收件回执")
    await intake.next("材料齐全，可以受理")
    await intake.next("已一次受理，各部门分别办理")
    members = page.locator("[data-members] li")
    await expect(members).to_have_count(3)
    await expect(members.nth(1)).to_contain_text("待前项办结")
    code = (await page.locator("[data-code]").inner_text()).split()[-1]

    phone = await (await a_browser(browser, PHONE)).new_page()
    await sees(phone, hall, code, "已办 0 项，共 3 项")
    await a_reviewer_grants(hall, browser, "企业设立登记")
    await sees(phone, hall, code, "已办 1 项，共 3 项")
    assert [await violations(page), await violations(phone)] == [[], []]
    await members.nth(2).get_by_role("link").click()
    await expect(page.locator("[data-items] li", has_text="营业执照")).to_have_attribute("data-mark", "held")


async def sees(phone: Page, hall: DemoHall, code: str, sentence: str) -> None:
    """The one page of the whole, as its citizen finds it."""
    await phone.goto(f"{hall.base_url}/case/{code}")
    await expect(phone.get_by_role("heading", name="包含的事项")).to_contain_text(sentence)


async def a_reviewer_grants(hall: DemoHall, browser: Browser, matter: str) -> None:
    """Somebody of the back office takes it up from the inbox, and approves."""
    people = hall.server.house.people
    accounts = {each.login: each for each in hall.server.do(people.accounts(hall.hall_id))}
    hall.tokens["r02"] = hall.server.do(people.admit(accounts["r02"])).token
    page = await (await signed_in(browser, hall, "r02")).new_page()
    await page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    await page.goto(f"{hall.base_url}/inbox/{hall.hall_id}")
    await expect(page.locator("[data-cases] tr")).to_have_count(1)  # What waits for it is not there yet.
    await page.get_by_role("link", name=matter).click()
    case = Intake(page)
    await case.says("待审查")
    await case.next("项审查要点待判定")
    for point in await page.locator("[data-points] [data-passed=true]").all():
        await point.click()
        await expect(point).to_have_attribute("aria-pressed", "true")
    await case.says("审查中，请作出决定")
    await case.next("已作出决定")
