// An agent in a village, with a phone: a case for somebody who stays at home, and the result brought back.
// One view at a time: the list, the form, the receipt, the delivery. The server decides.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { el, hook, keep, say } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'

const LOOK_MS = 15000
const VIEWS = ['list', 'form', 'filed', 'delivery']
const FILED_MARKS = ['present', 'to_check', 'missing']
const USUAL_TAG = 'agent'

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const url = `/api/v1/halls/${hallId}`
const mine = deeds()
const form = hook(document, 'form')
const delivery = hook(document, 'delivery')
let matters = []
let brought = [] // The cases of this agent, with whom they are for.
let filed = null // The case whose receipt is shown,
let delivering = null // and the one that is being delivered.

start()

async function start() {
  const offered = await got(`${url}/matters`)
  if (offered.ok) matters = offered.body.matters
  await look()
  setInterval(look, LOOK_MS)
}

async function look() {
  const answer = await got(`${url}/entrusted-cases`)
  if (answer.status === 0) return // The next look finds them.
  if (answer.status === 401) return signIn()
  if (!answer.ok) return say(hook(document, 'none'), t.problem(answer.body))
  brought = answer.body.cases
  render()
}

function open(view) {
  document.body.dataset.view = view
  VIEWS.forEach((name) => {
    hook(document, name).hidden = name !== view
  })
  refuse('')
  render()
  window.scrollTo(0, 0)
}

function render() {
  renderList()
  renderMatters()
  renderScenarios()
  renderPapers()
  renderFiled()
  renderDelivery()
}

// ── The list ─────────────────────────────────────────────────────────────────────────────────────

function renderList() {
  hook(document, 'none').hidden = brought.length > 0
  say(hook(document, 'none'), t('agent.none'))
  keep(hook(document, 'cases'), brought, (each) => each.case.id, drawnCard, (card, each) => {
    const one = each.case
    const waits = isWithAgent(one)
    say(hook(card, 'who'), each.applicant)
    say(hook(card, 'stage'), stageWords(one))
    say(hook(card, 'what'), t.named(one.subject.name))
    say(hook(card, 'when'), [one.receipt, dueWords(one), t('agent.visits', { visits: one.visits })].filter(Boolean).join(' · '))
    hook(card, 'pickup').hidden = one.stage !== 'result_ready'
    say(hook(card, 'pickup'), t('agent.pickup', { code: each.pickup }))
    hook(card, 'deliver').hidden = !waits
    say(hook(card, 'deliver'), t('agent.deliver'))
  })
}

function drawnCard(each) {
  const button = el('button', { class: 'button button--first wide', type: 'button', 'data-deliver': '' })
  button.addEventListener('click', () => {
    delivering = each.case.id
    delivery.reset()
    open('delivery')
  })
  return el('li', { class: 'card' },
    el('p', { class: 'card__head' }, el('strong', { 'data-who': '' }), el('span', { class: 'card__stage', 'data-stage': '' })),
    el('p', { 'data-what': '' }),
    el('p', { class: 'soft', 'data-when': '' }),
    el('p', { class: 'card__pickup', 'data-pickup': '' }),
    button)
}

/** Whether the desk has handed the result to the agent, and it is still to be delivered. */
function isWithAgent(one) {
  return one.stage === 'closed' && one.decision !== null && one.entrustment.delivered === null
}

function stageWords(one) {
  if (one.entrustment.delivered !== null) return t('agent.delivered')
  return isWithAgent(one) ? t('agent.to_deliver') : t(`stage.${one.stage}`)
}

function dueWords(one) {
  const isUnderWay = ['accepted', 'in_review'].includes(one.stage)
  return isUnderWay && one.due && one.due.on ? t('agent.due', { date: one.due.on }) : ''
}

// ── The form ─────────────────────────────────────────────────────────────────────────────────────

function renderMatters() {
  const select = hook(form, 'matters')
  const chosen = select.value
  const usual = matters.filter((matter) => matter.tags.includes(USUAL_TAG))
  const others = matters.filter((matter) => !matter.tags.includes(USUAL_TAG))
  select.replaceChildren(
    el('option', { value: '' }, t('agent.choose')),
    ...[['agent.usual', usual], ['agent.others', others]].filter(([, some]) => some.length > 0).map(([name, some]) =>
      el('optgroup', { label: t(name) }, ...some.map((matter) => el('option', { value: matter.code }, t.named(matter.name))))))
  select.value = chosen
}

function chosenMatter() {
  return matters.find((matter) => matter.code === form.elements.matter.value)
}

function chosenScenario() {
  const matter = chosenMatter()
  const box = form.querySelector('[name=scenario]:checked')
  return matter && box ? matter.scenarios.find((each) => each.code === box.value) : undefined
}

/** What has to be there, once it is known which scenario it is. */
function materials() {
  const matter = chosenMatter()
  if (matter === undefined) return []
  if (matter.scenarios.length === 0) return matter.materials
  const scenario = chosenScenario()
  return scenario === undefined ? [] : scenario.materials
}

