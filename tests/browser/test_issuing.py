"""Results through the real pages: from the department to the desk, to their citizen, and what they say of it."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from queue_server.demo.definition import H1, read
from queue_server.demo.documents import Desk as Department

from .conftest import DemoHall
from .test_walkthroughs import DESK, PHONE, a_browser, at, clerk, takes

pytestmark = pytest.mark.browser

FIELDS = ("name", "number", "matter", "scope", "dates")


async def test_results_reach_their_citizen_by_known_hands_and_services_are_rated(
    browser: Browser, hall_server: DemoHall
) -> None:
    # One hall for both: opening it takes longer than either.
    await after_a_service_the_phone_leads_to_its_rating_and_a_bad_one_to_the_manager(browser, hall_server)
    await a_bundle_is_counted_checked_by_a_second_person_and_collected_with_a_signature(browser, hall_server)


async def a_bundle_is_counted_checked_by_a_second_person_and_collected_with_a_signature(
    browser: Browser, hall: DemoHall
) -> None:
    state = hall.server.app.state
    house = hall.server.house
    department = Department(read(H1), state.cases, state.documents, house.clock)
    cases = [hall.server.do(department.decided(number)) for number in (0, 2, 1)]  # Two of one person.
    documents = [hall.server.do(department.made(number, case)) for number, case in enumerate(cases, start=1)]
    hall.server.do(department.sent(documents))

    first, second = await desk(browser, hall, "14"), await desk(browser, hall, "15")
    await first.locator("[data-part-of=desk]").click()
    for document in documents[:2]:
        await first.get_by_label("扫描证照编号").fill(document.number)
        await first.keyboard.press("Enter")
    await first.get_by_role("button", name="签收 2 份，缺 1 份").click()
    await expect(first.locator("[data-lines=at_desk] li")).to_have_count(2)

    await second.locator("[data-part-of=department]").click()
    await second.get_by_role("button", name="确认更正").click()
    await first.get_by_label("扫描证照编号").fill(documents[2].number)
    await first.keyboard.press("Enter")
    await first.get_by_role("button", name="清点无误，签收").click()
    for number in (3, 2, 1):
        await expect(first.locator("[data-lines=at_desk] li")).to_have_count(number)
        await first.locator("[data-deed=file]").first.click()
        await first.locator("dialog[open] [name=place]").fill("A-01")
        await first.keyboard.press("Enter")

    await expect(first.locator("[data-lines=filed] li")).to_have_count(3)
    await compare(first, wrong=None)
    await expect(first.locator("[data-refusal]")).to_contain_text("上架人员不得核对同一份")
    await second.reload()
    await second.locator("[data-part-of=desk]").click()
    await compare(second, wrong=None)
    await expect(second.locator("[data-lines=filed] li")).to_have_count(2)
    await compare(second, wrong=None)
    await expect(second.locator("[data-lines=filed] li")).to_have_count(1)
    await compare(second, wrong="name")
    await expect(second.locator("[data-lines=filed] li")).to_have_count(0)

    listed = hall.server.anybody.ask("GET", f"/api/v1/halls/{hall.hall_id}/results").json["results"]
    assert {each["name"] for each in listed} >= {"郭**", "沈**"}
    assert "秦*" not in {each["name"] for each in listed}
    phone = await (await a_browser(browser, PHONE)).new_page()
    await phone.goto(f"{hall.base_url}/case/{cases[0].code}")
    code = await phone.locator(".collect__code").inner_text()
    await expect(phone.locator("main")).to_contain_text("14号出件窗口")

    await second.locator("[data-part-of=pickup]").click()
    await second.get_by_label("领取码或回执查询码").fill(code)
    await second.keyboard.press("Enter")
    await expect(second.locator("[data-pieces] li")).to_have_count(2)
    await second.get_by_label("申请人证件末四位").fill("0014")
    await sign(second)
    await second.get_by_role("button", name="交付").click()
    await expect(second.locator("[data-refusal]")).to_contain_text("证件与申请人不符")
    await second.get_by_label("申请人证件末四位").fill("002x")
    await second.get_by_role("button", name="交付").click()
    await expect(second.locator("[data-done]")).to_contain_text("已交付 2 份")
    await phone.reload()
    await expect(phone.locator("h1")).to_have_text("已办结")
    await rate(phone, "非常满意")
    await expect(phone.locator("[data-thanks]")).to_contain_text("谢谢您的评价")
    await phone.goto(f"{hall.base_url}/case/{cases[0].code}")
    await phone.get_by_role("link", name="评价本次办理").click()
    await expect(phone.locator("h1")).to_have_text("本次服务已评价")


async def after_a_service_the_phone_leads_to_its_rating_and_a_bad_one_to_the_manager(
    browser: Browser, hall: DemoHall
) -> None:
    window = clerk(hall, "10")
    window.ask("POST", at(hall, "10", "session"), {})
    ticket = takes(hall, group="A")
    for deed in ("calls", "start", "completion"):
        window.ask("POST", at(hall, "10", deed), {})
    phone = await (await a_browser(browser, PHONE)).new_page()
    await phone.goto(f"{hall.base_url}/t/{ticket['link_token']}")
    await phone.get_by_role("link", name="评价本次服务").click()
    await phone.get_by_text("再说说四个方面").click()
    await phone.get_by_role("radio", name="服务态度 不满意", exact=True).check()
    await phone.get_by_role("radio", name="不满意", exact=True).check()
    await phone.get_by_role("button", name="提交评价").click()
    await expect(phone.locator("[data-thanks]")).to_contain_text("24小时内")
    ratings = hall.server.do(hall.server.app.state.ratings.overview(hall.hall_id))
    assert [(task["level"], task["window_id"]) for task in ratings.to_answer] == [(2, "10")]


async def desk(browser: Browser, hall: DemoHall, window_id: str) -> Page:
    """The issuing desk's page, as the clerk of a window has it."""
    context = await a_browser(browser, DESK)
    await hall.sign_in(context, window_id)
    page = await context.new_page()
    await page.goto(f"{hall.base_url}/issue/{hall.hall_id}")
    return page


async def compare(page: Page, *, wrong: str | None) -> None:
    """Field by field, with the first document that was filed."""
    await page.locator("[data-deed=check]").first.click()
    for field in FIELDS:
        verdict = "wrong" if field == wrong else "right"
        await page.locator(f"dialog[open] input[name={field}][value={verdict}]").check()
    await page.locator("dialog[open] button[value=yes]").click()


async def sign(page: Page) -> None:
    """A name on the pad."""
    box = await page.locator("[data-pad]").bounding_box()
    assert box is not None
    left, top = box["x"] + 30, box["y"] + 40
    await page.mouse.move(left, top)
    await page.mouse.down()
    for step in range(20):
        await page.mouse.move(left + step * 9, top + (step * 17) % 60)
    await page.mouse.up()


async def rate(page: Page, level: str) -> None:
    await page.get_by_role("link", name="评价本次办理").click()
    await expect(page).to_have_url(re.compile("/rate/"))
    await page.get_by_role("radio", name=level, exact=True).check()
    await page.get_by_role("button", name="提交评价").click()
