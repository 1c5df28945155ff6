// What the hall has learned of itself: shown as it is, and forgotten only with a reason.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { el, hook, say } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const url = `/api/v1/halls/${hallId}/experience`
const mine = deeds()
const dialog = document.querySelector('[data-ask="forget"]')
const form = hook(dialog, 'forget-form')
let known = null

look()

async function look() {
  const answer = await got(url)
  if (answer.status === 401) signIn()
  else if (answer.status === 403) refuse(document, 'refusal', t('overview.not_for_you'))
  else if (!answer.ok) refuse(document, 'refusal', isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
  else {
    known = answer.body
    render()
  }
}

async function forget() {
  const answer = await mine.send('POST', `${url}/forgetting`, { reason: new FormData(form).get('reason') })
  if (answer.status === 401) signIn()
  if (!answer.ok) {
    refuse(dialog, 'forget-refusal', isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
    return
  }
  dialog.close()
  look()
}

function refuse(root, name, sentence) {
  const line = hook(root, name)
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  refuse(document, 'refusal', '')
  hook(document, 'main').hidden = false
  say(hook(document, 'since'), known.since === null ? t('learned.none') : t('learned.since', { from: known.since, until: known.until }))
  const { told, inside, off_minutes: off, late_minutes: late, width } = known.promises
  const minutes = (value) => (value === null ? '–' : t('learned.minutes', { minutes: value }))
  const figures = {
    told: t('learned.count', { count: told }),
    inside: inside === null ? '–' : `${Math.round(inside * 100)}%`,
    off: minutes(off),
    late: minutes(late),
    width: t('learned.times', { times: width }),
    way: t('learned.seconds', { seconds: known.way_seconds }),
    between: t('learned.seconds', { seconds: known.between_seconds }),
  }
  document.querySelectorAll('[data-figure]').forEach((node) => say(node, figures[node.dataset.figure]))
  hook(document, 'groups').replaceChildren(...known.groups.map(groupPart))
}

function groupPart(group) {
  const how = group.matters.length === 0
    ? t('learned.group_none', { minutes: group.mean_minutes })
    : t('learned.group_how', { minutes: group.mean_minutes, percent: Math.round(group.no_show * 100) })
  const part = el('section', {}, el('h2', {}, `${group.id} ${t.named(group.name)}`), el('p', { class: 'learned__how' }, how))
  if (group.matters.length > 0) part.append(matterTable(group))
  return part
}

function matterTable(group) {
  const heads = ['matter', 'services', 'mean', 'clerks'].map((key) => el('th', { scope: 'col' }, t(`learned.${key}`)))
  const rows = group.matters.map((line) => el('tr', {},
    el('th', { scope: 'row' }, line.matters.map((matter) => t.named(matter.name)).join(' + ') || t('learned.any_matter')),
    el('td', {}, String(line.services)),
    el('td', {}, t('learned.minutes', { minutes: line.minutes })),
    el('td', {}, line.clerks.map(clerkWord).join(' · '))))
  return el('table', {}, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...rows))
}

function clerkWord(clerk) {
  const name = clerk.name === null ? t('learned.unknown_clerk') : clerk.name
  return t('learned.clerk', { name, minutes: clerk.minutes, services: clerk.services })
}

hook(document, 'forget').addEventListener('click', () => {
  form.reset()
  refuse(dialog, 'forget-refusal', '')
  dialog.showModal()
})
hook(dialog, 'close').addEventListener('click', () => dialog.close())
form.addEventListener('submit', (event) => {
  event.preventDefault()
  forget()
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  if (known !== null) render()
})
