"""A hall is laid out in a browser while it is open: seen on the wall at once, taken back in two presses."""

import time
from dataclasses import dataclass, replace
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Dialog, Page, expect

from queue_server.people.core import Role

from .test_accessible import AXE, violations
from .test_first_pages import open_page, visitors

pytestmark = pytest.mark.browser

SEEN_MS = 1000  # Everybody concerned knows of another hall within a second.
TABS_MAX = 120


@dataclass
class Office:
    """Somebody's browser, signed in, and what its pages complain of."""

    hall: Any
    context: BrowserContext
    complaints: list[str]

    async def open(self, area: str, language: str = "zh", size: tuple[int, int] = (1366, 768)) -> Page:
        page = await open_page(
            self.context, self.hall, f"/admin/{self.hall.hall_id}/{area}?lang={language}", *size
        )
        await expect(page.locator("[data-area]")).to_have_attribute("aria-busy", "false")
        return page


async def office(browser: Browser, hall: Any, login: str = "adm01") -> Office:
    """The office of somebody who may lay the hall out."""
    complaints: list[str] = []
    context = await visitors(browser, complaints)
    people = hall.server.house.people
    account = next(each for each in hall.server.do(people.accounts()) if each.login == login)
    token = hall.server.do(people.admit(account)).token
    await context.add_cookies([{"name": "session", "value": token, "url": hall.base_url}])
    return Office(hall, context, complaints)


async def saves(page: Page) -> None:
    """Look at what will change, and save."""
    await page.locator("[data-review]").click()
    await page.locator("[data-save]").click()
    await expect(page.locator("[data-done]")).to_be_visible()


async def tabs_to(page: Page, selector: str) -> None:
    """Go to something by the keyboard alone."""
    for _ in range(TABS_MAX):
        if await page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard never comes to {selector}")


# ── Live ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_group_and_its_window_are_on_the_wall_within_a_second_and_gone_again_after_the_way_back(
    browser: Browser, hall_server: Any
) -> None:
    admin = await office(browser, hall_server)
    wall = f"/displays/{hall_server.hall_id}/lobby"
    lobby = await open_page(await visitors(browser, []), hall_server, wall, 1920, 1080)
    await expect(lobby.locator("[data-groups] li").first).to_be_visible()

    page = await admin.open("groups")
    await page.locator("[data-add=groups]").click()
    await page.get_by_label("名称（中文）").fill("夜间业务")
    await page.get_by_label("名称（英文）").fill("Night desk")
    await page.locator(".side a", has_text="窗口").nth(1).click()
    await page.locator("[data-add=windows]").click()
    await page.locator(".editor .ticks__one", has_text="F 夜间业务").click()
    await page.locator("[data-review]").click()
    await expect(page.locator("[data-review-body]")).to_contain_text("新增窗口组 F 夜间业务")
    await expect(page.locator("[data-review-body]")).to_contain_text("新增窗口 17")
    await page.locator("[data-save]").click()
    await expect(page.locator("[data-done]")).to_be_visible()
    await expect(lobby.locator("[data-groups]")).to_contain_text("夜间业务", timeout=SEEN_MS)

    history = await admin.open("history")
    await history.get_by_role("button", name="恢复到版本 1").click()
    await expect(history.locator("[data-ask-body]")).to_contain_text("撤销窗口组 F 夜间业务")
    await history.locator("[data-ask-yes]").click()
    await expect(history.locator(".version--now h2")).to_have_text("版本 3")
    await expect(lobby.locator("[data-groups]")).not_to_contain_text("夜间业务", timeout=SEEN_MS)
    assert admin.complaints == []


async def test_a_window_that_is_moved_while_it_serves_finishes_first_and_calls_from_the_new_group(
    browser: Browser, hall_server: Any
) -> None:
    at = f"/api/v1/halls/{hall_server.hall_id}"
    clerk = hall_server.server.client(hall_server.tokens["07"])
    for group in ("C", "A"):
        hall_server.server.anybody.ask("POST", f"{at}/tickets", {"group": group, "channel": "kiosk"})
    for deed in ("session", "calls", "start"):
        assert clerk.ask("POST", f"{at}/windows/07/{deed}").status < 300

    admin = await office(browser, hall_server, "m01")
    page = await admin.open("windows")
    await page.locator(".row", has_text="7号窗口").first.click()
    await expect(page.locator(".live")).to_contain_text("C001")
    await page.locator(".ticks__one", has_text="A 综合业务").click()
    await page.locator(".ticks__one", has_text="C 工程建设项目").click()
    await page.locator("[data-review]").click()
    await expect(page.locator("[data-review-body]")).to_contain_text("07号窗口先办完 C001，之后办理 A。")
    await page.locator("[data-save]").click()
    await expect(page.locator("[data-done]")).to_be_visible()

    assert clerk.ask("GET", f"{at}/windows/07").json["ticket"]["number"] == "C001"
    clerk.ask("POST", f"{at}/windows/07/completion")
    assert clerk.ask("POST", f"{at}/windows/07/calls").json["ticket"]["number"] == "A001"


