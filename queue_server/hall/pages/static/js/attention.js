// What makes somebody look at a phone without a sound: vibration, a lit screen, the title and its icon.

const BUZZ_MS = [500, 200, 500, 200, 900]

/**
 * Vibrates once per call and recall, on this page or the one before the reload. Browsers refuse to vibrate for
 * a page nobody has touched yet, and complain; the light is there anyway.
 */
export function buzzer(name) {
  let buzzedFor = null
  return (view) => {
    if (view.state !== 'called' || view.call_seq === null) return
    const call = String(view.call_seq)
    if (buzzedFor === null) buzzedFor = recalled(name)
    if (buzzedFor === call) return
    buzzedFor = call
    remember(name, call)
    const touched = !navigator.userActivation || navigator.userActivation.hasBeenActive
    if (navigator.vibrate && touched) navigator.vibrate(BUZZ_MS)
  }
}

/** Keeps the screen lit while `wanted` says so. Phones let go of it whenever the page is hidden. */
export function wakefulness() {
  let lock = null
  let wanted = false
  let asking = false

  async function hold() {
    if (!wanted || lock !== null || asking || !navigator.wakeLock || document.visibilityState === 'hidden') return
    asking = true
    try {
      lock = await navigator.wakeLock.request('screen')
      lock.addEventListener('release', () => {
        lock = null
      })
    } catch (error) {
      lock = null // A low battery: then the phone decides.
    }
    asking = false
    if (!wanted) letGo()
  }

  function letGo() {
    if (lock !== null) lock.release()
  }

  document.addEventListener('visibilitychange', hold)
  return (isWanted) => {
    wanted = isWanted
    if (wanted) hold()
    else letGo()
  }
}

/** The icon of the tab, so that one who reads something else sees the call. */
export function tabIcon(link) {
  return (isCalled) => {
    const wanted = isCalled ? link.dataset.called : link.dataset.calm
    if (link.getAttribute('href') !== wanted) link.setAttribute('href', wanted)
  }
}

function remember(name, value) {
  try {
    sessionStorage.setItem(name, value)
  } catch (error) {
    // Private browsing without storage: the page only forgets at a reload.
  }
}

function recalled(name) {
  try {
    return sessionStorage.getItem(name)
  } catch (error) {
    return null
  }
}
