"""The clerk's console, with a hall played by the test."""

from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import Asked, Stage, board, console, problem

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


@pytest.mark.parametrize(
    ("key", "deed", "body"),
    [
        ("h", "hold", {"reason": "fetch_material", "minutes": 20}),
        ("t", "transfer", {"reason": "other_service", "group": "B"}),
    ],
)
async def test_hold_and_transfer_ask_why(browser: Browser, key: str, deed: str, body: Any) -> None:
    stage, page = await desk(browser, console(1, at="serving"))
    hall = board(1)
    hall["groups"].append({**hall["groups"][0], "id": "B"})
    stage.answers["GET", "/api/v1/halls/h1"] = (200, hall)
    stage.answers["POST", f"{WINDOW}/{deed}"] = (200, console(2))
    await page.keyboard.press(key)
    await expect(page.get_by_role("dialog")).to_be_visible()
    if deed == "transfer":
        await page.keyboard.press("Space")  # The focus is on the first group.
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-idle]")).to_be_visible()
    assert stage.deeds()[0].body == body


async def test_a_pause_says_why_and_how_long_and_the_same_key_ends_it(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    paused = console(2)
    paused["window"] |= {"state": "paused", "pause": {"reason": "break", "since": None, "until": None}}
    stage.answers["PUT", f"{WINDOW}/pause"] = (200, paused)
    stage.answers["DELETE", f"{WINDOW}/pause"] = (200, console(3))
    await page.keyboard.press("p")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("开会").check()
    await dialog.get_by_label("分钟").fill("30")
    await page.keyboard.press("Enter")
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
    await page.get_by_role("dialog").get_by_label("其他原因").press_sequentially("can he come back")
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
    held = [{"id": "12", "number": "A003", "since": None, "until": None, "reason": "copy", "back": True}]
    stage, page = await desk(browser, console(1, held=held))
    stage.answers["POST", f"{WINDOW}/resume"] = (200, console(2, at="serving"))
    await page.keyboard.press("1")
    await expect(page.locator("[data-number]").first).to_have_text("A007")
    assert stage.deeds()[0].body == {"ticket": "12"}


async def test_picking_somebody_out_of_order_needs_a_reason(browser: Browser) -> None:
    stage, page = await desk(browser, console(1))
    stage.answers["POST", f"{WINDOW}/calls"] = (200, console(2, at="called"))
    await page.get_by_role("button", name="叫此号 A009").click()
    await page.get_by_role("dialog").get_by_role("button", name="叫此号").click()
    await expect(page.locator("[data-ticket]")).to_be_visible()
    assert stage.deeds()[0].body == {"ticket": "19", "reason": "guide_asks"}


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
    await expect(dialog).to_contain_text("接管本窗口？")
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-act=next]")).to_contain_text("接管")
    await page.keyboard.press("F9")
    await dialog.get_by_role("button", name="接管").click()
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
    await stage.tell(console(4, at="called", at_console="there"))  # The same clerk, at another desk.
    await expect(page.locator("[data-idle-word]")).to_have_text("本窗口已由另一台电脑接管")
    await expect(page.locator("[data-ticket]")).to_be_hidden()
    await expect(page.locator("[data-act=start]")).to_be_disabled()
    stage.answers["POST", f"{WINDOW}/session"] = (201, console(5, at="called", at_console="here again"))
    await page.keyboard.press("F9")
    await page.get_by_role("dialog").get_by_role("button", name="接管").click()
    await expect(page.locator("[data-act=start]")).to_be_enabled()


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


async def desk(browser: Browser, view: dict[str, Any]) -> tuple[Stage, Page]:
    stage = await Stage.build(browser, signed_in=True)
    stage.answers["GET", "/api/v1/sessions/current"] = (200, ME)
    stage.answers["POST", f"{WINDOW}/heartbeat"] = (204, None)
    stage.last_view = view
    page = await stage.open("/clerk/h1/09")
    await expect(page.locator("[data-window-label]")).to_have_text("9号窗口")
    return stage, page


async def until(page: Page, is_so: Any) -> None:
    for _ in range(50):
        if is_so():
            return
        await page.wait_for_timeout(0)
