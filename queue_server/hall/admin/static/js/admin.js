// The frame around every area of a hall: loads what is on paper, keeps what is being changed, shows what saving
// would do before it is done, and is kind when somebody else saved meanwhile.

import { deeds } from '/static/js/api.js'
import { el, hook, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { speaker } from '/static/js/texts.js'
import * as devices from './areas/devices.js'
import * as groups from './areas/groups.js'
import * as history from './areas/history.js'
import * as hours from './areas/hours.js'
import * as look from './areas/look.js'
import * as matters from './areas/matters.js'
import * as messages from './areas/messages.js'
import * as notices from './areas/notices.js'
import * as people from './areas/people.js'
import * as plan from './areas/plan.js'
import * as rules from './areas/rules.js'
import * as windows from './areas/windows.js'
import { draftOf } from './draft.js'
import { showFaults } from './fields.js'
import { whatWillChange } from './review.js'

const LOOK_AFTER_MS = 350
const DONE_SHOWN_MS = 6000

const AREAS = { look, plan, groups, windows, matters, people, hours, rules, devices, notices, messages, history }

const page = pageData()
const t = speaker(page.texts, page.language)
const { send } = deeds()
const root = hook(document, 'area')
const ctx = {
  t,
  send,
  hallId: page.hall_id,
  rules: page.rules,
  layouts: page.layouts, // Those that every hall has.
  panels: page.panels,
  draft: null,
  board: null,
  me: null,
  preview: null,
  fresh: new WeakSet(), // What is not saved yet may still change its id.
  isUnsaved: () => false, // Of what an area keeps outside of the draft.
  put,
  changed,
  redraw,
  ask,
  done,
  refuse,
  get,
  look: lookNow,
  tell,
}
let area = page.area
let lookTimer = null
let looks = 0
let faults = []

start()

async function start() {
  const [me, newest, board] = await Promise.all([get('/api/v1/sessions/current'), get(address()), get(`/api/v1/halls/${ctx.hallId}`)])
  if (me.status === 401 || newest.status === 401) {
    location.replace(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
    return
  }
  if (!newest.ok) {
    root.replaceChildren()
    root.setAttribute('aria-busy', 'false')
    refuse(newest.body)
    return
  }
  ctx.me = me.body.account
  ctx.board = board.ok ? board.body : { windows: [], groups: [], hall: { open: false } }
  ctx.draft = draftOf(newest.body)
  say(hook(document, 'who'), ctx.me.display_name)
  drawHead()
  redraw()
  root.setAttribute('aria-busy', 'false')
  if (area === 'hours') lookNow()
  document.querySelectorAll('[data-to]').forEach((link) => link.addEventListener('click', (event) => go(event, link)))
  window.addEventListener('popstate', () => enter(location.pathname.split('/')[3] || Object.keys(AREAS)[0]))
  window.addEventListener('beforeunload', (event) => {
    if (ctx.draft.isChanged() || ctx.isUnsaved()) event.preventDefault()
  })
  hook(document, 'discard').addEventListener('click', discard)
  hook(document, 'review').addEventListener('click', review)
  hook(document, 'save').addEventListener('click', save)
  hook(document, 'review-form').addEventListener('submit', (event) => {
    event.preventDefault()
    save()
  })
  document.querySelectorAll('[data-close]').forEach((button) => button.addEventListener('click', () => button.closest('dialog').close()))
}

function address() {
  return `/api/v1/configurations/${ctx.hallId}`
}

function drawHead() {
  say(hook(document, 'hall-name'), t.named(ctx.draft.base.about.name))
  say(hook(document, 'version'), t('admin.version', { version: ctx.draft.version }))
}

function redraw() {
  const focused = document.activeElement && root.contains(document.activeElement) ? placeOf(document.activeElement) : null
  root.replaceChildren(...[].concat(AREAS[area].draw(ctx)))
  if (focused !== null) focused()
  tell()
}

/** Where the keyboard stands, so that it can stand there again when the page is drawn anew. */
function placeOf(node) {
  const where = node.closest('[data-where], [data-row], [data-keep]')
  if (where === null) return null
  const [name] = ['where', 'row', 'keep'].filter((each) => each in where.dataset)
  const value = where.dataset[name]
  const index = Array.from(where.querySelectorAll('input, select, textarea, button')).indexOf(node)
  return () => {
    const again = Array.from(root.querySelectorAll(`[data-${name}]`)).find((each) => each.dataset[name] === value)
    const control = again && again.querySelectorAll('input, select, textarea, button')[index]
    if (control) control.focus()
  }
}

// ── From one area to another ─────────────────────────────────────────────────────────────────────

/** Goes to another area with the draft at hand: a group and its window are often changed together. */
async function go(event, link) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  if (ctx.isUnsaved() && !(await ask(t('admin.discard_title'), [el('p', {}, t('admin.discard_how'))], t('admin.discard')))) return
  window.history.pushState(null, '', link.href)
  enter(link.dataset.to)
  hook(document, 'main').focus()
  window.scrollTo(0, 0)
}

function enter(name) {
  area = name
  ctx.isUnsaved = () => false
  document.title = `${t(`admin.area.${name}`)} · ${t('admin.title')}`
  say(hook(document, 'title'), t(`admin.area.${name}`))
  say(hook(document, 'lead'), t(`admin.lead.${name}`))
  document.querySelectorAll('[data-to]').forEach((link) => set(link, { 'aria-current': link.dataset.to === name ? 'page' : null }))
  hook(document, 'refusal').hidden = true
  redraw()
  if (name === 'hours') lookNow()
}

// ── Changing ─────────────────────────────────────────────────────────────────────────────────────

/** Puts a value into the draft; with `drawn`, what depends on it is drawn anew. */
function put(where, value, drawn) {
  ctx.draft.set(where, value)
  changed()
  if (drawn) redraw()
}

function changed() {
  hook(document, 'done').hidden = true
  tell()
  clearTimeout(lookTimer)
  lookTimer = setTimeout(lookNow, LOOK_AFTER_MS)
}

/** Asks what saving would do. Only the newest answer counts. */
async function lookNow() {
  looks += 1
  const mine = looks
  const answer = await post(`${address()}/preview`, body())
  if (mine !== looks) return null
  ctx.preview = answer.ok ? answer.body : null
  faults = answer.ok ? answer.body.problems : (answer.body.errors || []).map((each) => ({ ...each, where: each.where.replace(/^body\.configuration\./, '') }))
  if (!answer.ok && answer.status !== 422) refuse(answer.body)
  if (answer.ok && answer.body.newest !== ctx.draft.version) await showMoved()
  tell()
  if (AREAS[area].looked) AREAS[area].looked(ctx)
  return answer
}

function body(note) {
  return { version: ctx.draft.version, note: note || null, configuration: ctx.draft.paper }
}

/** Says how far the draft is from what is saved, and what is wrong with it. */
function tell() {
  const bar = hook(document, 'bar')
  const isChanged = ctx.draft.isChanged()
  bar.hidden = !isChanged
  const elsewhere = showFaults(root, isChanged ? faults : [], t)
  if (!isChanged) return
  const count = ctx.preview ? ctx.preview.changes.length : null
  const words = [count === null ? t('admin.changed') : t('admin.changed_count', { count })]
  if (faults.length) words.push(t('admin.faults_count', { count: faults.length }))
  if (elsewhere.length) words.push(spoken(elsewhere[0]))
  const blocked = ctx.preview ? ctx.preview.consequences.filter((each) => each.blocks) : []
  if (blocked.length) words.push(t.named(blocked[0]))
  say(hook(document, 'said'), words.join(' · '))
}

function spoken(fault) {
  return t.language === 'zh' ? fault.message_zh : fault.message
}

async function discard() {
  const yes = await ask(t('admin.discard_title'), [el('p', {}, t('admin.discard_how'))], t('admin.discard'))
  if (!yes) return
  ctx.draft.settle({ version: ctx.draft.version, configuration: ctx.draft.base })
  faults = []
  ctx.preview = null
  redraw()
}

// ── Saving ───────────────────────────────────────────────────────────────────────────────────────

async function review() {
  clearTimeout(lookTimer)
  const answer = await lookNow()
  if (answer === null) return
  const blocked = faults.length > 0 || ctx.preview === null || ctx.preview.consequences.some((each) => each.blocks)
  hook(document, 'review-body').replaceChildren(...whatWillChange(ctx, ctx.preview, faults))
  hook(document, 'review-refusal').hidden = true
  hook(document, 'save').disabled = blocked
  hook(document, 'note').value = ''
  dialog('review').showModal()
}

async function save() {
  const button = hook(document, 'save')
  if (button.disabled) return
  button.disabled = true
  const answer = await send('PUT', address(), body(hook(document, 'note').value.trim()))
  button.disabled = false
  if (answer.ok) {
    dialog('review').close()
    settled(answer.body)
    return
  }
  if (answer.body.code === 'configuration_moved') {
    dialog('review').close()
    await showMoved()
    return
  }
  const line = hook(document, 'review-refusal')
  line.hidden = false
  say(line, t.problem(answer.body))
}

function settled(saved) {
  ctx.draft.settle(saved)
  faults = []
  ctx.preview = null
  hook(document, 'moved').hidden = true
  drawHead()
  redraw()
  done(t(ctx.board.hall.open ? 'admin.saved_open' : 'admin.saved', { version: saved.version }))
}

/** Somebody else saved: say who and what, and offer to go on from there. */
async function showMoved() {
  const [newest, versions] = await Promise.all([get(address()), get(`${address()}/versions`)])
  if (!newest.ok) return
  const box = hook(document, 'moved')
  const theirs = versions.ok ? versions.body.versions.filter((each) => each.version > ctx.draft.version) : []
  const lines = theirs.reduce((all, each) => all.concat(each.changes.map(t.named)), [])
  const onTop = el('button', { class: 'button', type: 'button' }, t('admin.moved_rebase'))
  onTop.addEventListener('click', async () => {
    const both = ctx.draft.rebase(newest.body)
    box.hidden = true
    drawHead()
    redraw()
    await lookNow()
    if (both.length) done(t('admin.moved_both', { parts: both.map((each) => t(`admin.part.${each}`)).join(t('admin.comma')) }))
  })
  const take = el('button', { class: 'button', type: 'button' }, t('admin.moved_take'))
  take.addEventListener('click', () => settled(newest.body))
  box.replaceChildren(
    el('p', {}, el('strong', {}, t('admin.moved', { version: newest.body.version, who: newest.body.changed_by.replace(/^\w+:/, ''), time: clockOf(newest.body.changed_at) }))),
    el('ul', {}, ...lines.slice(0, 6).map((line) => el('li', {}, line))),
    el('div', { class: 'ends' }, take, onTop),
  )
  box.hidden = false
}

function clockOf(instant) {
  const zone = ctx.draft.base.about.timezone
  return new Intl.DateTimeFormat(t.language === 'zh' ? 'zh-CN' : 'en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(new Date(instant))
}

// ── Asking and telling ───────────────────────────────────────────────────────────────────────────

function dialog(name) {
  return document.querySelector(`[data-dialog="${name}"]`)
}

/** A question with one deed; resolves to whether it was wanted. `yes` null: there is only the way back. */
function ask(title, content, yes) {
  const box = dialog('ask')
  say(hook(box, 'ask-title'), title)
  hook(box, 'ask-body').replaceChildren(...content)
  hook(box, 'ask-yes').hidden = yes === null
  say(hook(box, 'ask-yes'), yes || '')
  say(hook(box, 'ask-back'), t(yes === null ? 'admin.close' : 'admin.back'))
  box.returnValue = ''
  box.showModal()
  return new Promise((resolve) => box.addEventListener('close', () => resolve(box.returnValue === 'yes'), { once: true }))
}

let doneTimer = null

function done(words) {
  const line = hook(document, 'done')
  hook(document, 'refusal').hidden = true
  line.hidden = false
  say(line, words)
  clearTimeout(doneTimer)
  doneTimer = setTimeout(() => {
    line.hidden = true
  }, DONE_SHOWN_MS)
}

function refuse(problem) {
  const line = hook(document, 'refusal')
  line.hidden = false
  say(line, t.problem(problem))
}

async function get(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: 'application/json' }, credentials: 'same-origin' })
    return { ok: answer.ok, status: answer.status, body: await answer.json() }
  } catch (error) {
    return { ok: false, status: 0, body: {} }
  }
}

/** Looking needs no key and no patience: the next look is as good. */
async function post(url, content) {
  try {
    const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json' }, body: JSON.stringify(content), credentials: 'same-origin' })
    return { ok: answer.ok, status: answer.status, body: await answer.json() }
  } catch (error) {
    return { ok: false, status: 0, body: {} }
  }
}
