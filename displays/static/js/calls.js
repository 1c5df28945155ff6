// The calls: large where somebody is expected, small what was called before.

import { el, hook, keep, say, set } from '/static/js/dom.js'
import { placesOf, sayZone, spokenNumber, widthOf } from './places.js'

const ROWS = { far: 3, pillar: 5 } // Of a calm moment, by layout. The fewer people are expected, the larger the letters.
const ROWS_USUAL = 4
const ROWS_MAX = { far: 4 } // When more are new at once, the rows move together.
const ROWS_MAX_USUAL = 6
const ROWS_BESIDE_A_LIST = 2 // A layout that lists results gives them the room.
const EARLIER = 8
// How wide the name of a window may be on so many rows, in widths of a Latin letter. Wider is set smaller, and
// half as wide again on two lines.
const WIDE_LABEL = { 1: 8, 2: 9, 3: 12, 4: 15, 5: 19, 6: 22 }
const SHORT_LABEL = 10

/** Large: where somebody is expected, then where somebody is being served. A missed number has nowhere to go. */
export function calls(here) {
  const { t, other, rows } = here
  return (view) => {
    const { display } = here
    const usual = rowsOf(display)
    const most = Math.max(usual, ROWS_MAX[display.layout.id] || ROWS_MAX_USUAL)
    rows.resize(most)
    const big = bigCalls(here, view, usual, most)
    const places = placesOf(view, display)
    const none = hook(document, 'calls-none')
    none.hidden = big.length > 0
    const list = set(hook(document, 'big'), { 'data-rows': String(big.length), hidden: big.length === 0 })
    keep(list, big, (call) => call.seq, () => newCall(other), (row, call) => {
      const place = places(call.window)
      const label = t.named(place.label)
      updateCall(row, call, label, place.way, rows)
      say(hook(row, 'place-other'), other.named(place.label))
      sayZone(hook(row, 'zone-name'), place.zone, t)
      say(hook(row, 'note'), noteOf(call, t))
      const width = widthOf(label)
      const wide = WIDE_LABEL[big.length]
      hook(row, 'place').style.setProperty('--label', String(emsOf(label)))
      set(hook(row, 'place'), { 'data-wide': width > wide, 'data-widest': width > wide * 1.5 })
    })
  }
}

/** What was called before, and what waits for a large row. */
export function earlier(here) {
  const { t, rows } = here
  return (view) => {
    const usual = rowsOf(here.display)
    const big = bigCalls(here, view, usual, Math.max(usual, ROWS_MAX[here.display.layout.id] || ROWS_MAX_USUAL))
    const isBig = (call) => big.some((one) => one.seq === call.seq)
    const waiting = rows.waiting()
    const rest = view.calls.filter((call) => !isBig(call) && !waiting.some((one) => one.seq === call.seq))
    const list = waiting.concat(rest).slice(0, EARLIER)
    document.querySelector('.earlier').hidden = list.length === 0
    const places = placesOf(view, here.display)
    keep(hook(document, 'earlier'), list, (call) => call.seq, newEarlier, (row, call) => {
      const place = places(call.window)
      const label = t.named(place.label)
      const short = t('calls.short_window', { window: spokenNumber(call.window) })
      updateCall(row, call, widthOf(label) > SHORT_LABEL ? short : label, place.way, rows)
      set(row, { 'data-zone-color': place.zone && place.zone.color })
    })
  }
}

// How wide a name is in ems: a Chinese character has one, a bold Latin letter three fifths or so.
function emsOf(text) {
  return Array.from(text).reduce((width, letter) => width + (letter > '\u2e7f' ? 1.02 : 0.62), 0)
}

function rowsOf(display) {
  if (display.layout.panels.includes('ready')) return ROWS_BESIDE_A_LIST
  return ROWS[display.layout.id] || ROWS_USUAL
}

function bigCalls(here, view, usual, most) {
  const fresh = here.rows.shown()
  const waiting = new Set(here.rows.waiting().map((call) => call.seq))
  const known = new Set(fresh.map((call) => call.seq))
  const others = view.calls.filter((call) => !known.has(call.seq) && !waiting.has(call.seq))
  const expected = others.filter((call) => call.state === 'called')
  const served = others.filter((call) => call.state === 'serving')
  const count = Math.max(usual, Math.min(most, fresh.length))
  const stay = fresh.filter((call) => call.state === 'called').concat(expected)
  return stay.concat(fresh.filter((call) => call.state === 'serving'), served).slice(0, count)
}

function newCall(other) {
  return el('li', { class: 'call' },
    el('strong', { class: 'call__number', 'data-number': true }),
    el('span', { class: 'call__arrow', 'aria-hidden': 'true' }),
    el('span', { class: 'call__place' },
      el('span', { class: 'call__window', 'data-place': true }),
      el('span', { class: 'call__other', 'data-place-other': true, lang: other.language === 'zh' ? 'zh-CN' : 'en' })),
    el('span', { class: 'call__side' },
      el('span', { class: 'zone', 'data-zone-name': true }),
      el('span', { class: 'call__note', 'data-note': true })))
}

function newEarlier() {
  return el('li', { class: 'earlier__call' },
    el('strong', { 'data-number': true }),
    el('span', { class: 'call__arrow', 'aria-hidden': 'true' }),
    el('span', { class: 'earlier__window', 'data-place': true }))
}

function updateCall(row, call, label, way, rows) {
  set(row, { 'data-lit': rows.isLit(call), 'data-state': call.state, 'data-way': way })
  say(hook(row, 'number'), call.number)
  say(hook(row, 'place'), label)
}

function noteOf(call, t) {
  if (call.state === 'serving') return t('calls.serving')
  return call.state === 'called' && call.recall > 0 ? t('calls.recall') : ''
}
