// The floor plan of a hall as a picture: its zones, its windows, and the way to one of them.
//
//   figure.replaceChildren(drawnPlan(view, { language: 'zh', windowId: '09', label: …, here: …, entrance: … }))
//
// Everything is in metres, as the plan is; plan.css colours it. Names that do not fit into a zone are left out:
// whoever shows the plan names the zone of the window beside it.

import { shortNumber } from './texts.js'

const SVG = 'http://www.w3.org/2000/svg'
const MARGIN_M = 1 // Around the walls, so that what stands at one is not cut.
const DESK_M = { width: 2.6, height: 2.4 }
const GOAL_M = { width: 3.8, height: 3.4 }
const LETTER_M = 1.5
const WIDE_LETTER = /[\u2e80-\uffef]/
const NARROW_SHARE = 0.56 // Of the height of a letter, as wide as Latin ones are on average.
const WAY_GAP_M = 2.4 // The way ends before the window, so that one can read its number.
const DOOR_M = 3

/**
 * @param {object} view as `GET /halls/{hall}/plan` answers; null if nobody has drawn a plan
 * @param {object} options
 * @param {string} options.language 'zh' or 'en'
 * @param {string} [options.windowId] the window to lead to
 * @param {{x: number, y: number}} [options.from] where the way begins; where people wait, if it is not said
 * @param {string} options.label what a screen reader says of the picture
 * @param {string} options.here "You are here"
 * @param {string} options.entrance
 * @returns {SVGElement|null}
 */
export function drawnPlan(view, { language, windowId, from, label, here, entrance }) {
  const plan = view.plan
  if (!plan) return null
  const goal = view.windows.find((each) => each.id === windowId && each.spot !== null) || null
  const start = from || plan.waiting
  const width = plan.width + 2 * MARGIN_M
  const height = plan.height + 2 * MARGIN_M
  return shape('svg', { class: 'plan', viewBox: `${-MARGIN_M} ${-MARGIN_M} ${width} ${height}`, role: 'img', 'aria-label': label },
    shape('rect', { class: 'plan__hall', width: plan.width, height: plan.height, rx: 0.6 }),
    view.zones.filter((zone) => zone.area).map((zone) => drawnZone(zone, view.windows, language)),
    drawnDoor(plan, entrance),
    view.windows.filter((each) => each.spot && each !== goal).map((each) => drawnDesk(each, DESK_M, 'plan__desk')),
    goal ? drawnWay(start, goal.spot) : [],
    drawnHere(start, here),
    goal ? drawnDesk(goal, GOAL_M, 'plan__goal') : [],
  )
}

function drawnZone(zone, windows, language) {
  const { x, y, width, height } = zone.area
  const name = zone.name[language] || zone.name.zh
  const own = windows.filter((each) => each.zone === zone.id && each.spot)
  const lowest = Math.max(y, ...own.map((each) => each.spot.y + DESK_M.height / 2))
  const fits = widthOf(name) < width - 0.6 && y + height - lowest > LETTER_M * 1.3
  return shape('g', { 'data-zone-color': zone.color || 'slate' },
    shape('rect', { class: 'plan__zone', x, y, width, height, rx: 0.4 }),
    fits ? words('plan__name', x + 0.5, y + height - LETTER_M * 0.9, name, 'start') : [])
}

function drawnDesk(each, size, kind) {
  const { x, y } = each.spot
  return shape('g', { class: kind, 'data-window': each.id },
    shape('rect', { x: x - size.width / 2, y: y - size.height / 2, width: size.width, height: size.height, rx: 0.4 }),
    words('', x, y, shortNumber(each.id)))
}

/** The door: a gap in the wall at the entrance, wherever that is. */
function drawnDoor(plan, entrance) {
  const { x, y } = plan.entrance
  const beside = x <= 0 || x >= plan.width
  const half = DOOR_M / 2
  const gap = beside ? { x1: x, x2: x, y1: y - half, y2: y + half } : { x1: x - half, x2: x + half, y1: y, y2: y }
  const inward = { x: x <= 0 ? 2.6 : x >= plan.width ? -2.6 : 0, y: y <= 0 ? 1.4 : y >= plan.height ? -1.4 : 0 }
  return [shape('line', Object.assign({ class: 'plan__door' }, gap)), words('plan__name', x + inward.x, y + inward.y, entrance)]
}

function drawnHere(start, here) {
  return [shape('circle', { class: 'plan__here', cx: start.x, cy: start.y, r: 0.8 }), words('plan__name', start.x, start.y + 2.2, here)]
}

/** A dotted line that ends in an arrow, just before the window. */
function drawnWay(start, spot) {
  const length = Math.hypot(spot.x - start.x, spot.y - start.y)
  if (length <= WAY_GAP_M) return []
  const share = (length - WAY_GAP_M) / length
  const end = { x: start.x + (spot.x - start.x) * share, y: start.y + (spot.y - start.y) * share }
  const turn = (Math.atan2(spot.y - start.y, spot.x - start.x) * 180) / Math.PI
  return [
    shape('line', { class: 'plan__way', x1: start.x, y1: start.y, x2: end.x, y2: end.y }),
    shape('path', { class: 'plan__arrow', d: 'M 0.6 0 L -1.2 -1 L -0.7 0 L -1.2 1 Z', transform: `translate(${end.x} ${end.y}) rotate(${turn})` }),
  ]
}

function words(kind, x, y, text, anchor) {
  return shape('text', { class: kind, x, y, 'text-anchor': anchor || 'middle', 'dominant-baseline': 'central', 'font-size': LETTER_M }, text)
}

function widthOf(text) {
  return Array.from(text).reduce((sum, letter) => sum + (WIDE_LETTER.test(letter) ? 1 : NARROW_SHARE), 0) * LETTER_M
}

function shape(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag)
  Object.keys(attributes).forEach((name) => {
    if (attributes[name] !== '') node.setAttribute(name, attributes[name])
  })
  node.append(...children.flat(Infinity))
  return node
}
