// The terminal at the door, and the same on a phone: what for, in which case, how long, a ticket.
//
// Steps: wait (nothing to do yet) → start → theme → scenario → confirm (→ phone) (→ code) → done, and back to start.
// A step that has no question is passed over. Nothing of one citizen is left for the next: after
// IDLE_SECONDS without a touch, everything is wiped.

import { deeds, isUnknown } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { freshCode } from '/static/js/freshcode.js'
import { live } from '/static/js/live.js'
import { pageData } from '/static/js/page.js'
import { staleBanner } from '/static/js/stale.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { idle } from './idle.js'
import { ignoreSecondTaps, lock } from './lock.js'
import { NOTHING, finder, loadKiosk, loadMatters, windowsInRuns } from './matters.js'
import { masked, numberPad, spaced } from './pad.js'
import { slipPrinter } from './printer.js'

const IDLE_SECONDS = 30
const CODE_IDLE_SECONDS = 120 // A short message may take a while.
const WARN_SECONDS = 10
const SLOW_MS = 4000
const COMMON_MAX = 6
const CLOCK_MS = 1000
const CODE_AGAIN_MS = 2000
const CODE_DIGITS = 6
const CLASSES = ['elderly', 'frail', 'ill', 'disabled', 'pregnant', 'veteran']
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

const { hall_id: hallId, channel, device, elder, scan, language, texts } = pageData()
const isTerminal = channel === 'kiosk'
const t = speaker(texts, language)
const clock = hallClock()
const mine = deeds()
const query = hook(document, 'query')
const root = document.documentElement
let board = null
let catalogue = NOTHING
let step = 'wait'
let theme = null
let choice = null // {matter} or {group}
let scenario = null // One of the matter's.
let seeking = false // In elder mode the letters come only when they are asked for.
let phone = ''
let unproven = '' // The phone that a code was sent to, until it was read back.
let told = false // That it hears of the ticket now.
let issued = null
let slip = '' // What came of the slip: a key of a sentence, or ''.
let slipProblem = null
let taking = false
let startsElder = elder
let visit = 0 // Who stands here. An answer for somebody who has left is not shown to the next.

const find = finder(hallId, showFound)
const banner = staleBanner(hook(document, 'stale'), t, clock)
const kioskUrl = isTerminal && device ? `/api/v1/halls/${hallId}/kiosks/${device}` : ''
const printer = slipPrinter(kioskUrl, render)
const pad = numberPad(hook(document, 'pad'), renderDigits)
const codePad = isTerminal ? numberPad(hook(document, 'code-pad'), renderCodeDigits, CODE_DIGITS) : null
const isCodeTooOld = isTerminal ? freshCode(hook(document, 'own-code'), hallId) : null

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
    if (board === null || board.version !== view.version || board.offer !== view.offer) refresh()
    board = view
    if (step === 'wait' && mayBegin()) go('start')
    else if (!['code', 'done'].includes(step) && !mayBegin()) go('wait')
    else render()
  },
})

const idling = idle({
  seconds: () => (!isTerminal ? Infinity : step === 'code' ? CODE_IDLE_SECONDS : IDLE_SECONDS),
  isNeeded: () => step !== 'wait' && (step !== 'start' || !isFresh()),
  onTick(left) {
    const leaving = left <= WARN_SECONDS
    const isNew = leaving && hook(document, 'still').hidden
    hook(document, 'still').hidden = !leaving
    say(hook(document, 'still-seconds'), leaving ? String(left) : '')
    say(hook(document, 'wiping'), step === 'done' && left < Infinity ? t('kiosk.wiping', { seconds: left }) : '')
    if (isNew) hook(document, 'still-here').focus({ preventScroll: true })
  },
  onIdle: wipe,
})

setInterval(() => {
  renderClock()
  renderOwn()
}, CLOCK_MS)

// What the hall offers now, and how this kiosk is to begin.
async function refresh() {
  const [newest, kiosk] = await Promise.all([loadMatters(hallId), kioskUrl ? loadKiosk(kioskUrl) : null])
  if (newest !== null) {
    catalogue = newest
    const again = choice && choice.matter && catalogue.matters.find((matter) => matter.code === choice.matter.code)
    if (again) {
      choice.matter = again
      if (scenario) scenario = again.scenarios.find((one) => one.code === scenario.code) || null
    }
  }
  const wasFresh = isFresh()
  if (kiosk !== null) startsElder = elder || kiosk.elder
  if (wasFresh && ['wait', 'start'].includes(step)) enlarge(startsElder)
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
  hook(document, 'steps').scrollTop = 0
  const title = document.querySelector(`[data-on="${step}"] h1[tabindex]`)
  if (title && visit > 0) title.focus({ preventScroll: true })
}

