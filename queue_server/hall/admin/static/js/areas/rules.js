// The rules: each with its unit, what it means, and what holds where nothing else is said.

import { el } from '/static/js/dom.js'
import { newId } from '../fields.js'

const PARTS = [
  ['taking', ['presence_required', 'words_from_afar', 'account_code', 'phone_code_required', 'wechat_binding', 'tickets_per_person_max']],
  ['call', ['call_grace_seconds', 'misses_itself', 'recalls_max', 'recall_gap_seconds', 'undo_seconds']],
  ['return', ['return_within_seconds', 'return_places', 'returns_max']],
  ['near', ['near_ahead', 'near_seconds', 'defers_max', 'defer_places_max']],
  ['desk', ['hold_limit_seconds', 'hops_max', 'skill_gap_blocks', 'widened_seconds_min']],
  ['green', ['green_head_start_seconds', 'overtaken_max', 'green_in_a_row_max', 'ordinary_guard_seconds']],
  ['day', ['open_before_seconds', 'extension_seconds', 'carry_over_waiting', 'number_width']],
]

export function draw(ctx) {
  const { t } = ctx
  const known = new Map(ctx.rules.map((rule) => [rule.id, rule]))
  return PARTS.map(([part, ids]) =>
    el('section', { class: 'card rules' }, el('h2', {}, t(`admin.rules.${part}`)), ...ids.map((id) => row(ctx, known.get(id))), part === 'taking' ? poster(ctx) : null),
  )
}

// The code that stays the same proves nothing, so it is for halls that want no proof.
function poster({ t, hallId }) {
  return el('p', { class: 'field__hint' }, el('a', { href: `/take/${hallId}/poster.svg`, target: '_blank', rel: 'noopener' }, t('admin.poster')), ` ${t('admin.poster_hint')}`)
}

function row(ctx, rule) {
  const { t, draft } = ctx
  const where = `rules.${rule.id}`
  const id = newId()
  const value = draft.get(where)
  const usual = rule.unit === 'yes' ? t(rule.default ? 'admin.yes' : 'admin.no') : `${rule.default} ${t(`admin.unit.${rule.unit}`)}`
  const reset = el('button', { class: 'button button--small', type: 'button', hidden: value === rule.default, 'aria-label': t('admin.rule_reset_of', { rule: t.named(rule.name) }) }, t('admin.rule_reset'))
  const control =
    rule.unit === 'yes'
      ? el('input', { type: 'checkbox', id, checked: value })
      : el('input', { type: 'number', id, inputmode: 'numeric', min: rule.least, max: rule.most, step: 1, value: String(value) })
  control.setAttribute('aria-describedby', `${id}-means ${id}-problem`)
  const minutes = el('span', { class: 'field__unit' }, inMinutes(ctx, rule, value))
  const change = (to) => {
    ctx.put(where, to)
    minutes.textContent = inMinutes(ctx, rule, to)
    reset.hidden = to === rule.default
  }
  control.addEventListener('input', () => change(rule.unit === 'yes' ? control.checked : control.value === '' ? '' : Number(control.value)))
  reset.addEventListener('click', () => {
    if (rule.unit === 'yes') control.checked = rule.default
    else control.value = String(rule.default)
    change(rule.default)
    control.focus()
  })
  return el(
    'div',
    { class: 'rule', 'data-where': where },
    el('div', { class: 'rule__words' }, el('label', { for: id }, t.named(rule.name)), el('p', { class: 'field__hint', id: `${id}-means` }, `${t.named(rule.means)} ${t('admin.rule_default', { value: usual })}`), el('p', { class: 'field__problem', id: `${id}-problem`, hidden: true })),
    el('div', { class: 'rule__value' }, control, rule.unit === 'yes' ? null : el('span', { class: 'field__unit' }, t(`admin.unit.${rule.unit}`)), minutes, reset),
  )
}

/** Seconds as people say them. */
function inMinutes({ t }, rule, value) {
  return rule.unit === 'seconds' && value >= 60 ? t('admin.is_minutes', { minutes: Math.round(value / 6) / 10 }) : ''
}
