// What waits for a decision, the most urgent first. Colour says it, and words say it too.

import { got, signIn } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'

const LOOK_MS = 15000
const ALL = ''

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
let cases = []
let department = ALL

look()
setInterval(look, LOOK_MS)

async function look() {
  const answer = await got(`/api/v1/halls/${hallId}/cases`)
  if (answer.status === 0) return // The next look finds them.
  if (answer.status === 401) signIn()
  else if (answer.ok) {
    cases = answer.body.cases.filter((one) => !one.subject.immediate)
    render()
  } else {
    say(hook(document, 'none'), t.problem(answer.body))
  }
}

function render() {
  const departments = Array.from(new Map(cases.map((one) => [one.subject.department.zh, one.subject.department])).values())
  keep(hook(document, 'department'), [null].concat(departments), (each) => (each === null ? ALL : each.zh), () => el('option', {}), (option, each) => {
    set(option, { value: each === null ? ALL : each.zh })
    say(option, each === null ? t('inbox.all') : t.named(each))
  })
  hook(document, 'department').value = department
  const shown = cases.filter((one) => department === ALL || one.subject.department.zh === department)
  say(hook(document, 'count'), String(shown.length))
  hook(document, 'table').hidden = shown.length === 0
  hook(document, 'none').hidden = shown.length > 0
  say(hook(document, 'none'), t('inbox.none'))
  keep(hook(document, 'cases'), shown, (one) => one.id, drawn, update)
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
  say(due.firstElementChild, dueWords(one.due))
  say(what.firstElementChild, t.named(one.subject.name))
  say(what.lastElementChild, [one.receipt, one.subject.scenario_name ? t.named(one.subject.scenario_name) : ''].filter(Boolean).join(' · '))
  say(where, t.named(one.subject.department))
  const owed = one.promise !== null && one.promise.owed.length > 0
  say(state, [t(`stage.${one.stage}`), one.reviewer ? one.reviewer.name : '', owed ? t('inbox.owed') : ''].filter(Boolean).join(' · '))
  say(accepted, one.accepted.name)
}

function dueWords(due) {
  if (due.color === 'paused') return t('inbox.paused')
  if (due.on === null) return t('inbox.unknown', { year: due.unknown_year })
  return t(due.color === 'late' ? 'inbox.late' : 'inbox.left', { date: due.on, days: due.left_days })
}

hook(document, 'department').addEventListener('change', (event) => {
  department = event.target.value
  render()
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
