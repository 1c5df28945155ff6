// Zones, and the floor plan: everything on it can be dragged, or moved by the arrow keys.

import { el, say } from '/static/js/dom.js'
import { choice, names, number, text } from '../fields.js'
import { act, freeId, list } from '../lists.js'

const SVG = document.querySelector('[data-drawing]').namespaceURI
const COLOURS = ['', 'indigo', 'pine', 'ochre', 'plum', 'slate', 'rust']
const METRE = 20 // In units of the drawing, so that a pixel of the style is about one on the screen.
const STEP_METRES = 0.5
const LEAP_METRES = 2
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const USUAL = { width: 40, height: 24, waiting: { x: 20, y: 12 }, entrance: { x: 20, y: 23 } }

let chosen = null // What is selected on the plan, by its place in the draft.

export function zoneOptions(ctx) {
  const { t, draft } = ctx
  return [{ value: null, label: t('admin.no_zone') }, ...draft.paper.about.zones.map((zone) => ({ value: zone.id, label: `${zone.id} ${t.named(zone.name)}` }))]
}

export function draw(ctx) {
  const { t } = ctx
  return [
    el('section', { class: 'card' }, el('h2', {}, t('admin.plan')), plan(ctx)),
    el('section', {}, el('h2', { class: 'section' }, t('admin.zones')), zones(ctx)),
  ]
}

function zones(ctx) {
  const { t, draft } = ctx
  return list(ctx, 'about.zones', {
    add: t('admin.add_zone'),
    title: (zone) => t.named(zone.name),
    summary: (zone) => (zone.color ? t(`admin.colour.${zone.color}`) : t('admin.colour.none')),
    fresh: (all) => ({ id: freeId(all, 'Z1'), name: { zh: t('admin.new_zone_zh'), en: t('admin.new_zone_en') }, color: '', area: null }),
    removed: (zone) => {
      draft.paper.groups.concat(draft.paper.windows, draft.paper.devices, draft.paper.layouts).forEach((thing) => {
        if (thing.zone_id === zone.id) thing.zone_id = null
      })
    },
    fields: (at, zone) => [
      text(ctx, `${at}.id`, t('admin.zone_id'), { disabled: !ctx.fresh.has(zone), hint: t('admin.id_hint'), max: 40 }),
      names(ctx, `${at}.name`, t('admin.name')),
      choice(ctx, `${at}.color`, t('admin.colour'), COLOURS.map((colour) => ({ value: colour, label: t(`admin.colour.${colour || 'none'}`) })), t('admin.colour_hint')),
      ...areaFields(ctx, at, zone),
    ],
  })
}

function areaFields(ctx, at, zone) {
  const { t, draft } = ctx
  const shape = draft.paper.about.plan
  if (shape === null) return []
  if (zone.area === null) {
    const place = () => ctx.put(`${at}.area`, { x: 1, y: 1, width: Math.min(8, shape.width - 1), height: Math.min(5, shape.height - 1) }, true)
    return [el('div', { class: 'field' }, act(t('admin.area_draw'), place))]
  }
  return [
    el(
      'div',
      { class: 'fields__four' },
      ...['x', 'y', 'width', 'height'].map((side) => number(ctx, `${at}.area.${side}`, t(`admin.area_${side}`), { min: 0, max: 1000, step: 0.5, unit: t('admin.metres') })),
    ),
    el('div', { class: 'field' }, act(t('admin.area_remove'), () => ctx.put(`${at}.area`, null, true))),
  ]
}

// ── The plan ─────────────────────────────────────────────────────────────────────────────────────

function plan(ctx) {
  const { t, draft } = ctx
  const shape = draft.paper.about.plan
  if (shape === null) {
    return el('div', {}, el('p', { class: 'quiet' }, t('admin.plan_none')), act(t('admin.plan_begin'), () => ctx.put('about.plan', { ...USUAL }, true)))
  }
  const status = el('p', { class: 'plan__status', role: 'status' }, t('admin.plan_how'))
  const things = placed(ctx)
  const drawing = svg('svg', { class: 'plan__drawing', viewBox: `${-METRE / 2} ${-METRE / 2} ${(shape.width + 1) * METRE} ${(shape.height + 1) * METRE}`, role: 'group', 'aria-label': t('admin.plan') })
  drawing.append(svg('rect', { class: 'plan__floor', x: 0, y: 0, width: shape.width * METRE, height: shape.height * METRE }))
  things.forEach((thing) => drawing.append(drawn(ctx, drawing, thing, status)))
  const unplaced = [
    ...draft.paper.windows.map((desk, index) => ({ where: `windows.${index}.spot`, thing: desk })),
    ...draft.paper.devices.map((device, index) => ({ where: `devices.${index}.spot`, thing: device })),
  ].filter((each) => each.thing.spot === null)
  const put = (each) => {
    chosen = each.where
    ctx.put(each.where, { x: Math.round(shape.width / 2), y: Math.round(shape.height / 2) }, true)
    focusChosen()
  }
  return el(
    'div',
    { class: 'plan' },
    el('div', { class: 'plan__sheet' }, drawing, status),
    el(
      'div',
      { class: 'plan__side fields' },
      el('div', { class: 'fields__pair' }, number(ctx, 'about.plan.width', t('admin.plan_width'), { min: 1, max: 1000, step: 0.5, unit: t('admin.metres') }), number(ctx, 'about.plan.height', t('admin.plan_height'), { min: 1, max: 1000, step: 0.5, unit: t('admin.metres') })),
      unplaced.length ? el('div', {}, el('h3', {}, t('admin.unplaced')), el('div', { class: 'chips' }, ...unplaced.map((each) => act(`${each.thing.id} ${t.named(each.thing.name)}`, () => put(each))))) : null,
      act(t('admin.plan_redraw'), () => ctx.redraw()),
      act(t('admin.plan_remove'), () => ctx.put('about.plan', null, true)),
    ),
  )
}

