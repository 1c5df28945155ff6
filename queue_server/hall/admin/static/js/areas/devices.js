// Display layouts, and the screens and terminals that stand in the hall.

import { el } from '/static/js/dom.js'
import { choice, names, text, tick, ticks } from '../fields.js'
import { freeId, list } from '../lists.js'
import { zoneOptions } from './plan.js'

export function draw(ctx) {
  const { t } = ctx
  return [
    el('section', {}, el('h2', { class: 'section' }, t('admin.devices')), devices(ctx)),
    el('section', {}, el('h2', { class: 'section' }, t('admin.layouts')), el('p', { class: 'quiet' }, t('admin.layouts_lead')), layouts(ctx)),
  ]
}

function devices(ctx) {
  const { t, draft } = ctx
  const layoutOptions = [
    ...ctx.layouts.map((layout) => ({ value: layout.id, label: t.named(layout.name) })),
    ...draft.paper.layouts.map((layout) => ({ value: layout.id, label: `${layout.id} ${t.named(layout.name)}` })),
  ]
  const windowOptions = [{ value: null, label: t('admin.no_window') }, ...draft.paper.windows.map((desk) => ({ value: desk.id, label: `${desk.id} ${t.named(desk.name)}` }))]
  return list(ctx, 'devices', {
    add: t('admin.add_device'),
    title: (device) => t.named(device.name),
    summary: (device) => t(`admin.device.${device.kind}`),
    fresh: (all) => ({
      id: freeId(all, 'D1'),
      kind: 'display',
      name: { zh: t('admin.new_device_zh'), en: t('admin.new_device_en') },
      zone_id: null,
      spot: null,
      layout_id: 'lobby',
      window_id: null,
      printer: '',
      elder: false,
    }),
    fields: (at, device) =>
      [
        text(ctx, `${at}.id`, t('admin.device_id'), { disabled: !ctx.fresh.has(device), hint: t('admin.id_hint'), max: 40 }),
        names(ctx, `${at}.name`, t('admin.name')),
        choice(ctx, `${at}.kind`, t('admin.kind'), ['display', 'kiosk'].map((kind) => ({ value: kind, label: t(`admin.device.${kind}`) }))),
        choice(ctx, `${at}.zone_id`, t('admin.zone'), zoneOptions(ctx)),
        device.kind === 'display' ? choice(ctx, `${at}.layout_id`, t('admin.layout'), [{ value: null, label: t('admin.layout_none') }, ...layoutOptions]) : null,
        device.kind === 'display' ? choice(ctx, `${at}.window_id`, t('admin.device_window'), windowOptions, t('admin.device_window_hint')) : null,
        device.kind === 'kiosk' ? text(ctx, `${at}.printer`, t('admin.printer'), { hint: t('admin.printer_hint'), placeholder: '192.168.1.50:9100' }) : null,
        device.kind === 'kiosk' ? tick(ctx, `${at}.elder`, t('admin.elder'), t('admin.elder_hint')) : null,
        device.kind === 'kiosk' && !ctx.fresh.has(device) ? printerOf(ctx, device) : null,
        addressOf(ctx, device),
      ].filter((each) => each !== null),
  })
}

/** What to type into the box on the wall. */
function addressOf(ctx, device) {
  const { t } = ctx
  const path = device.kind === 'kiosk' ? `/kiosk/${ctx.hallId}?device=${device.id}` : `/displays/${ctx.hallId}/screens/${device.id}`
  const address = `${location.origin}${path}`
  return el('div', { class: 'field' }, el('p', { class: 'field__label' }, t('admin.address')), el('p', { class: 'address' }, el('code', {}, address)), el('p', { class: 'field__hint' }, t('admin.address_hint')))
}

/** How the printer of a kiosk is at this moment. */
function printerOf(ctx, device) {
  const { t } = ctx
  const line = el('p', { class: 'field__hint', role: 'status' })
  ctx.get(`/api/v1/halls/${ctx.hallId}/kiosks/${device.id}/printer`).then((answer) => {
    if (answer.ok) line.textContent = t('admin.printer_now', { state: t(`admin.printer.${answer.body.state}`) })
  })
  return line
}

function layouts(ctx) {
  const { t } = ctx
  return list(ctx, 'layouts', {
    add: t('admin.add_layout'),
    title: (layout) => t.named(layout.name),
    summary: (layout) => layout.panels.map((panel) => (t.has(`admin.panel.${panel}`) ? t(`admin.panel.${panel}`) : panel)).join(t('admin.comma')),
    fresh: (all) => ({ id: freeId(all, 'L1'), name: { zh: t('admin.new_layout_zh'), en: t('admin.new_layout_en') }, panels: ['calls', 'groups'], zone_id: null }),
    fields: (at, layout) => [
      text(ctx, `${at}.id`, t('admin.layout_id'), { disabled: !ctx.fresh.has(layout), hint: t('admin.id_hint'), max: 40 }),
      names(ctx, `${at}.name`, t('admin.name')),
      ticks(ctx, `${at}.panels`, t('admin.panels'), ctx.panels.map((panel) => ({ value: panel, label: t(`admin.panel.${panel}`) }))),
      choice(ctx, `${at}.zone_id`, t('admin.layout_zone'), zoneOptions(ctx)),
    ],
  })
}
