"""A clerk's morning at window 09, through the real pages of a real hall whose clock the test drives."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Error, Page, expect

from queue_server.demo.definition import Definition
from queue_server.people.core import Role
from queue_server.settings import Settings
from tests.api.places import Server

from .conftest import MONDAY, DemoHall, clerks_for

pytestmark = pytest.mark.browser

AT_ONCE_MS = 1000  # What happens at a window is on its screen within a second.
WINDOW, TAX = "09", "D"
MATTER, MATTER_MINUTES = "M15", 8


@pytest.fixture
def hall(seeded: tuple[Settings, Definition, dict[str, str]]) -> Iterator[DemoHall]:
    """The demonstration hall at half past nine. Its clock goes on only when it is told to."""
    settings, definition, logins = seeded
    more = {
        "clock": "driven",
        "clock_start": MONDAY,
        "window_absent_seconds": 10**9,
        "heartbeat_seconds": 0.2,  # So that pages hear at once what time it has become.
    }
    server = Server(settings.model_copy(update=more))
    clerk_at, group_of = clerks_for(definition), {each.id: each.groups[0] for each in definition.windows}
    hall = DemoHall(server, definition.hall.id, logins, clerk_at=clerk_at, group_of=group_of)
    server.start()
    try:
        server.time_passes(1)
        hall.admit()
        rules(hall, misses_itself=False)  # The clerk says who did not come, not the clock.
        yield hall
    finally:
        server.stop()


@dataclass
class Morning:
    """The console of window 09, and everybody who takes a ticket for it."""

    hall: DemoHall
    page: Page

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)
            await self.page.wait_for_timeout(30)

    async def does(self, name: str) -> None:
        """One deed by its button's key, as soon as it can be done."""
        button = self.page.locator(f"[data-act={name}]")
        await expect(button).to_be_enabled()
        await self.press(str(await button.get_attribute("aria-keyshortcuts")))

    async def sees(self, number: str, state: str) -> None:
        await expect(self.page.locator("[data-ticket] [data-number]")).to_have_text(number)
        await expect(self.page.locator("body")).to_have_attribute("data-state", state)

    async def answers(self, *keys: str) -> None:
        """Answer what is asked before a deed."""
        await expect(self.page.get_by_role("dialog")).to_be_visible()
        await self.press(*keys)
        await expect(self.page.get_by_role("dialog")).to_be_hidden()

    def passes(self, seconds: float) -> None:
        self.hall.server.time_passes(seconds)

    def takes(self, **more: Any) -> dict[str, Any]:
        wish = more or {"group": self.hall.group_of[WINDOW]}
        path = f"/api/v1/halls/{self.hall.hall_id}/tickets"
        answer = self.hall.server.anybody.ask("POST", path, {"channel": "kiosk", **wish})
        assert answer.status == 201, answer
        return dict(answer.json)

    def events(self, name: str) -> list[dict[str, Any]]:
        path = f"/api/v1/rehearsal/halls/{self.hall.hall_id}/journal?after=0"
        entries = self.hall.server.anybody.ask("GET", path).json["entries"]
        return [entry["body"] for entry in entries if entry["name"] == name]

    async def window_screen(self) -> Page:
        screen = await self.page.context.new_page()
        await screen.goto(f"{self.hall.base_url}/displays/{self.hall.hall_id}/windows/{WINDOW}")
        return screen


async def test_from_signing_in_to_the_first_who_does_not_come(browser: Browser, hall: DemoHall) -> None:
    page = await (await browser.new_context(locale="zh-CN")).new_page()
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.goto(f"{hall.base_url}/clerk/{hall.hall_id}/{WINDOW}")
    login = hall.clerk_at[WINDOW]
    await page.locator("#login").fill(login)
    await page.locator("#password").fill(hall.logins[login])
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**/clerk/{hall.hall_id}/{WINDOW}")
    morning = Morning(hall, page)
    screen = await morning.window_screen()
    await expect(page.locator("[data-idle-word]")).to_have_text("本窗口未开窗")
    await morning.does("next")
    await expect(page.locator("body")).to_have_attribute("data-state", "ready")
    plate = (await page.locator("[data-clerk]").inner_text()).split()[0]
    await expect(screen.get_by_text(plate)).to_be_visible(timeout=AT_ONCE_MS)

    first, second = morning.takes(), morning.takes()
    await expect(page.locator("[data-idle-number]")).to_have_text(first["number"])
    await morning.press("F9", "F9")  # Twice within a second is once.
    await morning.sees(first["number"], "calling")
    await page.wait_for_timeout(300)
    assert len(morning.events("TicketCalled")) == 1

    await expect(page.locator("[data-act=recall]")).to_be_disabled()
    morning.passes(61)
    await morning.does("recall")
    await expect(page.locator("[data-facts]")).to_contain_text("已重呼 1 次")
    morning.passes(120)
    await morning.does("missed")
    await expect(page.locator("[data-idle-number]")).to_have_text(second["number"])
    await morning.does("next")
    await morning.sees(second["number"], "calling")
    assert [event["ticket_id"] for event in morning.events("TicketMissed")] == [int(first["id"])]


