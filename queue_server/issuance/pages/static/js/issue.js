// The issuing desk: three parts of one page, one look at everything that is on its way. The server decides.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { hook, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { department } from './department.js'
import { desk } from './desk.js'
import { pickup } from './pickup.js'

const LOOK_MS = 8000
const PARTS = ['pickup', 'desk', 'department']

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const url = `/api/v1/halls/${hallId}`
const mine = deeds()
let view = { to_make: [], documents: [], manifests: [] }

const parts = {
  pickup: pickup(section('pickup'), hallId, t, url, send, refused),
  desk: desk(section('desk'), t, url, change),
  department: department(section('department'), t, url, change),
}

start()

async function start() {
  const who = await got('/api/v1/sessions/current')
  if (who.status === 401) return signIn()
  if (who.ok && who.body.account.role === 'reviewer') show('department')
  await look()
  setInterval(() => {
    if (!document.hidden && !document.querySelector('dialog[open]')) look()
  }, LOOK_MS)
}

async function look() {
  const answer = await got(`${url}/documents`)
  if (answer.status === 401) return signIn()
  if (!answer.ok) return
  view = answer.body
  render()
}

/** A deed, and then a look at what has come of it, for others may have been faster. */
async function change(method, address, body) {
  const answer = await send(method, address, body)
  await look()
  return answer
}

async function send(method, address, body) {
  const answer = await mine.send(method, address, body)
  if (answer.ok) refused(null)
  else refused(answer)
  return answer
}

/** Says why something was refused; `null` takes the sentence away. */
function refused(answer) {
  if (answer !== null && answer.status === 401) return signIn()
  const line = hook(document, 'refusal')
  line.hidden = answer === null
  if (answer !== null) say(line, isUnknown(answer) ? t('issue.offline') : t.problem(answer.body))
}

function render() {
  const counts = { pickup: 0, desk: parts.desk.show(view), department: parts.department.show(view) }
  PARTS.forEach((part) => say(document.querySelector(`.part [data-count="${part}"]`), counts[part] ? String(counts[part]) : ''))
}

function section(part) {
  return document.querySelector(`[data-of="${part}"]`)
}

function show(part) {
  set(document.body, { 'data-part': part })
  PARTS.forEach((each) => {
    section(each).hidden = each !== part
    set(document.querySelector(`[data-part-of="${each}"]`), { 'aria-pressed': String(each === part) })
  })
  refused(null)
}

PARTS.forEach((part) => document.querySelector(`[data-part-of="${part}"]`).addEventListener('click', () => show(part)))
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  parts.pickup.relabel()
  render()
})
