// The matters: where each is done, how long it takes, whether it is open, and what people call it.
// They are saved one by one, and count at once.

import { el } from '/static/js/dom.js'
import { newId, showFaults } from '../fields.js'

let all = null
let query = ''
let code = null
let edited = null // What was changed of the chosen one and is not saved.

export function draw(ctx) {
  edited = null
  ctx.isUnsaved = () => edited !== null
  const place = el('div', { class: 'split', 'data-matters': '' })
  if (all === null) load(ctx, place)
  else show(ctx, place)
  return place
}

async function load(ctx, place) {
  const answer = await ctx.get(`/api/v1/halls/${ctx.hallId}/directory`)
  if (!answer.ok) {
    ctx.refuse(answer.body)
    return
  }
  all = answer.body.matters
  code = all.length ? all[0].code : null
  show(ctx, place)
}

function show(ctx, place) {
  const { t } = ctx
  const search = el('input', { type: 'search', id: newId(), value: query, autocomplete: 'off', spellcheck: 'false' })
  const rows = el('ul', { class: 'rows rows--long' })
  const fill = () => rows.replaceChildren(...all.filter(fits).map((matter) => row(ctx, place, matter)))
  search.addEventListener('input', () => {
    query = search.value.trim().toLowerCase()
    fill()
  })
  fill()
  const chosen = all.find((matter) => matter.code === code)
  place.replaceChildren(
    el('div', { class: 'master' }, el('div', { class: 'field' }, el('label', { for: search.id }, t('admin.matter_search')), search), all.length ? rows : el('p', { class: 'quiet' }, t('admin.matters_none'))),
    chosen === undefined ? '' : editor(ctx, place, chosen),
  )
}

function fits(matter) {
  const words = [matter.code, matter.name.zh, matter.name.en, matter.department.zh, matter.department.en, matter.group || ''].concat(matter.synonyms)
  return words.some((word) => word.toLowerCase().includes(query))
}

function row(ctx, place, matter) {
  const { t } = ctx
  const state = [matter.lost ? t('admin.matter_lost') : matter.group || t('admin.general_group'), t('admin.minutes_of', { minutes: matter.target_minutes })]
  if (!matter.active) state.push(t('admin.matter_closed'))
  const button = el('button', { class: 'row', type: 'button', 'aria-current': matter.code === code ? 'true' : null }, el('span', { class: 'row__id' }, matter.code), el('span', { class: 'row__words' }, el('strong', {}, t.named(matter.name)), el('small', {}, state.join(' · '))))
  button.addEventListener('click', async () => {
    if (edited !== null && !(await ctx.ask(t('admin.discard_title'), [el('p', {}, t('admin.discard_how'))], t('admin.discard')))) return
    edited = null
    code = matter.code
    show(ctx, place)
    place.querySelector('.row[aria-current]').focus()
  })
  return el('li', {}, button)
}

function editor(ctx, place, matter) {
  const { t, draft } = ctx
  const groups = [{ id: '', name: { zh: t('admin.general_group'), en: t('admin.general_group') } }, ...draft.base.groups]
  const group = el('select', { id: newId() }, ...groups.map((each) => el('option', { value: each.id, selected: each.id === (matter.group || '') }, `${each.id} ${t.named(each.name)}`.trim())))
  const minutes = el('input', { id: newId(), type: 'number', min: 1, max: 480, step: 1, value: String(matter.target_minutes) })
  const active = el('input', { id: newId(), type: 'checkbox', checked: matter.active })
  const synonyms = el('textarea', { id: newId(), rows: 6, spellcheck: 'false' }, matter.synonyms.join('\n'))
  const save = el('button', { class: 'button button--first', disabled: edited === null }, t('admin.save_matter'))
  const form = el(
    'form',
    { class: 'editor card', novalidate: true },
    el('h2', { class: 'editor__title' }, `${matter.code} ${t.named(matter.name)}`),
    el('p', { class: 'quiet' }, t.named(matter.department)),
    matter.lost ? el('p', { class: 'live' }, t('admin.matter_lost_how', { group: matter.group })) : null,
    el(
      'div',
      { class: 'fields' },
      labelled('group', t('admin.matter_group'), group, t('admin.matter_group_hint')),
      labelled('target_minutes', t('admin.target'), minutes, t('admin.target_hint')),
      el('div', { class: 'field field--tick', 'data-where': 'active' }, el('label', { for: active.id }, active, el('span', {}, t('admin.matter_active'))), el('p', { class: 'field__hint' }, t('admin.matter_active_hint'))),
      labelled('synonyms', t('admin.synonyms'), synonyms, t('admin.synonyms_hint')),
    ),
    el('div', { class: 'ends' }, save),
  )
  form.addEventListener('input', () => {
    edited = matter.code
    save.disabled = false
  })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    save.disabled = true
    const body = {
      group: group.value || null,
      target_minutes: Number.isInteger(minutes.valueAsNumber) ? minutes.valueAsNumber : minutes.value,
      active: active.checked,
      synonyms: synonyms.value.split('\n').map((line) => line.trim()).filter((line) => line !== ''),
    }
    const answer = await ctx.send('PUT', `/api/v1/halls/${ctx.hallId}/directory/${encodeURIComponent(matter.code)}`, body)
    if (answer.ok) {
      all = all.map((each) => (each.code === matter.code ? answer.body : each))
      edited = null
      show(ctx, place)
      ctx.done(t('admin.matter_saved', { code: matter.code }))
      return
    }
    save.disabled = false
    const faults = (answer.body.errors || []).map((each) => ({ ...each, where: each.where.replace(/^body\./, '') }))
    if (showFaults(form, faults, t).length || faults.length === 0) ctx.refuse(answer.body)
  })
  return form
}

function labelled(where, label, control, hint) {
  control.setAttribute('aria-describedby', `${control.id}-hint ${control.id}-problem`)
  return el('div', { class: 'field', 'data-where': where }, el('label', { for: control.id }, label), control, el('p', { class: 'field__hint', id: `${control.id}-hint` }, hint), el('p', { class: 'field__problem', id: `${control.id}-problem`, hidden: true }))
}
