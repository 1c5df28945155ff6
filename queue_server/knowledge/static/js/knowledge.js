// What windows need to know: on the left everything there is, on the right one entry to write.
// Every save is a new version; what clerks find changes only with 发布 and 撤下.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { hallClock } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'

const LOOK_MS = 15000
const SAID = { draft: 'keep.saved', published: 'keep.published', withdrawn: 'keep.withdrawn' }

const { hall_id: hallId, language, texts } = pageData()
const t = speaker(texts, language)
const clock = hallClock()
const url = `/api/v1/halls/${hallId}/knowledge`
const mine = deeds()
const form = hook(document, 'form')
let entries = []
let misses = []
let matters = []
let sounds = null // Which entries the words in the search box fit, by id; null: nothing is typed.
let state = ''
let chosen = null // The entry in the form; null: a new one, or none.
let about = []
let versions = []

start()

async function start() {
  const [hall, offered] = await Promise.all([got(`/api/v1/halls/${hallId}`), got(`/api/v1/halls/${hallId}/matters`)])
  if (hall.ok) clock.timezone = hall.body.hall.timezone
  if (offered.ok) matters = offered.body.matters
  renderAboutChoices()
  await look()
  const first = entries.find((entry) => entry.state === 'draft') || entries[0]
  if (first !== undefined) await choose(first)
  setInterval(look, LOOK_MS)
}

async function look() {
  const answer = await got(`${url}/kept`)
  if (answer.status === 0) return // The next look finds them.
  if (answer.status === 401) return signIn()
  if (!answer.ok) return say(hook(document, 'none'), t.problem(answer.body))
  entries = answer.body.entries
  misses = answer.body.misses
  render()
}

// ── The list ─────────────────────────────────────────────────────────────────────────────────────

function render() {
  const shown = entries.filter((entry) => (state === '' || entry.state === state) && fits(entry))
  say(hook(document, 'count'), String(shown.length))
  hook(document, 'none').hidden = shown.length > 0
  say(hook(document, 'none'), t(entries.length === 0 ? 'keep.empty' : 'keep.none'))
  keep(hook(document, 'entries'), shown, (entry) => entry.id, drawnEntry, updateEntry)
  say(hook(document, 'misses-how'), t(misses.length ? 'keep.misses_how' : 'keep.misses_none'))
  keep(hook(document, 'misses'), misses, (miss) => `${miss.matter} ${miss.query}`, drawnMiss, updateMiss)
}

function fits(entry) {
  const typed = hook(document, 'search').value.trim().toLowerCase()
  if (typed === '') return true
  const words = [entry.title.zh, entry.title.en, entry.body.zh, entry.body.en].concat(entry.about.map(nameOf))
  return words.some((text) => text.toLowerCase().includes(typed)) || (sounds !== null && sounds.has(entry.id))
}

function drawnEntry() {
  const button = el('button', { class: 'entry', type: 'button' },
    el('span', { class: 'entry__title' }), el('span', { class: 'entry__state' }), el('span', { class: 'soft' }))
  const row = el('li', {}, button)
  button.addEventListener('click', () => choose(entries.find((entry) => entry.id === row.dataset.key)))
  return row
}

function updateEntry(row, entry) {
  const [title, how, what] = row.firstElementChild.children
  set(row.firstElementChild, { 'aria-current': chosen !== null && chosen.id === entry.id ? 'true' : null })
  say(title, t.named(entry.title))
  set(how, { 'data-state': entry.state })
  say(how, t(`state.${entry.state}`))
  say(what, [t(`kind.${entry.kind}`), entry.about.map(nameOf).join('、'), entry.from_case ? t('keep.from_case') : ''].filter(Boolean).join(' · '))
}

function drawnMiss(miss) {
  const button = el('button', { class: 'button', type: 'button' })
  button.addEventListener('click', () => fresh({ title: miss.query, about: miss.matter ? [miss.matter] : [] }))
  return el('li', { class: 'miss' }, el('span', {}, el('strong', {}), el('span', { class: 'soft' })), button)
}

function updateMiss(row, miss) {
  const [words, button] = row.children
  say(words.firstElementChild, miss.query)
  const values = { matter: nameOf(miss.matter), times: miss.times }
  say(words.lastElementChild, t(miss.matter ? 'keep.miss' : 'keep.miss_any', values))
  say(button, t('keep.write_it'))
}

/** What "M03" or "M03.new" is called. */
function nameOf(each) {
  const [code, case_] = each.split('.')
  const matter = matters.find((one) => one.code === code)
  if (matter === undefined) return each
  const scenario = matter.scenarios.find((one) => one.code === case_)
  return scenario === undefined ? t.named(matter.name) : `${t.named(matter.name)}（${t.named(scenario.name)}）`
}

// ── The form ─────────────────────────────────────────────────────────────────────────────────────

async function choose(entry) {
  chosen = entry
  fill(entry)
  tell('')
  refuse('')
  const found = await got(`${url}/${entry.id}/versions`)
  if (chosen !== entry) return
  versions = found.ok ? found.body.entries : []
  renderForm()
  render()
}

function fresh(begun = {}) {
  chosen = null
  versions = []
  form.reset()
  form.elements.title.value = begun.title || ''
  about = begun.about || []
  tell('')
  refuse('')
  renderForm()
  render()
  form.elements.title.focus()
}

function fill(entry) {
  form.elements.title.value = entry.title.zh
  form.elements.kind.value = entry.kind
  form.elements.body.value = entry.body.zh
  form.elements.title_en.value = entry.title.en
  form.elements.body_en.value = entry.body.en
  about = entry.about.slice()
  renderForm()
}

