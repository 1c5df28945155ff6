// A ticket for somebody: what for, who they are, and the number with a code they or a relative can follow.

import { el, hook, keep, say, set } from '/static/js/dom.js'

const SEARCH_AFTER_MS = 150
const FOUND_MAX = 8
const CLASSES = ['elderly', 'frail', 'ill', 'disabled', 'pregnant', 'veteran']
const NEEDS = ['guide', 'wheelchair', 'sign_language', 'voice']

export function taking({ t, url, ask }) {
  const query = hook(document, 'query')
  const form = document.querySelector('form[data-step="who"]')
  let view = null
  let choice = null // {matter} or {group}
  let issued = null
  let searching = null
  let found = []

  function go(step) {
    document.querySelectorAll('[data-part="issue"] [data-step]').forEach((each) => {
      each.hidden = each.dataset.step !== step
    })
    scrollTo(0, 0)
  }

  // ── What for ───────────────────────────────────────────────────────────────────────────────────

  function search() {
    clearTimeout(searching)
    const words = query.value.trim()
    if (words === '') {
      showFound([], '')
      return
    }
    searching = setTimeout(async () => {
      const answer = await fetch(`${url}/matters?q=${encodeURIComponent(words)}`, { headers: { Accept: 'application/json' } }).catch(() => null)
      if (answer === null || !answer.ok || query.value.trim() !== words) return
      showFound((await answer.json()).matters.slice(0, FOUND_MAX), words)
    }, SEARCH_AFTER_MS)
  }

  function showFound(matters, words) {
    found = matters
    hook(document, 'groups-part').hidden = words !== ''
    hook(document, 'found-none').hidden = words === '' || matters.length > 0
    renderFound()
  }

  function renderFound() {
    keep(hook(document, 'found'), found, (matter) => matter.code, newOffer, (row, matter) => {
      const group = groupOf(matter)
      fill(row, t.named(matter.name), group ? waitOf(group) : '', () => choose({ matter }))
    })
  }

  function renderGroups() {
    keep(hook(document, 'groups'), view.groups, (group) => group.id, newOffer, (row, group) => {
      fill(row, t.named(group.name), group.open ? waitOf(group) : t(group.stopped ? 'guide.group_stopped' : 'guide.group_closed'), () => choose({ group: group.id }))
      row.querySelector('button').disabled = !group.open
    })
  }

  function newOffer() {
    const button = el('button', { class: 'button offer', type: 'button' },
      el('strong', { 'data-name': true }), el('small', { 'data-wait': true }))
    const row = el('li', {}, button)
    button.addEventListener('click', () => row.press())
    return row
  }

  function fill(row, name, wait, press) {
    row.press = press
    say(hook(row, 'name'), name)
    say(hook(row, 'wait'), wait)
  }

  function groupOf(matter) {
    const id = matter.group || view.hall.general_group
    return view.groups.find((group) => group.id === id)
  }

  function waitOf(group) {
    const waiting = t('guide.waiting', { count: group.waiting })
    return group.estimate ? `${waiting} · ${t.minutes(group.estimate)}` : waiting
  }

  // ── Who ────────────────────────────────────────────────────────────────────────────────────────

  function choose(next) {
    choice = next
    form.reset()
    renderChosen()
    go('who')
    hook(document, 'chosen').focus({ preventScroll: true })
  }

  function renderChosen() {
    const group = choice.matter ? groupOf(choice.matter) : view.groups.find((one) => one.id === choice.group)
    say(hook(document, 'chosen'), choice.matter ? t.named(choice.matter.name) : t.named(group.name))
    const windows = group ? windowsWord(group.windows) : ''
    say(hook(document, 'chosen-wait'), group ? `${waitOf(group)} · ${windows}` : '')
  }

  function windowsWord(ids) {
    if (ids.length === 0) return t('guide.windows_none')
    const labels = new Map(view.windows.map((one) => [one.id, t.named(one.label)]))
    return ids.map((id) => labels.get(id) || id).join(t.language === 'zh' ? '、' : ', ')
  }

  async function take() {
    const said = new FormData(form)
    const phone = String(said.get('phone')).trim()
    const body = { channel: 'staff', language: t.language, needs: said.getAll('need') }
    if (choice.matter) body.matters = [choice.matter.code]
    else body.group = choice.group
    if (said.get('class')) body.priority_class = said.get('class')
    if (phone) Object.assign(body, { phone, relative: said.get('relative') !== null })
    const button = hook(form, 'take')
    button.disabled = true
    issued = await ask('POST', 'tickets', body)
    button.disabled = false
    if (issued !== null) showIssued()
  }

  // ── The number ─────────────────────────────────────────────────────────────────────────────────

  function showIssued() {
    go('done')
    renderIssued()
    hook(document, 'issued-number').focus({ preventScroll: true })
    document.dispatchEvent(new CustomEvent('issued', { detail: issued }))
  }

  function renderIssued() {
    say(hook(document, 'issued-number'), issued.number)
    say(hook(document, 'issued-what'), choice.matter ? t.named(choice.matter.name) : groupName(issued.group))
    say(hook(document, 'issued-wait'), `${t('guide.ahead', { count: issued.ahead })} · ${t.minutes(issued.estimate)}`)
    say(hook(document, 'issued-windows'), windowsWord(issued.windows))
    const code = hook(document, 'code')
    code.hidden = false
    set(code, { src: `/t/${issued.link_token}/qr.svg`, alt: t('guide.code') })
  }

  function groupName(id) {
    const group = view.groups.find((one) => one.id === id)
    return group ? t.named(group.name) : id
  }

  // Nothing of one citizen is left for the next.
  function again() {
    issued = null
    choice = null
    form.reset()
    query.value = ''
    hook(document, 'code').hidden = true
    hook(document, 'code').removeAttribute('src')
    showFound([], '')
    go('what')
  }

  // ── Hands ──────────────────────────────────────────────────────────────────────────────────────

  function renderChips() {
    const chip = (type, name, value, word) => {
      const row = el('label', { class: 'chip' }, el('input', { type, name, value }), el('span', { 'data-word': true }))
      row.word = word
      return row
    }
    const relabelled = (row) => say(hook(row, 'word'), t(row.word))
    keep(hook(form, 'classes'), [''].concat(CLASSES), (code) => code || 'none',
      (code) => {
        const row = chip('radio', 'class', code, code ? `class.${code}` : 'guide.class_none')
        row.querySelector('input').defaultChecked = code === ''
        return row
      }, relabelled)
    keep(hook(form, 'needs'), NEEDS, (code) => code, (code) => chip('checkbox', 'need', code, `need.${code}`), relabelled)
  }

  query.addEventListener('input', search)
  hook(form, 'back').addEventListener('click', () => go('what'))
  hook(document, 'again').addEventListener('click', again)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    take()
  })

  return {
    render(next) {
      view = next
      renderGroups()
      renderFound()
      if (choice !== null && issued === null) renderChosen()
      if (issued !== null) renderIssued()
    },
    relabel: renderChips,
  }
}
