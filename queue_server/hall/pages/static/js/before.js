// "Why was somebody called before me?": one taps or types a number and reads the rule by which it was.

import { got } from '/static/js/api.js'
import { el, hook, keep, say } from '/static/js/dom.js'

const CALLS_SHOWN = 8
const NUMBER = /^[A-Z]{1,3}[0-9]{1,6}$/

/**
 * @param {HTMLElement} fold the hooks `called`, `ask-why`, `other` and `answer`
 * @param {object} parts
 * @param {Function} parts.t
 * @param {object} parts.clock
 * @param {string} parts.url of the ticket
 * @param {() => object} parts.ticket as it was shown last
 */
export function before(fold, { t, clock, url, ticket }) {
  let answer = null // What was asked last: {number, reason} or {number, problem}.

  fold.addEventListener('toggle', () => {
    if (fold.open) offerCalls()
  })
  hook(fold, 'ask-why').addEventListener('submit', (event) => {
    event.preventDefault()
    const typed = fullNumber(hook(fold, 'other').value, ticket().number)
    if (NUMBER.test(typed)) ask(typed)
    else tell({ number: typed, sentence: 'phone.why_typed' })
  })

  async function offerCalls() {
    const board = await got(`/api/v1/halls/${ticket().hall.id}`)
    if (!board.ok) return
    const calls = board.body.calls.filter((call) => call.number !== ticket().number).slice(0, CALLS_SHOWN)
    keep(hook(fold, 'called'), calls, (call) => call.number, (call) => {
      const button = el('button', { class: 'button called__number', type: 'button' }, call.number)
      button.addEventListener('click', () => ask(call.number))
      return button
    }, () => {})
  }

  async function ask(number) {
    const found = await got(`${url}/reasons/${number}`)
    tell(found.ok ? { number, reason: found.body } : { number, problem: found })
  }

  function tell(next) {
    answer = next
    render()
  }

  function render() {
    const line = hook(fold, 'answer')
    line.hidden = answer === null
    if (answer !== null) say(line, sentence())
  }

  function sentence() {
    if (answer.sentence) return t(answer.sentence)
    if (answer.problem) return answer.problem.status === 0 ? t('problem.offline_look') : t.problem(answer.problem.body)
    const reason = answer.reason
    const time = (at) => (at ? clock.time(at, t.language) : '')
    return t(`before.${reason.why}`, {
      number: reason.number,
      window: reason.window ? t.named(reason.window.label) : '',
      group: reason.group ? t.named(reason.group.name) : '',
      windows: reason.windows,
      your_windows: reason.your_windows,
      issued: time(reason.issued_at),
      called: time(reason.called_at),
      yours: time(reason.your_issued_at),
      places: ticket().rules.return_places,
    })
  }

  return { relabel: render }
}

/** "18" and "a18" as the number they mean beside one's own: letters in front, as many digits. */
export function fullNumber(typed, own) {
  const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, '')
  const parts = /^([A-Z]*)([0-9]+)$/.exec(plain)
  if (parts === null) return plain
  const [, letters, digits] = parts
  const [, ownLetters, ownDigits] = /^([A-Z]*)([0-9]+)$/.exec(own)
  return (letters || ownLetters) + digits.replace(/^0+(?=\d)/, '').padStart(ownDigits.length, '0')
}
