// The ticket on the desk, its clock, and what stands there while nobody is served.

import { minutesAndSeconds } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { reasonWord } from './reasons.js'

const OUTCOMES = ['done', 'accepted', 'supplement', 'refused', 'referred']
const ATTENTION_SHARE = 0.8 // From here on the clock says how much of the target is left.

// ── The ticket ───────────────────────────────────────────────────────────────────────────────────

export function renderTicket(view, isShown, t, clock) {
  const { ticket } = view
  hook(document, 'ticket').hidden = !isShown
  if (!isShown) return
  say(hook(document, 'number'), ticket.number)
  say(hook(document, 'state-word'), t(`clerk.ticket_${ticket.state}`))
  hook(document, 'acknowledged').hidden = !(ticket.state === 'called' && ticket.acknowledged)
  say(hook(document, 'facts'), factsOf(view, ticket, t, clock))
  say(hook(document, 'rule'), ticket.call_rule ? t('clerk.called_by', { rule: t(`rule.${ticket.call_rule}`) }) : '')
  renderMarks(ticket, t)
  renderMatters(ticket, t)
  say(hook(document, 'later'), ticket.later_groups.length ? t('clerk.later', { groups: namesOf(view, ticket.later_groups, t) }) : '')
}

function factsOf(view, ticket, t, clock) {
  const facts = [
    namesOf(view, [ticket.group], t),
    t('clerk.issued', { how: t(`channel.${ticket.channel}`), time: clock.time(ticket.issued_at, t.language) }),
    t('clerk.waited', { minutes: Math.round(ticket.wait_seconds / 60) }),
  ]
  if (ticket.recalls > 0) facts.push(t('clerk.recalls', { count: ticket.recalls }))
  if (ticket.hold_seconds > 0) facts.push(t('clerk.was_held', { minutes: Math.ceil(ticket.hold_seconds / 60) }))
  return facts.join(' · ')
}

function namesOf(view, groupIds, t) {
  const nameOf = (groupId) => {
    const group = view.groups.find((one) => one.id === groupId)
    return group ? `${group.id} ${t.named(group.name)}` : groupId
  }
  return groupIds.map(nameOf).join('、')
}

// What one must know before saying a word: class and proof, needs, and another language than the hall's.
function renderMarks(ticket, t) {
  const marks = ticket.needs.map((need) => t(`need.${need}`))
  if (ticket.priority_class) {
    const values = { class: t(`class.${ticket.priority_class}`) }
    marks.unshift(t(ticket.proof_seen ? 'clerk.class_proved' : 'clerk.class_by_word', values))
  }
  if (ticket.language !== 'zh') marks.push(t('clerk.speaks_english'))
  keep(hook(document, 'marks'), marks, (mark) => mark, () => el('li', { class: 'mark' }), say)
}

function renderMatters(ticket, t) {
  hook(document, 'matters-table').hidden = ticket.matters.length === 0
  hook(document, 'no-matters').hidden = ticket.matters.length > 0
  const create = (matter) =>
    el('tr', {},
      el('th', { scope: 'row' },
        el('span', { class: 'matters__name', 'data-name': true }),
        el('span', { class: 'matters__target', 'data-target': true }),
        el('ul', { class: 'materials', 'data-materials': true })),
      el('td', {},
        el('select', { 'data-outcome': matter.code }, ...OUTCOMES.map((one) => el('option', { value: one }, '')))))
  const key = (matter) => `${ticket.id} ${matter.code}` // Another citizen's outcomes start afresh.
  keep(hook(document, 'matters'), ticket.matters, key, create, (row, matter) => {
    const name = t.named(matter.name) || matter.code
    say(hook(row, 'name'), matter.scenario ? `${name} · ${t.named(matter.scenario)}` : name)
    say(hook(row, 'target'), matter.target_minutes ? t('clerk.minutes_target', { minutes: matter.target_minutes }) : '')
    renderMaterials(hook(row, 'materials'), matter, t)
    const choice = hook(row, 'outcome')
    set(choice, { 'aria-label': t('clerk.outcome_of', { matter: name }) })
    choice.disabled = ticket.state !== 'serving'
    Array.from(choice.options).forEach((option) => say(option, t(`outcome.${option.value}`)))
  })
}