async def test_who_waits_stands_in_the_way_of_a_group_that_is_to_go(
    browser: Browser, hall_server: Any
) -> None:
    at = f"/api/v1/halls/{hall_server.hall_id}"
    for _ in range(3):
        hall_server.server.anybody.ask("POST", f"{at}/tickets", {"group": "Q", "channel": "kiosk"})
    page = await (await office(browser, hall_server)).open("groups")
    await page.locator(".row", has_text="咨询导办").click()
    await page.get_by_role("button", name="删除").click()
    await expect(page.locator("[data-said]")).to_contain_text("Q组还有3人等候或办理中（Q001, Q002, Q003）")
    await page.locator("[data-review]").click()
    await expect(page.locator("[data-save]")).to_be_disabled()


async def test_another_accent_is_on_kiosk_lobby_and_phone_at_their_next_load(
    browser: Browser, hall_server: Any
) -> None:
    at = f"/api/v1/halls/{hall_server.hall_id}"
    link = hall_server.server.anybody.ask("POST", f"{at}/tickets", {"group": "A", "channel": "kiosk"}).json[
        "link"
    ]
    page = await (await office(browser, hall_server)).open("look")
    await page.get_by_label("主色", exact=True).fill("#e8b339")
    await expect(page.locator("[data-where='look.accent'] .field__problem")).to_contain_text("4.5:1")
    await page.get_by_label("主色", exact=True).fill("#2f5d50")
    await page.get_by_label("印章文字").fill("政务")
    await saves(page)
    for path in (f"/kiosk/{hall_server.hall_id}", f"/displays/{hall_server.hall_id}/lobby", link):
        screen = await open_page(await visitors(browser, []), hall_server, path, 1080, 1920)
        colour = "getComputedStyle(document.documentElement).getPropertyValue('--seal').trim()"
        assert await screen.evaluate(colour) == "#2f5d50", path
        if await screen.locator(".seal").count():
            seal = "getComputedStyle(document.querySelector('.seal'), '::after').content"
            assert await screen.evaluate(seal) == '"政务"'


# ── By the keyboard ──────────────────────────────────────────────────────────────────────────────


async def test_a_notice_is_written_by_the_keyboard_alone(browser: Browser, hall_server: Any) -> None:
    page = await (await office(browser, hall_server)).open("notices", language="en")
    await tabs_to(page, "[data-add=notices]")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("holiday")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Control+A")
    await page.keyboard.type("Closed on Friday")
    await tabs_to(page, "[data-review]")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-review-body]")).to_contain_text("New notice holiday")
    await page.keyboard.type("for the spring festival")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-done]")).to_be_visible()
    paper = hall_server.server.do(hall_server.server.house.queues.paper(hall_server.hall_id))
    assert paper.notices[-1].id == "holiday"
    assert paper.notices[-1].text.zh == "Closed on Friday"


