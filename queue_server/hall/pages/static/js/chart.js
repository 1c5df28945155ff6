// How many came and were served, half hour by half hour: two bars each, and the same as a table for who cannot see.

import { el, hook, keep, say, set } from '/static/js/dom.js'

const SVG = 'http://www.w3.org/2000/svg'
const HALF_HOUR_MS = 1800000
const HALVES_MIN = 16 // As wide as a day of eight hours, so that bars do not shrink as it goes on.
const WIDTH_PX = 368 // Where nothing says how wide the drawing may be.
const HEIGHT_PX = 132
const FOOT_PX = 20
const HEAD_PX = 18
const LABEL_EVERY = 4

/** Draws the day so far. */
export function drawChart(view, t, clock) {
  const halves = filled(view.half_hours)
  const empty = view.half_hours.length === 0
  hook(document, 'chart-empty').hidden = !empty
  hook(document, 'chart').hidden = empty
  document.querySelector('.chart__key').hidden = empty
  renderTable(halves, t, clock)
  const place = hook(document, 'chart')
  if (!empty) place.replaceChildren(drawing(halves, place.clientWidth || WIDTH_PX, t, clock))
}

// Half hours in which nothing happened are part of the day.
function filled(halves) {
  if (halves.length === 0) return []
  const first = Date.parse(halves[0].at)
  const last = Date.parse(halves[halves.length - 1].at)
  const known = new Map(halves.map((half) => [Date.parse(half.at), half]))
  const all = []
  for (let at = first; at <= last; at += HALF_HOUR_MS) all.push(known.get(at) || { at, issued: 0, served: 0 })
  return all
}

function drawing(halves, width, t, clock) {
  const tops = halves.map((half) => Math.max(half.issued, half.served))
  const most = Math.max(1, ...tops)
  const step = width / Math.max(HALVES_MIN, halves.length)
  const scale = (HEIGHT_PX - FOOT_PX - HEAD_PX) / most
  const svg = svgEl('svg', { width, height: HEIGHT_PX, role: 'img', 'aria-label': t('overview.chart') })
  halves.forEach((half, index) => {
    svg.append(
      bar(index * step + step * 0.12, step * 0.36, half.issued * scale, 'chart__bar'),
      bar(index * step + step * 0.52, step * 0.36, half.served * scale, 'chart__bar chart__bar--served'),
    )
    if (index % LABEL_EVERY === 0) svg.append(label(index * step, HEIGHT_PX - 4, clock.time(half.at, t.language)))
  })
  const busiest = tops.indexOf(most)
  svg.append(label(busiest * step + step * 0.12, HEAD_PX - 4, String(most))) // One figure gives all bars their measure.
  svg.append(svgEl('line', { class: 'chart__axis', x1: 0, x2: width, y1: HEIGHT_PX - FOOT_PX, y2: HEIGHT_PX - FOOT_PX }))
  return svg
}

function bar(x, width, height, looks) {
  return svgEl('rect', { class: looks, x, y: HEIGHT_PX - FOOT_PX - height, width, height })
}

function label(x, y, text) {
  const node = svgEl('text', { x, y })
  node.textContent = text
  return node
}

function svgEl(tag, attributes) {
  return set(document.createElementNS(SVG, tag), attributes)
}

function renderTable(halves, t, clock) {
  const create = () => el('tr', {}, el('th', { scope: 'row', 'data-at': true }), el('td', { 'data-issued': true }), el('td', { 'data-served': true }))
  keep(hook(document, 'half-hours'), halves, (half) => half.at, create, (row, half) => {
    say(hook(row, 'at'), clock.time(half.at, t.language))
    say(hook(row, 'issued'), String(half.issued))
    say(hook(row, 'served'), String(half.served))
  })
}
