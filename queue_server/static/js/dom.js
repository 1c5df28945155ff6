// Building and keeping elements. Text is always text: no string ever becomes markup here.

/**
 * An element with attributes and children; a string child is text, `null` is nothing.
 *
 * @param {string} tag
 * @param {Object<string, string|boolean|null>} attributes
 */
export function el(tag, attributes, ...children) {
  const node = document.createElement(tag)
  set(node, attributes || {})
  node.append(...children.filter((child) => child !== null))
  return node
}

/** Sets attributes where they differ; `true` is present, `false` and `null` are absent. */
export function set(node, attributes) {
  Object.keys(attributes).forEach((name) => {
    const value = attributes[name]
    if (value === false || value === null || value === undefined) {
      node.removeAttribute(name)
    } else if (node.getAttribute(name) !== String(value === true ? '' : value)) {
      node.setAttribute(name, value === true ? '' : value)
    }
  })
  return node
}

/** Sets text only where it differs, so that a screen reader hears changes and nothing else. */
export function say(node, text) {
  if (node.textContent !== text) {
    node.textContent = text
  }
  return node
}

/** The same for a sentence whose lines may end after a phrase but not within one. */
export function sayInPhrases(node, sentence) {
  if (node.textContent === sentence) return
  const phrases = sentence.match(/[^，、,\u3000]+(?:[，、,\u3000]\s*|$)/g) || []
  const spans = phrases.map((phrase) => el('span', { class: 'phrase' }, phrase))
  node.textContent = ''
  node.append(...spans)
}

/**
 * Makes the children of `parent` show `items`, one each, in order. Children are kept by key: what is
 * still shown is updated in place, so highlights do not start over and the page does not grow.
 */
export function keep(parent, items, key, create, update) {
  const old = new Map(Array.from(parent.children).map((child) => [child.dataset.key, child]))
  items.forEach((item, index) => {
    const name = String(key(item))
    let child = old.get(name)
    if (child === undefined) {
      child = create(item)
      child.dataset.key = name
    }
    old.delete(name)
    if (parent.children[index] !== child) {
      parent.insertBefore(child, parent.children[index] || null)
    }
    update(child, item)
  })
  old.forEach((child) => child.remove())
}

/** Finds the hook `data-NAME` below `root`. */
export function hook(root, name) {
  return root.querySelector(`[data-${name}]`)
}
