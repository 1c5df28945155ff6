// Taking a case in. One step is next, and F9 does it; letters say how a material stands. The server decides.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'
import { ask } from './ask.js'
import { checklist } from './checklist.js'
import { lineSentence } from './history.js'
import { knowledge } from './know.js'
import { points } from './points.js'
import { questions } from './questions.js'
import { gapsOf, nextSteps, unchecked } from './steps.js'

const AT_THE_WINDOW = ['draft', 'received', 'notified']
const LOOK_MS = 2000 // A colleague may finish what a trainee has prepared, and a department answers.

const { hall_id: hallId, window_id: windowId, case_id: caseId, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const url = `/api/v1/halls/${hallId}`
const mine = deeds()
let ticket = null // At the window: the ticket in service.
let account = null
let matters = new Map() // The catalogue, by code: scenarios stand there.
let chains = [] // What can be applied for together.
let cases = []
let ownTasks = new Set() // Of the departments for which this reviewer decides, by case and place.
let decides = [] // For which departments that is; none: nobody has written it down.
let members = [] // Of the chain on the desk, once it is accepted.
let shown = null // The case on the desk.
let applicant = null
let lines = []
let busy = false

const list = checklist(hook(document, 'items'), t, mark)
const known = knowledge(url, t, (entry, version) => change('POST', 'citations', { entry, entry_version: version }))
const questioned = questions(t, { cite: (place) => change('POST', `questions/${place}/citation`), suggest: (begun) => known.suggest(begun) })
const review = points(t, judge)

start()

async function start() {
  const who = await got('/api/v1/sessions/current')
  if (who.status === 401) return signIn()
  account = who.ok ? who.body.account : null
  const offered = await got(`${url}/matters`)
  if (offered.ok) matters = new Map(offered.body.matters.map((matter) => [matter.code, matter]))
  const together = await got(`${url}/chains`)
  if (together.ok) chains = together.body.chains
  for (const chain of chains) matters.set(chain.code, chain)
  await look()
  setInterval(lookAgain, LOOK_MS)
}

// ── What is there ────────────────────────────────────────────────────────────────────────────────

async function look() {
  const hall = await got(url)
  if (hall.ok) clock.timezone = hall.body.hall.timezone
  if (caseId !== null) {
    const found = await got(`${url}/cases/${caseId}`)
    if (!found.ok) return nothing(t.problem(found.body))
    cases = [found.body]
  } else {
    const desk = await got(`${url}/windows/${windowId}`)
    ticket = desk.ok ? desk.body.ticket : null
    if (!ticket || ticket.state !== 'serving') return nothing(t('intake.nobody'))
    if (ticket.matters.length === 0) return nothing(t('intake.no_matter'))
    const found = await got(`${url}/cases?ticket=${ticket.id}`)
    cases = found.ok ? found.body.cases.filter((one) => one.part_of === null && one.stage !== 'withdrawn') : []
  }
  const first = cases.find((one) => one.members.length > 0) || cases[0]
  if (first) await show(first)
  else await open(ticket.matters[0].code)
}

async function lookAgain() {
  if (shown === null || busy || document.querySelector('dialog[open]')) return
  const found = await got(`${url}/cases/${shown.id}`)
  if (!found.ok || found.body.id !== shown.id || found.body.version <= shown.version) return
  const before = answers(shown)
  await take(found.body)
  if (answers(shown) > before) turnTo('questions')
}

function answers(one) {
  return one.questions.filter((question) => question.answered !== null).length
}

async function open(code) {
  const known = cases.find((each) => each.subject.matter === code && each.stage !== 'withdrawn')
  if (known) return show(known)
  const answer = await sent('POST', `${url}/cases`, { ticket: ticket.id, matter: code })
  if (answer.ok) {
    cases = cases.concat(answer.body)
    await show(answer.body)
  } else {
    nothing(t.problem(answer.body))
  }
}

async function show(one) {
  shown = one
  applicant = null
  hook(document, 'none').hidden = true
  await Promise.all([learnApplicant(), learnHistory(), learnMembers(), learnTasks()])
  refuse('')
  turnTo(AT_THE_WINDOW.includes(one.stage) ? 'knowledge' : 'history')
  render()
  list.focus()
}

async function learnApplicant() {
  if (!shown.has_applicant) return
  const found = await got(`${url}/cases/${shown.id}/applicant`)
  applicant = found.ok ? found.body : null
}

async function learnHistory() {
  const found = await got(`${url}/cases/${shown.id}/history`)
  if (found.ok) lines = found.body.lines
}

async function learnMembers() {
  members = []
  if (shown.members.length === 0 || !shown.accepted) return
  const found = await got(`${url}/cases/${shown.id}/members`)
  if (found.ok) members = found.body.cases
}

async function learnTasks() {
  if (account === null || account.role !== 'reviewer') return
  const found = await got(`${url}/tasks`)
  if (!found.ok) return
  ownTasks = new Set(found.body.tasks.map((each) => `${each.case} ${each.task.place}`))
  decides = found.body.departments
}

function nothing(sentence) {
  shown = null
  set(document.body, { 'data-state': 'nothing' })
  hook(document, 'sheet').hidden = hook(document, 'side').hidden = true
  hook(document, 'none').hidden = false
  say(hook(document, 'none'), sentence)
}

// ── Deeds ────────────────────────────────────────────────────────────────────────────────────────

const DEEDS = {
  applicant: nameApplicant,
  receive: () => change('POST', 'receipt'),
  notice: () => change('POST', 'notice'),
  accept: () => change('POST', 'acceptance'),
  tolerate,
  refuse: () => asked('refuse', 'POST', 'refusal'),
  finish: () => change('POST', 'decision', { approved: true, handed_over: true }),
  approve: () => change('POST', 'decision', { approved: true }),
  deny: () => asked('deny', 'POST', 'decision', { approved: false, handed_over: shown.subject.immediate }),
  review: () => change('POST', 'review'),
  pause: () => asked('pause', 'POST', 'pause'),
  resume: () => change('POST', 'resumption'),
  second: () => asked('second', 'PUT', 'second-notice'),
  withdraw: () => asked('withdraw', 'POST', 'withdrawal'),
  joint: () => change('POST', 'joint-notice'),
}

async function perform(name) {
  if (shown !== null && !busy) await DEEDS[name]()
}

/** Asks for one change of the case that is shown. Only one is under way at a time. */
async function change(method, deed, more = {}) {
  const answer = await sent(method, `${url}/cases/${shown.id}/${deed}`, Object.assign(deed === 'questions' ? {} : { version: shown.version }, more))
  if (answer.ok) {
    if (deed === 'applicant') await learnApplicant()
    await take(answer.body)
  }
  return answer
}

async function sent(method, address, body) {
  busy = true
  refuse('')
  const answer = await mine.send(method, address, body)
  busy = false
  if (!answer.ok) await refused(answer)
  return answer
}

async function take(one) {
  shown = one
  cases = cases.map((each) => (each.id === one.id ? one : each))
  if (shown.has_applicant && applicant === null) await learnApplicant()
  render()
  await Promise.all([learnHistory(), learnMembers(), learnTasks()])
  renderHistory()
  renderMembers()
  renderTasks()
}

async function refused(answer) {
  if (answer.status === 401) return signIn()
  if (answer.body.code === 'case_changed') {
    const found = await got(`${url}/cases/${shown.id}`)
    if (found.ok) await take(found.body)
  }
  refuse(isUnknown(answer) ? t('intake.offline') : t.problem(answer.body))
}

function mark(place, how, more = {}) {
  if (busy || shown === null) return
  if (how === 'defective' && !more.fault) askForFault(place)
  else change('PUT', `materials/${place}`, Object.assign({ mark: how }, more))
}

async function askForFault(place) {
  const said = await ask('fault')
  if (said) mark(place, 'defective', { fault: said.fault, note: said.note || null })
}

async function nameApplicant() {
  const said = await ask('applicant')
  if (said) await change('PUT', 'applicant', said)
}

async function tolerate() {
  const missing = gapsOf(shown)
  hook(document, 'tolerated').replaceChildren(...missing.map((item) => el('li', {}, t.named(item.name))))
  const said = await ask('tolerate', { supply_on: shown.supply_by })
  if (said) await change('POST', 'acceptance', { supply_on: said.supply_on })
}

/** Whoever speaks for a department answers in the inbox. */
function mayAsk() {
  return account !== null && account.role !== 'reviewer'
}

async function askDepartment() {
  const said = await ask('question')
  if (!said) return
  turnTo('questions')
  await change('POST', 'questions', said)
}

async function judge(place, passed) {
  const said = passed === false ? await ask('point') : {} // Asked while the point before it is on its way.
  if (said && !busy) await change('PUT', `points/${place}`, { passed, note: said.note || null })
}

async function asked(name, method, deed, more = {}) {
  const said = await ask(name)
  if (said) await change(method, deed, Object.assign({}, more, said))
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── Showing ──────────────────────────────────────────────────────────────────────────────────────

function render() {
  if (shown === null) return
  const { subject } = shown
  set(document.body, { 'data-state': shown.stage })
  hook(document, 'sheet').hidden = hook(document, 'side').hidden = false
  const number = shown.number || t(`channel.${shown.channel}`)
  say(hook(document, 'number'), number)
  say(hook(document, 'subject'), t.named(subject.name))
  say(hook(document, 'about'), aboutSubject(subject))
  say(hook(document, 'stage'), t(`stage.${shown.stage}`))
  document.title = `${number} · ${t.named(subject.name)} · ${t('intake.title')}`
  renderMatters()
  renderMembers()
  renderTasks()
  renderScenarios()
  list.show(shown)
  say(hook(document, 'progress'), progress())
  hook(document, 'ask-department').hidden = !mayAsk()
  known.show(shown)
  questioned.show(shown)
  review.show(shown)
  const waiting = shown.questions.length
  say(hook(document.querySelector('[data-tab=questions]'), 'tab-count'), waiting ? String(waiting) : '')
  renderApplicant()
  renderNow()
  renderPapers()
  renderHistory()
}

function aboutSubject(subject) {
  const kind = subject.immediate ? t('intake.immediate') : t('intake.committed', { days: subject.limit_days })
  const scenario = shown.stage !== 'draft' && subject.scenario_name ? t.named(subject.scenario_name) : ''
  return [subject.matter, t.named(subject.department), scenario, kind, broughtWords()].filter(Boolean).join(' · ')
}

function broughtWords() {
  const parcel = shown.parcels[shown.parcels.length - 1]
  if (parcel !== undefined) return t('intake.posted', { waybill: parcel.waybill, visits: shown.visits })
  if (shown.entrustment === null) return ''
  return t('intake.brought', { by: shown.entrustment.by.name, visits: shown.visits })
}

function progress() {
  if (lacksScenario()) return ''
  const left = unchecked(shown)
  const gaps = gapsOf(shown).length
  if (left > 0) return t('intake.unchecked', { count: left })
  return gaps > 0 ? t('intake.gaps', { count: gaps }) : t('intake.complete')
}

function lacksScenario() {
  return scenarios().length > 0 && shown.subject.scenario === null
}

/** The scenarios one can still choose from. */
function scenarios() {
  const matter = matters.get(shown.subject.matter)
  return shown.stage === 'draft' && matter ? matter.scenarios : []
}

function renderMatters() {
  const codes = ticket === null ? [] : choices(ticket.matters)
  keep(hook(document, 'matters'), codes.length > 1 ? codes : [], (matter) => matter.code, (matter) => {
    const button = el('button', { class: 'button', type: 'button' })
    button.addEventListener('click', () => open(matter.code))
    return button
  }, (button, matter) => {
    set(button, { 'aria-current': matter.code === shown.subject.matter ? 'true' : null })
    say(button, t.named(matter.name))
  })
}

/** What the ticket was taken for, and the chains it can be done with. Their members are not taken in alone. */
function choices(asked) {
  const open = cases.filter((one) => one.members.length > 0 && one.stage !== 'withdrawn')
  const taken = new Set(open.reduce((codes, one) => codes.concat(one.members.map((each) => each.matter)), []))
  const offered = chains.filter((chain) => asked.some((matter) => chain.members.some((each) => each.matter === matter.code)))
  return asked.filter((matter) => !taken.has(matter.code)).concat(open.length > 0 ? offered.filter((chain) => open.some((one) => one.subject.matter === chain.code)) : offered)
}

function renderMembers() {
  const whole = shown.part_of
  hook(document, 'members-card').hidden = shown.members.length === 0 && whole === null
  const link = hook(document, 'whole')
  link.hidden = whole === null
  if (whole !== null) {
    set(link, { href: `/cases/${hallId}/${whole.id}` })
    say(link, t('intake.whole', { receipt: whole.receipt }))
  }
  const names = new Map(shown.members.map((each) => [each.matter, t.named(each.name)]))
  keep(hook(document, 'members'), shown.members, (each) => `${shown.id} ${each.matter}`, () =>
    el('li', {}, el('a', {}), el('span', { class: 'soft' })),
  (row, each) => {
    const [name, how] = row.children
    const part = members.find((one) => one.subject.matter === each.matter)
    set(name, { href: part ? `/cases/${hallId}/${part.id}` : null })
    say(name, t.named(each.name))
    const after = each.after.map((code) => names.get(code)).join('、')
    const limit = each.limit_days === 0 ? t('intake.member_today') : t('intake.member_days', { days: each.limit_days })
    const state = part ? t(`stage.${part.stage}`) : limit
    const waits = after && !part ? t('intake.member_after', { matters: after }) : ''
    say(how, [t.named(each.department), state, waits].filter(Boolean).join(' · '))
  })
}

function renderTasks() {
  hook(document, 'tasks-section').hidden = shown.tasks.length === 0
  keep(hook(document, 'tasks'), shown.tasks, (each) => `${shown.id} ${each.place}`, (each) => {
    const buttons = ['take', 'agree', 'lack', 'against'].map((name) => {
      const button = el('button', { class: 'button', type: 'button', 'data-task': name })
      button.addEventListener('click', () => TASKS[name](each.place))
      return button
    })
    return el('li', {}, el('strong', {}), el('span', { class: 'soft' }), el('div', { class: 'parts__deeds' }, ...buttons))
  }, (row, each) => {
    const [name, how, deeds] = row.children
    say(name, t.named(each.department))
    say(how, taskWords(each))
    const isOwn = ownTasks.has(`${shown.id} ${each.place}`) && each.opinion === null
    deeds.hidden = !isOwn
    Array.from(deeds.children).forEach((button) => {
      say(button, t(`task.${button.dataset.task}`))
      button.hidden = (button.dataset.task === 'take') !== (each.reviewer === null)
      button.disabled = each.lacks.length > 0 && ['agree', 'against'].includes(button.dataset.task)
    })
  })
}

function taskWords(each) {
  const who = each.reviewer === null ? '' : each.reviewer.name
  if (each.opinion !== null) return [t(each.opinion.agreed ? 'task.agreed' : 'task.disagreed'), who, each.opinion.note].filter(Boolean).join(' · ')
  const lacks = each.lacks.map((lack) => t.named(shown.items[lack.place].name)).join('、')
  const due = each.due !== null && each.due.on !== null ? t('task.due', { date: each.due.on }) : ''
  return [lacks ? t('task.lacks', { materials: lacks }) : t(each.reviewer === null ? 'task.open' : 'task.working'), who, due].filter(Boolean).join(' · ')
}

const TASKS = {
  take: (place) => change('POST', `tasks/${place}/review`),
  agree: (place) => change('POST', `tasks/${place}/opinion`, { agreed: true }),
  against: (place) => asked('against', 'POST', `tasks/${place}/opinion`, { agreed: false }),
  async lack(place) {
    const choices = shown.items.map((item, at) => el('option', { value: at }, t.named(item.name)))
    document.querySelector('[data-ask="lack"] [name="material"]').replaceChildren(...choices)
    const said = await ask('lack')
    if (said) await change('POST', `tasks/${place}/lacks`, { material: Number(said.material), fault: said.fault, note: said.note || null })
  },
}

function renderScenarios() {
  const offered = scenarios()
  hook(document, 'scenarios-field').hidden = offered.length === 0
  keep(hook(document, 'scenarios'), offered, (each) => each.code, (each) => {
    const button = el('button', { class: 'choice', type: 'button' }, el('kbd', { class: 'key', 'aria-hidden': 'true' }), el('span', {}))
    button.addEventListener('click', () => change('PUT', 'scenario', { scenario: each.code }))
    return button
  }, (button, each) => {
    const digit = String(offered.indexOf(each) + 1)
    set(button, { 'aria-pressed': String(each.code === shown.subject.scenario), 'aria-keyshortcuts': digit })
    say(button.firstElementChild, digit)
    say(button.lastElementChild, t.named(each.name))
  })
}

function renderApplicant() {
  const words = applicant === null
    ? t('intake.applicant_none')
    : [applicant.name, t(`kind.${applicant.kind}`), applicant.number].join(' · ')
  say(hook(document, 'applicant'), words)
  const isOpen = AT_THE_WINDOW.includes(shown.stage)
  document.querySelector('[data-do="applicant"]').hidden = hook(document, 'applicant-key').hidden = !isOpen
  hook(document, 'hint').hidden = !isOpen
}

function renderNow() {
  const { primary, others, sentence, values } = nextSteps(shown, leads() ? account : null, matters.get(shown.subject.matter))
  say(hook(document, 'now'), t(sentence, Object.assign({ due: dueWords() }, values)))
  const first = hook(document, 'primary')
  first.hidden = primary === null
  set(first, { 'data-deed': primary })
  say(hook(document, 'primary-text'), primary === null ? '' : t(`deed.${primary}`))
  keep(hook(document, 'others'), others, (name) => name, (name) => {
    const button = el('button', { class: 'button', type: 'button', 'data-deed': name })
    button.addEventListener('click', () => perform(name))
    return button
  }, (button, name) => say(button, t(`deed.${name}`)))
}

/** Whether it is not another department that decides on the case itself. */
function leads() {
  return decides.length === 0 || decides.includes(shown.subject.department.zh)
}

function dueWords() {
  const { due } = shown
  if (!due) return ''
  if (due.unknown_year) return t('intake.due_unknown', { days: shown.subject.limit_days, year: due.unknown_year })
  return t(due.color === 'late' ? 'intake.due_late' : 'intake.due', { date: due.on, days: due.left_days })
}

function renderPapers() {
  const papers = [
    ['receipt', shown.receipt !== null],
    ['notice', shown.notices.length > 0],
    ['acceptance', shown.accepted !== null],
    ['promise', shown.promise !== null],
    ['refusal', shown.refusal !== null],
  ].filter(([, isThere]) => isThere).map(([name]) => name)
  hook(document, 'papers-card').hidden = papers.length === 0
  say(hook(document, 'code'), shown.receipt ? `${shown.receipt}　${shown.code}` : '')
  keep(hook(document, 'papers'), papers, (name) => name, (name) =>
    el('li', {}, el('a', { href: `/cases/${hallId}/${shown.id}/${name}`, target: '_blank', rel: 'noopener' })),
  (row, name) => say(row.firstElementChild, t(`papers.${name}`)))
}

function renderHistory() {
  const newest = lines.slice().reverse()
  keep(hook(document, 'history'), newest, (line) => line.version, () => el('li', {}, el('time'), el('span')), (row, line) => {
    say(row.firstElementChild, clock.time(line.at, t.language))
    say(row.lastElementChild, lineSentence(line, t))
  })
}

// ── Hands ────────────────────────────────────────────────────────────────────────────────────────

hook(document, 'primary').addEventListener('click', (event) => perform(event.currentTarget.dataset.deed))
document.querySelector('[data-do="applicant"]').addEventListener('click', () => perform('applicant'))
hook(document, 'leave').addEventListener('click', leave)
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  if (shown === null) say(hook(document, 'none'), t('intake.nobody'))
  render()
})

