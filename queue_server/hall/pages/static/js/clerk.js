// The clerk's console. Everything has a key; the server decides, this page asks and shows.

import { deeds, isUnknown } from '/static/js/api.js'
import { hallClock, minutesAndSeconds } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { ask, fillReasons } from './dialogs.js'
import { onKey } from './keys.js'
import { reasonWord } from './reasons.js'

const HEARTBEAT_MS = 20000 // A console that is silent for a minute counts as absent.
const TICK_MS = 1000
const OUTCOMES = ['done', 'accepted', 'supplement', 'refused', 'referred']

const { hall_id: hallId, window_id: windowId, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const hallUrl = `/api/v1/halls/${hallId}`
const url = `${hallUrl}/windows/${windowId}`
const mine = deeds()
let view = null
let account = null
let heldBy = null // Which sign-in holds the window for this page, since it opened it or found it open.
let takenOver = false
let busy = false
let refusedAbout = null

start()

async function start() {
  const who = await fetch('/api/v1/sessions/current', { headers: { Accept: 'application/json' } }).catch(() => null)
  if (who !== null && who.status === 401) {
    signIn()
    return
  }
  if (who !== null && who.ok) {
    const body = await who.json()
    account = body.account || body
  }
  listen()
}

let page = null

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
      if (before !== situation()) mine.forget() // Whatever was pressed before has been answered by the hall.
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
  next: { can: () => (isMine() ? isFree() && !view.window.pause : view !== null), perform: nextOrOpen },
  start: { can: () => ticketIs('called'), perform: () => act('start') },
  complete: { can: () => ticketIs('serving'), perform: complete },
  recall: { can: () => ticketIs('called') && left('recall_from') === 0, perform: () => act('recall') },
  missed: { can: () => ticketIs('called') && left('grace_until') === 0, perform: () => act('missed') },
  undo: { can: () => ticketIs('called') && left('undo_until') > 0, perform: () => act('undo') },
  hold: { can: () => ticketIs('serving'), perform: () => ask('hold').then((said) => said && act('hold', said)) },
  transfer: { can: () => ticketIs('serving'), perform: transfer },
  pause: { can: () => isMine() && isFree(), perform: pauseOrGoOn },
  leave: { can: () => isMine() && isFree(), perform: leave },
}

// Countdowns on buttons: what may be done only from an instant on, or only until one.
const LEFT = { recall: 'recall_from', missed: 'grace_until', undo: 'undo_until' }

const ticketIs = (state) => isMine() && view.ticket !== null && view.ticket.state === state
const isFree = () => view.ticket === null
const left = (field) => (view.ticket[field] ? clock.secondsUntil(view.ticket[field]) : 0)

function isMine() {
  return view !== null && Boolean(view.window.session) && !takenOver && isMe(view.window.session.clerk)
}

function isMe(clerk) {
  if (account === null || !clerk) return Boolean(clerk)
  if (clerk.id !== undefined && account.id !== undefined) return clerk.id === account.id
  return account.staff_no ? clerk.staff_no === account.staff_no : clerk.name === account.display_name
}

// What is on the desk: a refusal is forgotten as soon as that changes.
function situation() {
  const { ticket, window: desk } = view
  return [desk.state, ticket && ticket.id, ticket && ticket.state, ticket && ticket.recalls].join(' ')
}

// ── Deeds ────────────────────────────────────────────────────────────────────────────────────────

function nextOrOpen() {
  if (isMine()) act('calls')
  else if (view.window.session) askToTakeOver()
  else open(false)
}

async function open(takeOver) {
  if (await act('session', takeOver ? { take_over: true } : {})) render()
}

// Who signs in elsewhere and takes the window has it at once, before anything is pressed here.
function lookForTakeOver(session) {
  if (busy) return // What is under way may be our own sign-in; its answer is a view as well.
  if (!session) {
    heldBy = null
    takenOver = false
  } else if (heldBy === null) {
    if (isMe(session.clerk)) heldBy = session.console
  } else if (session.console !== heldBy && !takenOver) {
    takenOver = true
    document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close(''))
  }
}

async function askToTakeOver() {
  if (await ask('take-over')) open(true)
}

function complete() {
  const outcomes = {}
  document.querySelectorAll('[data-outcome]').forEach((choice) => {
    outcomes[choice.dataset.outcome] = choice.value
  })
  act('completion', Object.keys(outcomes).length ? { outcomes } : {})
}

