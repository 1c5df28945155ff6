// The terminal at the door, and the same on a phone: what for, how long, a ticket.
//
// Steps: wait (nothing to do yet) → start → theme → confirm → done, and back to start. Nothing of one
// citizen is left for the next: after IDLE_SECONDS without a touch, everything is wiped.

import { deeds, isUnknown } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { idle } from './idle.js'
import { finder, loadMatters } from './matters.js'

const IDLE_SECONDS = 30
const WARN_SECONDS = 10
const COMMON_MAX = 6
const CLOCK_MS = 1000
const CLASSES = ['elderly', 'frail', 'ill', 'disabled', 'pregnant', 'veteran']
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

const { hall_id: hallId, channel, language, texts } = pageData()
const isTerminal = channel === 'kiosk'
const t = speaker(texts, language)
const clock = hallClock()
const mine = deeds()
const query = hook(document, 'query')
let board = null
let catalogue = { matters: [], themes: [], common: [] }
let step = 'wait'
let choice = null // {matter} or {group}
let theme = null
let issued = null
let visit = 0 // Who stands here. An answer for somebody who has left is not shown to the next.

const find = finder(hallId, showFound)
const banner = staleBanner(hook(document, 'stale'), t, clock)

live({
  url: `/ws/halls/${hallId}/board`,
  fetchUrl: `/api/v1/halls/${hallId}`,
  onTime: clock.tell,
  onState(state, asOf) {
    banner(state, asOf)
    if (state === 'gone') say(hook(document, 'wait-word'), t('kiosk.gone'))
  },
  onView(view) {
    clock.timezone = view.hall.timezone
    if (board === null) refreshMatters()
    board = view
    if (step === 'wait' && view.hall.open) go('start')
    else if (step !== 'done' && !view.hall.open) go('wait')
    else render()
  },
})

const idling = idle({
  seconds: isTerminal ? IDLE_SECONDS : Infinity,
  isNeeded: () => step !== 'wait' && (step !== 'start' || !isFresh()),
  onTick(left) {
    say(hook(document, 'wiping'), left <= WARN_SECONDS || step === 'done' ? t('kiosk.wiping', { seconds: left }) : '')
  },
  onIdle: wipe,
})

setInterval(() => say(hook(document, 'clock'), board === null ? '' : clock.time(clock.now(), t.language)), CLOCK_MS)

async function refreshMatters() {
  catalogue = await loadMatters(hallId)
  render()
}

// ── Steps ────────────────────────────────────────────────────────────────────────────────────────

function go(next) {
  step = next
  set(document.body, { 'data-step': step })
  document.querySelectorAll('[data-on]').forEach((section) => {
    section.hidden = section.dataset.on !== step
  })
  render()
  scrollTo(0, 0)
  const title = document.querySelector(`[data-on="${step}"] h1[tabindex]`)
  if (title && visit > 0) title.focus({ preventScroll: true })
}

function choose(next) {
  choice = next
  visit = visit || 1
  refuse('')
  document.querySelectorAll('[name="class"]').forEach((radio) => {
    radio.checked = radio.value === ''
  })
  go('confirm')
}

function isFresh() {
  return query.value === '' && t.language === language && document.documentElement.dataset.elder === undefined
}

/** Leaves nothing behind: no choice, no number, no language, no size. */
function wipe() {
  visit += 1
  step = 'wait'
  choice = null
  theme = null
  issued = null
  mine.forget()
  query.value = ''
  find('')
  refuse('')
  const code = hook(document, 'code')
  code.hidden = true
  code.removeAttribute('src')
  hook(document, 'number').textContent = ''
  speak(language)
  enlarge(false)
  refreshMatters()
  go(board !== null && board.hall.open ? 'start' : 'wait')
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  if (board === null) return
  say(hook(document, 'hall'), t.named(board.hall.name))
  document.title = `${t.named(board.hall.name)} · ${t('kiosk.title')}`
  if (step === 'wait') renderWait()
  if (step === 'start') renderStart()
  if (step === 'theme') renderTheme()
  if (step === 'confirm') renderConfirm()
  if (step === 'done') renderDone()
}

function renderWait() {
  const opens = board.hall.next_opens_at
  say(hook(document, 'wait-word'), t('kiosk.closed'))
  say(hook(document, 'wait-how'), opens
    ? t('kiosk.closed_until', { time: `${clock.date(opens, t.language)} ${clock.time(opens, t.language)}` })
    : '')
}

