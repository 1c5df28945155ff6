"""The floor guide's desk and the manager's overview: on a stage, and in a hall that runs."""

import time
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.api.places import Client
from tests.browser.conftest import DemoHall
from tests.browser.glances import GUIDE, MANAGER, guide, overview, person, task
from tests.browser.stage import Asked, Stage, problem
from tests.browser.test_console import until

pytestmark = pytest.mark.browser

SEEN_MS = 1000
HELP = ("POST", "/api/v1/halls/h1/tickets/7/help")
HOSTILE = "<img src=x onerror=alert(1)>‮"


async def desk(browser: Browser, view: Any, **me: Any) -> tuple[Stage, Page]:
    stage = await Stage.build(browser, signed_in=True)
    stage.last_view = view
    who = MANAGER if view["type"] == "overview" else GUIDE
    stage.answers["GET", "/api/v1/sessions/current"] = (200, {"account": {**who["account"], **me}})
    page = await stage.open("/overview/h1" if view["type"] == "overview" else "/guide/h1")
    if view["type"] == "guide":
        await page.set_viewport_size({"width": 390, "height": 844})
    return stage, page


# ── On a stage ───────────────────────────────────────────────────────────────────────────────────


async def test_one_tap_says_i_go_once_however_often_it_is_tapped(browser: Browser) -> None:
    stage, page = await desk(browser, guide([task("A007", called=True)]))
    stage.answers[HELP] = (200, guide([task("A007", called=True, helper="流动导办甲")], 2))
    button = page.locator("[data-deed=go]:visible")
    await button.dblclick()
    await expect(page.locator("[data-who]")).to_have_text("您正在去接")
    (asked,) = stage.deeds()
    assert asked.key


async def test_without_a_network_it_says_so_and_the_same_tap_again_is_the_same_deed(browser: Browser) -> None:
    stage, page = await desk(browser, guide([task("A007", called=True)]))
    network = False

    async def answer(_: Asked) -> tuple[int, Any]:
        return (200, guide([task("A007", called=True, helper="流动导办甲")], 2)) if network else (0, None)

    stage.answers[HELP] = answer
    await page.locator("[data-deed=go]:visible").click()
    await page.clock.run_for(25_000)
    await expect(page.locator("[data-refusal]")).to_contain_text("再按一次不会重复")
    network = True
    await page.locator("[data-deed=go]:visible").click()
    await expect(page.locator("[data-who]")).to_have_text("您正在去接")
    await expect(page.locator("[data-refusal]")).to_be_hidden()
    assert len({asked.key for asked in stage.deeds()}) == 1


async def test_whoever_comes_second_reads_who_goes(browser: Browser) -> None:
    stage, page = await desk(browser, guide([task("A007", called=True)]))
    stage.answers[HELP] = (409, problem("somebody_goes", "流动导办乙已去接这位群众。"))
    await page.locator("[data-deed=go]:visible").click()
    await expect(page.locator("[data-refusal]")).to_have_text("流动导办乙已去接这位群众。")
    await stage.tell(guide([task("A007", called=True, helper="流动导办乙")], 2))
    await expect(page.locator("[data-who]")).to_have_text("流动导办乙 已去接")
    await expect(page.locator("[data-deeds]")).to_be_hidden()


async def test_a_new_task_is_seen_and_an_old_one_is_not_announced_again(browser: Browser) -> None:
    stage, page = await desk(browser, guide([task("A007")]))
    await expect(page.locator("[data-key='7']")).to_be_visible()
    await stage.tell(guide([task("A007"), task("A008")], 2))
    await expect(page.locator("[data-key='8']")).to_have_attribute("data-new", "")
    await expect(page.locator("[data-key='7']")).not_to_have_attribute("data-new", "")
    await page.clock.run_for(6000)
    await stage.tell(guide([task("A007", called=True), task("A008")], 3))
    await expect(page.locator("[data-key='7']")).to_have_attribute("data-new", "")
    await expect(page.locator("[data-count=tasks]")).to_have_text("1")
    await expect(page).to_have_title("(1) 导办台")


