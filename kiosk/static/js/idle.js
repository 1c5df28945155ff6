// Whoever walks away leaves nothing behind.

const TICK_MS = 1000

/**
 * @param {object} options
 * @param {() => number} options.seconds without a touch until `onIdle`, as things stand; Infinity for never
 * @param {() => boolean} options.isNeeded whether there is anything to wipe
 * @param {(left: number) => void} options.onTick every second, with the seconds left
 * @param {() => void} options.onIdle
 */
export function idle({ seconds, isNeeded, onTick, onIdle }) {
  let touchedMs = performance.now()
  let held = false

  function touch() {
    touchedMs = performance.now()
  }

  function tick() {
    if (held || !isNeeded()) touch()
    const left = Math.ceil(seconds() - (performance.now() - touchedMs) / 1000)
    if (left <= 0) {
      touch()
      onIdle()
    }
    onTick(left > 0 ? left : Infinity)
  }

  const touches = ['pointerdown', 'keydown', 'wheel', 'touchmove']
  touches.forEach((name) => addEventListener(name, touch, { passive: true }))
  if (seconds() < Infinity) setInterval(tick, TICK_MS)

  return {
    /** While an answer is on its way, nobody has walked away. */
    hold(on) {
      held = on
      touch()
    },
  }
}
