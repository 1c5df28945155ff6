// Digits for a telephone number or for a code, large enough for any finger. What is typed is nowhere but here.

import { el } from '/static/js/dom.js'

const PHONE_DIGITS = 11
const MOBILE = /^1[3-9]\d{9}$/

/**
 * @param {HTMLElement} board where the keys go
 * @param {(digits: string) => void} changed
 * @param {number} digitsMax
 */
export function numberPad(board, changed, digitsMax = PHONE_DIGITS) {
  let digits = ''

  function become(next) {
    digits = next.slice(0, digitsMax)
    changed(digits)
  }

  function key(press, attributes, label) {
    const button = el('button', Object.assign({ class: 'button pad__key', type: 'button' }, attributes), label)
    button.addEventListener('click', press)
    return button
  }

  const digit = (one) => key(() => become(digits + one), {}, one)
  board.replaceChildren(
    ...'123456789'.split('').map(digit),
    key(() => become(''), { 'data-text': 'phone.clear' }, ''),
    digit('0'),
    key(() => become(digits.slice(0, -1)), { 'data-text': 'phone.back' }, ''))

  return {
    /** Takes what a keyboard types. */
    type(name) {
      if (/^\d$/.test(name)) become(digits + name)
      if (name === 'Backspace') become(digits.slice(0, -1))
    },
    digits: () => digits,
    isWhole: () => (digitsMax === PHONE_DIGITS ? MOBILE.test(digits) : digits.length === digitsMax),
    set: become,
  }
}

/** "138 0013 8000", as people read numbers aloud. */
export function spaced(digits) {
  return [digits.slice(0, 3), digits.slice(3, 7), digits.slice(7)].filter(Boolean).join(' ')
}

/** "138****8000": enough for whoever gave it, too little for whoever stands behind. */
export function masked(digits) {
  return digits && `${digits.slice(0, 3)}****${digits.slice(7)}`
}