function choose(next) {
  choice = next
  scenario = null
  visit = visit || 1
  refuse('')
  chooseNoClass()
  go(choice.matter && choice.matter.scenarios.length > 0 ? 'scenario' : 'confirm')
}

// Back to the question before this one.
function back() {
  refuse('')
  if (step === 'phone') go('confirm')
  else if (step === 'confirm' && choice.matter && choice.matter.scenarios.length > 0) go('scenario')
  else if (step !== 'theme' && step !== 'start' && theme !== null) go('theme')
  else {
    theme = null
    seek(false)
    go('start')
  }
}

function isFresh() {
  return query.value === '' && !seeking && t.language === language && isElder() === startsElder
}

/** Leaves nothing behind: no choice, no number, no phone, no language, no size. */
function wipe() {
  visit += 1
  step = 'wait'
  theme = null
  choice = null
  scenario = null
  phone = ''
  unproven = ''
  told = false
  issued = null
  slip = ''
  slipProblem = null
  mine.forget()
  printer.forget()
  pad.set('')
  if (codePad) codePad.set('')
  seek(false)
  chooseNoClass()
  refuse('')
  hint('')
  const code = hook(document, 'code')
  code.hidden = true
  code.removeAttribute('src')
  blank()
  speak(language)
  enlarge(startsElder)
  refresh()
  go(mayBegin() ? 'start' : 'wait')
}

function mayBegin() {
  return board !== null && board.hall.open && scan === ''
}

// What was written for somebody who has left is gone from the page, not only out of sight.
function blank() {
  const written = ['number', 'done-what', 'done-ahead', 'done-range', 'done-windows', 'done-zone', 'slip', 'chosen',
    'chosen-case', 'department', 'confirm-ahead', 'confirm-range', 'goes-to', 'goes-windows', 'online-where', 'scenario-of',
    'theme-name', 'bring', 'scenarios', 'theme-matters', 'phone-number']
  if (isTerminal) written.push('code-how')
  written.forEach((name) => {
    hook(document, name).textContent = ''
  })
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  if (board === null) return
  say(hook(document, 'hall'), t.named(board.hall.name))
  document.title = `${t.named(board.hall.name)} · ${t('kiosk.title')}`
  renderClock()
  if (step === 'wait') renderWait()
  if (step === 'start') renderStart()
  if (step === 'code') renderCode()
  if (step === 'theme') renderTheme()
  if (step === 'scenario') renderScenarios()
  if (step === 'confirm') renderConfirm()
  if (step === 'done') renderDone()
  renderWay()
}

function renderClock() {
  say(hook(document, 'clock'), board === null ? '' : clock.time(clock.now(), t.language))
}

// For whoever prefers their own phone: the code that the screens of the hall show, too.
function renderOwn() {
  if (isTerminal && step === 'start') hook(document, 'own').hidden = isCodeTooOld()
}

// The same moves at the same place, whatever the question is.
function renderWay() {
  const asking = ['theme', 'scenario', 'confirm', 'phone'].includes(step)
  const searching = step === 'start' && (query.value !== '' || seeking)
  renderTake()
  hook(document, 'way').hidden = !(asking || searching || step === 'done')
  hook(document, 'back').hidden = step === 'done'
  hook(document, 'again').hidden = step !== 'done' || printer.state() === 'none'
  hook(document, 'again').disabled = slip === 'slip.printing'
  set(hook(document, 'over'), { class: step === 'done' ? 'button button--first' : 'button' })
  say(hook(document, 'over'), t(step === 'done' ? 'kiosk.finish' : 'kiosk.over'))
  document.querySelectorAll('[data-printer-note]').forEach((note) => {
    note.hidden = !printer.isUnwell()
    say(note, printer.isUnwell() ? t('slip.before', { why: t(`printer.${printer.state()}`) }) : '')
  })
}

