// A screen on a wall: the board of the hall, in the panels of this screen's layout. It lights up; it never sounds.

import { hallClock } from '/static/js/clock.js'
import { hook, say, set } from '/static/js/dom.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { speaker } from '/static/js/texts.js'
import { listenForPrompts } from './accessible.js'
import { beater } from './beat.js'
import { calls, earlier } from './calls.js'
import { configuration } from './configuration.js'
import { desk } from './desk.js'
import { groups, missed, pace } from './groups.js'
import { noticeNow, notices } from './notices.js'
import { sayZone, within } from './places.js'
import { floorPlan } from './plan.js'
import { ready } from './ready.js'
import { largeRows } from './rows.js'
import { scanCode } from './scan.js'
import { keepFromBurningIn } from './still.js'
import { plates, windows } from './windows.js'

const TICK_MS = 1000
const RESULTS_MS = 10000
const MARGIN_MAX = 8 // Hundredths of the screen that an old television may hide at each edge.

const page = pageData()
const t = speaker(page.texts, page.language)
const clock = hallClock()
const here = {
  t,
  other: speaker(page.texts, t.other()),
  clock,
  rows: largeRows(clock.now, () => render()),
  board: null, // What the hall told last,
  display: null, // what this screen shows of it,
  results: null, // and what can be collected, if it shows that.
}
const beat = beater()
const plan = floorPlan(hook(document, 'plan'), t)
const panels = {
  calls: calls(here),
  earlier: earlier(here),
  windows: windows(here),
  plates: plates(here),
  ready: ready(here),
  groups: groups(here),
  plan: plan.mark,
  pace: pace(here),
  scan: scanCode(here, page.hall_id),
  missed: missed(here),
  notices: notices(here),
  window: desk(here),
}
const api = `/api/v1/halls/${page.hall_id}`
const asked = page.window_id === null ? '' : `?window=${encodeURIComponent(page.window_id)}`
const paper = configuration(`${api}/displays/${page.display_id}${asked}`, take, miss)
let missing = null // Why there is nothing to show: a problem of the API.
let prompts = null // Of an accessible window: {windowId, close}.
let resultsMs = -Infinity

live({
  url: `/ws/halls/${page.hall_id}/board`,
  fetchUrl: api,
  onTime: clock.tell,
  onState: staleBanner(hook(document, 'stale'), t, clock),
  onView(view) {
    clock.timezone = view.hall.timezone
    here.board = view
    paper.heard(view.version)
    lookAtCalls()
    render()
  },
})
setInterval(tick, TICK_MS)
leaveMargin()

// ── What this screen is ─────────────────────────────────────────────────────────────────────────

function take(display) {
  const before = here.display
  here.display = display
  missing = display.layout.panels.some((panel) => panel in panels) ? null : { code: 'no_panels' }
  clock.timezone = clock.timezone || display.hall.timezone
  arrange(display)
  if (before !== null && before.version !== display.version) dress(display.version)
  if (before === null || before.version !== display.version || before.layout.id !== display.layout.id) lookAtPlan()
  hearPrompts(display)
  lookForResults()
  lookAtCalls()
  render()
}

function miss(problem) {
  missing = problem
  render()
}

function arrange(display) {
  const order = display.layout.panels
  document.querySelectorAll('[data-panel]').forEach((section) => {
    const place = order.indexOf(section.dataset.panel)
    section.toggleAttribute('data-off', place < 0)
    section.style.order = place < 0 ? '' : String(place)
  })
  document.querySelectorAll('[data-column]').forEach((column) => {
    column.hidden = column.querySelector('[data-panel]:not([data-off])') === null
  })
  hook(document, 'foot').hidden = !order.includes('missed') && !order.includes('notices')
  set(document.body, {
    'data-layout': display.layout.id,
    'data-alone': document.querySelector('.panels__side').hidden,
    'data-of-zone': display.zone !== null,
    'data-panels': order.join(' '),
  })
}

// The hall's own seal and colours stand in a stylesheet of their own, which is asked for anew.
function dress(version) {
  const sheet = document.querySelector('link[href*="/look.css"]')
  sheet.href = `/halls/${page.hall_id}/look.css?v=${version}`
}

function hearPrompts(display) {
  const windowId = display.accessible ? display.window : null
  if (prompts !== null && prompts.windowId !== windowId) {
    prompts.close()
    prompts = null
  }
  if (prompts === null && windowId !== null) {
    prompts = Object.assign({ windowId }, listenForPrompts(page.hall_id, windowId, t))
  }
}

