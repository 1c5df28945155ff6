// An accessible window may be asked by its hall to speak one call. This listens for the wish, on the socket of
// the window itself; what makes the sound is loaded with the first wish and not before.

import { live } from '/static/js/live.js'
import { spokenNumber } from './places.js'

const MODULE = '/static/displays/js/prompt.js'
const CALL = 'jinghao-prompt'

/**
 * @param {string} hallId
 * @param {string} windowId
 * @param {(key: string, values?: object) => string} t
 * @returns {{close: () => void}}
 */
export function listenForPrompts(hallId, windowId, t) {
  let lastSeq = null

  return live({
    url: `/ws/halls/${hallId}/windows/${windowId}?screen`,
    onView(view) {
      const call = view.calls[0]
      const seq = call === undefined ? 0 : call.seq
      const isNew = lastSeq === null || seq > lastSeq || view.seq < lastSeq
      lastSeq = seq
      if (!view.prompt || !isNew) return
      const window = t.named(view.window.label) || spokenNumber(view.window.name)
      speak(t('prompt.call', { number: Array.from(call.number).join(' '), window }), t.language)
    },
  })
}

function speak(sentence, language) {
  const wish = () => document.dispatchEvent(new CustomEvent(CALL, { detail: { sentence, language } }))
  if (document.querySelector(`script[src="${MODULE}"]`) !== null) {
    wish()
    return
  }
  const script = document.createElement('script')
  script.type = 'module'
  script.src = MODULE
  script.onload = wish
  script.onerror = () => script.remove() // The next wish tries again.
  document.head.append(script)
}
