// Coming later: what letting people pass would come to is asked of the hall and shown before anybody does it.

import { got } from '/static/js/api.js'
import { el, hook, say } from '/static/js/dom.js'

const PLACES = [3, 5, 10, 20]
const MINUTE_MS = 60000

/**
 * @param {HTMLDialogElement} dialog with the hooks `prices` and `defers-left`
 * @param {object} parts
 * @param {(places: number) => void} parts.choose
 * @returns {(ticket: object) => Promise<void>} opens the dialog
 */
export function comingLater(dialog, { t, clock, url, choose }) {
  return async (ticket) => {
    const list = hook(dialog, 'prices')
    list.replaceChildren(el('p', {}, t('phone.price_waits')))
    say(hook(dialog, 'defers-left'), ticket.defers_left === 1 ? t('phone.defers_last') : t('phone.defers_left', { count: ticket.defers_left }))
    dialog.showModal()
    const most = ticket.rules.defer_places_max
    const wanted = PLACES.filter((places) => places <= most)
    const answers = await Promise.all((wanted.length ? wanted : [most]).map((places) => got(`${url}/deferral?places=${places}`)))
    const prices = different(answers.filter((answer) => answer.ok).map((answer) => answer.body))
    const refusal = answers.find((answer) => !answer.ok)
    if (prices.length > 0) list.replaceChildren(...prices.map(offer))
    else list.replaceChildren(el('p', {}, refusal && refusal.status ? t.problem(refusal.body) : t('problem.offline_look')))
  }

  function offer(price) {
    const button = el('button', { class: 'button price', type: 'button' },
      el('strong', {}, t('phone.price', { places: price.places })),
      el('span', {}, words(price)))
    button.addEventListener('click', () => {
      dialog.close()
      choose(price.places)
    })
    return button
  }

  function words({ ahead, estimate }) {
    if (!estimate) return t('phone.price_ahead', { ahead })
    const at = (minutes) => clock.time(clock.now() + minutes * MINUTE_MS, t.language)
    return t('phone.price_minutes', { ahead, minutes: t.minutes(estimate), from: at(estimate.low_minutes), to: at(estimate.high_minutes) })
  }
}

/** Where fewer people wait behind, letting ten pass and letting twenty pass is the same. */
function different(prices) {
  return prices.filter((price, place) => place === 0 || price.ahead !== prices[place - 1].ahead)
}
