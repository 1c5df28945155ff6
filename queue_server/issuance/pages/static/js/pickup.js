// Handing over: a code, who it is, what is handed over, a signature.

import { got } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pad } from './pad.js'

/**
 * @param {HTMLElement} root the part of the page
 * @param {object} t
 * @param {string} url of the hall
 * @param {(method: string, address: string, body: object) => Promise<object>} send
 * @param {(answer: object) => void} refused
 */
export function pickup(root, hallId, t, url, send, refused) {
  const find = hook(root, 'find')
  const hand = hook(root, 'hand')
  const signature = pad(hook(root, 'pad'))
  let code = ''
  let found = null
  let delivery = null

  find.addEventListener('submit', async (event) => {
    event.preventDefault()
    code = find.elements.code.value.trim()
    const answer = await got(`${url}/pickups/${encodeURIComponent(code)}`)
    show(answer.ok ? answer.body : null)
    if (!answer.ok) refused(answer)
    else refused(null)
  })

  hand.elements.agent.addEventListener('change', render)
  hook(root, 'clear').addEventListener('click', () => signature.clear())
  hand.addEventListener('submit', async (event) => {
    event.preventDefault()
    const fields = hand.elements
    const chosen = ticked('handed')
    const answer = await send('POST', `${url}/deliveries`, {
      code,
      documents: chosen,
      kind: fields.kind.value,
      tail: fields.tail.value.trim(),
      looked_at: fields.agent.checked ? ticked('looked') : [],
      agent: fields.agent.checked
        ? { kind: fields.agent_kind.value, name: fields.agent_name.value, number: fields.agent_number.value, entrustment: fields.entrustment.value }
        : null,
      signature: signature.path(),
    })
    if (!answer.ok) return
    show(null)
    find.reset()
    delivery = { id: answer.body.id, count: answer.body.documents.length }
    render()
    find.elements.code.focus()
  })

  function ticked(kind) {
    return Array.from(hand.querySelectorAll(`input[data-${kind}]:checked`)).map((box) => box.value)
  }

  function show(next) {
    found = next
    delivery = null
    hand.reset()
    signature.clear()
    render()
    if (found !== null) hand.elements.tail.focus()
  }

  function render() {
    hand.hidden = found === null
    const done = hook(root, 'done')
    done.hidden = delivery === null
    if (delivery !== null) {
      done.replaceChildren(t('issue.handed', { count: delivery.count }), ' ', el('a', { href: `/issue/${hallId}/deliveries/${delivery.id}`, target: '_blank' }, t('issue.receipt')))
    }
    if (found === null) return
    const withAgent = hand.elements.agent.checked
    say(hook(root, 'name'), found.name)
    say(hook(root, 'kind'), t(`kind.${found.kind}`))
    hook(root, 'agent').hidden = !withAgent
    keep(hook(root, 'pieces'), found.documents, (each) => each.id, piece, (row, each) => {
      const [handed, looked] = row.children
      say(handed.lastElementChild, t.named(each.matter))
      say(row.children[2], [each.number, t('issue.on_shelf', { place: each.place })].join(' · '))
      looked.hidden = !withAgent
      say(looked.lastElementChild, t('issue.looked_at'))
      set(looked.firstElementChild, { 'aria-label': `${t('issue.looked_at')} ${each.number}` })
    })
    if (found.documents.length === 0) say(hook(root, 'kind'), t('issue.nothing'))
  }

  function piece(each) {
    return el('li', { class: 'piece' },
      el('label', { class: 'tick' }, el('input', { type: 'checkbox', value: each.id, 'data-handed': true, checked: true }), el('strong', {})),
      el('label', { class: 'tick' }, el('input', { type: 'checkbox', value: each.id, 'data-looked': true }), el('span', {})),
      el('span', { class: 'soft' }))
  }

  return { relabel: render }
}
