// While somebody is called, what is lit changes its red, all of it in one beat. The attribute is toggled here and
// not by an animation in CSS: an animated layer is painted before the letters above it, so that on a slow box a
// fresh row was red for a moment without saying whom it calls.

const BEAT_MS = 750 // There and back is a second and a half: nothing here blinks faster than once a second.

/** Beats as long as something is lit; to be told after every showing. It begins with the plain red. */
export function beater() {
  let timer = null
  return () => {
    const lit = document.querySelector('[data-lit]') !== null
    if (lit && timer === null) timer = setInterval(() => document.body.toggleAttribute('data-beat'), BEAT_MS)
    if (!lit && timer !== null) {
      clearInterval(timer)
      timer = null
      document.body.removeAttribute('data-beat')
    }
  }
}