function renderStart() {
  const some = catalogue.matters.length > 0
  hook(document, 'find').hidden = !some
  hook(document, 'letters').hidden = !(some && isTerminal)
  hook(document, 'clear').hidden = query.value === ''
  hook(document, 'common-part').hidden = !some
  hook(document, 'themes-part').hidden = catalogue.themes.length < 2
  renderMatters(hook(document, 'common'), catalogue.common.slice(0, COMMON_MAX))
  keep(hook(document, 'themes'), catalogue.themes, (one) => one, newTile, (tile, one) => {
    fillTile(tile, themeName(one), '', '', () => {
      theme = one
      visit = visit || 1
      go('theme')
    })
  })
  keep(hook(document, 'groups'), board.groups, (group) => group.id, newTile, (tile, group) => {
    const closed = group.open === false
    const waiting = closed ? t('kiosk.group_closed') : t('kiosk.wait', { count: group.waiting })
    fillTile(tile, t.named(group.name), waiting, closed ? '' : rangeOf(group), () => choose({ group: group.id }))
    tile.querySelector('button').disabled = closed
  })
}

function renderTheme() {
  say(hook(document, 'theme-name'), themeName(theme))
  renderMatters(hook(document, 'theme-matters'), catalogue.matters.filter((matter) => matter.theme === theme))
}

// A theme of ours has a name in both languages; a hall may have its own.
function themeName(code) {
  return t.has(`theme.${code}`) ? t(`theme.${code}`) : code
}

function renderMatters(list, matters) {
  const create = () => {
    const button = el('button', { class: 'button matter', type: 'button' },
      el('span', { class: 'matter__name', 'data-name': true }),
      el('span', { class: 'matter__wait', 'data-wait': true }))
    const row = el('li', {}, button)
    button.addEventListener('click', () => choose({ matter: row.matter }))
    return row
  }
  keep(list, matters, (matter) => matter.code, create, (row, matter) => {
    const group = groupOf(matter)
    row.matter = matter
    say(hook(row, 'name'), t.named(matter.name))
    say(hook(row, 'wait'), group ? t('kiosk.wait', { count: group.waiting }) : '')
  })
}

function newTile() {
  const button = el('button', { class: 'button tile', type: 'button' },
    el('span', { class: 'tile__name', 'data-name': true }),
    el('span', { class: 'tile__wait', 'data-wait': true }),
    el('span', { class: 'tile__wait', 'data-range': true }))
  const tile = el('li', {}, button)
  button.addEventListener('click', () => tile.press())
  return tile
}

function fillTile(tile, name, waiting, range, press) {
  tile.press = press
  say(hook(tile, 'name'), name)
  say(hook(tile, 'wait'), waiting)
  say(hook(tile, 'range'), range)
}

function groupOf(matter) {
  const id = matter.group || board.hall.general_group
  return board.groups.find((group) => group.id === id)
}

function rangeOf(group) {
  return group.estimate ? t('kiosk.wait_range', { minutes: t.minutes(group.estimate) }) : ''
}

function renderConfirm() {
  const { matter } = choice
  const group = matter ? groupOf(matter) : board.groups.find((one) => one.id === choice.group)
  say(hook(document, 'chosen'), matter ? t.named(matter.name) : t.named(group.name))
  hook(document, 'department-part').hidden = !(matter && t.named(matter.department))
  say(hook(document, 'department'), matter ? t.named(matter.department) : '')
  hook(document, 'online').hidden = !(matter && matter.tags.includes('online'))
  say(hook(document, 'goes-to'), group ? t.named(group.name) : '')
  say(hook(document, 'goes-windows'), group ? windowsWord(group.windows) : '')
  say(hook(document, 'confirm-ahead'), group ? t('kiosk.people', { count: group.waiting }) : '–')
  say(hook(document, 'confirm-range'), t.minutes(group ? group.estimate : null))
}

function windowsWord(windows) {
  if (windows.length === 0) return t('kiosk.windows_none')
  const labels = new Map(board.windows.map((desk) => [desk.id, t.named(desk.label)]))
  return windows.map((id) => labels.get(id) || id).join(t.language === 'zh' ? '、' : ', ')
}

