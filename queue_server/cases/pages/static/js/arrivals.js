// What came without anybody standing at a window, the oldest first: opened here, accepted on the case's own page.

import { got, signIn } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { unchecked } from './steps.js'

const LOOK_MS = 15000

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
let cases = []

start()

async function start() {
  const hall = await got(`/api/v1/halls/${hallId}`)
  if (hall.ok) clock.timezone = hall.body.hall.timezone
  await look()
  setInterval(look, LOOK_MS)
}

async function look() {
  const answer = await got(`/api/v1/halls/${hallId}/arrivals`)
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
  return el('tr', {},
    el('td', {}, el('span', { class: 'due' }), el('span', { class: 'soft' })),
    el('td', {}, el('a', { href: `/cases/${hallId}/${one.id}` }), el('span', { class: 'soft' })),
    el('td', {}), el('td', {}), el('td', {}))
}

function update(row, one) {
  const [how, what, where, state, opened] = row.children
  set(how.firstElementChild, { 'data-channel': one.channel })
  say(how.firstElementChild, t(`channel.${one.channel}`))
  say(how.lastElementChild, [one.opened.name, t('arrivals.visits', { visits: one.visits })].join(' · '))
  say(what.firstElementChild, t.named(one.subject.name))
  say(what.lastElementChild, [one.receipt, one.subject.scenario_name ? t.named(one.subject.scenario_name) : ''].filter(Boolean).join(' · '))
  say(where, t.named(one.subject.department))
  const left = unchecked(one)
  say(state, [t(`stage.${one.stage}`), left > 0 ? t('arrivals.open', { count: left }) : ''].filter(Boolean).join(' · '))
  say(opened, clock.day(one.opened.at, t.language))
}

hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
