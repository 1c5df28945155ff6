// Questions before a deed: why, for how long, to whom. A digit chooses and goes on to the next question,
// Enter is "yes", Escape is always "no".

import { el, hook, say } from '/static/js/dom.js'

const OTHER = 'other' // The last choice of a list: said in one's own words.

// Who waits for which dialog. It tells of its closing a little later, and may be open again by then.
const waiting = new Map()

/**
 * Puts choices into one question of a dialog.
 *
 * @param {string} ask name of the dialog
 * @param {string} step name of the question
 * @param {{value: string|number, text: string, more?: string}[]} choices
 * @param {string|number|null} chosen what is chosen already; without it, something must be
 */
export function offer(ask, step, choices, chosen = null) {
  const fieldset = stepOf(dialogOf(ask), step)
  hook(fieldset, 'choices').replaceChildren(
    ...choices.map((choice, index) =>
      el('label', { class: 'choice' },
        el('input', { type: 'radio', name: step, value: choice.value, checked: choice.value === chosen }),
        el('kbd', { class: 'key', 'aria-hidden': 'true' }, digitOf(index)),
        el('span', { class: 'choice__text' }, choice.text),
        choice.more ? el('small', {}, choice.more) : null)),
  )
}

/**
 * Asks, and resolves with what was said, or `null` for "no".
 *
 * @param {string} name of the dialog
 * @param {{title?: string, how?: string, yes?: string, from?: string}} [more] other words; the question to
 *   begin with
 * @returns {Promise<null | Object<string, string>>} by question
 */
export function ask(name, more = {}) {
  const dialog = dialogOf(name)
  const form = dialog.querySelector('form')
  if (more.title) say(hook(dialog, 'title'), more.title)
  if (more.how) say(hook(dialog, 'how'), more.how)
  if (more.yes) say(hook(dialog, 'yes'), more.yes)
  hook(dialog, 'close').onclick = () => dialog.close('')
  form.onsubmit = (event) => {
    const gap = steps(form).find((step) => answerOf(step) === null)
    steps(form).forEach((step) => complain(step, step === gap))
    if (gap === undefined) return
    event.preventDefault()
    focusOn(gap)
  }
  form.onchange = () => steps(form).forEach(showOther)
  dialog.onkeydown = (event) => digit(event, form)
  if (waiting.has(dialog)) waiting.get(dialog)(null)
  dialog.returnValue = ''
  steps(form).forEach(clean)
  dialog.showModal()
  const first = more.from ? stepOf(dialog, more.from) : steps(form)[0]
  if (first) focusOn(first)
  else hook(dialog, 'close').focus() // Nothing to choose, so "no" is nearest.
  return new Promise((resolve) => {
    const closed = () => {
      if (!dialog.open) done(dialog.returnValue === 'yes' ? said(form) : null)
    }
    const done = (answer) => {
      dialog.removeEventListener('close', closed)
      waiting.delete(dialog)
      resolve(answer)
    }
    waiting.set(dialog, done)
    dialog.addEventListener('close', closed)
  })
}

/** "No" to whatever is being asked: what it was about has changed. */
export function closeAll() {
  document.querySelectorAll('dialog[open]').forEach((dialog) => dialog.close(''))
}

// ── Keys ─────────────────────────────────────────────────────────────────────────────────────────

function digit(event, form) {
  const found = /^(?:Digit|Numpad)(\d)$/.exec(event.code)
  if (found === null || isText(event.target) || event.ctrlKey || event.altKey || event.metaKey) return
  const all = steps(form)
  const step = all.find((one) => one.contains(document.activeElement)) || all[0]
  const radio = step && radios(step)[(Number(found[1]) + 9) % 10]
  if (!radio) return
  event.preventDefault()
  radio.focus()
  radio.click()
  const next = all[all.indexOf(step) + 1]
  if (radio.value === OTHER && hook(step, 'other')) hook(step, 'other').focus()
  else if (next) focusOn(next)
}

function digitOf(index) {
  return index < 10 ? String((index + 1) % 10) : ''
}

function isText(node) {
  return node.tagName === 'INPUT' && node.type === 'text'
}

// ── Questions and their answers ──────────────────────────────────────────────────────────────────

function dialogOf(name) {
  return document.querySelector(`[data-ask="${name}"]`)
}

function steps(form) {
  return Array.from(form.querySelectorAll('[data-step]'))
}

function stepOf(dialog, name) {
  return dialog.querySelector(`[data-step="${name}"]`)
}

function radios(step) {
  return Array.from(step.querySelectorAll('input[type="radio"]'))
}

/** What was chosen, in its own words where it is "other"; `null` when nothing was. */
function answerOf(step) {
  const chosen = radios(step).find((radio) => radio.checked)
  const words = hook(step, 'other')
  if (chosen === undefined) return null
  if (chosen.value === OTHER && words) return words.value.trim() || null
  return chosen.value
}

function said(form) {
  const answers = {}
  steps(form).forEach((step) => {
    answers[step.dataset.step] = answerOf(step)
  })
  return answers
}

function focusOn(step) {
  const all = radios(step)
  const chosen = all.find((radio) => radio.checked) || all[0]
  const words = hook(step, 'other')
  if (words && chosen && chosen.checked && chosen.value === OTHER) words.focus()
  else if (chosen) chosen.focus()
}

function showOther(step) {
  const words = hook(step, 'other')
  if (words) words.hidden = !radios(step).some((radio) => radio.checked && radio.value === OTHER)
}

function clean(step) {
  const words = hook(step, 'other')
  if (words) words.value = ''
  complain(step, false)
  showOther(step)
}

function complain(step, isMissing) {
  hook(step, 'missing').hidden = !isMissing
}