// `?margin=3` keeps three hundredths of the screen free at each edge.
function leaveMargin() {
  const margin = Number(new URLSearchParams(location.search).get('margin')) || 0
  document.documentElement.style.setProperty('--margin', String(Math.max(0, Math.min(MARGIN_MAX, margin))))
}

// ── What it asks for besides the board ──────────────────────────────────────────────────────────

async function lookAtPlan() {
  if (!here.display.layout.panels.includes('plan')) return
  const spot = here.display.spot
  const view = await fetched(`${api}/plan`)
  if (view === null) return
  plan.draw(view, spot)
  render()
}

async function lookForResults() {
  const isDue = performance.now() - resultsMs >= RESULTS_MS
  if (here.display === null || !here.display.layout.panels.includes('ready') || !isDue) return
  resultsMs = performance.now()
  const view = await fetched(`${api}/results`)
  if (view !== null) here.results = view.results
  render()
}

async function fetched(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: 'application/json' } })
    return answer.ok ? await answer.json() : null
  } catch (error) {
    return null // No network: what is shown stays, and the banner says how old it is.
  }
}

// ── Showing ─────────────────────────────────────────────────────────────────────────────────────

function lookAtCalls() {
  if (here.board !== null && here.display !== null) here.rows.look(within(here.board, here.display.zone))
}

function tick() {
  lookForResults()
  keepFromBurningIn(hook(document, 'sheet'), document.querySelector('.calm'), clock.now())
  render()
}

function render() {
  const { board, display } = here
  const part = partShown(board, display)
  document.querySelectorAll('[data-on]').forEach((node) => {
    node.hidden = node.dataset.on !== part
  })
  set(document.body, { 'data-part': part, 'data-open': board === null ? null : board.hall.open ? 'yes' : 'no' })
  if (part !== 'window') set(document.body, { 'data-state': null, 'data-lit': null })
  sayTime()
  if (part === 'missing') sayMissing()
  if (part === 'calm') sayCalm(board)
  if (part === 'panels' || part === 'window') {
    const view = within(board, display.zone)
    sayHead(view)
    display.layout.panels.forEach((panel) => panel in panels && panels[panel](view))
  }
  beat()
}

function partShown(board, display) {
  if (missing !== null) return 'missing'
  if (board === null || display === null) return 'waiting'
  if (!board.hall.open) return 'calm'
  return display.layout.panels.includes('window') ? 'window' : 'panels'
}

function sayTime() {
  if (here.board === null) return
  const time = clock.time(clock.now(), t.language)
  const date = clock.date(clock.now(), t.language)
  document.querySelectorAll('[data-clock]').forEach((node) => say(node, time))
  document.querySelectorAll('[data-date]').forEach((node) => say(node, date))
}

function sayHead(view) {
  say(hook(document, 'hall'), t.named(view.hall.name))
  say(hook(document, 'hall-other'), here.other.named(view.hall.name))
  document.title = `${t.named(view.hall.name)} · ${t('screen.title')}`
  sayZone(hook(document, 'zone-here'), here.board.zones.find((zone) => zone.id === here.display.zone) || null, t)
}

function sayCalm(board) {
  say(hook(document, 'calm-hall'), t.named(board.hall.name))
  say(hook(document, 'calm-hall-other'), here.other.named(board.hall.name))
  say(hook(document, 'calm-word'), nextOpening(board, t) || t('calm.closed'))
  say(hook(document, 'calm-other'), nextOpening(board, here.other) || here.other('calm.closed'))
  const notice = noticeNow(here)
  say(hook(document, 'calm-notice'), notice === null ? '' : notice.own)
}

function nextOpening(board, words) {
  const at = board.hall.next_opens_at
  if (at === null || Date.parse(at) < clock.now()) return ''
  return words('calm.next', { day: clock.day(at, words.language), time: clock.time(at, words.language) })
}

function sayMissing() {
  const known = { hall: page.hall_id, display: page.display_id, window: page.window_id || '' }
  const facts = Object.assign(known, { layout: missing.layout || (here.display && here.display.layout.id) || '' })
  say(hook(document, 'missing-word'), t('missing.title'))
  say(hook(document, 'missing-other'), here.other('missing.title'))
  say(hook(document, 'missing-what'), t(`missing.${missing.code}`, facts))
  say(hook(document, 'missing-what-other'), here.other(`missing.${missing.code}`, facts))
  say(hook(document, 'missing-code'), `${page.hall_id} / ${page.display_id}`)
}
