// Who stands in the large rows. Calls queue for a row, so that two at once never hide each other and none is
// dropped when many come together. Nothing here grows: rows and queue are bounded, and there is one timer.

const DWELL_MS = 12000 // A call is lit for so long in its row.
const DWELL_MIN_MS = 6000 // It makes room earlier only for others that wait for a row.
const QUEUE_MAX = 40 // More than a minute of calls; they stand in the list of earlier calls all the same.

/**
 * Remembers which calls are new, by their `seq`, whatever views were skipped. Lit is who is expected and has not
 * been seen for long enough; nobody who was answered, missed or taken back. A page that has just been opened
 * lights only what was called a moment ago.
 *
 * @param {() => number} now milliseconds on the hall's clock
 * @param {() => void} changed called when a row changes by itself
 */
export function largeRows(now, changed) {
  const shown = new Map() // By seq, in the order in which they came: {call, sinceMs}.
  let queue = []
  let lastSeq = null
  let rowsMax = 6
  let timer = null

  function fill() {
    const atMs = performance.now()
    shown.forEach((row, seq) => {
      if (atMs - row.sinceMs >= DWELL_MS) shown.delete(seq)
    })
    while (queue.length > 0 && (shown.size < rowsMax || makeRoom(atMs))) {
      const call = queue.shift()
      shown.set(call.seq, { call, sinceMs: atMs })
    }
    clearTimeout(timer)
    const oldest = shown.values().next()
    if (!oldest.done) {
      const untilMs = oldest.value.sinceMs + (queue.length > 0 ? DWELL_MIN_MS : DWELL_MS)
      timer = setTimeout(turn, Math.max(1, untilMs - atMs))
    }
  }

  function makeRoom(atMs) {
    const rows = Array.from(shown.values())
    const leaving = rows.find((row) => row.call.state === 'serving') || rows[0]
    if (leaving.call.state !== 'serving' && atMs - leaving.sinceMs < DWELL_MIN_MS) return false
    shown.delete(leaving.call.seq)
    return true
  }

  function turn() {
    fill()
    changed()
  }

  return {
    /** Looks at a view: new calls queue, those that are over leave. */
    look(view) {
      const first = lastSeq === null || view.seq < lastSeq // Another journal: begin again.
      if (first) {
        shown.clear()
        queue = []
      }
      const isNew = (call) => (first ? now() - Date.parse(call.at) < DWELL_MS : call.seq > lastSeq)
      const fresh = view.calls.filter((call) => call.state === 'called' && isNew(call)).reverse()
      lastSeq = view.calls.reduce((newest, call) => Math.max(newest, call.seq), first ? 0 : lastSeq)
      queue = queue
        .map((call) => asOf(view, call))
        .filter((call) => call.state === 'called')
        .concat(fresh)
        .slice(-QUEUE_MAX)
      shown.forEach((row, seq) => {
        row.call = asOf(view, row.call)
        if (row.call.state !== 'called' && row.call.state !== 'serving') shown.delete(seq)
      })
      fill()
    },

    /** As many rows as the layout has room for. */
    resize(rows) {
      rowsMax = rows
    },

    /** The calls that have to be seen large now, newest first. */
    shown: () => Array.from(shown.values(), (row) => row.call).sort((one, two) => two.seq - one.seq),

    /** Those that wait for a row, newest first. */
    waiting: () => queue.slice().reverse(),

    isLit: (call) => call.state === 'called' && (shown.has(call.seq) || queue.some((one) => one.seq === call.seq)),
  }
}

// The call as it stands in this view. A view lists the last calls only: of an older one its window knows.
function asOf(view, call) {
  const listed = view.calls.find((one) => one.seq === call.seq)
  if (listed !== undefined) return listed
  const recalled = view.calls.some((one) => one.number === call.number)
  const desk = recalled ? undefined : view.windows.find((one) => one.id === call.window && one.number === call.number)
  const state = desk === undefined ? 'over' : { calling: 'called', serving: 'serving' }[desk.state] || 'over'
  return Object.assign({}, call, { state })
}
