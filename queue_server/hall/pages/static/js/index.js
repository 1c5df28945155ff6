// The way to every page. For clerks who have just signed in, only the windows of their hall.

import { el, hook, say } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { speaker } from '/static/js/texts.js'

const { choose, language, texts } = pageData()
const t = speaker(texts, language)

show()

async function show() {
  const account = choose ? await whoAmI() : null
  const { halls } = await answerOf('/api/v1/halls')
  const mine = account && account.hall ? halls.filter((hall) => hall.id === account.hall) : halls
  const boards = await Promise.all(mine.map((hall) => answerOf(`/api/v1/halls/${hall.id}`)))
  hook(document, 'none').hidden = boards.length > 0
  hook(document, 'halls').replaceChildren(...boards.map(section))
}

async function whoAmI() {
  const answer = await fetch('/api/v1/sessions/current', { headers: { Accept: 'application/json' } })
  if (answer.status === 401) location.replace(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
  return answer.ok ? (await answer.json()).account : null
}

async function answerOf(url) {
  return (await fetch(url, { headers: { Accept: 'application/json' } })).json()
}

function section(board) {
  const { hall } = board
  const part = hook(document, 'hall').content.cloneNode(true)
  say(hook(part, 'name'), t.named(hall.name))
  say(hook(part, 'open'), t(hall.open ? 'index.open' : 'index.closed'))
  say(hook(part, 'consoles-title'), t('index.clerk'))
  hook(part, 'consoles').append(...board.windows.map((desk) => row(`/clerk/${hall.id}/${desk.id}`, t.named(desk.label), t(`state.${desk.state}`))))
  if (choose) {
    hook(part, 'pages').remove()
    hook(part, 'windows-title').remove()
    hook(part, 'windows').remove()
    hook(part, 'consoles-title').remove()
    return part
  }
  hook(part, 'pages').append(
    row(`/displays/${hall.id}/lobby`, t('index.lobby')),
    row(`/kiosk/${hall.id}`, t('index.kiosk')),
    row(`/take/${hall.id}`, t('index.take')),
    row(`/guide/${hall.id}`, t('index.guide')),
    row(`/overview/${hall.id}`, t('index.overview')),
    row(`/register/${hall.id}`, t('index.register')),
  )
  say(hook(part, 'windows-title'), t('index.windows'))
  hook(part, 'windows').append(...board.windows.map((desk) => row(`/displays/${hall.id}/windows/${desk.id}`, t.named(desk.label))))
  return part
}

function row(href, name, state) {
  return el('li', {}, el('a', { class: 'button', href }, el('span', {}, name), state ? el('small', {}, state) : null))
}