// What to ask for. What the hall has already comes last, and need not be asked for.
function renderMaterials(list, matter, t) {
  const needed = matter.materials.filter((material) => !material.exempt)
  const materials = needed.concat(matter.materials.filter((material) => material.exempt))
  const create = () => el('li', {}, el('span', { 'data-what': true }), el('small', { 'data-ease': true }))
  keep(list, materials, (material) => material.name.zh, create, (row, material) => {
    say(hook(row, 'what'), t.named(material.name))
    say(hook(row, 'ease'), easeOf(material, t))
    set(row, { 'data-exempt': material.exempt })
  })
}

function easeOf(material, t) {
  if (material.exempt) return t('clerk.exempt')
  return material.tolerable ? t('clerk.tolerable') : ''
}

// ── Its clock ────────────────────────────────────────────────────────────────────────────────────

/** What the service on the desk should take at most; 0 when nobody says. */
export function targetSeconds(ticket) {
  return ticket.matters.reduce((sum, matter) => sum + (matter.target_minutes || 0), 0) * 60
}

/** How long it has taken until now, holds left out. */
export function serviceSeconds(view, clock) {
  return view.ticket.service_seconds + clock.secondsSince(view.as_of)
}

export function tickTimer(view, t, clock) {
  const { ticket } = view
  const serving = ticket.state === 'serving'
  const seconds = serving ? serviceSeconds(view, clock) : clock.secondsSince(ticket.called_at)
  const most = serving ? targetSeconds(ticket) : (Date.parse(ticket.grace_until) - Date.parse(ticket.called_at)) / 1000
  const pace = serving ? paceOf(seconds, most) : 'calm'
  say(hook(document, 'minutes'), minutesAndSeconds(seconds))
  say(hook(document, 'minutes-of'), serving ? timerWords(seconds, most, pace, t) : graceWords(clock.secondsUntil(ticket.grace_until), t))
  set(hook(document, 'timer'), { 'data-pace': pace })
  hook(document, 'bar').style.inlineSize = `${most > 0 ? Math.min(100, (seconds / most) * 100) : 0}%`
}

function graceWords(seconds, t) {
  return seconds > 0 ? t('clerk.called_for', { left: minutesAndSeconds(seconds) }) : t('clerk.called_long')
}

function paceOf(seconds, target) {
  if (target === 0 || seconds <= target * ATTENTION_SHARE) return 'calm'
  return seconds <= target ? 'attention' : 'over'
}

function timerWords(seconds, target, pace, t) {
  if (target === 0) return t('clerk.serving_for')
  const left = minutesAndSeconds(Math.abs(target - seconds))
  const key = { calm: 'clerk.of_target', attention: 'clerk.near_target', over: 'clerk.over_target' }[pace]
  return t(key, { minutes: target / 60, left })
}

// ── Nobody there ─────────────────────────────────────────────────────────────────────────────────

/** @param {{word: string, number?: string, facts?: string, how: string}} words */
export function renderIdle(words, isShown) {
  hook(document, 'idle').hidden = !isShown
  if (!isShown) return
  say(hook(document, 'idle-word'), words.word)
  hook(document, 'idle-number').hidden = !words.number
  say(hook(document, 'idle-number'), words.number || '')
  say(hook(document, 'idle-facts'), words.facts || '')
  say(hook(document, 'idle-how'), words.how)
}

/** What stands on the desk of a window that is paused. */
export function pauseWords(pause, t, clock) {
  const word = t('clerk.idle_paused')
  const reason = reasonWord(t, pause.reason)
  if (!pause.until) return { word, how: reason }
  const left = clock.secondsUntil(pause.until)
  const values = { reason, time: clock.time(pause.until, t.language), left: minutesAndSeconds(left) }
  return { word, how: t(left > 0 ? 'clerk.idle_paused_until' : 'clerk.idle_paused_over', values) }
}