async def test_a_hold_a_transfer_with_a_note_and_a_service_that_took_too_long(
    browser: Browser, hall: DemoHall
) -> None:
    morning = await at_the_desk(browser, hall)
    page = morning.page
    a002, a003, a004 = morning.takes(), morning.takes(), morning.takes(matters=[MATTER])
    morning.passes(60)

    await called_and_started(morning, a002)
    morning.passes(120)
    await morning.does("hold")
    await morning.answers("3", "1", "Enter")  # Copies, five minutes.
    await called_and_started(morning, a003)
    link = f"/api/v1/tickets/{a002['link_token']}/return"
    assert hall.server.anybody.ask("POST", link, {}).status == 200
    await morning.does("transfer")
    dialog = page.get_by_role("dialog")
    tax = dialog.locator("[data-step=group] .choice").filter(has_text=TAX + " ")
    await morning.press((await tax.locator("kbd").inner_text()).strip())
    await morning.press("5")
    await page.keyboard.type("户口簿已核对")
    await morning.answers("Enter")

    await expect(page.locator("[data-idle-number]")).to_have_text(a002["number"])
    await expect(page.locator("[data-idle-how]")).to_have_text("挂起后已回到窗口，先继续办")
    morning.passes(60)
    await morning.does("next")  # Before anybody who waits, and the hold does not count.
    await morning.sees(a002["number"], "serving")
    await expect(page.locator("[data-minutes]")).to_contain_text("2:0")
    await morning.does("complete")

    await expect(page.locator("[data-idle-number]")).to_have_text(a004["number"])
    await called_and_started(morning, a004)
    morning.passes(MATTER_MINUTES * 60 + 90)
    await expect(page.locator("[data-timer]")).to_have_attribute("data-pace", "over")
    await morning.does("complete")
    await morning.answers("1", "Enter")
    await expect(page.locator("[data-figure=over_share]")).to_have_text("100%")
    (_, late) = morning.events("ServingCompleted")
    assert (late["overrun_reason"], late["target_seconds"]) == ("many_materials", MATTER_MINUTES * 60)
    (sent,) = morning.events("TicketTransferred")
    assert (sent["group_id"], sent["reason"]) == (TAX, "户口簿已核对")
    seen = hall.server.anybody.ask("GET", f"/api/v1/tickets/{a003['link_token']}").json
    assert (seen["issued_at"], seen["group"]["id"]) == (a003["issued_at"], TAX)


async def test_an_unclear_clause_is_looked_up_and_cited_then_asked_of_the_department_and_judged_by_it(
    browser: Browser, hall: DemoHall
) -> None:
    morning = await at_the_desk(browser, hall)
    a002 = morning.takes(matters=["M23"], scenarios=["M23.civil"])
    await called_and_started(morning, a002)
    async with morning.page.context.expect_page() as opened:
        await morning.does("intake")
    intake = await opened.value
    await intake.set_viewport_size({"width": 1366, "height": 768})
    reviewer = await back_office(browser, hall)

    await an_entry_is_found_by_its_initials_and_cited_with_one_press(intake)
    await what_nobody_has_written_is_told_to_the_department(intake, reviewer)
    await the_department_answers_in_two_minutes(morning, intake, reviewer)
    await the_answer_becomes_knowledge_that_the_next_clerk_finds(intake, reviewer)
    await nothing_is_approved_before_every_point_is_judged(intake, reviewer)


