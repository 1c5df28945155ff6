// Lights up each call once, whatever views were skipped in between. The hall stays silent.

const DWELL_MS = 12000

/**
 * Remembers which calls are lit: those somebody is expected for, and none that was answered, missed or
 * taken back. Such a call stays lit for the whole dwell, so two at once are both seen. A page that has just
 * been opened lights only what was called a moment ago.
 *
 * @param {() => number} now milliseconds on the hall's clock
 * @param {() => void} changed called when a light goes out
 */
export function highlighter(now, changed) {
  const dwellUntilMs = new Map() // By seq of the call; never more than the calls of one view.
  let lastLit = null

  function dwells(call) {
    return dwellUntilMs.has(call.seq) && dwellUntilMs.get(call.seq) > performance.now()
  }

  return {
    /** Looks at a view and lights what is new in it. */
    look(board) {
      const first = lastLit === null || board.seq < lastLit // Another journal: begin again.
      board.calls.forEach((call) => {
        const isNew = first ? now() - Date.parse(call.at) < DWELL_MS : call.seq > lastLit
        if (isNew && call.state === 'called') {
          dwellUntilMs.set(call.seq, performance.now() + DWELL_MS)
          setTimeout(() => {
            dwellUntilMs.delete(call.seq)
            changed()
          }, DWELL_MS)
        }
      })
      lastLit = board.calls.reduce((newest, call) => Math.max(newest, call.seq), first ? 0 : lastLit)
    },

    isLit: (call) => call.state === 'called' && dwells(call),

    /** Whether the call is new: lit, or answered so quickly that it still has to be seen. */
    isNew: (call) => (call.state === 'called' || call.state === 'serving') && dwells(call),
  }
}
