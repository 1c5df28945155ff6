// The clerk's console. Everything has a key; the server decides, this page asks and shows.

import { deeds, isUnknown, signIn } from '/static/js/api.js'
import { hallClock, minutesAndSeconds } from '/static/js/clock.js'
import { hook, say, set } from '/static/js/dom.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { pauseWords, renderIdle, renderTicket, serviceSeconds, targetSeconds, tickTimer } from './desk.js'
import { ask, closeAll, offer } from './dialogs.js'
import { onKey } from './keys.js'
import { factsOfNext, marksOf, renderGroups, renderHeld, renderLine, renderToday, tickHeld, waitOf, whyNext } from './line.js'
import { reasonsFor } from './reasons.js'
import { storyteller } from './story.js'
import { toldLine } from './told.js'

const HEARTBEAT_MS = 20000 // A console that is silent for a minute counts as absent.
const TICK_MS = 1000
const UNDO_SECONDS = 30 // As a hall usually has it: only how long the line on the button is.
const UNDERWAY_MS = 1500 // Nobody needs to be told of a deed that takes less.
const HOLD_MINUTES = [5, 10, 20, 30, 45, 60]
const PAUSE_MINUTES = [5, 10, 15, 30, 45, 60]
const CLASSES = ['elderly', 'frail', 'ill', 'disabled', 'pregnant', 'veteran']
const PROOFS = ['seen', 'own_word', 'none'] // The last one takes a class away.

