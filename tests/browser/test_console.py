"""The clerk's console, with a hall played by the test."""

import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import NOW, Asked, Stage, board, both, console, problem

pytestmark = pytest.mark.browser

WINDOW = "/api/v1/halls/h1/windows/09"
ME = {"account": {"id": "9", "display_name": "王秀英", "staff_no": "c09", "role": "clerk", "hall": "h1"}}


@pytest.mark.parametrize(
    ("at", "key", "deed", "body"),
    [
        (None, "F9", ("POST", "calls"), {}),
        (None, "n", ("POST", "calls"), {}),
        (None, "Space", ("POST", "calls"), {}),
        ("called", "s", ("POST", "start"), {}),
        ("called", "r", ("POST", "recall"), {}),
        ("called", "m", ("POST", "missed"), {}),
        ("called", "z", ("POST", "undo"), {}),
        ("serving", "c", ("POST", "completion"), {"outcomes": {"M15": "done"}}),
        (None, "q", ("DELETE", "session"), None),
    ],
)
async def test_one_key_does_it(
    browser: Browser, at: str | None, key: str, deed: tuple[str, str], body: Any
) -> None:
    stage, page = await desk(browser, console(1, at=at))
    method, path = deed
    stage.answers[method, f"{WINDOW}/{path}"] = (200, console(2))
    await page.keyboard.press(key)
    await expect(page.locator("[data-idle]")).to_be_visible()
    await until(page, lambda: bool(stage.deeds()))
    (asked,) = stage.deeds()
    assert (asked.method, asked.path, asked.body) == (method, f"{WINDOW}/{path}", body)
    assert asked.key


async def test_it_says_whom_the_window_helps_and_whose_turn_it_is(browser: Browser) -> None:
    helping = [{"group": "B", "name": both("市场准入", "Market access"), "since": NOW, "wait_seconds": 2400,
                "target_seconds": 1800}]  # fmt: skip
    view = console(1, next=None, waiting={"total": 0, "next": []}, helping=helping)
    view["turn"] = {"id": "10", "label": both("10号窗口", "Window 10")}
    _, page = await desk(browser, view)
    await expect(page.locator("[data-share]")).to_have_text(
        "临时协助市场准入：那边预计等 40 分钟，目标 30 分钟。 下一位先由10号窗口叫号，该窗口今天较闲。"
    )


async def test_it_says_for_what_the_certificate_has_ended_and_whom_to_ask(browser: Browser) -> None:
    ended = [{"id": "B", "name": both("市场准入", "Market access"), "ended_on": "2026-11-22"}]
    _, page = await desk(browser, console(1, ended_certificates=ended))
    await expect(page.locator("[data-share]")).to_have_text(
        "您的上岗证书已过期：市场准入（2026-11-22 到期）。系统不再为您叫这些号，请联系大厅主管续期。"
    )


@pytest.mark.parametrize(
    ("key", "deed", "body"),
    [
        ("h Enter", "hold", {"reason": "fetch_material", "minutes": 20}),
        ("h 3 1 Enter", "hold", {"reason": "copy", "minutes": 5}),
        ("h 6 P D F Enter", "hold", {"reason": "PDF", "minutes": 20}),
        ("t 1 Enter", "transfer", {"reason": "other_service", "group": "B"}),
        ("t 2 4 Enter", "transfer", {"reason": "clerk_skill", "group": "D"}),
    ],
)
async def test_hold_and_transfer_ask_why_and_digits_answer(
    browser: Browser, key: str, deed: str, body: Any
) -> None:
    stage, page = await desk(browser, console(1, at="serving"))
    stage.answers["GET", "/api/v1/halls/h1"] = (200, groups("A", "B", "D"))
    stage.answers["POST", f"{WINDOW}/{deed}"] = (200, console(2))
    first, *others = key.split()
    await page.keyboard.press(first)
    await expect(page.get_by_role("dialog")).to_be_visible()
    for other in others:
        await page.keyboard.press(other)
    await expect(page.locator("[data-idle]")).to_be_visible()
    assert stage.deeds()[0].body == body


async def test_a_transfer_says_who_waits_there_and_whether_a_window_is_open(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, at="serving"))
    hall = groups("A", "B", "D")
    hall["groups"][2] |= {"windows": [], "waiting": 0}
    stage.answers["GET", "/api/v1/halls/h1"] = (200, hall)
    await page.keyboard.press("t")
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator("[data-step=group] .choice")).to_contain_text(
        ["等候 6 人，3 个窗口", "等候 0 人，没有开放的窗口"]
    )
    await page.keyboard.press("Enter")
    await expect(dialog).to_contain_text("请选择或填写")  # Nobody is sent anywhere by a reflex.
    assert stage.deeds() == []


