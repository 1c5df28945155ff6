// How a page for staff follows one view of its hall: as long as it is signed in, and honest about its age.

import { hook } from '/static/js/dom.js'
import { live } from '/static/js/live.js'
import { staleBanner } from '/static/js/stale.js'

/**
 * @param {string} what the view's name, in its socket's address and in the API's
 * @param {object} options
 * @param {string} options.hallId
 * @param {(key: string, values?: object) => string} options.t
 * @param {object} options.clock the hall's, told the time and the zone of each view
 * @param {() => void} options.onGone there is no such hall
 * @param {() => void} options.onUnwelcome the server no longer knows who is asking
 * @param {(view: object) => void} options.onView
 */
export function follow(what, { hallId, t, clock, onGone, onUnwelcome, onView }) {
  const banner = staleBanner(hook(document, 'stale'), t, clock)
  return live({
    url: `/ws/halls/${hallId}/${what}`,
    fetchUrl: `/api/v1/halls/${hallId}/${what}`,
    onTime: clock.tell,
    onState(state, asOf) {
      banner(state, asOf)
      if (state === 'gone') onGone()
    },
    onUnwelcome,
    onView(view) {
      clock.timezone = view.hall.timezone
      onView(view)
    },
  })
}
