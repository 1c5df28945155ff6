// What was promised, what is expected now, and why the two differ: one plain sentence with true values.

import { shortNumber } from '/static/js/texts.js'

const MINUTE_MS = 60000
const NAMED_MAX = 2 // More windows than these are told by their numbers.

/** From when to when the call is expected, going by the hall's clock. */
export function expected(ticket, clock) {
  if (!ticket.estimate) return null
  const now = clock.now()
  return { low: now + ticket.estimate.low_minutes * MINUTE_MS, high: now + ticket.estimate.high_minutes * MINUTE_MS }
}

/** The first promise beside what is expected now; nothing to say gives ''. */
export function promiseSentence(t, clock, ticket) {
  const promise = ticket.promise
  const time = (at) => clock.time(at, t.language)
  const slot = ticket.first_slot_at
  if (slot && Date.parse(slot) > clock.now()) {
    return t('phone.first_slot', { day: clock.day(slot, t.language), time: time(slot) })
  }
  if (!promise) return ''
  const said = { from: time(promise.low_at), to: time(promise.high_at) }
  const now = expected(ticket, clock)
  if (!ticket.revision || now === null) return t('phone.promise_kept', said)
  const why = ticket.revision.causes.map((cause) => causeSentence(t, ticket, cause)).join(t('because.and'))
  return t('phone.promise_changed', Object.assign({ now_from: time(now.low), now_to: time(now.high), why }, said))
}

function causeSentence(t, ticket, cause) {
  const paused = cause.paused.length > 0 && cause.because === 'fewer_windows'
  return t(`because.${cause.because}${paused ? '_paused' : ''}`, {
    was: cause.was,
    now: cause.now,
    windows: windowNames(t, cause.paused),
    group: t.named(ticket.group.name),
  })
}

/** "8号窗口、9号窗口", and "8–12、14号窗口" where there are more. */
export function windowNames(t, windows) {
  const comma = t.language === 'zh' ? '、' : ', '
  const numbered = windows.every((each) => /^\d+$/.test(each.id))
  if (windows.length <= NAMED_MAX || !numbered) return windows.map((each) => t.named(each.label)).join(comma)
  return t('phone.windows_numbered', { numbers: ranges(windows.map((each) => Number(shortNumber(each.id)))).join(comma) })
}

function ranges(numbers) {
  const runs = []
  numbers.sort((one, other) => one - other).forEach((number) => {
    const run = runs[runs.length - 1]
    if (run && run.last === number - 1) run.last = number
    else runs.push({ first: number, last: number })
  })
  return runs.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`))
}
