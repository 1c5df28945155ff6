// The printer of this kiosk: how it is, and the slip of a ticket. Whatever is wrong with it, the ticket stands.

import { deeds, isUnknown } from '/static/js/api.js'

const LOOK_MS = 15000

/**
 * @param {string} url of the kiosk, or '' for a page without one
 * @param {(state: string) => void} onState `none` without a printer, '' while nobody knows
 */
export function slipPrinter(url, onState) {
  const mine = deeds()
  let state = url ? '' : 'none'

  function learn(next) {
    if (next === state) return
    state = next
    onState(state)
  }

  async function look() {
    try {
      const answer = await fetch(`${url}/printer`, { headers: { Accept: 'application/json' } })
      if (answer.ok) learn((await answer.json()).state)
      else if (answer.status === 404) learn('none')
    } catch (error) {
      learn('')
    }
  }

  if (url) {
    look()
    setInterval(look, LOOK_MS)
  }

  return {
    state: () => state,

    /** Whether one knows already that no slip would come out. */
    isUnwell: () => !['', 'none', 'ready', 'paper_low'].includes(state),

    /**
     * Asks for a slip.
     *
     * @returns {Promise<{came: 'printed'|'not'|'unsure'|'refused', problem: object|null}>}
     */
    async print(linkToken, isCopy) {
      if (state === 'none') return { came: 'not', problem: null }
      const answer = await mine.send('POST', `${url}/slips`, { link_token: linkToken, copy: isCopy })
      if (isUnknown(answer)) return { came: 'unsure', problem: null }
      if (!answer.ok) return { came: 'refused', problem: answer.body }
      learn(answer.body.printer.state)
      if (answer.body.printed === null) return { came: 'unsure', problem: null }
      return { came: answer.body.printed ? 'printed' : 'not', problem: null }
    },

    forget: mine.forget,
  }
}
