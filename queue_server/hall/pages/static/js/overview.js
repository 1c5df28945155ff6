// The hall at a glance. The server measures; this page shows, counts the minutes, and asks for what a manager may do.

import { deeds, isUnknown, signIn } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { drawChart } from './chart.js'
import { changes } from './changes.js'
import { desks } from './desks.js'
import { follow } from './follow.js'
import { whatIf } from './what_if.js'

const TICK_MS = 1000
const PRINTERS_MS = 30000
const WAIT_LONG_MINUTES = 30
const SPREAD_WIDE = 0.15
const CHANGED_AT_A_WINDOW = ['absent', 'pause'] // What a manager mends by changing a window.
const MANAGERS = ['manager', 'admin']

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const url = `/api/v1/halls/${hallId}`
const mine = deeds()
let view = null
let printers = []
let printersAt = -PRINTERS_MS

const change = changes({ t, clock, ask, now: () => view })
const trial = whatIf({ t, clock, send: (body) => mine.send('POST', `${url}/what-if`, body), now: () => view })
const windows = desks({ t, clock, open: change.openWindow })

start()

async function start() {
  const who = await fetch('/api/v1/sessions/current', { headers: { Accept: 'application/json' } }).catch(() => null)
  if (who !== null && who.status === 401) {
    signIn()
    return
  }
  if (who !== null && who.ok && !MANAGERS.includes((await who.json()).account.role)) refuse(t('overview.not_for_you'))
  else listen()
}

function listen() {
  follow('overview', {
    hallId,
    t,
    clock,
    onGone: () => refuse(t('overview.gone')),
    onUnwelcome: signIn,
    onView(next) {
      view = next
      render()
    },
  })
  setInterval(tick, TICK_MS)
}

/** Asks something of the hall, once. Answers whether it was done; what it came to is in the next view. */
async function ask(method, path, body) {
  refuse('')
  const answer = await mine.send(method, `${url}/${path}`, body)
  if (answer.status === 401) signIn()
  if (!answer.ok) refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
  return answer.ok
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  say(hook(document, 'hall'), t.named(view.hall.name))
  say(hook(document, 'open'), t(view.hall.open ? 'overview.open' : 'overview.closed'))
  const day = hook(document, 'day')
  day.disabled = false
  say(day, t(view.hall.open ? 'overview.close_day' : 'overview.open_day'))
  renderFigures()
  trial.render()
  windows.render(view)
  drawChart(view, t, clock)
  tick()
}

function renderFigures() {
  const { response_seconds: seconds, open } = view.help
  const response = seconds === null ? '–' : secondsWord(seconds)
  const figures = Object.assign({}, view.tickets, { open, response })
  document.querySelectorAll('[data-figure]').forEach((node) => say(node, String(figures[node.dataset.figure])))
}

function secondsWord(seconds) {
  return seconds < 120 ? t('overview.seconds', { seconds }) : t('overview.for', { minutes: Math.round(seconds / 60) })
}

function tick() {
  if (view === null) return
  say(hook(document, 'date'), clock.date(clock.now(), t.language))
  say(hook(document, 'clock'), clock.time(clock.now(), t.language))
  renderGroups()
  renderAttention()
  windows.tick()
  if (performance.now() - printersAt >= PRINTERS_MS) lookAtPrinters()
}

const minutesSince = (at) => Math.floor(clock.secondsSince(at) / 60)

