"""The terminal at the door, with a hall played by the test."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import Asked, Stage, View, board, both, problem

pytestmark = pytest.mark.browser

TAKE = ("POST", "/api/v1/halls/h1/tickets")
MATTERS = ("GET", "/api/v1/halls/h1/matters")
KIOSK = ("GET", "/api/v1/halls/h1/kiosks/K1")
PRINTER = ("GET", "/api/v1/halls/h1/kiosks/K1/printer")
SLIPS = ("POST", "/api/v1/halls/h1/kiosks/K1/slips")
TOKEN = "abcdefghijklmnopqrstuv"
SECOND_TAP_MS = 450  # After so long a tap is one of its own.
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


def material(zh: str, en: str, *, tolerable: bool = False, exempt: bool = False) -> View:
    return {"name": both(zh, en), "tolerable": tolerable, "exempt": exempt}


REGISTER = material("户口簿", "Household register", exempt=True)
OLD_CARD = material("原身份证", "Old ID card")
PREMISES = material("住所使用证明", "Proof of premises", tolerable=True)
CARD = {
    "code": "M15",
    "name": both("居民身份证换领", "ID card renewal"),
    "department": both("公安分局", "Police"),
    "theme": "household",
    "kind": "committed",
    "group": "A",
    "target_minutes": 8,
    "tags": [],
    "scenarios": [
        {
            "code": "expired",
            "name": both("期满换领", "Expired"),
            "group": None,
            "materials": [REGISTER, OLD_CARD],
        },
        {"code": "lost", "name": both("遗失补领", "Lost"), "group": None, "materials": [REGISTER]},
    ],
    "materials": [REGISTER],
    "online": None,
}
LICENCE = {
    **CARD,
    "code": "M01",
    "name": both("企业设立登记", "Company registration"),
    "theme": "business",
    "scenarios": [],
    "materials": [PREMISES],
    "online": both("政务服务网“企业开办”专栏。", "the government service website."),
}
OFFER = {"matters": [CARD, LICENCE], "most_asked": ["M15", "M01"]}


def printer(state: str) -> View:
    return {"device": "K1", "name": both("1号自助机"), "state": state, "since": "2026-11-23T01:30:00.000Z"}


def printed(state: str = "ready", *, done: bool | None = True, again: bool = False) -> View:
    return {"printed": done, "marked_copy": again, "printer": printer(state)}


# ── The way to a ticket ──────────────────────────────────────────────────────────────────────────


async def test_five_taps_lead_from_a_theme_through_a_case_and_a_class_to_a_ticket(browser: Browser) -> None:
    stage, page = await terminal(browser)
    taps = 0

    async def tap(name: str) -> None:
        nonlocal taps
        taps += 1
        await press(page, name)

    await tap("户籍证件")
    await tap("居民身份证换领")
    await tap("遗失补领")
    taps += 1
    await page.get_by_label("老年人").check()
    await tap("取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert taps == 5
    assert stage.deeds()[0].body == {
        "channel": "kiosk",
        "language": "zh",
        "matters": ["M15"],
        "scenarios": ["M15.lost"],
        "priority_class": "elderly",
    }


async def test_a_known_matter_takes_two_taps_and_what_is_asked_for_most_comes_first(browser: Browser) -> None:
    _, page = await terminal(browser)
    await expect(page.locator("[data-common] .matter__name")).to_have_text(["居民身份证换领", "企业设立登记"])
    await press(page, "企业设立登记")  # It has no cases, so nobody is asked for one.
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await expect(page.locator("[data-done-windows]")).to_have_text("8号窗口至10号窗口")
    await expect(page.locator("[data-code]")).to_have_attribute("src", f"/t/{TOKEN}/qr.svg")


async def test_the_wait_and_the_windows_are_shown_before_the_ticket_is_taken(browser: Browser) -> None:
    stage, page = await terminal(browser)
    await press(page, "企业设立登记")
    await expect(page.locator("[data-confirm-ahead]")).to_have_text("6 人")
    await expect(page.locator("[data-confirm-range]")).to_have_text("12–18 分钟")
    await expect(page.locator("[data-goes-to]")).to_have_text("8号窗口至10号窗口")
    await expect(page.locator("[data-goes-windows]")).to_have_text("前台受理区")
    assert stage.deeds() == []


async def test_what_need_not_come_to_the_hall_is_said_and_still_gives_a_ticket(browser: Browser) -> None:
    _, page = await terminal(browser)
    await press(page, "企业设立登记")
    await expect(page.locator("[data-online]")).to_contain_text("政务服务网“企业开办”专栏")
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")


async def test_each_case_says_what_to_bring_and_what_the_hall_has_already(browser: Browser) -> None:
    _, page = await terminal(browser)
    await press(page, "居民身份证换领")
    await press(page, "期满换领")
    await expect(page.locator("[data-bring] li")).to_have_text(["户口簿免提交", "原身份证请带上"])
    await press(page, "返回")
    await press(page, "遗失补领")
    await expect(page.locator("[data-bring] li")).to_have_text(["户口簿免提交"])


async def test_pinyin_initials_find_a_matter(browser: Browser) -> None:
    _, page = await terminal(browser)
    for letter in "SFZ":
        await page.get_by_role("button", name=letter, exact=True).click()
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
    stage.answers[MATTERS] = (200, {**OFFER, "matters": [{**LICENCE, "group": None}]})
    page = await stage.open("/kiosk/h1")
    matter = page.locator("[data-common]").get_by_role("button", name="企业设立登记")
    await expect(matter).to_contain_text("6")
    await matter.click()
    await expect(page.locator("[data-confirm-ahead]")).to_have_text("6 人")


async def test_a_case_that_is_done_elsewhere_shows_the_wait_there(browser: Browser) -> None:
    stage, page = await terminal(browser)
    view = board(2)
    view["groups"].append(
        {**view["groups"][0], "id": "C", "name": both("工程建设"), "waiting": 33, "windows": []}
    )
    moved = {**CARD, "scenarios": [{**CARD["scenarios"][0], "group": "C"}]}
    stage.answers[MATTERS] = (200, {**OFFER, "matters": [moved]})
    await stage.tell({**view, "version": 2})
    await press(page, "居民身份证换领")
    await press(page, "期满换领")
    await expect(page.locator("[data-confirm-ahead]")).to_have_text("33 人")
    await expect(page.locator("[data-goes-windows]")).to_have_text("暂无开放的窗口")


@pytest.mark.parametrize("elder", ["", "?elder"])
async def test_back_and_start_over_stand_at_the_same_place_in_every_step(
    browser: Browser, elder: str
) -> None:
    _, page = await terminal(browser, path=f"/kiosk/h1{elder}")
    places = set()

    async def look() -> None:
        boxes = [await page.locator(f"[data-{name}]").bounding_box() for name in ("back", "over")]
        places.add(str([(box["x"], box["y"], box["width"], box["height"]) for box in boxes if box]))

    await press(page, "户籍证件")
    await look()
    await press(page, "居民身份证换领")
    await look()
    await press(page, "期满换领")
    await look()
    await page.get_by_label("老年人").check()  # One more line on the page.
    await look()
    await press(page, "留亲友手机号")
    await look()
    assert len(places) == 1
    for title in ("居民身份证换领", "居民身份证换领", "户籍证件", "您好，请问办什么业务？"):
        await press(page, "返回")
        await expect(page.locator("section:visible h1").first).to_contain_text(title)
    await press(page, "户籍证件")
    await press(page, "居民身份证换领")
    await press(page, "重新开始")
    await expect(page.locator("[data-on=start]")).to_be_visible()


async def test_a_relatives_phone_is_typed_on_the_screen_and_never_shown_whole(browser: Browser) -> None:
    stage, page = await terminal(browser)
    await press(page, "企业设立登记")
    await press(page, "留亲友手机号")
    await type_digits(page, "1380013800")
    await press(page, "同意并使用")
    await expect(page.get_by_role("alert")).to_have_text("请输入 11 位手机号码")
    await type_digits(page, "0")
    await expect(page.locator("[data-digits]")).to_have_text("138 0013 8000")
    await press(page, "同意并使用")
    await expect(page.locator("[data-phone-open]")).to_have_text("提醒发到 138****8000")
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert stage.deeds()[0].body["phone"] == "13800138000"
    assert "13800138000" not in await everything(page)
    assert "138 0013 8000" not in await everything(page)


async def test_where_numbers_are_proven_the_ticket_comes_first_and_a_code_after_it(browser: Browser) -> None:
    stage, page = await terminal(browser)
    wrong_first = iter([(409, problem("phone_code_wrong")), (200, {})])

    async def take(asked: Asked) -> tuple[int, View]:
        return (409, problem("phone_not_proven")) if "phone" in asked.body else (201, ISSUED)

    async def bind(_: Asked) -> tuple[int, View]:
        return next(wrong_first)

    stage.answers[TAKE] = take
    stage.answers["POST", f"/api/v1/tickets/{TOKEN}/phone-codes"] = (202, {"resend_seconds": 60})
    stage.answers["POST", f"/api/v1/tickets/{TOKEN}/phone"] = bind
    await press(page, "企业设立登记")
    await press(page, "留亲友手机号")
    await type_digits(page, "13800138000")
    await press(page, "同意并使用")
    await press(page, "取号")
    await expect(page.locator("[data-code-how]")).to_contain_text("已取号 A007")
    await expect(page.locator("[data-code-how]")).to_contain_text("138****8000")
    for digits in ("000000", "123456"):
        await page.keyboard.type(digits)
        await press(page, "同意并开通")
        if digits == "000000":
            await expect(page.locator("[data-code-refusal]")).to_be_visible()
            for _ in digits:
                await page.keyboard.press("Backspace")
    await expect(page.locator("[data-told]")).to_have_text("短信提醒已开通")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert stage.deeds()[-1].body == {"code": "123456", "relative": True, "language": "zh"}
    await page.clock.run_for(31_000)
    await expect(page.locator("[data-on=start]")).to_be_visible()
    left = await everything(page)
    assert not any(trace in left for trace in ("123456", "138", "A007"))


async def test_whoever_leaves_no_phone_queues_just_as_well(browser: Browser) -> None:
    stage, page = await terminal(browser)
    await press(page, "企业设立登记")
    await press(page, "留亲友手机号")
    await type_digits(page, "138")
    await press(page, "不留号码")
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert "phone" not in stage.deeds()[0].body


async def test_whoever_prefers_their_own_phone_scans_the_terminal(browser: Browser) -> None:
    _, page = await terminal(browser)
    code = page.locator("[data-own] img")
    await expect(code).to_have_js_property("complete", True)
    first = await code.get_attribute("src")
    await page.clock.run_for(11_000)
    await expect(code).not_to_have_attribute("src", str(first))
    await page.route("**/qr.svg*", lambda route: route.abort())
    await page.clock.run_for(46_000)
    await expect(page.locator("[data-own]")).to_be_hidden()


# ── Once, whatever happens ───────────────────────────────────────────────────────────────────────


async def test_a_group_that_takes_nobody_now_says_so_before_anybody_is_refused(browser: Browser) -> None:
    stage, page = await terminal(browser)
    view = board(2)
    view["groups"][0]["open"] = False
    await stage.tell(view)
    await press(page, "企业设立登记 现在不取号")
    await expect(page.locator("[data-take]")).to_have_text("现在不取号")
    await expect(page.locator("[data-take]")).to_be_disabled()
    await stage.tell(board(3))
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")


async def test_whoever_goes_first_is_told_that_the_wait_is_shorter(browser: Browser) -> None:
    _, page = await terminal(browser)
    await press(page, "企业设立登记")
    await expect(page.locator("[data-class-first]")).to_be_hidden()
    await page.get_by_label("老年人").check()
    await expect(page.locator("[data-class-first]")).to_contain_text("绿色通道")


async def test_two_taps_are_one_ticket(browser: Browser) -> None:
    stage, page = await terminal(browser)
    await press(page, "综合业务")
    await page.evaluate("for (let i = 0; i < 3; i += 1) document.querySelector('[data-take]').click()")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert len(stage.deeds()) == 1


async def test_a_second_tap_does_not_press_what_came_into_the_place_of_the_first(browser: Browser) -> None:
    _, page = await terminal(browser)
    await press(page, "户籍证件")
    row = await page.locator("[data-theme-matters] button").first.bounding_box()
    assert row is not None
    await page.clock.run_for(SECOND_TAP_MS)
    await page.mouse.dblclick(row["x"] + 100, row["y"] + row["height"] / 2)
    await expect(page.locator("[data-on=scenario]")).to_be_visible()


async def test_a_lost_answer_is_asked_for_again_under_the_same_key(browser: Browser) -> None:
    stage, page = await terminal(browser)

    async def lost_twice(_: Asked) -> tuple[int, Any]:
        return (201, ISSUED) if len(stage.deeds()) > 2 else (0, None)

    stage.answers[TAKE] = lost_twice
    await press(page, "综合业务")
    await press(page, "取号")
    for _ in range(10):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert len({asked.key for asked in stage.deeds()}) == 1


async def test_a_press_after_a_long_outage_is_still_the_same_ticket(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (0, None)
    await press(page, "综合业务")
    await press(page, "取号")
    await page.clock.run_for(5000)
    await expect(page.locator("[data-taking-hint]")).to_contain_text("请不要离开")
    for _ in range(30):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-refusal]")).to_contain_text("不会多取")
    stage.answers[TAKE] = (201, ISSUED)
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert len({asked.key for asked in stage.deeds()}) == 1


async def test_the_next_citizen_never_gets_the_ticket_of_the_one_before(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (0, None)
    await press(page, "综合业务")
    await press(page, "取号")
    for _ in range(75):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-on=start]")).to_be_visible()
    stage.answers[TAKE] = (201, ISSUED)
    await press(page, "综合业务")
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert stage.deeds()[-1].key not in {asked.key for asked in stage.deeds()[:-1]}


async def test_without_a_network_the_kiosk_still_leads_to_the_last_step_and_says_what_is_wrong(
    browser: Browser,
) -> None:
    stage, page = await terminal(browser)
    for question in (MATTERS, ("GET", "/api/v1/halls/h1")):
        stage.answers[question] = (0, None)
    stage.sockets_work = False
    for socket in list(stage.sockets):
        await socket.close(code=1011)
    for _ in range(20):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-stale]")).to_contain_text("数据截至 09:32:05")
    await page.get_by_role("button", name="S", exact=True).click()
    await page.clock.run_for(500)
    await expect(page.locator("[data-found-none]")).to_contain_text("网络断了")
    await press(page, "重新开始")  # What was known before is not forgotten.
    await press(page, "户籍证件")
    await press(page, "居民身份证换领")
    await press(page, "遗失补领")
    await expect(page.locator("[data-confirm-range]")).to_have_text("12–18 分钟")
    await expect(page.locator("[data-stale]")).to_be_visible()


async def test_a_code_that_did_not_load_comes_when_the_network_is_back(browser: Browser) -> None:
    stage, page = await terminal(browser)
    await stage.context.route("**/qr.svg*", lambda route: route.abort())
    await press(page, "综合业务")
    await press(page, "取号")
    await expect(page.locator("[data-code-wait]")).to_have_text("二维码正在打开，请先记下号码")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await stage.context.unroute("**/qr.svg*")
    await page.clock.run_for(5000)
    await expect(page.locator("[data-code]")).to_be_visible()


async def test_a_refusal_is_said_in_the_language_of_the_page(browser: Browser) -> None:
    stage, page = await terminal(browser)
    stage.answers[TAKE] = (409, problem("group_full", "该业务排队人数已满。", "This service is full."))
    await press(page, "综合业务")
    await press(page, "取号")
    await expect(page.get_by_role("alert")).to_have_text("该业务排队人数已满。")


# ── The slip ─────────────────────────────────────────────────────────────────────────────────────


async def test_the_slip_comes_by_itself_and_a_second_one_as_a_copy(browser: Browser) -> None:
    stage, page = await terminal(browser, device=True)
    await press(page, "综合业务")
    await press(page, "取号")
    await expect(page.locator("[data-slip]")).to_have_text("请取走您的小票")
    await press(page, "再打印一张")
    await expect(page.locator("[data-slip]")).to_have_text("补打的小票已出，请取走")
    first, again = (asked for asked in stage.deeds() if asked.path == SLIPS[1])
    assert (first.body, again.body) == (
        {"link_token": TOKEN, "copy": False},
        {"link_token": TOKEN, "copy": True},
    )
    assert first.key != again.key


async def test_without_paper_the_screen_is_the_slip_and_nobody_is_surprised(browser: Browser) -> None:
    stage, page = await terminal(browser, device=True, printer_state="paper_out")
    await expect(page.locator("[data-on=start] [data-printer-note]")).to_contain_text("打印机缺纸")
    await press(page, "综合业务")
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await expect(page.locator("[data-slip]")).to_have_text(
        "打印机缺纸，没有打印小票。请记下号码，或用手机扫码。"
    )
    await expect(page.locator("[data-code]")).to_be_visible()
    stage.answers[PRINTER], stage.answers[SLIPS] = (200, printer("ready")), (201, printed(again=True))
    await press(page, "再打印一张")
    await expect(page.locator("[data-slip]")).to_have_text("补打的小票已出，请取走")


async def test_a_slip_of_which_nobody_knows_is_not_promised(browser: Browser) -> None:
    stage, page = await terminal(browser, device=True)
    stage.answers[SLIPS] = (0, None)
    await press(page, "综合业务")
    await press(page, "取号")
    await expect(page.locator("[data-slip]")).to_have_text("正在打印小票…")
    for _ in range(28):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-slip]")).to_contain_text("可能没有打出来")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert len([asked for asked in stage.deeds() if asked.path == TAKE[1]]) == 1


async def test_a_kiosk_without_a_printer_never_speaks_of_one(browser: Browser) -> None:
    stage, page = await terminal(browser)
    await press(page, "综合业务")
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await expect(page.locator("[data-slip]")).to_be_hidden()
    await expect(page.locator("[data-again]")).to_be_hidden()
    assert len(stage.deeds()) == 1


# ── Nothing is left behind ───────────────────────────────────────────────────────────────────────


async def test_after_thirty_seconds_nothing_of_the_citizen_is_left(browser: Browser) -> None:
    _, page = await terminal(browser, device=True)
    await press(page, "大字模式", first=True)
    await press(page, "English")
    await press(page, "Company registration")
    await press(page, "A relative's phone")
    await type_digits(page, "13800138000")
    await press(page, "Agree and use")
    await page.get_by_label("Elderly").check()
    await press(page, "Take a ticket")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await page.clock.run_for(21_000)
    await expect(page.get_by_role("alertdialog")).to_contain_text("Are you still there?")
    await page.clock.run_for(10_000)
    await expect(page.locator("[data-on=start]")).to_be_visible()
    await expect(page.locator("html")).not_to_have_attribute("data-elder", "")
    await expect(page.locator("h1#welcome")).to_have_text("您好，请问办什么业务？")
    left = await everything(page)
    for trace in ("A007", TOKEN, "138", "8000"):
        assert trace not in left
    assert await page.evaluate("document.querySelector('[name=class]:checked').value") == ""
    assert await stored(page) == [0, 0, ""]


async def test_half_a_phone_number_is_wiped_as_well(browser: Browser) -> None:
    _, page = await terminal(browser)
    await press(page, "企业设立登记")
    await press(page, "留亲友手机号")
    await type_digits(page, "13912")
    await page.clock.run_for(31_000)
    await expect(page.locator("[data-on=start]")).to_be_visible()
    assert "139" not in await everything(page)
    await press(page, "企业设立登记")
    await press(page, "留亲友手机号")
    await expect(page.locator("[data-digits]")).to_have_text("")


async def test_whoever_is_still_there_says_so_with_one_touch(browser: Browser) -> None:
    _, page = await terminal(browser)
    await press(page, "企业设立登记")
    await page.clock.run_for(22_000)
    await press(page, "我还在")
    await page.clock.run_for(12_000)
    await expect(page.locator("[data-on=confirm]")).to_be_visible()
    await expect(page.get_by_role("alertdialog")).to_be_hidden()


async def test_nobody_is_asked_whether_they_are_there_when_there_is_nothing_to_lose(browser: Browser) -> None:
    _, page = await terminal(browser)
    await page.clock.run_for(60_000)
    await expect(page.get_by_role("alertdialog")).to_be_hidden()


async def test_there_is_no_way_out_of_the_page(browser: Browser) -> None:
    stage, page = await terminal(browser)
    await press(page, "企业设立登记")
    await press(page, "取号")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    address = page.url
    for key in ("Alt+ArrowLeft", "F5", "Control+p", "Control+Equal", "F12", "Control+l"):
        await page.keyboard.press(key)
    await page.evaluate("history.back()")
    await page.evaluate("history.back()")
    refused = await page.evaluate(
        """() => ['contextmenu', 'dragstart', 'selectstart', 'drop', 'gesturestart'].map((name) =>
            !document.body.dispatchEvent(new Event(name, {bubbles: true, cancelable: true})))"""
    )
    zoom = await page.evaluate(
        "!document.body.dispatchEvent(new WheelEvent('wheel', {ctrlKey: true, bubbles: true, cancelable: true}))"
    )
    assert refused == [True] * 5
    assert zoom
    assert await page.locator("a, form, iframe, [target]").count() == 0
    assert page.url == address
    await expect(page.locator("[data-number]")).to_have_text("A007")  # It was not even loaded again.
    assert len(stage.context.pages) == 1


# ── For every hand and every eye ─────────────────────────────────────────────────────────────────

SMALL = """(least) => Array.from(document.querySelectorAll('button, input, label.class'))
    .filter((node) => node.offsetParent && node.type !== 'radio')
    .filter((node) => node.offsetWidth < least || node.offsetHeight < least)
    .map((node) => `${node.textContent} ${node.offsetWidth}×${node.offsetHeight}`)"""
HIDDEN = (
    "(() => { const all = document.querySelector('.steps'); return all.scrollHeight - all.clientHeight })()"
)
SIZES = """() => Array.from(document.querySelectorAll('body *'))
    .filter((node) => node.offsetParent && node.getClientRects().length)
    .filter((node) => !node.closest('.unseen'))
    .filter((node) => Array.from(node.childNodes).some((child) => child.nodeType === 3 && child.data.trim()))
    .map((node) => parseFloat(getComputedStyle(node).fontSize))"""


@pytest.mark.parametrize(
    "path", ["/kiosk/h1?device=K1", "/kiosk/h1?device=K1&elder", "/take/h1?elder", "/take/h1"]
)
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_target_fits_a_finger_and_elder_type_is_large_in_every_step(
    browser: Browser, path: str, language: str
) -> None:
    _, page = await terminal(browser, path=f"{path}{'&' if '?' in path else '?'}lang={language}", device=True)
    least = 44 if path == "/take/h1" else 60
    steps = [
        "[data-themes] button",
        "[data-theme-matters] button",
        "[data-scenarios] button",
    ]
    steps += ["[data-phone-open]", "[data-phone-none]"] if path.startswith("/kiosk") else []
    steps += ["[data-take]"]
    for tap in steps:
        assert await page.evaluate(SMALL, least) == []
        if "elder" in path:
            sizes = await page.evaluate(SIZES)
            assert min(sizes) >= 18
            assert max(sizes) >= 30
        sideways = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0
        await page.clock.run_for(SECOND_TAP_MS)
        await page.locator(tap).first.click()


async def test_larger_type_is_offered_on_the_very_first_screen(browser: Browser) -> None:
    _, page = await terminal(browser)
    offer = page.locator("[data-larger]")
    box = await offer.bounding_box()
    assert box is not None
    assert box["width"] > 750
    assert box["height"] > 100
    size = "parseFloat(getComputedStyle(document.querySelector('.bottom p')).fontSize)"
    before = await page.evaluate(size)
    await offer.click()
    assert await page.evaluate(size) == pytest.approx(1.5 * before, rel=0.01)
    await expect(offer).to_be_hidden()


async def test_a_kiosk_for_elders_begins_and_begins_again_in_elder_mode(browser: Browser) -> None:
    _, page = await terminal(browser, path="/kiosk/h1?elder")
    await expect(page.locator("html")).to_have_attribute("data-elder", "")
    await press(page, "标准模式")
    await expect(page.locator("html")).not_to_have_attribute("data-elder", "")
    await page.clock.run_for(31_000)
    await expect(page.locator("html")).to_have_attribute("data-elder", "")


async def test_the_hall_may_write_down_that_a_kiosk_is_for_elders(browser: Browser) -> None:
    stage, page = await terminal(browser, device=True)
    await expect(page.locator("html")).not_to_have_attribute("data-elder", "")
    stage.answers[KIOSK] = (200, {"device": "K1", "name": both("1号自助机"), "elder": True})
    await stage.tell({**board(2), "version": 2})
    await expect(page.locator("html")).to_have_attribute("data-elder", "")


async def test_in_elder_mode_the_letters_come_when_they_are_asked_for(browser: Browser) -> None:
    _, page = await terminal(browser, path="/kiosk/h1?elder")
    await expect(page.locator("[data-letters]")).to_be_hidden()
    await press(page, "按名称或拼音查找")
    await expect(page.locator("[data-letters]")).to_be_visible()
    await page.get_by_role("button", name="S", exact=True).click()
    await page.clock.run_for(500)
    await press(page, "居民身份证换领")
    await expect(page.locator("[data-on=scenario]")).to_be_visible()


@pytest.mark.parametrize("elder", ["", "?elder"])
async def test_nobody_has_to_scroll_to_take_a_ticket_in_chinese(browser: Browser, elder: str) -> None:
    _, page = await terminal(browser, path=f"/kiosk/h1{elder}")
    for tap in (
        "[data-themes] button",
        "[data-theme-matters] button",
        "[data-scenarios] button",
        "[data-take]",
    ):
        assert await page.evaluate(HIDDEN) <= 0
        await page.clock.run_for(SECOND_TAP_MS)
        await page.locator(tap).first.click()
    await expect(page.locator("[data-number]")).to_have_text("A007")
    assert await page.evaluate(HIDDEN) <= 0


async def test_everything_is_done_by_keyboard(browser: Browser) -> None:
    _, page = await terminal(browser)
    await page.locator("[data-common] button").nth(1).focus()
    await page.keyboard.press("Enter")
    await page.locator("[data-phone-open]").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.type("13800138000")
    await expect(page.locator("[data-digits]")).to_have_text("138 0013 8000")
    await page.locator("[data-phone-use]").focus()
    await page.keyboard.press("Enter")
    await page.locator("[data-take]").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-number]")).to_have_text("A007")


async def test_names_of_any_kind_are_text(browser: Browser) -> None:
    stage = await Stage.build(browser)
    hostile = ["<img src=x onerror=alert(1)>", "长" * 4000, "\u202eevil", "\x1b@\x1dV\x00 cut"]
    stage.last_view = board(1, name=hostile[0])
    matters = [{**LICENCE, "code": f"M{place}", "name": both(text)} for place, text in enumerate(hostile)]
    stage.answers[MATTERS] = (200, {"matters": matters, "most_asked": [matter["code"] for matter in matters]})
    page = await stage.open("/kiosk/h1")
    await expect(page.locator("[data-common] li")).to_have_count(4)
    assert await page.locator("img[src=x]").count() == 0
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1080
    await page.locator("[data-common] button").nth(1).click()
    await expect(page.get_by_role("button", name="取号")).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 1080
    assert stage.complaints == []


# ── Halls and phones ─────────────────────────────────────────────────────────────────────────────


async def test_a_closed_hall_gives_no_tickets(browser: Browser) -> None:
    stage = await Stage.build(browser)
    view = board(1, hall_open=False)
    view["hall"]["next_opens_at"] = "2026-11-24T01:00:00.000Z"
    stage.last_view = view
    page = await stage.open("/kiosk/h1")
    await expect(page.locator("h1:visible")).to_have_text("大厅现在不对外服务")
    await expect(page.locator("[data-wait-how]")).to_contain_text("09:00")


async def test_on_a_phone_the_ticket_itself_comes_next(browser: Browser) -> None:
    stage, page = await terminal(browser, path="/take/h1")
    await press(page, "居民身份证换领")
    await press(page, "遗失补领")
    await press(page, "取号")
    await page.wait_for_url(f"**{ISSUED['link']}")
    assert stage.deeds()[0].body == {
        "channel": "web",
        "language": "zh",
        "matters": ["M15"],
        "scenarios": ["M15.lost"],
    }


# ── Hands ────────────────────────────────────────────────────────────────────────────────────────


async def terminal(
    browser: Browser,
    *,
    path: str = "/kiosk/h1",
    device: bool = False,
    printer_state: str = "ready",
) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    stage.answers[MATTERS] = (200, OFFER)
    stage.answers[TAKE] = (201, ISSUED)
    stage.answers[KIOSK] = (200, {"device": "K1", "name": both("1号自助机"), "elder": False})
    stage.answers[PRINTER] = (200, printer(printer_state))
    works = printer_state in ("ready", "paper_low")

    async def slip(asked: Asked) -> tuple[int, Any]:
        return 201, printed(printer_state, done=works, again=asked.body["copy"])

    stage.answers[SLIPS] = slip
    page = await stage.open(
        f"{path}?device=K1" if device and "device" not in path and "take" not in path else path
    )
    await expect(page.locator("[data-themes] li")).to_have_count(2)
    return stage, page


async def press(page: Page, name: str, *, first: bool = False) -> None:
    """A tap of somebody who has read the screen."""
    button = page.get_by_role("button", name=name)
    await page.clock.run_for(SECOND_TAP_MS)
    await (button.first if first else button).click()


async def type_digits(page: Page, digits: str) -> None:
    for digit in digits:
        await page.locator("[data-pad]").get_by_role("button", name=digit, exact=True).click()


async def everything(page: Page) -> str:
    """All that is in the page, what is typed into fields included."""
    fields = await page.evaluate(
        "Array.from(document.querySelectorAll('input'), (one) => one.value).join(' ')"
    )
    return str(await page.content()) + str(fields)


async def stored(page: Page) -> list[Any]:
    kept: list[Any] = await page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
    return kept
