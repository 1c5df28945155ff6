// The way in by one's own phone, as a panel: the code of the moment, or a line that says why there is none.

import { hook, say, set } from '/static/js/dom.js'
import { freshCode } from '/static/js/freshcode.js'

/** Keeps the code fresh while it is shown. */
export function scanCode({ t }, hallId) {
  const part = document.querySelector('[data-panel="scan"]')
  const isTooOld = freshCode(hook(part, 'code'), hallId)

  return () => {
    const isStale = isTooOld()
    set(part, { 'data-stale-code': isStale })
    say(hook(part, 'scan-how'), t(isStale ? 'scan.stale' : 'scan.how'))
  }
}
