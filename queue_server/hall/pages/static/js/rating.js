// After a service: the way to its rating, once.

import { set } from '/static/js/dom.js'

/**
 * @param {HTMLAnchorElement} link
 * @param {string} url of the ticket
 * @returns {{about: (state: string) => void}}
 */
export function rating(link, url) {
  let state = ''

  async function look() {
    try {
      const answer = await fetch(`${url}/rating`, { headers: { Accept: 'application/json' } })
      if (answer.ok) offer(await answer.json())
    } catch (error) {
      state = '' // The next view asks again.
    }
  }

  function offer({ token, rated }) {
    link.hidden = token === null || rated
    if (token !== null) set(link, { href: `/rate/${token}` })
  }

  return {
    about(next) {
      const moved = next !== state
      state = next
      if (moved && state === 'completed') look()
    },
  }
}
