"""A visit to one page of the living hall, and everything the house asks of a page.

async with visited(browser, hall, page, "zh") as visit:
    assert await visit.faults() == {}
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Response, expect
from playwright.async_api import Page as Tab

from queue_server.kit.web.limits import CONTENT_SECURITY_POLICY
from tests.browser.living import LivingHall
from tests.browser.pages import Kind, Page

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
READY_MS = 10_000
ELDER_PX = 18
STILL_PX = 12  # By so much a display moves its sheet against burning in.
TABS_MAX = 400
HARMLESS = ("Cross-Origin-Opener-Policy",)  # Our origin, like a hall's intranet, has no https.

# Runs before anything of the page does. Whatever would make a sound, or breaks the policy, leaves a note.
WITNESS = """
window.witnessed = { sounds: [], violations: [] }
for (const name of ['AudioContext', 'webkitAudioContext', 'OfflineAudioContext', 'Audio']) {
  if (!window[name]) continue
  window[name] = new Proxy(window[name], { construct() { witnessed.sounds.push(name); return {} } })
}
HTMLMediaElement.prototype.play = () => { witnessed.sounds.push('play'); return Promise.resolve() }
if (window.speechSynthesis) speechSynthesis.speak = () => witnessed.sounds.push('speak')
addEventListener('securitypolicyviolation', (event) =>
  witnessed.violations.push(`${event.violatedDirective} ${event.blockedURI}`))
