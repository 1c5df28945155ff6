// The floor guide's desk: whom to fetch, a ticket for somebody, and everything else one is asked for while walking.
// A new task is seen and felt. It is never heard.

import { deeds, isUnknown, signIn } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { hook, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { errands } from './errands.js'
import { follow } from './follow.js'
import { people } from './people.js'
import { printers } from './printers.js'
import { taking } from './taking.js'

const TICK_MS = 1000
const GUIDES = ['guide', 'manager', 'admin']

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const url = `/api/v1/halls/${hallId}`
const mine = deeds()
let page = null
let view = null

// What the parts of the desk share: words, time, and the one way to ask something of the hall.
const desk = { t, clock, url, hallId, account: null, ask, refuse }
const parts = [errands(desk), taking(desk), people(desk), printers(desk)]

start()

async function start() {
  const who = await fetch('/api/v1/sessions/current', { headers: { Accept: 'application/json' } }).catch(() => null)
  if (who !== null && who.status === 401) {
    signIn()
    return
  }
  if (who !== null && who.ok) desk.account = (await who.json()).account
  if (desk.account !== null && !GUIDES.includes(desk.account.role)) refuse(t('guide.not_for_you'))
  else listen()
}

function listen() {
  page = follow('guide', {
    hallId,
    t,
    clock,
    onGone: () => refuse(t('guide.gone')),
    onUnwelcome: signIn,
    onView(next) {
      view = next
      render()
    },
  })
  setInterval(tick, TICK_MS)
}

/** Asks something of the hall, once, and shows what comes of it. Answers the body, or null when it did not happen. */
async function ask(method, path, body) {
  refuse('')
  const answer = await mine.send(method, `${url}/${path}`, body)
  if (answer.status === 401) signIn()
  if (answer.ok) {
    if (answer.body.type === 'guide') page.take(answer.body)
    return answer.body
  }
  refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
  return null
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  say(hook(document, 'hall'), t.named(view.hall.name))
  say(hook(document, 'account'), desk.account ? desk.account.display_name : '')
  parts.forEach((part) => part.render(view))
  const urgent = view.tasks.filter((task) => task.helper === null && task.called_at !== null).length
  document.title = urgent > 0 ? `(${urgent}) ${t('guide.title')}` : t('guide.title')
  count('tasks', urgent)
  count('missed', view.missed.length)
  tick()
}

function count(part, number) {
  const badge = document.querySelector(`[data-count="${part}"]`)
  badge.hidden = number === 0
  say(badge, String(number))
}

function tick() {
  if (view === null) return
  say(hook(document, 'clock'), clock.time(clock.now(), t.language))
  parts.forEach((part) => part.tick && part.tick(view))
}

function go(part) {
  document.body.dataset.tab = part
  document.querySelectorAll('[data-go]').forEach((tab) => {
    set(tab, { 'aria-current': tab.dataset.go === part ? 'page' : null })
  })
  scrollTo(0, 0)
  parts.forEach((each) => each.opened && each.opened(part))
}

document.querySelectorAll('[data-go]').forEach((tab) => {
  tab.addEventListener('click', () => go(tab.dataset.go))
})
document.querySelectorAll('dialog [data-close]').forEach((button) => {
  button.addEventListener('click', () => button.closest('dialog').close())
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  parts.forEach((part) => part.relabel && part.relabel())
  if (view !== null) render()
})
parts.forEach((part) => part.relabel && part.relabel())
go('tasks')
