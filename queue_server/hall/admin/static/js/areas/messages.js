// What citizens were told on their phones: by which channel, what came of it, and what it cost. Nothing is changed
// here, and no phone is shown.

import { el } from '/static/js/dom.js'

const NOT_SENT = ['fallback', 'suppressed', 'abandoned']
const ARRIVED = ['sent', 'delivered']

export function draw(ctx) {
  const place = el('div', { class: 'messages' })
  load(ctx, place, null)
  return place
}

async function load(ctx, place, before) {
  const { t } = ctx
  const answer = await ctx.get(`/api/v1/halls/${ctx.hallId}/messages${before === null ? '' : `?before=${before}`}`)
  if (!answer.ok) {
    ctx.refuse(answer.body)
    return
  }
  const { messages, totals } = answer.body
  if (before === null) {
    place.replaceChildren(sums(ctx, totals))
    place.append(messages.length ? table(ctx) : el('p', { class: 'none' }, t('admin.messages.none')))
  }
  const rows = place.querySelector('tbody')
  if (rows !== null) rows.append(...messages.map((message) => row(ctx, message)))
  if (answer.body.before !== null) place.append(more(ctx, place, answer.body.before))
}

/** The last day by channel: how many arrived, are on their way, or did not arrive; and the money. */
function sums(ctx, totals) {
  const { t } = ctx
  const channels = [...new Set(totals.map((each) => each.channel))]
  const count = (channel, wanted) => totals.filter((each) => each.channel === channel && wanted(each.state)).reduce((sum, each) => sum + each.messages, 0)
  const cards = channels.map((channel) => {
    const cost = totals.filter((each) => each.channel === channel).reduce((sum, each) => sum + each.cost, 0)
    const line = (key, number) => el('div', {}, el('dt', {}, t(key)), el('dd', {}, String(number)))
    return el(
      'section',
      { class: 'card messages__sum' },
      el('h2', {}, channelName(t, channel)),
      el(
        'dl',
        {},
        line('admin.messages.arrived', count(channel, (state) => ARRIVED.includes(state))),
        line('admin.messages.waiting', count(channel, (state) => !ARRIVED.includes(state) && !NOT_SENT.includes(state))),
        line('admin.messages.not_sent', count(channel, (state) => NOT_SENT.includes(state))),
        line('admin.messages.cost', money(t, cost)),
      ),
    )
  })
  return el('div', { class: 'messages__sums' }, ...cards)
}

function table(ctx) {
  const { t } = ctx
  const heads = ['time', 'number', 'text', 'channel', 'state', 'cost'].map((key) => el('th', { scope: 'col' }, t(`admin.messages.${key}`)))
  return el(
    'div',
    { class: 'card messages__list', tabindex: '0', role: 'region', 'aria-label': t('admin.area.messages') },
    el('table', {}, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {})),
  )
}

function row(ctx, message) {
  const { t } = ctx
  const zone = { timeZone: ctx.draft.base.about.timezone, month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' }
  const time = new Intl.DateTimeFormat(t.language === 'zh' ? 'zh-CN' : 'en-GB', zone)
  const why = message.reason ? el('small', {}, reason(t, message.reason)) : null
  const wrong = message.state === 'abandoned' // Everything else is the ordinary way of a ladder.
  return el(
    'tr',
    {},
    el('td', { class: 'messages__time' }, time.format(new Date(message.put_at))),
    el('th', { scope: 'row' }, message.number),
    el('td', { class: 'messages__text' }, message.text || t('admin.messages.guide_asked')),
    el('td', {}, channelName(t, message.channel), message.provider && message.provider !== message.channel ? el('small', {}, message.provider) : null),
    el('td', {}, el('span', { class: `messages__state${wrong ? ' messages__state--wrong' : ''}` }, t(`admin.messages.state.${message.state}`)), why),
    el('td', { class: 'messages__money' }, message.cost ? money(t, message.cost) : '–'),
  )
}

function more(ctx, place, before) {
  const button = el('button', { class: 'button', type: 'button' }, ctx.t('admin.messages.older'))
  button.addEventListener('click', () => {
    button.remove()
    load(ctx, place, before)
  })
  return button
}

function channelName(t, channel) {
  return t.has(`admin.messages.by.${channel}`) ? t(`admin.messages.by.${channel}`) : channel
}

/** In words where we have any; else the provider's own code, which its manual explains. */
function reason(t, code) {
  const word = code.split(':')[0]
  return t.has(`admin.messages.why.${word}`) ? t(`admin.messages.why.${word}`) : code
}

function money(t, amount) {
  return new Intl.NumberFormat(t.language === 'zh' ? 'zh-CN' : 'en-GB', { style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol', minimumFractionDigits: 2, maximumFractionDigits: 3 }).format(amount)
}
