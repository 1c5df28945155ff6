// Who works here, what each is trained for, and until when they are certified. Accounts are saved one by one, and count at once.

import { el } from '/static/js/dom.js'
import { newId, showFaults } from '../fields.js'
import { dayIn, kept, lastDay, matterDays, soonest } from './certificates.js'

const ROLES = ['clerk', 'guide', 'reviewer', 'agent', 'manager', 'admin']
const LEVELS = ['primary', 'secondary', 'emergency']
const NEW = {}

let all = null
let departments = [] // Whose matters the hall offers, by their Chinese names: accounts are bound to those.
let matters = []
let today = '' // In the hall, as 2026-11-25: days left are counted from it.
let query = ''
let chosen = null
let edited = false

export function draw(ctx) {
  edited = false
  ctx.isUnsaved = () => edited
  const place = el('div', { class: 'split' })
  if (all === null) load(ctx, place)
  else show(ctx, place)
  return place
}

async function load(ctx, place) {
  const answers = await Promise.all([`/api/v1/accounts?hall=${encodeURIComponent(ctx.hallId)}`, `/api/v1/halls/${ctx.hallId}/directory`, `/api/v1/halls/${ctx.hallId}`].map(ctx.get))
  const refused = answers.find((answer) => !answer.ok)
  if (refused) {
    ctx.refuse(refused.body)
    return
  }
  const offered = await ctx.get(`/api/v1/halls/${ctx.hallId}/matters`)
  const [people, directory, hall] = answers.map((answer) => answer.body)
  all = people.accounts
  matters = directory.matters
  if (offered.ok) departments = Array.from(new Set(offered.body.matters.map((matter) => matter.department.zh)))
  today = dayIn(ctx.draft.base.about.timezone, hall.as_of)
  chosen = all[0] || null
  show(ctx, place)
}

function show(ctx, place) {
  const { t } = ctx
  const search = el('input', { type: 'search', id: newId(), value: query, autocomplete: 'off', spellcheck: 'false' })
  const rows = el('ul', { class: 'rows rows--long rows--wide' })
  const fill = () => rows.replaceChildren(...all.filter(fits).map((account) => row(ctx, place, account)))
  search.addEventListener('input', () => {
    query = search.value.trim().toLowerCase()
    fill()
  })
  fill()
  const add = el('button', { class: 'button', type: 'button', 'data-add': 'accounts' }, t('admin.add_person'))
  add.addEventListener('click', () => choose(ctx, place, NEW))
  place.replaceChildren(
    el('div', { class: 'master' }, el('div', { class: 'field' }, el('label', { for: search.id }, t('admin.person_search')), search), rows, el('div', { class: 'master__acts' }, add)),
    chosen === null ? '' : editor(ctx, place, chosen === NEW ? null : chosen),
  )
}

function fits(account) {
  return [account.login, account.display_name, account.staff_no, account.role].some((word) => word.toLowerCase().includes(query))
}

function row(ctx, place, account) {
  const { t } = ctx
  const words = [t(`admin.role.${account.role}`)]
  if (account.mentor !== null) words.push(t('admin.trainee_of', { mentor: account.mentor }))
  const groups = Object.keys(account.skills)
  if (groups.length) words.push(groups.join(t('admin.comma')))
  if (account.disabled) words.push(t('admin.disabled'))
  const button = el('button', { class: 'row', type: 'button', 'aria-current': account === chosen ? 'true' : null }, el('span', { class: 'row__id' }, account.login), el('span', { class: 'row__words' }, el('strong', {}, account.display_name), el('small', {}, words.join(' · '))), soonest(account, today, t))
  button.addEventListener('click', () => choose(ctx, place, account))
  return el('li', {}, button)
}

async function choose(ctx, place, account) {
  const { t } = ctx
  if (edited && !(await ctx.ask(t('admin.discard_title'), [el('p', {}, t('admin.discard_how'))], t('admin.discard')))) return
  edited = false
  chosen = account
  show(ctx, place)
  const focus = place.querySelector(account === NEW ? '.editor input' : '.row[aria-current]')
  if (focus !== null) focus.focus()
}

