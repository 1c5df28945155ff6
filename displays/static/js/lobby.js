// The lobby board: who goes where, who is next, how long it takes. It lights up; it never sounds.

import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { highlighter } from '/static/js/highlight.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { speaker } from '/static/js/texts.js'

const BIG_CALLS = 4
const BIG_CALLS_MAX = 6 // When more than four are lit at once, the rows move together.
const LONG_LABEL = 7 // Characters; a longer window label is set smaller.
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
    clock.tell(view.as_of)
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
  say(hook(document, 'hall'), t.name(view.hall.name))
  say(hook(document, 'hall-other'), other.name(view.hall.name))
  document.title = `${t.name(view.hall.name)} · ${t('lobby.title')}`
  set(document.body, { 'data-open': view.hall.open ? 'yes' : 'no' })
  renderCalls(view)
  renderWindows(view)
  renderGroups(view)
  renderMissed(view)
  tick()
}

function renderCalls(view) {
  const lit = view.calls.filter(lights.isLit).length
  const count = Math.max(BIG_CALLS, Math.min(BIG_CALLS_MAX, lit))
  const places = placesOf(view)
  const none = hook(document, 'calls-none')
  none.hidden = view.calls.length > 0
  say(none, t(view.hall.open ? 'lobby.calls_empty' : 'lobby.calls_closed'))
  const list = set(hook(document, 'calls'), { 'data-count': String(count), hidden: view.calls.length === 0 })
  keep(list, view.calls.slice(0, count), (call) => call.seq, newCall, (row, call) => {
    const place = places(call)
    updateCall(row, call, place)
    say(hook(row, 'place-other'), other.name(place.label))
    say(hook(row, 'zone'), t.name(place.zone))
    say(hook(row, 'note'), noteOf(call))
    set(hook(row, 'place'), { 'data-long': t.name(place.label).length > LONG_LABEL })
  })
  keep(hook(document, 'earlier'), view.calls.slice(count), (call) => call.seq, newEarlier, (row, call) => {
    updateCall(row, call, places(call))
  })
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

function updateCall(row, call, place) {
  set(row, { 'data-lit': lights.isLit(call), 'data-state': call.state })
  say(hook(row, 'number'), call.number)
  say(hook(row, 'place'), t.name(place.label))
}

function noteOf(call) {
  if (call.state === 'serving') return t('lobby.serving')
  if (call.state === 'missed') return t('lobby.missed_one')
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
    const calling = view.calls.some((call) => call.window === desk.id && lights.isLit(call))
    set(row, { 'data-state': desk.state, 'data-lit': calling })
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
        el('span', { 'data-name': true }),
        el('small', { 'data-name-other': true, lang: other.language === 'zh' ? 'zh-CN' : 'en' })),
      el('span', { class: 'line__waiting' },
        el('small', {}, t('lobby.waiting')), el('strong', { 'data-waiting': true })),
      el('span', { class: 'line__range' },
        el('small', {}, t('lobby.range')), el('strong', { 'data-range': true })),
      el('span', { class: 'line__next', 'data-next': true }))
  const list = set(hook(document, 'groups'), { 'data-many': view.groups.length > 7 })
  keep(list, view.groups, (group) => group.id, create, (row, group) => {
    say(hook(row, 'prefix'), group.prefix)
    say(hook(row, 'name'), t.name(group.name))
    say(hook(row, 'name-other'), other.name(group.name))
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
