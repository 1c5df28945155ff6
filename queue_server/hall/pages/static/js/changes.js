// What a manager may change from the overview: what a window serves, now or later; a window taken out of service;
// the day closed.

import { el, hook, say } from '/static/js/dom.js'
import { reasonWord } from './reasons.js'

const LOSS_REASONS = ['power', 'device', 'clerk_ill', 'other_duty']
const DAY_MS = 86400000

export function changes({ t, clock, ask, now }) {
  const windowDialog = document.querySelector('[data-ask="window"]')
  const lossDialog = document.querySelector('[data-ask="loss"]')
  const dayDialog = document.querySelector('[data-ask="close-day"]')
  const form = hook(windowDialog, 'regroup')
  let windowId = null

  function openWindow(id) {
    windowId = id
    const desk = deskAt(id)
    say(hook(windowDialog, 'ask-window'), t('overview.act', { window: t.named(desk.label) }))
    form.reset()
    refuse('')
    hook(windowDialog, 'lose').hidden = desk.state === 'closed'
    hook(windowDialog, 'targets').replaceChildren(...now().groups.map((group) =>
      el('label', { class: 'chip' },
        el('input', { type: 'checkbox', name: 'group', value: group.id, checked: desk.groups.includes(group.id) }),
        el('span', {}, `${group.id} ${t.named(group.name)}`))))
    windowDialog.showModal()
  }

  function deskAt(id) {
    return now().windows.find((desk) => desk.id === id)
  }

  function refuse(sentence) {
    const line = hook(windowDialog, 'ask-refusal')
    line.hidden = sentence === ''
    say(line, sentence)
  }

  function regroup() {
    const said = new FormData(form)
    const body = { groups: said.getAll('group') }
    if (body.groups.length === 0) {
      refuse(t('overview.nothing_chosen'))
      return
    }
    if (said.get('when') === 'later' && said.get('at')) body.effective_at = nextTime(clock, said.get('at'))
    windowDialog.close()
    ask('PUT', `windows/${windowId}/groups`, body)
  }


  function askLoss() {
    windowDialog.close()
    say(hook(lossDialog, 'ask-loss'), t('overview.loss_title', { window: t.named(deskAt(windowId).label) }))
    hook(lossDialog, 'loss-reasons').replaceChildren(...LOSS_REASONS.map((code) =>
      el('label', { class: 'chip' },
        el('input', { type: 'radio', name: 'reason', value: code, required: true }),
        el('span', {}, reasonWord(t, code)))))
    lossDialog.showModal()
  }

  function onSubmit(dialog, answered) {
    dialog.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault()
      answered(new FormData(event.target))
    })
  }

  onSubmit(windowDialog, regroup)
  onSubmit(lossDialog, (said) => {
    lossDialog.close()
    ask('POST', `windows/${windowId}/loss`, { reason: said.get('reason') })
  })
  onSubmit(dayDialog, () => {
    dayDialog.close()
    ask('DELETE', 'day', null)
  })
  hook(windowDialog, 'lose').addEventListener('click', askLoss)
  form.elements.at.addEventListener('input', () => {
    form.elements.when.value = 'later'
  })

  return { openWindow }
}

/** The next moment at which the hall's clock shows this time. */
export function nextTime(clock, time) {
  const [hours, minutes] = time.split(':').map(Number)
  const shown = clock.time(clock.now(), 'en').split(':').map(Number)
  const minute = Math.floor(clock.now() / 60000) * 60000
  const later = ((hours - shown[0]) * 60 + (minutes - shown[1])) * 60000
  return new Date(minute + (later > 0 ? later : later + DAY_MS)).toISOString()
}
