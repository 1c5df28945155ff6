// One rating, sent once. What was not asked stays empty.

import { deeds, isUnknown } from '/static/js/api.js'
import { hook, say } from '/static/js/dom.js'
import { pageData } from '/static/js/page.js'
import { speaker } from '/static/js/texts.js'

const ASPECTS = ['process', 'openness', 'attitude', 'ability']
const BAD_MAX = 2

const { token, language, texts } = pageData()
const t = speaker(texts, language)
const mine = deeds()
const form = hook(document, 'form')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const said = new FormData(form)
  const level = Number(said.get('level'))
  const aspects = {}
  ASPECTS.filter((aspect) => said.has(aspect)).forEach((aspect) => {
    aspects[aspect] = Number(said.get(aspect))
  })
  const comment = said.get('comment').trim()
  const answer = await mine.send('POST', `/api/v1/ratings/${token}`, { level, aspects, comment: comment || null })
  if (answer.ok) thank(level)
  else refuse(isUnknown(answer) ? t('rate.offline') : t.problem(answer.body))
})

function thank(level) {
  form.hidden = true
  hook(document, 'thanks').hidden = false
  say(hook(document, 'thanks-how'), t(level <= BAD_MAX ? 'rate.thanks_bad' : 'rate.thanks_how'))
}

function refuse(sentence) {
  const line = hook(document, 'refusal')
  line.hidden = false
  say(line, sentence)
}
