// A phone that hears of the ticket: its number, a code that is sent to it, and the code read back.

import { deeds, isUnknown } from '/static/js/api.js'
import { hook, say } from '/static/js/dom.js'

const TICK_MS = 1000
export const HEARS = ['waiting', 'missed', 'on_hold'] // Who is at a window, or on the way, needs no message.

/**
 * @param {HTMLDetailsElement} fold
 * @param {{t: object, url: string, bound: (view: object) => void}} page `bound` is given the ticket after it
 */
export function phoneBinding(fold, { t, url, bound }) {
  const number = hook(fold, 'bind-number')
  const code = hook(fold, 'bind-code')
  const relative = hook(fold, 'bind-relative')
  const sending = deeds()
  const binding = deeds()
  let view = null
  let sent = false
  let resendMs = 0
  let busy = false

  async function send(event) {
    event.preventDefault()
    const answer = await during(() => sending.send('POST', `${url}/phone-codes`, { phone: number.value.trim(), language: t.language }))
    if (!answer.ok) {
      if (answer.body.retry_after_seconds) wait(answer.body.retry_after_seconds)
      refuse(answer)
      return
    }
    sent = true
    wait(answer.body.resend_seconds)
    render()
    code.focus()
  }

  async function bind(event) {
    event.preventDefault()
    const body = { code: code.value.trim(), relative: relative.checked, language: t.language }
    const answer = await during(() => binding.send('POST', `${url}/phone`, body))
    if (!answer.ok) {
      refuse(answer)
      return
    }
    sent = false
    code.value = ''
    number.value = ''
    fold.open = false
    bound(answer.body)
  }

  async function during(deed) {
    busy = true
    refuse(null)
    render()
    const answer = await deed()
    busy = false
    render()
    return answer
  }

  function wait(seconds) {
    resendMs = performance.now() + seconds * TICK_MS
  }

  function refuse(answer) {
    const line = hook(fold, 'bind-refusal')
    const sentence = answer === null ? '' : isUnknown(answer) ? t('problem.offline') : answer.status === 422 ? t('phone.bind_wrong') : t.problem(answer.body)
    line.hidden = sentence === ''
    say(line, sentence)
  }

  function render() {
    if (view === null) return
    fold.hidden = !HEARS.includes(view.state)
    const left = Math.max(0, Math.ceil((resendMs - performance.now()) / TICK_MS))
    const button = hook(fold, 'bind-send')
    button.disabled = busy || left > 0
    say(button, left > 0 ? t('phone.bind_again_in', { seconds: left }) : t(sent ? 'phone.bind_again' : 'phone.bind_send'))
    hook(fold, 'bind-back').hidden = !sent
    hook(fold, 'bind-do').disabled = busy
    say(hook(fold, 'bind-state'), t(`phone.reach_${view.reach}`))
  }

  hook(fold, 'bind-ask').addEventListener('submit', send)
  hook(fold, 'bind-back').addEventListener('submit', bind)
  setInterval(render, TICK_MS)

  return (next) => {
    view = next
    render()
  }
}