hook(document, 'ask-department').addEventListener('click', askDepartment)
hook(document, 'tabs').addEventListener('click', (event) => {
  const tab = event.target.closest('[data-tab]')
  if (tab !== null) turnTo(tab.dataset.tab)
})
hook(document, 'tabs').addEventListener('keydown', (event) => {
  if (event.code !== 'ArrowLeft' && event.code !== 'ArrowRight') return
  const tabs = Array.from(event.currentTarget.children)
  const next = tabs[(tabs.indexOf(event.target) + (event.code === 'ArrowRight' ? 1 : tabs.length - 1)) % tabs.length]
  turnTo(next.dataset.tab)
  next.focus()
})

/** One of the three sheets beside the case: what is known, what was asked, what happened. */
function turnTo(name) {
  document.querySelectorAll('[data-tab]').forEach((tab) => {
    const isShown = tab.dataset.tab === name
    set(tab, { 'aria-selected': String(isShown), tabindex: isShown ? '0' : '-1' })
    document.getElementById(tab.getAttribute('aria-controls')).hidden = !isShown
  })
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return
  const isWriting = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)
  if (event.code === 'F9') {
    event.preventDefault()
    if (!event.repeat) hook(document, 'primary').click()
  } else if (event.code === 'Escape') {
    leave()
  } else if (isWriting || event.repeat) {
    return
  } else if (event.code === 'KeyF' || event.code === 'KeyQ') {
    event.preventDefault()
    if (shown === null) return
    turnTo(event.code === 'KeyF' ? 'knowledge' : 'questions')
    if (event.code === 'KeyF') known.focus()
    else if (mayAsk()) askDepartment()
  } else if (event.code === 'KeyA') {
    event.preventDefault()
    if (shown !== null && AT_THE_WINDOW.includes(shown.stage)) perform('applicant')
  } else if (/^(Digit|Numpad)[1-9]$/.test(event.code)) {
    const choice = hook(document, 'scenarios').children[Number(event.code.slice(-1)) - 1]
    if (choice !== undefined) choice.click()
  } else if (list.key(event.code)) {
    event.preventDefault()
  }
})

// A page that the console has opened closes, and the console is in front again; any other goes where it came from.
function leave() {
  if (window.opener !== null) window.close()
  else if (windowId !== null) location.assign(`/clerk/${hallId}/${windowId}`)
  else location.assign(isArrival() ? `/arrivals/${hallId}` : `/inbox/${hallId}`)
}

/** Whether whoever looks at the case found it among those that came by themselves. */
function isArrival() {
  return shown !== null && shown.channel !== 'window' && account !== null && account.role !== 'reviewer'
}