function editor(ctx, place, account) {
  const { t, draft, me } = ctx
  const now = account || { login: '', display_name: '', staff_no: '', role: 'clerk', hall: ctx.hallId, mentor: null, disabled: false, department: null, skills: {}, certificates: {}, matter_certificates: {} }
  const roles = ROLES.filter((role) => me.role === 'admin' || ['clerk', 'guide', 'reviewer', 'agent', now.role].includes(role))
  const login = input(now.login, { maxlength: 40, lang: 'en' })
  const name = input(now.display_name, { maxlength: 200 })
  const number = input(now.staff_no, { maxlength: 20 })
  const role = el('select', { id: newId() }, ...roles.map((each) => el('option', { value: each, selected: each === now.role }, t(`admin.role.${each}`))))
  const mentors = all.filter((each) => each !== account && each.role === 'clerk' && each.mentor === null)
  const mentor = el('select', { id: newId() }, el('option', { value: '' }, t('admin.no_mentor')), ...mentors.map((each) => el('option', { value: each.id, selected: each.id === now.mentor }, `${each.display_name} ${each.staff_no}`)))
  const known = Array.from(new Set(departments.concat(now.department || [])))
  const department = el('select', { id: newId() }, el('option', { value: '' }, t('admin.no_department')), ...known.map((each) => el('option', { value: each, selected: each === now.department }, each)))
  const disabled = el('input', { type: 'checkbox', id: newId(), checked: now.disabled })
  const skills = draft.base.groups.map((group) => {
    const select = el('select', { id: newId() }, el('option', { value: '' }, t('admin.level.none')), ...LEVELS.map((level) => el('option', { value: level, selected: now.skills[group.id] === level }, t(`admin.level.${level}`))))
    const last = lastDay(t('admin.certificate_of', { what: `${group.id} ${t.named(group.name)}` }), now.certificates[group.id], today, t)
    const showLast = () => {
      last.input.disabled = select.value === ''
    }
    select.addEventListener('input', showLast)
    showLast()
    return { group, select, last }
  })
  const ofMatters = matterDays(now.matter_certificates, matters, today, t)
  const save = el('button', { class: 'button button--first', disabled: account !== null && !edited }, t(account === null ? 'admin.create_person' : 'admin.save_person'))
  const reset = el('button', { class: 'button', type: 'button' }, t('admin.reset_password'))
  const form = el(
    'form',
    { class: 'editor card', novalidate: true },
    el('h2', { class: 'editor__title' }, account === null ? t('admin.new_person') : `${now.login} ${now.display_name}`),
    el(
      'div',
      { class: 'fields' },
      el('div', { class: 'fields__pair' }, labelled('login', t('admin.login'), login, t('admin.login_hint')), labelled('staff_no', t('admin.staff_no'), number, t('admin.staff_no_hint'))),
      labelled('display_name', t('admin.display_name'), name, t('admin.display_name_hint')),
      el('div', { class: 'fields__pair' }, labelled('role', t('admin.role'), role, t('admin.role_hint')), labelled('mentor', t('admin.mentor'), mentor, t('admin.mentor_hint'))),
      labelled('department', t('admin.department'), department, t('admin.department_hint')),
      el('fieldset', { class: 'field skills', 'data-where': 'skills' }, el('legend', {}, t('admin.skills')), el('p', { class: 'field__hint' }, t('admin.skills_hint')), el('div', { class: 'skills__one skills__head', 'aria-hidden': 'true' }, el('span', {}, t('admin.skill_group')), el('span', {}, t('admin.skill_level')), el('span', {}, t('admin.last_day'))), ...skills.map(({ group, select, last }) => el('div', { class: 'skills__one' }, el('label', { for: select.id }, `${group.id} ${t.named(group.name)}`), select, last.input, last.after)), el('p', { class: 'field__problem', hidden: true })),
      ofMatters.body,
      account === null ? null : el('div', { class: 'field field--tick', 'data-where': 'disabled' }, el('label', { for: disabled.id }, disabled, el('span', {}, t('admin.disable'))), el('p', { class: 'field__hint' }, t('admin.disable_hint'))),
    ),
    el('div', { class: 'ends' }, account === null ? null : reset, save),
  )
  form.addEventListener('input', () => {
    edited = true
    save.disabled = false
  })
  reset.addEventListener('click', async () => {
    if (!(await ctx.ask(t('admin.reset_password'), [el('p', {}, t('admin.reset_how', { name: now.display_name }))], t('admin.reset_password')))) return
    const answer = await ctx.send('POST', `/api/v1/accounts/${encodeURIComponent(account.id)}/password`, null)
    if (answer.ok) await tellPassword(ctx, answer.body)
    else ctx.refuse(answer.body)
  })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    const body = {
      login: login.value.trim(),
      display_name: name.value.trim(),
      staff_no: number.value.trim(),
      role: role.value,
      hall: now.hall,
      mentor: mentor.value || null,
      disabled: disabled.checked,
      department: department.value || null,
      skills: skills.reduce((known, { group, select }) => (select.value ? { ...known, [group.id]: select.value } : known), {}),
      certificates: kept(skills.filter(({ select }) => select.value).map(({ group, last }) => [group.id, last])),
      matter_certificates: ofMatters.value(),
    }
    save.disabled = true
    const url = account === null ? '/api/v1/accounts' : `/api/v1/accounts/${encodeURIComponent(account.id)}`
    const answer = await ctx.send(account === null ? 'POST' : 'PUT', url, body)
    if (!answer.ok) {
      save.disabled = false
      const faults = (answer.body.errors || []).map((each) => ({ ...each, where: each.where.replace(/^body\./, '') }))
      if (showFaults(form, faults, t).length || faults.length === 0) ctx.refuse(answer.body)
      return
    }
    edited = false
    const saved = account === null ? answer.body.account : answer.body
    all = account === null ? all.concat(saved) : all.map((each) => (each === account ? saved : each))
    chosen = saved
    show(ctx, place)
    if (account === null) await tellPassword(ctx, answer.body)
    else ctx.done(t('admin.person_saved', { name: saved.display_name }))
  })
  return form
}

/** The one time a password is shown. */
function tellPassword(ctx, { account, password }) {
  const { t } = ctx
  return ctx.ask(t('admin.password_of', { name: account.display_name }), [el('p', {}, t('admin.password_how', { login: account.login })), el('p', { class: 'password' }, el('code', {}, password))], null)
}

function input(value, more) {
  return el('input', { type: 'text', id: newId(), value, autocomplete: 'off', spellcheck: 'false', ...more })
}

function labelled(where, label, control, hint) {
  control.setAttribute('aria-describedby', `${control.id}-hint ${control.id}-problem`)
  return el('div', { class: 'field', 'data-where': where }, el('label', { for: control.id }, label), control, el('p', { class: 'field__hint', id: `${control.id}-hint` }, hint), el('p', { class: 'field__problem', id: `${control.id}-problem`, hidden: true }))
}
