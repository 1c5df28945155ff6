// The citizen's ticket on a phone: where it stands, what was promised, where to go, and what one can do about it.
// A call vibrates and lights up. It never sounds.

import { deeds, isUnknown } from '/static/js/api.js'
import { hallClock, minutesAndSeconds } from '/static/js/clock.js'
import { el, hook, keep, say, sayInPhrases, set } from '/static/js/dom.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { buzzer, tabIcon, wakefulness } from './attention.js'
import { before } from './before.js'
import { phoneBinding } from './bind.js'
import { ownCases } from './cases.js'
import { rating } from './rating.js'
import { checklist } from './checklist.js'
import { comingLater } from './later.js'
import { expected, promiseSentence, windowNames } from './promise.js'
import { reasonWord } from './reasons.js'
import { wechatOffer } from './wechat.js'

const ENDED = ['completed', 'cancelled', 'expired']
const AT_A_WINDOW = ['called', 'serving', 'on_hold']
const BRINGS = ['waiting', 'missed', 'on_hold', 'called']
const SHOWN_PEOPLE_MAX = 10 // More people than these are a number, not a line.
const TICK_MS = 1000
const HOUR_SECONDS = 3600
const WALKS_MINUTES = [0, 5, 10, 15, 20, 30, 45, 60]
const ELDER_COOKIE = 'elder=1; path=/; samesite=lax; max-age='
const YEAR_SECONDS = 365 * 24 * 3600

const { token, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const banner = staleBanner(hook(document, 'stale'), t, clock)
const url = `/api/v1/tickets/${token}`
const mine = deeds()
const root = document.documentElement
let ticket = null
let gone = false
let busy = false
let plan = null
let drawnPlan = null // Who draws it comes when it is wanted: a first look is light.
let asksForPlan = false
let drawn = '' // Which picture of it stands there.
let told = false // That this phone follows the ticket.
let matters = [] // What the ticket is for, with what to bring,
let asksForMatters = false
let list = null // and the checklist made of it.

const buzz = buzzer(`buzzed-${token}`)
const stayLit = wakefulness()
const showIcon = tabIcon(hook(document, 'icon'))
const why = before(hook(document, 'why'), { t, clock, url, ticket: () => ticket })
const own = ownCases(hook(document, 'cases'), t, url)
const rate = rating(hook(document, 'rate'), url)
const offerLater = comingLater(document.querySelector('[data-ask="deferral"]'), {
  t, clock, url, choose: (places) => perform('deferral', { places }),
})

const sayPhone = phoneBinding(hook(document, 'bind'), { t, url, bound: (view) => page.take(view) })
const sayWechat = wechatOffer(document.querySelector('[data-wechat]'), t)

const page = live({
  url: `/ws/tickets/${token}`,
  fetchUrl: url,
  onTime: clock.tell,
  onState(state, asOf) {
    banner(state, asOf)
    if (state === 'gone') showGone()
  },
  onView(view) {
    if (ticket === null) say(hook(document, 'state-word'), '') // What the server wrote knows nothing of phrases.
    ticket = view
    clock.timezone = view.hall.timezone
    gone = false
    buzz(view)
    sayThatWeFollow()
    bring()
    own.about(view.state)
    rate.about(view.state)
    render()
    if (ENDED.includes(view.state)) end()
  },
})

document.querySelectorAll('[data-do]').forEach((button) => {
  button.addEventListener('click', () => press(button.dataset.do))
})
document.querySelector('[data-ask="cancellation"]').addEventListener('close', (event) => {
  if (event.target.returnValue === 'yes') perform('cancellation', {})
  event.target.returnValue = ''
})
hook(document, 'language').addEventListener('click', (event) => {
  event.preventDefault() // Both languages are here already, also while there is no network.
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  why.relabel()
  own.relabel()
  if (list !== null) list.relabel()
  renderElder()
  if (gone) showGone()
  else if (ticket !== null) render()
})
hook(document, 'enlarge').addEventListener('click', () => {
  set(root, { 'data-elder': root.dataset.elder === undefined })
  document.cookie = ELDER_COOKIE + (root.dataset.elder === undefined ? 0 : YEAR_SECONDS)
  renderElder()
})
hook(document, 'walk').addEventListener('change', (event) => {
  event.target.blur()
  perform('walk', { minutes: Number(event.target.value) }, 'PUT')
})
hook(document, 'map').addEventListener('toggle', (event) => {
  if (event.target.open) renderPlans()
})
renderElder()
setInterval(() => {
  if (ticket !== null && !gone) renderTime()
}, TICK_MS)

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  const { state } = ticket
  const near = state === 'waiting' && ticket.near
  set(document.body, { 'data-state': state, 'data-near': near, 'data-acknowledged': ticket.acknowledged })
  say(hook(document, 'hall'), t.named(ticket.hall.name))
  say(hook(document, 'number'), ticket.number)
  say(hook(document, 'group'), t.named(ticket.group.name))
  sayInPhrases(hook(document, 'state-word'), stateWord(near))
  say(hook(document, 'issued'), t('phone.issued', { time: time(ticket.issued_at) }))
  renderMatters()
  renderWay()
  renderWait()
  renderExplanation()
  renderOutcomes()
  renderDeeds()
  renderPlans()
  renderRules()
  renderTime()
  sayPhone(ticket)
  sayWechat(ticket)
  hook(document, 'why').hidden = !['waiting', 'called', 'missed', 'serving'].includes(state)
  stayLit(near || state === 'called')
  showIcon(state === 'called')
  document.title = titleOf()
}

