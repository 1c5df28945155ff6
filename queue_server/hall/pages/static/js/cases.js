// What has become of the matters of a ticket: the receipt's number, the promised day, and the way to the case.

import { el, hook, keep, say, set } from '/static/js/dom.js'

const LOOK_MS = 10000 // A case moves on while the ticket stands still at the window.
const WORTH_ASKING = ['serving', 'on_hold', 'completed']

/**
 * @param {HTMLElement} section with the hook `case-list`
 * @param {(key: string, values?: object) => string} t
 * @param {string} url of the ticket
 * @returns {{about: (state: string) => void, relabel: () => void}}
 */
export function ownCases(section, t, url) {
  let state = ''
  let cases = []

  setInterval(() => {
    if (['serving', 'on_hold'].includes(state) && !document.hidden) look()
  }, LOOK_MS)

  async function look() {
    try {
      const answer = await fetch(`${url}/cases`, { headers: { Accept: 'application/json' } })
      if (answer.ok) cases = (await answer.json()).cases
    } catch (error) {
      return // The next look finds them.
    }
    render()
  }

  function render() {
    section.hidden = cases.length === 0
    keep(hook(section, 'case-list'), cases, (one) => one.code, () =>
      el('li', { class: 'own' }, el('p', {}), el('p', { class: 'own__receipt' }), el('p', {}), el('a', { class: 'button' })),
    (row, one) => {
      const [matter, receipt, promise, link] = row.children
      say(matter, `${t.named(one.matter)} · ${t(`phone.case_${one.stage}`)}`)
      say(receipt, t('phone.case_receipt', { receipt: one.receipt }))
      promise.hidden = one.due_on === null || one.immediate
      say(promise, one.due_on === null ? '' : t('phone.case_due', { date: one.due_on }))
      set(link, { href: `/case/${one.code}` })
      say(link, t('phone.case_look'))
    })
  }

  return {
    about(next) {
      const moved = next !== state
      state = next
      if (moved && WORTH_ASKING.includes(state)) look()
    },
    relabel: render,
  }
}
