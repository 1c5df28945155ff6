// A pad to sign on: strokes as they are drawn, kept as a path of whole numbers.

const LINE_PX = 3
const STEP_MIN = 2 // Points nearer than this say nothing new.

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {{path: () => string, clear: () => void}}
 */
export function pad(canvas) {
  const brush = canvas.getContext('2d')
  let strokes = []
  let drawing = false

  canvas.addEventListener('pointerdown', (event) => {
    drawing = true
    canvas.setPointerCapture(event.pointerId)
    strokes.push([at(event)])
  })
  canvas.addEventListener('pointermove', (event) => {
    if (!drawing) return
    const stroke = strokes[strokes.length - 1]
    const [last, next] = [stroke[stroke.length - 1], at(event)]
    if (Math.abs(next[0] - last[0]) + Math.abs(next[1] - last[1]) < STEP_MIN) return
    stroke.push(next)
    line(last, next)
  })
  const lift = () => {
    drawing = false
  }
  canvas.addEventListener('pointerup', lift)
  canvas.addEventListener('pointercancel', lift)

  function at(event) {
    const box = canvas.getBoundingClientRect()
    const x = ((event.clientX - box.left) / box.width) * canvas.width
    const y = ((event.clientY - box.top) / box.height) * canvas.height
    return [clamped(x, canvas.width), clamped(y, canvas.height)]
  }

  function line(from, to) {
    brush.lineWidth = LINE_PX
    brush.lineCap = 'round'
    brush.strokeStyle = getComputedStyle(canvas).color
    brush.beginPath()
    brush.moveTo(from[0], from[1])
    brush.lineTo(to[0], to[1])
    brush.stroke()
  }

  return {
    path: () => strokes.filter((stroke) => stroke.length > 1).map(written).join(''),
    clear() {
      strokes = []
      brush.clearRect(0, 0, canvas.width, canvas.height)
    },
  }
}

function written(stroke) {
  return stroke.map(([x, y], place) => `${place === 0 ? 'M' : 'L'}${x} ${y}`).join('')
}

function clamped(value, most) {
  return Math.max(0, Math.min(most, Math.round(value)))
}