@pytest.mark.parametrize("key", ["h", "t", "g"])
async def test_escape_is_always_no(browser: Browser, key: str) -> None:
    stage, page = await desk(browser, console(1, at="serving"))
    stage.answers["GET", "/api/v1/halls/h1"] = (200, groups("A", "B"))
    await page.keyboard.press(key)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("1")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert stage.deeds() == []


async def test_a_question_goes_when_what_it_was_about_has_changed(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, at="serving"))
    await page.keyboard.press("h")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await stage.tell(console(2))
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert stage.deeds() == []


async def test_a_pause_says_why_and_how_long_and_the_same_key_ends_it(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    paused = console(2)
    paused["window"] |= {"state": "paused", "pause": {"reason": "break", "since": None, "until": None}}
    stage.answers["PUT", f"{WINDOW}/pause"] = (200, paused)
    stage.answers["DELETE", f"{WINDOW}/pause"] = (200, console(3))
    for key in ("p", "4", "4", "Enter"):
        await page.keyboard.press(key)
    await expect(page.locator("[data-idle-word]")).to_have_text("已暂停服务")
    await page.keyboard.press("p")
    await expect(page.locator("[data-idle-word]")).to_have_text("可以叫号")
    assert [(asked.method, asked.body) for asked in stage.deeds()] == [
        ("PUT", {"reason": "meeting", "minutes": 30}),
        ("DELETE", None),
    ]


async def test_letters_do_nothing_while_something_is_written(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, at="serving"))
    await page.keyboard.press("h")
    await page.keyboard.press("6")
    await page.get_by_role("dialog").get_by_label("其他原因").press_sequentially("can he come back by 3")
    await page.keyboard.press("Escape")
    assert stage.deeds() == []


async def test_letters_can_be_turned_off_and_f9_stays(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    await page.get_by_label("启用字母快捷键").uncheck()
    await page.keyboard.press("n")
    stage.answers["POST", f"{WINDOW}/calls"] = (200, console(2, at="called"))
    await page.keyboard.press("F9")
    await expect(page.locator("[data-number]").first).to_have_text("A007")
    assert len(stage.deeds()) == 1


async def test_what_cannot_be_done_now_cannot_be_pressed(browser: Browser) -> None:
    _, page = await desk(browser, console(1, at="serving"))
    for name in ("next", "start", "recall", "missed", "undo", "pause", "leave"):
        await expect(page.locator(f"[data-act={name}]")).to_be_disabled()
    for name in ("complete", "hold", "transfer"):
        await expect(page.locator(f"[data-act={name}]")).to_be_enabled()


async def test_undo_counts_down_and_ends(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, at="called"))
    undo = page.locator("[data-act=undo]")
    await expect(undo).to_be_enabled()
    await page.clock.run_for(10_000)
    await expect(undo.locator("[data-left]")).to_have_text("0:20")
    await stage.tell(console(2, at="called") | {"as_of": "2026-11-23T01:32:25.000Z"})
    await expect(undo.locator("[data-left]")).to_have_text("0:10")
    await page.clock.run_for(11_000)
    await expect(undo).to_be_disabled()


async def test_a_held_ticket_comes_back_by_its_number_key(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, held=[HELD]))
    stage.answers["POST", f"{WINDOW}/resume"] = (200, console(2, at="serving"))
    await page.keyboard.press("1")
    await expect(page.locator("[data-number]").first).to_have_text("A007")
    assert stage.deeds()[0].body == {"ticket": "12"}


async def test_a_held_ticket_is_handed_over_to_another_group_by_shift_and_its_number(
    browser: Browser,
) -> None:
    stage, page = await desk(browser, console(1, held=[HELD]))
    stage.answers["GET", "/api/v1/halls/h1"] = (200, groups("A", "B"))
    stage.answers["POST", f"{WINDOW}/transfer"] = (200, console(2))
    await page.keyboard.press("Shift+1")
    await expect(page.get_by_role("dialog")).to_contain_text("A003 转到")
    await page.keyboard.press("1")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-held-section]")).to_be_hidden()
    assert stage.deeds()[0].body == {"group": "B", "reason": "other_service", "ticket": "12"}


