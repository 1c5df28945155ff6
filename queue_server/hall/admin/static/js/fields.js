// Form fields that are bound to a place in the draft. Each says its problem beside itself.

import { el } from '/static/js/dom.js'

let count = 0

/** A control with its label, its hint, and room for what is wrong with it. */
export function field(where, label, control, hint, after) {
  const id = newId()
  control.id = id
  control.setAttribute('aria-describedby', `${hint ? `${id}-hint ` : ''}${id}-problem`)
  return el(
    'div',
    { class: 'field', 'data-where': where },
    el('label', { for: id }, label),
    after ? el('span', { class: 'field__row' }, control, after) : control,
    hint ? el('p', { class: 'field__hint', id: `${id}-hint` }, hint) : null,
    el('p', { class: 'field__problem', id: `${id}-problem`, hidden: true }),
  )
}

export function text(ctx, where, label, options) {
  const { hint, lang, max, disabled, list, type, placeholder } = options || {}
  const value = ctx.draft.get(where)
  const input = el('input', {
    type: type || 'text',
    value: value === null || value === undefined ? '' : value,
    maxlength: max || 200,
    autocomplete: 'off',
    spellcheck: 'false',
    lang: lang || null,
    list: list || null,
    placeholder: placeholder || null,
    disabled: Boolean(disabled),
  })
  const empty = options && 'empty' in options ? options.empty : ''
  input.addEventListener('input', () => ctx.put(where, input.value === '' ? empty : (options && options.to ? options.to(input.value) : input.value)))
  return field(where, label, input, hint)
}

/** A name in both languages, side by side. */
export function names(ctx, where, label) {
  return el(
    'div',
    { class: 'fields__pair' },
    text(ctx, `${where}.zh`, ctx.t('admin.in_chinese', { label }), { lang: 'zh-CN' }),
    text(ctx, `${where}.en`, ctx.t('admin.in_english', { label }), { lang: 'en' }),
  )
}

/** A number; empty is `none` where that makes sense. `scale` is how many of the stored units make one shown. */
export function number(ctx, where, label, options) {
  const { hint, min, max, step, unit, optional } = options
  const scale = options.scale || 1
  const value = ctx.draft.get(where)
  const input = el('input', {
    type: 'number',
    inputmode: 'decimal',
    min,
    max,
    step: step || 1,
    value: value === null || value === undefined ? '' : String(value / scale),
  })
  input.addEventListener('input', () => {
    const written = input.valueAsNumber
    if (!Number.isNaN(written)) ctx.put(where, written * scale)
    else ctx.put(where, optional ? null : input.value)
  })
  return field(where, label, input, hint, unit ? el('span', { class: 'field__unit' }, unit) : null)
}

export function choice(ctx, where, label, options, hint) {
  const value = ctx.draft.get(where)
  const select = el('select', {}, ...options.map((option) => el('option', { value: option.value === null ? '' : option.value, selected: option.value === value }, option.label)))
  select.addEventListener('change', () => ctx.put(where, select.value === '' && options.some((option) => option.value === null) ? null : select.value, true))
  return field(where, label, select, hint)
}

export function tick(ctx, where, label, hint) {
  const id = newId()
  const input = el('input', { type: 'checkbox', id, checked: Boolean(ctx.draft.get(where)), 'aria-describedby': hint ? `${id}-hint` : null })
  input.addEventListener('change', () => ctx.put(where, input.checked))
  return el(
    'div',
    { class: 'field field--tick', 'data-where': where },
    el('label', { for: id }, input, el('span', {}, label)),
    hint ? el('p', { class: 'field__hint', id: `${id}-hint` }, hint) : null,
    el('p', { class: 'field__problem', id: `${id}-problem`, hidden: true }),
  )
}

/** Some of several; what is kept is in the order of the options. */
export function ticks(ctx, where, legend, options, none) {
  const chosen = new Set(ctx.draft.get(where) || [])
  const boxes = options.map((option) => {
    const input = el('input', { type: 'checkbox', checked: chosen.has(option.value) })
    input.addEventListener('change', () => {
      if (input.checked) chosen.add(option.value)
      else chosen.delete(option.value)
      const kept = options.map((each) => each.value).filter((value) => chosen.has(value))
      ctx.put(where, kept.length === 0 && none !== undefined ? none : kept)
    })
    return el('label', { class: 'ticks__one' }, input, el('span', {}, option.label))
  })
  return el(
    'fieldset',
    { class: 'field ticks', 'data-where': where },
    el('legend', {}, legend),
    el('div', { class: 'ticks__all' }, ...boxes),
    el('p', { class: 'field__problem', hidden: true }),
  )
}

/** Says beside the fields below `root` what is wrong with them. Returns what stands beside none. */
export function showFaults(root, faults, t) {
  const places = Array.from(root.querySelectorAll('[data-where]'))
  const told = new Map()
  const elsewhere = faults.filter((fault) => {
    const place =
      places.find((each) => each.dataset.where === fault.where) ||
      places.filter((each) => fault.where.startsWith(`${each.dataset.where}.`)).sort((a, b) => b.dataset.where.length - a.dataset.where.length)[0]
    if (place !== undefined) told.set(place, (told.get(place) || []).concat(t.language === 'zh' ? fault.message_zh : fault.message))
    return place === undefined
  })
  places.forEach((place) => {
    const line = place.querySelector('.field__problem')
    if (line === null) return
    const said = told.get(place)
    line.hidden = said === undefined
    line.textContent = said === undefined ? '' : said.join(' ')
    place.querySelectorAll('input, select, textarea').forEach((control) => {
      if (said === undefined) control.removeAttribute('aria-invalid')
      else control.setAttribute('aria-invalid', 'true')
    })
  })
  return elsewhere
}

export function newId() {
  count += 1
  return `f${count}`
}
