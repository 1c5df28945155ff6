// What saving would do, in words.

import { el } from '/static/js/dom.js'

/** What saving would do, in four parts: what changes, who would notice, what is unwise, what is in the way. */
export function whatWillChange({ t }, preview, wrong) {
  const parts = []
  if (preview !== null && preview.changes.length) parts.push(part(t('admin.will_change'), preview.changes.map(t.named), 'changes'))
  if (preview !== null && preview.changes.length === 0) parts.push(el('p', { class: 'quiet' }, t('admin.nothing_changes')))
  const consequences = preview === null ? [] : preview.consequences
  const mild = consequences.filter((each) => !each.blocks)
  const blocking = consequences.filter((each) => each.blocks).map(t.named).concat(wrong.map((fault) => (t.language === 'zh' ? fault.message_zh : fault.message)))
  if (mild.length) parts.push(part(t('admin.will_notice'), mild.map(t.named), 'notice'))
  if (preview !== null && preview.cautions.length) parts.push(part(t('admin.unwise'), preview.cautions.map(t.named), 'notice'))
  if (blocking.length) parts.push(part(t('admin.in_the_way'), blocking, 'blocks'))
  return parts
}

function part(title, lines, kind) {
  return el('section', { class: `told told--${kind}` }, el('h3', {}, title), el('ul', {}, ...lines.map((line) => el('li', {}, line))))
}
