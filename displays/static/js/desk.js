// The screen above one window: whose turn it is, who serves, and when nobody does.

import { el, hook, keep, say, sayInPhrases, set } from '/static/js/dom.js'
import { sayZone, spokenNumber } from './places.js'
import { traineeOf } from './windows.js'

const ELSEWHERE_MAX = 5

export function desk(here) {
  const { t, other, rows } = here
  const root = document.querySelector('[data-on=window]')
  return (view) => {
    const mine = view.windows.find((one) => one.id === here.display.window)
    if (mine === undefined) return // Written down, but not yet in the hall of today.
    const call = view.calls.find((one) => one.window === mine.id && one.number === mine.number)
    const state = mine.state === 'absent' ? 'paused' : mine.state
    const word = state === 'calling' && call && call.recall > 0 ? 'recalled' : state
    set(document.body, { 'data-state': state, 'data-lit': state === 'calling' && Boolean(call) && rows.isLit(call) })
    sayName(root, mine, t)
    say(hook(root, 'label-other'), other.named(mine.label))
    sayZone(hook(root, 'desk-zone'), view.zones.find((zone) => zone.id === mine.zone) || null, t)
    say(hook(root, 'state-word'), t(`window.${word}`))
    say(hook(root, 'state-other'), other(`window.${word}`))
    say(hook(root, 'number'), mine.number || '')
    sayInPhrases(hook(root, 'how'), howOf(here, view, mine, state))
    const does = view.groups.filter((group) => mine.groups.includes(group.id))
    keep(hook(root, 'does'), does, (group) => group.id, () => el('li', {}), (row, group) => say(row, t.named(group.name)))
    sayClerk(root, mine.clerk, t)
    document.title = t('window.title', { window: spokenNumber(mine.name) })
  }
}

// The number of the window is in its name, so it is said once, large: "4" and "号窗口".
function sayName(root, mine, t) {
  const label = t.named(mine.label)
  const number = spokenNumber(mine.name)
  const at = label.indexOf(number)
  say(hook(root, 'name'), at < 0 ? mine.name : number)
  say(hook(root, 'before'), at < 0 ? '' : label.slice(0, at).trim())
  say(hook(root, 'after'), at < 0 ? label : label.slice(at + number.length).trim())
}

function howOf(here, view, mine, state) {
  const { t, clock } = here
  if (state === 'paused') {
    const back = mine.paused_until
      ? t('window.paused_until', { time: clock.time(mine.paused_until, t.language) })
      : t('window.paused_how')
    return [back, elsewhere(here, view, mine)].filter(Boolean).join('　')
  }
  if (state === 'closed') return elsewhere(here, view, mine) || t('window.closed_how')
  return ''
}

function elsewhere({ t }, view, mine) {
  const open = view.windows.filter(
    (one) =>
      one.id !== mine.id &&
      ['ready', 'calling', 'serving'].includes(one.state) &&
      one.groups.some((group) => mine.groups.includes(group)),
  )
  const names = open.slice(0, ELSEWHERE_MAX).map((one) => t.named(one.label))
  return names.length ? t('window.elsewhere', { windows: names.join(t.language === 'zh' ? '、' : ', ') }) : ''
}

function sayClerk(root, clerk, t) {
  hook(root, 'clerk-part').hidden = clerk === null
  say(hook(root, 'clerk-name'), clerk === null ? '' : clerk.name)
  say(hook(root, 'staff-no'), clerk === null ? '' : t('window.staff_no', { number: clerk.staff_no }))
  say(hook(root, 'trainee'), traineeOf(clerk, t))
}