async def test_a_ticket_is_voided_only_after_the_number_was_checked(browser: Browser) -> None:
    stage, page = await desk(browser, guide([]))
    stage.answers["GET", "/api/v1/halls/h1/tickets"] = (200, {"tickets": [person("A012")]})
    stage.answers["POST", "/api/v1/halls/h1/tickets/12/void"] = (200, {"id": "12"})
    await page.locator("[data-go=find]").click()
    await page.locator("[data-people] button").click()
    await page.locator("[data-deed=void]").click()
    dialog = page.locator("[data-ask=void]")
    await dialog.locator("[value=left_hall]").check()
    await dialog.locator(".button--first").click()
    assert stage.deeds() == []  # The box is not ticked.
    await dialog.locator("[name=sure]").check()
    await dialog.locator(".button--first").click()
    await until(page, lambda: bool(stage.deeds()))
    (asked,) = stage.deeds()
    assert (asked.path, asked.body) == ("/api/v1/halls/h1/tickets/12/void", {"reason": "left_hall"})


async def test_without_a_proof_the_class_is_taken_away(browser: Browser) -> None:
    stage, page = await desk(browser, guide([]))
    stage.answers["GET", "/api/v1/halls/h1/tickets"] = (200, {"tickets": [person("A012")]})
    stage.answers["POST", "/api/v1/halls/h1/tickets/12/priority-class"] = (200, {"id": "12"})
    await page.locator("[data-go=find]").click()
    await expect(page.locator("[data-people]")).to_contain_text("老年人（未确认）")
    await page.locator("[data-people] button").click()
    await page.locator("[data-deed=class]").click()
    await page.locator("[data-ask=class] [value=proof_none]").check()
    await page.locator("[data-ask=class] .button--first").click()
    await until(page, lambda: bool(stage.deeds()))
    assert stage.deeds()[0].body == {"priority_class": None, "reason": "proof_none", "proof_seen": False}


async def test_names_are_shown_as_text(browser: Browser) -> None:
    name = {"zh": HOSTILE * 20, "en": HOSTILE}
    hostile = task("A007", called=True, helper=HOSTILE)
    stage, page = await desk(browser, guide([{**hostile, "group": {"id": "A", "name": name}}]))
    await expect(page.locator("[data-who]")).to_contain_text("<img")
    wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    assert stage.complaints == []


@pytest.mark.parametrize("view", [guide([]), overview()], ids=["guide", "overview"])
async def test_whoever_may_not_look_is_told_so(browser: Browser, view: Any) -> None:
    stage, page = await desk(browser, view, role="clerk")
    await expect(page.locator("[data-refusal]")).to_contain_text("您的岗位不能使用")
    assert stage.sockets == []


async def test_a_service_beyond_its_target_and_a_pause_beyond_its_end_are_marked(browser: Browser) -> None:
    _, page = await desk(browser, overview())
    await expect(page.locator("[data-key='09'] .desk")).to_have_attribute("data-over", "")
    await expect(page.locator("[data-key='09'] .desk__minutes")).to_have_text("12 / 8 分钟")
    await expect(page.locator("[data-key='08'] .desk")).to_have_attribute("data-over", "")
    await expect(page.locator("[data-cell=longest]")).to_have_text("37 分")
    await expect(page.locator("[data-half-hours] tr")).to_have_count(2)


async def test_a_window_is_regrouped_now_or_at_a_time_of_the_hall(browser: Browser) -> None:
    stage, page = await desk(browser, overview())
    path = "/api/v1/halls/h1/windows/09/groups"
    stage.answers["PUT", path] = (200, {"type": "window"})
    await page.locator("[data-key='09'] button").click()
    await page.locator("[data-targets] input").uncheck()
    await page.locator("[data-ask=window] .button--first").click()
    await expect(
        page.locator("[data-ask-refusal]")
    ).to_be_visible()  # A window that serves nothing helps nobody.
    await page.locator("[data-targets] input").check()
    await page.locator("[data-regroup] [name=at]").fill("10:15")
    await page.locator("[data-ask=window] .button--first").click()
    await until(page, lambda: bool(stage.deeds()))
    (asked,) = stage.deeds()
    assert asked.path == path
    assert asked.body == {"groups": ["A"], "effective_at": "2026-11-23T02:15:00.000Z"}