async function transfer() {
  const answer = await fetch(hallUrl, { headers: { Accept: 'application/json' } }).catch(() => null)
  if (answer === null || !answer.ok) {
    refuse(t('problem.offline'))
    return
  }
  const { groups } = await answer.json()
  const targets = groups.filter((group) => group.id !== view.ticket.group)
  hook(document, 'targets').replaceChildren(
    ...targets.map((group) =>
      el('label', { class: 'choice' },
        el('input', { type: 'radio', name: 'group', value: group.id, required: true }),
        el('span', {}, `${group.id} ${t.named(group.name)}`),
        el('small', {}, t('clerk.group_waiting', { count: group.waiting })))),
  )
  const said = await ask('transfer')
  if (said) act('transfer', said)
}

async function pauseOrGoOn() {
  if (view.window.pause) act('pause', null, 'DELETE')
  else {
    const said = await ask('pause')
    if (said) act('pause', said, 'PUT')
  }
}

function leave() {
  act('session', null, 'DELETE')
}

async function pick(person) {
  say(hook(document, 'pick-title'), t('clerk.pick_title', { number: person.number }))
  const said = await ask('pick')
  if (said) act('calls', { ticket: person.id, reason: said.reason })
}

async function act(path, body = {}, method = 'POST') {
  if (busy) return false
  busy = true
  refuse('')
  tick()
  const answer = await mine.send(method, `${url}/${path}`, body)
  busy = false
  if (answer.ok && path === 'session') opened(answer.body.window)
  if (answer.ok && answer.body.type === 'window') page.take(answer.body)
  else if (!answer.ok) refused(answer)
  tick()
  return answer.ok
}

function opened(desk) {
  heldBy = desk && desk.session ? desk.session.console : null
  takenOver = false
}

function refused(answer) {
  if (answer.status === 401) signIn()
  else if (answer.body.code === 'window_taken') lost()
  else refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
}

// Another console has this window. It may be the same clerk at another desk, so nothing is lost: ask.
function lost() {
  takenOver = true
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

function signIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  if (view === null) return
  const desk = view.window
  set(document.body, { 'data-state': desk.state, 'data-mine': isMine() })
  say(hook(document, 'window-label'), t.named(desk.label))
  const clerk = desk.session && desk.session.clerk
  say(hook(document, 'clerk'), clerk ? `${clerk.name}　${clerk.staff_no || ''}` : '')
  say(hook(document, 'window-state'), t(`clerk.state_${desk.state}`))
  renderToday(view.today)
  renderTicket(view.ticket)
  renderIdle(desk)
  renderWaiting(view.waiting || { total: 0, next: [] })
  renderHeld(view.held || [])
  renderGroups(view.groups || [])
  say(document.querySelector('[data-act="next"] [data-text]'), t(nextWord(desk)))
  say(document.querySelector('[data-act="pause"] [data-text]'), t(desk.pause ? 'clerk.go_on' : 'clerk.pause'))
  document.title = `${view.ticket ? `${view.ticket.number} · ` : ''}${t('clerk.title', { window: desk.name })}`
  tick()
}

function nextWord(desk) {
  if (isMine()) return 'clerk.next'
  return desk.session ? 'clerk.take_over' : 'clerk.open'
}

function renderToday(today) {
  if (!today) return
  say(hook(document, 'served'), String(today.served))
  say(hook(document, 'mean-service'), today.mean_service_seconds ? minutesAndSeconds(today.mean_service_seconds) : '–')
  say(hook(document, 'mean-wait'), today.mean_wait_seconds ? minutesAndSeconds(today.mean_wait_seconds) : '–')
}

function renderTicket(ticket) {
  hook(document, 'ticket').hidden = ticket === null || takenOver
  if (ticket === null) return
  say(hook(document, 'number'), ticket.number)
  say(hook(document, 'state-word'), t(`clerk.ticket_${ticket.state}`, { recalls: ticket.recalls }))
  hook(document, 'acknowledged').hidden = !(ticket.state === 'called' && ticket.acknowledged)
  const group = (view.groups || []).find((one) => one.id === ticket.group)
  say(hook(document, 'group'), group ? `${group.id} ${t.named(group.name)}` : ticket.group)
  say(hook(document, 'history'), historyOf(ticket))
  renderMarks(ticket)
  renderMatters(ticket)
}