async def an_entry_is_found_by_its_initials_and_cited_with_one_press(intake: Page) -> None:
    known = intake.locator("[data-know-found] [data-read]")
    await expect(known.first).to_contain_text("法律援助：经济困难怎样核查")  # Before anything is typed.
    await intake.keyboard.press("f")
    await intake.keyboard.type("jjkn")
    await expect(known).to_have_count(1)
    await intake.keyboard.press("Enter")
    reading = intake.get_by_role("dialog")
    await expect(reading).to_contain_text("不要求单位或居委会盖章")
    await intake.keyboard.press("Enter")
    await expect(intake.locator("[data-cited] li")).to_contain_text("法律援助：经济困难怎样核查（第2版）")
    await intake.locator("[data-cited] button").click()
    await expect(reading).to_contain_text("引用时的文字：第2版")
    await expect(reading.locator("[data-reading-cite]")).to_be_hidden()
    await intake.keyboard.press("Escape")


async def what_nobody_has_written_is_told_to_the_department(intake: Page, reviewer: Page) -> None:
    await intake.locator("[data-know-search]").fill("仲裁")
    async with intake.expect_response("**/knowledge/misses"):
        await expect(intake.locator("[data-know-none]")).to_contain_text("没有查到“仲裁”")
    await reviewer.goto(reviewer.url.replace("/inbox/", "/knowledge/"))
    await expect(reviewer.locator("[data-misses]")).to_contain_text("仲裁")
    await reviewer.goto(reviewer.url.replace("/knowledge/", "/inbox/"))


async def the_department_answers_in_two_minutes(morning: Morning, intake: Page, reviewer: Page) -> None:
    await intake.keyboard.press("Escape")  # Out of the search, not out of the page.
    await intake.keyboard.press("q")
    await intake.keyboard.type("劳动仲裁<b>阶段</b>能否申请？")
    await intake.get_by_role("dialog").get_by_role("button", name="发出").click()
    await expect(intake.locator("[data-questions]")).to_contain_text("等待答复")
    question = reviewer.locator("[data-questions] .question")
    await expect(question).to_contain_text(
        "劳动仲裁<b>阶段</b>能否申请？"
    )  # As text, whatever it looks like.
    await reviewer.locator("[data-department]").select_option("司法局")
    await reviewer.reload()  # Tomorrow it is still the department that this browser works for.
    await expect(reviewer.locator("[data-department]")).to_have_value("司法局")
    await expect(question).to_have_count(1)
    morning.passes(120)
    await question.locator("textarea").fill("可以，提交仲裁受理通知书即可。")
    await question.get_by_role("button", name="答复").click()
    await expect(reviewer.locator("[data-answer-said]")).to_contain_text("用时2分钟")
    answer = intake.locator("[data-questions] li")
    await expect(answer).to_contain_text("可以，提交仲裁受理通知书即可。")
    await expect(answer).to_contain_text("2分钟答复")
    await answer.get_by_role("button", name="引用").click()
    await expect(answer.get_by_role("button", name="已引用")).to_be_disabled()


async def the_answer_becomes_knowledge_that_the_next_clerk_finds(intake: Page, reviewer: Page) -> None:
    await intake.get_by_role("button", name="写成知识").click()
    await intake.get_by_role("dialog").locator("[name=title]").fill("劳动仲裁阶段能否申请法律援助")
    await intake.get_by_role("dialog").get_by_role("button", name="提交草稿").click()
    await reviewer.goto(reviewer.url.replace("/inbox/", "/knowledge/"))
    await reviewer.get_by_role("button", name="劳动仲裁阶段能否申请法律援助").click()
    await reviewer.get_by_role("button", name="发布", exact=True).click()
    await expect(reviewer.locator("[data-said]")).to_contain_text("已发布第2版")
    await expect(reviewer.locator("[data-misses] li")).to_have_count(0)  # It answers what was looked for.
    await intake.get_by_role("tab", name="知识").click()
    await intake.locator("[data-know-search]").fill("ldzc")
    await expect(intake.locator("[data-know-found] li")).to_have_count(1)
    await intake.locator("[data-know-search]").press("Escape")


