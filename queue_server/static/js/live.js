// A page that stays true: whole views over a WebSocket, newest wins.
//
// A view is all a screen needs, so losing one is harmless and nothing is ever replayed. `seq` orders
// the views of one `epoch` (one life of the server): an older one is ignored, and another epoch starts
// afresh. `as_of` is when the server last saw the hall, and the server sends a beat with it when it has
// nothing to say. A page is live only while `as_of` moves: a server that talks but cannot see its database
// repeats the last one. A page whose `as_of` has not advanced for STALE_MS may be showing the past and says
// so. Reconnecting waits a random time below a doubling ceiling, so that the screens of a hall do not return
// in one wave. While there is no socket (some phone networks never allow one), the view is fetched instead.

const STALE_MS = 15000
const BACKOFF_FIRST_MS = 1000
const BACKOFF_CEILING_MS = 30000
const POLL_AFTER_MS = 3000
const POLL_MS = 5000
const GONE_MS = 60000 // What does not exist yet may be there in a minute.
const LOOK_MS = 1000
const UNWELCOME = 1008

/**
 * @param {object} options
 * @param {string} options.url path of the WebSocket
 * @param {string} [options.fetchUrl] path that answers the same view to a GET
 * @param {(view: object) => void} options.onView
 * @param {(state: 'connecting'|'live'|'stale'|'gone', asOf: string|null) => void} [options.onState]
 *   `gone`: the server says that there is no such thing, and nothing has been shown yet
 * @param {(asOf: string, afresh: boolean) => void} [options.onTime] whenever the time of the data advances;
 *   `afresh`: it is that of another epoch, and says nothing about the time before
 * @param {() => void} [options.onUnwelcome] the server no longer knows who is asking
 */
export function live({ url, fetchUrl, onView, onState, onTime, onUnwelcome }) {
  const started = performance.now()
  let socket = null
  let socketMs = started
  let epoch = null
  let seq = -1
  let asOf = null
  let heardMs = started // When anything was heard, so that a dead socket is noticed,
  let freshMs = started // and when what was heard was news of the time.
  let attempts = 0
  let retryTimer = null
  let polledMs = started + POLL_AFTER_MS - POLL_MS
  let polling = false
  let away = false // What was last fetched did not come.
  let state = null
  let closed = false

  function show(next) {
    if (state !== next || next === 'stale') {
      state = next
      if (onState) onState(state, asOf)
    }
  }

  function heard(message) {
    heardMs = performance.now()
    const isBeat = message.type === 'beat'
    if (isBeat && message.epoch !== epoch) return // It says nothing about what is shown here.
    const afresh = epoch !== null && message.epoch !== epoch
    if (asOf === null || afresh || Date.parse(message.as_of) > Date.parse(asOf)) {
      asOf = message.as_of
      freshMs = heardMs
      if (onTime) onTime(asOf, afresh)
    }
    if (!isBeat && isNews(message)) {
      epoch = message.epoch
      seq = message.seq
      onView(message)
    }
    if (isFresh()) show('live')
  }

  function isFresh() {
    return performance.now() - freshMs <= STALE_MS
  }

  function isNews(view) {
    return view.epoch !== epoch || view.seq >= seq
  }

  function connect() {
    clearTimeout(retryTimer)
    retryTimer = null
    const mine = new WebSocket(address(url, epoch, seq))
    socket = mine
    socketMs = performance.now()
    mine.onmessage = (event) => {
      if (mine !== socket) return
      attempts = 0
      heard(JSON.parse(event.data))
    }
    mine.onclose = (event) => {
      if (mine !== socket) return
      if (event.code === UNWELCOME && onUnwelcome) onUnwelcome()
      lost()
    }
  }

  function lost() {
    socket = null
    if (closed || retryTimer !== null) return
    const ceiling = Math.min(BACKOFF_CEILING_MS, BACKOFF_FIRST_MS * 2 ** attempts)
    attempts += 1
    retryTimer = setTimeout(connect, state === 'gone' ? GONE_MS : Math.random() * ceiling)
    if (fetchUrl && !polling && asOf === null) poll() // The first view does not wait for the second try.
  }

  function drop() {
    const silent = socket
    socket = null
    if (silent) silent.close()
    lost()
  }

  async function poll() {
    polling = true
    polledMs = performance.now()
    try {
      const answer = await fetch(fetchUrl, { headers: { Accept: 'application/json' } })
      if (closed) return
      if (answer.ok) {
        heard(await answer.json())
        if (away) comeBack()
      } else if ((answer.status === 404 || answer.status === 410) && asOf === null) {
        show('gone')
      } else {
        away = true
      }
    } catch (error) {
      away = true // No network. The stale banner tells people; the next look tries again.
    } finally {
      polling = false
    }
  }

  // The server answers again, so there is no need to wait as long as its silence had taught us.
  function comeBack() {
    away = false
    attempts = 0
    if (socket !== null) return
    clearTimeout(retryTimer)
    retryTimer = null
    lost()
  }

  function look() {
    const now = performance.now()
    const silent = now - heardMs > STALE_MS
    // A socket that hangs while opening, or that opened and says nothing, is as dead as a closed one.
    if (state !== 'gone' && silent && socket !== null && now - socketMs > STALE_MS) drop()
    if (state !== 'gone' && !isFresh()) show('stale')
    const told = socket !== null && socket.readyState === WebSocket.OPEN && !silent
    if (fetchUrl && state !== 'gone' && !polling && !told && now - polledMs > POLL_MS) poll()
  }

  // Phones sleep. Whoever looks again wants the truth now, not after the back-off.
  function wake() {
    if (closed || document.visibilityState === 'hidden') return
    attempts = 0
    if (socket === null) connect()
    look()
  }

  function stop() {
    closed = true
    clearInterval(looking)
    clearTimeout(retryTimer)
    document.removeEventListener('visibilitychange', wake)
    removeEventListener('online', wake)
    if (socket) socket.close()
  }

  const looking = setInterval(look, LOOK_MS)
  document.addEventListener('visibilitychange', wake)
  addEventListener('online', wake)
  show('connecting')
  connect()

  return {
    /** Shows a view that came another way: the answer to a request of this page. */
    take: heard,
    close: stop,
  }
}

function address(path, epoch, seq) {
  const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:'
  const mark = path.includes('?') ? '&' : '?'
  const resume = epoch === null ? '' : `${mark}epoch=${encodeURIComponent(epoch)}&seq=${seq}`
  return `${scheme}//${location.host}${path}${resume}`
}
