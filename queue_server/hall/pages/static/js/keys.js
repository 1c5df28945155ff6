// A key for everything a clerk does. F9 always works; letters only while nothing is being written,
// and they can be turned off for people who speak or scan into the computer.

const ACT_OF_KEY = {
  F9: 'next',
  KeyN: 'next',
  Space: 'next',
  KeyS: 'start',
  KeyC: 'complete',
  KeyR: 'recall',
  KeyM: 'missed',
  KeyZ: 'undo',
  KeyH: 'hold',
  KeyT: 'transfer',
  KeyI: 'intake',
  KeyG: 'class',
  KeyK: 'pick',
  KeyP: 'pause',
  KeyQ: 'leave',
}

const LETTERS_OFF = 'console-letters-off'

/**
 * @param {HTMLInputElement} letters the box that turns letters on
 * @param {{act: Function, held: Function, outcome: Function}} hands
 */
export function onKey(letters, hands) {
  letters.checked = localStorage.getItem(LETTERS_OFF) === null
  letters.addEventListener('change', () => {
    if (letters.checked) localStorage.removeItem(LETTERS_OFF)
    else localStorage.setItem(LETTERS_OFF, 'yes')
  })

  document.addEventListener('keydown', (event) => {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return
    if (event.code !== 'F9' && (!letters.checked || isWriting(event))) return
    const act = ACT_OF_KEY[event.code]
    if (act !== undefined) {
      event.preventDefault()
      hands.act(act)
    } else if (event.code === 'KeyO') {
      event.preventDefault()
      hands.outcome()
    } else if (/^(Digit|Numpad)[1-9]$/.test(event.code)) {
      event.preventDefault()
      hands.held(Number(event.code.slice(-1)) - 1, event.shiftKey)
    }
  })
}

// `code` names the place of the key, so a Chinese input method does not get in the way.
function isWriting(event) {
  const tag = event.target.tagName
  if (tag === 'TEXTAREA' || tag === 'SELECT') return true
  if (tag === 'INPUT') return event.target.type !== 'checkbox' || event.code === 'Space'
  return event.code === 'Space' && tag === 'BUTTON'
}
