// Whom to fetch: one card for each, the most urgent first, and one tap to say "I go".

import { el, hook, keep, say, set } from '/static/js/dom.js'

const LATE_SECONDS = 120 // After this somebody who was called should have been fetched.
const BUZZ_MS = [300, 150, 300]
const NEW_MS = 5000
const ARROWS = {
  right: '→', down_right: '↘', down: '↓', down_left: '↙', left: '←', up_left: '↖', up: '↑', up_right: '↗',
}

export function errands(desk) {
  const { t, clock, ask } = desk
  let shown = null // The tasks of the last view: when each was called, by ticket.

  function render(view) {
    const fresh = shown === null ? [] : view.tasks.filter(isNews)
    shown = new Map(view.tasks.map((task) => [task.id, task.called_at]))
    keep(hook(document, 'tasks'), view.tasks, (task) => task.id, create, update)
    hook(document, 'tasks-none').hidden = view.tasks.length > 0
    const more = view.tasks_total - view.tasks.length
    hook(document, 'tasks-more').hidden = more <= 0
    say(hook(document, 'tasks-more'), t('guide.tasks_more', { count: more }))
    if (fresh.length > 0) announce(fresh)
  }

  // Nobody goes yet, and it was not there before, or it is a call only now.
  function isNews(task) {
    const before = shown.get(task.id)
    return task.helper === null && (before === undefined || (before === null && task.called_at !== null))
  }

  function announce(fresh) {
    fresh.forEach((task) => {
      const card = document.querySelector(`[data-tasks] [data-key="${task.id}"]`)
      set(card, { 'data-new': true })
      setTimeout(() => set(card, { 'data-new': false }), NEW_MS)
    })
    const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive
    if (navigator.vibrate && touched) navigator.vibrate(BUZZ_MS)
  }

  function create(task) {
    const deed = (name, looks, method, noun) => {
      const button = el('button', { class: looks, type: 'button', 'data-deed': name })
      button.addEventListener('click', async () => {
        button.disabled = true
        await ask(method, `tickets/${task.id}/${noun}`, method === 'POST' ? {} : null)
        button.disabled = false
      })
      return button
    }
    return el('li', { class: 'errand' },
      el('p', { class: 'errand__number', 'data-number': true }),
      el('p', { class: 'errand__since', 'data-since': true }),
      el('p', { class: 'errand__way' },
        el('span', { class: 'errand__arrow', 'aria-hidden': 'true', 'data-arrow': true }),
        el('span', { 'data-where': true }), ' ', el('small', { 'data-zone': true })),
      el('ul', { class: 'marks', 'data-marks': true }),
      el('p', { class: 'errand__who', 'data-who': true }),
      el('div', { class: 'errand__deeds', 'data-deeds': true },
        deed('go', 'button', 'POST', 'help'),
        deed('there', 'button button--first', 'POST', 'acknowledgement'),
        deed('leave', 'button', 'DELETE', 'help')))
  }

  function update(card, task) {
    const whose = whoseIs(task)
    set(card, { 'data-called': task.called_at !== null, 'data-whose': whose })
    say(hook(card, 'number'), task.number)
    say(hook(card, 'arrow'), task.window ? ARROWS[task.window.direction] || '→' : '')
    say(hook(card, 'where'), task.window ? t.named(task.window.label) : t('guide.near', { group: t.named(task.group.name) }))
    say(hook(card, 'zone'), zoneOf(task))
    renderMarks(hook(card, 'marks'), task)
    hook(card, 'who').hidden = whose === 'nobodys'
    say(hook(card, 'who'), whoWord(task, whose))
    renderDeeds(card, task, whose)
  }

  function whoseIs(task) {
    if (task.helper === null) return 'nobodys'
    return desk.account !== null && task.helper.id === desk.account.id ? 'mine' : 'theirs'
  }

  function zoneOf(task) {
    if (task.window === null) return t('guide.ahead', { count: task.ahead })
    return task.window.zone ? t.named(task.window.zone.name) : ''
  }

  function renderMarks(list, task) {
    const classes = task.priority_class ? [`class.${task.priority_class}`] : []
    const why = task.why.map((reason) => (t.has(`need.${reason}`) ? `need.${reason}` : `guide.why_${reason}`))
    const language = task.language === 'en' ? ['guide.speaks_english'] : []
    keep(list, classes.concat(why, language), (mark) => mark, () => el('li', { class: 'mark' }), (mark, key) => {
      set(mark, { 'data-strong': key.startsWith('need.') })
      say(mark, t(key))
    })
  }

  function whoWord(task, whose) {
    if (whose === 'theirs') return t('guide.goes', { name: task.helper.name })
    if (whose === 'mine') return t(task.acknowledged ? 'guide.window_knows' : 'guide.you_go')
    return ''
  }

  function renderDeeds(card, task, whose) {
    const show = (name, can, word) => {
      const button = card.querySelector(`[data-deed="${name}"]`)
      button.hidden = !can
      say(button, t(word))
      set(button, { 'aria-label': `${t(word)} ${task.number}` })
      return button
    }
    const urgent = task.called_at !== null
    set(show('go', whose === 'nobodys', 'guide.go'), { class: urgent ? 'button button--first' : 'button' })
    show('there', whose === 'mine' && urgent && !task.acknowledged, 'guide.coming')
    show('leave', whose === 'mine', 'guide.leave')
    hook(card, 'deeds').hidden = whose === 'theirs'
  }

  // Minutes go on by themselves; a called one that takes long says so.
  function tick(view) {
    view.tasks.forEach((task) => {
      const card = document.querySelector(`[data-tasks] [data-key="${task.id}"]`)
      if (card === null) return
      const seconds = clock.secondsSince(task.called_at || task.since)
      const minutes = Math.floor(seconds / 60)
      const word = task.called_at ? 'called' : 'due'
      say(hook(card, 'since'), minutes === 0 ? t(`guide.${word}_now`) : t(`guide.${word}_for`, { minutes }))
      set(card, { 'data-late': task.called_at !== null && task.helper === null && seconds > LATE_SECONDS })
    })
  }

  return { render, tick }
}