function renderScenarios() {
  const matter = chosenMatter()
  const offered = matter === undefined ? [] : matter.scenarios
  hook(form, 'scenarios-field').hidden = offered.length === 0
  keep(hook(form, 'scenarios'), offered, (each) => `${matter.code}.${each.code}`, (each) =>
    drawnChoice('scenario', each.code, renderPapers), (choice, each) => say(choice.lastElementChild, t.named(each.name)))
}

function renderPapers() {
  const asked = materials()
  hook(form, 'papers-part').hidden = asked.length === 0
  keep(hook(form, 'papers'), asked.map((material, place) => ({ material, place })),
    ({ material, place }) => `${place} ${material.name.zh}`, drawnPaper, (paper, { material }) => {
      say(paper.firstElementChild, t.named(material.name))
      paper.querySelectorAll('[data-mark]').forEach((words) => say(words, t(`agent.mark.${words.dataset.mark}`)))
      const exempt = hook(paper, 'exempt')
      if (exempt !== null) say(exempt, t('agent.exempt'))
    })
}

function drawnPaper({ material, place }) {
  if (material.exempt) return el('div', { class: 'paper' }, el('p', {}), el('p', { class: 'soft', 'data-exempt': '' }))
  return el('fieldset', { class: 'paper' }, el('legend', {}), ...FILED_MARKS.map((mark) => {
    const choice = drawnChoice(`paper ${place}`, mark)
    choice.lastElementChild.dataset.mark = mark
    return choice
  }))
}

function drawnChoice(name, value, changed = null) {
  const box = el('input', { type: 'radio', name, value, required: true })
  if (changed !== null) box.addEventListener('change', changed)
  return el('label', { class: 'choice' }, box, el('span', {}))
}

form.elements.matter.addEventListener('change', () => {
  renderScenarios()
  renderPapers()
})
hook(form, 'phone').addEventListener('input', () => {
  const isGiven = hook(form, 'phone').value.trim() !== ''
  hook(form, 'consent').hidden = !isGiven
  hook(form, 'consent-box').required = isGiven
})

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const answer = await sent(`${url}/entrusted-cases`, entrustment(new FormData(form)))
  if (!answer.ok) return
  filed = answer.body
  open('filed')
  hook(document, 'filed').querySelector('h2').focus()
  look()
})

function entrustment(said) {
  const scenario = chosenScenario()
  const phone = said.get('phone').trim()
  return {
    matter: said.get('matter'),
    scenario: scenario === undefined ? null : scenario.code,
    applicant: { kind: 'resident', name: said.get('name'), number: said.get('number') },
    entruster: said.get('entruster'),
    paper_seen: said.has('paper_seen'),
    marks: materials().map((_, place) => said.get(`paper ${place}`)),
    contact: phone === '' ? null : { phone, of: said.get('of'), language: t.language, consent: said.has('consent') },
  }
}

function renderFiled() {
  if (filed === null) return
  say(hook(document, 'receipt'), filed.receipt)
  say(hook(document, 'code'), filed.code)
  say(hook(document, 'visits'), t('agent.visits', { visits: filed.visits }))
}

// ── The delivery ─────────────────────────────────────────────────────────────────────────────────

function renderDelivery() {
  const each = brought.find((one) => one.case.id === delivering)
  if (each === undefined) return
  const handed = each.case.items.filter((item) => item.mark === 'present')
  say(hook(delivery, 'delivered-what'), [each.applicant, t.named(each.case.subject.name), each.case.receipt].join(' · '))
  keep(hook(delivery, 'handed'), handed, (item) => `${each.case.id} ${item.place}`, (item) =>
    el('fieldset', { class: 'paper' }, el('legend', {}), ...['returned', 'kept'].map((what) => {
      const choice = drawnChoice(`paper ${item.place}`, what)
      choice.lastElementChild.dataset.what = what
      return choice
    })), (paper, item) => {
    say(paper.firstElementChild, t.named(item.name))
    paper.querySelectorAll('[data-what]').forEach((words) => say(words, t(`agent.${words.dataset.what}`)))
  })
}

delivery.addEventListener('submit', async (event) => {
  event.preventDefault()
  const one = brought.find((each) => each.case.id === delivering).case
  const said = new FormData(delivery)
  const places = (what) => one.items.filter((item) => said.get(`paper ${item.place}`) === what).map((item) => item.place)
  const body = { version: one.version, returned: places('returned'), kept: places('kept'), signed: said.has('signed') }
  const answer = await sent(`${url}/entrusted-cases/${one.id}/delivery`, body)
  if (!answer.ok) return
  await look()
  open('list')
})

// ── Deeds ────────────────────────────────────────────────────────────────────────────────────────

async function sent(address, body) {
  refuse('')
  const answer = await mine.send('POST', address, body)
  if (answer.status === 401) signIn()
  else if (!answer.ok) refuse(isUnknown(answer) ? t('agent.offline') : t.problem(answer.body))
  return answer
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
  if (sentence !== '') line.scrollIntoView({ block: 'center' })
}

hook(document, 'new').addEventListener('click', () => {
  form.reset()
  hook(form, 'papers').replaceChildren()
  hook(form, 'consent').hidden = true
  hook(form, 'consent-box').required = false
  open('form')
})
document.querySelectorAll('[data-back]').forEach((button) => button.addEventListener('click', () => open('list')))
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
