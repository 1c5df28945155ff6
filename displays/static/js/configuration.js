// What this screen shows, from the hall on paper. It asks again when the board says that there is a newer
// version, and now and then by itself: between two days a hall on paper changes without any board.

const AGAIN_MS = 60000
const RETRY_MS = 5000 // Nobody answered.
const MISSING_MS = 10000 // Somebody may be writing it down at this moment.
const MISSING = ['hall_unknown', 'device_unknown', 'layout_unknown', 'window_not_chosen', 'window_unknown']

/**
 * @param {string} url
 * @param {(display: object) => void} onDisplay
 * @param {(problem: object) => void} onMissing the hall knows no such screen, or cannot say what it shows
 * @returns {{heard: (version: number) => void}}
 */
export function configuration(url, onDisplay, onMissing) {
  let timer = null
  let asking = false
  let askAgain = false
  let version = null // That of the last board.

  async function ask() {
    if (asking) {
      askAgain = true
      return
    }
    asking = true
    clearTimeout(timer)
    const waitMs = await answer()
    asking = false
    timer = setTimeout(ask, askAgain ? 0 : waitMs)
    askAgain = false
  }

  async function answer() {
    try {
      const said = await fetch(url, { headers: { Accept: 'application/json' } })
      const body = await said.json()
      if (said.ok) {
        onDisplay(body)
        return AGAIN_MS
      }
      if (MISSING.includes(body.code)) {
        onMissing(body)
        return MISSING_MS
      }
    } catch (error) {
      // No network. The screen keeps what it shows, and the stale banner tells people.
    }
    return RETRY_MS
  }

  ask()
  return {
    /** Hears which version the hall runs on. */
    heard(newest) {
      if (version !== null && newest !== version) ask()
      version = newest
    },
  }
}