const { hall_id: hallId, window_id: windowId, console: signInHere, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const hallUrl = `/api/v1/halls/${hallId}`
const url = `${hallUrl}/windows/${windowId}`
const mine = deeds()
const story = storyteller(hook(document, 'story'), hallUrl, t, clock)
const told = toldLine(hook(document, 'told'), hallUrl, t)
let page = null
let view = null
let account = null
let here = signInHere // Which console this is, as the hall names the sign-in of this browser.
let wasMine = false // Whether this console has had the window: then somebody else has taken it over.
let takenOver = false
let busy = null // The name of the deed under way.
let refusedAbout = null

start()

async function start() {
  const who = await fetch('/api/v1/sessions/current', { headers: { Accept: 'application/json' } }).catch(() => null)
  if (who !== null && who.status === 401) {
    signIn()
    return
  }
  if (who !== null && who.ok) account = (await who.json()).account
  listen()
}

function listen() {
  const banner = staleBanner(hook(document, 'stale'), t, clock)
  page = live({
    url: `/ws/halls/${hallId}/windows/${windowId}`,
    fetchUrl: url,
    onTime: clock.tell,
    onState(state, asOf) {
      banner(state, asOf)
      if (state === 'gone') say(hook(document, 'idle-word'), t('clerk.gone'))
    },
    onUnwelcome: signIn,
    onView(next) {
      if (next.window.session === undefined) {
        signIn() // This is what everybody may see: nobody is signed in here any more.
        return
      }
      const before = view && situation()
      view = next
      if (before !== null && before !== situation()) {
        mine.forget() // Whatever was pressed before has been answered by the hall,
        closeAll() // and whatever is being asked was about something else.
      }
      clock.timezone = next.hall.timezone
      lookForTakeOver(next.window.session)
      if (refusedAbout !== null && refusedAbout !== situation()) refuse('')
      render()
    },
  })
  setInterval(tick, TICK_MS)
  setInterval(heartbeat, HEARTBEAT_MS)
}

// ── What can be done now ─────────────────────────────────────────────────────────────────────────

const ACTS = {
  next: { can: () => (isMine() ? isReady() : view !== null), perform: nextOrOpen },
  start: { can: () => ticketIs('called'), perform: () => act('start', 'start') },
  complete: { can: () => ticketIs('serving'), perform: complete },
  recall: { can: () => ticketIs('called') && hasRecalls() && left('recall_from') === 0, perform: () => act('recall', 'recall') },
  missed: { can: () => ticketIs('called') && left('grace_until') === 0, perform: () => act('missed', 'missed') },
  undo: { can: () => ticketIs('called') && left('undo_until') > 0, perform: () => act('undo', 'undo') },
  hold: { can: () => ticketIs('serving'), perform: hold },
  transfer: { can: () => ticketIs('serving'), perform: () => transfer(view.ticket) },
  intake: { can: () => ticketIs('serving'), perform: openIntake },
  class: { can: () => isMine() && view.ticket !== null, perform: changeClass },
  pick: { can: () => isMine() && isReady() && view.waiting.next.length > 0, perform: pick },
  pause: { can: () => isMine() && isFree(), perform: pauseOrGoOn },
  leave: { can: () => isMine() && isFree(), perform: () => act('leave', 'session', null, 'DELETE') },
}

// Countdowns on buttons: what may be done only from an instant on, or only until one.
const LEFT = { recall: 'recall_from', missed: 'grace_until', undo: 'undo_until' }

const ticketIs = (state) => isMine() && view.ticket !== null && view.ticket.state === state
const isFree = () => view.ticket === null
const isReady = () => isFree() && !view.window.pause
const hasRecalls = () => view.ticket.recalls < view.ticket.recalls_max
const left = (field) => (view.ticket[field] ? clock.secondsUntil(view.ticket[field]) : 0)

function isMine() {
  return view !== null && Boolean(view.window.session) && !takenOver && view.window.session.console === here
}

// Whether the window was taken over elsewhere: by a view that says so, or by a refusal that came first.
function isTaken() {
  return Boolean(view.window.session) && !isMine() && wasMine
}

function lookForTakeOver(session) {
  if (busy === 'session') return // Our own sign-in is under way; its answer is a view as well.
  if (session && session.console === here) wasMine = true
  else if (!session) wasMine = takenOver = false
  else if (wasMine) closeAll()
}

// What is on the desk: a refusal is forgotten as soon as that changes.
function situation() {
  const { ticket, window: desk } = view
  return [desk.state, ticket && ticket.id, ticket && ticket.state, ticket && ticket.recalls].join(' ')
}

// ── Deeds ────────────────────────────────────────────────────────────────────────────────────────

function nextOrOpen() {
  if (isMine()) act('next', 'calls')
  else if (view.window.session) askToTakeOver()
  else open(false)
}

async function open(takeOver) {
  if (await act('next', 'session', takeOver ? { take_over: true } : {})) render()
}

async function askToTakeOver() {
  const { session, number } = view.window
  const since = clock.time(session.taken_over_at || session.since, t.language)
  const values = { clerk: session.clerk.name, time: since, number }
  const how = t(number ? 'clerk.take_over_busy' : 'clerk.take_over_how', values)
  const title = t(isTaken() ? 'clerk.take_back_title' : 'clerk.take_over_title')
  if (await ask('take-over', { title, how, yes: t(nextWord(view.window)) })) open(true)
}

async function complete() {
  const body = {}
  document.querySelectorAll('[data-outcome]').forEach((choice) => {
    body.outcomes = Object.assign({}, body.outcomes, { [choice.dataset.outcome]: choice.value })
  })
  const target = targetSeconds(view.ticket)
  const over = serviceSeconds(view, clock) - target
  if (target > 0 && over > 0) {
    offer('overrun', 'reason', reasonsFor('overrun', t))
    const title = t('clerk.overrun_title', { left: minutesAndSeconds(over) })
    const said = await ask('overrun', { title })
    if (said === null) return
    body.overrun_reason = said.reason
  }
  act('complete', 'completion', body)
}

// Beside the console, which has to stay open: it says that somebody is at the window.
function openIntake() {
  window.open(`/intake/${hallId}/${windowId}`, `intake-${hallId}-${windowId}`)
}

async function hold() {
  offer('hold', 'reason', reasonsFor('hold', t), 'fetch_material')
  offer('hold', 'minutes', minuteChoices(HOLD_MINUTES), 20)
  const said = await ask('hold', { title: t('clerk.hold_title', { number: view.ticket.number }) })
  if (said) act('hold', 'hold', { reason: said.reason, minutes: Number(said.minutes) })
}

/** Sends somebody on: whoever is served, or whoever is on hold here. */
async function transfer(ticket) {
  const before = situation()
  const groups = await groupsNow()
  if (groups === null || before !== situation()) return
  const targets = groups.filter((group) => group.id !== ticket.group)
  offer('transfer', 'group', targets.map((group) => ({
    value: group.id,
    text: `${group.id} ${t.named(group.name)}`,
    more: t(group.windows.length ? 'clerk.group_waiting' : 'clerk.group_shut', { count: group.waiting, windows: group.windows.length }),
  })))
  offer('transfer', 'reason', reasonsFor('transfer', t), 'other_service')
  const said = await ask('transfer', { title: t('clerk.transfer_title', { number: ticket.number }) })
  const body = said && { group: said.group, reason: said.reason }
  if (said) act('transfer', 'transfer', ticketIs('serving') ? body : Object.assign(body, { ticket: ticket.id }))
}

/** Who waits where, and with how many windows; `null` when nobody can tell just now. */
async function groupsNow() {
  busy = 'transfer'
  refuse('')
  mark('transfer', true)
  const answer = await fetch(hallUrl, { headers: { Accept: 'application/json' } }).catch(() => null)
  busy = null
  mark('transfer', false)
  if (answer !== null && answer.ok) return (await answer.json()).groups
  refuse(t('clerk.no_groups'))
  return null
}

async function pauseOrGoOn() {
  if (view.window.pause) {
    act('pause', 'pause', null, 'DELETE')
    return
  }
  offer('pause', 'reason', reasonsFor('pause', t), 'papers')
  offer('pause', 'minutes', minuteChoices(PAUSE_MINUTES), 10)
  const said = await ask('pause')
  if (said) act('pause', 'pause', { reason: said.reason, minutes: Number(said.minutes) }, 'PUT')
}

async function pick() {
  offer('pick', 'ticket', view.waiting.next.map((person) => ({
    value: person.id,
    text: person.number,
    more: [waitOf(person, t), marksOf(person, t)].filter(Boolean).join(' · '),
  })))
  offer('pick', 'reason', reasonsFor('pick', t), 'guide_asks')
  const said = await ask('pick')
  if (said) act('pick', 'calls', { ticket: said.ticket, reason: said.reason })
}

// No copy of a proof is kept, only whether one was seen.
async function changeClass() {
  const { ticket } = view
  const proofs = ticket.priority_class ? PROOFS : PROOFS.slice(0, -1)
  offer('class', 'class', CLASSES.map((name) => ({ value: name, text: t(`class.${name}`) })), ticket.priority_class)
  offer('class', 'proof', proofs.map((name) => ({ value: name, text: t(`clerk.proof_${name}`) })))
  const title = t('clerk.class_title', { number: ticket.number })
  const said = await ask('class', { title, from: ticket.priority_class ? 'proof' : 'class' })
  if (!said) return
  const body = { priority_class: said.proof === 'none' ? null : said.class, proof_seen: said.proof === 'seen', reason: `proof_${said.proof}` }
  act('class', null, body, 'POST', `${hallUrl}/tickets/${ticket.id}/priority-class`)
}

function minuteChoices(minutes) {
  return minutes.map((count) => ({ value: count, text: t('clerk.minutes_short', { minutes: count }) }))
}

/** Asks the hall for one deed. Only one is under way at a time, however often its key is pressed. */
async function act(name, path, body = {}, method = 'POST', address = `${url}/${path}`) {
  if (busy !== null) return false
  busy = path === 'session' && method === 'POST' ? 'session' : name
  refuse('')
  mark(name, true)
  const telling = setTimeout(() => tellUnderway(name), UNDERWAY_MS)
  const answer = await mine.send(method, address, body)
  clearTimeout(telling)
  hook(document, 'underway').hidden = true
  busy = null
  mark(name, false)
  if (answer.ok && path === 'session') opened(answer.body.window)
  if (answer.ok && answer.body.type === 'window') page.take(answer.body)
  else if (!answer.ok) refused(answer)
  tick()
  return answer.ok
}

function mark(name, isUnderway) {
  set(document.querySelector(`[data-act="${name}"]`), { 'aria-busy': isUnderway })
  tick()
}

function tellUnderway(name) {
  const line = hook(document, 'underway')
  line.hidden = false
  say(line, t('clerk.underway', { deed: document.querySelector(`[data-act="${name}"] [data-text]`).textContent }))
}

function opened(desk) {
  here = desk.session ? desk.session.console : here
  wasMine = Boolean(desk.session)
  takenOver = false
}

function refused(answer) {
  if (answer.status === 401) signIn()
  else if (answer.body.code === 'window_taken') lost()
  else refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
}

// Another console has this window. It may be the same clerk at another desk, so nothing is lost: ask.
function lost() {
  takenOver = wasMine = true
  render()
  askToTakeOver()
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  refusedAbout = sentence === '' ? null : situation()
  line.hidden = sentence === ''
  say(line, sentence)
}

async function heartbeat() {
  if (!isMine() || document.querySelector('dialog[open][data-ask="take-over"]')) return
  const answer = await fetch(`${url}/heartbeat`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: '{}',
  }).catch(() => null)
  if (answer === null) return
  if (answer.status === 401) signIn()
  else if (answer.status === 409 && (await answer.json()).code === 'window_taken') lost()
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  if (view === null) return
  const { window: desk, ticket } = view
  const shownTicket = isMine() ? ticket : null // What goes on at somebody else's desk is theirs.
  set(document.body, { 'data-state': isMine() ? desk.state : desk.session ? 'elsewhere' : 'closed', 'data-now': actNow() })
  say(hook(document, 'window-label'), t.named(desk.label))
  renderClerk(desk)
  renderTicket(view, shownTicket !== null, t, clock)
  story.about(shownTicket)
  told.about(shownTicket)
  renderIdle(idleWords(desk), shownTicket === null)
  renderLine(view, isMine() && isReady(), t)
  renderHeld(view.held, { resume, handOver: transfer }, t, clock)
  renderGroups(view.groups, t)
  renderToday(isMine() ? view.today : null, t)
  say(document.querySelector('[data-act="next"] [data-text]'), t(nextWord(desk)))
  say(document.querySelector('[data-act="pause"] [data-text]'), t(desk.pause ? 'clerk.go_on' : 'clerk.pause'))
  document.title = `${shownTicket ? `${ticket.number} · ` : ''}${t('clerk.title', { window: desk.name })}`
  tick()
}