"""

# What one can press, fill or follow, as far as it can be seen; a radio or a check box with its label is one thing.
TARGETS = """(() => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [tabindex]'
  const visible = (node) => {
    const box = node.getBoundingClientRect()
    return box.width > 0 && box.height > 0 && node.checkVisibility({ visibilityProperty: true })
  }
  return Array.from(document.querySelectorAll(wanted)).filter((node) =>
    node.tabIndex >= 0 && !node.disabled && visible(node) && !node.closest('[inert]'))
})()"""

SMALL_TARGETS = f"""(least) => {TARGETS}.map((node) => {{
  const whole = (node.labels && node.labels[0]) || node
  const box = whole.getBoundingClientRect()
  const name = node.textContent.trim().slice(0, 30) || node.getAttribute('aria-label') || node.outerHTML.slice(0, 60)
  const inSentence = node.matches('a') && getComputedStyle(node).display === 'inline'
  const onMap = node.closest('svg') !== null // As large as the map says.
  return inSentence || onMap || (box.width > least - 0.5 && box.height > least - 0.5) ? null
    : `${{name}}: ${{Math.round(box.width)}} × ${{Math.round(box.height)}}`
}}).filter(Boolean)"""

# Marks every target; `REACHED` then says which one has the focus and whether one can see that it has.
MARK_TARGETS = f"""() => {{
  {TARGETS}.forEach((node, place) => {{
    node.dataset.visited = node.type === 'radio' ? `radio ${{node.name}}` : String(place)
  }})
  const names = {{}}
  for (const node of document.querySelectorAll('[data-visited]')) {{
    names[node.dataset.visited] = node.outerHTML.replace(/\\s+/g, ' ').slice(0, 90)
  }}
  if (document.activeElement) document.activeElement.blur()
  return names
}}"""
REACHED = """() => {
  const node = document.activeElement
  if (!node || !node.dataset || node.dataset.visited === undefined) return null
  const shown = [node, node.closest('label'), node.nextElementSibling].filter(Boolean).some((each) => {
    const style = getComputedStyle(each)
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== 'none'
  })
  return [node.dataset.visited, shown]
}"""

TEXTS = """() => {
  const found = []
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim()
    const parent = texts.currentNode.parentElement
    const box = parent.getBoundingClientRect()
    const seen = box.width > 1 && box.height > 1 && getComputedStyle(parent).visibility === 'visible'
    if (text && seen && !parent.closest('script, template, svg')) {
      found.push([text, parseFloat(getComputedStyle(parent).fontSize)])
    }
  }
  return found
}"""
UNTOLD = re.compile(r"^[a-z_]+(\.[a-z_]+)+$|\{[a-z_]+\}|\bundefined\b|\bNaN\b|\[object ")


@dataclass
class Visit:
    """One reader in front of one page."""

    tab: Tab
    page: Page
    language: str
    elder: bool
    document: Response
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    async def faults(self, *, keyboard: bool) -> dict[str, object]:
        """Whatever the page does that no page may, by the rule it breaks."""
        witnessed = await self.tab.evaluate("window.witnessed")
        texts = await self.tab.evaluate(TEXTS)
        found = {
            "makes a sound": witnessed["sounds"],
            "has another policy": self._policy(),
            "breaks the policy": witnessed["violations"],
            "asks a stranger": self.strangers,
            "complains": self.complaints,
            "axe finds": await violations(self.tab),
            "is too small to hit": await self.tab.evaluate(SMALL_TARGETS, self.page.kind.target_px),
            "does not fit": await self._overflow(),
            "says what is no word": [text for text, _ in texts if UNTOLD.search(text)],
            "speaks another language": await self._language(),
            "is too small to read": [
                f"{text[:30]}: {px:g} px" for text, px in texts if self.elder and px < ELDER_PX
            ],
        }
        if keyboard:
            found["cannot be reached by keyboard"] = await self._unreachable()
        return {rule: faults for rule, faults in found.items() if faults}

    def _policy(self) -> list[str]:
        policy = self.document.headers.get("content-security-policy", "")
        return [] if policy == CONTENT_SECURITY_POLICY else [policy or "none at all"]

    async def _overflow(self) -> list[str]:
        """Nobody scrolls sideways, and on a wall nobody scrolls at all: what hangs over is what it moves by."""
        width, height = await self.tab.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        on_a_wall = self.page.kind in (Kind.WALL, Kind.PILLAR)
        wide = width > self.page.kind.size[0] + on_a_wall * STILL_PX
        high = on_a_wall and height > self.page.kind.size[1] + STILL_PX
        return [f"{width} × {height}"] if wide or high else []

    async def _language(self) -> list[str]:
        told = await self.tab.locator("html").get_attribute("lang") or ""
        return [] if told.startswith(self.language) else [told]

    async def _unreachable(self) -> list[str]:
        """What Tab does not come to, or where one cannot see that it has."""
        missing: dict[str, str] = await self.tab.evaluate(MARK_TARGETS)
        unseen = []
        for _ in range(TABS_MAX):
            if not missing:
                break
            await self.tab.keyboard.press("Tab")
            reached = await self.tab.evaluate(REACHED)
            if reached is not None and (name := missing.pop(reached[0], None)) is not None and not reached[1]:
                unseen.append(f"{name}: one cannot see that it has the focus")
        return list(missing.values()) + unseen


async def violations(tab: Tab) -> list[str]:
    """What axe has against the page as it stands."""
    if not AXE.exists():
        return ["axe-core is not installed: accessibility was NOT tested."]
    await tab.evaluate(AXE.read_text(encoding="utf-8"))  # No script tag: the page's own policy forbids that.
    report: dict[str, Any] = await tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]


@asynccontextmanager
async def visited(
    browser: Browser, hall: LivingHall, page: Page, language: str, *, elder: bool = False, scale: float = 1
) -> AsyncIterator[Visit]:
    """The page, open and complete, at its real size."""
    width, height = page.kind.size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        locale="zh-CN",
        reduced_motion="reduce",
        has_touch=page.kind.target_px >= 44,
    )
    try:
        yield await _visit(context, hall, page, language, elder=elder)
    finally:
        await context.close()


async def _visit(
    context: BrowserContext, hall: LivingHall, page: Page, language: str, *, elder: bool
) -> Visit:
    complaints: list[str] = []
    strangers: list[str] = []
    if page.who is not None:
        cookie = {"name": "session", "value": hall.token(page.who), "url": hall.base}
        await context.add_cookies([cookie])  # type: ignore[list-item]
    await context.add_init_script(WITNESS)
    tab = await context.new_page()
    tab.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("request", lambda asked: _note_stranger(strangers, hall.base, asked.url))
    document = await tab.goto(f"{hall.base}{hall.address(page.path)}?lang={language}")
    assert document is not None
    assert document.status == 200, f"{page.name}: {document.status}"
    await expect(tab.locator(page.ready).first).to_be_visible(timeout=READY_MS)
    if elder:
        await tab.locator("[data-larger]:visible, [data-enlarge]:visible").first.click()
    complaints[:] = [words for words in complaints if not any(each in words for each in HARMLESS)]
    return Visit(tab, page, language, elder, document, complaints, strangers)


def _note_stranger(strangers: list[str], base: str, url: str) -> None:
    asked = urlsplit(url)
    if asked.scheme not in ("data", "blob") and f"{asked.scheme}://{asked.netloc}" != base:
        strangers.append(url)
