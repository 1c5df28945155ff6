"""A village agent's phone: a case for an elder who stays at home, from the signed paper to the signed delivery."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from queue_server.people.core import Role
from tests.api.places import Hall
from tests.api.test_agents import the_desk_hands_it_to_the_agent

from .conftest import DemoHall

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
IDENTITY = "11010519491231002X"


@pytest.fixture
def hall(hall_server: DemoHall) -> DemoHall:
    return hall_server


async def signed_in(browser: Browser, hall: DemoHall, login: str, **size: Any) -> Page:
    people = hall.server.house.people
    account = next(each for each in hall.server.do(people.accounts(hall.hall_id)) if each.login == login)
    context = await browser.new_context(base_url=hall.base_url, locale="zh-CN", **size)
    token = hall.server.do(people.admit(account)).token
    await context.add_cookies([{"name": "session", "value": token, "url": hall.base_url}])
    return await context.new_page()


async def test_an_elder_stays_at_home_and_has_the_result_without_one_visit(
    browser: Browser, hall: DemoHall
) -> None:
    agent = await signed_in(browser, hall, "a03", viewport=PHONE, has_touch=True)
    await agent.goto(f"/agent/{hall.hall_id}")
    await an_agent_files_it(agent)
    receipt = await agent.locator("[data-receipt]").inner_text()
    await agent.get_by_role("button", name="完成").click()
    await expect(agent.locator("[data-cases] .card")).to_contain_text("已收件")

    desk = await signed_in(browser, hall, "c09", viewport={"width": 1366, "height": 768})
    await desk.goto(f"/arrivals/{hall.hall_id}")
    await expect(desk.locator("[data-cases]")).to_contain_text(receipt)
    await desk.get_by_role("link", name="最低生活保障申请").click()
    await expect(desk.locator("[data-about]")).to_contain_text("群众到厅 0 次")
    await desk.keyboard.press("v")
    await expect(desk.locator("p[data-now]")).to_contain_text("材料齐全，可以受理")
    await desk.keyboard.press("F9")
    await expect(desk.locator("p[data-now]")).to_contain_text("已受理，待部门审查")
    it_is_decided_and_handed_to_the_agent(hall, desk.url.rsplit("/", 1)[1])

    await agent.reload()
    await agent.get_by_role("button", name="送达签收").click()
    await agent.locator("fieldset", has_text="申请书").get_by_text("大厅留存").click()
    await agent.locator("fieldset", has_text="收入核对授权书").get_by_text("大厅留存").click()
    await agent.get_by_text("结果已当面核对").click()
    await agent.get_by_text("申请人已在送达回执上签字").click()
    await agent.get_by_role("button", name="确认送达").click()
    card = agent.locator("[data-cases] .card")
    await expect(card).to_contain_text("已送达，申请人已签收")
    await expect(card).to_contain_text("申请人到厅 0 次")


async def an_agent_files_it(page: Page) -> None:
    await page.get_by_role("button", name="新的代办").click()
    await page.get_by_label("事项").select_option("M19")
    await page.get_by_text("单人户").click()
    await page.locator("fieldset", has_text="申请书").get_by_text("已交给我").click()
    await page.locator("fieldset", has_text="收入核对授权书").get_by_text("已交给我").click()
    await page.locator("fieldset", has_text="家庭收入证明").get_by_text("由窗口核查").click()
    await page.get_by_label("姓名").fill("李某某")
    await page.get_by_label("身份证号码").fill("110105194912310021")
    await page.get_by_text("我已当面看过签了字的委托书").click()
    await page.get_by_label("手机号码").fill("13800138000")
    await page.get_by_text("机主同意接收").click()
    await page.get_by_role("button", name="提交").click()
    await expect(page.get_by_role("alert")).to_contain_text("逐位核对")
    await page.get_by_label("身份证号码").fill(IDENTITY)
    await page.get_by_role("button", name="提交").click()
    await expect(page.locator("[data-receipt]")).to_contain_text("H1-2026-000001")


def it_is_decided_and_handed_to_the_agent(hall: DemoHall, case_id: str) -> None:
    """A reviewer decides, and the desk gives the agent what was decided."""
    people = hall.server.house.people
    accounts = hall.server.do(people.accounts(hall.hall_id))
    account = next(each for each in accounts if each.role is Role.REVIEWER)
    reviewer = hall.server.client(hall.server.do(people.admit(account)).token)
    at = f"/api/v1/halls/{hall.hall_id}/cases/{case_id}"
    for deed, body in (("review", {}), ("decision", {"approved": True})):
        version = reviewer.ask("GET", at).json["version"]
        answer = reviewer.ask("POST", f"{at}/{deed}", {"version": version, **body})
        assert answer.status == 200, answer
    the_desk_hands_it_to_the_agent(Hall(hall.server, hall.hall_id, {}), case_id)
