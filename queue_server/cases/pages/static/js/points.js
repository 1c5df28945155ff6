// What a reviewer judges before deciding: a row for each point, met or not met, and why not.

import { el, hook, keep, say, set } from '/static/js/dom.js'

/**
 * @param {(key: string, values?: object) => string} t
 * @param {(place: number, passed: boolean|null) => void} judge
 */
export function points(t, judge) {
  function show(one) {
    hook(document, 'points-section').hidden = one.points.length === 0
    set(hook(document, 'sheet'), { 'data-judged': one.points.length > 0 })
    const judged = one.points.filter((point) => point.passed !== null).length
    say(hook(document, 'points-progress'), t('point.progress', { judged, count: one.points.length }))
    keep(hook(document, 'points'), one.points, (point) => `${one.id} ${point.place}`, drawn, (row, point) => update(row, point, one))
  }

  function drawn(point) {
    const verdicts = [true, false].map((passed) => {
      const button = el('button', { class: 'mark', type: 'button', 'data-passed': String(passed) })
      button.addEventListener('click', () => judge(point.place, button.getAttribute('aria-pressed') === 'true' ? null : passed))
      return button
    })
    return el('li', { class: 'point' },
      el('div', {}, el('p', { class: 'point__item' }), el('p', { class: 'soft' }), el('p', { class: 'point__note' })),
      el('div', { class: 'item__marks', role: 'group' }, ...verdicts))
  }

  function update(row, point, one) {
    const [words, verdicts] = row.children
    const [item, how, note] = words.children
    say(item, t.named(point.item))
    say(how, t('point.how', { method: t.named(point.method), standard: t.named(point.standard) }))
    say(note, point.note)
    set(verdicts, { 'aria-label': t.named(point.item) })
    set(row, { 'data-verdict': point.passed === null ? 'open' : point.passed ? 'passed' : 'failed' })
    Array.from(verdicts.children).forEach((button) => {
      const passed = button.dataset.passed === 'true'
      say(button, t(passed ? 'point.passed' : 'point.failed'))
      set(button, { 'aria-pressed': String(point.passed === passed) })
      button.disabled = one.stage !== 'in_review'
    })
  }

  return { show }
}