function renderGroups() {
  const cells = ['waiting', 'longest', 'range', 'windows', 'served', 'missed', 'no_shows', 'spread']
  const create = () => el('tr', {},
    el('th', { scope: 'row', 'data-name': true }),
    ...cells.map((cell) => el('td', { 'data-cell': cell })))
  keep(hook(document, 'groups'), view.groups, (group) => group.id, create, (row, group) => {
    const longest = group.waits_since === null ? null : minutesSince(group.waits_since)
    const all = view.windows.filter((desk) => desk.groups.includes(group.id)).length
    const words = {
      waiting: String(group.waiting),
      longest: longest === null ? '–' : t('overview.minutes', { minutes: longest }),
      range: group.open ? t.minutes(group.estimate) : t('overview.not_open'),
      windows: t('overview.of_windows', { open: group.windows.length, all }),
      served: String(group.served),
      missed: String(group.missed),
      no_shows: String(group.no_shows),
      spread: group.spread === null ? '–' : `${Math.round(group.spread * 100)}%`,
    }
    say(hook(row, 'name'), `${group.id} ${t.named(group.name)}`)
    row.querySelectorAll('[data-cell]').forEach((cell) => say(cell, words[cell.dataset.cell]))
    set(row.querySelector('[data-cell="longest"]'), { 'data-strong': longest !== null && longest >= WAIT_LONG_MINUTES })
    set(row.querySelector('[data-cell="windows"]'), { 'data-strong': group.waiting > 0 && group.windows.length === 0 })
    set(row.querySelector('[data-cell="spread"]'), { 'data-strong': group.spread !== null && group.spread > SPREAD_WIDE })
  })
}

// ── What needs somebody ──────────────────────────────────────────────────────────────────────────

function renderAttention() {
  const alarms = view.attention.concat(printerAlarms())
  hook(document, 'attention-none').hidden = alarms.length > 0
  const key = (alarm) => [alarm.kind, alarm.window, alarm.group, alarm.number, alarm.device].join(' ')
  keep(hook(document, 'attention'), alarms, key, newAlarm, (row, alarm) => {
    row.alarm = alarm
    say(hook(row, 'what'), alarmWord(alarm))
    say(hook(row, 'since'), t('overview.since', { minutes: minutesSince(alarm.since) }))
    const act = row.querySelector('button')
    act.hidden = !CHANGED_AT_A_WINDOW.includes(alarm.kind)
    say(act, t('overview.act_short'))
    if (!act.hidden) set(act, { 'aria-label': t('overview.act', { window: windowName(alarm.window) }) })
  })
}

function newAlarm() {
  const act = el('button', { class: 'button', type: 'button' })
  const row = el('li', { class: 'alarm' },
    el('span', { 'data-what': true }), el('span', { class: 'alarm__since', 'data-since': true }), act)
  act.addEventListener('click', () => change.openWindow(row.alarm.window))
  return row
}

function alarmWord(alarm) {
  if (alarm.kind === 'printer') return t('overview.printer', { name: t.named(alarm.name), state: t(`guide.printer_${alarm.state}`) })
  const group = view.groups.find((one) => one.id === alarm.group)
  return t(`overview.${alarm.kind}`, {
    window: alarm.window === null ? '' : windowName(alarm.window),
    group: group ? t.named(group.name) : '',
    number: alarm.number || '',
  })
}

function windowName(id) {
  const desk = view.windows.find((one) => one.id === id)
  return desk ? t.named(desk.label) : id
}

function printerAlarms() {
  return printers.map((printer) => Object.assign({ kind: 'printer', window: null, group: null, number: null }, printer))
}

// A hall without printers, or a server that knows of none, has nothing to say here.
async function lookAtPrinters() {
  printersAt = performance.now()
  const answer = await fetch(`${url}/printers`, { headers: { Accept: 'application/json' } }).catch(() => null)
  if (answer === null || !answer.ok) return
  printers = (await answer.json()).printers.filter((printer) => !['ready', 'none'].includes(printer.state))
  renderAttention()
}

hook(document, 'day').addEventListener('click', () => {
  if (view.hall.open) document.querySelector('[data-ask="close-day"]').showModal()
  else ask('POST', 'day', {})
})
document.querySelectorAll('dialog [data-close]').forEach((button) => {
  button.addEventListener('click', () => button.closest('dialog').close())
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  if (view !== null) render()
})
