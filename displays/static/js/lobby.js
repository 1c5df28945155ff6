// The lobby board: who goes where, who is next, how long it takes. It lights up; it never sounds.

import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { highlighter } from '/static/js/highlight.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { speaker } from '/static/js/texts.js'

const BIG_CALLS_MIN = 2 // Rows: fewer people are expected, larger letters.
const BIG_CALLS = 4
const BIG_CALLS_MAX = 6 // When more than four are new at once, the rows move together.
const EARLIER_CALLS = 8
// How wide the name of a window may be on so many rows, in widths of a Latin letter; a Chinese character
// has two. Wider is set smaller, and half as wide again on two lines.
const WIDE_LABEL = { 2: 9, 3: 12, 4: 15, 5: 19, 6: 22 }
const SHORT_LABEL = 10
const WIDE_GROUP = 22 // Wider names of groups are set smaller, on two lines if need be.
const MISSED_MAX = 14
const NEXT_MAX = 3
const CLOCK_MS = 1000

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const other = speaker(texts, t.other())
const clock = hallClock()
const lights = highlighter(clock.now, () => render(board))
let board = null

live({
  url: `/ws/halls/${hallId}/board`,
  fetchUrl: `/api/v1/halls/${hallId}`,
  onTime: clock.tell,
  onState: onState(staleBanner(hook(document, 'stale'), t, clock)),
  onView(view) {
    clock.timezone = view.hall.timezone
    board = view
    lights.look(view)
    render(view)
  },
})
setInterval(tick, CLOCK_MS)

function onState(banner) {
  return (state, asOf) => {
    banner(state, asOf)
    if (state === 'gone') say(hook(document, 'calls-none'), t('hall.gone'))
  }
}

function tick() {
  if (board === null) return
  say(hook(document, 'clock'), clock.time(clock.now(), language))
  say(hook(document, 'date'), clock.date(clock.now(), language))
}

function render(view) {
  say(hook(document, 'hall'), t.named(view.hall.name))
  say(hook(document, 'hall-other'), other.named(view.hall.name))
  document.title = `${t.named(view.hall.name)} · ${t('lobby.title')}`
  set(document.body, { 'data-open': view.hall.open ? 'yes' : 'no' })
  renderCalls(view)
  renderWindows(view)
  renderGroups(view)
  renderMissed(view)
  tick()
}

// Large: where somebody is expected, then where somebody is being served. A number that was missed no
// longer has anywhere to go, so it never stands there.
function renderCalls(view) {
  const fresh = view.calls.filter(lights.isNew).length
  const count = Math.max(BIG_CALLS, Math.min(BIG_CALLS_MAX, fresh))
  const big = view.calls
    .filter((call) => call.state === 'called')
    .concat(view.calls.filter((call) => call.state === 'serving'))
    .slice(0, count)
  const places = placesOf(view)
  const none = hook(document, 'calls-none')
  none.hidden = big.length > 0
  say(none, t(view.hall.open ? 'lobby.calls_empty' : 'lobby.calls_closed'))
  const rows = Math.max(BIG_CALLS_MIN, big.length)
  const list = set(hook(document, 'calls'), { 'data-rows': String(rows), hidden: big.length === 0 })
  keep(list, big, (call) => call.seq, newCall, (row, call) => {
    const place = places(call)
    const width = widthOf(t.named(place.label))
    updateCall(row, call, t.named(place.label))
    say(hook(row, 'place-other'), other.named(place.label))
    say(hook(row, 'zone'), t.named(place.zone))
    say(hook(row, 'note'), noteOf(call))
    set(hook(row, 'place'), { 'data-wide': width > WIDE_LABEL[rows], 'data-widest': width > WIDE_LABEL[rows] * 1.5 })
  })
  const earlier = view.calls.filter((call) => !big.includes(call)).slice(0, EARLIER_CALLS)
  hook(document, 'earlier-part').hidden = earlier.length === 0
  keep(hook(document, 'earlier'), earlier, (call) => call.seq, newEarlier, (row, call) => {
    const label = t.named(places(call).label)
    updateCall(row, call, widthOf(label) > SHORT_LABEL ? t('lobby.short_window', { window: call.window.replace(/^0+(?=\d)/, '') }) : label)
  })
}

function widthOf(label) {
  return Array.from(label).reduce((width, letter) => width + (letter > '\u2e7f' ? 2 : 1), 0)
}

