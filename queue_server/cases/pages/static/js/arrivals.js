// What came without anybody standing at a window, the oldest first: opened here, accepted on the case's own page.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { ask } from './ask.js'
import { unchecked } from './steps.js'

const LOOK_MS = 15000

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const url = `/api/v1/halls/${hallId}`
const mine = deeds()
const mail = document.querySelector('dialog[data-ask=mail] form')
let cases = []
let matters = []

start()

async function start() {
  const [hall, offered] = await Promise.all([got(url), got(`${url}/matters`)])
  if (hall.ok) clock.timezone = hall.body.hall.timezone
  if (offered.ok) matters = offered.body.matters
  await look()
  setInterval(look, LOOK_MS)
}

async function look() {
  const answer = await got(`${url}/arrivals`)
  if (answer.status === 0) return // The next look finds them.
  if (answer.status === 401) signIn()
  else if (answer.ok) {
    cases = answer.body.cases
    render()
  } else {
    say(hook(document, 'none'), t.problem(answer.body))
  }
}

function render() {
  say(hook(document, 'count'), String(cases.length))
  hook(document, 'table').hidden = cases.length === 0
  hook(document, 'none').hidden = cases.length > 0
  say(hook(document, 'none'), t('arrivals.none'))
  keep(hook(document, 'cases'), cases, (one) => one.id, drawn, update)
}

function drawn(one) {
  const again = el('button', { class: 'button again', type: 'button' })
  again.addEventListener('click', () => another(one.id))
  return el('tr', {},
    el('td', {}, el('span', { class: 'due' }), el('span', { class: 'soft' })),
    el('td', {}, el('a', { href: `/cases/${hallId}/${one.id}` }), el('span', { class: 'soft' })),
    el('td', {}), el('td', {}, el('p', {}), again), el('td', {}))
}

function update(row, one) {
  const [how, what, where, state, opened] = row.children
  set(how.firstElementChild, { 'data-channel': one.channel })
  say(how.firstElementChild, t(`channel.${one.channel}`))
  const parcel = one.parcels[one.parcels.length - 1]
  say(how.lastElementChild, [parcel ? parcel.waybill : one.opened.name, t('arrivals.visits', { visits: one.visits })].join(' · '))
  say(what.firstElementChild, t.named(one.subject.name))
  say(what.lastElementChild, [one.receipt, one.subject.scenario_name ? t.named(one.subject.scenario_name) : ''].filter(Boolean).join(' · '))
  say(where, t.named(one.subject.department))
  const left = unchecked(one)
  const due = one.stage === 'notified' ? t('arrivals.due', { date: one.notices[one.notices.length - 1].due_on }) : ''
  say(state.firstElementChild, [t(`stage.${one.stage}`), due, left > 0 ? t('arrivals.open', { count: left }) : ''].filter(Boolean).join(' · '))
  state.lastElementChild.hidden = one.channel !== 'mail' || one.stage === 'draft'
  say(state.lastElementChild, t('arrivals.another'))
  say(opened, clock.day(one.opened.at, t.language))
}

// ── Parcels ──────────────────────────────────────────────────────────────────────────────────────

async function register() {
  renderMatters()
  renderScenarios()
  const asked = ask('mail')
  renderConsent()
  const said = await asked
  if (said === null) return
  const answer = await sent(`${url}/mailed-cases`, {
    matter: said.matter,
    scenario: said.scenario || null,
    applicant: { kind: said.kind, name: said.name, number: said.number },
    parcel: parcelOf(said),
    way_back: said.way_back,
    contact: said.phone ? { phone: said.phone, language: t.language, consent: true } : null,
  })
  if (answer.ok) location.assign(`/cases/${hallId}/${answer.body.id}`)
}

async function another(id) {
  const said = await ask('parcel')
  if (said === null) return
  const { version } = cases.find((one) => one.id === id)
  const answer = await sent(`${url}/cases/${id}/parcels`, { version, parcel: parcelOf(said) })
  if (answer.ok) location.assign(`/cases/${hallId}/${id}`)
}

function parcelOf(said) {
  return { carrier: said.carrier, waybill: said.waybill, posted_on: said.posted_on }
}

function renderMatters() {
  hook(mail, 'matters').replaceChildren(...matters.map((matter) => el('option', { value: matter.code }, t.named(matter.name))))
}

function renderScenarios() {
  const matter = matters.find((each) => each.code === mail.elements.matter.value)
  const offered = matter === undefined ? [] : matter.scenarios
  const select = hook(mail, 'scenarios')
  select.replaceChildren(...offered.map((each) => el('option', { value: each.code }, t.named(each.name))))
  select.disabled = offered.length === 0
}

/** Whoever owns the phone has to agree, which the letter says. */
function renderConsent() {
  hook(mail, 'consent').required = mail.elements.phone.value.trim() !== ''
}

async function sent(address, body) {
  refuse('')
  const answer = await mine.send('POST', address, body)
  if (answer.status === 401) signIn()
  else if (!answer.ok) {
    refuse(isUnknown(answer) ? t('intake.offline') : t.problem(answer.body))
    await look()
  }
  return answer
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

hook(document, 'new').addEventListener('click', register)
mail.elements.matter.addEventListener('change', renderScenarios)
mail.elements.phone.addEventListener('input', renderConsent)
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