function renderTake() {
  const button = hook(document, 'take')
  const closed = step === 'confirm' && (isClosed(groupOfChoice()) || pausedBecause() !== null)
  button.hidden = step !== 'confirm'
  button.disabled = taking || closed
  say(button, t(taking ? 'kiosk.taking' : closed ? closedWord(groupOfChoice()) : 'kiosk.take'))
}

function renderWait() {
  if (board.hall.open && scan !== '') {
    say(hook(document, 'wait-word'), t(`kiosk.scan_${scan}`))
    say(hook(document, 'wait-how'), t(`kiosk.scan_${scan}_how`))
    return
  }
  const opens = board.hall.next_opens_at
  say(hook(document, 'wait-word'), t('kiosk.closed'))
  say(hook(document, 'wait-how'), opens
    ? t('kiosk.closed_until', { time: `${clock.date(opens, t.language)} ${clock.time(opens, t.language)}` })
    : '')
}

function renderStart() {
  const some = catalogue.matters.length > 0
  const hidesLetters = isTerminal && isElder() && !seeking
  hook(document, 'larger').hidden = isElder()
  hook(document, 'seek').hidden = !(some && hidesLetters)
  hook(document, 'find').hidden = !some || hidesLetters
  hook(document, 'letters').hidden = !(some && isTerminal) || hidesLetters
  hook(document, 'clear').hidden = query.value === ''
  hook(document, 'choose-part').hidden = query.value !== '' || seeking
  hook(document, 'common-part').hidden = !some
  hook(document, 'themes-part').hidden = catalogue.themes.length < 2
  renderMatters(hook(document, 'common'), catalogue.common.slice(0, COMMON_MAX))
  keep(hook(document, 'themes'), catalogue.themes, (one) => one, newTile, (tile, one) => {
    fillTile(tile, themeName(one), '', () => {
      theme = one
      visit = visit || 1
      go('theme')
    })
  })
  keep(hook(document, 'groups'), board.groups, (group) => group.id, newTile, (tile, group) => {
    fillTile(tile, t.named(group.name), isClosed(group) ? t(closedWord(group)) : waitWord(group), () => choose({ group: group.id }))
    tile.querySelector('button').disabled = isClosed(group)
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
  keep(list, matters, (matter) => matter.code, newRow, (row, matter) => {
    const group = groupOf(matter, null)
    const wait = matter.paused ? t('kiosk.paused_short') : isClosed(group) ? t(closedWord(group)) : group ? t('kiosk.wait', { count: group.waiting }) : ''
    fillRow(row, t.named(matter.name), wait, () => choose({ matter }))
  })
}

function renderScenarios() {
  const { matter } = choice
  say(hook(document, 'scenario-of'), t.named(matter.name))
  keep(hook(document, 'scenarios'), matter.scenarios, (one) => one.code, newRow, (row, one) => {
    fillRow(row, t.named(one.name), '', () => {
      scenario = one
      go('confirm')
    })
  })
}

function newRow() {
  const button = el('button', { class: 'button matter', type: 'button' },
    el('span', { class: 'matter__name', 'data-name': true }),
    el('span', { class: 'matter__wait', 'data-wait': true }))
  const row = el('li', {}, button)
  button.addEventListener('click', () => row.press())
  return row
}

function fillRow(row, name, wait, press) {
  row.press = press
  say(hook(row, 'name'), name)
  say(hook(row, 'wait'), wait)
}

function newTile() {
  const button = el('button', { class: 'button tile', type: 'button' },
    el('span', { class: 'tile__name', 'data-name': true }),
    el('span', { class: 'tile__wait', 'data-wait': true }))
  const tile = el('li', {}, button)
  button.addEventListener('click', () => tile.press())
  return tile
}

function fillTile(tile, name, wait, press) {
  tile.press = press
  say(hook(tile, 'name'), name)
  say(hook(tile, 'wait'), wait)
}

function groupOf(matter, chosen) {
  const id = (chosen && chosen.group) || matter.group || board.hall.general_group
  return board.groups.find((group) => group.id === id)
}

function groupOfChoice() {
  const { matter, group } = choice
  return matter ? groupOf(matter, scenario) : board.groups.find((one) => one.id === group)
}

// The department's delegation for the chosen matter has ended, so nobody here could accept it.
function pausedBecause() {
  return (choice && choice.matter && choice.matter.paused) || null
}

function isClosed(group) {
  return Boolean(group) && group.open === false
}

function closedWord(group) {
  return group.stopped ? 'kiosk.group_stopped' : 'kiosk.group_closed'
}

// In elder mode a tile has room for one thing.
function waitWord(group) {
  return group.estimate && !isElder()
    ? t('kiosk.wait_short', { count: group.waiting, minutes: t.minutes(group.estimate) })
    : t('kiosk.wait', { count: group.waiting })
}

function renderConfirm() {
  const { matter } = choice
  const group = groupOfChoice()
  say(hook(document, 'chosen'), t.named(matter ? matter.name : group.name))
  say(hook(document, 'chosen-case'), t.named(scenario ? scenario.name : null))
  say(hook(document, 'department'), matter ? t.named(matter.department) : '')
  say(hook(document, 'goes-to'), group ? group.windows.length > 0 ? windowsWord(group.windows) : t.named(group.name) : '')
  say(hook(document, 'goes-windows'), group ? group.windows.length > 0 ? zoneWord(group.windows) : t('kiosk.windows_none') : '')
  say(hook(document, 'confirm-ahead'), group ? t('kiosk.people', { count: group.waiting }) : '–')
  say(hook(document, 'confirm-range'), t.minutes(group ? group.estimate : null))
  hook(document, 'class-first').hidden = priorityClass() === ''
  renderProposal(matter)
  const paused = pausedBecause()
  hook(document, 'paused').hidden = paused === null
  say(hook(document, 'paused-how'), paused ? t('kiosk.paused_how', { date: paused.ended_on, ask: paused.ask }) : '')
  const online = matter ? matter.online : null
  hook(document, 'online').hidden = !online
  say(hook(document, 'online-where'), t.named(online))
  renderMaterials(scenario ? scenario.materials : matter ? matter.materials : [])
  renderPhone()
}

// Some matters are only for people who may go first. They are told so, and choose for themselves.
function renderProposal(matter) {
  const proposed = matter && priorityClass() === '' ? CLASSES.find((code) => matter.tags.indexOf(code) !== -1) : undefined
  const line = hook(document, 'class-proposed')
  line.hidden = proposed === undefined
  if (proposed) say(line, t('kiosk.class_proposed', { class: t(`class.${proposed}`) }))
  document.querySelectorAll('[name="class"]').forEach((radio) => {
    set(radio.parentElement, { 'data-proposed': radio.value === proposed ? '' : null })
  })
}

function matterWord() {
  const name = t.named(choice.matter.name)
  return scenario ? t('matter.in_case', { matter: name, case: t.named(scenario.name) }) : name
}

function renderMaterials(materials) {
  hook(document, 'bring-part').hidden = materials.length === 0
  const create = () => el('li', { class: 'bring__one' }, el('span', { 'data-name': true }), el('span', { class: 'bring__tag', 'data-tag': true }))
  keep(hook(document, 'bring'), materials, (one) => one.name.zh, create, (row, one) => {
    const kind = one.exempt ? 'exempt' : one.tolerable ? 'tolerable' : 'bring'
    set(row, { 'data-kind': kind })
    say(hook(row, 'name'), t.named(one.name))
    say(hook(row, 'tag'), t(`material.${kind}`))
  })
}

function windowsWord(ids) {
  if (ids.length === 0) return t('kiosk.windows_none')
  const desks = ids.map((id) => {
    const desk = board.windows.find((one) => one.id === id)
    return { id, label: desk ? t.named(desk.label) : id, green: Boolean(desk && desk.green) }
  })
  const isGreen = priorityClass() !== ''
  const ofLane = desks.filter((desk) => desk.green === isGreen)
  return windowsInRuns(ofLane.length > 0 ? ofLane : desks, (first, last) => t('windows.run', { first, last }), t('windows.comma'))
}

function zoneWord(ids) {
  const zones = new Set(board.windows.filter((desk) => ids.includes(desk.id)).map((desk) => desk.zone))
  const found = board.zones.filter((zone) => zones.has(zone.id))
  return found.length === 1 ? t.named(found[0].name) : ''
}

function renderDone() {
  say(hook(document, 'number'), issued.number)
  say(hook(document, 'done-what'), choice.matter ? matterWord() : '')
  say(hook(document, 'done-windows'), windowsWord(issued.windows))
  say(hook(document, 'done-zone'), zoneWord(issued.windows))
  say(hook(document, 'done-ahead'), t('kiosk.people', { count: issued.ahead }))
  say(hook(document, 'done-range'), t.minutes(issued.estimate))
  renderSlip()
  hook(document, 'told').hidden = !told
  set(hook(document, 'code'), { alt: t('kiosk.follow_alt') })
}

function renderSlip() {
  const line = hook(document, 'slip')
  line.hidden = slip === ''
  set(line, { 'data-well': ['slip.printing', 'slip.take', 'slip.again'].includes(slip) })
  const why = printer.isUnwell() ? t(`printer.${printer.state()}`) : t('printer.error')
  say(line, slip === 'refused' ? t.problem(slipProblem) : slip === '' ? '' : t(slip, { why }))
}

function showFound(matters, asked) {
  const searching = asked !== ''
  hook(document, 'found-part').hidden = !searching
  const none = hook(document, 'found-none')
  none.hidden = !searching || (matters !== null && matters.length > 0)
  say(none, none.hidden ? '' : t(matters === null ? 'kiosk.search_offline' : 'kiosk.found_none'))
  if (board !== null) renderMatters(hook(document, 'found'), matters || [])
}

// ── The ticket ───────────────────────────────────────────────────────────────────────────────────

// One press, one ticket: a second tap joins the first, and a lost answer is asked for under its key.
async function take() {
  const whose = visit
  refuse('')
  taking = true
  renderTake()
  idling.hold(true)
  const slow = setTimeout(() => whose === visit && hint(t('kiosk.slow')), SLOW_MS)
  let answer = await mine.send('POST', `/api/v1/halls/${hallId}/tickets`, wish())
  if (!answer.ok && answer.body.code === 'phone_not_proven') {
    // The ticket comes first, and the number after it, by a code.
    unproven = phone
    phone = ''
    answer = await mine.send('POST', `/api/v1/halls/${hallId}/tickets`, wish())
  }
  clearTimeout(slow)
  idling.hold(false)
  taking = false
  render()
  if (whose !== visit) return
  hint('')
  if (!answer.ok) refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
  else if (isTerminal) {
    issued = answer.body
    phone = ''
    pad.set('')
    go(unproven ? 'code' : 'done')
    showCode()
    print(false)
    if (unproven) sendCode()
  } else location.replace(answer.body.link)
}

function wish() {
  const body = { channel, language: t.language }
  if (choice.matter) body.matters = [choice.matter.code]
  else body.group = choice.group
  if (scenario) body.scenarios = [`${choice.matter.code}.${scenario.code}`]
  if (priorityClass()) body.priority_class = priorityClass()
  if (phone) body.phone = phone
  return body
}

function priorityClass() {
  const chosen = document.querySelector('[name="class"]:checked')
  return chosen ? chosen.value : ''
}

function chooseNoClass() {
  document.querySelectorAll('[name="class"]').forEach((radio) => {
    radio.checked = radio.value === ''
  })
}

async function print(isCopy) {
  if (printer.state() === 'none') return
  const whose = visit
  slip = 'slip.printing'
  render()
  const { came, problem } = await printer.print(issued.link_token, isCopy)
  if (whose !== visit) return
  slipProblem = problem
  slip = { printed: isCopy ? 'slip.again' : 'slip.take', unsure: 'slip.unsure', refused: 'refused', not: 'slip.screen' }[came]
  if (printer.state() === 'none') slip = ''
  render()
}

// The code to follow. When the network is away just now, it comes as soon as it is back.
function showCode() {
  const whose = visit
  const code = hook(document, 'code')
  code.hidden = true
  hook(document, 'code-wait').hidden = false
  code.onload = () => {
    code.hidden = false
    hook(document, 'code-wait').hidden = true
  }
  code.onerror = () => setTimeout(() => whose === visit && fetchCode(), CODE_AGAIN_MS)
  let attempts = 0
  function fetchCode() {
    attempts += 1
    code.src = `/t/${issued.link_token}/qr.svg${attempts > 1 ? `?again=${attempts}` : ''}`
  }
  fetchCode()
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

function hint(sentence) {
  const line = hook(document, 'taking-hint')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── A relative's phone ───────────────────────────────────────────────────────────────────────────

// On a phone the ticket's own page asks for the number, and proves it by a code.
function renderPhone() {
  hook(document, 'phone-open').hidden = !isTerminal
  say(hook(document, 'phone-word'), t(phone ? 'phone.given' : 'phone.add'))
  say(hook(document, 'phone-number'), masked(phone))
}

function renderDigits(digits) {
  say(hook(document, 'digits'), spaced(digits))
  refusePhone('')
}

function usePhone() {
  if (!pad.isWhole()) {
    refusePhone(t('phone.wrong'))
    return
  }
  phone = pad.digits()
  go('confirm')
}

function dropPhone() {
  phone = ''
  pad.set('')
  go('confirm')
}

function refusePhone(sentence) {
  const line = hook(document, 'phone-refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── The code that proves it ──────────────────────────────────────────────────────────────────────

function renderCode() {
  say(hook(document, 'code-how'), t('code.how', { number: issued.number, phone: masked(unproven) }))
}

function renderCodeDigits(digits) {
  say(hook(document, 'code-digits'), digits)
  refuseCode('')
}

async function sendCode() {
  await prove('phone-codes', { phone: unproven, language: t.language })
}

async function useCode() {
  if (!codePad.isWhole()) {
    refuseCode(t('code.wrong'))
    return
  }
  told = await prove('phone', { code: codePad.digits(), relative: true, language: t.language })
  if (told) dropCode()
}

// Whether it worked, for whoever still stands here. The ticket is theirs in any case.
async function prove(what, body) {
  const whose = visit
  const answer = await mine.send('POST', `/api/v1/tickets/${issued.link_token}/${what}`, body)
  if (whose !== visit) return false
  if (!answer.ok) refuseCode(isUnknown(answer) ? t('code.offline') : t.problem(answer.body))
  return answer.ok
}

function dropCode() {
  unproven = ''
  codePad.set('')
  go('done')
}

function refuseCode(sentence) {
  const line = hook(document, 'code-refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── Hands ────────────────────────────────────────────────────────────────────────────────────────

function isElder() {
  return root.dataset.elder !== undefined
}

function speak(tongue) {
  t.language = tongue
  relabel(document, t)
  renderElderButton()
  renderClasses()
  render()
}

function enlarge(on) {
  set(root, { 'data-elder': on })
  renderElderButton()
  render()
}

function renderElderButton() {
  const button = set(hook(document, 'enlarge'), { 'aria-pressed': String(isElder()) })
  say(button, t(isElder() ? 'kiosk.elder_off' : 'kiosk.elder_on'))
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
  const erase = el('button', { class: 'button letter letter--wide', type: 'button', 'data-text': 'kiosk.search_back' }, t('kiosk.search_back'))
  erase.addEventListener('click', () => ask(query.value.slice(0, -1)))
  hook(document, 'letters').replaceChildren(...keys, erase)
}

function ask(words) {
  visit = visit || 1
  query.value = words
  find(words)
  render()
}

function seek(on) {
  seeking = on
  query.value = ''
  find('')
  render()
}

query.addEventListener('input', () => ask(query.value))
hook(document, 'clear').addEventListener('click', () => ask(''))
hook(document, 'seek').addEventListener('click', () => seek(true))
hook(document, 'back').addEventListener('click', back)
hook(document, 'over').addEventListener('click', wipe)
hook(document, 'again').addEventListener('click', () => print(true))
hook(document, 'take').addEventListener('click', take)
hook(document, 'classes').addEventListener('change', render)
hook(document, 'phone-open').addEventListener('click', () => go('phone'))
hook(document, 'phone-use').addEventListener('click', usePhone)
hook(document, 'phone-none').addEventListener('click', dropPhone)
if (isTerminal) {
  hook(document, 'code-use').addEventListener('click', useCode)
  hook(document, 'code-none').addEventListener('click', dropCode)
}
hook(document, 'larger').addEventListener('click', () => enlarge(true))
hook(document, 'enlarge').addEventListener('click', () => enlarge(!isElder()))
hook(document, 'language').addEventListener('click', () => {
  speak(t.other())
  if (!isTerminal) rememberLanguage(t.language)
})
addEventListener('keydown', (event) => {
  if (step === 'phone') pad.type(event.key)
  if (step === 'code') codePad.type(event.key)
})

if (isTerminal) {
  renderLetters()
  lock()
}
ignoreSecondTaps(() => step)
speak(language)
