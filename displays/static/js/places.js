// Where a window is: its name, its zone, and the arrow from this screen. Colour is never the only sign.

import { say, set } from '/static/js/dom.js'

/** How wide a name is, in widths of a Latin letter: a Chinese character has two. */
export function widthOf(text) {
  return Array.from(text).reduce((width, letter) => width + (letter > '\u2e7f' ? 2 : 1), 0)
}

/** The number on the plate of a window, as people say it: 8, not 08. */
export function spokenNumber(name) {
  return name.replace(/^0+(?=\d)/, '')
}

/**
 * @param {object} view a board
 * @param {object} display what this screen shows, with its arrows
 * @returns {(windowId: string) => {label: object, zone: object|null, way: string}}
 */
export function placesOf(view, display) {
  const desks = new Map(view.windows.map((desk) => [desk.id, desk]))
  const zones = new Map(view.zones.map((zone) => [zone.id, zone]))
  return (windowId) => {
    const desk = desks.get(windowId)
    return {
      label: desk === undefined ? windowId : desk.label,
      zone: (desk !== undefined && zones.get(desk.zone)) || null,
      way: display.arrows[windowId] || 'right',
    }
  }
}

/** Writes a zone by name and colour. */
export function sayZone(node, zone, t) {
  node.hidden = zone === null
  say(node, zone === null ? '' : t.named(zone.name))
  return set(node, { 'data-zone-color': zone === null ? null : zone.color || 'slate' })
}

/** The board as a screen of one zone sees it. `null`: the whole hall. */
export function within(view, zoneId) {
  if (zoneId === null) return view
  const windows = view.windows.filter((desk) => desk.zone === zoneId)
  const served = new Set([].concat(...windows.map((desk) => desk.groups)))
  const groups = view.groups.filter((group) => group.zone === zoneId || served.has(group.id))
  const prefixes = new Set([].concat(...groups.map((group) => [group.prefix, group.green_prefix])))
  return Object.assign({}, view, {
    windows,
    groups,
    calls: view.calls.filter((call) => call.zone === zoneId),
    missed: view.missed.filter((number) => prefixes.has(number.replace(/\d+$/, ''))),
  })
}
