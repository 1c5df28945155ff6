// One guide at a time: what is published, the draft beside it, what is wrong, what departments would like.
//
// Departments save procedure at once and send the rest up as a suggestion; the city's editors save drafts, hand
// them in, and settle suggestions; somebody else reviews and publishes.

import { deeds, got, signIn } from '/static/js/api.js'
import { el, hook, say } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { speaker } from '/static/js/texts.js'
import { showForm } from './form.js'
import { schema } from './schema.js'

const { hall_id: hallId, code, procedure, sources, forms, language, texts } = pageData()
const t = speaker(texts, language)
const { send } = deeds()
const at = `/api/v1/halls/${hallId}/matters/${code}`
const shape = schema({ sources, forms })
let account = null
let seen = null // What the server said last.
let guide = null // What the form shows.
let past = { versions: [], suggestions: [] }
let substantive = false // A department has touched what belongs to the city.

begin()

async function begin() {
  const who = await got('/api/v1/sessions/current')
  if (who.status === 401) return signIn()
  account = who.body.account
  const [now, history] = await Promise.all([got(`${at}/guide/draft`), got(`${at}/guide/versions`)])
  if (!now.ok || !history.ok) return refuse(now.ok ? history : now)
  past = history.body
  show(now.body)
}

function isEditor() {
  return account.role === 'admin'
}

function show(view) {
  seen = view
  guide = copy(isEditor() && view.draft ? view.draft.guide : view.guide)
  say(hook(document, 'name'), t.named(view.matter.name))
  document.title = `${t.named(view.matter.name)} · ${t('editor.title')}`
  say(hook(document, 'state'), stateWord())
  showForm(hook(document, 'form'), { t, guide, shape, mine: (name) => isEditor() || procedure.includes(name), changed: touched })
  touched()
  showFindings()
  showSuggestions()
  showPast()
}

function stateWord() {
  const version = seen.version > 0 ? t('editor.published', { version: seen.version }) : t('editor.unedited')
  const { draft } = seen
  if (draft === null) return version
  return `${version} · ${t(draft.in_review ? 'editor.in_review' : 'editor.draft', { by: draft.changed_by_name })}`
}

// After every change: what differs, and what can be done about it.
function touched() {
  const changed = shape.map(([name]) => name).filter((name) => !same(seen.guide[name], guide[name]))
  substantive = changed.some((name) => !procedure.includes(name))
  showDifference(changed)
  showActs(changed)
}

// ── What can be done ────────────────────────────────────────────────────────────────────────────

function showActs(changed) {
  const acts = []
  const { draft } = seen
  hook(document, 'reason-part').hidden = isEditor() || !substantive
  if (isEditor()) {
    acts.push(['editor.save', save(false), false, changed.length > 0 || draft !== null])
    acts.push(['editor.hand_in', save(true), false, changed.length > 0 || draft !== null])
    if (changed.length > 0 && !substantive) acts.push(['editor.at_once', atOnce, true, true])
  } else if (substantive) {
    acts.push(['editor.suggest', suggest, true, true])
  } else {
    acts.push(['editor.at_once', atOnce, true, changed.length > 0])
  }
  if (draft !== null && draft.in_review && draft.changed_by !== account.id && account.role !== 'reviewer') {
    acts.push(['editor.publish', publish, true, true])
  }
  hook(document, 'acts').replaceChildren(...acts.map(([words, press, first, may]) => {
    const key = el('button', { class: first ? 'button button--first' : 'button', type: 'button', 'data-act': words.split('.')[1] }, t(words))
    key.disabled = !may
    key.addEventListener('click', press)
    return key
  }))
  if (!isEditor() && substantive) inform(t('editor.substance'))
}

function save(handIn) {
  return () => tell('PUT', `${at}/guide/draft`, { revision: seen.draft ? seen.draft.revision : 0, guide, hand_in: handIn }, handIn ? 'editor.handed_in' : 'editor.saved')
}

