// Which step of the ladder reached whoever was called: one quiet line at the ticket. Messages move by themselves,
// so while somebody is expected it is asked for every few seconds; what cannot be read stays as it was.

import { say } from '/static/js/dom.js'

const AGAIN_MS = 4000
const CALLS = ['call', 'recall']
const WORDS = {
  queued: 'sending', sending: 'sending', retry_wait: 'sending', sent: 'sent', delivered: 'delivered',
  fallback: 'failed', abandoned: 'failed', suppressed: 'not_sent',
}

/**
 * @param {HTMLElement} line
 * @param {string} hallUrl
 */
export function toldLine(line, hallUrl, t) {
  let id = null // Of the ticket on the desk.
  let messages = []
  let expected = false
  let askedMs = -Infinity

  function render() {
    const steps = rungs(messages).map((each) => t('told.step', { channel: t(`told.${each.channel}`), state: t(`told.is_${stateOf(each)}`) }))
    line.hidden = steps.length === 0
    say(line, steps.join(' · '))
  }

  async function look() {
    const asked = id
    askedMs = performance.now()
    const answer = await fetch(`${hallUrl}/tickets/${asked}/messages`, { headers: { Accept: 'application/json' } }).catch(() => null)
    if (asked !== id || answer === null || !answer.ok) return
    messages = (await answer.json()).messages
    render()
  }

  setInterval(() => {
    if (expected && performance.now() - askedMs >= AGAIN_MS) look()
  }, AGAIN_MS / 4)

  return {
    render,

    about(ticket) {
      expected = ticket !== null && ticket.state === 'called'
      const next = ticket === null ? null : ticket.id
      if (next === id) return
      id = next
      messages = []
      render()
      if (id !== null) look()
    },
  }
}

// The newest call, from the first way it went to the last. Its steps share the instant at which it was said.
function rungs(messages) {
  const newest = messages.find((each) => CALLS.includes(each.kind))
  if (newest === undefined) return []
  return messages.filter((each) => each.kind === newest.kind && each.put_at === newest.put_at).reverse()
}

function stateOf(message) {
  if (message.channel === 'guide' && ['sent', 'delivered'].includes(message.state)) return 'asked'
  return WORDS[message.state]
}
