// Until when somebody is certified: a last day for each group and matter, and how many days are left of it.

import { el } from '/static/js/dom.js'
import { newId } from '../fields.js'

const SOON_DAYS = 30
const DAY_MS = 86400000
const RENEWED_YEARS = 1

/** Which day it is in a time zone at an instant, as 2026-11-25. */
export function dayIn(zone, instant) {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(new Date(instant))
}

/** The word for the certificate of somebody that ends first, if it ends soon or has ended. */
export function soonest(account, today, t) {
  const days = Object.values(account.certificates).concat(Object.values(account.matter_certificates)).sort()
  return days.length && daysLeft(days[0], today) <= SOON_DAYS ? el('span', { class: 'left', 'data-left': urgency(days[0], today) }, words(days[0], today, t)) : ''
}

/** A last day that can be typed, cleared, or renewed with one press; `value()` is the day, or '' for none. */
export function lastDay(label, day, today, t) {
  const input = el('input', { type: 'date', id: newId(), value: day || '', min: '2000-01-01', max: '2199-12-31', 'aria-label': label })
  const mark = el('span', { class: 'left' })
  const renew = el('button', { class: 'button button--small', type: 'button', 'aria-label': t('admin.renew_label', { label }) }, t('admin.renew'))
  const after = el('p', { class: 'skills__left' }, mark, renew)
  const tell = () => {
    after.hidden = input.value === ''
    if (after.hidden) return
    mark.dataset.left = urgency(input.value, today)
    mark.textContent = words(input.value, today, t)
  }
  input.addEventListener('input', tell)
  renew.addEventListener('click', () => {
    input.value = yearsLater(input.value > today ? input.value : today)
    input.dispatchEvent(new Event('input', { bubbles: true }))
  })
  tell()
  return { input, after, value: () => input.value }
}

/** The certificates for single matters: those there are, and one more by its code. */
export function matterDays(known, matters, today, t) {
  const rows = el('div', { class: 'skills__matters' })
  const days = new Map()
  const add = (code, day) => {
    const matter = matters.find((each) => each.code === code)
    const name = matter ? `${code} ${t.named(matter.name)}` : code
    const one = lastDay(t('admin.certificate_of', { what: name }), day, today, t)
    days.set(code, one)
    rows.append(el('div', { class: 'skills__one skills__one--matter' }, el('span', {}, name), one.input, one.after))
    return one
  }
  Object.keys(known).sort().forEach((code) => add(code, known[code]))
  const choice = el('select', { id: newId(), 'aria-label': t('admin.certificate_add') }, el('option', { value: '' }, t('admin.certificate_add')), ...matters.map((each) => el('option', { value: each.code }, `${each.code} ${t.named(each.name)}`)))
  choice.addEventListener('change', () => {
    const code = choice.value
    choice.value = ''
    if (code !== '') (days.get(code) || add(code, yearsLater(today))).input.focus()
  })
  return {
    body: el('fieldset', { class: 'field skills' }, el('legend', {}, t('admin.matter_certificates')), el('p', { class: 'field__hint' }, t('admin.matter_certificates_hint')), rows, choice),
    value: () => kept(days),
  }
}

/** The last days by id, without those that were cleared. */
export function kept(days) {
  return Array.from(days).reduce((known, [id, one]) => (one.value() ? Object.assign(known, { [id]: one.value() }) : known), {})
}

function daysLeft(day, today) {
  return Math.round((Date.parse(day) - Date.parse(today)) / DAY_MS)
}

function urgency(day, today) {
  const left = daysLeft(day, today)
  return left < 0 ? 'ended' : left <= SOON_DAYS ? 'soon' : 'fine'
}

function words(day, today, t) {
  const left = daysLeft(day, today)
  if (left < 0) return t('admin.certificate_ended', { days: -left })
  return left === 0 ? t('admin.certificate_last_day') : t('admin.certificate_left', { days: left })
}

function yearsLater(day) {
  const later = new Date(Date.parse(day))
  later.setUTCFullYear(later.getUTCFullYear() + RENEWED_YEARS)
  return later.toISOString().slice(0, 10)
}
