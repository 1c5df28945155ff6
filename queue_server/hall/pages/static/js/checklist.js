// What to bring, to be ticked off while one waits. The ticks stay on this phone and go with the ticket.

import { el, hook, say } from '/static/js/dom.js'

/**
 * @param {HTMLElement} section with the hooks `bring-list` and `bring-state`
 * @param {(key: string, values?: object) => string} t
 * @param {object[]} matters of the ticket, with their materials
 * @param {string} name under which the phone keeps the ticks
 */
export function checklist(section, t, matters, name) {
  const needing = matters.filter((matter) => matter.materials.length)
  let ticked = read(name)

  function render() {
    hook(section, 'bring-list').replaceChildren(...needing.map(drawnMatter))
    renderState()
  }

  function drawnMatter(matter) {
    const title = [t.named(matter.name), matter.scenario ? t.named(matter.scenario) : ''].filter(Boolean).join(' · ')
    return el('div', { class: 'bring__matter' },
      el('h3', {}, title),
      el('ul', {}, ...matter.materials.map((material, place) => drawnMaterial(material, `${matter.code}/${place}`))))
  }

  function drawnMaterial(material, key) {
    const words = el('span', { class: 'bring__name' }, t.named(material.name))
    if (material.exempt) {
      const mark = el('span', { class: 'badge' }, t('phone.exempt'))
      return el('li', { class: 'bring__exempt' }, words, mark, el('small', {}, t('phone.exempt_how')))
    }
    const box = el('input', { type: 'checkbox', class: 'bring__box', checked: ticked.includes(key) })
    box.addEventListener('change', () => {
      ticked = ticked.filter((each) => each !== key).concat(box.checked ? [key] : [])
      write(name, ticked)
      renderState()
    })
    const mark = material.tolerable ? el('span', { class: 'badge' }, t('phone.tolerable')) : null
    return el('li', {}, el('label', { class: 'bring__item' }, box, words, mark))
  }

  function renderState() {
    say(hook(section, 'bring-state'), stateSentence())
  }

  function stateSentence() {
    const missing = []
    needing.forEach((matter) => matter.materials.forEach((material, place) => {
      if (!material.exempt && !ticked.includes(`${matter.code}/${place}`)) missing.push(material)
    }))
    const needed = missing.filter((material) => !material.tolerable).length
    if (missing.length === 0) return t('phone.bring_all')
    if (ticked.length === 0) return t('phone.bring_how')
    return needed === 0 ? t('phone.bring_tolerable') : t('phone.bring_missing', { count: needed })
  }

  render()
  return {
    show(isWanted) {
      section.hidden = !isWanted || needing.length === 0
    },
    relabel: render,
    /** The visit is over: nobody who picks up this phone need know what it was about. */
    wipe() {
      ticked = []
      section.hidden = true
      write(name, null)
    },
  }
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name)) || []
  } catch (error) {
    return [] // No storage: ticks last as long as the page.
  }
}

function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name)
    else localStorage.setItem(name, JSON.stringify(value))
  } catch (error) {
    // The same.
  }
}
