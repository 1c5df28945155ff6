// When the hall is open: weekly sessions, extended hours, a roster, single dates; and what the next days become.

import { el } from '/static/js/dom.js'
import { choice, newId, tick } from '../fields.js'
import { act } from '../lists.js'

const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const WORKDAYS = WEEKDAYS.slice(0, 5)
const PARTS = ['weekly', 'extended', 'roster']

export function draw(ctx) {
  const { t, draft } = ctx
  const always = draft.get('hours.always')
  const next = el('section', { class: 'card next', 'aria-labelledby': 'next-days' }, el('h2', { id: 'next-days' }, t('admin.next_days')), el('div', { 'data-next': '' }))
  const parts = always
    ? []
    : [
        ...PARTS.map((part) => week(ctx, part)),
        exceptions(ctx),
        el('section', { class: 'card' }, el('h2', {}, t('admin.holidays')), el('div', { class: 'fields' }, choice(ctx, 'hours.holidays', t('admin.holidays'), ['none', 'china'].map((value) => ({ value, label: t(`admin.holidays.${value}`) })), t('admin.holidays_hint')))),
      ]
  const around = tick(ctx, 'hours.always', t('admin.always'), t('admin.always_hint'))
  around.querySelector('input').addEventListener('change', () => ctx.redraw())
  const left = el('div', { class: 'hours' }, el('section', { class: 'card', 'data-where': 'hours' }, around), ...parts)
  ctx.nextDays = next
  looked(ctx)
  return el('div', { class: 'columns columns--wide' }, left, next)
}

/** Shows what the calendar makes of it. */
export function looked(ctx) {
  const { t, draft, preview } = ctx
  const days = preview === null ? [] : preview.days
  const zone = draft.paper.about.timezone
  const weekday = new Intl.DateTimeFormat(t.language === 'zh' ? 'zh-CN' : 'en-GB', { weekday: 'short', month: 'numeric', day: 'numeric', timeZone: 'UTC' })
  const clock = (instant) => {
    try {
      return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(new Date(instant))
    } catch (error) {
      return '' // A zone that is still being typed.
    }
  }
  const end = (instant) => (clock(instant) === '00:00' ? '24:00' : clock(instant))
  const opening = (each) => `${clock(each.opens_at)}–${end(each.closes_at)}${each.kind === 'normal' ? '' : t(`admin.hours_kind.${each.kind}`)}${each.groups ? ` ${each.groups.join(t('admin.comma'))}` : ''}`
  const lines = days.map((day) =>
    el(
      'li',
      { class: day.openings.length ? '' : 'next__closed' },
      el('span', { class: 'next__day' }, weekday.format(new Date(`${day.day}T00:00:00Z`))),
      day.openings.length ? el('ul', {}, ...day.openings.map((each) => el('li', {}, opening(each)))) : el('span', {}, t('admin.closed_day')),
    ),
  )
  ctx.nextDays.querySelector('[data-next]').replaceChildren(days.length ? el('ol', { class: 'next__days' }, ...lines) : el('p', { class: 'quiet' }, t('admin.next_unknown')))
}

function week(ctx, part) {
  const { t, draft } = ctx
  const copyMonday = () => {
    WORKDAYS.slice(1).forEach((day) => {
      draft.set(`hours.${part}.${day}`, JSON.parse(JSON.stringify(draft.get(`hours.${part}.mon`))))
    })
    ctx.changed()
    ctx.redraw()
  }
  return el(
    'section',
    { class: 'card week', 'aria-labelledby': `part-${part}` },
    el('div', { class: 'editor__head' }, el('h2', { id: `part-${part}` }, t(`admin.hours.${part}`)), part === 'weekly' ? act(t('admin.copy_monday'), copyMonday) : null),
    el('p', { class: 'quiet' }, t(`admin.hours_lead.${part}`)),
    ...WEEKDAYS.map((day) => el('div', { class: 'day' }, el('h3', { class: 'day__name' }, t(`admin.weekday.${day}`)), spans(ctx, `hours.${part}.${day}`, t(`admin.weekday.${day}`)))),
  )
}

