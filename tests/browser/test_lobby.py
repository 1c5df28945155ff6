"""The lobby board and the screen above a window, with a hall played by the test."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import Stage, board, both, call

pytestmark = pytest.mark.browser

DWELL_MS = 12_000
STALE_MS = 15_000


async def test_two_calls_at_once_are_both_lit_for_the_whole_dwell(browser: Browser) -> None:
    stage, page = await lobby(browser)
    await stage.tell(board(3, calls=[call(3, "A007", "09"), call(2, "A006", "08")]))
    await expect(page.locator(".call[data-lit]")).to_have_count(2)
    await page.clock.run_for(DWELL_MS - 1500)
    await expect(page.locator(".call[data-lit]")).to_have_count(2)
    await page.clock.run_for(3000)
    await expect(page.locator(".call[data-lit]")).to_have_count(0)
    await expect(page.locator(".call")).to_have_count(2)


async def test_a_call_in_a_view_that_was_skipped_is_still_lit(browser: Browser) -> None:
    stage, page = await lobby(browser)
    await stage.tell(board(9, calls=[call(9, "A009", "10"), call(5, "A008", "09"), call(3, "A007", "08")]))
    await expect(page.locator(".call[data-lit]")).to_have_count(3)


async def test_a_call_is_lit_once(browser: Browser) -> None:
    stage, page = await lobby(browser)
    await stage.tell(board(2, calls=[call(2, "A007", "09")]))
    await expect(page.locator(".call[data-lit]")).to_have_count(1)
    await page.clock.run_for(DWELL_MS + 1000)
    await stage.tell(board(4, calls=[call(2, "A007", "09")], waiting=7))
    await expect(page.locator("[data-waiting]")).to_have_text("7 人")
    await expect(page.locator(".call[data-lit]")).to_have_count(0)


async def test_a_screen_that_has_just_been_opened_does_not_light_the_past(browser: Browser) -> None:
    stage = await Stage.build(browser)
    long_ago = "2026-11-23T01:20:00.000Z"
    stage.last_view = board(5, calls=[call(5, "A007", "09", at=long_ago)])
    page = await stage.open("/displays/h1/lobby")
    await expect(page.locator(".call")).to_have_count(1)
    await expect(page.locator(".call[data-lit]")).to_have_count(0)


async def test_an_older_view_never_replaces_a_newer_one_but_a_new_epoch_does(browser: Browser) -> None:
    stage, page = await lobby(browser)
    await stage.tell(board(8, waiting=8))
    await stage.tell(board(7, waiting=7))
    await expect(page.locator("[data-waiting]")).to_have_text("8 人")
    await stage.tell(board(2, waiting=2, epoch="e2"))
    await expect(page.locator("[data-waiting]")).to_have_text("2 人")


async def test_a_screen_that_hears_nothing_says_how_old_its_data_is(browser: Browser) -> None:
    stage, page = await lobby(browser)
    await page.clock.run_for(STALE_MS - 3000)
    await expect(page.locator("[data-stale]")).to_be_hidden()
    stage.sockets_work = False
    stage.answers["GET", "/api/v1/halls/h1"] = (502, {})
    await page.clock.run_for(5000)
    await expect(page.locator("[data-stale]")).to_have_text("数据截至 09:32:05，正在重新连接")
    await expect(page.locator("html")).to_have_attribute("data-live", "stale")
    stage.sockets_work = True
    for _ in range(40):  # The back-off is at most half a minute.
        await page.clock.run_for(1000)
        if stage.sockets:
            break
    await expect(page.locator("[data-stale]")).to_be_hidden()


async def test_a_beat_is_enough_to_stay_live(browser: Browser) -> None:
    stage, page = await lobby(browser)
    for second in (15, 25, 35):
        await page.clock.run_for(10_000)
        await stage.tell(
            {"type": "beat", "epoch": "e1", "seq": 1, "as_of": f"2026-11-23T01:32:{second}.000Z"}
        )
    await page.clock.run_for(9000)
    await expect(page.locator("[data-stale]")).to_be_hidden()


async def test_a_number_that_was_missed_is_sent_nowhere(browser: Browser) -> None:
    stage, page = await lobby(browser)
    calls = [call(4, "A007", "09", state="missed"), call(3, "A006", "08")]
    await stage.tell(board(4, calls=calls, missed=["A007"]))
    await expect(page.locator(".call")).to_have_count(1)
    await expect(page.locator("[data-missed]")).to_have_text("A007")
    await expect(page.locator(".earlier__call")).to_contain_text("A007")


async def test_names_are_text_whatever_is_in_them(browser: Browser) -> None:
    stage, page = await lobby(browser)
    hostile = "<img src=x onerror=alert(1)>\u202e" + "长" * 4000
    view = board(2, calls=[call(2, "A007", "09")], name=hostile)
    view["groups"][0]["name"] = both(hostile)
    view["windows"][1]["label"] = both(hostile)
    await stage.tell(view)
    await expect(page.locator("[data-hall]")).to_contain_text("<img src=x")
    assert await page.locator("main img").count() == 1  # The code to scan, and nothing else.
    assert await page.evaluate("document.documentElement.scrollHeight") <= 1080
    assert stage.complaints == []


async def test_a_thousand_views_leave_the_page_as_large_as_one(browser: Browser) -> None:
    stage, page = await lobby(browser)
    sizes = []
    for seq in range(10, 1010):
        calls = [call(seq - back, f"A{(seq - back) % 1000:03}", "09") for back in range(12)]
        await stage.tell(board(seq, calls=calls))
        if seq in (30, 1009):
            await expect(page.locator("[data-calls] li").first).to_contain_text(f"A{seq % 1000:03}")
            await page.clock.run_for(DWELL_MS + 1000)
            sizes.append(await page.evaluate("document.querySelectorAll('*').length"))
    assert sizes[0] == sizes[1]


async def test_a_window_screen_shows_who_is_called_and_who_serves(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    page = await stage.open("/displays/h1/windows/09")
    await expect(page.locator("[data-state-word]")).to_have_text("请等候叫号")
    view = board(2, calls=[call(2, "A007", "09")])
    view["windows"][1] |= {"state": "calling", "number": "A007"}
    await stage.tell(view)
    await expect(page.locator("[data-number]")).to_have_text("A007")
    await expect(page.locator("[data-clerk-name]")).to_have_text("王秀英")
    await expect(page.locator("body")).to_have_attribute("data-lit", "")


async def test_a_paused_window_says_until_when_and_where_else_to_go(browser: Browser) -> None:
    stage = await Stage.build(browser)
    view = board(1)
    view["windows"][1] |= {"state": "paused", "paused_until": "2026-11-23T02:00:00.000Z"}
    stage.last_view = view
    page = await stage.open("/displays/h1/windows/09")
    await expect(page.locator("[data-how]")).to_contain_text("10:00")
    await expect(page.locator("[data-how]")).to_contain_text("可到8号窗口、10号窗口")


async def lobby(browser: Browser) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    page = await stage.open("/displays/h1/lobby")
    await expect(page.locator("[data-hall]")).to_have_text("示范区政务服务中心")
    return stage, page
