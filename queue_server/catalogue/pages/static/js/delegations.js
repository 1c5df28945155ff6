// Every letter of delegation, with the days it has left; the department asks, the reform office approves.

import { deeds, got, signIn } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { speaker } from '/static/js/texts.js'

const LOOK_MS = 15000
const COLORS = { ended: 'late', soon: 'soon', valid: 'calm' }

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const { send } = deeds()
const dialog = hook(document, 'renew')
let role = ''
let letters = []
let renewing = null

begin()
setInterval(look, LOOK_MS)

async function begin() {
  const who = await got('/api/v1/sessions/current')
  if (who.status === 401) signIn()
  else if (who.ok) role = who.body.account.role
  look()
}

async function look() {
  const answer = await got(`/api/v1/halls/${hallId}/delegations`)
  if (answer.status === 401) signIn()
  else if (answer.ok) {
    letters = answer.body.delegations
    render()
  } else if (answer.status > 0) {
    say(hook(document, 'none'), t.problem(answer.body))
  }
}

function render() {
  say(hook(document, 'count'), String(letters.length))
  hook(document, 'table').hidden = letters.length === 0
  hook(document, 'none').hidden = letters.length > 0
  say(hook(document, 'none'), t('letters.none'))
  keep(hook(document, 'letters'), letters, (one) => one.matter, drawn, update)
}

function drawn(one) {
  const renew = el('button', { class: 'button', type: 'button', 'data-ask': true }, t('letters.renew'))
  const approve = el('button', { class: 'button button--first', type: 'button', 'data-approve': true }, t('letters.approve'))
  const decline = el('button', { class: 'button button--quiet', type: 'button', 'data-decline': true }, t('letters.decline'))
  renew.addEventListener('click', () => open(one.matter))
  approve.addEventListener('click', () => settle(one.matter, true))
  decline.addEventListener('click', () => settle(one.matter, false))
  return el('tr', {},
    el('td', {}, el('strong', {}), el('span', { class: 'soft' })),
    el('td', {}, el('span', { class: 'mark' }), el('span', { class: 'soft' })),
    el('td', {}),
    el('td', {}, el('p', {}), el('div', { class: 'keys' }, renew, approve, decline)))
}

function update(row, one) {
  const [what, until, ask, renewal] = row.children
  say(what.firstElementChild, t.named(one.name))
  say(what.lastElementChild, `${one.matter} · ${t.named(one.department)}`)
  set(until.firstElementChild, { 'data-color': COLORS[one.standing] })
  say(until.firstElementChild, one.days_left < 0 ? t('letters.ended', { days: -one.days_left }) : t('letters.left', { days: one.days_left }))
  say(until.lastElementChild, one.ends_on)
  say(ask, one.ask)
  const asked = one.renewal
  say(renewal.firstElementChild, asked ? t('letters.asked', { by: asked.asked_by_name, date: asked.ends_on, reason: asked.reason }) : '')
  hook(row, 'ask').hidden = asked !== null || role === 'clerk'
  hook(row, 'approve').hidden = asked === null || role !== 'admin'
  hook(row, 'decline').hidden = asked === null || role !== 'admin'
}

function open(matter) {
  renewing = letters.find((one) => one.matter === matter)
  say(hook(document, 'what'), `${t.named(renewing.name)} · ${renewing.ends_on}`)
  hook(document, 'ends').value = ''
  hook(document, 'reason').value = ''
  dialog.showModal()
}

async function settle(matter, approved) {
  await tell(await send('POST', `/api/v1/halls/${hallId}/delegations/${matter}/renewal/decision`, { approved }), approved ? 'letters.approved' : 'letters.declined')
}

async function tell(answer, done) {
  const refusal = hook(document, 'refusal')
  refusal.hidden = answer.ok
  say(refusal, answer.ok ? '' : t.problem(answer.body))
  hook(document, 'done').hidden = !answer.ok
  say(hook(document, 'done'), answer.ok ? t(done) : '')
  await look()
}

hook(document, 'close').addEventListener('click', () => dialog.close())
hook(document, 'form').addEventListener('submit', async (event) => {
  event.preventDefault()
  const asked = { ends_on: hook(document, 'ends').value, reason: hook(document, 'reason').value }
  dialog.close()
  await tell(await send('PUT', `/api/v1/halls/${hallId}/delegations/${renewing.matter}/renewal`, asked), 'letters.sent')
})
