// The desk: bundles are counted, documents get a place, a second person checks them, and some go by post.

import { ask } from '/static/cases/js/ask.js'
import { got } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { fill, line, list } from './lines.js'
import { proofOf } from './proof.js'

const FIELDS = ['name', 'number', 'matter', 'scope', 'dates']

/**
 * @param {HTMLElement} root the part of the page
 * @returns {{show: (view: object) => number}} how much there is to do
 */
export function desk(root, t, url, change) {
  let view = null

  function show(next) {
    view = next
    const bundles = view.manifests.filter((each) => each.state === 'in_transfer')
    const of = (...states) => view.documents.filter((each) => states.includes(each.state))
    list(root, 'bundles', bundles, bundle, fillBundle)
    list(root, 'at_desk', of('at_desk'), () => line(['file']), (row, one) => about(row, one, { file: () => file(one) }))
    list(root, 'filed', of('filed'), () => line(['check']), (row, one) => about(row, one, { check: () => check(one) }))
    list(root, 'ready', of('ready', 'mailed'), (one) => line(one.state === 'ready' ? ['mail'] : ['arrived', 'returned']), (row, one) =>
      about(row, one, one.state === 'ready' ? { mail: () => mail(one) } : { arrived: () => arrive(one), returned: () => comeBack(one) }))
    return bundles.length + of('at_desk', 'filed').length
  }

  function about(row, one, doable) {
    const state = one.state === 'mailed' ? t('issue.posted', { waybill: one.waybill }) : one.place ? t('issue.on_shelf', { place: one.place }) : ''
    const filer = one.state === 'filed' && one.filed ? t('issue.filed_by', { name: one.filed.name }) : ''
    const known = Array.from(row.querySelectorAll('[data-deed]')).map((button) => button.dataset.deed)
    if (known.join() !== Object.keys(doable).join()) row.replaceChildren(...line(Object.keys(doable)).children)
    fill(row, t.named(one.matter), [one.number, one.receipt, state, filer], t, doable)
  }

  function bundle() {
    const scan = el('input', { maxlength: '60', autocomplete: 'off', spellcheck: 'false' })
    return el('li', { class: 'line' }, el('strong', { class: 'line__what' }), el('span', { class: 'soft' }),
      el('label', { class: 'field' }, el('span', {}), scan),
      el('ul', { class: 'pieces' }),
      el('button', { class: 'button button--first', type: 'button' }))
  }

  function fillBundle(row, one) {
    const [what, who, scan, pieces, confirm] = row.children
    const open = view.documents.filter((each) => one.open.includes(each.id))
    say(what, t('issue.bundle', { code: one.code, count: one.open.length }))
    say(who, t('issue.sent_by', { name: one.sent.name }))
    say(scan.firstElementChild, t('issue.scan'))
    keep(pieces, open, (each) => each.id, (each) =>
      el('li', {}, el('label', { class: 'tick' }, el('input', { type: 'checkbox', value: each.id }), el('span', {}))),
    (item, each) => say(item.querySelector('span'), `${each.number} ${t.named(each.matter)}`))
    const boxes = () => Array.from(pieces.querySelectorAll('input'))
    const recount = () => {
      const found = boxes().filter((box) => box.checked).length
      say(confirm, t(found === open.length ? 'issue.count_all' : 'issue.count_some', { found, missing: open.length - found }))
    }
    pieces.onchange = recount
    scan.lastElementChild.onkeydown = (event) => {
      if (event.key !== 'Enter') return
      const known = open.find((each) => each.number === event.target.value.trim())
      if (known !== undefined) boxes().find((box) => box.value === known.id).checked = true
      event.target.value = ''
      recount()
    }
    confirm.onclick = () => change('POST', `${url}/manifests/${one.id}/count`, { version: one.version, found: boxes().filter((box) => box.checked).map((box) => box.value) })
    recount()
  }

  async function file(one) {
    const said = await ask('file')
    if (said) await deed(one, 'filing', { place: said.place })
  }

  async function check(one) {
    const answer = await got(`${url}/documents/${one.id}`)
    if (!answer.ok) return
    const { document: paper, applicant } = answer.body
    const values = {
      name: applicant.name,
      number: [t(`kind.${applicant.kind}`), applicant.number].join(' '),
      matter: [t.named(paper.matter), t(paper.approved ? 'issue.approved' : 'issue.denied')].join(' · '),
      scope: [paper.number, paper.scope].filter(Boolean).join(' · '),
      dates: [paper.issued_on, paper.valid_until || t('issue.lasting')].join(' – '),
    }
    hook(document, 'fields').replaceChildren(...FIELDS.map((field) => el('li', { class: 'compare' },
      el('span', { class: 'compare__what' }, t(`field.${field}`)), el('strong', {}, values[field]),
      choice(field, 'right'), choice(field, 'wrong'))))
    const said = await ask('check')
    if (!said) return
    const right = {}
    FIELDS.forEach((field) => {
      right[field] = said[field] === 'right'
    })
    await deed(one, 'check', { right, note: said.note || null })
  }

  function choice(field, value) {
    const button = el('input', { type: 'radio', name: field, value, required: true })
    set(button, { 'aria-label': `${t(`field.${field}`)} ${t(`issue.${value}`)}` })
    return el('label', { class: 'tick' }, button, el('span', {}, t(`issue.${value}`)))
  }

  async function mail(one) {
    const said = await ask('mail')
    if (!said) return
    await deed(one, 'mailing', { carrier: said.carrier, waybill: said.waybill, payer: said.payer, address: said.address, proof: await proofOf(said.proof) })
  }

  function arrive(one) {
    return deed(one, 'arrival', { arrived: true })
  }

  async function comeBack(one) {
    const said = await ask('return')
    if (said) await deed(one, 'arrival', { arrived: false, place: said.place, reason: said.reason })
  }

  function deed(one, name, body) {
    return change('POST', `${url}/documents/${one.id}/${name}`, Object.assign({ version: one.version }, body))
  }

  return { show }
}
