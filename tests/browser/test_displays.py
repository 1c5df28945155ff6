"""What every screen on a wall does beyond the lobby: layouts, zones, notices, many calls, nights, one voice."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stage import NOW, PLAN, Stage, View, board, both, call, display, notice, problem

pytestmark = pytest.mark.browser

DWELL_MIN_MS = 6000
MISSING_MS = 10_000
CODE_MS = 10_000  # A screen asks for a new code so often.
DISPLAY = "/api/v1/halls/h1/displays"
LONG_AGO = "2026-11-23T01:20:00.000Z"
BIG_NUMBERS = "Array.from(document.querySelectorAll('.call [data-number]')).map((node) => node.textContent)"
# For how long each number stood large, by the clock of the page.
WATCH_ROWS = f"""() => {{
    const since = {{}}, stood = {{}}
    const look = () => {{
        const now = performance.now(), numbers = {BIG_NUMBERS}
        for (const number of Object.keys(since)) if (!numbers.includes(number)) {{
            stood[number] = (stood[number] || 0) + now - since[number]
            delete since[number]
        }}
        for (const number of numbers) if (!(number in since)) since[number] = now
    }}
    const all = {{ childList: true, subtree: true, characterData: true }}
    new MutationObserver(look).observe(document.querySelector('[data-big]'), all)
    look()
    window.stood = () => {{
        const now = performance.now()
        const still = Object.entries(since).map(([number, at]) => [number, now - at])
        return Object.assign({{}}, stood, Object.fromEntries(still))
    }}
}}"""
SPEECH = """() => {
    window.spoken = []
    window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text } }
    const voice = { speak: (words) => window.spoken.push(words.text), cancel: () => {} }
    Object.defineProperty(window, 'speechSynthesis', { value: voice })
}"""


# ── Layouts ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_screen_shows_the_panels_of_its_layout_in_their_order(browser: Browser) -> None:
    shown = display(
        "lobby", layout={"id": "own", "name": both("自定"), "panels": ["windows", "calls", "scan"]}
    )
    _, page = await screen(browser, "S-1", shown, board(1))
    assert await panels(page) == ["windows", "calls", "scan"]


async def test_a_screen_nobody_has_written_down_says_so_and_recovers_by_itself(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    stage.answers["GET", f"{DISPLAY}/S-9"] = (404, problem("device_unknown", status=404))
    page = await stage.open("/displays/h1/screens/S-9")
    await expect(page.locator("[data-missing-what]")).to_have_text("大厅设备表里没有“S-9”。")
    await expect(page.locator("[data-missing-what-other]")).to_have_text('The hall has no device "S-9".')
    await expect(page.locator(".missing__whom")).to_contain_text("请告诉大厅管理员")
    await expect(page.locator("[data-missing-code]")).to_have_text("h1 / S-9")
    stage.answers["GET", f"{DISPLAY}/S-9"] = (200, display("far"))
    await page.clock.run_for(MISSING_MS + 1000)
    await expect(page.locator("[data-on=panels]")).to_be_visible()
    assert stage.complaints == []


@pytest.mark.parametrize(
    ("code", "facts", "sentence"),
    [
        ("layout_unknown", {"layout": "fancy"}, "设备“S-9”的布局“fancy”不存在。"),
        ("window_not_chosen", {}, "还没有指定这块屏幕属于哪个窗口。"),
        ("hall_unknown", {}, "系统里没有“h1”这个大厅。"),
    ],
)
async def test_a_screen_that_cannot_be_shown_says_what_is_missing(
    browser: Browser, code: str, facts: dict[str, str], sentence: str
) -> None:
    stage = await Stage.build(browser)
    stage.answers["GET", f"{DISPLAY}/S-9"] = (404, {**problem(code, status=404), **facts})
    page = await stage.open("/displays/h1/screens/S-9")
    await expect(page.locator("[data-missing-what]")).to_have_text(sentence)


async def test_a_layout_of_panels_that_nobody_knows_says_so(browser: Browser) -> None:
    shown = display("lobby", layout={"id": "odd", "name": both("怪"), "panels": ["hologram"]})
    _, page = await screen(browser, "S-1", shown, board(1), wait=False)
    await expect(page.locator("[data-missing-what]")).to_have_text("布局“odd”里没有可以显示的版块。")


async def test_a_new_version_changes_layout_arrows_and_notices_without_a_reload(browser: Browser) -> None:
    stage, page = await screen(browser, "S-1", display("lobby"), board(1))
    await page.evaluate("window.stayed = true")
    await stage.tell(board(2, calls=[call(2, "A007", "09")]))
    await expect(page.locator(".call")).to_have_attribute("data-way", "up")
    changed = display("far", version=2, arrows={"09": "left"}, notices=[notice("今日停电检修")])
    stage.answers["GET", f"{DISPLAY}/S-1"] = (200, changed)
    await stage.tell(board(3, calls=[call(2, "A007", "09")], version=2))
    await expect(page.locator(".call")).to_have_attribute("data-way", "left")
    await expect(page.locator("[data-notice]")).to_have_text("今日停电检修")
    assert await panels(page) == ["calls", "notices"]
    assert await page.evaluate("window.stayed")


# ── Notices ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_notice_begins_and_ends_by_the_clock_without_any_network(browser: Browser) -> None:
    soon = notice("九点三十三分起", from_at="2026-11-23T01:33:00Z", until_at="2026-11-23T01:34:00Z")
    stage, page = await screen(browser, "S-1", display("far", notices=[soon]), board(1))
    stage.sockets_work = False
    stage.answers.clear()
    await expect(page.locator("[data-notice-part]")).to_be_hidden()
    await page.clock.run_for(58_000)
    await expect(page.locator("[data-notice]")).to_have_text("九点三十三分起")
    await page.clock.run_for(60_000)
    await expect(page.locator("[data-notice-part]")).to_be_hidden()


@pytest.mark.parametrize(
    "text", ["<b onclick=alert(1)>停</b>" + "长" * 4000, "A" * 4000, "abc \u202e dcba", "短"], ids=range(4)
)
async def test_whatever_stands_in_a_notice_it_stays_on_its_line_and_off_the_calls(
    browser: Browser, text: str
) -> None:
    stage, page = await screen(browser, "S-1", display("lobby", notices=[notice(text)]), board(1))
    await stage.tell(board(2, calls=[call(2, "A007", "09")]))
    await expect(page.locator(".call")).to_have_count(1)
    foot, row = page.locator(".foot"), page.locator(".call")
    for _ in range(4):
        low, high = await foot.bounding_box(), await row.bounding_box()
        assert low is not None
        assert high is not None
        assert high["y"] + high["height"] < low["y"]
        assert low["height"] < 120
        await page.clock.run_for(9000)
    assert await page.locator(".foot b").count() == 0
    assert stage.complaints == []


# ── Calls ────────────────────────────────────────────────────────────────────────────────────────


async def test_twenty_calls_in_five_seconds_all_stand_large_for_their_dwell(browser: Browser) -> None:
    stage, page = await screen(browser, "S-1", display("lobby"), desks(1, []))
    await page.evaluate(WATCH_ROWS)
    called: list[View] = []
    for number in range(1, 21):
        called.insert(0, call(number + 1, f"A{number:03}", f"{number:02}"))
        await stage.tell(desks(number + 1, called))
        await expect(page.locator(f"[data-calls] :text('A{number:03}')").first).to_be_visible()
        await page.clock.run_for(250)
    await page.clock.run_for(40_000)
    stood = await page.evaluate("window.stood()")
    assert sorted(stood) == [f"A{number:03}" for number in range(1, 21)]
    assert min(stood.values()) > DWELL_MIN_MS - 50, stood


async def test_a_call_that_waits_for_a_row_is_red_in_the_list_at_once(browser: Browser) -> None:
    stage, page = await screen(browser, "S-1", display("lobby"), desks(1, []))
    called = [call(number + 1, f"A{number:03}", f"{number:02}") for number in range(8, 0, -1)]
    await stage.tell(desks(9, called))
    await expect(page.locator(".call[data-lit]")).to_have_count(6)
    await expect(page.locator(".earlier__call[data-lit]")).to_have_count(2)


async def test_a_call_that_is_taken_back_while_it_waits_is_never_shown(browser: Browser) -> None:
    stage, page = await screen(browser, "S-1", display("lobby"), desks(1, []))
    called = [call(number + 1, f"A{number:03}", f"{number:02}") for number in range(7, 0, -1)]
    await stage.tell(desks(8, called))
    await expect(page.locator(".earlier__call[data-lit]")).to_have_text(["A0077号窗口"])
    await stage.tell(desks(9, called[1:]))
    await page.clock.run_for(DWELL_MIN_MS + 1000)
    assert "A007" not in await page.evaluate(BIG_NUMBERS)


async def test_a_window_says_which_way_to_go_and_in_which_zone(browser: Browser) -> None:
    stage, page = await screen(browser, "S-1", display("lobby"), board(1))
    await stage.tell(board(2, calls=[call(2, "A007", "10")]))
    await expect(page.locator(".call")).to_have_attribute("data-way", "up_right")
    zone = page.locator(".call .zone")
    await expect(zone).to_have_text("前台受理区")
    await expect(zone).to_have_attribute("data-zone-color", "indigo")


async def test_a_zone_screen_shows_only_its_zone(browser: Browser) -> None:
    view = board(
        3,
        calls=[{**call(3, "B001", "10"), "zone": "Z4"}, call(2, "A007", "09")],
        missed=["A001", "B009", "L002"],
    )
    view["zones"].append({"id": "Z4", "name": both("企业开办专区"), "color": "plum"})
    view["windows"][2] |= {"zone": "Z4", "groups": ["B"]}
    view["groups"].append(
        {
            **view["groups"][0],
            "id": "B",
            "prefix": "B",
            "green_prefix": None,
            "zone": "Z4",
            "name": both("市场准入"),
        }
    )
    _, page = await screen(browser, "S-1", display("zone", zone="Z1"), view)
    await expect(page.locator("[data-zone-here]")).to_have_text("前台受理区")
    await expect(page.locator(".call")).to_have_count(1)
    await expect(page.locator(".call")).to_contain_text("A007")
    await expect(page.locator(".card")).to_have_count(2)
    await expect(page.locator(".line")).to_have_count(1)
    await expect(page.locator("[data-missed]")).to_have_text("A001L002")


# ── Name plates, plan, pace ──────────────────────────────────────────────────────────────────────


async def test_a_plate_names_the_clerk_the_trainee_and_the_mentor(browser: Browser) -> None:
    view = board(1)
    view["windows"][1]["clerk"] = {"name": "李明", "staff_no": "c12", "trainee": True, "mentor": "王秀英"}
    view["windows"][2] |= {"state": "closed", "clerk": None}
    _, page = await screen(browser, "S-1", display("zone"), view)
    card = page.locator(".card").nth(1)
    for words in ("李明", "工号 c12", "学员 · 带教 王秀英", "综合业务"):
        await expect(card).to_contain_text(words)
    await expect(page.locator(".card")).to_have_count(2)


async def test_the_plan_marks_the_window_that_calls_and_no_other(browser: Browser) -> None:
    view = board(2, calls=[call(2, "A007", "09")])
    view["windows"][1] |= {"state": "calling", "number": "A007"}
    _, page = await screen(browser, "S-1", display("zone"), view)
    await expect(page.locator("[data-plan] [data-window]")).to_have_count(3)
    await expect(page.locator("[data-calling] text")).to_have_text(["9"])
    await expect(page.get_by_role("img", name="9号窗口")).to_be_visible()


async def test_a_long_wait_is_told_with_its_reason_and_a_short_one_is_not(browser: Browser) -> None:
    view = board(1)
    stage, page = await screen(browser, "S-1", display("lobby"), view)
    await expect(page.locator("[data-pace]")).to_have_text("过去 15 分钟叫了 23 位")
    await expect(page.locator("[data-late]")).to_be_hidden()
    view = board(2, waiting=42)
    view["groups"][0]["estimate"] = {"low_minutes": 35, "high_minutes": 60}
    view["windows"][1] |= {"state": "paused", "paused_until": "2026-11-23T02:00:00.000Z"}
    await stage.tell(view)
    await expect(page.locator(".late > span")).to_have_text("综合业务等候较长：9号窗口暂停至 10:00")
    await expect(page.locator(".late > small")).to_contain_text("10:00")
    await expect(page.locator(".late > small")).to_contain_text("Window")


# ── Results ──────────────────────────────────────────────────────────────────────────────────────


async def test_results_stand_masked_with_their_window_and_leave_when_they_are_collected(
    browser: Browser,
) -> None:
    first = {"id": "1", "name": "欧阳**", "code": "JH*********0178", "window": "09", "ready_at": NOW}
    second = {"id": "2", "name": "张*", "code": "JH*********0179", "window": None, "ready_at": NOW}
    stage, page = await screen(browser, "S-1", display("issuance"), board(1), results=[first, second])
    await expect(page.locator(".result")).to_have_text(["欧阳**JH*********01789号窗口", "张*JH*********0179"])
    stage.answers["GET", "/api/v1/halls/h1/results"] = (
        200,
        {"type": "ready", "as_of": NOW, "results": [second]},
    )
    await page.clock.run_for(12_000)
    await expect(page.locator(".result")).to_have_count(1)


async def test_a_long_list_of_results_takes_turns(browser: Browser) -> None:
    many = [
        {"id": str(n), "name": "张*", "code": f"****{n:04}", "window": "09", "ready_at": NOW}
        for n in range(30)
    ]
    _, page = await screen(browser, "S-1", display("issuance"), board(1), results=many)
    shown: set[str] = set()
    for _ in range(4):
        shown |= set(await page.locator(".result [data-code]").all_inner_texts())
        await page.clock.run_for(12_000)
    assert len(shown) == 30


# ── Nights, stillness, age ───────────────────────────────────────────────────────────────────────


async def test_a_closed_hall_shows_a_calm_page_with_the_next_opening(browser: Browser) -> None:
    view = board(1, hall_open=False)
    view["hall"]["next_opens_at"] = "2026-11-24T01:00:00Z"
    stage, page = await screen(
        browser, "S-1", display("lobby", notices=[notice("周三延时服务")]), view, wait=False
    )
    await expect(page.locator(".calm__clock")).to_have_text("09:32")
    await expect(page.locator("[data-calm-word]")).to_have_text("下次开放：11月24日星期二 09:00")
    await expect(page.locator("[data-calm-notice]")).to_have_text("周三延时服务")
    await stage.tell(board(2))
    await expect(page.locator("[data-on=panels]")).to_be_visible()


async def test_the_picture_moves_by_a_few_pixels_so_that_nothing_burns_in(browser: Browser) -> None:
    _, page = await screen(browser, "S-1", display("lobby"), board(1))
    places = set()
    for _ in range(10):
        await page.clock.run_for(180_000)
        places.add(await page.evaluate("document.querySelector('[data-sheet]').style.transform"))
    shifts = [float(number) for place in places for number in re.findall(r"(-?[\d.]+)px", place)]
    assert len(places) > 5
    assert max(map(abs, shifts)) <= 4


async def test_calls_without_end_leave_nothing_behind(browser: Browser) -> None:
    stage, page = await screen(browser, "S-1", display("lobby"), desks(1, []))
    sizes = []
    for minute in range(1, 31):
        called = [
            call(minute * 10 + back, f"A{(minute * 10 + back) % 1000:03}", f"{back + 1:02}")
            for back in range(9, -1, -1)
        ]
        await stage.tell(desks(minute * 10 + 9, called))
        await page.clock.run_for(40_000)
        if minute in (2, 30):
            sizes.append(await page.evaluate("document.querySelectorAll('*').length"))
    assert sizes[0] == sizes[1]


async def test_the_margin_keeps_the_edges_of_an_old_television_free(browser: Browser) -> None:
    stage = await Stage.build(browser)
    stage.last_view = board(1)
    page = await stage.open("/displays/h1/lobby?margin=5")
    await expect(page.locator("[data-on=panels]")).to_be_visible()
    box = await page.locator(".head__clock").bounding_box()
    foot = await page.locator("[data-panel=scan] img").bounding_box()
    assert box is not None
    assert foot is not None
    assert box["x"] + box["width"] <= 1920 * 0.95
    assert box["y"] >= 1080 * 0.05
    assert foot["y"] + foot["height"] <= 1080 * 0.95


# ── The one voice ────────────────────────────────────────────────────────────────────────────────


async def test_an_accessible_window_speaks_the_call_it_is_asked_to_and_once(browser: Browser) -> None:
    stage, page = await window_screen(browser, accessible=True)
    await stage.tell(own_screen(2, prompt=True))
    await until_spoken(page, 1)
    await stage.tell(own_screen(3, prompt=True))
    assert await page.evaluate("window.spoken") == ["请 A 0 0 7 号，到9号窗口。"]
    await stage.tell(own_screen(4, prompt=True, call_seq=4))  # Called again: said again.
    await until_spoken(page, 2)
    assert stage.complaints == []


@pytest.mark.parametrize(("accessible", "prompt"), [(False, True), (True, False), (False, False)])
async def test_nothing_else_ever_speaks_or_even_loads_a_voice(
    browser: Browser, accessible: bool, prompt: bool
) -> None:
    stage, page = await window_screen(browser, accessible=accessible)
    await stage.tell(own_screen(2, prompt=prompt))
    await stage.tell(board(3, calls=[call(2, "A007", "09")]))
    await page.clock.run_for(15_000)
    assert await page.evaluate("window.spoken") == []
    assert await page.locator("script[src*=prompt]").count() == 0


# ── The stage ────────────────────────────────────────────────────────────────────────────────────


async def screen(
    browser: Browser,
    device: str,
    shown: View,
    view: View,
    *,
    wait: bool = True,
    results: list[View] | None = None,
) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    stage.last_view = view
    stage.answers["GET", f"{DISPLAY}/{device}"] = (200, shown)
    stage.answers["GET", "/api/v1/halls/h1/plan"] = (200, PLAN)
    stage.answers["GET", "/api/v1/halls/h1/results"] = (
        200,
        {"type": "ready", "as_of": NOW, "results": results or []},
    )
    page = await stage.open(f"/displays/h1/screens/{device}")
    if wait:
        await expect(page.locator("[data-on=panels]")).to_be_visible()
    return stage, page


async def window_screen(browser: Browser, *, accessible: bool) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    await stage.context.add_init_script(f"({SPEECH})()")
    stage.last_view = board(1)
    stage.answers["GET", f"{DISPLAY}/window"] = (200, display("window", accessible=accessible))
    page = await stage.open("/displays/h1/windows/09")
    await expect(page.locator("[data-state-word]")).to_have_text("请等候叫号")
    if accessible:
        await page.wait_for_timeout(200)
        assert len(stage.sockets) == 2
    return stage, page


def own_screen(seq: int, *, prompt: bool, call_seq: int = 2) -> View:
    base = board(seq)
    return {
        "type": "window",
        "epoch": "e1",
        "seq": seq,
        "as_of": NOW,
        "version": 1,
        "hall": base["hall"],
        "window": {**base["windows"][1], "state": "calling", "number": "A007"},
        "windows": base["windows"],
        "groups": base["groups"],
        "zones": base["zones"],
        "calls": [call(call_seq, "A007", "09")],
        "missed": [],
        "pace": base["pace"],
        "prompt": prompt,
    }


def desks(seq: int, called: list[View]) -> View:
    """A hall of twenty windows, of which each that has called still expects somebody."""
    view = board(seq, calls=called[:12])
    number_at = {each["window"]: each["number"] for each in called}
    template = view["windows"][0]
    view["windows"] = [
        {
            **template,
            "id": f"{place:02}",
            "name": f"{place:02}",
            "label": both(f"{place}号窗口", f"Window {place}"),
            "state": "calling" if f"{place:02}" in number_at else "ready",
            "number": number_at.get(f"{place:02}"),
        }
        for place in range(1, 21)
    ]
    return view


async def until_spoken(page: Page, times: int) -> None:
    for _ in range(100):
        if len(await page.evaluate("window.spoken")) >= times:
            return
        await page.wait_for_timeout(50)
    raise AssertionError("nothing was said")


async def panels(page: Page) -> list[str]:
    """The panels that can be seen, in their order within each column."""
    return await page.evaluate(
        """() => Array.from(document.querySelectorAll('[data-panel]'))
            .filter((node) => !node.hasAttribute('data-off'))
            .sort((one, two) => Number(one.style.order) - Number(two.style.order))
            .map((node) => node.dataset.panel)"""
    )


# ── The code to scan ─────────────────────────────────────────────────────────────────────────────


async def test_the_code_is_renewed_without_a_flicker_and_not_shown_when_it_has_run_out(
    browser: Browser,
) -> None:
    stage, page = await screen(browser, "lobby", display("lobby"), board(1))
    code = page.locator("[data-panel=scan] img")
    await page.clock.run_for(CODE_MS)
    await expect(code).to_have_attribute("src", re.compile("turn=2$"))
    assert await code.evaluate("image => image.complete && image.naturalWidth > 0")
    await stage.context.route("**/qr.svg*", lambda route: route.abort())
    await page.clock.run_for(5 * CODE_MS)
    await expect(page.locator("[data-panel=scan]")).to_contain_text("二维码暂停更新")
    await expect(code).to_be_hidden()
    await stage.context.unroute("**/qr.svg*")
    await page.clock.run_for(2 * CODE_MS)
    await expect(code).to_be_visible()