function renderForm() {
  form.hidden = false
  hook(document, 'choose').hidden = true
  const heading = chosen === null ? t('keep.heading_new') : t('keep.heading', { version: chosen.version, state: t(`state.${chosen.state}`) })
  say(hook(document, 'heading'), heading)
  const shown = chosen === null ? null : chosen.shown_version
  say(hook(document, 'shown'), shown === null ? t('keep.unshown') : t('keep.shown', { version: shown }))
  document.querySelector('[data-save="withdrawn"]').hidden = shown === null
  renderAbout()
  hook(document, 'versions-section').hidden = versions.length === 0
  keep(hook(document, 'versions'), versions, (each) => each.version, () => {
    const button = el('button', { class: 'button button--quiet', type: 'button' })
    const row = el('li', {}, el('span', {}), button)
    button.addEventListener('click', () => read(versions.find((each) => String(each.version) === row.dataset.key)))
    return row
  }, (row, each) => {
    const values = { version: each.version, state: t(`state.${each.state}`), by: each.by, at: `${clock.day(each.at, t.language)} ${clock.time(each.at, t.language)}` }
    say(row.firstElementChild, t('keep.line', values))
    say(row.lastElementChild, t('keep.read'))
  })
}

function read(version) {
  fill(version)
  tell('keep.reading', version)
  form.elements.title.focus()
}

function renderAbout() {
  hook(document, 'about-none').hidden = about.length > 0
  keep(hook(document, 'about'), about, (each) => each, (each) => {
    const button = el('button', { class: 'chip', type: 'button' })
    button.addEventListener('click', () => {
      about = about.filter((one) => one !== each)
      renderAbout()
    })
    return el('li', {}, button)
  }, (row, each) => {
    say(row.firstElementChild, `${nameOf(each)} ×`)
    set(row.firstElementChild, { 'aria-label': t('keep.about_remove', { name: nameOf(each) }) })
  })
}

function renderAboutChoices() {
  const offered = matters.reduce((all, matter) => all.concat(matter.code, matter.scenarios.map((each) => `${matter.code}.${each.code}`)), [''])
  keep(hook(document, 'about-add'), offered, (each) => each, () => el('option', {}), (option, each) => {
    set(option, { value: each })
    say(option, each === '' ? t('keep.about_add') : nameOf(each))
  })
  hook(document, 'about-add').value = ''
}

async function save(next) {
  const said = Object.fromEntries(new FormData(form))
  if (!said.title.trim() || !said.body.trim()) return refuse(t('keep.incomplete'))
  const body = Object.assign(said, { about, title_en: said.title_en.trim() || null, body_en: said.body_en.trim() || null })
  let entry = chosen
  if (entry === null) {
    const made = await mine.send('POST', url, body)
    if (!made.ok) return refused(made)
    entry = made.body
    if (next === 'draft') return saved(entry)
  }
  const answer = await mine.send('PUT', `${url}/${entry.id}`, Object.assign({ version: entry.version, state: next }, body))
  if (answer.ok) return saved(answer.body)
  return refused(answer)
}

async function saved(entry) {
  await look()
  await choose(entries.find((each) => each.id === entry.id) || entry)
  tell(SAID[entry.state], entry)
}

// What one has written stays in the form; what a colleague has written stands among the versions.
async function refused(answer) {
  if (answer.status === 401) return signIn()
  refuse(isUnknown(answer) ? t('keep.offline') : detailOf(answer.body))
  if (answer.body.code !== 'entry_changed') return
  await look()
  chosen = entries.find((each) => each.id === chosen.id) || chosen
  const found = await got(`${url}/${chosen.id}/versions`)
  versions = found.ok ? found.body.entries : versions
  renderForm()
}

function detailOf(problem) {
  const first = (problem.errors || [])[0]
  return [t.problem(problem), first ? (t.language === 'zh' ? first.message_zh : first.message) : ''].filter(Boolean).join(' ')
}

function tell(key, values = {}) {
  say(hook(document, 'said'), key === '' ? '' : t(key, values))
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = sentence === ''
  say(line, sentence)
}

// ── Hands ────────────────────────────────────────────────────────────────────────────────────────

hook(document, 'new').addEventListener('click', () => fresh())
hook(document, 'about-add').addEventListener('change', (event) => {
  const each = event.target.value
  if (each !== '' && !about.includes(each)) about = about.concat(each)
  event.target.value = ''
  renderAbout()
})
document.querySelectorAll('[data-save]').forEach((button) => {
  button.addEventListener('click', () => save(button.dataset.save))
})
form.addEventListener('submit', (event) => event.preventDefault())
hook(document, 'states').addEventListener('click', (event) => {
  if (event.target.dataset.stateIs === undefined) return
  state = event.target.dataset.stateIs
  Array.from(hook(document, 'states').children).forEach((button) => set(button, { 'aria-pressed': String(button.dataset.stateIs === state) }))
  render()
})
hook(document, 'search').addEventListener('input', async (event) => {
  const typed = event.target.value.trim()
  sounds = null
  render()
  if (typed === '') return
  const found = await got(`${url}?q=${encodeURIComponent(typed)}`)
  if (event.target.value.trim() !== typed) return
  sounds = new Set(found.ok ? found.body.entries.map((entry) => entry.id) : [])
  render()
})
hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  renderAboutChoices()
  render()
  if (!form.hidden) renderForm()
})