async def test_picking_somebody_out_of_order_needs_a_reason(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    stage.answers["POST", f"{WINDOW}/calls"] = (200, console(2, at="called"))
    for key in ("k", "2", "3", "Enter"):
        await page.keyboard.press(key)
    await expect(page.locator("[data-ticket]")).to_be_visible()
    assert stage.deeds()[0].body == {"ticket": "19", "reason": "urgent"}


async def test_the_console_says_who_is_next_and_why(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    desk_card = page.locator("[data-idle]")
    await expect(desk_card).to_contain_text("A008")
    await expect(desk_card).to_contain_text("能办的号里，取号最早")
    back = {"id": "12", "number": "A003", "rule": "back_from_hold", "matters": []}
    await stage.tell(console(2, held=[HELD], next=back))
    await expect(desk_card).to_contain_text("A003")
    await expect(desk_card).to_contain_text("挂起后已回到窗口，先继续办")
    await stage.tell(console(3, at="serving"))
    await expect(page.locator("[data-next]")).to_contain_text("能办的号里，取号最早")
    await expect(page.locator("[data-rule]")).to_have_text("叫号依据：绿色通道")


async def test_which_message_reached_whoever_was_called_stands_at_the_ticket(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    path = "/api/v1/halls/h1/tickets/17/messages"
    told = [
        {"kind": "call", "channel": "sms", "state": "sent", "put_at": "2026-11-23T01:35:00Z"},
        {"kind": "call", "channel": "wechat", "state": "fallback", "put_at": "2026-11-23T01:35:00Z"},
        {"kind": "near", "channel": "wechat", "state": "delivered", "put_at": "2026-11-23T01:30:00Z"},
    ]
    stage.answers["GET", path] = (200, {"id": "17", "messages": told})
    await stage.tell(console(2, at="called"))
    await expect(page.locator("[data-told]")).to_have_text("微信未送达 · 短信已发出")
    delivered = [{**told[0], "state": "delivered"}, *told[1:]]
    stage.answers["GET", path] = (200, {"id": "17", "messages": delivered})
    await page.clock.run_for(5000)
    await expect(page.locator("[data-told]")).to_have_text("微信未送达 · 短信已送达")
    await page.locator("[data-language]").click()
    await expect(page.locator("[data-told]")).to_have_text("WeChat not delivered · Text delivered")


async def test_what_happened_to_the_ticket_is_told_in_sentences(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    stage.answers["GET", "/api/v1/halls/h1/tickets/17/history"] = (200, HISTORY)
    await stage.tell(console(2, at="called"))
    await expect(page.locator("[data-story] li")).to_have_text(
        [
            "09:20自助机取号：综合业务，自述老年人",
            "09:27导办 陈静复号，排到几位之后",
            "09:29本人延后，让别人先办",
            "09:3208 号窗口 李建国 转到综合业务：已核对户口簿",
        ]
    )
    asked = [one for one in stage.asked if one.path.endswith("/history")]
    await stage.tell(console(3, at="called"))  # Nothing has happened to it, so nothing is asked.
    await stage.tell(console(4, at="serving"))
    await until(page, lambda: len([one for one in stage.asked if one.path.endswith("/history")]) > len(asked))
    assert len(asked) == 1


async def test_a_priority_class_is_confirmed_when_the_proof_was_seen(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, at="called"))
    path = "/api/v1/halls/h1/tickets/17/priority-class"
    stage.answers["POST", path] = (200, {"type": "ticket"})
    await expect(page.locator("[data-marks]")).to_contain_text("老年人（本人自述，未核验）")
    for key in ("g", "1", "Enter"):  # Of what the citizen has said only the proof is missing.
        await page.keyboard.press(key)
    await until(page, lambda: bool(stage.deeds()))
    assert [(asked.path, asked.body) for asked in stage.deeds()] == [
        (path, {"priority_class": "elderly", "proof_seen": True, "reason": "proof_seen"})
    ]
    proved = console(2, at="called")
    proved["ticket"]["proof_seen"] = True
    await stage.tell(proved)
    await expect(page.locator("[data-marks]")).to_contain_text("老年人（已核验）")


# ── The clock and its target ─────────────────────────────────────────────────────────────────────


async def test_the_clock_goes_from_calm_to_attention_to_over_and_says_so_in_words(browser: Browser) -> None:
    _, page = await desk(browser, console(1, at="serving"))  # The target is eight minutes.
    timer, words = page.locator("[data-timer]"), page.locator("[data-minutes-of]")
    await page.clock.run_for(60_000)
    await expect(timer).to_have_attribute("data-pace", "calm")
    await expect(words).to_have_text("目标 8 分钟")
    await page.clock.run_for(6 * 60_000)
    await expect(timer).to_have_attribute("data-pace", "attention")
    await expect(words).to_have_text(re.compile(r"还剩 (1:0\d|0:5\d)"))
    await page.clock.run_for(2 * 60_000)
    await expect(timer).to_have_attribute("data-pace", "over")
    await expect(words).to_have_text(re.compile(r"超过目标 (0:5\d|1:0\d)"))


async def test_beyond_the_target_a_completion_asks_why_and_within_it_does_not(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, at="serving"))
    stage.answers["POST", f"{WINDOW}/completion"] = (200, console(2))
    late = console(1, at="serving")
    late["ticket"]["service_seconds"] = 541.0
    await stage.tell(late)
    await expect(page.locator("[data-timer]")).to_have_attribute("data-pace", "over")
    await page.keyboard.press("c")
    await expect(page.get_by_role("dialog")).to_contain_text("超过目标 1:01，什么原因？")
    await page.keyboard.press("Enter")  # There is no answer that one gives by a reflex.
    await expect(page.get_by_role("dialog")).to_contain_text("请选择或填写")
    await page.keyboard.press("2")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-idle]")).to_be_visible()
    assert stage.deeds()[0].body == {"outcomes": {"M15": "done"}, "overrun_reason": "slow_system"}


async def test_the_day_in_figures_is_the_clerks_own(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    figures = page.locator("[data-figure]")
    await expect(figures).to_have_text(["3", "6:52", "11:40", "33%", "10:55"])
    await stage.tell(console(2, at_console="there"))
    await expect(figures).to_have_text(["–"] * 5)


# ── Windows that change hands ────────────────────────────────────────────────────────────────────


async def test_a_closed_window_is_opened_with_the_same_key(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, session=False))
    stage.answers["POST", f"{WINDOW}/session"] = (201, console(2))
    await page.keyboard.press("F9")
    await expect(page.locator("[data-idle-word]")).to_have_text("可以叫号")


async def test_a_window_that_another_console_holds_is_taken_over_only_when_asked(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    stage.answers["POST", f"{WINDOW}/calls"] = (409, problem("window_taken"))

    async def session(asked: Asked) -> tuple[int, Any]:
        return (201, console(2)) if asked.body == {"take_over": True} else (409, problem("window_taken"))

    stage.answers["POST", f"{WINDOW}/session"] = session
    await page.keyboard.press("F9")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("收回本窗口？")
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-act=next]")).to_contain_text("收回窗口")
    await page.keyboard.press("F9")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-act=next]")).to_contain_text("叫下一位")
    assert [asked.path.rpartition("/")[2] for asked in stage.deeds()] == ["calls", "session"]


