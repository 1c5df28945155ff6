// What is known about the matter, beside the case: found in any spelling, read, and cited with one press.
// What was read is what is cited: the server refuses a version that clerks do not find any more.

import { deeds, got } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { ask } from './ask.js'

const TYPED_MS = 120 // Letters that follow one another are one search.
const IN_VAIN_MS = 2000 // Whoever looks at "nothing found" for so long has meant what is typed.

/**
 * @param {string} url of the hall
 * @param {(key: string, values?: object) => string} t
 * @param {(entry: string, version: number) => Promise<void>} cite
 */
export function knowledge(url, t, cite) {
  const search = hook(document, 'know-search')
  const notes = deeds()
  const missed = new Set()
  let one = null
  let found = []
  let typing = 0
  let waiting = 0

  function show(next) {
    const moved = one === null || one.id !== next.id || one.subject.scenario !== next.subject.scenario
    if (one !== null && one.id !== next.id) search.value = ''
    one = next
    if (moved) look()
    else render()
  }

  async function look() {
    const typed = search.value.trim()
    const place = `matter=${one.subject.matter}&scenario=${one.subject.scenario || ''}`
    const answer = await got(`${url}/knowledge?q=${encodeURIComponent(typed)}&${place}`)
    if (!answer.ok || typed !== search.value.trim()) return
    found = answer.body.entries
    render()
    clearTimeout(waiting)
    if (found.length === 0 && typed.length > 1) waiting = setTimeout(() => note(typed), IN_VAIN_MS)
  }

  /** The departments are told what nobody has written yet. */
  function note(typed) {
    const name = `${one.subject.matter} ${typed}`
    if (typed !== search.value.trim() || missed.has(name)) return
    missed.add(name)
    notes.send('POST', `${url}/knowledge/misses`, { query: typed, matter: one.subject.matter })
  }

  function render() {
    keep(hook(document, 'know-found'), found, (entry) => `${entry.id} ${entry.version}`, drawn, update)
    const none = search.value.trim() ? t('know.none', { query: search.value.trim() }) : t('know.nothing')
    say(hook(document, 'know-none'), found.length ? '' : none)
    const cited = one.citations
    hook(document, 'cited-section').hidden = cited.length === 0
    keep(hook(document, 'cited'), cited, keyOf, drawnCitation, updateCitation)
  }

  function drawn(entry) {
    const read = el('button', { class: 'found__title', type: 'button', 'data-read': '' })
    const press = el('button', { class: 'found__cite', type: 'button', 'data-cite': '' })
    read.addEventListener('click', () => open(entry))
    press.addEventListener('click', () => cite(entry.id, entry.version))
    return el('li', {}, read, press)
  }

  function update(row, entry) {
    const [read, press] = row.children
    const isCited = one.citations.some((each) => each.entry === entry.id && each.entry_version === entry.version)
    say(read, t.named(entry.title))
    say(press, isCited ? t('know.is_cited') : t('know.cite'))
    set(press, { 'aria-label': `${press.textContent}：${t.named(entry.title)}` })
    press.disabled = isCited
  }

  function drawnCitation(citation) {
    const read = el('button', { class: 'found__title', type: 'button' })
    read.addEventListener('click', () => readAgain(citation))
    return el('li', {}, read)
  }

  function updateCitation(row, citation) {
    const title = t.named(citation.title)
    say(row.firstElementChild, citation.entry === null ? t('know.from_answer', { title }) : t('know.from_entry', { title, version: citation.entry_version }))
  }

  function keyOf(citation) {
    return `${citation.entry} ${citation.entry_version} ${citation.question}`
  }

  /** The text as it was when it was cited. */
  async function readAgain(citation) {
    if (citation.entry === null) {
      const question = one.questions[citation.question]
      read(question.text, t('know.answered_by', { name: question.answered.name }), question.answer)
      return
    }
    const answer = await got(`${url}/knowledge/${citation.entry}/versions`)
    const entry = answer.ok && answer.body.entries.find((each) => each.version === citation.entry_version)
    if (entry) read(t.named(entry.title), t('know.as_cited', { version: entry.version, by: entry.by }), t.named(entry.body))
  }

  async function open(entry) {
    const about = t('know.about', { kind: t(`know.${entry.kind}`), version: entry.version, by: entry.by })
    if (await read(t.named(entry.title), about, t.named(entry.body), true)) await cite(entry.id, entry.version)
  }

  function read(title, about, body, mayCite = false) {
    const dialog = hook(document, 'reading')
    const press = hook(dialog, 'reading-cite')
    say(hook(dialog, 'reading-title'), title)
    say(hook(dialog, 'reading-about'), about)
    say(hook(dialog, 'reading-body'), body)
    press.hidden = !mayCite
    dialog.returnValue = ''
    dialog.showModal()
    if (mayCite) press.focus()
    return new Promise((resolve) => {
      dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true })
    })
  }

  /** A draft for the departments, from what this case has taught. */
  async function suggest(begun = {}) {
    const form = document.querySelector('dialog[data-ask="suggest"] form')
    form.elements.title.defaultValue = begun.title || search.value.trim()
    form.elements.body.defaultValue = begun.body || ''
    const said = await ask('suggest')
    if (!said) return
    const answer = await notes.send('POST', `${url}/knowledge`, Object.assign(said, { about: [one.subject.matter], from_case: one.id }))
    say(hook(document, 'know-none'), answer.ok ? t('know.suggested') : t.problem(answer.body))
  }

  search.addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(look, TYPED_MS)
  })
  search.addEventListener('keydown', (event) => {
    if (event.isComposing) return
    const first = hook(document, 'know-found').querySelector('[data-read]')
    if (event.code === 'Escape') {
      event.stopPropagation()
      event.preventDefault()
      search.blur()
    } else if ((event.code === 'Enter' || event.code === 'ArrowDown') && first !== null) {
      event.preventDefault()
      if (event.code === 'Enter') first.click()
      else first.focus()
    }
  })
  hook(document, 'know-found').addEventListener('keydown', (event) => {
    if (event.code !== 'ArrowDown' && event.code !== 'ArrowUp') return
    event.preventDefault()
    event.stopPropagation()
    const reads = Array.from(document.querySelectorAll('[data-know-found] [data-read]'))
    const next = reads[reads.indexOf(event.target) + (event.code === 'ArrowDown' ? 1 : -1)]
    if (next !== undefined) next.focus()
    else if (event.code === 'ArrowUp') search.focus()
  })
  hook(document, 'suggest').addEventListener('click', () => suggest())

  return { show, suggest, focus: () => search.focus() }
}