function atOnce() {
  return tell('PUT', `${at}/guide`, { version: seen.version, guide }, 'editor.counts')
}

function suggest() {
  const reason = hook(document, 'reason').value.trim()
  if (reason === '') {
    hook(document, 'reason').focus()
    return inform(t('editor.reason_needed'))
  }
  return tell('POST', `${at}/suggestions`, { version: seen.version, guide, reason }, 'editor.suggested')
}

function publish() {
  return tell('POST', `${at}/guide/draft/publication`, { revision: seen.draft.revision }, 'editor.counts')
}

async function tell(method, address, body, done) {
  const answer = await send(method, address, body)
  if (!answer.ok) return refuse(answer)
  hook(document, 'refusal').hidden = true
  hook(document, 'reason').value = ''
  const history = await got(`${at}/guide/versions`)
  if (history.ok) past = history.body
  show(answer.body)
  inform(t(done, { version: answer.body.version }))
}

function refuse(answer) {
  if (answer.status === 401) return signIn()
  inform('')
  hook(document, 'refusal').hidden = false
  say(hook(document, 'refusal'), t.problem(answer.body))
  if (answer.body.findings) showFindings(answer.body.findings)
  const loading = hook(document, 'loading')
  if (loading !== null) loading.hidden = true
}

function inform(sentence) {
  if (sentence !== '') hook(document, 'refusal').hidden = true
  say(hook(document, 'done'), sentence)
}

// ── What is wrong ───────────────────────────────────────────────────────────────────────────────

// Beside the field, and in a list from which one gets there.
function showFindings(found) {
  const findings = found || (isEditor() && seen.draft ? seen.draft.findings : seen.findings)
  say(hook(document, 'findings-count'), String(findings.filter((one) => one.weight === 'error').length))
  document.querySelectorAll('[data-told]').forEach((place) => place.replaceChildren())
  hook(document, 'findings').replaceChildren(...findings.map((one) => {
    const beside = closest(one.at, 'told')
    if (beside !== null) beside.append(el('p', { class: 'finding', 'data-weight': one.weight }, sentence(one)))
    const go = el('button', { class: 'found__go', type: 'button', 'data-weight': one.weight },
      el('strong', {}, whereWord(one.at)), el('span', {}, sentence(one)))
    go.addEventListener('click', () => {
      const field = closest(one.at, 'told')
      if (field === null) return
      field.scrollIntoView({ block: 'center' })
      const box = field.parentElement.querySelector('input, select, textarea, button')
      if (box !== null) box.focus({ preventScroll: true })
    })
    return el('li', {}, go)
  }))
  if (findings.length === 0) hook(document, 'findings').append(el('li', { class: 'soft' }, t('editor.clean')))
}

function closest(place, name) {
  const parts = place.split('.')
  for (let count = parts.length; count > 0; count -= 1) {
    const found = document.querySelector(`[data-${name}="${parts.slice(0, count).join('.')}"]`)
    if (found !== null) return found
  }
  return null
}

function whereWord(place) {
  const [element, number] = place.split('.')
  return number === undefined ? t(`field.${element}`) : `${t(`field.${element}`)} ${Number(number) + 1}`
}

function sentence(finding) {
  const facts = Object.assign({}, finding.facts)
  if (facts.answers) facts.answers = answersWord(facts.answers)
  if (facts.scenarios) facts.scenarios = facts.scenarios.map(scenarioName).join(t('editor.and'))
  return t(`lint.${finding.code}`, facts)
}

function answersWord(answers) {
  return guide.questions.map((question) => {
    const option = question.options.find((one) => one.code === answers[question.code])
    return option ? t.named(option.text) || option.code : ''
  }).filter(Boolean).join(' + ')
}

function scenarioName(name) {
  const found = guide.scenarios.find((one) => one.code === name)
  return found ? t.named(found.name) || name : name
}

// ── What differs ────────────────────────────────────────────────────────────────────────────────

