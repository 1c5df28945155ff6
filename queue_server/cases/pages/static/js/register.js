// Every case of the hall, by whatever somebody knows of it. What is looked for stands in the address, so that the
// way back from a case leads to the same list; an applicant's number does not, for addresses are remembered.

import { got, signIn } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { dueWords } from './due.js'

const TYPING_MS = 300
const UNDER_WAY = ['accepted', 'in_review']
const FIELDS = ['kind', 'known', 'department', 'state', 'accepted_from', 'accepted_until', 'due_before', 'order']
const APPLICANT = 'applicant'
const BY_PARTS = ['receipt', 'matter'] // Half of anything else is nobody's.

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const form = hook(document, 'filters')
const known = hook(document, 'known')
let cases = []
let departments = []
let next = null
let total = ''
let problem = null // Why there is no list, if there is none.
let asking = 0 // Which look is the newest: an answer to an older one comes too late.
let typing = null

fill(new URLSearchParams(location.search))
look()

// ── Looking ──────────────────────────────────────────────────────────────────────────────────────

async function look() {
  clearTimeout(typing)
  history.replaceState(null, '', addressed())
  const answer = await ask(null)
  if (answer === null) return
  problem = answer.ok ? null : answer
  cases = answer.ok ? answer.body.cases : []
  next = answer.ok ? answer.body.next : null
  if (answer.ok) {
    departments = answer.body.departments
    total = `${answer.body.total}${answer.body.total_is_more ? '+' : ''}`
  }
  render()
}

async function lookFurther() {
  const last = hook(document, 'cases').lastElementChild
  const answer = await ask(next)
  if (answer === null) return
  problem = answer.ok ? null : answer
  if (answer.ok) {
    cases = cases.concat(answer.body.cases)
    next = answer.body.next
  }
  render()
  if (answer.ok && last.nextElementSibling !== null) last.nextElementSibling.querySelector('a').focus()
}

async function ask(after) {
  asking += 1
  const mine = asking
  const asked = wanted()
  if (after !== null) asked.set('after', after)
  const number = form.kind.value === APPLICANT ? known.value.trim() : ''
  if (/[^\x21-\x7e ]/.test(number)) return { ok: false, status: 422, body: { title: t('register.applicant_how'), title_zh: t('register.applicant_how') } }
  const answer = await got(`/api/v1/halls/${hallId}/register?${asked}`, number === '' ? {} : { 'Applicant-Number': number })
  if (answer.status === 401) signIn()
  return mine === asking && answer.status !== 401 ? answer : null
}

/** What the fields say, as the register takes it. */
function wanted() {
  const asked = new URLSearchParams({ order: form.order.value })
  const words = known.value.trim()
  if (words !== '' && form.kind.value !== APPLICANT) asked.set(form.kind.value, words)
  for (const name of ['department', 'accepted_from', 'accepted_until', 'due_before']) {
    if (form[name].value !== '') asked.set(name, form[name].value)
  }
  const state = form.state.value
  if (state === 'late') asked.set('late', 'true')
  else if (state === 'under_way') UNDER_WAY.forEach((stage) => asked.append('stage', stage))
  else if (state !== '') asked.set('stage', state)
  return asked
}

// ── What is looked for ───────────────────────────────────────────────────────────────────────────

function addressed() {
  const kept = new URLSearchParams()
  for (const name of FIELDS) {
    const secret = form.kind.value === APPLICANT && name === 'known'
    if (form[name].value !== '' && !secret && !isUsual(name)) kept.set(name, form[name].value)
  }
  const words = String(kept)
  return words === '' ? location.pathname : `${location.pathname}?${words}`
}

function isUsual(name) {
  return (name === 'kind' || name === 'order') && form[name].selectedIndex === 0
}

function fill(kept) {
  if (kept.get('department')) departments = [{ zh: kept.get('department'), en: kept.get('department') }]
  renderDepartments()
  for (const name of FIELDS) {
    if (kept.has(name)) form[name].value = kept.get(name)
  }
  for (const each of ['kind', 'state', 'order']) {
    if (form[each].selectedIndex === -1) form[each].selectedIndex = 0
  }
}

/** Only what waits for a decision can be urgent. */
function agree(changed) {
  const waits = ['', 'under_way', 'late', ...UNDER_WAY].includes(form.state.value)
  if (form.order.value !== 'urgent' || waits) return
  if (changed === form.order) form.state.value = ''
  else form.order.value = 'newest'
}

// ── What was found ───────────────────────────────────────────────────────────────────────────────