function exceptions(ctx) {
  const { t, draft } = ctx
  const all = draft.get('hours.exceptions')
  const rows = all.map((exception, index) => {
    const where = `hours.exceptions.${index}`
    const id = newId()
    const date = el('input', { type: 'date', id, value: exception.day, 'aria-label': t('admin.exception_day') })
    date.addEventListener('input', () => ctx.put(`${where}.day`, date.value))
    const remove = act(t('admin.remove'), () => {
      all.splice(index, 1)
      ctx.changed()
      ctx.redraw()
    })
    remove.setAttribute('aria-label', t('admin.remove_of', { name: exception.day }))
    return el('div', { class: 'day', 'data-where': where }, el('div', { class: 'day__name' }, date), spans(ctx, `${where}.spans`, exception.day), remove, el('p', { class: 'field__problem', hidden: true }))
  })
  const add = act(t('admin.add_exception'), () => {
    all.push({ day: ctx.board.hall.day || new Date().toISOString().slice(0, 10), spans: [] })
    ctx.changed()
    ctx.redraw()
  })
  return el('section', { class: 'card week', 'aria-labelledby': 'part-exceptions' }, el('h2', { id: 'part-exceptions' }, t('admin.hours.exceptions')), el('p', { class: 'quiet' }, t('admin.hours_lead.exceptions')), ...rows, add)
}

/** The sessions of one day, each with its times and groups. */
function spans(ctx, where, day) {
  const { t, draft } = ctx
  const all = draft.get(where)
  const rows = all.map((span, index) => {
    const remove = el('button', { class: 'button button--small', type: 'button', 'aria-label': t('admin.remove_span', { day, opens: span.opens, closes: span.closes }) }, '×')
    remove.addEventListener('click', () => {
      all.splice(index, 1)
      ctx.changed()
      ctx.redraw()
    })
    return el(
      'div',
      { class: 'span', 'data-where': `${where}.${index}` },
      time(ctx, `${where}.${index}.opens`, t('admin.opens_of', { day })),
      el('span', { 'aria-hidden': 'true' }, '–'),
      time(ctx, `${where}.${index}.closes`, t('admin.closes_of', { day })),
      who(ctx, `${where}.${index}.groups`),
      remove,
      el('p', { class: 'field__problem', hidden: true }),
    )
  })
  const add = el('button', { class: 'button button--small', type: 'button', 'aria-label': t('admin.add_span_of', { day }) }, t('admin.add_span'))
  add.addEventListener('click', () => {
    all.push({ opens: all.length ? all[all.length - 1].closes : '09:00', closes: all.length ? '24:00' : '17:00', groups: null })
    ctx.changed()
    ctx.redraw()
  })
  return el('div', { class: 'spans', 'data-keep': where }, ...rows, add)
}

/** A time of day in 24 hours, whatever the browser's own habit: a door says 17:00. */
function time(ctx, where, label) {
  const input = el('input', { type: 'text', class: 'time', inputmode: 'numeric', maxlength: 5, autocomplete: 'off', value: ctx.draft.get(where), 'aria-label': label })
  input.addEventListener('input', () => ctx.put(where, clockTime(input.value)))
  input.addEventListener('change', () => {
    input.value = clockTime(input.value)
  })
  return input
}

/** What somebody typed as we write it: 9 and 930 are times, too. */
function clockTime(written) {
  const [, hours, minutes] = /^\s*(\d{1,2})[:：.]?(\d{2})?\s*$/.exec(written) || []
  return hours === undefined ? written : `${hours.padStart(2, '0')}:${minutes || '00'}`
}

function who(ctx, where) {
  const { t, draft } = ctx
  const words = () => {
    const chosen = draft.get(where)
    return chosen === null ? t('admin.all_groups') : chosen.join(t('admin.comma'))
  }
  const summary = el('summary', {}, words())
  const boxes = draft.paper.groups.map((group) => {
    const input = el('input', { type: 'checkbox', checked: (draft.get(where) || []).includes(group.id) })
    input.addEventListener('change', () => {
      const chosen = new Set(draft.get(where) || [])
      if (input.checked) chosen.add(group.id)
      else chosen.delete(group.id)
      const kept = draft.paper.groups.map((each) => each.id).filter((id) => chosen.has(id))
      ctx.put(where, kept.length ? kept : null)
      summary.textContent = words()
    })
    return el('label', { class: 'ticks__one' }, input, el('span', {}, `${group.id} ${t.named(group.name)}`))
  })
  return el('details', { class: 'who' }, summary, el('div', { class: 'who__all' }, el('p', { class: 'field__hint' }, t('admin.who_hint')), ...boxes))
}