function showDifference(changed) {
  hook(document, 'difference').replaceChildren(...changed.length === 0
    ? [el('p', { class: 'soft' }, t('editor.same'))]
    : changed.map((name) => difference(name, seen.guide[name], guide[name])))
}

function difference(name, before, after) {
  const old = linesOf(before)
  const fresh = linesOf(after)
  return el('div', { class: 'differs' }, el('h3', {}, t(`field.${name}`)),
    ...old.filter((line) => !fresh.includes(line)).map((line) => el('del', {}, line)),
    ...fresh.filter((line) => !old.includes(line)).map((line) => el('ins', {}, line)))
}

function linesOf(value) {
  if (Array.isArray(value)) return value.map(oneLine)
  return [oneLine(value)].filter(Boolean)
}

function oneLine(value) {
  if (value === null || value === '') return ''
  if (value === true || value === false) return t(value ? 'editor.yes' : 'editor.no')
  if (typeof value !== 'object') return String(value)
  if ('zh' in value && 'en' in value) return [value.zh, value.en].filter(Boolean).join(' / ')
  if (Array.isArray(value)) return value.map(oneLine).filter(Boolean).join(', ')
  return Object.keys(value).map((key) => {
    const said = oneLine(value[key])
    if (said === '' || value[key] === false || key === 'code' || key === 'copies') return ''
    if (key === 'source' || key === 'form') return t(`${key}.${value[key]}`)
    if (value[key] === true) return t(`field.${key}`)
    return key === 'days' ? `${said} ${t('field.days')}` : said
  }).filter(Boolean).join(' · ')
}

// ── What departments would like, and what was ───────────────────────────────────────────────────

function showSuggestions() {
  const part = hook(document, 'suggestions')
  part.replaceChildren(...past.suggestions.map((one) => {
    const state = t(`editor.suggestion_${one.state}`, { version: one.version })
    const drawn = el('div', { class: 'asked', 'data-state': one.state },
      el('p', {}, el('strong', {}, one.made_by_name), ` ${one.made_at.slice(0, 10)} · ${state}`),
      el('p', {}, one.reason),
      ...Object.keys(one.after).map((name) => difference(name, one.before[name], one.after[name])))
    if (one.state === 'open' && isEditor()) {
      drawn.append(el('div', { class: 'keys' },
        settling(one, 'acceptance', 'editor.accept', 'button button--first', 'editor.counts'),
        settling(one, 'refusal', 'editor.decline', 'button', 'editor.declined')))
    }
    return drawn
  }))
  if (past.suggestions.length === 0) part.append(el('p', { class: 'soft' }, t('editor.no_suggestions')))
}

function settling(one, deed, words, looks, done) {
  const key = el('button', { class: looks, type: 'button' }, t(words))
  key.addEventListener('click', () => tell('POST', `${at}/suggestions/${one.id}/${deed}`, {}, done))
  return key
}

function showPast() {
  hook(document, 'past').replaceChildren(...past.versions.map((one) => {
    const [word, number] = one.note.split(' ')
    const line = el('li', {}, el('p', {}, el('strong', {}, t('editor.version', { version: one.version })),
      ` ${one.published_at.slice(0, 10)} · ${t(`note.${word}`, { version: number })} · ${one.published_by}`))
    if (isEditor() && one.version !== seen.version) {
      const back = el('button', { class: 'button button--quiet', type: 'button' }, t('editor.restore', { version: one.version }))
      back.addEventListener('click', () => tell('POST', `${at}/guide/restoration`, { version: seen.version, earlier: one.version }, 'editor.counts'))
      line.append(back)
    }
    return line
  }))
  if (past.versions.length === 0) hook(document, 'past').append(el('li', { class: 'soft' }, t('editor.no_versions')))
}

function same(one, other) {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

// The same in whichever order its names were written.
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.keys(value).sort().map((key) => [key, sorted(value[key])])
}

function copy(value) {
  return JSON.parse(JSON.stringify(value))
}