async def nothing_is_approved_before_every_point_is_judged(intake: Page, reviewer: Page) -> None:
    for left in (2, 1, 0):
        await intake.keyboard.press("y")
        await expect(intake.locator("li[data-mark=open]")).to_have_count(left)
    await intake.keyboard.press("a")
    await intake.locator("dialog[open] [name=name]").fill("张某某")
    await intake.locator("dialog[open] [name=number]").fill("11010519491231002X")
    await intake.keyboard.press("Enter")
    for sentence in ("可以出具收件回执", "材料齐全，可以受理"):
        await expect(intake.locator("p[data-now]")).to_contain_text(sentence)
        await intake.keyboard.press("F9")
    await expect(intake.locator("p[data-now]")).to_contain_text("已受理，待部门审查")
    await reviewer.goto(reviewer.url.replace("/knowledge/", "/inbox/"))
    await reviewer.locator("[data-cases] a").click()
    now, points = reviewer.locator("p[data-now]"), reviewer.locator(".point")
    await expect(now).to_contain_text("待审查")
    await reviewer.keyboard.press("F9")
    await expect(now).to_contain_text("还有 2 项审查要点待判定")
    await points.nth(0).get_by_role("button", name="符合", exact=True).click()
    await expect(now).to_contain_text("还有 1 项审查要点待判定")
    await points.nth(1).get_by_role("button", name="不符合").click()
    await reviewer.get_by_role("dialog").locator("textarea").fill("收入高于标准，又无免核查证明")
    await reviewer.get_by_role("dialog").get_by_role("button", name="判为不符合").click()
    await expect(now).to_contain_text("有审查要点不符合，不能批准")
    await points.nth(1).get_by_role("button", name="符合", exact=True).click()
    await expect(now).to_contain_text("审查中，请作出决定")
    await reviewer.keyboard.press("F9")
    await expect(now).to_contain_text("已作出决定")
    story = reviewer.locator("[data-history]")
    await expect(story).to_contain_text("援助范围：符合，经济状况：符合")
    for line in ("请教：劳动仲裁", "答复（2分钟）", "引用《法律援助：经济困难怎样核查》第2版", "引用答复"):
        await expect(story).to_contain_text(line)


async def back_office(browser: Browser, hall: DemoHall) -> Page:
    """The inbox, as a reviewer has it open."""
    people = hall.server.house.people
    accounts = hall.server.do(people.accounts(hall.hall_id))
    somebody = next(each for each in accounts if each.role is Role.REVIEWER)
    context = await browser.new_context(locale="zh-CN")
    await sign_in(context, hall, hall.server.do(people.admit(somebody)).token)
    page = await context.new_page()
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.goto(f"{hall.base_url}/inbox/{hall.hall_id}")
    return page


async def test_a_pause_is_on_the_windows_screen_and_nobody_leaves_with_a_service_on_hold(
    browser: Browser, hall: DemoHall
) -> None:
    morning = await at_the_desk(browser, hall)
    page = morning.page
    screen = await morning.window_screen()
    await morning.does("pause")
    await morning.answers("1", "2", "Enter")  # Papers, ten minutes.
    await expect(page.locator("[data-idle-how]")).to_contain_text("整理材料，预计 09:40 恢复，还有 ")
    await expect(screen.get_by_text("暂停").first).to_be_visible(timeout=AT_ONCE_MS)
    await morning.does("pause")
    await expect(page.locator("body")).to_have_attribute("data-state", "ready")

    a009 = morning.takes()
    await called_and_started(morning, a009)
    await morning.does("hold")
    await morning.answers("Enter")
    await morning.does("leave")
    await expect(page.get_by_role("alert")).to_contain_text("挂起")
    await morning.press("Shift+1")
    await morning.answers("1", "Enter")
    await expect(page.locator("[data-held-section]")).to_be_hidden()
    await morning.does("leave")
    await expect(page.locator("body")).to_have_attribute("data-state", "closed")
    await expect(page.locator("[data-idle-word]")).to_have_text("本窗口未开窗")


