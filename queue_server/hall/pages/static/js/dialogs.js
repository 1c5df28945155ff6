// Questions before a deed: why, for how long, to whom. Enter is "yes", Escape is always "no".

import { el } from '/static/js/dom.js'
import { reasonWord } from './reasons.js'

// A reason everybody gives has a code, so that reports can count it; anything else is said in words.
const REASONS = {
  hold: ['fetch_material', 'fill_form', 'copy', 'payment', 'system'],
  transfer: ['other_service', 'next_matter', 'green_channel', 'clerk_skill'],
  pause: ['break', 'meal', 'meeting', 'papers', 'technical'],
  pick: ['guide_asks', 'came_back', 'urgent', 'group_case'],
}

// Who waits for which dialog. It tells of its closing a little later, and may be open again by then.
const waiting = new Map()

/** Fills the reasons of every dialog, in the language of the page. */
export function fillReasons(t) {
  Object.keys(REASONS).forEach((deed) => {
    const list = document.querySelector(`[data-reasons="${deed}"]`)
    list.replaceChildren(
      ...REASONS[deed].map((reason, index) =>
        el('label', { class: 'choice' },
          el('input', { type: 'radio', name: 'reason', value: reason, checked: index === 0 }),
          el('span', {}, reasonWord(t, reason)))),
    )
  })
}

/**
 * Asks, and resolves with what was said, or `null` for "no".
 *
 * @returns {Promise<null | {reason?: string, minutes?: number, group?: string}>}
 */
export function ask(name) {
  const dialog = document.querySelector(`[data-ask="${name}"]`)
  const form = dialog.querySelector('form')
  const no = dialog.querySelector('[data-close]')
  no.onclick = () => dialog.close('')
  if (waiting.has(dialog)) waiting.get(dialog)(null)
  dialog.returnValue = ''
  dialog.showModal()
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

function said(form) {
  const answers = new FormData(form)
  const other = String(answers.get('other') || '').trim()
  const reason = other || answers.get('reason')
  const minutes = Number(answers.get('minutes') || 0)
  const all = {}
  if (reason) all.reason = reason
  if (minutes > 0) all.minutes = minutes
  if (answers.get('group')) all.group = answers.get('group')
  const field = form.querySelector('[name="other"]')
  if (field) field.value = ''
  return all
}