function render() {
  renderDepartments()
  const offline = problem !== null && problem.status === 0
  say(hook(document, 'count'), problem === null ? total : '')
  set(say(hook(document, 'said'), problem === null ? '' : offline ? t('register.offline') : refusal(problem.body)), { 'data-refused': problem !== null })
  hook(document, 'none').hidden = problem !== null || cases.length > 0
  const anything = addressed() !== location.pathname || known.value.trim() !== ''
  say(hook(document, 'none-words'), t(anything ? 'register.none' : 'register.empty'))
  hook(document, 'clear').hidden = !anything
  hook(document, 'table').hidden = cases.length === 0
  hook(document, 'more').hidden = next === null || problem !== null
  keep(hook(document, 'cases'), cases, (one) => one.id, drawn, update)
}

/** What is wrong with a field says more than that something is. */
function refusal(body) {
  const [fault] = body.errors || []
  if (fault === undefined) return t.problem(body)
  return t.language === 'zh' ? fault.message_zh : fault.message
}

function renderDepartments() {
  const chosen = form.department.value
  keep(form.department, [null].concat(departments), (each) => (each === null ? '' : each.zh), () => el('option', {}), (option, each) => {
    set(option, { value: each === null ? '' : each.zh })
    say(option, each === null ? t('inbox.all') : t.named(each))
  })
  form.department.value = chosen
  if (form.department.selectedIndex === -1) form.department.selectedIndex = 0
}

function drawn(one) {
  return el('tr', {},
    el('td', {}, el('span', {})),
    el('td', {}, el('a', { href: `/cases/${hallId}/${one.id}`, 'data-case': one.id }), el('span', { class: 'soft' })),
    el('td', { class: 'papers' }),
    el('td', {}),
    el('td', {}, el('span', {}), el('span', { class: 'soft' })),
    el('td', {}, el('span', {}), el('span', { class: 'soft' })))
}

function update(row, one) {
  const [due, what, papers, where, state, accepted] = row.children
  updateDue(due.firstElementChild, one)
  say(what.firstElementChild, t.named(one.subject.name))
  say(what.lastElementChild, [one.receipt || t('register.no_receipt'), one.number, one.subject.scenario_name ? t.named(one.subject.scenario_name) : ''].filter(Boolean).join(' · '))
  keep(papers, one.papers, (paper) => paper, (paper) => el('a', { href: `/cases/${hallId}/${one.id}/${paper}` }), (link, paper) => say(link, t(`register.paper.${paper}`)))
  say(where, t.named(one.subject.department))
  say(state.firstElementChild, t(`stage.${one.stage}`))
  say(state.lastElementChild, [one.reviewer ? one.reviewer.name : '', one.owed ? t('inbox.owed') : ''].filter(Boolean).join(' · '))
  say(accepted.firstElementChild, one.accepted ? one.accepted.name : '')
  say(accepted.lastElementChild, one.accepted_on || '')
}

/** Colour is for what still waits for a decision; of the others, the day is enough. */
function updateDue(place, one) {
  const waits = UNDER_WAY.includes(one.stage) && one.due !== null
  set(place, { class: waits ? 'due' : 'soft', 'data-color': waits ? one.due.color : null })
  say(place, waits ? dueWords(t, one.due) : (one.due !== null && one.due.on) || '')
}

// ── Hands ────────────────────────────────────────────────────────────────────────────────────────

form.addEventListener('submit', (event) => {
  event.preventDefault()
  look()
})
form.addEventListener('change', (event) => {
  agree(event.target)
  if (event.target === form.kind) {
    known.value = ''
    known.focus()
  }
  look()
})
known.addEventListener('input', () => {
  clearTimeout(typing)
  if (BY_PARTS.includes(form.kind.value) || known.value === '') typing = setTimeout(look, TYPING_MS)
})
hook(document, 'clear').addEventListener('click', () => {
  form.reset()
  known.focus()
  look()
})
hook(document, 'next').addEventListener('click', lookFurther)
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const inField = event.target.matches('input, select')
  if (event.key === '/' && !inField) {
    event.preventDefault()
    known.focus()
    known.select()
  } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && (!inField || event.target === known)) {
    step(event)
  }
})

/** From the line of filters into the list, and from case to case. */
function step(event) {
  const links = Array.from(document.querySelectorAll('[data-case]'))
  const row = event.target.closest('tr')
  const at = row === null ? -1 : links.indexOf(row.querySelector('[data-case]'))
  const to = at + (event.key === 'ArrowDown' ? 1 : -1)
  const target = to < 0 ? known : links[to]
  if (target === undefined) return
  event.preventDefault()
  target.focus()
}
