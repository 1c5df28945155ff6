// The code to scan, which changes every half minute. The server says which one it is now, so it does not matter
// whether the clock of this screen is right. A new one takes the old one's place when it is drawn: nothing flickers.

const AGAIN_MS = 10000
const STALE_MS = 45000 // Older ones are refused: better none than one that is scanned in vain.

/**
 * Keeps the code fresh as long as it is called, about once a second; it says whether the one that is there is too old.
 * @param {HTMLImageElement} image where it is; another one takes its place each time
 * @param {string} hallId
 */
export function freshCode(image, hallId) {
  let there = image
  let askedMs = -Infinity
  let shownMs = image.hasAttribute('src') ? performance.now() : -Infinity
  let asked = 0

  function ask() {
    askedMs = performance.now()
    asked += 1
    const turn = asked
    const fresh = there.cloneNode()
    fresh.onload = () => {
      if (turn !== asked) return // Too slow: the next one is on its way.
      there.replaceWith(fresh)
      there = fresh
      shownMs = performance.now()
    }
    fresh.src = `/take/${hallId}/qr.svg?turn=${turn}`
  }

  return () => {
    const nowMs = performance.now()
    if (nowMs - askedMs >= AGAIN_MS) ask()
    return nowMs - shownMs >= STALE_MS
  }
}