function time(at) {
  return clock.time(at, t.language)
}

function stateWord(near) {
  if (ticket.state === 'cancelled' && ticket.reason === 'void') return t('phone.void')
  if (near) return t('phone.near')
  if (ticket.state === 'called') return t(ticket.recalls > 0 ? 'phone.recalled' : 'phone.called')
  if (ticket.state === 'on_hold' && !ticket.can.return) return t('phone.back')
  return t(`phone.${ticket.state}`)
}

function renderWay() {
  const desk = AT_A_WINDOW.includes(ticket.state) ? ticket.window : null
  const windowLine = hook(document, 'window')
  const wayLine = hook(document, 'way')
  windowLine.hidden = desk === null
  wayLine.hidden = desk === null || !desk.zone
  if (desk === null) return
  const points = ticket.state === 'called' && desk.direction
  set(hook(document, 'arrow'), { 'data-direction': points || null, hidden: !points })
  say(hook(document, 'window-name'), t.named(desk.label))
  if (!desk.zone) return
  const zone = el('span', { class: 'zone', 'data-zone-color': desk.zone.color || 'slate' }, t.named(desk.zone.name))
  wayLine.replaceChildren(...(points ? [el('span', {}, t(`way.${points}`)), zone] : [zone]))
}

function renderWait() {
  const waiting = ticket.state === 'waiting'
  hook(document, 'wait').hidden = !waiting
  if (!waiting) return
  say(hook(document, 'ahead'), ticket.ahead === 0 ? t('phone.next') : t('phone.people', { count: ticket.ahead }))
  set(hook(document, 'ahead'), { 'data-next': ticket.ahead === 0 })
  say(hook(document, 'range'), t.minutes(ticket.estimate))
  renderLine()
  const windows = ticket.likely || []
  sayInPhrases(hook(document, 'windows'), windows.length ? t('phone.windows', { windows: windowNames(t, windows) }) : t('phone.windows_none'))
  renderLater()
  renderWalk()
}

// Whoever was reminded already is on the way, and has nothing left to choose.
function renderWalk() {
  const choice = hook(document, 'walk')
  hook(document, 'walk-line').hidden = ticket.near
  if (document.activeElement === choice) return // It is open, perhaps.
  const minutes = WALKS_MINUTES.includes(ticket.walk_minutes) ? WALKS_MINUTES : [ticket.walk_minutes, ...WALKS_MINUTES]
  choice.replaceChildren(...minutes.map((each) =>
    el('option', { value: each, selected: each === ticket.walk_minutes }, each === 0 ? t('phone.walk_none') : t('phone.walk_minutes', { minutes: each }))))
}

// One dot for each person ahead, the window on the left and you on the right. People who leave fade away.
function renderLine() {
  const line = hook(document, 'line')
  const shown = Math.min(ticket.ahead, SHOWN_PEOPLE_MAX)
  const more = ticket.ahead - shown
  line.hidden = false
  const people = Array.from({ length: shown }, (_, place) => `person-${shown - place}`)
  const marks = ['desk', ...people, more > 0 ? 'more' : null, 'me'].filter(Boolean)
  keep(line, marks, (mark) => mark, (mark) => el('span', { class: `line__${mark.replace(/-\d+$/, '')}` }), (node, mark) => {
    if (mark === 'more') say(node, `+${more}`)
  })
}

function renderLater() {
  const line = hook(document, 'later')
  const legs = ticket.later || []
  line.hidden = legs.length === 0
  const groups = legs.map((leg) => {
    const group = t.named(leg.name)
    return leg.windows.length ? t('phone.later_at', { group, windows: windowNames(t, leg.windows) }) : group
  })
  sayInPhrases(line, groups.length ? t('phone.later', { groups: groups.join(t.language === 'zh' ? '、' : ', ') }) : '')
}

