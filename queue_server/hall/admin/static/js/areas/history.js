// Every version: who wrote it, when, what it changed; and the way back to it in two presses.

import { el } from '/static/js/dom.js'
import { whatWillChange } from '../review.js'

export function draw(ctx) {
  const place = el('ol', { class: 'versions' })
  load(ctx, place)
  return place
}

async function load(ctx, place) {
  const answer = await ctx.get(`/api/v1/configurations/${ctx.hallId}/versions`)
  if (!answer.ok) {
    ctx.refuse(answer.body)
    return
  }
  place.replaceChildren(...answer.body.versions.map((version, index) => entry(ctx, version, index === 0)))
}

function entry(ctx, version, newest) {
  const { t } = ctx
  const time = new Intl.DateTimeFormat(t.language === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: ctx.draft.base.about.timezone, dateStyle: 'medium', timeStyle: 'short' })
  const back = el('button', { class: 'button', type: 'button', 'aria-label': t('admin.restore_of', { version: version.version }) }, t('admin.restore'))
  back.addEventListener('click', () => restore(ctx, version.version))
  return el(
    'li',
    { class: `version card${newest ? ' version--now' : ''}` },
    el(
      'div',
      { class: 'version__head' },
      el('h2', {}, t('admin.version', { version: version.version })),
      newest ? el('span', { class: 'version__now' }, t('admin.in_force')) : null,
      el('p', { class: 'quiet' }, `${time.format(new Date(version.changed_at))} · ${who(t, version.changed_by)}`),
    ),
    version.note ? el('p', { class: 'version__note' }, version.note) : null,
    version.changes.length ? el('ul', { class: 'version__changes' }, ...version.changes.map((change) => el('li', {}, t.named(change)))) : el('p', { class: 'quiet' }, t(version.first ? 'admin.first_version' : 'admin.nothing_changed')),
    newest ? null : el('div', { class: 'version__acts' }, back),
  )
}

function who(t, by) {
  const [role, id] = by.split(':')
  return id === undefined ? by : `${t.has(`admin.role.${role}`) ? t(`admin.role.${role}`) : role} ${id}`
}

async function restore(ctx, number) {
  const { t, draft } = ctx
  const address = `/api/v1/configurations/${ctx.hallId}`
  const old = await ctx.get(`${address}/versions/${number}`)
  if (!old.ok) {
    ctx.refuse(old.body)
    return
  }
  draft.paper = old.body.configuration
  const looked = await ctx.look()
  draft.paper = JSON.parse(JSON.stringify(draft.base))
  ctx.tell()
  if (looked === null || !looked.ok) {
    ctx.refuse(looked === null ? {} : looked.body)
    return
  }
  const { problems, consequences } = looked.body
  const blocked = problems.length > 0 || consequences.some((each) => each.blocks)
  const yes = await ctx.ask(t('admin.restore_title', { version: number }), whatWillChange(ctx, looked.body, problems), blocked ? null : t('admin.restore_yes'))
  if (!yes) return
  const answer = await ctx.send('POST', `${address}/versions/${number}/restoration`, { version: draft.version })
  if (!answer.ok) {
    ctx.refuse(answer.body)
    return
  }
  draft.settle(answer.body)
  ctx.done(t('admin.restored', { version: number, newest: answer.body.version }))
  ctx.redraw()
}
