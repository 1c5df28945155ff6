// What happened to a ticket so far, as sentences with times.

import { el, keep, say } from '/static/js/dom.js'
import { reasonWord } from './reasons.js'

/**
 * Tells the story of whatever ticket is on the desk. It is asked for anew only when something has happened
 * to that ticket; what cannot be read just now stays as it was.
 *
 * @param {HTMLElement} list
 * @param {string} hallUrl
 */
export function storyteller(list, hallUrl, t, clock) {
  let told = null // Which ticket, in which situation, the lines are about.
  let lines = []

  function render() {
    const create = () => el('li', {}, el('time', { 'data-at': true }), el('span', { 'data-sentence': true }))
    keep(list, lines, (line) => line.seq, create, (row, line) => {
      say(row.querySelector('[data-at]'), clock.time(line.at, t.language))
      say(row.querySelector('[data-sentence]'), sentence(line, t, clock))
    })
  }

  return {
    render,

    async about(ticket) {
      const situation = ticket && situationOf(ticket)
      if (situation === told) return
      if (ticket === null || told === null || !told.startsWith(`${ticket.id} `)) {
        lines = []
        render()
      }
      told = situation
      if (ticket === null) return
      const url = `${hallUrl}/tickets/${ticket.id}/history`
      const answer = await fetch(url, { headers: { Accept: 'application/json' } }).catch(() => null)
      if (told !== situation) return // Another one is on the desk by now.
      if (answer === null || !answer.ok) {
        told = null // The next view asks again.
        return
      }
      lines = (await answer.json()).history
      render()
      list.scrollTop = list.scrollHeight
    },
  }
}

function situationOf(ticket) {
  const { id, state, recalls, acknowledged, priority_class: group, proof_seen: seen, hold_seconds: held, hops } = ticket
  return [id, state, recalls, acknowledged, group, seen, held, hops].join(' ')
}

function sentence(line, t, clock) {
  return t(`story.${kindOf(line)}`, {
    who: doerOf(line, t),
    window: line.window || '',
    how: line.channel ? t(`channel.${line.channel}`) : '',
    group: line.group ? t.named(line.group.name) : '',
    rule: line.rule ? t(`rule.${line.rule}`) : '',
    reason: reasonWord(t, line.reason),
    time: line.until ? clock.time(line.until, t.language) : '',
    class: line.priority_class ? t(`class.${line.priority_class}`) : '',
  })
}

// The same thing happens in more ways than one: a class is granted or taken away, with or without a proof.
function kindOf(line) {
  if (line.what === 'issued' && line.priority_class) return 'issued_green'
  if (line.what === 'called' && line.reason) return 'picked'
  if (line.what === 'completed' && line.reason) return 'completed_late'
  if (line.what === 'class_changed' && !line.priority_class) return 'class_removed'
  if (line.what === 'class_changed' && line.proof_seen) return 'class_proved'
  return line.what
}

function doerOf(line, t) {
  const { role, name } = line.by
  if (role === 'clerk' && line.window) return t('story.by_clerk', { window: line.window, name: name || '' }).trim()
  return t.has(`story.by_${role}`) ? t(`story.by_${role}`, { name: name || '' }).trim() : name || role
}
