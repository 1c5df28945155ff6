// A terminal in a hall stays on its page: no menus, no zoom, no other pages, no way back in history.

const DOUBLE_TAP_MS = 400
const DOUBLE_TAP_PX = 48
const OWN_KEYS = ['Tab', 'Enter', 'Escape', 'Backspace', 'Delete', ' ', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']

/** Keeps whoever stands here on this page. */
export function lock() {
  const never = ['contextmenu', 'dragstart', 'dragover', 'drop', 'selectstart', 'gesturestart', 'gesturechange']
  never.forEach((name) => document.addEventListener(name, refuse))
  document.addEventListener('auxclick', refuse)
  document.addEventListener('wheel', (event) => event.ctrlKey && refuse(event), { passive: false })
  document.addEventListener('touchmove', (event) => event.touches.length > 1 && refuse(event), { passive: false })
  document.addEventListener('keydown', (event) => {
    const isOwn = OWN_KEYS.includes(event.key) || event.key.length === 1
    if (!isOwn || event.ctrlKey || event.metaKey || event.altKey) refuse(event)
  })
  history.pushState(null, '')
  addEventListener('popstate', () => history.pushState(null, ''))
}

/**
 * Many people tap twice. The second tap must not press what has come into the place of the first.
 *
 * @param {() => string} step what is shown now
 */
export function ignoreSecondTaps(step) {
  let last = { timeStamp: -Infinity, clientX: 0, clientY: 0 }
  let lastStep = ''
  document.addEventListener('click', (event) => {
    const near = Math.hypot(event.clientX - last.clientX, event.clientY - last.clientY) < DOUBLE_TAP_PX
    const soon = event.timeStamp - last.timeStamp < DOUBLE_TAP_MS
    if (event.detail > 0 && near && soon && step() !== lastStep) {
      event.stopPropagation()
      event.preventDefault()
      return
    }
    last = event
    lastStep = step()
  }, true)
}

function refuse(event) {
  event.preventDefault()
}