// The one deed that is expected now. It is the only one in colour.
function actNow() {
  if (!isMine()) return 'next'
  if (view.window.pause) return 'pause'
  if (view.ticket === null) return view.next && 'next'
  return view.ticket.state === 'called' ? 'start' : 'complete'
}

function renderClerk(desk) {
  const { session } = desk
  say(hook(document, 'clerk'), session ? `${session.clerk.name}　${session.clerk.staff_no || ''}` : '')
  const words = [t(`clerk.state_${desk.state}`)]
  if (isMine() && session.taken_over_at) {
    const values = { clerk: session.taken_from, time: clock.time(session.taken_over_at, t.language) }
    words.push(t(session.taken_from === session.clerk.name ? 'clerk.took_over_own' : 'clerk.took_over', values))
  }
  say(hook(document, 'window-state'), words.join(' · '))
}

function nextWord(desk) {
  if (isMine()) return 'clerk.next'
  if (isTaken()) return 'clerk.take_back'
  return desk.session ? 'clerk.take_over' : 'clerk.open'
}

function idleWords(desk) {
  if (!desk.session) return { word: t('clerk.idle_closed'), how: t('clerk.idle_closed_how') }
  if (!isMine()) return elsewhereWords(desk.session)
  if (desk.pause) return pauseWords(desk.pause, t, clock)
  if (view.next === null) return { word: t('clerk.idle_empty'), how: t('clerk.idle_empty_how') }
  return { word: t('clerk.idle_ready'), number: view.next.number, facts: factsOfNext(view, t), how: whyNext(view.next, t) }
}

