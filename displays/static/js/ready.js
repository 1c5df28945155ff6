// Results that can be collected: a family name, the ends of a code, and the window.

import { el, hook, keep, say, set } from '/static/js/dom.js'
import { spokenNumber } from './places.js'
import { turnOf } from './turns.js'

const LINES = 14

export function ready(here) {
  const { t } = here
  const create = () =>
    el('li', { class: 'result' },
      el('strong', { class: 'result__name', 'data-name': true }),
      el('span', { class: 'result__code', 'data-code': true }),
      el('span', { class: 'result__window', 'data-window': true }))
  return (view) => {
    const known = here.results !== null
    const isHere = (result) =>
      result.window === null || here.display.zone === null || view.windows.some((desk) => desk.id === result.window)
    const list = known ? here.results.filter(isHere) : []
    const { items, sign } = turnOf(list, LINES, here.clock.now())
    say(hook(document, 'ready-page'), sign)
    const none = hook(document, 'ready-none')
    none.hidden = items.length > 0
    say(none, t(known ? 'ready.nothing' : 'ready.unknown'))
    set(hook(document, 'ready'), { hidden: items.length === 0 })
    keep(hook(document, 'ready'), items, (result) => result.id, create, (row, result) => {
      say(hook(row, 'name'), result.name)
      say(hook(row, 'code'), result.code)
      say(hook(row, 'window'), result.window === null ? '' : t('calls.short_window', { window: spokenNumber(result.window) }))
    })
  }
}
