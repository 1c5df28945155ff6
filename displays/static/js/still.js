// Screens that show the same all day burn in. So the sheet moves by a few pixels every few minutes, in a ring,
// too slowly and too little for anybody to notice.

const STEP_MS = 180000
const RING_PX = [[0, 0], [3, 0], [4, 3], [3, 4], [0, 4], [-3, 3], [-4, 0], [-3, -3], [0, -4], [3, -3]]
const CALM_RING = [[0, 0], [6, -5], [-7, 4], [5, 8], [-6, -8], [8, 2], [-8, 7], [2, -9]] // In hundredths of the screen.

/** Moves the sheet, and on a calm page, where little stands on a dark ground, by much more. */
export function keepFromBurningIn(sheet, calm, atMs) {
  const step = Math.floor(atMs / STEP_MS)
  const [x, y] = RING_PX[step % RING_PX.length]
  place(sheet, `translate(${x}px, ${y}px)`)
  const [wide, high] = CALM_RING[step % CALM_RING.length]
  place(calm, `translate(${wide}vw, ${high}vh)`)
}

function place(node, transform) {
  if (node.style.transform !== transform) node.style.transform = transform
}