function historyOf(ticket) {
  const facts = [
    t('clerk.issued', { time: clock.time(ticket.issued_at, t.language) }),
    t('clerk.waited', { minutes: Math.round(ticket.wait_seconds / 60) }),
  ]
  if (ticket.recalls > 0) facts.push(t('clerk.recalls', { count: ticket.recalls }))
  if (ticket.hold_seconds > 0) facts.push(t('clerk.was_held', { minutes: Math.ceil(ticket.hold_seconds / 60) }))
  if (ticket.hops > 0) facts.push(t('clerk.hops', { count: ticket.hops }))
  return facts.join(' · ')
}

function renderMarks(ticket) {
  const classes = ticket.priority_class ? [`class.${ticket.priority_class}`] : []
  const marks = classes.concat((ticket.needs || []).map((need) => `need.${need}`))
  keep(hook(document, 'marks'), marks, (mark) => mark, () => el('li', { class: 'mark' }), (row, mark) => say(row, t(mark)))
}

function renderMatters(ticket) {
  hook(document, 'matters-table').hidden = ticket.matters.length === 0
  hook(document, 'no-matters').hidden = ticket.matters.length > 0
  const create = (matter) => {
    const choice = el('select', { 'data-outcome': matter.code }, ...OUTCOMES.map((one) => el('option', { value: one }, '')))
    return el('tr', {},
      el('th', { scope: 'row', 'data-name': true }),
      el('td', { 'data-target': true }),
      el('td', {}, choice))
  }
  const key = (matter) => `${ticket.id} ${matter.code}` // Another citizen's outcomes start afresh.
  keep(hook(document, 'matters'), ticket.matters, key, create, (row, matter) => {
    say(hook(row, 'name'), t.named(matter.name) || matter.code)
    say(hook(row, 'target'), matter.target_minutes ? t('clerk.minutes_target', { minutes: matter.target_minutes }) : '')
    const choice = hook(row, 'outcome')
    set(choice, { 'aria-label': t('clerk.outcome_of', { matter: t.named(matter.name) || matter.code }) })
    choice.disabled = ticket.state !== 'serving'
    Array.from(choice.options).forEach((option) => say(option, t(`outcome.${option.value}`)))
  })
}

function renderIdle(desk) {
  hook(document, 'idle').hidden = view.ticket !== null && !takenOver
  const [word, how] = idleWords(desk)
  say(hook(document, 'idle-word'), word)
  say(hook(document, 'idle-how'), how)
}

function idleWords(desk) {
  if (!desk.session) return [t('clerk.idle_closed'), t('clerk.idle_closed_how')]
  if (takenOver) return [t('clerk.idle_elsewhere'), t('clerk.idle_taken_how')]
  if (!isMine()) return [t('clerk.idle_taken', { clerk: desk.session.clerk.name }), t('clerk.idle_taken_how')]
  if (desk.pause) {
    const until = desk.pause.until ? t('clerk.idle_paused_until', { time: clock.time(desk.pause.until, t.language) }) : ''
    return [t('clerk.idle_paused'), [reasonWord(t, desk.pause.reason), until].filter(Boolean).join(' · ')]
  }
  const total = view.waiting ? view.waiting.total : 0
  return total > 0
    ? [t('clerk.idle_ready'), t('clerk.idle_ready_how', { number: view.waiting.next.length ? view.waiting.next[0].number : '' })]
    : [t('clerk.idle_empty'), t('clerk.idle_empty_how')]
}

function renderWaiting(waiting) {
  say(hook(document, 'waiting-total'), String(waiting.total))
  hook(document, 'waiting-none').hidden = waiting.total > 0
  const create = (person) => {
    const button = el('button', { class: 'button', type: 'button', 'data-pick': true })
    const row = el('li', { class: 'person' },
      el('strong', { 'data-number': true }),
      el('span', { class: 'person__mark', 'data-mark': true }),
      el('span', { class: 'person__wait', 'data-wait': true }),
      button)
    button.addEventListener('click', () => pick(row.person))
    row.person = person
    return row
  }
  keep(hook(document, 'waiting'), waiting.next, (person) => person.id, create, (row, person) => {
    row.person = person
    say(hook(row, 'number'), person.number)
    say(hook(row, 'mark'), markOf(person, waiting.next[0]))
    say(hook(row, 'wait'), t('clerk.waits', { minutes: Math.floor(person.wait_seconds / 60) }))
    say(hook(row, 'pick'), t('clerk.pick'))
    set(hook(row, 'pick'), { 'aria-label': `${t('clerk.pick')} ${person.number}` })
  })
}

