// What people said in the last thirty days, and the bad ratings that wait for an answer.

import { deeds, got, isUnknown, signIn } from '/static/js/api.js'
import { el, hook, keep, say, set } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { relabel, rememberLanguage, speaker } from '/static/js/texts.js'

const LOOK_MS = 20000

const { hall_id: hallId, timezone, language, texts } = pageData()
const t = speaker(texts, language)
const url = `/api/v1/halls/${hallId}/ratings`
const mine = deeds()
let view = null

look()
setInterval(look, LOOK_MS)

async function look() {
  const answer = await got(url)
  if (answer.status === 0) return // The next look finds them.
  if (answer.status === 401) signIn()
  else if (answer.ok) {
    view = answer.body
    render()
  } else {
    say(hook(document, 'none'), t.problem(answer.body))
  }
}

function render() {
  if (view === null) return
  pairs('levels', view.levels, (each) => t(`level.${each.level}`), (each) => String(each.ratings))
  pairs('aspects', view.aspects, (each) => t(`aspect.${each.aspect}`), (each) => (each.mean === null ? '—' : each.mean.toFixed(1)))
  const tasks = view.to_answer
  say(hook(document, 'count'), String(tasks.length))
  hook(document, 'none').hidden = tasks.length > 0
  say(hook(document, 'none'), t('ratings.none'))
  keep(hook(document, 'tasks'), tasks, (task) => task.id, drawn, update)
}

function pairs(name, items, term, value) {
  hook(document, name).replaceChildren(...items.map((each) => el('div', {}, el('dt', {}, term(each)), el('dd', {}, value(each)))))
}

function drawn(task) {
  const reply = el('textarea', { rows: '2', maxlength: '500', required: true })
  const row = el('li', { class: 'task' }, el('p', { class: 'task__what' }), el('p', { class: 'soft' }), el('blockquote', {}),
    el('form', {}, el('label', {}, el('span', {}), reply), el('button', { class: 'button' })))
  row.querySelector('form').addEventListener('submit', async (event) => {
    event.preventDefault()
    const answer = await mine.send('POST', `${url}/${task.id}/reply`, { reply: reply.value })
    const line = hook(document, 'refusal')
    line.hidden = answer.ok
    if (!answer.ok) say(line, isUnknown(answer) ? t('rate.offline') : t.problem(answer.body))
    await look()
  })
  return row
}

function update(row, task) {
  const [what, about, words, form] = row.children
  set(row, { 'data-late': task.late })
  say(what, t(`level.${task.level}`))
  const due = new Intl.DateTimeFormat(t.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: timezone }).format(new Date(task.due_at))
  say(about, [task.day, task.group, t(task.late ? 'ratings.late' : 'ratings.due', { due })].join(' · '))
  words.hidden = task.comment === ''
  say(words, task.comment)
  say(form.querySelector('span'), t('ratings.reply'))
  say(form.querySelector('button'), t('ratings.close'))
}

hook(document, 'language').addEventListener('click', () => {
  t.language = t.other()
  rememberLanguage(t.language)
  relabel(document, t)
  render()
})
