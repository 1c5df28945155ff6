// The hall's clock: the server's time, ticking on. Cheap boxes on walls are often hours or years wrong.
//
// What the server tells is a little late, by the way it came and by how long ago the server last looked. So
// the clock jumps forward to whoever is ahead of it, and never back: it is late by the least delay of late.

const SLOWER_MS = 50 // Whoever ticks too fast waits by so much whenever it is told the time.

const LOCALES = { zh: 'zh-CN', en: 'en-GB' }

/**
 * @param {string|undefined} timezone of the hall; without one, the zone of the device
 */
export function hallClock(timezone) {
  let toldAt = Date.now()
  let heardMs = performance.now()
  let isTold = false
  let shownAt = -Infinity
  const formats = new Map()

  function ticking() {
    return toldAt + (performance.now() - heardMs)
  }

  function format(name, language, options) {
    const key = `${name} ${language} ${clock.timezone}`
    if (!formats.has(key)) {
      const zone = clock.timezone ? { timeZone: clock.timezone } : {}
      formats.set(key, new Intl.DateTimeFormat(LOCALES[language], Object.assign({}, options, zone)))
    }
    return formats.get(key)
  }

  const clock = {
    timezone,

    /** The server has just said what time it is; `afresh` forgets what was told before. */
    tell(asOf, afresh) {
      const at = Date.parse(asOf)
      const ticked = ticking()
      if (!isTold || afresh) shownAt = -Infinity
      toldAt = !isTold || afresh ? at : Math.max(at, ticked - SLOWER_MS)
      heardMs = performance.now()
      isTold = true
    },

    /** Milliseconds since 1970, in the hall. It waits rather than step back. */
    now() {
      shownAt = Math.max(shownAt, ticking())
      return shownAt
    },

    /** "10:32" */
    time(at, language) {
      return format('time', language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(moment(at))
    },

    /** "10:32:05" */
    timeWithSeconds(at, language) {
      const options = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }
      return format('seconds', language, options).format(moment(at))
    },

    /** "2026年11月23日 星期一" */
    date(at, language) {
      const options = { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }
      return format('date', language, options).format(moment(at))
    },

    /** "11月24日 星期二" */
    day(at, language) {
      return format('day', language, { month: 'long', day: 'numeric', weekday: 'long' }).format(moment(at))
    },

    /** Whole seconds from now until `at`; 0 when it is past. */
    secondsUntil(at) {
      return Math.max(0, Math.ceil((Date.parse(at) - clock.now()) / 1000))
    },

    /** Whole seconds since `at`; 0 when it is yet to come. */
    secondsSince(at) {
      return Math.max(0, Math.floor((clock.now() - Date.parse(at)) / 1000))
    },
  }
  return clock
}

/** "4:05" */
export function minutesAndSeconds(seconds) {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}

function moment(at) {
  return typeof at === 'number' ? at : Date.parse(at)
}
