// The citizen's ticket on a phone: where it stands, where to go, and what one can do about it.
// A call vibrates and lights up. It never sounds.

import { deeds, isUnknown } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, say, sayInPhrases, set } from '/static/js/dom.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { reasonWord } from './reasons.js'

const BUZZ_MS = [500, 200, 500, 200, 900]
const DEFER_PLACES = [3, 5, 10, 20]
const ENDED = ['completed', 'cancelled', 'expired']

const { token, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const banner = staleBanner(hook(document, 'stale'), t, clock)
const url = `/api/v1/tickets/${token}`
const mine = deeds()
let ticket = null
let gone = false
let buzzedFor = null
let busy = false

const page = live({
  url: `/ws/tickets/${token}`,
  fetchUrl: url,
  onTime: clock.tell,
  onState(state, asOf) {
    banner(state, asOf)
    if (state === 'gone') showGone()
  },
  onView(view) {
    ticket = view
    clock.timezone = view.hall.timezone
    gone = false
    buzz(view)
    render()
    if (ENDED.includes(view.state)) page.close() // Nothing more will happen to it.
  },
})

document.querySelectorAll('[data-do]').forEach((button) => {
  button.addEventListener('click', () => press(button.dataset.do))
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  if (gone) showGone()
  else if (ticket !== null) render()
})
document.querySelector('[data-ask="cancellation"]').addEventListener('close', (event) => {
  if (event.target.returnValue === 'yes') perform('cancellation', {})
  event.target.returnValue = ''
})

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  const { state } = ticket
  const near = state === 'waiting' && ticket.near
  set(document.body, { 'data-state': state, 'data-near': near, 'data-acknowledged': ticket.acknowledged })
  say(hook(document, 'hall'), t.named(ticket.hall.name))
  say(hook(document, 'number'), ticket.number)
  say(hook(document, 'group'), t.named(ticket.group.name))
  sayInPhrases(hook(document, 'state-word'), stateWord(near))
  say(hook(document, 'rule-missed'), t('phone.rule_missed', { places: ticket.return_places }))
  say(hook(document, 'issued'), t('phone.issued', { time: clock.time(ticket.issued_at, t.language) }))
  renderWay()
  renderWait()
  renderExplanation()
  renderDeeds()
  document.title = titleOf()
}

function stateWord(near) {
  if (ticket.state === 'cancelled' && ticket.reason === 'void') return t('phone.void')
  if (near) return t('phone.near')
  if (ticket.state === 'called') return t(ticket.recalls > 0 ? 'phone.recalled' : 'phone.called')
  return t(`phone.${ticket.state}`)
}

function renderWay() {
  const desk = ['called', 'serving', 'on_hold'].includes(ticket.state) ? ticket.window : null
  const windowLine = hook(document, 'window')
  const wayLine = hook(document, 'way')
  windowLine.hidden = desk === null
  wayLine.hidden = desk === null || !desk.zone
  if (desk === null) return
  say(windowLine, t.named(desk.label))
  if (desk.zone) say(wayLine, t.named(desk.zone.name || desk.zone))
}

function renderWait() {
  const waiting = ticket.state === 'waiting'
  hook(document, 'wait').hidden = !waiting
  if (!waiting) return
  const ahead = ticket.ahead
  say(hook(document, 'ahead'), ahead === null ? '–' : t('phone.people', { count: ahead }))
  say(hook(document, 'range'), t.minutes(ticket.estimate))
  const names = ticket.windows.map((id) => t('phone.window', { window: id.replace(/^0+(?=\d)/, '') }))
  const windows = names.join(t.language === 'zh' ? '、' : ', ')
  sayInPhrases(hook(document, 'windows'), names.length ? t('phone.windows', { windows }) : t('phone.windows_none'))
}

function renderExplanation() {
  const line = hook(document, 'explain')
  const sentence = explanation()
  line.hidden = sentence === ''
  say(line, sentence)
}

function explanation() {
  const time = (at) => clock.time(at, t.language)
  if (ticket.state === 'called') {
    if (ticket.acknowledged) return t('phone.acknowledged')
    return ticket.grace_until ? t('phone.grace', { time: time(ticket.grace_until) }) : ''
  }
  if (ticket.state === 'missed') {
    return ticket.can.return && ticket.return_until
      ? t('phone.return_how', { time: time(ticket.return_until), places: ticket.return_places })
      : t('phone.return_over')
  }
  if (ticket.state === 'on_hold') return holdExplanation(time)
  return ticket.state === 'expired' || ticket.reason === 'void' ? t('phone.ended_how') : ''
}

