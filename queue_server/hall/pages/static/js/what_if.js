// A change tried out on the hall as it is, before anybody makes it. The server plays it; this shows the two outcomes.

import { isUnknown, signIn } from '/static/js/api.js'
import { el, hook, say, set } from '/static/js/dom.js'
import { nextTime } from './changes.js'

export function whatIf({ t, clock, send, now }) {
  const dialog = document.querySelector('[data-ask="what-if"]')
  const form = hook(dialog, 'try-form')
  const open = hook(document, 'try')
  let came = null

  function show() {
    came = null
    refuse('')
    hook(dialog, 'groups-choice').replaceChildren(...now().groups.map((group) => option(group.id, `${group.id} ${t.named(group.name)}`)))
    const there = now().windows.filter((desk) => desk.state !== 'closed')
    const nobody = option('', t('what_if.nobody'))
    hook(dialog, 'windows-choice').replaceChildren(nobody, ...there.map((desk) => option(desk.id, t.named(desk.label))))
    form.reset()
    renderCame()
    dialog.showModal()
  }

  async function play() {
    const body = wish(new FormData(form))
    if (body === null) {
      refuse(t('what_if.nothing'))
      return
    }
    refuse('')
    const yes = hook(dialog, 'try-yes')
    yes.disabled = true
    const answer = await send(body)
    yes.disabled = false
    if (answer.status === 401) signIn()
    came = answer.ok ? answer.body : null
    if (!answer.ok) refuse(isUnknown(answer) ? t('problem.offline') : t.problem(answer.body))
    renderCame()
  }

  // What the form says as the API wants it; null if nothing is changed.
  function wish(said) {
    const body = {}
    const windows = Number(said.get('windows'))
    if (windows > 0) body.open = [withMinutes({ group: said.get('group'), windows }, said.get('open_minutes'))]
    if (said.get('window') !== '') {
      const leaving = withMinutes({ window: said.get('window') }, said.get('away_minutes'))
      if (said.get('at')) leaving.at = nextTime(clock, said.get('at'))
      body.leave = [leaving]
    }
    if (said.get('head_start') !== '') body.green_head_start_seconds = Number(said.get('head_start'))
    return Object.keys(body).length === 0 ? null : body
  }

  function refuse(sentence) {
    const line = hook(dialog, 'try-refusal')
    line.hidden = sentence === ''
    say(line, sentence)
  }

  function renderCame() {
    hook(dialog, 'try-came').hidden = came === null
    if (came === null) return
    const names = came.opened.map((id) => t.named(now().windows.find((desk) => desk.id === id).label))
    const opened = hook(dialog, 'try-opened')
    opened.hidden = names.length === 0
    say(opened, t('what_if.opened', { windows: names.join(t('what_if.comma')) }))
    hook(dialog, 'try-rows').replaceChildren(...rows(came.before, came.after))
    hook(dialog, 'try-came').scrollIntoView({ block: 'nearest' })
  }

  function rows(before, after) {
    const lines = [
      [t('what_if.ordinary'), waits(before.ordinary), waits(after.ordinary)],
      [t('what_if.green'), waits(before.green), waits(after.green)],
    ]
    // Of the groups only those that notice it.
    before.groups.forEach((group, index) => {
      const [was, would] = [waits(group), waits(after.groups[index])]
      if (was !== would) lines.push([`${group.id} ${t.named(group.name)}`, was, would])
    })
    lines.push(
      [t('what_if.overtaken'), String(before.overtaken), String(after.overtaken)],
      [t('what_if.busy'), percent(before.busy_share), percent(after.busy_share)],
      [t('what_if.spread'), percent(before.spread), percent(after.spread)],
    )
    if (before.unserved + after.unserved > 0) lines.push([t('what_if.unserved'), String(before.unserved), String(after.unserved)])
    return lines.map(([name, was, would]) => {
      const row = el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, was), el('td', {}, would))
      set(row, { 'data-same': was === would })
      return row
    })
  }

  function waits({ people, p50_minutes: half, p90_minutes: most }) {
    if (people === 0) return '–'
    if (half === null) return t('what_if.not_called')
    return t('what_if.waits', { half, most: most === null ? t('what_if.not_called') : t('what_if.short', { minutes: most }) })
  }

  open.addEventListener('click', show)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    play()
  })

  return {
    render() {
      open.disabled = !now().hall.open
      if (dialog.open) renderCame()
    },
  }
}

function withMinutes(body, minutes) {
  return minutes === '' ? body : Object.assign({ minutes: Number(minutes) }, body)
}

function option(value, text) {
  return el('option', { value }, text)
}

function percent(share) {
  return share === null ? '–' : `${Math.round(share * 100)}%`
}
