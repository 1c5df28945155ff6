// What this case has been asked of its department, and the answers as they come in.

import { el, hook, keep, say, set } from '/static/js/dom.js'

/**
 * @param {(key: string, values?: object) => string} t
 * @param {{cite: (place: number) => void, suggest: (begun: object) => void}} deeds
 */
export function questions(t, deeds) {
  function show(one) {
    const newest = one.questions.slice().reverse()
    hook(document, 'questions-none').hidden = newest.length > 0
    keep(hook(document, 'questions'), newest, (question) => `${one.id} ${question.place}`, drawn, (row, question) => update(row, question, one))
  }

  function drawn(question) {
    const row = el('li', {},
      el('p', { class: 'asked__text' }), el('p', { class: 'soft' }), el('p', { class: 'asked__answer' }),
      el('p', { class: 'soft' }), el('div', { class: 'asked__deeds' },
        el('button', { class: 'button', type: 'button' }), el('button', { class: 'button', type: 'button' })))
    const [cite, suggest] = row.lastElementChild.children
    cite.addEventListener('click', () => deeds.cite(question.place))
    suggest.addEventListener('click', () => deeds.suggest({ title: row.children[0].textContent, body: row.children[2].textContent }))
    return row
  }

  function update(row, question, one) {
    const [text, asked, answer, answered, actions] = row.children
    const isAnswered = question.answered !== null
    const isCited = one.citations.some((each) => each.question === question.place)
    set(row, { 'data-answered': isAnswered })
    say(text, question.text)
    say(asked, isAnswered ? question.asked.name : t('ask.waiting', { name: question.asked.name }))
    say(answer, question.answer)
    say(answered, isAnswered ? t('ask.answered', { name: question.answered.name, minutes: question.minutes }) : '')
    actions.hidden = !isAnswered
    say(actions.firstElementChild, isCited ? t('know.is_cited') : t('know.cite'))
    actions.firstElementChild.disabled = isCited
    say(actions.lastElementChild, t('ask.suggest'))
  }

  return { show }
}
