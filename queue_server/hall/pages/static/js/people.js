// Finding somebody by number, those who missed their call, and what a guide can do for one of them.

import { el, hook, keep, say, set } from '/static/js/dom.js'
import { reasonWord } from './reasons.js'

const FIND_AFTER_MS = 200
const LOOK_AGAIN_MS = 2000 // While somebody looks, the list follows the hall this often.
const CLASSES = ['elderly', 'frail', 'ill', 'disabled', 'pregnant', 'veteran']
const PROOFS = ['proof_seen', 'proof_own_word', 'proof_none']
const VOID_REASONS = ['left_hall', 'wrong_service', 'taken_twice', 'on_request']

export function people({ t, clock, url, ask }) {
  const query = hook(document, 'find')
  const sheet = document.querySelector('[data-ask="person"]')
  const classDialog = document.querySelector('[data-ask="class"]')
  const voidDialog = document.querySelector('[data-ask="void"]')
  let found = []
  let someone = null // Whose sheet is open.
  let opened = false
  let timer = null
  let lookedAt = 0
  let newest = 0

  // ── Finding ────────────────────────────────────────────────────────────────────────────────────

  async function find() {
    const asking = (newest += 1)
    lookedAt = performance.now()
    const words = encodeURIComponent(query.value.trim())
    const answer = await fetch(`${url}/tickets?number=${words}`, { headers: { Accept: 'application/json' } }).catch(() => null)
    if (answer === null || !answer.ok || asking !== newest) return
    found = (await answer.json()).tickets
    renderFound()
  }

  function renderFound() {
    const asked = query.value.trim() !== ''
    renderPeople(hook(document, 'people'), found)
    say(hook(document, 'find-how'), asked && found.length === 0 ? t('guide.nobody_found') : t(asked ? 'guide.found' : 'guide.find_how'))
  }

  function renderPeople(list, tickets) {
    keep(list, tickets, (ticket) => ticket.id, newRow, (row, ticket) => {
      row.ticket = ticket
      say(hook(row, 'number'), ticket.number)
      say(hook(row, 'state'), stateOf(ticket))
      say(hook(row, 'group'), aboutOf(ticket))
    })
  }

  function newRow() {
    const button = el('button', { class: 'button person', type: 'button' },
      el('strong', { 'data-number': true }),
      el('span', { class: 'person__about' }, el('span', { 'data-state': true }), el('small', { 'data-group': true })))
    const row = el('li', {}, button)
    button.addEventListener('click', () => open(row.ticket))
    return row
  }

  function stateOf(ticket) {
    if (ticket.state === 'waiting') {
      return ticket.ahead === 0 ? t('guide.state_next') : t('guide.state_waiting', { count: ticket.ahead })
    }
    if (ticket.state === 'missed' && ticket.can.return) return t('guide.return_until', { time: clock.time(ticket.return_until, t.language) })
    const window = ticket.window ? t.named(ticket.window.label) : ''
    return t(`guide.state_${ticket.state}`, { window })
  }

  function aboutOf(ticket) {
    const classes = ticket.priority_class ? [classWord(ticket)] : []
    return [t.named(ticket.group.name)].concat(classes, ticket.needs.map((need) => t(`need.${need}`))).join(' · ')
  }

  function classWord(ticket) {
    const word = t(`class.${ticket.priority_class}`)
    return ticket.proof_seen ? word : t('guide.class_unconfirmed', { word })
  }

  // ── One of them ────────────────────────────────────────────────────────────────────────────────

  function open(ticket) {
    someone = ticket
    renderSheet()
    sheet.showModal()
  }

  function renderSheet() {
    say(hook(sheet, 'sheet-number'), someone.number)
    say(hook(sheet, 'sheet-state'), stateOf(someone))
    const issued = t('guide.issued_at', { time: clock.time(someone.issued_at, t.language) })
    say(hook(sheet, 'sheet-about'), [aboutOf(someone), issued, t(`guide.reach_${reachOf(someone)}`)].join(' · '))
    show('return', someone.can.return)
    show('acknowledgement', someone.can.acknowledge)
    show('class', true)
    show('void', someone.can.void)
  }

  function show(deed, can) {
    sheet.querySelector(`[data-deed="${deed}"]`).hidden = !can
  }

  function reachOf(ticket) {
    return ticket.reach === 'none' && ticket.followed ? 'page' : ticket.reach
  }

  async function perform(noun, body) {
    sheet.close()
    if ((await ask('POST', `tickets/${someone.id}/${noun}`, body)) !== null) find()
  }

  function askClass() {
    sheet.close()
    say(hook(classDialog, 'class-title'), t('guide.class_of', { number: someone.number }))
    const chosen = someone.priority_class || ''
    fillChips(hook(classDialog, 'class-choices'), 'class', [''].concat(CLASSES), chosen, (code) => t(code ? `class.${code}` : 'guide.class_none'))
    fillChips(hook(classDialog, 'proofs'), 'proof', PROOFS, PROOFS[0], (code) => reasonWord(t, code))
    classDialog.showModal()
  }

  function askVoid() {
    sheet.close()
    voidDialog.querySelector('form').reset()
    say(hook(voidDialog, 'void-title'), t('guide.void_title', { number: someone.number }))
    say(hook(voidDialog, 'void-sure'), t('guide.void_sure', { number: someone.number }))
    fillChips(hook(voidDialog, 'void-reasons'), 'reason', VOID_REASONS, null, (code) => reasonWord(t, code))
    voidDialog.showModal()
  }

  function fillChips(list, name, codes, chosen, word) {
    list.replaceChildren(...codes.map((code) =>
      el('label', { class: 'chip' },
        el('input', { type: 'radio', name, value: code, required: true, checked: code === chosen }),
        el('span', {}, word(code)))))
  }

  // A proof that was seen is said to have been seen; no copy of it is ever kept.
  function changeClass(said) {
    const proof = said.get('proof')
    perform('priority-class', {
      priority_class: said.get('class') || null, reason: proof, proof_seen: proof === 'proof_seen',
    })
  }

  // ── Hands ──────────────────────────────────────────────────────────────────────────────────────

  const DEEDS = {
    return: () => perform('return', {}),
    acknowledgement: () => perform('acknowledgement', {}),
    class: askClass,
    void: askVoid,
  }
  sheet.querySelectorAll('[data-deed]').forEach((button) => {
    button.addEventListener('click', () => DEEDS[button.dataset.deed]())
  })
  onSubmit(classDialog, changeClass)
  hook(classDialog, 'proofs').addEventListener('change', (event) => {
    if (event.target.value === 'proof_none') classDialog.querySelector('[name="class"][value=""]').checked = true
  })
  onSubmit(voidDialog, (said) => perform('void', { reason: said.get('reason') }))
  query.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(find, FIND_AFTER_MS)
  })

  function onSubmit(dialog, answered) {
    const form = dialog.querySelector('form')
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      dialog.close()
      answered(new FormData(form))
    })
  }

  return {
    render(view) {
      renderPeople(hook(document, 'missed'), view.missed)
      hook(document, 'missed-how').hidden = false
      say(hook(document, 'missed-how'), t(view.missed.length > 0 ? 'guide.missed_how' : 'guide.missed_none'))
      renderFound()
      if (opened && performance.now() - lookedAt > LOOK_AGAIN_MS) find()
    },
    opened(part) {
      opened = part === 'find'
      if (opened) find()
    },
  }
}
