// Every hall somebody may lay out, and a form for a new one.

import { deeds } from '/static/js/api.js'
import { el, hook, say } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { speaker } from '/static/js/texts.js'
import { showFaults } from './fields.js'

const { language, texts } = pageData()
const t = speaker(texts, language)
const { send } = deeds()

show()

async function show() {
  const answer = await fetch('/api/v1/sessions/current', { headers: { Accept: 'application/json' } })
  if (answer.status === 401) {
    location.replace('/sign-in?next=/admin')
    return
  }
  const { account } = await answer.json()
  say(hook(document, 'who'), account.display_name)
  const { halls } = await (await fetch('/api/v1/halls', { headers: { Accept: 'application/json' } })).json()
  const mine = halls.filter((hall) => account.hall === null || hall.id === account.hall)
  hook(document, 'none').hidden = mine.length > 0
  hook(document, 'halls').replaceChildren(
    ...mine.map((hall) => el('li', {}, el('a', { class: 'row', href: `/admin/${hall.id}` }, el('span', { class: 'row__id' }, hall.id), el('span', { class: 'row__words' }, el('strong', {}, t.named(hall.name) || hall.id), el('small', {}, t(hall.open ? 'admin.hall_open' : 'admin.hall_closed')))))),
  )
  hook(document, 'new').hidden = account.role !== 'admin' || account.hall !== null
  hook(document, 'form').addEventListener('submit', found)
}

async function found(event) {
  event.preventDefault()
  const form = event.target
  const body = ['id', 'name_zh', 'name_en', 'timezone'].reduce((all, name) => ({ ...all, [name]: form.elements[name].value.trim() }), {})
  const answer = await send('POST', '/api/v1/configurations', body)
  if (answer.ok) {
    location.assign(`/admin/${body.id}`)
    return
  }
  const wrong = (answer.body.errors || []).map((each) => ({ ...each, where: each.where.replace(/^body\./, '') })).concat((answer.body.problems || []).map((each) => ({ ...each, where: each.where.replace(/^about\./, '') })))
  const elsewhere = showFaults(form, wrong, t)
  const line = hook(document, 'refusal')
  line.hidden = wrong.length > 0 && elsewhere.length === 0
  say(line, t.problem(answer.body))
}
