// The queues: who is next, how many wait, how long it may take, how fast it goes.

import { el, hook, keep, say, set } from '/static/js/dom.js'
import { placesOf, widthOf } from './places.js'
import { turnOf } from './turns.js'

const LINES = 8
const LINES_BESIDE_A_PLAN = 4
const UPRIGHT = matchMedia('(orientation: portrait)') // There they stand in two columns.
const LINES_ROOMY = 7 // More lines than this are set closer.
const WIDE_GROUP = 22 // Wider names are set smaller, on two lines if need be.
const NEXT_MAX = 3
const MISSED_MAX = 8
const LATE_MINUTES = 20 // At least so long a wait needs a word of explanation.
const LATE_MAX = 2
const SERVES = ['ready', 'calling', 'serving']

/** A line for each queue. */
export function groups(here) {
  const { t, other } = here
  const create = () =>
    el('li', { class: 'line' },
      el('span', { class: 'line__prefix', 'data-prefix': true }),
      el('span', { class: 'line__name' },
        el('span', { class: 'line__own', 'data-name': true }),
        el('small', { 'data-name-other': true, lang: other.language === 'zh' ? 'zh-CN' : 'en' })),
      el('span', { class: 'line__waiting' },
        el('small', {}, t('groups.waiting')), el('strong', { 'data-waiting': true })),
      el('span', { class: 'line__range' },
        el('small', {}, t('groups.range')), el('strong', { 'data-range': true })),
      el('span', { class: 'line__next', 'data-next': true }))
  return (view) => {
    const narrow = here.display.layout.panels.includes('plan') && !UPRIGHT.matches
    const size = narrow ? LINES_BESIDE_A_PLAN : LINES
    const { items, sign } = turnOf(view.groups, size, here.clock.now())
    const zones = new Map(view.zones.map((zone) => [zone.id, zone]))
    say(hook(document, 'groups-page'), sign)
    const list = set(hook(document, 'groups'), { 'data-many': items.length > LINES_ROOMY })
    keep(list, items, (group) => group.id, create, (row, group) => {
      const zone = zones.get(group.zone)
      set(row, { 'data-zone-color': zone === undefined ? null : zone.color })
      say(hook(row, 'prefix'), group.prefix)
      say(hook(row, 'name'), t.named(group.name))
      set(row.querySelector('.line__name'), { 'data-wide': widthOf(t.named(group.name)) > WIDE_GROUP })
      say(hook(row, 'name-other'), other.named(group.name))
      say(hook(row, 'waiting'), t('groups.people', { count: group.waiting }))
      say(hook(row, 'range'), t.minutes(group.estimate))
      const next = group.next.slice(0, NEXT_MAX)
      keep(hook(row, 'next'), next.length ? next : [quietWord(group, t)], (word) => word, newWord, say)
      set(hook(row, 'next'), { 'data-nobody': next.length === 0 })
    })
  }
}

/** How many were called lately; and where the wait is long, why. */
export function pace(here) {
  const { t, other } = here
  return (view) => {
    const facts = { minutes: view.pace.minutes, count: view.pace.called }
    const sentence = facts.count > 0 ? 'pace.called' : 'pace.quiet'
    say(hook(document, 'pace'), t(sentence, facts))
    say(hook(document, 'pace-other'), other(sentence, facts))
    const late = view.groups
      .filter((group) => group.estimate !== null && group.estimate.low_minutes >= LATE_MINUTES)
      .sort((one, two) => two.estimate.high_minutes - one.estimate.high_minutes)
      .slice(0, LATE_MAX)
      .map((group) => [t, other].map((words) => reasonOf(here, words, view, group)))
    const part = hook(document, 'late')
    part.hidden = late.length === 0
    keep(part, late, ([own]) => own, () => newReason(other.language === 'zh' ? 'zh-CN' : 'en'), (node, [own, second]) => {
      say(node.firstChild, own)
      say(node.lastChild, second)
    })
  }
}

// Only what the board knows for certain: a pause, windows that are not open, or simply many people.
function reasonOf({ clock, display }, t, view, group) {
  const own = view.windows.filter((desk) => desk.groups.includes(group.id))
  const paused = own.find((desk) => desk.state === 'paused' && desk.paused_until)
  const name = t.named(group.name)
  if (paused !== undefined) {
    const window = t.named(placesOf(view, display)(paused.id).label)
    return t('pace.late_paused', { group: name, window, time: clock.time(paused.paused_until, t.language) })
  }
  const open = own.filter((desk) => SERVES.includes(desk.state)).length
  if (open < own.length) return t('pace.late_windows', { group: name, open, all: own.length })
  return t('pace.late_people', { group: name, count: group.waiting })
}

function newReason(lang) {
  return el('span', { class: 'late' }, el('span', {}), el('small', { lang }))
}

/** Who missed a call, and how to come back. */
export function missed(here) {
  const { t } = here
  return (view) => {
    const shown = view.missed.slice(0, MISSED_MAX)
    const more = view.missed.length - shown.length
    hook(document, 'missed-part').hidden = shown.length === 0
    keep(hook(document, 'missed'), more > 0 ? shown.concat(t('missed.more', { count: more })) : shown, (word) => word, newWord, say)
  }
}

function newWord() {
  return el('span', {})
}

function quietWord(group, t) {
  return t(group.stopped ? 'groups.stopped' : group.open === false ? 'groups.closed' : 'groups.nobody')
}
