// The screen above one window: whose turn it is, who serves, and when nobody does.

import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, sayInPhrases, set } from '/static/js/dom.js'
import { highlighter } from '/static/js/highlight.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { speaker } from '/static/js/texts.js'

const ELSEWHERE_MAX = 5
const CLOCK_MS = 1000

const { hall_id: hallId, window_id: windowId, language, texts } = pageData()
const t = speaker(texts, language)
const other = speaker(texts, t.other())
const clock = hallClock()
const lights = highlighter(clock.now, () => render(board))
const banner = staleBanner(hook(document, 'stale'), t, clock)
let board = null

live({
  url: `/ws/halls/${hallId}/board`,
  fetchUrl: `/api/v1/halls/${hallId}`,
  onTime: clock.tell,
  onState(state, asOf) {
    banner(state, asOf)
    if (state === 'gone') showNothing()
  },
  onView(view) {
    clock.timezone = view.hall.timezone
    board = view
    lights.look(view)
    render(view)
  },
})
setInterval(tick, CLOCK_MS)

function tick() {
  if (board !== null) say(hook(document, 'clock'), clock.time(clock.now(), language))
}

function showNothing() {
  set(document.body, { 'data-state': 'closed' })
  say(hook(document, 'state-word'), t('window.gone'))
  say(hook(document, 'state-other'), other('window.gone'))
}

function render(view) {
  const desk = view.windows.find((one) => one.id === windowId)
  if (desk === undefined) {
    showNothing()
    return
  }
  const call = view.calls.find((one) => one.window === windowId && one.number === desk.number)
  const state = desk.state === 'absent' ? 'paused' : desk.state
  const word = state === 'calling' && call && call.recall > 0 ? 'recalled' : state
  set(document.body, { 'data-state': state, 'data-lit': state === 'calling' && Boolean(call) && lights.isLit(call) })
  sayName(desk)
  say(hook(document, 'label-other'), other.named(desk.label))
  say(hook(document, 'state-word'), t(`window.${word}`))
  say(hook(document, 'state-other'), other(`window.${word}`))
  say(hook(document, 'number'), desk.number || '')
  sayInPhrases(hook(document, 'how'), howOf(view, desk, state))
  renderServices(view, desk)
  renderClerk(desk)
  tick()
}

// The number of the window is in its name, so it is said once, large: "4" and "号窗口".
function sayName(desk) {
  const label = t.named(desk.label)
  const number = desk.name.replace(/^0+(?=\d)/, '')
  const at = label.indexOf(number)
  say(hook(document, 'name'), at < 0 ? desk.name : number)
  say(hook(document, 'before'), at < 0 ? '' : label.slice(0, at).trim())
  say(hook(document, 'after'), at < 0 ? label : label.slice(at + number.length).trim())
}

function howOf(view, desk, state) {
  if (state === 'paused') {
    const back = desk.paused_until
      ? t('window.paused_until', { time: clock.time(desk.paused_until, language) })
      : t('window.paused_how')
    return [back, elsewhere(view, desk)].filter(Boolean).join('　')
  }
  if (state === 'closed') return elsewhere(view, desk) || t('window.closed_how')
  return ''
}

function elsewhere(view, desk) {
  const open = view.windows.filter(
    (one) =>
      one.id !== desk.id &&
      ['ready', 'calling', 'serving'].includes(one.state) &&
      one.groups.some((group) => desk.groups.includes(group)),
  )
  const names = open.slice(0, ELSEWHERE_MAX).map((one) => t.named(one.label))
  return names.length ? t('window.elsewhere', { windows: names.join(language === 'zh' ? '、' : ', ') }) : ''
}

function renderServices(view, desk) {
  const groups = view.groups.filter((group) => desk.groups.includes(group.id))
  keep(hook(document, 'does'), groups, (group) => group.id, () => el('li', {}), (row, group) => {
    say(row, t.named(group.name))
  })
}

function renderClerk(desk) {
  hook(document, 'clerk').hidden = desk.clerk === null
  if (desk.clerk !== null) {
    say(hook(document, 'clerk-name'), desk.clerk.name)
    say(hook(document, 'staff-no'), t('window.staff_no', { number: desk.clerk.staff_no }))
  }
}
