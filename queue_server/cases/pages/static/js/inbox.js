// What waits for a decision, the most urgent first. Colour says it, and words say it too.

import { got, signIn } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { dueWords } from './due.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'

const LOOK_MS = 15000
const ALL = ''
const SHOWN_MAX = 100 // The most urgent; the register has them all.

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
let cases = []
let departments = []
let total = ''
let department = null // Until the first look says whose cases come first.

look()
setInterval(look, LOOK_MS)

async function look() {
  const asked = department
  const answer = await got(inboxAddress())
  if (answer.status === 0) return // The next look finds them.
  if (answer.status === 401) signIn()
  else if (answer.ok) {
    if (asked !== department) return // Somebody has chosen another one meanwhile.
    departments = answer.body.departments
    if (department === null) {
      department = answer.body.department || ALL
      if (department !== ALL) return look()
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
  if (department !== null && department !== ALL) asked.set('department', department)
  return `/api/v1/halls/${hallId}/register?${asked}`
}

function render() {
  keep(hook(document, 'department'), [null].concat(departments), (each) => (each === null ? ALL : each.zh), () => el('option', {}), (option, each) => {
    set(option, { value: each === null ? ALL : each.zh })
    say(option, each === null ? t('inbox.all') : t.named(each))
  })
  hook(document, 'department').value = department
  say(hook(document, 'count'), total)
  hook(document, 'table').hidden = cases.length === 0
  hook(document, 'none').hidden = cases.length > 0
  say(hook(document, 'none'), t(department === ALL ? 'inbox.none' : 'inbox.none_here'))
  keep(hook(document, 'cases'), cases, (one) => one.id, drawn, update)
}

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
  department = event.target.value
  look()
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
