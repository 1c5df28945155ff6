// The floor plan of the hall, red where somebody is expected.

import { set } from '/static/js/dom.js'
import { drawnPlan } from '/static/js/plan.js'

/**
 * @param {HTMLElement} sheet
 * @param {(key: string, values?: object) => string} t
 */
export function floorPlan(sheet, t) {
  return {
    /** Draws the plan anew: it changes with the hall on paper, a few times a year. */
    draw(view, spot) {
      const words = { language: t.language, label: '', here: t('plan.here'), entrance: t('plan.entrance') }
      const drawing = drawnPlan(view, Object.assign({ from: spot || undefined }, words))
      sheet.textContent = drawing === null ? t('plan.none') : ''
      if (drawing !== null) sheet.append(drawing)
    },

    /** Marks the windows where somebody is expected. */
    mark(view) {
      const calling = view.windows.filter((desk) => desk.state === 'calling')
      sheet.querySelectorAll('[data-window]').forEach((node) => {
        set(node, { 'data-calling': calling.some((desk) => desk.id === node.dataset.window) })
      })
      const names = calling.map((desk) => t.named(desk.label)).join(' ')
      const drawing = sheet.querySelector('svg')
      if (drawing !== null) set(drawing, { 'aria-label': t('plan.alt', { windows: names || t('plan.nobody') }) })
    },
  }
}
