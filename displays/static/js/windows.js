// The windows: all of them as small tiles, or those that are open with who serves there.

import { el, hook, keep, say, set } from '/static/js/dom.js'
import { placesOf, spokenNumber } from './places.js'
import { turnOf } from './turns.js'

const TILES = 24
const PLATES = 12
const OPEN = ['ready', 'calling', 'serving', 'paused', 'absent']

/** Every window with its number or its state. */
export function windows(here) {
  const create = () =>
    el('li', { class: 'desk' },
      el('span', { class: 'desk__name', 'data-name': true }),
      el('span', { class: 'desk__what', 'data-what': true }))
  return (view) => {
    const places = placesOf(view, here.display)
    const { items } = turnOf(view.windows, TILES, here.clock.now())
    keep(hook(document, 'windows'), items, (desk) => desk.id, create, (row, desk) => {
      const { zone } = places(desk.id)
      set(row, { 'data-state': desk.state, 'data-lit': isLit(here, view, desk), 'data-zone-color': zone && zone.color })
      say(hook(row, 'name'), desk.name)
      say(hook(row, 'what'), whatOf(here, desk))
    })
  }
}

/** The open windows with their name plates, and what they do. */
export function plates(here) {
  const { t } = here
  const create = () =>
    el('li', { class: 'card' },
      el('span', { class: 'card__name', 'data-name': true }),
      el('span', { class: 'card__what', 'data-what': true }),
      el('span', { class: 'card__staff', 'data-staff': true }),
      el('span', { class: 'card__clerk', 'data-plate': true }),
      el('span', { class: 'card__trainee', 'data-trainee': true }),
      el('span', { class: 'card__does', 'data-does': true }))
  return (view) => {
    const places = placesOf(view, here.display)
    const names = new Map(view.groups.map((group) => [group.id, t.named(group.name)]))
    const open = view.windows.filter((desk) => OPEN.includes(desk.state))
    const { items, sign } = turnOf(open, PLATES, here.clock.now())
    say(hook(document, 'plates-page'), sign)
    hook(document, 'plates-none').hidden = open.length > 0
    const list = set(hook(document, 'plates'), { 'data-many': items.length > 8, 'data-few': items.length <= 4 })
    keep(list, items, (desk) => desk.id, create, (card, desk) => {
      const { zone } = places(desk.id)
      set(card, { 'data-state': desk.state, 'data-lit': isLit(here, view, desk), 'data-zone-color': zone && zone.color })
      say(hook(card, 'name'), spokenNumber(desk.name))
      say(hook(card, 'what'), whatOf(here, desk))
      say(hook(card, 'plate'), desk.clerk === null ? '' : desk.clerk.name)
      say(hook(card, 'staff'), desk.clerk === null ? '' : t('window.staff_no', { number: desk.clerk.staff_no }))
      say(hook(card, 'trainee'), traineeOf(desk.clerk, t))
      say(hook(card, 'does'), desk.groups.map((id) => names.get(id)).filter(Boolean).join(t.language === 'zh' ? '、' : ', '))
    })
  }
}

/** Whether the clerk is a trainee, and with whom. */
export function traineeOf(clerk, t) {
  if (clerk === null || !clerk.trainee) return ''
  return clerk.mentor ? t('plates.mentor', { mentor: clerk.mentor }) : t('plates.trainee')
}

function isLit(here, view, desk) {
  if (desk.state !== 'calling') return false
  const known = view.calls.concat(here.rows.shown(), here.rows.waiting())
  return known.some((call) => call.window === desk.id && call.number === desk.number && here.rows.isLit(call))
}

function whatOf({ t, clock }, desk) {
  if (desk.number) return desk.number
  if (desk.state === 'paused' && desk.paused_until) {
    return t('state.paused_until', { time: clock.time(desk.paused_until, t.language) })
  }
  return t(`state.${desk.state}`)
}
