// Every window: what it does and since when, whom it serves, and how busy it was today.

import { el, hook, keep, say, set } from '/static/js/dom.js'
import { reasonWord } from './reasons.js'

export function desks({ t, clock, open }) {
  let view = null

  function render(next) {
    view = next
    keep(hook(document, 'windows'), view.windows, (desk) => desk.id, newDesk, update)
  }

  function newDesk(desk) {
    const pair = (first, second) => el('span', { class: 'desk__pair' },
      el('span', { class: `desk__${first}`, [`data-${first}`]: true }), el('span', { class: `desk__${second}`, [`data-${second}`]: true }))
    const line = (name) => el('span', { class: `desk__${name}`, [`data-${name}`]: true })
    const button = el('button', { class: 'button desk', type: 'button' },
      pair('name', 'state'), pair('number', 'minutes'), line('clerk'), line('note'), line('over'),
      el('progress', { class: 'desk__bar', max: '1', 'aria-hidden': 'true', 'data-bar': true }),
      pair('busy', 'served'))
    button.addEventListener('click', () => open(desk.id))
    return el('li', {}, button)
  }

  function update(row, desk) {
    const button = set(row.firstChild, { 'data-state': desk.state })
    say(hook(button, 'name'), t.named(desk.label))
    say(button.querySelector('.desk__state'), t(`state.${desk.state}`))
    say(hook(button, 'number'), desk.number || '')
    say(hook(button, 'clerk'), desk.clerk ? `${desk.clerk.name} · ${desk.serves.join(' ')}` : `${t('overview.no_clerk')} · ${desk.groups.join(' ')}`)
    say(hook(button, 'note'), noteOf(desk))
    say(button.querySelector('.desk__over'), t('overview.over'))
    const share = desk.busy_share
    hook(button, 'bar').hidden = share === null
    if (share !== null) hook(button, 'bar').value = share
    hook(button, 'busy').parentNode.hidden = share === null && desk.served === 0
    say(hook(button, 'busy'), share === null ? t('overview.busy_unknown') : t('overview.busy', { percent: Math.round(share * 100) }))
    say(hook(button, 'served'), t('overview.window_served', { count: desk.served }))
    tickOne(button, desk)
  }

  function noteOf(desk) {
    const notes = []
    if (desk.pause !== null) notes.push(reasonWord(t, desk.pause))
    if (desk.paused_until !== null) notes.push(t('overview.until', { time: clock.time(desk.paused_until, t.language) }))
    if (desk.held > 0) notes.push(t('overview.held', { count: desk.held }))
    if (desk.regroup_at !== null) {
      notes.push(t('overview.planned', { time: clock.time(desk.regroup_at, t.language), groups: desk.next_groups.join(' ') }))
    }
    return notes.join(' · ')
  }

  function tick() {
    if (view === null) return
    view.windows.forEach((desk) => {
      const row = document.querySelector(`[data-windows] [data-key="${desk.id}"]`)
      if (row !== null) tickOne(row.firstChild, desk)
    })
  }

  function tickOne(button, desk) {
    const [word, over] = minutesOf(desk)
    say(hook(button, 'minutes'), word)
    set(button, { 'data-over': over })
    button.querySelector('.desk__over').hidden = !over
  }

  // The clock of a service is that of its matters' targets; everything else counts since it became so.
  function minutesOf(desk) {
    const { ticket } = desk
    if (ticket !== null && ticket.serving_since !== null) {
      const minutes = Math.floor((ticket.service_seconds + clock.secondsSince(ticket.serving_since)) / 60)
      const target = ticket.target_minutes
      const over = target !== null && minutes >= target
      return [target === null ? t('overview.for', { minutes }) : t('overview.of_target', { minutes, target }), over]
    }
    if (ticket !== null && ticket.called_at !== null) return [forMinutes(ticket.called_at), false]
    if (desk.state === 'closed' || desk.since === null) return ['', false]
    const overdue = desk.paused_until !== null && clock.secondsSince(desk.paused_until) > 0
    return [forMinutes(desk.since), overdue]
  }

  function forMinutes(at) {
    return t('overview.for', { minutes: Math.floor(clock.secondsSince(at) / 60) })
  }

  return { render, tick }
}
