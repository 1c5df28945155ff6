// The form of a guide: every field writes straight into the guide it shows, and says when something was changed.

import { el } from '/static/js/dom.js'

/**
 * Shows a guide in `root`. `at` of a field is its place in the guide, as findings name it: "materials.2.source".
 *
 * @param {{t: Function, guide: object, shape: Array, mine: (element: string) => boolean, changed: () => void}} page
 */
export function showForm(root, page) {
  let fields = 0

  const draw = () => {
    const focused = document.activeElement && document.activeElement.dataset.at
    root.replaceChildren(...page.shape.map(([name, kind]) => element(name, kind)))
    const again = focused && root.querySelector(`[data-at="${focused}"]`)
    if (again) again.focus()
  }

  function element(name, kind) {
    const part = el('fieldset', { class: 'element', 'data-element': name, 'data-mine': page.mine(name) },
      el('legend', {}, page.t(`field.${name}`)))
    part.append(field(page.guide, name, kind, name))
    return part
  }

  function field(owner, name, kind, at) {
    const told = el('div', { class: 'told', 'data-told': at })
    const drawn = KINDS[kind.kind](owner, name, kind, at)
    return el('div', { class: `part part--${kind.kind}` }, drawn, told)
  }

  const KINDS = {
    words: (owner, name, kind, at) => el('div', { class: 'tongues' },
      ...['zh', 'en'].map((tongue) => input(owner[name], tongue, `${at}.${tongue}`, tongueWord(name, tongue, at), kind.long))),
    text: (owner, name, kind, at) => input(owner, name, at, labelled(name)),
    number: (owner, name, kind, at) => {
      const label = input(owner, name, at, labelled(name))
      const box = label.querySelector('input')
      box.type = 'number'
      box.min = kind.least
      box.max = kind.most
      return label
    },
    flag: (owner, name, kind, at) => {
      const box = el('input', { type: 'checkbox', 'data-at': at })
      box.checked = owner[name]
      box.addEventListener('change', () => write(owner, name, box.checked))
      return el('label', { class: 'flag' }, box, el('span', {}, page.t(`field.${name}`)))
    },
    choice: (owner, name, kind, at) => {
      const box = el('select', { 'data-at': at }, ...kind.options.map((one) => el('option', { value: one }, page.t(`${kind.words}.${one || 'none'}`))))
      box.value = owner[name]
      box.addEventListener('change', () => write(owner, name, box.value))
      return el('label', { class: 'field' }, el('span', {}, labelled(name)), box)
    },
    when: (owner, name, kind, at) => group(page.guide.questions, at, (question) =>
      boxes(page.t.named(question.text) || question.code, question.options, `${at}.${question.code}`, page.t.named, (option) => {
        const accepted = owner.when[question.code]
        return accepted === undefined || accepted.includes(option.code)
      }, (chosen) => {
        const when = Object.assign({}, owner.when)
        if (chosen.length === question.options.length) delete when[question.code]
        else when[question.code] = chosen
        write(owner, name, when)
      })),
    only: (owner, name, kind, at) => group(page.guide.scenarios.length ? [null] : [], at, () =>
      boxes(page.t('field.only'), page.guide.scenarios.map((one) => ({ code: one.code, text: one.name })), at, page.t.named,
        (one) => owner.only.includes(one.code), (chosen) => write(owner, name, chosen))),
    list: (owner, name, kind, at) => {
      const rows = owner[name].map((item, place) => row(owner, name, kind, `${at}.${place}`, item, place))
      const add = el('button', { class: 'button', type: 'button', 'data-at': `${at}.add` }, page.t(`editor.add_${name}`))
      add.addEventListener('click', () => {
        owner[name] = owner[name].concat([JSON.parse(JSON.stringify(kind.fresh))])
        write(owner, name, owner[name])
        draw()
      })
      return el('div', { class: 'rows' }, el('ol', {}, ...rows), add)
    },
  }

  function row(owner, name, kind, at, item, place) {
    const remove = el('button', { class: 'button button--quiet', type: 'button', 'data-remove': at },
      page.t('editor.remove', { place: place + 1 }))
    remove.addEventListener('click', () => {
      write(owner, name, owner[name].filter((one) => one !== item))
      draw()
    })
    const parts = kind.of.map(([inner, of]) => field(item, inner, of, `${at}.${inner}`))
    return el('li', { class: 'row' }, el('div', { class: 'told', 'data-told': at }), ...parts, remove)
  }

  function group(items, at, draws) {
    return el('div', { class: 'boxes', 'data-boxes': at }, ...items.map(draws))
  }

  function boxes(title, options, at, named, isOn, chosen) {
    const part = el('fieldset', { class: 'choices' }, el('legend', {}, title))
    options.forEach((option) => {
      const box = el('input', { type: 'checkbox', value: option.code, 'data-at': `${at}.${option.code}` })
      box.checked = isOn(option)
      box.addEventListener('change', () => {
        chosen(Array.from(part.querySelectorAll('input')).filter((one) => one.checked).map((one) => one.value))
      })
      part.append(el('label', { class: 'flag' }, box, el('span', {}, named(option.text) || option.code)))
    })
    return part
  }

  function input(owner, name, at, label, long) {
    fields += 1
    const box = long ? el('textarea', { rows: 3, id: `f${fields}`, 'data-at': at }) : el('input', { id: `f${fields}`, autocomplete: 'off', 'data-at': at })
    box.value = owner[name] === null || owner[name] === undefined ? '' : owner[name]
    box.addEventListener('input', () => {
      const isNumber = box.type === 'number'
      write(owner, name, !isNumber ? box.value : box.value === '' ? null : Number(box.value))
    })
    return el('label', { class: 'field', for: `f${fields}` }, el('span', {}, label), box)
  }

  // Below the name of an element the language is enough; within a row it needs both.
  function tongueWord(name, tongue, at) {
    const word = page.t(`field.${tongue}`)
    return at === name ? word : page.t('editor.in_tongue', { field: page.t(`field.${name}`), tongue: word })
  }

  function labelled(name) {
    return page.t(`field.${name}`)
  }

  function write(owner, name, value) {
    owner[name] = value
    page.changed()
  }

  draw()
}
