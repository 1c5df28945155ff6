// The checklist: a row for each material, a button for each way it can stand. Arrows move between the rows,
// and a letter says how the chosen one stands, then goes on to the next that nobody has looked at.

import { el, hook, keep, say, set } from '/static/js/dom.js'
import { isOpen } from './steps.js'

const MARKS = ['present', 'licence', 'verified', 'held', 'missing', 'defective']
const MARK_OF_KEY = { KeyY: 'present', KeyL: 'licence', KeyV: 'verified', KeyH: 'held', KeyN: 'missing', KeyX: 'defective' }
const LETTER = { present: 'Y', licence: 'L', verified: 'V', held: 'H', missing: 'N', defective: 'X' }
const FORMS = ['original', 'copy', 'electronic']
const MAY_CHANGE = ['draft', 'received', 'notified']
const UNDER_WAY = ['accepted', 'in_review', 'in_chain']
const PAGES_MAX = 999

/**
 * @param {HTMLElement} root
 * @param {(key: string, values?: object) => string} t
 * @param {(place: number, mark: string|null, more?: object) => void} mark
 */
export function checklist(root, t, mark) {
  let items = []
  let stage = ''
  let chosen = 0

  function show(one) {
    items = one.items
    stage = one.part_of === null ? one.stage : 'part' // What comes later comes to the whole.
    const before = root.dataset.of
    root.dataset.of = one.id
    if (before !== one.id || (items[chosen] && !isOpen(items[chosen]))) chosen = firstOpen()
    keep(root, items, (item) => `${one.id} ${item.name.zh}`, drawn, update)
  }

  function firstOpen() {
    const open = items.findIndex(isOpen)
    return open < 0 ? Math.min(chosen, Math.max(0, items.length - 1)) : open
  }

  function drawn() {
    const row = el('li', { class: 'item' },
      el('div', { class: 'item__name' }, el('p', { 'data-name': '' }), el('p', { class: 'item__badges', 'data-badges': '' })),
      el('div', { class: 'item__marks', role: 'group', 'data-marks': '' }, ...MARKS.map((name) => {
        const button = el('button', { type: 'button', class: 'mark', 'data-mark': name },
          el('span', {}), el('kbd', { 'aria-hidden': 'true' }, LETTER[name]))
        button.addEventListener('click', () => {
          choose(placeOf(row))
          press(name)
        })
        return button
      })),
      el('div', { class: 'item__form', 'data-form': '' },
        el('select', {}, ...FORMS.map((name) => el('option', { value: name }))),
        el('input', { type: 'number', min: 1, max: PAGES_MAX })))
    const [form, pages] = hook(row, 'form').children
    const changed = () => {
      const item = items[placeOf(row)]
      if (pages.checkValidity()) mark(placeOf(row), item.mark, { form: form.value, pages: Number(pages.value) || 1 })
    }
    form.addEventListener('change', changed)
    pages.addEventListener('change', changed)
    row.addEventListener('focusin', () => choose(placeOf(row)))
    return row
  }

  function update(row, item) {
    const name = t.named(item.name)
    const mayMark = MAY_CHANGE.includes(stage) || (UNDER_WAY.includes(stage) && ['missing', 'defective'].includes(item.mark))
    say(hook(row, 'name'), name)
    const badges = [item.tolerable ? t('intake.tolerable') : '', item.exempt ? t('intake.exempt') : '', item.mark === 'to_check' ? t('mark.to_check') : '', faultWords(item)]
    say(hook(row, 'badges'), badges.filter(Boolean).join(' · '))
    set(row, { 'data-mark': isOpen(item) ? 'open' : item.mark, 'data-chosen': placeOf(row) === chosen })
    set(hook(row, 'marks'), { 'aria-label': name })
    Array.from(hook(row, 'marks').children).forEach((button) => {
      const how = button.dataset.mark
      say(button.firstElementChild, t(`mark.${how}`))
      set(button, { 'aria-pressed': String(item.mark === how), 'aria-keyshortcuts': LETTER[how] })
      button.disabled = !mayMark
    })
    const [form, pages] = hook(row, 'form').children
    hook(row, 'form').hidden = item.mark !== 'present'
    set(form, { 'aria-label': t('intake.form_of', { material: name }) })
    set(pages, { 'aria-label': t('intake.pages_of', { material: name }) })
    Array.from(form.options).forEach((option) => say(option, t(`form.${option.value}`)))
    form.value = item.form
    if (document.activeElement !== pages) pages.value = item.pages
    form.disabled = pages.disabled = !mayMark
  }

  function faultWords(item) {
    return item.fault === null ? '' : [t(`fault.${item.fault}`), item.note].filter(Boolean).join('：')
  }

  function placeOf(row) {
    return Array.from(root.children).indexOf(row)
  }

  function choose(place) {
    if (place < 0 || place >= items.length) return
    chosen = place
    Array.from(root.children).forEach((row, index) => set(row, { 'data-chosen': index === chosen }))
    root.children[chosen].scrollIntoView({ block: 'nearest' })
  }

  function press(name) {
    const item = items[chosen]
    if (item === undefined || hook(root.children[chosen], 'marks').firstElementChild.disabled) return
    mark(chosen, item.mark === name && stage === 'draft' ? null : name)
  }

  return {
    show,
    focus() {
      if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    },
    /** Whether a key was for the checklist. */
    key(code) {
      if (code === 'ArrowDown' || code === 'ArrowUp') {
        choose(chosen + (code === 'ArrowDown' ? 1 : -1))
        return true
      }
      if (!(code in MARK_OF_KEY)) return false
      press(MARK_OF_KEY[code])
      return true
    },
  }
}
