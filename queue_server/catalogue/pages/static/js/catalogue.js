// Every guide of the hall: what is published, what is wrong with it, what waits for somebody.

import { got, signIn } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { speaker } from '/static/js/texts.js'

const LOOK_MS = 15000

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
let guides = []

look()
setInterval(look, LOOK_MS)
hook(document, 'find').addEventListener('input', render)
hook(document, 'only').addEventListener('change', render)

async function look() {
  const answer = await got(`/api/v1/halls/${hallId}/catalogue`)
  if (answer.status === 401) signIn()
  else if (answer.ok) {
    guides = answer.body.guides
    render()
  } else if (answer.status > 0) {
    say(hook(document, 'none'), t.problem(answer.body))
  }
}

function render() {
  const words = hook(document, 'find').value.trim().toLowerCase()
  const only = hook(document, 'only').checked
  const shown = guides.filter((one) => (!only || waits(one) || one.findings > 0) && (words === '' || spelled(one).includes(words)))
  say(hook(document, 'count'), String(shown.length))
  hook(document, 'table').hidden = shown.length === 0
  hook(document, 'none').hidden = shown.length > 0
  say(hook(document, 'none'), t('catalogue.none'))
  keep(hook(document, 'guides'), shown, (one) => one.matter.code, drawn, update)
}

function spelled({ matter }) {
  return [matter.code, matter.name.zh, matter.name.en, matter.department.zh, matter.department.en].join(' ').toLowerCase()
}

function waits(one) {
  return one.suggestions > 0 || one.draft !== ''
}

function drawn(one) {
  return el('tr', {},
    el('td', {}, el('a', { href: `/catalogue/${hallId}/${one.matter.code}` }), el('span', { class: 'soft' })),
    el('td', {}), el('td', { class: 'still' }), el('td', {}, el('span', { class: 'mark' })), el('td', {}))
}

function update(row, one) {
  const [what, where, version, findings, waiting] = row.children
  say(what.firstElementChild, t.named(one.matter.name))
  say(what.lastElementChild, [one.matter.code, one.matter.active ? '' : t('catalogue.closed')].filter(Boolean).join(' · '))
  say(where, t.named(one.matter.department))
  say(version, one.version > 0 ? t('catalogue.version_of', { version: one.version, date: one.published_at.slice(0, 10) }) : t('catalogue.unedited'))
  set(findings.firstElementChild, { 'data-color': one.findings > 0 ? 'soon' : 'calm' })
  say(findings.firstElementChild, one.findings > 0 ? t('catalogue.findings_of', { count: one.findings }) : t('catalogue.clean'))
  say(waiting, [
    one.draft ? t(`catalogue.${one.draft}`) : '',
    one.suggestions > 0 ? t('catalogue.suggestions_of', { count: one.suggestions }) : '',
  ].filter(Boolean).join(' · '))
}
