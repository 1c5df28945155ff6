// One document as a line: what it is, which number it bears, what is known of it, and what can be done.

import { el, keep, say } from '/static/js/dom.js'

/** A list with how many are on it. */
export function list(root, name, items, create, update) {
  keep(root.querySelector(`[data-lines="${name}"]`), items, (item) => item.id || item.case, create, update)
  say(root.querySelector(`[data-count="${name}"]`), String(items.length))
}

/** A line with so many buttons, or none. */
export function line(deeds) {
  return el('li', { class: 'line' },
    el('strong', { class: 'line__what' }),
    el('span', { class: 'soft' }),
    el('span', { class: 'line__deeds' }, ...deeds.map((deed) => el('button', { class: 'button', type: 'button', 'data-deed': deed }))))
}

/** Fills a line: its sentences, and the words on its buttons with the deeds behind them. */
export function fill(row, what, about, t, deeds) {
  say(row.children[0], what)
  say(row.children[1], about.filter(Boolean).join(' · '))
  Object.keys(deeds).forEach((deed) => {
    const button = row.querySelector(`[data-deed="${deed}"]`)
    say(button, t(`issue.${deed}`))
    button.setAttribute('aria-label', `${t(`issue.${deed}`)} ${what}`)
    button.onclick = deeds[deed]
  })
}

/** Whether a box in a question is ticked. */
export function isTicked(name, box) {
  return document.querySelector(`dialog[data-ask="${name}"] form`).elements[box].checked
}