function elsewhereWords(session) {
  const values = { clerk: session.clerk.name, time: clock.time(session.taken_over_at || session.since, t.language) }
  if (isTaken()) return { word: t('clerk.idle_elsewhere'), how: t('clerk.idle_elsewhere_how', values) }
  const isMe = account !== null && account.staff_no === session.clerk.staff_no
  return { word: t(isMe ? 'clerk.idle_other_desk' : 'clerk.idle_taken', values), how: t('clerk.idle_taken_how', values) }
}

// What moves with the clock alone: timers, countdowns, and the buttons that depend on them.
function tick() {
  say(hook(document, 'clock'), clock.timeWithSeconds(clock.now(), t.language))
  document.querySelectorAll('[data-act]').forEach((button) => {
    const name = button.dataset.act
    button.disabled = busy !== null || view === null || !ACTS[name].can()
    const seconds = name in LEFT && ticketIs('called') && (name !== 'recall' || hasRecalls()) ? left(LEFT[name]) : 0
    say(hook(button, 'left'), seconds > 0 ? minutesAndSeconds(seconds) : '')
    if (name === 'undo') button.style.setProperty('--left', seconds / UNDO_SECONDS)
  })
  document.querySelectorAll('[data-resume]').forEach((button) => {
    button.disabled = busy !== null || !isMine() || !isReady()
  })
  document.querySelectorAll('[data-hand-over]').forEach((button) => {
    button.disabled = busy !== null || !isMine() || !isFree()
  })
  if (view === null) return
  tickHeld(t, clock)
  if (view.ticket !== null) tickTimer(view, t, clock)
  if (isMine() && view.window.pause) renderIdle(idleWords(view.window), true)
}

// ── Hands ────────────────────────────────────────────────────────────────────────────────────────

function perform(name) {
  if (busy === null && view !== null && ACTS[name].can()) ACTS[name].perform()
}

function resume(person) {
  act('next', 'resume', { ticket: person.id })
}

document.querySelectorAll('[data-act]').forEach((button) => {
  button.addEventListener('click', () => perform(button.dataset.act))
})

onKey(hook(document, 'letters'), {
  act: perform,
  held(index, isHandOver) {
    const buttons = document.querySelectorAll(isHandOver ? '[data-hand-over]' : '[data-resume]')
    if (index in buttons && !buttons[index].disabled) buttons[index].click()
  },
  outcome() {
    const choice = hook(document, 'outcome')
    if (choice) choice.focus()
  },
})

hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  story.render()
  told.render()
  render()
})
