// A list of things of one kind, and beside it the one that is being edited.

import { el } from '/static/js/dom.js'

const SHORT_ID = 4 // Characters that stand in the margin.

const chosen = new Map() // Which one, by kind: it stays chosen when the page is drawn anew.

/**
 * @param path where the list stands in the draft
 * @param kind what one of them is: `title`, `summary`, `fresh`, `fields`, `removed`, `add` (the button's words)
 */
export function list(ctx, path, kind) {
  const { t } = ctx
  const things = ctx.draft.get(path)
  const at = Math.min(chosen.has(path) ? chosen.get(path) : 0, things.length - 1)

  const select = (index) => {
    chosen.set(path, index)
    ctx.redraw()
  }

  const rows = things.map((thing, index) =>
    el(
      'li',
      { 'data-row': `${path}.${index}` },
      rowButton(thing.id, kind.title(thing), kind.summary(thing), index === at, () => select(index)),
    ),
  )

  const add = el('button', { class: 'button', type: 'button', 'data-add': path }, kind.add)
  add.addEventListener('click', () => {
    const thing = kind.fresh(things)
    ctx.fresh.add(thing)
    things.push(thing)
    ctx.changed()
    select(things.length - 1)
    const first = document.querySelector('.editor input:not([disabled])')
    if (first !== null) first.focus()
  })

  const left = el('div', { class: 'master' }, rows.length ? el('ul', { class: `rows${things.some((thing) => thing.id.length > SHORT_ID) ? ' rows--wide' : ''}` }, ...rows) : el('p', { class: 'quiet' }, t('admin.list_none')), el('div', { class: 'master__acts' }, add))
  if (at < 0) return el('div', { class: 'split' }, left)
  return el('div', { class: 'split' }, left, editor(ctx, path, kind, things, at, select))
}

function rowButton(id, title, summary, current, press) {
  const button = el(
    'button',
    { class: 'row', type: 'button', 'aria-current': current ? 'true' : null },
    el('span', { class: 'row__id' }, id || '–'),
    el('span', { class: 'row__words' }, el('strong', {}, title || '–'), summary ? el('small', {}, summary) : null),
  )
  button.addEventListener('click', press)
  return button
}

function editor(ctx, path, kind, things, at, select) {
  const { t } = ctx
  const thing = things[at]
  const move = (by) => {
    things.splice(at, 1)
    things.splice(at + by, 0, thing)
    ctx.changed()
    select(at + by)
  }
  const remove = () => {
    things.splice(at, 1)
    if (kind.removed) kind.removed(thing)
    ctx.changed()
    select(Math.max(0, at - 1))
  }
  const acts = el(
    'div',
    { class: 'editor__acts' },
    act(t('admin.move_up'), () => move(-1), at === 0),
    act(t('admin.move_down'), () => move(1), at === things.length - 1),
    act(t('admin.remove'), remove, false),
  )
  const heading = el('h2', { class: 'editor__title' }, `${thing.id || '–'} ${kind.title(thing) || ''}`)
  const fields = kind.fields(`${path}.${at}`, thing)
  const form = el('form', { class: 'editor card', 'aria-label': heading.textContent, novalidate: true }, el('div', { class: 'editor__head' }, heading, acts), el('div', { class: 'fields' }, ...fields))
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('input', () => {
    heading.textContent = `${thing.id || '–'} ${kind.title(thing) || ''}`
    const row = document.querySelector(`[data-row="${path}.${at}"] .row`)
    row.querySelector('.row__id').textContent = thing.id || '–'
    row.querySelector('strong').textContent = kind.title(thing) || '–'
    const summary = row.querySelector('small')
    if (summary !== null) summary.textContent = kind.summary(thing)
  })
  return form
}

export function act(words, press, disabled) {
  const button = el('button', { class: 'button button--small', type: 'button', disabled: Boolean(disabled) }, words)
  button.addEventListener('click', press)
  return button
}

/** An id that is not there yet: the next number in the same width, or the next letter. */
export function freeId(things, first) {
  const ids = new Set(things.map((thing) => thing.id))
  const last = things.length ? things[things.length - 1].id : null
  if (last !== null && /^\d+$/.test(last)) {
    let next = Math.max(...things.map((thing) => Number(thing.id) || 0)) + 1
    while (ids.has(String(next).padStart(last.length, '0'))) next += 1
    return String(next).padStart(last.length, '0')
  }
  if (!ids.has(first)) return first
  const stem = first.replace(/\d+$/, '')
  let next = 1
  while (ids.has(`${stem}${next}`)) next += 1
  return `${stem}${next}`
}
