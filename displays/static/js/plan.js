// The floor plan: zones by colour and name, every window by number, and red where somebody is expected.

import { set } from '/static/js/dom.js'
import { spokenNumber, widthOf } from './places.js'

const SVG = 'http://www.w3.org/2000/svg'
const EDGE = 1 // Metres around the plan.
const NAME_EDGE = 1.2 // Metres from the edge of a zone to the middle of its name.
const NAME_SIZE = 1.5 // Metres.
const LETTER = 0.55 // How wide a Latin letter is, by its size.
const DESK = 1.15 // Metres from the middle of a window to its edge, as drawn.

/**
 * @param {HTMLElement} sheet
 * @param {(key: string, values?: object) => string} t
 */
export function floorPlan(sheet, t) {
  let desks = new Map()

  return {
    /** Draws the plan anew: it changes with the hall on paper, a few times a year. */
    draw(view, spot) {
      sheet.textContent = ''
      desks = new Map()
      if (view === null || view.plan === null) {
        sheet.textContent = t('plan.none')
        return
      }
      const { width, height } = view.plan
      const box = [-EDGE, -EDGE, width + 2 * EDGE, height + 2 * EDGE].join(' ')
      const svg = shape('svg', { viewBox: box, role: 'img', class: 'plan__svg' })
      svg.append(shape('rect', { x: 0, y: 0, width, height, class: 'plan__floor' }))
      view.zones.filter((zone) => zone.area).forEach((zone) => svg.append(zoneShape(zone, view.windows, t)))
      if (spot !== null) svg.append(hereShape(spot, t, width))
      view.windows.filter((desk) => desk.spot).forEach((desk) => {
        const node = deskShape(desk)
        desks.set(desk.id, node)
        svg.append(node)
      })
      sheet.append(svg)
    },

    /** Marks the windows where somebody is expected. */
    mark(view) {
      const calling = view.windows.filter((desk) => desk.state === 'calling')
      desks.forEach((node, id) => set(node, { 'data-calling': calling.some((desk) => desk.id === id) }))
      const svg = sheet.querySelector('svg')
      const names = calling.map((desk) => t.named(desk.label)).join(' ')
      if (svg !== null) set(svg, { 'aria-label': t('plan.alt', { windows: names || t('plan.nobody') }) })
    },
  }
}

// The name of a zone stands where its windows do not.
function zoneShape(zone, desks, t) {
  const { x, y, width, height } = zone.area
  const isIn = (spot) => spot !== null && x <= spot.x && spot.x <= x + width && y <= spot.y && spot.y <= y + height
  const spots = desks.map((desk) => desk.spot).filter(isIn)
  const upright = height > width
  const middle = upright ? mean(spots.map((spot) => (spot.x - x) / width)) : mean(spots.map((spot) => (spot.y - y) / height))
  const beside = spots.length === 0 ? 0.5 : middle < 0.5 ? 1 : 0
  const at = upright
    ? { x: x + NAME_EDGE + beside * (width - 2 * NAME_EDGE), y: y + height / 2, 'text-anchor': 'middle' }
    : { x: x + NAME_EDGE, y: y + NAME_EDGE + beside * (height - 2 * NAME_EDGE), 'text-anchor': 'start' }
  const room = ((upright ? height : width) - NAME_EDGE) / (widthOf(t.named(zone.name)) * LETTER)
  const name = shape('text', Object.assign({ class: 'plan__zone-name', 'font-size': Math.min(NAME_SIZE, room) }, at))
  name.textContent = t.named(zone.name)
  if (upright) set(name, { transform: `rotate(-90 ${at.x} ${at.y})` })
  return shape('g', { 'data-zone': zone.color || 'none' }, shape('rect', { x, y, width, height, class: 'plan__zone' }), name)
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function deskShape(desk) {
  const { x, y } = desk.spot
  const number = shape('text', { x, y, class: 'plan__number' })
  number.textContent = spokenNumber(desk.id)
  const square = { x: x - DESK, y: y - DESK, width: 2 * DESK, height: 2 * DESK, rx: 0.3, class: 'plan__desk' }
  return shape('g', { 'data-desk': desk.id }, shape('rect', square), number)
}

function hereShape({ x, y }, t, width) {
  const right = x < width / 2
  const words = shape('text', { x: x + (right ? 1.4 : -1.4), y, class: 'plan__here-word', 'text-anchor': right ? 'start' : 'end' })
  words.textContent = t('plan.here')
  return shape('g', { class: 'plan__here' }, shape('circle', { cx: x, cy: y, r: 0.8 }), words)
}

function shape(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag)
  set(node, attributes)
  node.append(...children)
  return node
}
