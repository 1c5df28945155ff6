// Sentences for the screens: notices, and lines of etiquette.

import { el } from '/static/js/dom.js'
import { choice, field, names, text } from '../fields.js'
import { freeId, list } from '../lists.js'

const MINUTE_MS = 60000

export function draw(ctx) {
  const { t } = ctx
  return list(ctx, 'notices', {
    add: t('admin.add_notice'),
    title: (notice) => t.named(notice.text),
    summary: (notice) => t(`admin.notice.${notice.kind}`),
    fresh: (all) => ({ id: freeId(all, 'N1'), text: { zh: t('admin.new_notice_zh'), en: t('admin.new_notice_en') }, kind: 'notice', from_at: null, until_at: null }),
    fields: (at, notice) => [
      text(ctx, `${at}.id`, t('admin.notice_id'), { disabled: !ctx.fresh.has(notice), hint: t('admin.id_hint'), max: 40 }),
      names(ctx, `${at}.text`, t('admin.notice_text')),
      choice(ctx, `${at}.kind`, t('admin.kind'), ['notice', 'etiquette'].map((kind) => ({ value: kind, label: t(`admin.notice.${kind}`) }))),
      el('div', { class: 'fields__pair' }, instant(ctx, `${at}.from_at`, t('admin.from')), instant(ctx, `${at}.until_at`, t('admin.until'))),
    ],
  })
}

/** A wall clock time in the hall; the draft keeps instants. */
function instant(ctx, where, label) {
  const { t, draft } = ctx
  const zone = draft.paper.about.timezone
  const input = el('input', { type: 'datetime-local', value: draft.get(where) === null ? '' : wallClock(new Date(draft.get(where)), zone) })
  input.addEventListener('input', () => ctx.put(where, input.value === '' ? null : instantOf(input.value, zone)))
  return field(where, label, input, t('admin.instant_hint'))
}

function wallClock(at, zone) {
  const parts = {}
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' })
    .formatToParts(at)
    .forEach((part) => {
      parts[part.type] = part.value
    })
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`
}

/** Corrects twice, for the hours around which clocks are changed. */
function instantOf(written, zone) {
  const wanted = Date.parse(`${written}:00Z`)
  let at = wanted
  for (let round = 0; round < 2; round += 1) at += wanted - Date.parse(`${wallClock(new Date(at), zone)}:00Z`)
  return new Date(Math.round(at / MINUTE_MS) * MINUTE_MS).toISOString()
}