function renderDone() {
  say(hook(document, 'number'), issued.number)
  say(hook(document, 'done-what'), choice.matter ? t.named(choice.matter.name) : '')
  say(hook(document, 'done-windows'), windowsWord(issued.windows))
  say(hook(document, 'done-ahead'), t('kiosk.people', { count: issued.ahead }))
  say(hook(document, 'done-range'), t.minutes(issued.estimate))
  const code = hook(document, 'code')
  code.hidden = false
  set(code, { src: `/t/${issued.link_token}/qr.svg`, alt: t('kiosk.follow_alt') })
}

function showFound(matters, asked) {
  const searching = asked !== ''
  hook(document, 'found-part').hidden = !searching
  hook(document, 'choose-part').hidden = searching
  hook(document, 'found-none').hidden = !searching || matters.length > 0
  if (board !== null) renderMatters(hook(document, 'found'), matters)
  hook(document, 'clear').hidden = !searching
}

// ── The ticket ───────────────────────────────────────────────────────────────────────────────────

// One press, one ticket: a second tap joins the first, and a lost answer is asked for under its key.
async function take() {
  const whose = visit
  const button = hook(document, 'take')
  const priority = document.querySelector('[name="class"]:checked').value
  const body = { channel, language: t.language }
  if (choice.matter) body.matters = [choice.matter.code]
  else body.group = choice.group
  if (priority) body.priority_class = priority
  refuse('')
  button.disabled = true
  say(button, t('kiosk.taking'))
  idling.hold(true)
  const answer = await mine.send('POST', `/api/v1/halls/${hallId}/tickets`, body)
  idling.hold(false)
  button.disabled = false
  say(button, t('kiosk.take'))
  if (whose !== visit) return
  if (!answer.ok) refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
  else if (isTerminal) {
    issued = answer.body
    go('done')
  } else location.replace(answer.body.link)
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── Hands ────────────────────────────────────────────────────────────────────────────────────────

function speak(tongue) {
  t.language = tongue
  relabel(document, t)
  renderElderButton()
  renderClasses()
  render()
}

function enlarge(on) {
  set(document.documentElement, { 'data-elder': on })
  renderElderButton()
}

function renderElderButton() {
  const on = document.documentElement.dataset.elder !== undefined
  const button = set(hook(document, 'enlarge'), { 'aria-pressed': String(on) })
  say(button, t(on ? 'kiosk.elder_off' : 'kiosk.elder_on'))
}

function renderClasses() {
  const create = (code) =>
    el('label', { class: 'class' },
      el('input', { type: 'radio', name: 'class', value: code, checked: code === '' }),
      el('span', { 'data-word': true }))
  keep(hook(document, 'classes'), [''].concat(CLASSES), (code) => code || 'none', create, (row, code) => {
    say(hook(row, 'word'), t(code ? `class.${code}` : 'kiosk.class_none'))
  })
}

function renderLetters() {
  const keys = LETTERS.split('').map((letter) => {
    const key = el('button', { class: 'button letter', type: 'button' }, letter)
    key.addEventListener('click', () => ask(query.value + letter))
    return key
  })
  const back = el('button', { class: 'button letter letter--wide', type: 'button', 'data-text': 'kiosk.search_back' }, t('kiosk.search_back'))
  back.addEventListener('click', () => ask(query.value.slice(0, -1)))
  hook(document, 'letters').replaceChildren(...keys, back)
}

function ask(words) {
  visit = visit || 1
  query.value = words
  find(words)
}

document.querySelectorAll('[data-back]').forEach((button) => {
  button.addEventListener('click', () => go(step === 'confirm' && theme !== null ? 'theme' : 'start'))
})
query.addEventListener('input', () => ask(query.value))
hook(document, 'clear').addEventListener('click', () => ask(''))
hook(document, 'take').addEventListener('click', take)
hook(document, 'finish').addEventListener('click', wipe)
hook(document, 'enlarge').addEventListener('click', () => enlarge(document.documentElement.dataset.elder === undefined))
hook(document, 'language').addEventListener('click', () => {
  speak(t.other())
  if (!isTerminal) rememberLanguage(t.language)
})
document.addEventListener('contextmenu', (event) => event.preventDefault())

renderClasses()
if (isTerminal) renderLetters()
