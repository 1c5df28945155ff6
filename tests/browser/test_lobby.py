"""The lobby board and the screen above a window, with a hall played by the test."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import NOW, Stage, board, both, call

pytestmark = pytest.mark.browser

DWELL_MS = 12_000
STALE_MS = 15_000
TRAVEL_PX = 12  # As far as the arrow moves: call-go in lobby.css.
ROWS = """() => Array.from(document.querySelectorAll('.call')).map((row) => {
    const box = (node) => { const range = document.createRange(); range.selectNodeContents(node)
        return range.getBoundingClientRect() }
    const number = row.querySelector('[data-number]')
    const arrow = row.querySelector('.call__arrow').getBoundingClientRect()
    const style = getComputedStyle(number)
    const pen = document.createElement('canvas').getContext('2d')
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
    const foot = number.appendChild(document.createElement('i'))
    foot.style.display = 'inline-block'
    const baseline = foot.getBoundingClientRect().bottom
    foot.remove()
    return {
        before: arrow.left - box(number).right,
        after: row.querySelector('[data-place]').getBoundingClientRect().left - arrow.right,
        tail: baseline + pen.measureText('Q').actualBoundingBoxDescent,
        bottom: row.getBoundingClientRect().bottom - 2,
        size: parseFloat(style.fontSize),
        height: row.clientHeight,
    }
})"""


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
    stage.last_view = board(1, as_of="2026-11-23T01:32:30.000Z")
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


async def test_a_server_that_talks_but_sees_nothing_new_does_not_keep_a_screen_live(browser: Browser) -> None:
    stage, page = await lobby(browser)
    standing = {"type": "beat", "epoch": "e1", "seq": 1, "as_of": NOW}
    for _ in range(7):
        await page.clock.run_for(2000)
        await stage.tell(standing)
    await expect(page.locator("[data-stale]")).to_be_hidden()
    await page.clock.run_for(2000)
    await stage.tell(standing)
    await expect(page.locator("[data-stale]")).to_have_text("数据截至 09:32:05，正在重新连接")
    assert len(stage.sockets) == 1  # It still talks: a new socket would not know more.
    await stage.tell(board(1))
    await expect(page.locator("[data-stale]")).to_be_visible()  # A view as old as that is no better.
    await stage.tell({**standing, "as_of": "2026-11-23T01:32:22.000Z"})
    await expect(page.locator("[data-stale]")).to_be_hidden()


@pytest.mark.parametrize("end", ["serving", "completed", "missed", "undone", "cancelled"])
async def test_a_call_is_red_only_while_somebody_is_expected(browser: Browser, end: str) -> None:
    stage, page = await lobby(browser)
    view = board(3, calls=[call(3, "A007", "09"), call(2, "A006", "08")])
    view["windows"][1] |= {"state": "calling", "number": "A007"}
    await stage.tell(view)
    await expect(page.locator(".call[data-lit]")).to_have_count(2)
    await expect(page.locator(".desk[data-lit]")).to_have_count(1)
    ended = [] if end == "undone" else [call(3, "A007", "09", state=end)]
    await stage.tell(board(4, calls=[*ended, call(2, "A006", "08")]))
    await expect(page.locator(".call[data-lit]")).to_have_text(["A0068号窗口Window 8前台受理区"])
    await expect(page.locator(".earlier__call[data-lit], .desk[data-lit]")).to_have_count(0)
    await expect(page.locator(".call")).to_have_count(2 if end == "serving" else 1)


async def test_a_window_that_calls_nobody_is_never_red(browser: Browser) -> None:
    stage, page = await lobby(browser)
    view = board(3, calls=[call(3, "A007", "09")])
    view["windows"][1] |= {"state": "paused"}
    await stage.tell(view)
    await expect(page.locator(".call[data-lit]")).to_have_count(1)
    await expect(page.locator(".desk[data-lit]")).to_have_count(0)


@pytest.mark.parametrize("rows", [2, 3, 4, 5, 6])
async def test_the_arrow_moves_between_number_and_window_and_every_letter_stays_in_its_row(
    browser: Browser, rows: int
) -> None:
    stage, page = await lobby(browser)
    await page.emulate_media(reduced_motion="reduce")
    numbers = ["Q007", "W042", "A128", "Q118", "C015", "L003"][:rows]
    calls = [call(40 - place, number, "09", recall=1) for place, number in enumerate(numbers)]
    calls += [call(20 - place, f"B{place:03}", "08", state="completed") for place in range(6)]
    view = board(40, calls=calls)
    view["windows"] += [{**view["windows"][0], "id": str(place)} for place in range(20, 33)]
    await stage.tell(view)
    await expect(page.locator(".call")).to_have_count(rows)
    for row in await page.evaluate(ROWS):
        assert row["before"] >= TRAVEL_PX
        assert row["after"] >= TRAVEL_PX
        assert row["tail"] <= row["bottom"]
        assert rows < 5 or row["size"] >= 0.75 * row["height"]  # The height is there for the letters.


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_the_name_of_a_group_is_there_in_both_languages(browser: Browser, language: str) -> None:
    stage = await Stage.build(browser)
    view = board(1)
    names = [("工程建设项目", "Construction projects"), ("综合业务", "General business")] * 3
    view["groups"] = [
        {**view["groups"][0], "id": str(place), "name": both(zh, en)} for place, (zh, en) in enumerate(names)
    ]
    stage.last_view = view
    page = await stage.open(f"/displays/h1/lobby?lang={language}")
    await expect(page.locator(".line")).to_have_count(6)
    await expect(page.locator(".line__name").first).to_contain_text("Construction projects")
    await expect(page.locator(".line__name").first).to_contain_text("工程建设项目")
    cut = await page.evaluate(
        """() => Array.from(document.querySelectorAll('.line__name > *'))
            .filter((name) => name.scrollWidth > name.clientWidth || name.clientHeight < 1
                || name.scrollHeight > 1.5 * name.clientHeight) // A line that is cut off counts in full.
            .map((name) => name.textContent)"""
    )
    assert cut == []


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
            await expect(page.locator("[data-earlier] li").first).to_contain_text(f"A{seq % 1000:03}")
            await page.clock.run_for(5 * DWELL_MS)
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


async def test_a_window_says_its_number_once_and_what_it_does_large_enough(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    page = await stage.open("/displays/h1/windows/09")
    await expect(page.get_by_role("heading", level=1)).to_have_text("9 号窗口")
    await expect(page.locator("[data-on=window] [data-name]")).to_have_text("9")
    sizes = await page.evaluate(
        """() => ['[data-does] li', 'html'].map((name) => parseFloat(getComputedStyle(
            document.querySelector(name)).fontSize))"""
    )
    assert sizes[0] >= 2.2 * sizes[1]


async def test_a_window_screen_is_red_only_while_it_calls(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    page = await stage.open("/displays/h1/windows/09")
    for seq, state, lit in ((2, "calling", True), (3, "serving", False)):
        view = board(seq, calls=[call(2, "A007", "09", state="called" if lit else state)])
        view["windows"][1] |= {"state": state, "number": "A007"}
        await stage.tell(view)
        await expect(page.locator("body")).to_have_attribute("data-state", state)
        assert (await page.locator("body").get_attribute("data-lit") is not None) == lit


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
