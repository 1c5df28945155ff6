// Requests. Of those that change something, one press is one deed: its key is made once and kept for every
// repetition, so a lost answer never means a second ticket or a second call.

const PATIENCE_MS = 20000
const RETRY_FIRST_MS = 400
const RETRY_CEILING_MS = 4000
const ANSWER_MS = 8000
const KEY_BYTES = 16

/**
 * The deeds of one page, one at a time. A press while the same deed is still on its way joins it; a
 * press after an unknown outcome repeats it under the same key, until another deed takes its place.
 *
 * @returns {{send: (method: string, url: string, body: object|null) => Promise<Answer>, forget: () => void}}
 * @typedef {{ok: boolean, status: number, body: object}} Answer status 0: no answer at all
 */
export function deeds() {
  let open = null // The deed under way, or the last one whose outcome nobody knows.

  return {
    async send(method, url, body) {
      const name = `${method} ${url} ${JSON.stringify(body)}`
      if (open !== null && open.name === name && open.answer !== null) return open.answer
      const key = open !== null && open.name === name ? open.key : newKey()
      const mine = { name, key, answer: sent(method, url, body, key) }
      open = mine
      const answer = await mine.answer
      mine.answer = null
      if (open === mine && !isUnknown(answer)) open = null
      return answer
    },

    /** Somebody else stands here now: what was pressed before is no longer meant. */
    forget() {
      open = null
    },
  }
}

/**
 * What stands at an address now. A look changes nothing, so nothing is lost when it fails. What must not stand in an
 * address travels in headers.
 *
 * @returns {Promise<Answer>}
 */
export async function got(address, headers = {}) {
  try {
    const answer = await fetch(address, { headers: { Accept: 'application/json', ...headers } })
    return { ok: answer.ok, status: answer.status, body: await answer.json() }
  } catch (error) {
    return { ok: false, status: 0, body: {} }
  }
}

/** To the sign-in page, and back here from there. */
export function signIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`)
}

/** Whether the deed may or may not have happened. */
export function isUnknown(answer) {
  return answer.status === 0 || answer.status >= 500
}

async function sent(method, url, body, key) {
  const until = performance.now() + PATIENCE_MS
  for (let attempt = 0; ; attempt += 1) {
    const answer = await once(method, url, body, key)
    const worthRepeating = answer.status === 0 || answer.status === 502 || answer.status === 503
    if (!worthRepeating || performance.now() > until) return answer
    await pause(Math.min(RETRY_CEILING_MS, RETRY_FIRST_MS * 2 ** attempt) * (0.5 + Math.random() / 2))
  }
}

/** A key for one press. `crypto.randomUUID` would need https, which a hall's intranet may not have. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function once(method, url, body, key) {
  const abort = new AbortController()
  const timer = setTimeout(() => abort.abort(), ANSWER_MS)
  try {
    const answer = await fetch(url, {
      method,
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'Idempotency-Key': key },
      body: body === null ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      signal: abort.signal,
    })
    const text = await answer.text()
    return { ok: answer.ok, status: answer.status, body: parsed(text) }
  } catch (error) {
    return { ok: false, status: 0, body: {} }
  } finally {
    clearTimeout(timer)
  }
}

function parsed(text) {
  try {
    return JSON.parse(text)
  } catch (error) {
    return {} // A proxy's own error page. The status says enough.
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
