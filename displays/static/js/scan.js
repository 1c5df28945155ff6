// The code to scan, which changes every half minute. The server says which one it is now, so it does not matter
// whether the clock of this screen is right. A new one takes the old one's place when it is drawn: nothing flickers.

import { hook, say, set } from '/static/js/dom.js'

const AGAIN_MS = 10000
const STALE_MS = 45000 // Older ones are refused: better none than one that is scanned in vain.

/** Keeps the code fresh while it is shown. */
export function scanCode({ t }, hallId) {
  const part = document.querySelector('[data-panel="scan"]')
  let askedMs = -Infinity
  let shownMs = performance.now() // The page came with one.
  let asked = 0

  function ask() {
    askedMs = performance.now()
    asked += 1
    const turn = asked
    const fresh = hook(part, 'code').cloneNode()
    fresh.onload = () => {
      if (turn !== asked) return // Too slow: the next one is on its way.
      hook(part, 'code').replaceWith(fresh)
      shownMs = performance.now()
    }
    fresh.src = `/take/${hallId}/qr.svg?turn=${turn}`
  }

  return () => {
    const nowMs = performance.now()
    if (nowMs - askedMs >= AGAIN_MS) ask()
    const isStale = nowMs - shownMs >= STALE_MS
    set(part, { 'data-stale-code': isStale })
    say(hook(part, 'scan-how'), t(isStale ? 'scan.stale' : 'scan.how'))
  }
}