function renderExplanation() {
  const line = hook(document, 'explain')
  const sentence = explanation()
  line.hidden = sentence === ''
  say(line, sentence)
}

function explanation() {
  if (ticket.state === 'called') {
    if (ticket.acknowledged) return t('phone.acknowledged')
    return ticket.grace_until ? t('phone.grace', { time: time(ticket.grace_until) }) : ''
  }
  if (ticket.state === 'missed') {
    return ticket.can.return && ticket.return_until
      ? t('phone.return_how', { time: time(ticket.return_until), places: ticket.return_places })
      : t('phone.return_over')
  }
  if (ticket.state === 'on_hold') return holdExplanation()
  if (ticket.state === 'completed' && ticket.ended_at) return t('phone.done_at', { time: time(ticket.ended_at) })
  return ENDED.includes(ticket.state) ? t('phone.ended_how') : ''
}

function holdExplanation() {
  if (!ticket.can.return) return ''
  const needed = ticket.hold_reason ? t('phone.hold_reason', { reason: reasonWord(t, ticket.hold_reason) }) : ''
  const until = ticket.hold_until ? t('phone.hold_how', { time: time(ticket.hold_until) }) : ''
  return [needed, until, t('phone.hold_keeps')].filter(Boolean).join(t.language === 'zh' ? '' : ' ')
}

function renderOutcomes() {
  const outcomes = ticket.outcomes || []
  hook(document, 'outcomes').hidden = outcomes.length === 0
  keep(hook(document, 'outcomes'), outcomes, (each) => each.matter, () => el('li', {}, el('span', {}), el('strong', {})), (line, each) => {
    say(line.firstChild, matterName(each.matter))
    say(line.lastChild, t(`outcome.${each.outcome}`))
  })
}

function renderDeeds() {
  show('acknowledgement', ticket.can.acknowledge)
  show('return', ticket.can.return)
  show('deferral', ticket.can.defer)
  show('cancellation', ticket.can.cancel)
  const again = set(hook(document, 'again'), { href: `/take/${ticket.hall.id}` })
  again.hidden = !(['cancelled', 'expired'].includes(ticket.state) || (ticket.state === 'missed' && !ticket.can.return))
}

function show(deed, can) {
  const button = document.querySelector(`[data-do="${deed}"]`)
  button.hidden = !can
  button.disabled = busy
}

// What moves with the clock alone: the range in hours and minutes, and what is left of a time that runs out.
function renderTime() {
  const range = ticket.state === 'waiting' ? expected(ticket, clock) : null
  const around = hook(document, 'around')
  around.hidden = range === null
  if (range !== null) say(around, t('phone.around', { from: time(range.low), to: time(range.high) }))
  const promise = hook(document, 'promise')
  const sentence = ticket.state === 'waiting' ? promiseSentence(t, clock, ticket) : ''
  promise.hidden = sentence === ''
  set(promise, { 'data-changed': ticket.revision ? (ticket.revision.later ? 'later' : 'earlier') : null })
  say(promise, sentence)
  renderLeft()
}

function renderLeft() {
  const line = hook(document, 'left')
  const until = runsOutAt()
  const seconds = until === null ? 0 : clock.secondsUntil(until)
  line.hidden = seconds === 0
  if (seconds === 0) return
  const left = seconds >= HOUR_SECONDS ? time(until) : minutesAndSeconds(seconds)
  say(line, t('phone.left', { time: left }))
}

function runsOutAt() {
  if (ticket.state === 'called' && !ticket.acknowledged) return ticket.grace_until
  if (ticket.state === 'missed' && ticket.can.return) return ticket.return_until
  if (ticket.state === 'on_hold' && ticket.can.return) return ticket.hold_until
  return null
}

function renderRules() {
  const rules = ticket.rules
  hook(document, 'rules').hidden = !rules
  if (!rules) return
  const minutes = (seconds) => Math.round(seconds / 60)
  const sentences = [
    t('phone.rule_silent'),
    t('phone.rule_window'),
    t('phone.rule_order'),
    t('phone.rule_law', { minutes: minutes(rules.green_head_start_seconds) }),
    t('phone.rule_bound', { times: rules.overtaken_max, row: rules.green_in_a_row_max, minutes: minutes(rules.ordinary_guard_seconds) }),
    t('phone.rule_grace', { minutes: minutes(rules.call_grace_seconds) }),
    rules.returns_max > 0
      ? t('phone.rule_return', { minutes: minutes(rules.return_within_seconds), times: rules.returns_max, places: rules.return_places })
      : '',
    rules.defers_max > 0 ? t('phone.rule_defer', { times: rules.defers_max, places: rules.defer_places_max }) : '',
  ].filter(Boolean)
  keep(hook(document, 'rule-list'), sentences, (sentence) => sentences.indexOf(sentence), () => el('li', {}), say)
}