async def test_a_window_is_moved_on_the_plan_by_the_arrow_keys_and_by_dragging(
    browser: Browser, hall_server: Any
) -> None:
    page = await (await office(browser, hall_server)).open("plan")
    before = hall_server.server.do(hall_server.server.house.queues.paper(hall_server.hall_id)).windows
    await tabs_to(page, "[data-plan='windows.6.spot']")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Shift+ArrowLeft")
    await expect(page.locator(".plan__status")).to_contain_text("07 7号窗口：距左 17 米，距上 2.5 米")
    mark = await page.locator("[data-plan='windows.15.spot']").bounding_box()
    assert mark is not None
    middle = (mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    await page.mouse.move(*middle)
    await page.mouse.down()
    await page.mouse.move(middle[0] - 60, middle[1] - 30, steps=4)
    await page.mouse.up()
    await saves(page)
    after = hall_server.server.do(hall_server.server.house.queues.paper(hall_server.hall_id)).windows
    assert (after[6].spot.x, after[6].spot.y) == (17, 2.5)
    assert after[15].spot.x < before[15].spot.x
    assert after[15].spot.y < before[15].spot.y


# ── Two at once, and what is not saved ───────────────────────────────────────────────────────────


async def test_two_admins_at_once_lose_nothing_of_what_either_wrote(
    browser: Browser, hall_server: Any
) -> None:
    mine = await (await office(browser, hall_server)).open("look")
    theirs = await (await office(browser, hall_server, "m01")).open("rules")
    await mine.get_by_label("大厅名称（中文）").fill("新区政务服务中心")
    await theirs.get_by_label("重呼次数上限", exact=True).fill("5")
    await saves(theirs)
    await mine.get_by_label("大厅名称（英文）").fill("New District Hall")
    await expect(mine.locator("[data-moved]")).to_contain_text("m01")
    await expect(mine.locator("[data-moved]")).to_contain_text("2次 → 5次")
    await mine.get_by_role("button", name="在新版本上保留我的更改").click()
    await saves(mine)
    paper = hall_server.server.do(hall_server.server.house.queues.paper(hall_server.hall_id))
    assert paper.about.name.zh == "新区政务服务中心"
    assert paper.rules.recalls_max == 5


async def test_whoever_leaves_with_unsaved_changes_is_asked(browser: Browser, hall_server: Any) -> None:
    page = await (await office(browser, hall_server)).open("rules")
    await page.get_by_label("重呼次数上限", exact=True).fill("4")
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    await page.evaluate("location.assign('/admin')")
    until = time.monotonic() + 5
    while not asked and time.monotonic() < until:
        await page.wait_for_timeout(50)
    assert asked == ["beforeunload"]
    await page.locator(".side a", has_text="公告").click()  # Within the office nothing is lost.
    await expect(page.locator("[data-bar]")).to_be_visible()


async def test_somebody_new_signs_in_with_the_password_that_was_shown(
    browser: Browser, hall_server: Any
) -> None:
    page = await (await office(browser, hall_server)).open("people")
    await page.locator("[data-add=accounts]").click()
    await page.get_by_label("登录名").fill("c20")
    await page.get_by_label("工号").fill("c20")
    await page.get_by_label("姓名").fill("新来的")
    await page.get_by_label("A 综合业务", exact=True).select_option("primary")
    await page.get_by_role("button", name="新增并生成密码").click()
    password = await page.locator(".password code").inner_text()
    answer = hall_server.server.anybody.ask(
        "POST", "/api/v1/sessions", {"login": "c20", "password": password}
    )
    assert answer.json["account"]["role"] == Role.CLERK


async def test_a_certificate_that_has_ended_stands_out_and_is_renewed_with_one_press(
    browser: Browser, hall_server: Any
) -> None:
    page = await (await office(browser, hall_server)).open("people")
    line = page.locator(".row", has_text="综合熟手甲")
    await line.click()
    day = page.get_by_label("A 综合业务 的证书到期日", exact=True)
    await day.fill("2001-03-05")
    await page.get_by_role("button", name="保存").click()
    await expect(line.locator("[data-left=ended]")).to_be_visible()
    await page.get_by_role("button", name="续一年：A 综合业务 的证书到期日").click()
    await page.get_by_role("button", name="保存").click()
    await expect(line.locator(".left")).to_have_count(0)
    assert await day.input_value() > "2027"


async def test_a_hall_is_founded_from_the_list_of_halls(browser: Browser, hall_server: Any) -> None:
    people = hall_server.server.house.people
    chief = next(each for each in hall_server.server.do(people.accounts()) if each.login == "adm01")
    await hall_wide(hall_server, chief)
    admin = await office(browser, hall_server)
    page = await open_page(admin.context, hall_server, "/admin?lang=zh", 1366, 768)
    await page.get_by_label("大厅编号").fill("Big")
    await page.get_by_label("名称（中文）").fill("分厅")
    await page.get_by_label("名称（英文）").fill("Branch")
    await page.get_by_role("button", name="新建大厅").click()
    await expect(page.locator("[data-where=id] .field__problem")).to_be_visible()
    await page.get_by_label("大厅编号").fill("branch")
    await page.get_by_role("button", name="新建大厅").click()
    await expect(page).to_have_url(f"{hall_server.base_url}/admin/branch")
    await expect(page.locator("[data-hall-name]")).to_have_text("分厅")


async def hall_wide(hall_server: Any, account: Any) -> None:
    """Let an admin keep every hall of the installation."""
    people = hall_server.server.house.people
    hall_server.server.do(people.put_account(replace(account, hall_id=None), by="test"))


# ── For everybody ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: accessibility was NOT tested.")
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_axe_finds_nothing_in_a_mistake_nor_in_the_review(
    browser: Browser, hall_server: Any, language: str
) -> None:
    admin = await office(browser, hall_server)
    page = await admin.open("rules", language)
    await page.get_by_label("到窗等候时间" if language == "zh" else "Time to come", exact=True).fill("5")
    await expect(page.locator(".field__problem:not([hidden])").first).to_be_visible()
    assert await violations(page) == []
    await page.locator("[data-review]").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await violations(page) == []
    assert [each for each in admin.complaints if "422" not in each] == []  # That was the rule we made wrong.
