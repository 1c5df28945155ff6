// The windows: where one is served, and for what.

import { el } from '/static/js/dom.js'
import { choice, names, text, tick, ticks } from '../fields.js'
import { freeId, list } from '../lists.js'
import { zoneOptions } from './plan.js'

const KINDS = ['comprehensive', 'professional', 'green', 'issuance', 'consultation']

export function draw(ctx) {
  const { t, draft, board } = ctx
  const now = new Map(board.windows.map((desk) => [desk.id, desk]))
  const groups = draft.paper.groups.map((group) => ({ value: group.id, label: `${group.id} ${t.named(group.name)}` }))
  return list(ctx, 'windows', {
    add: t('admin.add_window'),
    title: (desk) => t.named(desk.name),
    summary: (desk) => {
      const there = now.get(desk.id)
      const state = there && there.state !== 'closed' ? ` · ${t(`admin.state.${there.state}`)}${there.clerk ? ` ${there.clerk.name}` : ''}` : ''
      return `${desk.group_ids.join(t('admin.comma')) || t('admin.serves_nothing')}${state}`
    },
    fresh: (windows) => {
      const id = freeId(windows, '01')
      return {
        id,
        name: { zh: t('admin.new_window_zh', { number: Number(id) || id }), en: t('admin.new_window_en', { number: Number(id) || id }) },
        group_ids: [],
        zone_id: windows.length ? windows[windows.length - 1].zone_id : null,
        green: false,
        spot: null,
        accessible: false,
        kind: 'comprehensive',
      }
    },
    removed: (desk) => {
      draft.paper.devices.forEach((device) => {
        if (device.window_id === desk.id) device.window_id = null
      })
    },
    fields: (at, desk) => {
      const there = now.get(desk.id)
      const busy = there && (there.state === 'calling' || there.state === 'serving')
      return [
        busy ? el('p', { class: 'live' }, t('admin.window_busy', { number: there.number || '' })) : null,
        text(ctx, `${at}.id`, t('admin.window_id'), { disabled: !ctx.fresh.has(desk), hint: t('admin.id_hint'), max: 40 }),
        names(ctx, `${at}.name`, t('admin.name')),
        ticks(ctx, `${at}.group_ids`, t('admin.window_groups'), groups),
        choice(ctx, `${at}.kind`, t('admin.kind'), KINDS.map((kind) => ({ value: kind, label: t(`admin.kind.${kind}`) }))),
        choice(ctx, `${at}.zone_id`, t('admin.zone'), zoneOptions(ctx)),
        tick(ctx, `${at}.green`, t('admin.green'), t('admin.green_hint')),
        tick(ctx, `${at}.accessible`, t('admin.accessible'), t('admin.accessible_hint')),
      ].filter((each) => each !== null)
    },
  })
}