# ── In a hall ────────────────────────────────────────────────────────────────────────────────────


def token_of(hall: DemoHall, login: str) -> str:
    people = hall.server.house.people
    accounts = {each.login: each for each in hall.server.do(people.accounts())}
    return hall.server.do(people.admit(accounts[login])).token


async def open_as(browser: Browser, hall: DemoHall, login: str, path: str, size: tuple[int, int]) -> Page:
    context = await browser.new_context(locale="zh-CN", viewport={"width": size[0], "height": size[1]})
    cookie = {"name": "session", "value": token_of(hall, login), "url": hall.base_url}
    await context.add_cookies([cookie])  # type: ignore[list-item]
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{hall.base_url}{path}")
    await expect(page.locator("html")).to_have_attribute("data-live", "live")
    return page


def clerk_at(hall: DemoHall, window_id: str) -> tuple[Client, str]:
    return hall.server.client(hall.tokens[window_id]), f"/api/v1/halls/{hall.hall_id}/windows/{window_id}"


async def test_an_elderly_citizen_whose_daughter_has_the_phone_is_fetched(
    browser: Browser, hall_server: DemoHall
) -> None:
    hall, (clerk, at) = hall_server, clerk_at(hall_server, "08")
    assert clerk.ask("POST", f"{at}/session", {}).status == 201
    mine = await open_as(browser, hall, "g01", f"/guide/{hall.hall_id}", (390, 844))
    theirs = await open_as(browser, hall, "g02", f"/guide/{hall.hall_id}", (820, 1180))
    await expect(mine.locator("[data-tasks-none]")).to_be_visible()

    wish = {
        "group": "A",
        "channel": "kiosk",
        "priority_class": "elderly",
        "phone": "13800138000",
        "relative": True,
    }
    ticket = hall.server.anybody.ask("POST", f"/api/v1/halls/{hall.hall_id}/tickets", wish).json
    card = mine.locator(f"[data-tasks] [data-key='{ticket['id']}']")
    await expect(card).to_contain_text("亲属手机", timeout=SEEN_MS)

    called = time.monotonic()
    assert clerk.ask("POST", f"{at}/calls", {}).json["ticket"]["number"] == ticket["number"]
    left_ms = SEEN_MS - (time.monotonic() - called) * 1000
    await expect(card).to_have_attribute("data-called", "", timeout=max(100.0, left_ms))
    await expect(card).to_contain_text("8号窗口")

    await card.locator("[data-deed=go]").click()
    await expect(theirs.locator("[data-tasks]")).to_contain_text("流动导办甲 已去接", timeout=SEEN_MS)
    await expect(theirs.locator("[data-deed=go]:visible")).to_have_count(0)
    await card.locator("[data-deed=there]").click()
    await expect(card).to_contain_text("窗口已知道")
    assert clerk.ask("GET", at).json["ticket"]["acknowledged"] is True

    await mine.locator("[data-go=find]").click()
    await mine.locator("[data-find]").fill(ticket["number"])
    await mine.locator("[data-people] button", has_text=ticket["number"]).click()
    await mine.locator("[data-deed=class]").click()
    await mine.locator("[data-ask=class] .button--first").click()  # 老年人, 看过证件.
    await expect(mine.locator("[data-people]")).not_to_contain_text("未确认")

    clerk.ask("POST", f"{at}/start", {})
    await expect(card).to_have_count(0, timeout=SEEN_MS)
    assert clerk.ask("POST", f"{at}/completion", {}).status == 200