function markOf(person, first) {
  const words = person === first ? [t('clerk.next_mark')] : []
  return words.concat(person.priority_class ? [t(`class.${person.priority_class}`)] : []).join(' · ')
}

function renderHeld(held) {
  hook(document, 'held-section').hidden = held.length === 0
  const create = () => {
    const button = el('button', { class: 'button', type: 'button', 'data-resume': true },
      el('span', { 'data-word': true }), ' ', el('kbd', { class: 'key', 'aria-hidden': 'true', 'data-digit': true }))
    const row = el('li', { class: 'person' },
      el('strong', { 'data-number': true }),
      el('span', { class: 'person__mark', 'data-mark': true }),
      el('span', { class: 'person__wait', 'data-wait': true }),
      button)
    button.addEventListener('click', () => act('resume', { ticket: row.person.id }))
    return row
  }
  keep(hook(document, 'held'), held, (person) => person.id, create, (row, person) => {
    row.person = person
    say(hook(row, 'number'), person.number)
    say(hook(row, 'mark'), reasonWord(t, person.reason))
    say(hook(row, 'wait'), heldWord(person))
    say(hook(row, 'word'), t('clerk.resume'))
    say(hook(row, 'digit'), String(held.indexOf(person) + 1))
    set(hook(row, 'resume'), { 'aria-label': `${t('clerk.resume')} ${person.number}`, 'aria-keyshortcuts': String(held.indexOf(person) + 1) })
  })
}

function heldWord(person) {
  if (person.back) return t('clerk.held_back')
  return person.until ? t('clerk.held_until', { time: clock.time(person.until, t.language) }) : ''
}

function renderGroups(groups) {
  const create = () => el('li', {}, el('span', { 'data-name': true }), el('strong', { 'data-count': true }))
  keep(hook(document, 'groups'), groups, (group) => group.id, create, (row, group) => {
    say(hook(row, 'name'), `${group.id} ${t.named(group.name)}`)
    say(hook(row, 'count'), String(group.waiting))
  })
}

// What moves with the clock alone: timers, countdowns, and the buttons that depend on them.
function tick() {
  say(hook(document, 'clock'), clock.timeWithSeconds(clock.now(), t.language))
  document.querySelectorAll('[data-act]').forEach((button) => {
    const name = button.dataset.act
    button.disabled = busy || view === null || !ACTS[name].can()
    const field = LEFT[name]
    const seconds = field && ticketIs('called') ? left(field) : 0
    say(hook(button, 'left'), seconds > 0 ? minutesAndSeconds(seconds) : '')
  })
  document.querySelectorAll('[data-resume]').forEach((button) => {
    button.disabled = busy || !isMine() || !isFree() || Boolean(view.window.pause)
  })
  document.querySelectorAll('[data-pick]').forEach((button) => {
    button.disabled = busy || !isMine() || !isFree() || Boolean(view.window.pause)
  })
  if (view !== null && view.ticket !== null) tickTicket(view.ticket)
}

function tickTicket(ticket) {
  const serving = ticket.state === 'serving'
  const seconds = serving
    ? ticket.service_seconds + clock.secondsSince(view.as_of) // Holds do not count.
    : clock.secondsSince(ticket.called_at)
  const target = serving ? ticket.matters.reduce((sum, matter) => sum + (matter.target_minutes || 0), 0) : 0
  const over = target > 0 && seconds > target * 60
  say(hook(document, 'minutes'), minutesAndSeconds(seconds))
  say(hook(document, 'minutes-of'), timerWords(serving, target, over))
  set(hook(document, 'ticket'), { 'data-over': over })
}

function timerWords(serving, target, over) {
  if (!serving) return t('clerk.called_for')
  if (target === 0) return t('clerk.serving_for')
  return t(over ? 'clerk.over_target' : 'clerk.of_target', { minutes: target })
}

// ── Hands ────────────────────────────────────────────────────────────────────────────────────────

function perform(name) {
  if (!busy && view !== null && ACTS[name].can()) ACTS[name].perform()
}

document.querySelectorAll('[data-act]').forEach((button) => {
  button.addEventListener('click', () => perform(button.dataset.act))
})

onKey(hook(document, 'letters'), {
  act: perform,
  resume(index) {
    const button = document.querySelectorAll('[data-resume]')[index]
    if (button && !button.disabled) button.click()
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
  fillReasons(t)
  render()
})

fillReasons(t)
