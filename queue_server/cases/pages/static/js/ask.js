// Questions before a deed. The browser checks what is required; Escape is always "no".

/**
 * Asks, and resolves with what was said by name, or `null` for "no".
 *
 * @param {string} name of the dialog
 * @param {Object<string, string|null>} [latest] days that may not be passed, by field: they are offered first
 * @returns {Promise<null | Object<string, string>>}
 */
export function ask(name, latest = {}) {
  const dialog = document.querySelector(`dialog[data-ask="${name}"]`)
  const form = dialog.querySelector('form')
  form.reset()
  Object.keys(latest).forEach((field) => {
    form.elements[field].max = form.elements[field].value = latest[field] || ''
  })
  dialog.returnValue = ''
  dialog.querySelector('[data-close]').onclick = () => dialog.close('')
  dialog.showModal()
  const first = form.querySelector('input:not([type=checkbox]), textarea, select')
  if (first !== null) first.focus()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes' ? said(form) : null), { once: true })
  })
}

/** A box that is ticked says only that the question was answered. */
function said(form) {
  const words = {}
  new FormData(form).forEach((value, key) => {
    if (form.elements[key].type !== 'checkbox') words[key] = value
  })
  return words
}
