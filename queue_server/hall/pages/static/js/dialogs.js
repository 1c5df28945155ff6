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
  dialog.returnValue = ''
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes' ? said(form) : null), { once: true })
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
