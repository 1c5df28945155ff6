// The line that admits it: "data as of 10:32:05, reconnecting".

import { say } from './dom.js'

/**
 * @param {HTMLElement} banner hidden while the page is live
 * @param {(key: string, values?: object) => string} t
 * @param {{timeWithSeconds: Function}} clock
 */
export function staleBanner(banner, t, clock) {
  return (state, asOf) => {
    document.documentElement.dataset.live = state
    banner.hidden = state !== 'stale'
    if (state === 'stale') {
      const sentence = asOf
        ? t('stale.as_of', { time: clock.timeWithSeconds(asOf, t.language) })
        : t('stale.never')
      say(banner, sentence)
    }
  }
}
