// A department: what was decided gets its document, documents are handed over, and what was missing is settled.

import { ask } from '/static/cases/js/ask.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { fill, isTicked, line, list } from './lines.js'

/**
 * @param {HTMLElement} root the part of the page
 * @returns {{show: (view: object) => number}} how much there is to do
 */
export function department(root, t, url, change) {
  const handOver = hook(root, 'hand-over')
  let view = null

  function show(next) {
    view = next
    const disputed = view.manifests.filter((each) => each.state === 'disputed')
    const wrong = view.documents.filter((each) => each.state === 'returned_for_fix')
    const made = view.documents.filter((each) => each.state === 'made')
    list(root, 'disputed', disputed.concat(wrong.map((one) => Object.assign({ isWrong: true }, one))), (one) => (one.isWrong ? line(['fix']) : dispute()), (row, one) =>
      (one.isWrong ? fillWrong(row, one) : fillDispute(row, one)))
    list(root, 'to_make', view.to_make, () => line(['make']), (row, one) =>
      fill(row, t.named(one.subject.name), [one.receipt, t(one.approved ? 'issue.approved' : 'issue.denied')], t, { make: () => make(one) }))
    list(root, 'made', made, piece, (row, one) => {
      say(row.querySelector('strong'), t.named(one.matter))
      say(row.lastElementChild, [one.number, one.receipt].join(' · '))
    })
    recount()
    return disputed.length + wrong.length + view.to_make.length + made.length
  }

  function piece(one) {
    return el('li', { class: 'line' }, el('label', { class: 'tick' }, el('input', { type: 'checkbox', value: one.id, checked: true }), el('strong', {})), el('span', { class: 'soft' }))
  }

  function chosen() {
    return Array.from(root.querySelectorAll('[data-lines="made"] input:checked')).map((box) => box.value)
  }

  function recount() {
    handOver.disabled = chosen().length === 0
  }

  function fillWrong(row, one) {
    const fields = one.wrong.map((field) => t(`field.${field}`)).join(' ')
    fill(row, t.named(one.matter), [t('issue.wrong_fields', { fields }), one.note, one.fix_by ? t('issue.fix_by', { date: one.fix_by }) : ''], t, { fix: () => fix(one) })
  }

  function dispute() {
    return el('li', { class: 'line line--urgent' }, el('strong', { class: 'line__what' }), el('ul', { class: 'pieces' }), el('button', { class: 'button button--first', type: 'button' }))
  }

  function fillDispute(row, one) {
    const [what, pieces, confirm] = row.children
    const open = view.documents.filter((each) => one.open.includes(each.id))
    say(what, t('issue.missing', { code: one.code, count: open.length }))
    keep(pieces, open, (each) => each.id, (each) => el('li', { class: 'compare' }, el('span', {}),
      ...['again', 'kept'].map((value) => el('label', { class: 'tick' }, el('input', { type: 'radio', name: `missing-${each.id}`, value, 'data-id': each.id, checked: value === 'again' }), el('span', {})))),
    (item, each) => {
      say(item.firstElementChild, `${each.number} ${t.named(each.matter)}`)
      ;['again', 'kept'].forEach((value, place) => {
        say(item.children[place + 1].lastElementChild, t(`issue.${value}`))
        set(item.children[place + 1].firstElementChild, { 'aria-label': `${t(`issue.${value}`)} ${each.number}` })
      })
    })
    say(confirm, t('issue.correct'))
    confirm.onclick = () => {
      const of = (value) => Array.from(pieces.querySelectorAll(`input[value="${value}"]:checked`)).map((box) => box.dataset.id)
      change('POST', `${url}/manifests/${one.id}/correction`, { version: one.version, again: of('again'), kept: of('kept') })
    }
  }

  async function make(one) {
    const said = await ask('make')
    if (said) await change('POST', `${url}/documents`, Object.assign({ case: one.case, electronic: isTicked('make', 'electronic') }, printed(said)))
  }

  async function fix(one) {
    const said = await ask('fix')
    if (said) await change('POST', `${url}/documents/${one.id}/fix`, Object.assign({ version: one.version }, printed(said)))
  }

  hook(root, 'hand-over').addEventListener('click', () => change('POST', `${url}/manifests`, { documents: chosen() }))
  root.addEventListener('change', recount)

  return { show }
}

function printed(said) {
  return { number: said.number, scope: said.scope || null, issued_on: said.issued_on, valid_until: said.valid_until || null }
}