function newCall() {
  return el('li', { class: 'call' },
    el('strong', { class: 'call__number', 'data-number': true }),
    el('span', { class: 'call__arrow', 'aria-hidden': 'true' }),
    el('span', { class: 'call__place' },
      el('span', { class: 'call__window', 'data-place': true }),
      el('span', { class: 'call__other', 'data-place-other': true, lang: other.language === 'zh' ? 'zh-CN' : 'en' })),
    el('span', { class: 'call__side' },
      el('span', { class: 'call__zone', 'data-zone': true }),
      el('span', { class: 'call__note', 'data-note': true })))
}

function newEarlier() {
  return el('li', { class: 'earlier__call' },
    el('strong', { 'data-number': true }),
    el('span', { class: 'call__arrow', 'aria-hidden': 'true' }),
    el('span', { class: 'earlier__window', 'data-place': true }))
}

function updateCall(row, call, label) {
  set(row, { 'data-lit': lights.isLit(call), 'data-state': call.state })
  say(hook(row, 'number'), call.number)
  say(hook(row, 'place'), label)
}

function noteOf(call) {
  if (call.state === 'serving') return t('lobby.serving')
  return call.state === 'called' && call.recall > 0 ? t('lobby.recall') : ''
}

function placesOf(view) {
  const labels = new Map(view.windows.map((desk) => [desk.id, desk.label]))
  const zones = new Map(view.zones.map((zone) => [zone.id, zone.name]))
  return (call) => ({ label: labels.get(call.window) || call.window, zone: zones.get(call.zone) || '' })
}

function renderWindows(view) {
  const create = () =>
    el('li', { class: 'desk' },
      el('span', { class: 'desk__name', 'data-name': true }),
      el('span', { class: 'desk__what', 'data-what': true }))
  keep(hook(document, 'windows'), view.windows, (desk) => desk.id, create, (row, desk) => {
    const lit = desk.state === 'calling' && view.calls.some((call) => call.window === desk.id && lights.isLit(call))
    set(row, { 'data-state': desk.state, 'data-lit': lit })
    say(hook(row, 'name'), desk.name)
    say(hook(row, 'what'), whatOf(desk))
  })
}

function whatOf(desk) {
  if (desk.number) return desk.number
  if (desk.state === 'paused' && desk.paused_until) {
    return t('state.paused_until', { time: clock.time(desk.paused_until, language) })
  }
  return t(`state.${desk.state}`)
}

function renderGroups(view) {
  const create = () =>
    el('li', { class: 'line' },
      el('span', { class: 'line__prefix', 'data-prefix': true }),
      el('span', { class: 'line__name' },
        el('span', { class: 'line__own', 'data-name': true }),
        el('small', { 'data-name-other': true, lang: other.language === 'zh' ? 'zh-CN' : 'en' })),
      el('span', { class: 'line__waiting' },
        el('small', {}, t('lobby.waiting')), el('strong', { 'data-waiting': true })),
      el('span', { class: 'line__range' },
        el('small', {}, t('lobby.range')), el('strong', { 'data-range': true })),
      el('span', { class: 'line__next', 'data-next': true }))
  const list = set(hook(document, 'groups'), { 'data-many': view.groups.length > 7 })
  keep(list, view.groups, (group) => group.id, create, (row, group) => {
    say(hook(row, 'prefix'), group.prefix)
    say(hook(row, 'name'), t.named(group.name))
    set(row.querySelector('.line__name'), { 'data-wide': widthOf(t.named(group.name)) > WIDE_GROUP })
    say(hook(row, 'name-other'), other.named(group.name))
    say(hook(row, 'waiting'), t('lobby.people', { count: group.waiting }))
    say(hook(row, 'range'), t.minutes(group.estimate))
    const next = group.next.slice(0, NEXT_MAX)
    keep(hook(row, 'next'), next.length ? next : [quietWord(group)], (word) => word, newNext, say)
    set(hook(row, 'next'), { 'data-nobody': next.length === 0 })
  })
}

function newNext() {
  return el('span', {})
}

function quietWord(group) {
  return t(group.open === false ? 'lobby.group_closed' : 'lobby.next_nobody')
}

function renderMissed(view) {
  const shown = view.missed.slice(0, MISSED_MAX)
  const more = view.missed.length - shown.length
  const words = shown.length ? shown.concat(more > 0 ? [t('lobby.more', { count: more })] : []) : [t('lobby.missed_nobody')]
  keep(hook(document, 'missed'), words, (word) => word, newNext, say)
}
