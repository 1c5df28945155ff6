"""The citizen's ticket on a phone, with a hall played by the test."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import Stage, board, both, call, plan, problem, ticket, window_name

pytestmark = pytest.mark.browser

TOKEN = "abcdefghijklmnopqrstuv"
API = f"/api/v1/tickets/{TOKEN}"
COUNT_BUZZES = """
    window.buzzes = 0
    Object.defineProperty(navigator, 'vibrate', { value: () => { window.buzzes += 1; return true } })
    Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: true } })
    window.lit = 0
    Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => {
        window.lit += 1
        const lock = new EventTarget()
        lock.release = () => { window.lit -= 1; lock.dispatchEvent(new Event('release')) }
        return lock
    } } })
"""
NOTHING_LEFT = dict.fromkeys(("cancel", "defer", "return", "acknowledge"), False)
MATERIALS = {
    "matters": [
        {
            "code": "M15",
            "name": both("居民身份证换领", "ID card renewal"),
            "scenario": None,
            "materials": [
                {"name": both("户口簿", "Household register"), "tolerable": False, "exempt": True},
                {"name": both("原居民身份证", "Old ID card"), "tolerable": False, "exempt": False},
                {"name": both("近期照片", "Recent photograph"), "tolerable": True, "exempt": False},
            ],
        }
    ]
}


# ── Waiting ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_waiting_ticket_says_how_many_are_ahead_and_how_long(browser: Browser) -> None:
    _, page = await phone(browser)
    await expect(page.locator("[data-ahead]")).to_have_text("4 人")
    await expect(page.locator("[data-range]")).to_have_text("8–15 分钟")
    await expect(page.locator("[data-around]")).to_have_text("大约 09:40–09:47")
    await expect(page.locator("[data-windows]")).to_have_text("可能在8号窗口、9号窗口，以叫号时为准")


async def test_the_people_ahead_are_a_calm_line_that_gets_shorter(browser: Browser) -> None:
    stage, page = await phone(browser)
    await expect(page.locator(".line__person")).to_have_count(4)
    await stage.tell(ticket(seq=2, ahead=14))
    await expect(page.locator(".line__person")).to_have_count(10)
    await expect(page.locator(".line__more")).to_have_text("+4")
    await stage.tell(ticket(seq=3, ahead=0))
    await expect(page.locator(".line__person")).to_have_count(0)
    await expect(page.locator("[data-ahead]")).to_have_text("下一位就是您")


async def test_a_promise_that_holds_is_said_to_hold(browser: Browser) -> None:
    _, page = await phone(browser)
    await expect(page.locator("[data-promise]")).to_have_text("与取号时说的 09:36–09:48 一致")


async def test_a_promise_that_changed_says_what_was_said_what_is_expected_and_why(browser: Browser) -> None:
    stage, page = await phone(browser)
    cause = {"because": "fewer_windows", "was": 5, "now": 3, "paused": [window_name(9)]}
    later = {"later": True, "causes": [cause]}
    await stage.tell(ticket(seq=2, estimate={"low_minutes": 28, "high_minutes": 40}, revision=later))
    await expect(page.locator("[data-promise]")).to_have_text(
        "取号时说 09:36–09:48，现在 10:00–10:12：窗口由 5 个减为 3 个（9号窗口暂停）。"
    )


async def test_many_windows_are_told_by_their_numbers(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket(seq=2, likely=[window_name(number) for number in (8, 9, 10, 14)]))
    await expect(page.locator("[data-windows]")).to_have_text("可能在8–10、14号窗口，以叫号时为准")


async def test_where_the_visit_goes_on_is_said_from_the_start(browser: Browser) -> None:
    stage, page = await phone(browser)
    tax = {"id": "D", "name": both("税务", "Tax"), "windows": [window_name(1), window_name(2)]}
    await stage.tell(ticket(seq=2, later=[tax]))
    await expect(page.locator("[data-later]")).to_have_text(
        "这一步办好后：税务（1号窗口、2号窗口），不用重新取号"
    )


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


async def test_a_phone_says_once_that_it_follows_its_ticket(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.last_view = ticket(followed=False)
    stage.answers["POST", f"{API}/following"] = (200, ticket(followed=True))
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await stage.tell(ticket(seq=2, followed=False, ahead=3))
    await expect(page.locator("[data-ahead]")).to_have_text("3 人")
    assert [asked.path for asked in stage.deeds()] == [f"{API}/following"]


# ── Text messages ────────────────────────────────────────────────────────────────────────────────


async def test_a_phone_is_bound_by_the_code_that_was_sent_to_it(browser: Browser) -> None:
    stage, page = await phone(browser)
    sent = {"resend_seconds": 60, "valid_seconds": 300}
    stage.answers["POST", f"{API}/phone-codes"] = (202, sent)
    stage.answers["POST", f"{API}/phone"] = (409, problem("phone_code_wrong", zh="验证码不正确"))
    await expect(page.locator("[data-bind-state]")).to_have_text("未开通")
    await page.locator("[data-bind] summary").click()
    await page.locator("[data-bind-number]").fill("13800138000")
    await page.locator("[data-bind-send]").click()
    await expect(page.locator("[data-bind-send]")).to_be_disabled()
    await expect(page.locator("[data-bind-code]")).to_be_focused()
    await page.locator("[data-bind-code]").fill("123456")
    await page.locator("[data-bind-relative]").check()
    await page.locator("[data-bind-do]").click()
    await expect(page.locator("[data-bind-refusal]")).to_have_text("验证码不正确")
    stage.answers["POST", f"{API}/phone"] = (200, ticket(seq=2, reach="relative"))
    await page.locator("[data-bind-do]").click()
    await expect(page.locator("[data-bind-state]")).to_have_text("已开通 · 家属手机")
    assert stage.deeds()[-1].body == {"code": "123456", "relative": True, "language": "zh"}
    assert await page.locator("[data-bind-number]").input_value() == ""


# ── The call ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_call_says_where_to_go_and_vibrates_once(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    await expect(page.locator("[data-window-name]")).to_have_text("9号窗口")
    await stage.tell(ticket("called", seq=6, call_seq=5, acknowledged=True))
    await expect(page.locator("[data-explain]")).to_have_text("窗口人员已知道您正在过来")
    assert await page.evaluate("window.buzzes") == 1
    await stage.tell(ticket("called", seq=9, recalls=1))
    await expect(page.locator("[data-state-word]")).to_have_text("再次叫您，请到")
    assert await page.evaluate("window.buzzes") == 2


async def test_a_call_shows_the_way_with_an_arrow_and_on_the_floor_plan(browser: Browser) -> None:
    stage, page = await phone(browser)
    stage.answers["GET", "/api/v1/halls/h1/plan"] = (200, plan())
    await stage.tell(ticket("called", seq=5))
    await expect(page.locator("[data-arrow]")).to_have_attribute("data-direction", "up_right")
    await expect(page.locator("[data-way]")).to_have_text("向右前方走前台受理区")
    goal = page.locator("[data-plan] .plan__goal")
    await expect(goal).to_have_count(1)
    await expect(goal).to_have_text("9")
    label = await page.locator("[data-plan] svg").get_attribute("aria-label")
    assert label == "大厅平面图：从等候区到9号窗口的路线"


async def test_a_tab_in_the_background_shows_the_call(browser: Browser) -> None:
    stage, page = await phone(browser)
    await expect(page).to_have_title("A007 · 前面 4 人")
    await stage.tell(ticket("called", seq=5))
    await expect(page).to_have_title("● 9号窗口 ← A007")
    await expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-called.svg"))
    await stage.tell(ticket("serving", seq=6))
    await expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile(r"icon\.svg"))


async def test_the_screen_stays_lit_while_somebody_is_called(browser: Browser) -> None:
    stage, page = await phone(browser)
    assert await page.evaluate("window.lit") == 0
    await stage.tell(ticket("called", seq=5))
    assert await becomes(page, "window.lit", 1)
    await stage.tell(ticket("serving", seq=6))
    assert await becomes(page, "window.lit", 0)


async def test_the_time_to_come_counts_down(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    await expect(page.locator("[data-left]")).to_have_text("还有 3:00")
    await page.clock.run_for(10_000)
    await expect(page.locator("[data-left]")).to_have_text("还有 2:50")


async def test_a_reload_does_not_vibrate_again(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    await expect(page.locator("[data-window]")).to_be_visible()
    await page.reload()
    await expect(page.locator("[data-window-name]")).to_have_text("9号窗口")
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


# ── What one can do ──────────────────────────────────────────────────────────────────────────────


async def test_the_price_of_coming_later_is_asked_of_the_hall_and_shown_before_it_is_paid(
    browser: Browser,
) -> None:
    stage, page = await phone(browser)
    price = {"places": 5, "ahead": 9, "estimate": {"low_minutes": 16, "high_minutes": 30}, "defers_left": 1}
    stage.answers["GET", f"{API}/deferral"] = (200, price)
    stage.answers["POST", f"{API}/deferral"] = (200, ticket(seq=2, ahead=9))
    await page.get_by_role("button", name="晚点来").click()
    offer = page.get_by_role("button", name="先让 5 位")
    await expect(offer).to_contain_text("前面将有 9 人，还要等 16–30 分钟（09:48–10:02）")
    await expect(page.locator("[data-defers-left]")).to_have_text("还可以让 2 次")
    assert stage.deeds() == []
    await offer.click()
    await expect(page.locator("[data-ahead]")).to_have_text("9 人")
    assert stage.deeds()[0].body == {"places": 5}


async def test_with_nobody_behind_coming_later_says_so(browser: Browser) -> None:
    stage, page = await phone(browser)
    refusal = problem("nobody_behind", "后面没有人在等候，无需延后。")
    stage.answers["GET", f"{API}/deferral"] = (409, refusal)
    await page.get_by_role("button", name="晚点来").click()
    await expect(page.get_by_role("dialog")).to_contain_text("后面没有人在等候，无需延后。")


async def test_cancelling_asks_first(browser: Browser) -> None:
    stage, page = await phone(browser)
    stage.answers["POST", f"{API}/cancellation"] = (200, ticket("cancelled", seq=2, can=NOTHING_LEFT))
    await page.get_by_role("button", name="不办了").click()
    await page.get_by_role("button", name="保留").click()
    assert stage.deeds() == []
    await page.get_by_role("button", name="不办了").click()
    await page.get_by_role("dialog").get_by_role("button", name="取消号票").click()
    await expect(page.locator("[data-state-word]")).to_have_text("已取消，谢谢您告诉我们")
    await expect(page.locator("[data-again]")).to_have_attribute("href", "/take/h1")
    assert len(stage.deeds()) == 1


async def test_a_missed_ticket_says_by_which_rule_one_comes_back(browser: Browser) -> None:
    stage, page = await phone(browser)
    can = {**NOTHING_LEFT, "return": True}
    await stage.tell(ticket("missed", seq=3, return_until="2026-11-23T02:00:00.000Z", can=can))
    await expect(page.locator("[data-explain]")).to_contain_text("10:00 前")
    await expect(page.locator("[data-explain]")).to_contain_text("3 位之后")
    await expect(page.locator("[data-left]")).to_have_text("还有 27:55")
    stage.answers["POST", f"{API}/return"] = (200, ticket(seq=4, ahead=3))
    await page.get_by_role("button", name="我回来了").click()
    await expect(page.locator("[data-ahead]")).to_have_text("3 人")


async def test_a_service_on_hold_says_what_is_needed_and_until_when(browser: Browser) -> None:
    stage, page = await phone(browser)
    held = {
        "hold_until": "2026-11-23T02:00:00.000Z",
        "hold_reason": "copy",
        "can": {**NOTHING_LEFT, "return": True},
    }
    await stage.tell(ticket("on_hold", seq=3, window=ticket("called")["window"], **held))
    await expect(page.locator("[data-window-name]")).to_have_text("9号窗口")
    await expect(page.locator("[data-explain]")).to_contain_text("需要您：复印。请在 10:00 前回到原窗口")


async def test_at_the_end_each_matter_has_its_outcome(browser: Browser) -> None:
    stage, page = await phone(browser, matters=["M15"])
    done = [{"matter": "M15", "outcome": "supplement"}]
    await stage.tell(ticket("completed", seq=3, matters=["M15"], outcomes=done, can=NOTHING_LEFT))
    await expect(page.locator("[data-state-word]")).to_have_text("已办结，谢谢您的到来")
    await expect(page.locator("[data-outcomes] li")).to_have_text("居民身份证换领补正")


# ── What to bring ────────────────────────────────────────────────────────────────────────────────


async def test_the_checklist_is_kept_on_the_phone_and_says_what_is_missing(browser: Browser) -> None:
    stage, page = await phone(browser, matters=["M15"])
    await expect(page.locator(".bring__exempt")).to_contain_text("户口簿免提交")
    await page.get_by_label("近期照片").check()
    await expect(page.locator("[data-bring-state]")).to_contain_text("还差 1 样必需材料")
    await page.reload()
    await expect(page.get_by_label("近期照片")).to_be_checked()
    await page.get_by_label("近期照片").uncheck()
    await page.get_by_label("原居民身份证").check()
    await expect(page.locator("[data-bring-state]")).to_contain_text("容缺")
    await stage.tell(ticket("completed", seq=3, matters=["M15"], can=NOTHING_LEFT))
    await expect(page.locator("[data-bring]")).to_be_hidden()
    assert await page.evaluate("localStorage.length") == 0


# ── Why was somebody called first? ───────────────────────────────────────────────────────────────

REASON = {
    "number": "A018", "why": "earlier_issue", "window": window_name(9),
    "group": {"id": "A", "name": both("综合业务")}, "windows": 3,
    "issued_at": "2026-11-23T01:10:00Z", "called_at": "2026-11-23T01:30:00Z",
    "your_group": {"id": "A", "name": both("综合业务")}, "your_windows": 3, "your_issued_at": "2026-11-23T01:20:00Z",
}  # fmt: skip


async def test_one_taps_a_number_that_was_called_and_reads_why(browser: Browser) -> None:
    stage, page = await phone(browser)
    stage.answers["GET", "/api/v1/halls/h1"] = (
        200,
        board(9, calls=[call(9, "A018", "09"), call(8, "A007", "08")]),
    )
    stage.answers["GET", f"{API}/reasons/A018"] = (200, REASON)
    await page.get_by_text("为什么别人先叫到").click()
    await expect(page.locator("[data-called] button")).to_have_text(["A018"])
    await page.get_by_role("button", name="A018").click()
    await expect(page.locator("[data-answer]")).to_have_text("A018 是 09:10 取的号，比您（09:20）早。")


async def test_one_types_eighteen_and_means_a_number_like_ones_own(browser: Browser) -> None:
    stage, page = await phone(browser)
    stage.answers["GET", f"{API}/reasons/A018"] = (200, {**REASON, "why": "by_law"})
    await page.get_by_text("为什么别人先叫到").click()
    await page.get_by_label("号码", exact=True).fill("18")
    await page.get_by_role("button", name="查看原因").click()
    await expect(page.locator("[data-answer]")).to_have_text("A018 依法优先办理。")


async def test_a_number_that_nobody_has_is_answered_kindly(browser: Browser) -> None:
    stage, page = await phone(browser)
    unknown = problem("number_unknown", "本大厅今天没有这个号码。", status=404)
    stage.answers["GET", f"{API}/reasons/X999"] = (404, unknown)
    await page.get_by_text("为什么别人先叫到").click()
    for typed, said in (("x999", "本大厅今天没有这个号码。"), ("?", "号码由字母和数字组成，例如 A018。")):
        await page.get_by_label("号码", exact=True).fill(typed)
        await page.get_by_role("button", name="查看原因").click()
        await expect(page.locator("[data-answer]")).to_have_text(said)


async def test_the_rules_are_told_with_the_values_of_the_hall(browser: Browser) -> None:
    stage, page = await phone(browser)
    rules = {**ticket()["rules"], "return_within_seconds": 1200, "return_places": 5}
    await stage.tell(ticket(seq=2, rules=rules))
    await page.get_by_text("怎么叫号").click()
    await expect(page.locator("[data-rule-list]")).to_contain_text(
        "过号后 20 分钟内可以回来 1 次，排在前面 5 位之后。"
    )


# ── Bad networks, other phones, other eyes ───────────────────────────────────────────────────────


async def test_without_sockets_the_page_asks_again_and_again(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.sockets_work = False
    stage.answers["GET", API] = (200, ticket())
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.locator("[data-around]")).to_have_text("大约 09:40–09:47")
    stage.answers["GET", API] = (200, ticket(seq=2, ahead=1))
    for _ in range(8):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-ahead]")).to_have_text("1 人")
    await expect(page.locator("[data-stale]")).to_be_hidden()


async def test_offline_the_last_view_stays_with_its_age_and_a_deed_keeps_its_key(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    stage.answers["POST", f"{API}/acknowledgement"] = (0, None)
    await page.get_by_role("button", name="我马上到").click()
    for _ in range(30):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-stale]")).to_contain_text("数据截至 09:32:05")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await expect(page.get_by_role("alert")).to_contain_text("再按一次不会重复")
    await page.get_by_role("button", name="我马上到").click()
    keys = {asked.key for asked in stage.deeds()}
    assert len(stage.deeds()) > 1
    assert len(keys) == 1


async def test_a_link_nobody_knows_is_answered_kindly(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.answers["GET", API] = (404, problem("ticket_unknown", status=404))
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("没有找到这张号票")
    await expect(page.locator(".explain")).to_contain_text("导办台")
    await expect(page.get_by_role("link", name="取号")).to_have_attribute("href", "/take/h1")
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("We cannot find this ticket")


async def test_a_link_that_is_gone_while_one_looks_is_answered_kindly(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.sockets_work = False
    page = await stage.open(f"/t/{TOKEN}")
    stage.answers["GET", API] = (410, problem("ticket_past", status=410))
    for _ in range(5):
        await page.clock.run_for(1000)
    await expect(page.locator("[data-state-word]")).to_have_text("没有找到这张号票")
    before = len(stage.asked)
    await page.clock.run_for(59_000)
    assert len(stage.asked) - before <= 1  # It asks again once a minute, and no more.


async def test_the_language_changes_without_a_server(browser: Browser) -> None:
    stage, page = await phone(browser)
    stage.sockets_work = False
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("[data-state-word]")).to_have_text("Waiting")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.reload()
    await expect(page.get_by_role("link", name="中文")).to_be_visible()


async def test_large_type_stays_after_a_reload(browser: Browser) -> None:
    _, page = await phone(browser)
    await page.get_by_role("button", name="大字").click()
    size = "parseFloat(getComputedStyle(document.querySelector('[data-windows]')).fontSize)"
    assert 18 <= await page.evaluate(size) <= 30
    await page.reload()
    await expect(page.get_by_role("button", name="标准字")).to_have_attribute("aria-pressed", "true")
    assert 18 <= await page.evaluate(size) <= 30
    await page.get_by_role("button", name="标准字").click()
    await page.reload()
    await expect(page.get_by_role("button", name="大字")).to_have_attribute("aria-pressed", "false")


async def test_with_scripts_off_the_page_says_the_most_important(browser: Browser) -> None:
    stage = await Stage.build(browser, scripts=False)
    stage.last_view = ticket()
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await expect(page.locator("[data-state-word]")).to_have_text("正在等候")
    await expect(page.locator("[data-ahead]")).to_have_text("4 人")
    await expect(page.get_by_role("link", name="现在刷新")).to_be_visible()
    await expect(page.locator("button:visible")).to_have_count(0)


async def test_a_refusal_is_said_and_the_ticket_stays(browser: Browser) -> None:
    stage, page = await phone(browser)
    await stage.tell(ticket("called", seq=5))
    refusal = problem("wrong_ticket_state", "号票当前状态下不能这样操作。")
    stage.answers["POST", f"{API}/acknowledgement"] = (409, refusal)
    await page.get_by_role("button", name="我马上到").click()
    await expect(page.get_by_role("alert")).to_have_text("号票当前状态下不能这样操作。")
    await expect(page.locator("[data-number]")).to_have_text("A007")


async def becomes(page: Page, script: str, value: Any) -> bool:
    """Whether something comes to this within a few seconds. The page's policy forbids Playwright's own way."""
    for _ in range(100):
        if await page.evaluate(script) == value:
            return True
        await asyncio.sleep(0.05)
    return False


async def phone(browser: Browser, **more: Any) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    await stage.context.add_init_script(COUNT_BUZZES)
    stage.answers["GET", f"{API}/materials"] = (200, MATERIALS)
    stage.last_view = ticket(**more)
    page = await stage.open(f"/t/{TOKEN}")
    await expect(page.locator("[data-line]")).to_be_visible()
    return stage, page
