// What waits for a decision, the most urgent first. Colour says it, and words say it too.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { dueWords } from './due.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'

const LOOK_MS = 3000 // Somebody stands at a window while a question waits.
const ALL = ''
const SHOWN_MAX = 100 // The most urgent; the register has them all.
const LATE_MINUTES = 5 // Somebody has been standing at the window for so long.

const { hall_id: hallId, language, texts } = pageData()
const KEPT = `inbox department ${hallId}`
const t = speaker(texts, language)
const mine = deeds()
let cases = []
let questions = []
let tasks = [] // Of the departments for which whoever looks decides, beside the one that leads.
let departments = []
let total = ''
let mineOnly = remembered() // The department this browser works for, as `{zh, en}`; null: all; undefined: nobody chose yet.

look()
setInterval(look, LOOK_MS)

async function look() {
  const wanted = mineOnly
  const [answer, asked, own] = await Promise.all([inboxAddress(), `/api/v1/halls/${hallId}/questions`, `/api/v1/halls/${hallId}/tasks`].map((address) => got(address)))
  if (own.ok) tasks = own.body.tasks
  if (asked.ok) questions = asked.body.questions
  if (answer.status === 0) return // The next look finds them.
  if (answer.status === 401) signIn()
  else if (answer.ok) {
    if (wanted !== mineOnly) return // Somebody has chosen another one meanwhile.
    departments = answer.body.departments
    if (mineOnly === undefined) {
      mineOnly = departments.find((each) => each.zh === answer.body.department) || null
      if (mineOnly !== null) return look()
    }
    cases = answer.body.cases
    total = `${answer.body.total}${answer.body.total_is_more ? '+' : ''}`
    render()
  } else {
    say(hook(document, 'none'), t.problem(answer.body))
  }
}

function inboxAddress() {
  const asked = new URLSearchParams({ order: 'urgent', immediate: 'false', limit: SHOWN_MAX })
  if (mineOnly) asked.set('department', mineOnly.zh)
  return `/api/v1/halls/${hallId}/register?${asked}`
}

function render() {
  renderQuestions()
  renderTasks()
  keep(hook(document, 'department'), [null].concat(departments), (each) => (each === null ? ALL : each.zh), () => el('option', {}), (option, each) => {
    set(option, { value: each === null ? ALL : each.zh })
    say(option, each === null ? t('inbox.all') : t.named(each))
  })
  hook(document, 'department').value = mineOnly ? mineOnly.zh : ALL
  say(hook(document, 'count'), total)
  hook(document, 'table').hidden = cases.length === 0
  hook(document, 'none').hidden = cases.length > 0
  say(hook(document, 'none'), t(mineOnly ? 'inbox.none_here' : 'inbox.none'))
  keep(hook(document, 'cases'), cases, (one) => one.id, drawn, update)
}

// ── Tasks of one's own department ────────────────────────────────────────────────────────────────

function renderTasks() {
  hook(document, 'tasks-section').hidden = tasks.length === 0
  say(hook(document, 'tasks-count'), String(tasks.length))
  keep(hook(document, 'tasks'), tasks, (each) => `${each.case} ${each.task.place}`, (each) =>
    el('li', { class: 'task' }, el('span', { class: 'due' }), el('a', { href: `/cases/${hallId}/${each.case}` }), el('span', { class: 'soft' })),
  (row, each) => {
    const [due, what, how] = row.children
    set(due, { 'data-color': each.task.due.color })
    say(due, dueWords(each.task.due))
    say(what, t.named(each.subject.name))
    const state = each.task.lacks.length > 0 ? 'task.lack' : each.task.reviewer === null ? 'task.open' : 'task.working'
    say(how, [each.receipt, t.named(each.task.department), t(state), each.task.reviewer ? each.task.reviewer.name : ''].filter(Boolean).join(' · '))
  })
}

