// Notices and etiquette, one after the other, by the clock: one that is over is gone without any network.

import { hook, say } from '/static/js/dom.js'
import { widthOf } from './places.js'

const TURN_MS = 9000
const PAGE_WIDTH = { zh: 76, en: 76 } // In widths of a Latin letter: what fits on one line.
const PAGES_MAX = 4 // Of one notice; nobody reads more from a wall.

/** The line at the foot of a screen. */
export function notices(here) {
  return (view) => {
    const page = noticeNow(here)
    hook(document, 'notice-part').hidden = page === null
    say(hook(document, 'notice'), page === null ? '' : page.own)
    say(hook(document, 'notice-other'), page === null ? '' : page.other)
  }
}

/** The sentence whose turn it is, in both languages, or null. */
export function noticeNow({ t, other, clock, display }) {
  const now = clock.now()
  const pages = [].concat(...display.notices.filter((notice) => isNow(notice, now)).map((notice) => pagesOf(notice, t, other)))
  return pages.length === 0 ? null : pages[Math.floor(now / TURN_MS) % pages.length]
}

function isNow(notice, now) {
  return (notice.from_at === null || Date.parse(notice.from_at) <= now) && (notice.until_at === null || now < Date.parse(notice.until_at))
}

function pagesOf(notice, t, other) {
  const own = linesOf(t.named(notice.text), PAGE_WIDTH[t.language])
  const isSaid = other.named(notice.text) === t.named(notice.text)
  const others = isSaid ? [] : linesOf(other.named(notice.text), PAGE_WIDTH[other.language])
  const count = Math.min(PAGES_MAX, Math.max(own.length, others.length))
  return Array.from({ length: count }, (_, page) => ({
    own: own[Math.min(page, own.length - 1)] || '',
    other: others[Math.min(page, others.length - 1)] || '',
  }))
}

// Cut where a word or a sentence ends, if there is one; a text without any is cut where the line ends.
function linesOf(text, width) {
  const lines = []
  let rest = Array.from(text.replace(/\s+/g, ' ').trim())
  while (rest.length > 0 && lines.length < PAGES_MAX) {
    let end = 0
    for (let used = 0; end < rest.length && used + widthOf(rest[end]) <= width; end += 1) used += widthOf(rest[end])
    if (end < rest.length) {
      const line = rest.slice(0, end).join('')
      const soft = Math.max(line.lastIndexOf(' '), line.lastIndexOf('，'), line.lastIndexOf('。'), line.lastIndexOf('；'))
      if (soft > end / 2) end = Array.from(line.slice(0, soft + 1)).length
    }
    lines.push(rest.slice(0, Math.max(1, end)).join('').trim())
    rest = rest.slice(Math.max(1, end))
  }
  if (rest.length > 0) lines[lines.length - 1] += '…'
  return lines
}
