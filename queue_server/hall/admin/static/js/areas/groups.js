// The groups: what one queues for.

import { el } from '/static/js/dom.js'
import { choice, names, number, text, tick } from '../fields.js'
import { freeId, list } from '../lists.js'
import { zoneOptions } from './plan.js'

const KINDS = ['comprehensive', 'professional', 'issuance', 'consultation']
const LETTERS = 'ABCDEFGHJKMNPRSTUVWXYZ'

export function draw(ctx) {
  const { t, draft } = ctx
  const served = (group) => draft.paper.windows.filter((desk) => desk.group_ids.includes(group.id)).map((desk) => desk.id)
  return list(ctx, 'groups', {
    add: t('admin.add_group'),
    title: (group) => t.named(group.name),
    summary: (group) => {
      const ids = served(group)
      return ids.length ? t('admin.served_at', { windows: ids.join(t('admin.comma')) }) : t('admin.served_nowhere')
    },
    fresh: (groups) => {
      const taken = new Set(groups.reduce((all, group) => all.concat(group.id, group.prefix, group.green_prefix), []))
      const letter = LETTERS.split('').find((each) => !taken.has(each)) || ''
      return {
        id: letter || freeId(groups, 'G1'),
        name: { zh: t('admin.new_group_zh'), en: t('admin.new_group_en') },
        prefix: letter,
        green_prefix: null,
        zone_id: null,
        capacity: null,
        mean_seconds: 600,
        target_seconds: null,
        undifferentiated: false,
        kind: 'comprehensive',
      }
    },
    removed: (group) => {
      draft.paper.windows.forEach((desk) => {
        desk.group_ids = desk.group_ids.filter((id) => id !== group.id)
      })
    },
    fields: (at, group) => [
      text(ctx, `${at}.id`, t('admin.group_id'), { disabled: !ctx.fresh.has(group), hint: t('admin.id_hint'), max: 40 }),
      names(ctx, `${at}.name`, t('admin.name')),
      text(ctx, `${at}.prefix`, t('admin.prefix'), { hint: t('admin.prefix_hint'), max: 2, to: (value) => value.toUpperCase() }),
      text(ctx, `${at}.green_prefix`, t('admin.green_prefix'), { hint: t('admin.green_prefix_hint'), max: 2, empty: null, to: (value) => value.toUpperCase() }),
      windowsOf(ctx, at, group),
      choice(ctx, `${at}.kind`, t('admin.kind'), KINDS.map((kind) => ({ value: kind, label: t(`admin.kind.${kind}`) }))),
      choice(ctx, `${at}.zone_id`, t('admin.zone'), zoneOptions(ctx)),
      number(ctx, `${at}.capacity`, t('admin.capacity'), { min: 1, max: 10000, unit: t('admin.people'), optional: true, hint: t('admin.capacity_hint') }),
      number(ctx, `${at}.mean_seconds`, t('admin.mean'), { min: 1, max: 480, scale: 60, unit: t('admin.minutes'), hint: t('admin.mean_hint') }),
      number(ctx, `${at}.target_seconds`, t('admin.target_wait'), { min: 1, max: 480, scale: 60, unit: t('admin.minutes'), optional: true, hint: t('admin.target_wait_hint') }),
      tick(ctx, `${at}.undifferentiated`, t('admin.undifferentiated'), t('admin.undifferentiated_hint')),
    ],
  })
}

/** Which windows serve the group: kept with the windows, but chosen here as well. */
function windowsOf(ctx, at, group) {
  const { t, draft } = ctx
  const order = draft.paper.groups
  const boxes = draft.paper.windows.map((desk) => {
    const input = el('input', { type: 'checkbox', checked: desk.group_ids.includes(group.id) })
    input.addEventListener('change', () => {
      const chosen = new Set(desk.group_ids)
      if (input.checked) chosen.add(group.id)
      else chosen.delete(group.id)
      desk.group_ids = order.map((each) => each.id).filter((id) => chosen.has(id))
      ctx.changed()
    })
    return el('label', { class: 'ticks__one' }, input, el('span', {}, `${desk.id} ${desk.group_ids.filter((id) => id !== group.id).join(t('admin.comma'))}`))
  })
  return el('fieldset', { class: 'field ticks ticks--short', 'data-where': `${at}.windows` }, el('legend', {}, t('admin.group_windows')), el('p', { class: 'field__hint' }, t('admin.group_windows_hint')), el('div', { class: 'ticks__all' }, ...boxes), el('p', { class: 'field__problem', hidden: true }))
}