function titleOf() {
  if (ticket.state === 'called' && ticket.window) return `● ${t.named(ticket.window.label)} ← ${ticket.number}`
  if (ticket.state === 'waiting' && ticket.ahead !== null) {
    return `${ticket.number} · ${ticket.ahead === 0 ? t('phone.next') : t('phone.title_ahead', { count: ticket.ahead })}`
  }
  return `${ticket.number} · ${t(`phone.${ticket.state}`)}`
}

function renderElder() {
  const large = root.dataset.elder !== undefined
  const button = set(hook(document, 'enlarge'), { 'aria-pressed': String(large) })
  button.hidden = false
  say(button, t(large ? 'phone.elder_off' : 'phone.elder'))
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

function end() {
  page.close() // Nothing more will happen to it.
  bring()
}

// ── The way ──────────────────────────────────────────────────────────────────────────────────────

function renderPlans() {
  const called = ticket.state === 'called' && ticket.window !== null
  const map = hook(document, 'map')
  map.hidden = called || ENDED.includes(ticket.state)
  if (!called && !map.open) {
    hook(document, 'plan').hidden = true
    return
  }
  if (plan === null) {
    askForPlan()
    return
  }
  const frame = hook(document, called ? 'plan' : 'map-plan')
  const goal = AT_A_WINDOW.includes(ticket.state) ? ticket.window : null
  const picture = [called, goal && goal.id, t.language, plan.version].join()
  if (picture === drawn) return
  drawn = picture
  const drawing = drawnPlan(plan, {
    language: t.language,
    windowId: goal ? goal.id : undefined,
    label: goal ? t('phone.plan_to', { window: t.named(goal.label) }) : t('phone.plan_of'),
    here: t('phone.here'),
    entrance: t('phone.entrance'),
  })
  frame.replaceChildren(...(drawing ? [drawing] : []))
  hook(document, 'plan').hidden = !called || drawing === null
  if (drawing === null) map.hidden = true
}

async function askForPlan() {
  if (asksForPlan) return
  asksForPlan = true
  try {
    drawnPlan = (await import('/static/js/plan.js')).drawnPlan
    plan = await looked(`/api/v1/halls/${ticket.hall.id}/plan`)
  } catch (error) {
    plan = null // No network just now; the next view asks again.
  }
  asksForPlan = false
  if (plan !== null) renderPlans()
}

// ── What to bring ────────────────────────────────────────────────────────────────────────────────

async function bring() {
  if (list === null && ticket.matters.length && !asksForMatters) {
    asksForMatters = true
    const found = await looked(`${url}/materials`)
    asksForMatters = false
    if (found === null) return
    matters = found.matters
    list = checklist(hook(document, 'bring'), t, matters, `bring-${ticket.hall.id}-${ticket.id}`)
    renderMatters()
    renderOutcomes()
  }
  if (list === null) return
  if (ENDED.includes(ticket.state)) list.wipe()
  else list.show(BRINGS.includes(ticket.state))
}

function renderMatters() {
  const line = hook(document, 'matters')
  line.hidden = matters.length === 0
  say(line, matters.map((matter) => t.named(matter.name)).join(t.language === 'zh' ? '、' : ', '))
}

function matterName(code) {
  const found = matters.find((matter) => matter.code === code)
  return found ? t.named(found.name) : code
}

async function looked(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: 'application/json' } })
    return answer.ok ? await answer.json() : null
  } catch (error) {
    return null // No network. The next view asks again.
  }
}

// ── Deeds ────────────────────────────────────────────────────────────────────────────────────────

function press(deed) {
  if (deed === 'cancellation') document.querySelector('[data-ask="cancellation"]').showModal()
  else if (deed === 'deferral') offerLater(ticket)
  else perform(deed, {})
}

async function perform(deed, body, method = 'POST') {
  if (busy) return
  busy = true
  refuse('')
  renderDeeds()
  const answer = await mine.send(method, `${url}/${deed}`, body)
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

// So that no guide looks for somebody who sees the call. Said once; the hall remembers it.
function sayThatWeFollow() {
  if (told || ticket.followed !== false || ENDED.includes(ticket.state)) return
  told = true
  deeds().send('POST', `${url}/following`, {})
}
