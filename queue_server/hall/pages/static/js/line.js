// Who waits for this window, who is on hold here, and why the next one is next.

import { minutesAndSeconds } from '/static/js/clock.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { reasonWord } from './reasons.js'

const ROWS_MAX = 6 // As many as fit beside the desk without scrolling; people on hold take their rows.
const ROWS_MIN = 2

export function renderLine(view, isNextOnDesk, t) {
  const { waiting, next } = view
  const others = waiting.next.filter((person) => next === null || person.id !== next.id)
  say(hook(document, 'waiting-total'), String(waiting.total))
  hook(document, 'waiting-none').hidden = waiting.total > 0
  say(hook(document, 'share'), sharing(view, t))
  hook(document, 'share').hidden = sharing(view, t) === ''
  hook(document, 'next').hidden = next === null || isNextOnDesk
  if (next !== null) renderNext(view, t)
  const create = () =>
    el('li', { class: 'person' },
      el('strong', { 'data-number': true }),
      el('span', { class: 'person__mark', 'data-mark': true }),
      el('span', { class: 'person__wait', 'data-wait': true }))
  const rows = Math.max(ROWS_MIN, ROWS_MAX - 2 * view.held.length)
  keep(hook(document, 'waiting'), others.slice(0, rows), (person) => person.id, create, (row, person) => {
    say(hook(row, 'number'), person.number)
    say(hook(row, 'mark'), marksOf(person, t))
    say(hook(row, 'wait'), waitOf(person, t))
  })
}

/** For what the clerk is not certified any more, whom this window helps, or whose turn it is when nobody waits: work is shared by time. */
export function sharing({ ended_certificates: ended, helping, turn, window: own }, t) {
  const gone = ended.map((each) => t('clerk.certificate_of', { what: t.named(each.name), day: each.ended_on }))
  const missing = gone.length ? [t('clerk.certificates_ended', { what: gone.join(t.language === 'zh' ? '、' : ', ') })] : []
  const minutes = (seconds) => Math.round(seconds / 60)
  const helps = helping.map((each) =>
    t(each.wait_seconds === null ? 'clerk.helping_alone' : 'clerk.helping', {
      group: t.named(each.name), wait: minutes(each.wait_seconds), target: minutes(each.target_seconds),
    }))
  const turns = turn === null ? [] : [t(turn.id === own.id ? 'clerk.turn_mine' : 'clerk.turn_other', { window: t.named(turn.label) })]
  return missing.concat(helps, turns).join(' ')
}

function renderNext(view, t) {
  say(hook(document, 'next-number'), view.next.number)
  say(hook(document, 'next-facts'), factsOfNext(view, t))
  say(hook(document, 'next-why'), whyNext(view.next, t))
}

/** What is known of the next one: how long they have waited, what they need, what they come for. */
export function factsOfNext(view, t) {
  const { next, waiting } = view
  const person = waiting.next.find((one) => one.id === next.id) // Not there when it is back from a hold.
  const facts = person ? [t('clerk.waited', { minutes: minutesOf(person) }), marksOf(person, t)] : []
  return facts.concat(next.matters.map(t.named)).filter(Boolean).join(' · ')
}

/** Why this one is next, in a sentence. */
export function whyNext(next, t) {
  return t(`why.${next.rule}`)
}

/** How long somebody has waited. */
export function waitOf(person, t) {
  return t('clerk.waits', { minutes: minutesOf(person) })
}

function minutesOf(person) {
  return Math.floor(person.wait_seconds / 60)
}

/** Class, needs and what has already happened to somebody who waits. */
export function marksOf(person, t) {
  const marks = person.priority_class ? [t(`class.${person.priority_class}`)] : []
  person.needs.forEach((need) => marks.push(t(`need.${need}`)))
  if (person.language !== 'zh') marks.push(t('clerk.speaks_english'))
  if (person.transferred) marks.push(t('clerk.transferred'))
  if (person.returned) marks.push(t('clerk.returned'))
  return marks.join(' · ')
}

/**
 * @param {object[]} held
 * @param {{resume: Function, handOver: Function}} hands
 */
export function renderHeld(held, hands, t, clock) {
  hook(document, 'held-section').hidden = held.length === 0
  const create = () => {
    const resume = deedButton('resume')
    const handOver = deedButton('hand-over')
    const row = el('li', { class: 'person person--held' },
      el('strong', { 'data-number': true }),
      el('span', { class: 'person__mark', 'data-mark': true }),
      handOver,
      resume)
    resume.addEventListener('click', () => hands.resume(row.person))
    handOver.addEventListener('click', () => hands.handOver(row.person))
    return row
  }
  keep(hook(document, 'held'), held, (person) => person.id, create, (row, person) => {
    const digit = String(held.indexOf(person) + 1)
    row.person = person
    say(hook(row, 'number'), person.number)
    label(hook(row, 'resume'), t('clerk.resume'), person.number, digit, digit)
    label(hook(row, 'hand-over'), t('clerk.transfer'), person.number, `⇧${digit}`, `Shift+${digit}`)
  })
  tickHeld(t, clock)
}

// A button of a row; whose row it is stands beside it, but is not heard there.
function deedButton(name) {
  return el('button', { class: 'button', type: 'button', [`data-${name}`]: true },
    el('span', { 'data-word': true }), ' ',
    el('span', { class: 'unseen', 'data-whose': true }),
    el('kbd', { class: 'key', 'aria-hidden': 'true', 'data-key-cap': true }))
}

function label(button, word, whose, cap, shortcut) {
  say(hook(button, 'word'), word)
  say(hook(button, 'whose'), whose)
  say(hook(button, 'key-cap'), cap)
  set(button, { 'aria-keyshortcuts': shortcut })
}

/** How long those on hold still have. */
export function tickHeld(t, clock) {
  document.querySelectorAll('.person--held').forEach((row) => {
    const { person } = row
    const left = person.until ? clock.secondsUntil(person.until) : 0
    const word = person.back ? t('clerk.held_back') : t('clerk.held_left', { left: minutesAndSeconds(left) })
    say(hook(row, 'mark'), `${reasonWord(t, person.reason)} · ${word}`)
    set(row, { 'data-back': person.back })
  })
}

export function renderGroups(groups, t) {
  const create = () => el('li', {}, el('span', { 'data-name': true }), el('strong', { 'data-count': true }))
  keep(hook(document, 'groups'), groups, (group) => group.id, create, (row, group) => {
    say(hook(row, 'name'), `${group.id} ${t.named(group.name)}`)
    say(hook(row, 'count'), String(group.waiting))
  })
}

/** The clerk's own day, at whatever windows and however often they signed in; `null` is somebody else's. */
export function renderToday(today, t) {
  const figures = today === null ? {} : figuresOf(today, t)
  document.querySelectorAll('[data-figure]').forEach((node) => say(node, figures[node.dataset.figure] || '–'))
}

function figuresOf(today, t) {
  const time = (seconds) => seconds !== null && minutesAndSeconds(seconds)
  const share = today.targeted && Math.round((today.over_target / today.targeted) * 100)
  return {
    served: String(today.served),
    mean_service: time(today.mean_service_seconds),
    mean_wait: time(today.mean_wait_seconds),
    over_share: today.targeted && t('clerk.percent', { percent: share }),
    longest: time(today.longest_seconds),
  }
}