function isMine(each) {
  return !mineOnly || each.subject.department.zh === mineOnly.zh
}

function remembered() {
  try {
    const kept = localStorage.getItem(KEPT)
    return kept === null ? undefined : JSON.parse(kept)
  } catch (error) {
    return undefined
  }
}

// ── What windows ask ─────────────────────────────────────────────────────────────────────────────

function renderQuestions() {
  const shown = questions.filter(isMine)
  hook(document, 'questions-section').hidden = shown.length === 0 && hook(document, 'answer-said').textContent === ''
  say(hook(document, 'questions-count'), String(shown.length))
  keep(hook(document, 'questions'), shown, (each) => `${each.case} ${each.place}`, drawnQuestion, updateQuestion)
}

function drawnQuestion(each) {
  const row = el('li', { class: 'question' },
    el('div', {}, el('p', { class: 'question__text' }), el('p', { class: 'soft' }), el('a', { href: `/cases/${hallId}/${each.case}` })),
    el('form', { class: 'question__answer' },
      el('textarea', { rows: 2, maxlength: 500, required: true }), el('button', { class: 'button' })))
  row.lastElementChild.addEventListener('submit', (event) => {
    event.preventDefault()
    answer(each, row.querySelector('textarea').value)
  })
  return row
}

function updateQuestion(row, each) {
  const [words, form] = row.children
  const [text, about, link] = words.children
  say(text, each.text)
  set(row, { 'data-late': each.waits_minutes >= LATE_MINUTES })
  say(about, [each.number, each.window ? t('inbox.window', { window: each.window }) : '', each.asked.name, t('inbox.waits', { minutes: each.waits_minutes })].filter(Boolean).join(' · '))
  say(link, t.named(each.subject.name))
  set(form.firstElementChild, { 'aria-label': t('inbox.answer_to', { question: each.text }), placeholder: t('inbox.answer_how') })
  say(form.lastElementChild, t('inbox.answer'))
}

async function answer(each, text) {
  const said = hook(document, 'answer-said')
  const sent = await mine.send('POST', `/api/v1/halls/${hallId}/cases/${each.case}/questions/${each.place}/answer`, { text })
  if (sent.status === 401) return signIn()
  if (sent.ok) questions = questions.filter((one) => one.case !== each.case || one.place !== each.place)
  const minutes = sent.ok ? sent.body.questions[each.place].minutes : 0
  say(said, sent.ok ? t('inbox.answered', { number: each.number, minutes }) : isUnknown(sent) ? t('intake.offline') : t.problem(sent.body))
  return render()
}

// ── What waits for a decision ────────────────────────────────────────────────────────────────────

function drawn(one) {
  return el('tr', {},
    el('td', {}, el('span', { class: 'due' })),
    el('td', {}, el('a', { href: `/cases/${hallId}/${one.id}` }), el('span', { class: 'soft' })),
    el('td', {}), el('td', {}), el('td', {}))
}

function update(row, one) {
  const [due, what, where, state, accepted] = row.children
  set(due.firstElementChild, { 'data-color': one.due.color })
  say(due.firstElementChild, dueWords(t, one.due))
  say(what.firstElementChild, t.named(one.subject.name))
  say(what.lastElementChild, [one.receipt, one.subject.scenario_name ? t.named(one.subject.scenario_name) : ''].filter(Boolean).join(' · '))
  say(where, t.named(one.subject.department))
  say(state, [t(`stage.${one.stage}`), one.reviewer ? one.reviewer.name : '', one.owed ? t('inbox.owed') : ''].filter(Boolean).join(' · '))
  say(accepted, one.accepted.name)
}

hook(document, 'department').addEventListener('change', (event) => {
  mineOnly = departments.find((each) => each.zh === event.target.value) || null
  try {
    localStorage.setItem(KEPT, JSON.stringify(mineOnly))
  } catch (error) {
    // A browser that keeps nothing asks again next time.
  }
  render()
  look()
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
