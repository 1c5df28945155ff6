"""A lobby display that nobody restarts: a week of calls, played fast, and a server that comes back."""

import json
from typing import Any

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from tests.browser.stage import Stage, board

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DAYS = 7
CALLS_PER_DAY = 600
OPEN_MS = 3600 * 1000  # A day's calls in one hour: what could pile up comes with calls, not with time.
WARM = 4  # Days after which the engine has compiled and cached what it will.
GROWTH_BYTES_MAX = 40 * (DAYS - WARM) * CALLS_PER_DAY  # Whoever kept a call would need more.
GROWTH_NODES_MAX = 40  # One more row here or there: it is not the same moment of the day.
SETTLE_MS = 60_000

# A server in the page itself: with the page's clock, so that a day takes seconds. For each call a
# view when it is made, a view when it has ended, and a beat.
HALL = """
(() => {
  const base = BASE
  const everyMs = OPEN_MS / CALLS_PER_DAY / 3
  const hall = (window.theHall = { epoch: 'e1', seq: 10, made: 0, sockets: 0, open: [], calls: [], number: '' })
  const number = (place) => `A${String(1 + (place % CALLS_PER_DAY)).padStart(3, '0')}`
  const stamp = () => ({ epoch: hall.epoch, seq: hall.seq, as_of: new Date().toISOString() })

  function view() {
    const waiting = 5 + (hall.made % 40)
    const called = hall.calls[0]
    return Object.assign({}, base, stamp(), {
      calls: hall.calls,
      missed: hall.calls.filter((call) => call.state === 'missed').map((call) => call.number),
      groups: base.groups.map((group) => Object.assign({}, group, {
        waiting,
        estimate: { low_minutes: waiting, high_minutes: 2 * waiting },
        next: [1, 2, 3].map((ahead) => number(hall.made + ahead)),
      })),
      windows: base.windows.map((desk) => Object.assign({}, desk, called && called.window === desk.id
        ? { state: called.state === 'called' ? 'calling' : 'serving', number: called.number } : {})),
    })
  }

  function next(step) {
    hall.seq += 1
    if (step === 0) {
      const desk = base.windows[hall.made % base.windows.length]
      hall.number = number(hall.made)
      hall.made += 1
      hall.calls = [{ seq: hall.seq, number: hall.number, window: desk.id, zone: desk.zone,
        at: new Date().toISOString(), recall: 0, state: 'called' }].concat(hall.calls).slice(0, 12)
    } else {
      const ends = ['serving', 'completed', 'missed', 'completed']
      hall.calls = hall.calls.map((call, place) =>
        (place === 0 ? Object.assign({}, call, { state: ends[hall.made % 4] }) : call))
    }
    return view()
  }

  let step = 0
  setInterval(() => {
    const message = step < 2 ? next(step) : Object.assign({ type: 'beat' }, stamp())
    step = (step + 1) % 3
    hall.open.forEach((socket) => socket.hears(message))
  }, everyMs)

  window.WebSocket = class {
    constructor() {
      hall.sockets += 1
      this.readyState = 0
      setTimeout(() => {
        if (!hall.up) { this.close(1006); return }
        this.readyState = 1
        hall.open.push(this)
        if (this.onopen) this.onopen({})
        this.hears(view())
      }, 20)
    }
    hears(message) { if (this.onmessage) this.onmessage({ data: JSON.stringify(message) }) }
    send() {}
    addEventListener(kind, handler) { this[`on${kind}`] = handler }
    close(code) {
      hall.open = hall.open.filter((socket) => socket !== this)
      this.readyState = 3
      if (this.onclose) this.onclose({ code: code || 1000 })
    }
  }
  Object.assign(window.WebSocket, { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 })
  hall.up = true
})()
"""


async def test_a_display_is_no_heavier_at_the_end_of_a_week_than_in_its_midst_and_outlives_its_server(
    browser: Browser,
) -> None:
    stage, page = await lobby(browser)
    sizes = []
    for day in range(DAYS):
        await page.clock.run_for(OPEN_MS)
        await shows_the_newest_call(page)
        if day in (WARM - 1, DAYS - 1):
            await page.clock.run_for(SETTLE_MS)
            sizes.append(await size_of(page))
    (heap, nodes, listeners), (heap_then, nodes_then, listeners_then) = sizes
    assert await page.evaluate("theHall.made") >= DAYS * CALLS_PER_DAY
    assert nodes_then <= nodes + GROWTH_NODES_MAX
    assert listeners_then <= listeners
    assert heap_then - heap < GROWTH_BYTES_MAX

    await page.evaluate("window.sameDocument = true")
    await page.evaluate("theHall.up = false; theHall.open.slice().forEach((socket) => socket.close(1012))")
    await page.clock.run_for(20_000)
    await expect(page.locator("html")).to_have_attribute("data-live", "stale")
    await page.evaluate("theHall.up = true; theHall.epoch = 'e2'; theHall.seq = 3; theHall.calls = []")
    await page.clock.run_for(60_000)
    await expect(page.locator("html")).to_have_attribute("data-live", "live")
    await shows_the_newest_call(page)
    assert await page.evaluate("[theHall.open.length, window.sameDocument]") == [1, True]
    assert (await size_of(page))[1] <= nodes + GROWTH_NODES_MAX
    assert stage.complaints == []


async def lobby(browser: Browser) -> tuple[Stage, Page]:
    stage = await Stage.build(browser)
    stage.answers["GET", "/api/v1/halls/h1"] = (502, {})
    script = HALL.replace("BASE", json.dumps(board(1)))
    script = script.replace("OPEN_MS", str(OPEN_MS)).replace("CALLS_PER_DAY", str(CALLS_PER_DAY))
    page = await stage.open("/displays/h1/lobby", before=script)
    await page.emulate_media(reduced_motion="reduce")
    await page.clock.run_for(1000)
    await expect(page.locator("html")).to_have_attribute("data-live", "live")
    return stage, page


async def shows_the_newest_call(page: Page) -> None:
    number = await page.evaluate("theHall.number")
    await expect(page.locator("main")).to_contain_text(number)


async def size_of(page: Page) -> tuple[float, float, float]:
    """What is left after the garbage has been taken out: bytes of the heap, nodes, listeners."""
    session: CDPSession = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    for _ in range(3):
        await session.send("HeapProfiler.collectGarbage")
    metrics: dict[str, Any] = {
        each["name"]: each["value"] for each in (await session.send("Performance.getMetrics"))["metrics"]
    }
    await session.detach()
    return metrics["JSHeapUsedSize"], metrics["Nodes"], metrics["JSEventListeners"]