async def test_a_guide_takes_a_ticket_brings_somebody_back_and_voids_one(
    browser: Browser, hall_server: DemoHall
) -> None:
    hall, (clerk, at) = hall_server, clerk_at(hall_server, "08")
    clerk.ask("POST", f"{at}/session", {})
    manager = hall.server.client(token_of(hall, "m01"))
    rules = {"call_grace_seconds": 10, "misses_itself": False}
    assert manager.ask("PUT", f"/api/v1/halls/{hall.hall_id}/rules", rules).status == 200
    page = await open_as(browser, hall, "g01", f"/guide/{hall.hall_id}", (820, 1180))

    await page.locator("[data-query]").fill("sfz")
    await page.locator("[data-found] button", has_text="居民身份证换领").click()
    await expect(page.locator("[data-chosen-wait]")).to_contain_text(
        "等候 0 人"
    )  # Before the ticket is taken.
    await page.locator("[data-needs] [value=wheelchair]").check()
    await page.locator("[data-take]").click()
    await expect(page.locator("[data-issued-number]")).not_to_be_empty()
    number = await page.locator("[data-issued-number]").inner_text()
    await expect(page.locator("[data-code]")).to_be_visible()
    await expect(page.locator("[data-tasks]")).to_contain_text(number)
    await expect(page.locator("[data-tasks]")).to_contain_text("轮椅")
    await page.locator("[data-again]").click()

    clerk.ask("POST", f"{at}/calls", {})
    await expect(page.locator("[data-tasks] [data-called]")).to_have_count(1)
    deadline = time.monotonic() + 20
    while clerk.ask("POST", f"{at}/missed", {}).status != 200:
        assert time.monotonic() < deadline
        await page.wait_for_timeout(500)
    await expect(page.locator("[data-tasks-none]")).to_be_visible()

    await page.locator("[data-go=missed]").click()
    await page.locator("[data-missed] button", has_text=number).click()
    await page.locator("[data-ask=person] [data-deed=return]").click()
    await expect(page.locator("[data-missed] button")).to_have_count(0)

    await page.locator("[data-go=find]").click()
    await page.locator("[data-people] button", has_text=number).click()
    await page.locator("[data-ask=person] [data-deed=void]").click()
    await page.locator("[data-ask=void] [value=on_request]").check()
    await page.locator("[data-ask=void] [name=sure]").check()
    await page.locator("[data-ask=void] .button--first").click()
    await page.locator("[data-find]").fill(number)
    await expect(page.locator("[data-find-how]")).to_contain_text("没有这个号码")


async def test_a_manager_sees_the_hall_change_and_changes_a_window(
    browser: Browser, hall_server: DemoHall
) -> None:
    hall, (clerk, at) = hall_server, clerk_at(hall_server, "08")
    page = await open_as(browser, hall, "m01", f"/overview/{hall.hall_id}", (1366, 768))
    window = page.locator("[data-windows] [data-key='08']")
    await expect(window).to_contain_text("未开放")
    hall.server.anybody.ask(
        "POST", f"/api/v1/halls/{hall.hall_id}/tickets", {"group": "A", "channel": "kiosk"}
    )
    await expect(page.locator("[data-attention]")).to_contain_text("综合业务有人等候，没有窗口开放")
    clerk.ask("POST", f"{at}/session", {})
    clerk.ask("POST", f"{at}/calls", {})
    await expect(window).to_contain_text("A001")
    await expect(page.locator("[data-attention-none]")).to_be_visible()
    clerk.ask("POST", f"{at}/start", {})
    clerk.ask("POST", f"{at}/completion", {})
    await expect(page.locator("[data-groups] [data-key=A] [data-cell=served]")).to_have_text("1")
    await a_change_is_tried_out_before_it_is_made(page)
    await window.locator("button").click()
    await page.locator("[data-targets] [value=D]").check()
    await page.locator("[data-ask=window] .button--first").click()
    await expect(page.locator("[data-groups] [data-key=D] [data-cell=windows]")).to_have_text("0 / 3")


async def a_change_is_tried_out_before_it_is_made(page: Page) -> None:
    trial = page.locator("[data-ask=what-if]")
    await page.locator("[data-try]").click()
    await trial.locator("[data-try-yes]").click()
    await expect(trial.locator("[data-try-refusal]")).to_have_text("请先选一项调整。")
    await trial.locator("[name=windows]").fill("2")
    await trial.locator("[data-try-yes]").click()
    await expect(trial.locator("[data-try-opened]")).to_contain_text("新开：")
    await expect(trial.locator("[data-try-rows]")).to_contain_text("忙闲差")
    await trial.locator("[data-close]").click()