function holdExplanation(time) {
  if (!ticket.can.return) return t('phone.back_how')
  const needed = ticket.hold_reason ? t('phone.hold_reason', { reason: reasonWord(t, ticket.hold_reason) }) : ''
  const until = ticket.hold_until ? t('phone.hold_how', { time: time(ticket.hold_until) }) : ''
  return [needed, until].filter(Boolean).join(t.language === 'zh' ? '。' : '. ')
}

function renderDeeds() {
  show('acknowledgement', ticket.can.acknowledge)
  show('return', ticket.can.return)
  show('deferral', ticket.can.defer)
  show('cancellation', ticket.can.cancel)
}

function show(deed, can) {
  const button = document.querySelector(`[data-do="${deed}"]`)
  button.hidden = !can
  button.disabled = busy
}

function titleOf() {
  if (ticket.state === 'called' && ticket.window) return `${t.named(ticket.window.label)} ← ${ticket.number}`
  if (ticket.state === 'waiting' && ticket.ahead !== null) {
    return `${ticket.number} · ${t('phone.title_ahead', { count: ticket.ahead })}`
  }
  return `${ticket.number} · ${t(`phone.${ticket.state}`)}`
}

function showGone() {
  gone = true
  set(document.body, { 'data-state': 'gone' })
  say(hook(document, 'number'), '—')
  sayInPhrases(hook(document, 'state-word'), t('phone.gone'))
  const line = hook(document, 'explain')
  line.hidden = false
  say(line, t('phone.gone_how'))
}

// ── The call ─────────────────────────────────────────────────────────────────────────────────────

// Once per call and recall, on this page or the one before the reload. Browsers refuse to vibrate for
// a page nobody has touched yet, and complain; the light is there anyway.
function buzz(view) {
  if (view.state !== 'called' || view.call_seq === null) return
  const call = String(view.call_seq)
  if (buzzedFor === null) buzzedFor = recalled(`buzzed-${token}`)
  if (buzzedFor === call) return
  buzzedFor = call
  remember(`buzzed-${token}`, call)
  const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive
  if (navigator.vibrate && touched) navigator.vibrate(BUZZ_MS)
}

// ── Deeds ────────────────────────────────────────────────────────────────────────────────────────

function press(deed) {
  if (deed === 'cancellation') document.querySelector('[data-ask="cancellation"]').showModal()
  else if (deed === 'deferral') offerPrices()
  else perform(deed, {})
}

// What letting people pass costs, before anybody pays it.
function offerPrices() {
  const dialog = document.querySelector('[data-ask="deferral"]')
  const prices = DEFER_PLACES.map((places) => {
    const button = el('button', { class: 'button price', type: 'button' },
      el('strong', {}, t('phone.price', { places })),
      el('span', {}, priceOf(places)))
    button.addEventListener('click', () => {
      dialog.close()
      perform('deferral', { places })
    })
    return button
  })
  hook(dialog, 'prices').replaceChildren(...prices)
  say(hook(dialog, 'defers-left'), t('phone.defers_left', { count: ticket.defers_left }))
  dialog.showModal()
}

function priceOf(places) {
  const ahead = (ticket.ahead || 0) + places
  if (!ticket.estimate) return t('phone.price_ahead', { ahead })
  const later = (ahead + 1) / ((ticket.ahead || 0) + 1)
  const minutes = t.minutes({
    low_minutes: Math.round(ticket.estimate.low_minutes * later),
    high_minutes: Math.round(ticket.estimate.high_minutes * later),
  })
  return t('phone.price_minutes', { ahead, minutes })
}

async function perform(deed, body) {
  if (busy) return
  busy = true
  refuse('')
  renderDeeds()
  const answer = await mine.send('POST', `${url}/${deed}`, body)
  busy = false
  if (answer.ok) page.take(answer.body)
  else refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
  renderDeeds()
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── What this phone remembers ────────────────────────────────────────────────────────────────────

function remember(name, value) {
  try {
    sessionStorage.setItem(name, value)
  } catch (error) {
    // Private browsing without storage: the page only forgets at a reload.
  }
}

function recalled(name) {
  try {
    return sessionStorage.getItem(name)
  } catch (error) {
    return null
  }
}