async def test_both_consoles_see_a_take_over_and_the_clock_of_the_service_goes_on(
    browser: Browser, hall: DemoHall
) -> None:
    morning = await at_the_desk(browser, hall)
    old = morning.page
    anna = morning.takes()
    await called_and_started(morning, anna)
    morning.passes(125)

    colleague = await browser.new_context(locale="zh-CN")
    people = hall.server.house.people
    accounts = {each.login: each for each in hall.server.do(people.accounts(hall.hall_id))}
    free = next(each for each in accounts.values() if each.login == hall.clerk_at["10"])
    await sign_in(colleague, hall, hall.server.do(people.admit(free)).token)
    new = await console(colleague, hall)
    await expect(new.locator("[data-idle-word]")).to_contain_text("正在本窗口到岗")
    await new.keyboard.press("F9")
    await expect(new.get_by_role("dialog")).to_contain_text(f"{anna['number']} 正在窗口")
    await new.keyboard.press("Tab")
    await new.keyboard.press("Enter")
    await Morning(hall, new).sees(anna["number"], "serving")
    await expect(new.locator("[data-minutes]")).to_contain_text("2:")
    await expect(new.locator("[data-window-state]")).to_contain_text("处接管")

    await expect(old.locator("[data-idle-word]")).to_have_text("本窗口已被接管", timeout=AT_ONCE_MS)
    await expect(old.locator("[data-idle-how]")).to_contain_text(free.display_name)
    await old.keyboard.press("c")
    await old.wait_for_timeout(200)
    assert morning.events("ServingCompleted") == []

    await old.keyboard.press("F9")
    await old.get_by_role("dialog").get_by_role("button", name="收回窗口").click()
    await morning.sees(anna["number"], "serving")
    await expect(new.locator("[data-idle-word]")).to_have_text("本窗口已被接管", timeout=AT_ONCE_MS)
    await morning.does("complete")
    await expect(old.locator("[data-figure=served]")).to_have_text("1")


async def test_a_browser_that_crashes_during_a_service_comes_back_to_the_same_ticket_and_clock(
    browser: Browser, hall: DemoHall
) -> None:
    morning = await at_the_desk(browser, hall)
    anna = morning.takes(matters=[MATTER])
    await called_and_started(morning, anna)
    morning.passes(200)
    await expect(morning.page.locator("[data-minutes]")).to_contain_text("3:2")
    kept = await morning.page.context.storage_state()
    async with morning.page.expect_event("crash"):
        with suppress(Error):
            await morning.page.goto("chrome://crash")
    await morning.page.context.close()

    again = await browser.new_context(storage_state=kept, locale="zh-CN")
    page = await console(again, hall)
    morning = Morning(hall, page)
    await morning.sees(anna["number"], "serving")
    await expect(page.locator("[data-minutes]")).to_contain_text("3:2")
    await expect(page.locator("[data-story] li")).to_have_count(3)
    await morning.does("complete")
    await expect(page.locator("[data-figure=served]")).to_have_text("1")


# ── At the desk ──────────────────────────────────────────────────────────────────────────────────


async def at_the_desk(browser: Browser, hall: DemoHall) -> Morning:
    """Window 09, open, with nobody there."""
    context = await browser.new_context(locale="zh-CN")
    await sign_in(context, hall, hall.tokens[WINDOW])
    morning = Morning(hall, await console(context, hall))
    await morning.does("next")
    await expect(morning.page.locator("body")).to_have_attribute("data-state", "ready")
    return morning


async def sign_in(context: BrowserContext, hall: DemoHall, token: str) -> None:
    cookie: Any = {"name": "session", "value": token, "url": hall.base_url}
    await context.add_cookies([cookie])


async def console(context: BrowserContext, hall: DemoHall) -> Page:
    page = await context.new_page()
    await page.set_viewport_size({"width": 1366, "height": 768})
    await page.goto(f"{hall.base_url}/clerk/{hall.hall_id}/{WINDOW}")
    return page


async def called_and_started(morning: Morning, ticket: dict[str, Any]) -> None:
    await expect(morning.page.locator("[data-idle-number]")).to_have_text(ticket["number"])
    await morning.does("next")
    await morning.sees(ticket["number"], "calling")
    await morning.does("start")
    await morning.sees(ticket["number"], "serving")


def rules(hall: DemoHall, **changes: object) -> None:
    people = hall.server.house.people
    manager = next(
        each for each in hall.server.do(people.accounts(hall.hall_id)) if each.role is Role.MANAGER
    )
    client = hall.server.client(hall.server.do(people.admit(manager)).token)
    assert client.ask("PUT", f"/api/v1/halls/{hall.hall_id}/rules", changes).status == 200
    client.close()