function focusChosen() {
  const node = document.querySelector(`[data-plan="${chosen}"]`)
  if (node !== null) node.focus()
}

function placed(ctx) {
  const { t, draft } = ctx
  const { about, windows, devices } = draft.paper
  const spots = (things, path, kind) => things.map((thing, index) => ({ kind, where: `${path}.${index}.spot`, at: thing.spot, id: thing.id, name: t.named(thing.name), device: thing.kind })).filter((each) => each.at !== null)
  return [
    ...about.zones.map((zone, index) => ({ kind: 'zone', where: `about.zones.${index}.area`, at: zone.area, id: zone.id, name: t.named(zone.name), color: zone.color })).filter((each) => each.at !== null),
    { kind: 'waiting', where: 'about.plan.waiting', at: about.plan.waiting, id: '', name: t('admin.waiting_area') },
    { kind: 'entrance', where: 'about.plan.entrance', at: about.plan.entrance, id: '', name: t('admin.entrance') },
    ...spots(devices, 'devices', 'device'),
    ...spots(windows, 'windows', 'window'),
  ]
}

function drawn(ctx, drawing, thing, status) {
  const { t, draft } = ctx
  const group = svg('g', { class: `mark mark--${thing.kind}`, tabindex: 0, role: 'button', 'data-plan': thing.where, 'aria-keyshortcuts': 'ArrowLeft ArrowRight ArrowUp ArrowDown' })
  if (thing.color) group.dataset.zone = thing.color
  group.append(...shapes(thing))
  const words = () => t('admin.plan_at', { name: `${thing.id} ${thing.name}`.trim(), x: draft.get(thing.where).x, y: draft.get(thing.where).y })
  const show = () => {
    const at = draft.get(thing.where)
    group.setAttribute('transform', `translate(${at.x * METRE} ${at.y * METRE})`)
    group.setAttribute('aria-label', words())
  }
  const moveTo = (x, y) => {
    const at = draft.get(thing.where)
    const shape = draft.paper.about.plan
    const right = shape.width - (at.width || 0)
    const bottom = shape.height - (at.height || 0)
    ctx.put(thing.where, { ...at, x: within(x, right), y: within(y, bottom) })
    show()
    say(status, words())
  }
  group.addEventListener('focus', () => {
    chosen = thing.where
    say(status, words())
  })
  group.addEventListener('keydown', (event) => {
    if (!(event.key in ARROWS)) return
    event.preventDefault()
    const [right, down] = ARROWS[event.key]
    const by = event.shiftKey ? LEAP_METRES : STEP_METRES
    const at = draft.get(thing.where)
    moveTo(at.x + right * by, at.y + down * by)
  })
  group.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    group.focus()
    group.setPointerCapture(event.pointerId)
    const from = metres(drawing, event)
    const at = { ...draft.get(thing.where) }
    const move = (moved) => {
      const to = metres(drawing, moved)
      moveTo(at.x + to.x - from.x, at.y + to.y - from.y)
    }
    group.addEventListener('pointermove', move)
    group.addEventListener('lostpointercapture', () => group.removeEventListener('pointermove', move), { once: true })
  })
  show()
  return group
}

function shapes(thing) {
  if (thing.kind === 'zone') return [svg('rect', { class: 'mark__area', width: thing.at.width * METRE, height: thing.at.height * METRE, rx: 8 }), label(thing.name, 10, thing.at.height * METRE - 12, 'start')]
  if (thing.kind === 'window') return [svg('rect', { class: 'mark__body', x: -22, y: -16, width: 44, height: 32, rx: 5 }), label(thing.id, 0, 8, 'middle')]
  if (thing.kind === 'device') return [thing.device === 'kiosk' ? svg('circle', { class: 'mark__body', r: 12 }) : svg('rect', { class: 'mark__body', x: -20, y: -8, width: 40, height: 16 }), label(thing.id, 0, 34, 'middle')]
  return [svg('circle', { class: 'mark__body', r: 10 }), label(thing.name, 0, -18, 'middle')]
}

function label(words, x, y, anchor) {
  const node = svg('text', { x, y, 'text-anchor': anchor, class: 'mark__words' })
  node.textContent = words
  return node
}

function metres(drawing, event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse())
  return { x: point.x / METRE, y: point.y / METRE }
}

function within(value, most) {
  return Math.min(Math.max(0, Math.round(value / STEP_METRES) * STEP_METRES), most)
}

function svg(tag, attributes) {
  const node = document.createElementNS(SVG, tag)
  Object.keys(attributes).forEach((name) => node.setAttribute(name, attributes[name]))
  return node
}