async def test_a_refusal_is_the_sentence_of_the_server_and_goes_when_the_desk_changes(
    browser: Browser,
) -> None:
    stage, page = await desk(browser, console(1))
    stage.answers["POST", f"{WINDOW}/calls"] = (
        409,
        problem("nobody_waiting", "没有本窗口可办理的等候人员。"),
    )
    await page.keyboard.press("F9")
    await expect(page.get_by_role("alert")).to_have_text("没有本窗口可办理的等候人员。")
    await stage.tell(console(5, at="called"))
    await expect(page.get_by_role("alert")).to_be_hidden()


async def test_a_call_whose_answer_was_lost_is_not_made_twice(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    stage.answers["POST", f"{WINDOW}/calls"] = (0, None)
    await page.keyboard.press("F9")
    for _ in range(30):
        await page.clock.run_for(1000)
        await stage.tell(console(1))
    await expect(page.get_by_role("alert")).to_contain_text("再按一次不会重复")
    stage.answers["POST", f"{WINDOW}/calls"] = (200, console(2, at="called"))
    await page.keyboard.press("F9")
    await expect(page.locator("[data-number]").first).to_have_text("A007")
    assert len({asked.key for asked in stage.deeds() if asked.path.endswith("/calls")}) == 1


@pytest.mark.parametrize(
    ("at", "keys", "path"),
    [
        (None, "F9", "calls"),
        (None, "k 1 1 Enter", "calls"),
        (None, "1", "resume"),
        (None, "p Enter", "pause"),
        (None, "q", "session"),
        ("called", "s", "start"),
        ("called", "r", "recall"),
        ("called", "m", "missed"),
        ("called", "z", "undo"),
        ("serving", "c", "completion"),
        ("serving", "h Enter", "hold"),
        ("serving", "t 1 Enter", "transfer"),
        ("serving", "g 1 Enter", "priority-class"),
    ],
)
async def test_a_network_that_drops_out_at_any_key_doubles_nothing_and_loses_nothing(
    browser: Browser, at: str | None, keys: str, path: str
) -> None:
    stage, page = await desk(browser, console(1, at=at, held=[HELD]))
    stage.answers["GET", "/api/v1/halls/h1"] = (200, groups("A", "B"))
    lost = 4  # Long enough for the page to say so.

    async def answer(_: Asked) -> tuple[int, Any]:
        nonlocal lost
        lost -= 1
        return (0, None) if lost >= 0 else (200, console(2) if at else console(2, at="called"))

    for method in ("POST", "PUT", "DELETE"):
        stage.answers[method, f"{WINDOW}/{path}"] = answer
    stage.answers["POST", f"/api/v1/halls/h1/tickets/17/{path}"] = answer
    deed, *answers = keys.split()
    await page.keyboard.press(deed)
    if answers:
        await expect(page.locator("dialog[open]")).to_be_visible()
    for key in answers:
        await page.keyboard.press(key)
    under_way = page.locator("[data-act][aria-busy]")
    await expect(under_way).to_have_count(1)
    await page.clock.run_for(1600)
    await expect(page.locator("[data-underway]")).to_contain_text("正在自动重试，不会重复")
    for key in ("F9", "F9", "c", "q"):
        await page.keyboard.press(key)  # Whatever is pressed meanwhile is not meant for what comes after.
    for _ in range(8):
        await page.clock.run_for(1000)
        await stage.tell({"type": "beat", "epoch": "e1", "seq": 1, "as_of": NOW})
    await expect(page.locator("[data-underway]")).to_be_hidden()
    await expect(under_way).to_have_count(0)
    deeds = [asked for asked in stage.deeds() if not asked.path.endswith("/heartbeat")]
    assert len(deeds) == 5
    assert {asked.path.rpartition("/")[2] for asked in deeds} == {path}
    assert len({asked.key for asked in deeds}) == 1


async def test_the_desk_is_the_same_after_a_reload(browser: Browser) -> None:
    _, page = await desk(browser, console(1, at="serving"))
    await page.reload()
    await expect(page.locator("[data-number]").first).to_have_text("A007")
    await expect(page.locator("[data-act=complete]")).to_be_enabled()


async def test_whoever_is_not_signed_in_signs_in_first(browser: Browser) -> None:
    stage = await Stage.build(browser, signed_in=True)
    stage.answers["GET", "/api/v1/sessions/current"] = (401, problem("sign_in_needed", status=401))
    page = await stage.open("/clerk/h1/09")
    await page.wait_for_url("**/sign-in?next=%2Fclerk%2Fh1%2F09")


@pytest.mark.parametrize("how", ["view", "close"])
async def test_whoever_is_signed_out_signs_in_again(browser: Browser, how: str) -> None:
    stage, page = await desk(browser, console(1))
    if how == "close":
        stage.sockets_work = False
        for socket in list(stage.sockets):
            await socket.close(code=1008)
    else:
        public = console(2)
        del public["window"]["session"], public["window"]["pause"], public["ticket"], public["waiting"]
        await stage.tell(public)
    await page.wait_for_url("**/sign-in?next=%2Fclerk%2Fh1%2F09")
    assert stage.complaints == []


@pytest.mark.parametrize("found_open", [True, False])
async def test_a_window_taken_over_elsewhere_says_so_at_once(browser: Browser, found_open: bool) -> None:
    stage, page = await desk(browser, console(1, session=found_open))
    if not found_open:
        stage.answers["POST", f"{WINDOW}/session"] = (201, console(2))
        await page.keyboard.press("F9")
    await expect(page.locator("[data-idle-word]")).to_have_text("可以叫号")
    await stage.tell(console(3, at="called"))
    await expect(page.locator("[data-ticket]")).to_be_visible()
    taken = console(4, at="called", at_console="there")
    taken["window"]["session"] |= {"clerk": ANOTHER, "taken_over_at": NOW, "taken_from": "王秀英"}
    await stage.tell(taken)
    await expect(page.locator("[data-idle-word]")).to_have_text("本窗口已被接管")
    await expect(page.locator("[data-idle-how]")).to_contain_text("09:32 起由 李建国 在另一台电脑使用")
    await expect(page.locator("[data-ticket]")).to_be_hidden()
    before = len(stage.deeds())
    for key in ("s", "r", "m", "z", "c", "h", "t", "g", "k", "p", "q", "1", "o"):
        await page.keyboard.press(key)
    assert len(stage.deeds()) == before  # Nothing that is pressed here does anything.
    back = console(5, at="called", at_console="here again")
    back["window"]["session"] |= {"taken_over_at": NOW, "taken_from": "李建国"}
    stage.answers["POST", f"{WINDOW}/session"] = (201, back)
    await page.keyboard.press("F9")
    await page.get_by_role("dialog").get_by_role("button", name="收回窗口").click()
    await expect(page.locator("[data-act=start]")).to_be_enabled()
    await expect(page.locator("[data-window-state]")).to_contain_text("09:32 从李建国处接管")


async def test_whoever_is_signed_in_elsewhere_already_is_told_before_pressing_anything(
    browser: Browser,
) -> None:
    stage, page = await desk(browser, console(1, at_console="the other desk"))
    await expect(page.locator("[data-idle-word]")).to_have_text("您已在另一台电脑到岗")
    await expect(page.locator("[data-act=next]")).to_contain_text("接管")
    assert stage.deeds() == []


async def test_nothing_moves_when_the_service_begins(browser: Browser) -> None:
    stage, page = await desk(browser, console(1, at="called"))
    number = page.locator("[data-number]").first
    before = await number.bounding_box()
    await stage.tell(console(2, at="serving"))
    await expect(page.locator("[data-act=complete]")).to_be_enabled()
    assert await number.bounding_box() == before


async def test_the_clock_never_goes_backwards(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    seen = []
    for late in (0, 3, 0, 6, 1, 40):  # How old what the server says is, in seconds.
        for _ in range(4):
            await page.clock.run_for(1000)
            seen.append(await page.locator("[data-clock]").inner_text())
        second = 5 + len(seen) - late
        as_of = f"2026-11-23T01:{32 + second // 60}:{second % 60:02}.000Z"
        await stage.tell({"type": "beat", "epoch": "e1", "seq": 1, "as_of": as_of})
        seen.append(await page.locator("[data-clock]").inner_text())
        seen.pop() if seen[-1] == seen[-2] else None
    assert seen == sorted(seen)
    assert seen[-1] >= "09:32:28"


HELD = {
    "id": "12",
    "number": "A003",
    "group": "A",
    "since": NOW,
    "until": "2026-11-23T01:50:00.000Z",
    "reason": "copy",
    "back": True,
}
ANOTHER = {"name": "李建国", "staff_no": "c12", "trainee": False}


def groups(*group_ids: str) -> dict[str, Any]:
    """A hall with these groups."""
    hall = board(1)
    hall["groups"] = [{**hall["groups"][0], "id": group_id} for group_id in group_ids]
    return hall


def line(seq: int, at: str, what: str, role: str, name: str | None = None, **more: Any) -> dict[str, Any]:
    """A line of a ticket's history."""
    nothing = dict.fromkeys(
        ("window", "group", "channel", "rule", "reason", "until", "priority_class", "proof_seen")
    )
    by = {"role": role, "name": name}
    return {"seq": seq, "at": f"2026-11-23T01:{at}:00Z", "what": what, "by": by, **nothing, **more}


GENERAL = {"id": "A", "name": both("综合业务", "General business")}
HISTORY = {
    "id": "17",
    "number": "A007",
    "history": [
        line(1, "20", "issued", "citizen", channel="kiosk", group=GENERAL, priority_class="elderly"),
        line(4, "27", "returned", "guide", "陈静"),
        line(5, "29", "deferred", "citizen"),
        line(9, "32", "transferred", "clerk", "李建国", window="08", group=GENERAL, reason="已核对户口簿"),
    ],
}


async def desk(browser: Browser, view: dict[str, Any]) -> tuple[Stage, Page]:
    stage = await Stage.build(browser, signed_in=True)
    stage.answers["GET", "/api/v1/sessions/current"] = (200, ME)
    stage.answers["POST", f"{WINDOW}/heartbeat"] = (204, None)
    stage.answers["GET", "/api/v1/halls/h1/tickets/17/history"] = (200, {**HISTORY, "history": []})
    stage.last_view = view
    page = await stage.open("/clerk/h1/09")
    await expect(page.locator("[data-window-label]")).to_have_text("9号窗口")
    return stage, page


async def until(page: Page, is_so: Any) -> None:
    for _ in range(50):
        if is_so():
            return
        await page.wait_for_timeout(0)
