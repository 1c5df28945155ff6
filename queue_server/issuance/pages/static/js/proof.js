// A photo of a waybill, small enough to be kept: it is drawn smaller until it fits.

const BYTES_MAX = 44000
const WIDTHS_PX = [900, 720, 560, 420]
const QUALITY = 0.55

/** @returns {Promise<string>} base64 of a JPEG, or '' if the file is no picture. */
export async function proofOf(file) {
  let picture
  try {
    picture = await createImageBitmap(file)
  } catch (error) {
    return ''
  }
  for (const width of WIDTHS_PX) {
    const canvas = document.createElement('canvas')
    canvas.width = Math.min(width, picture.width)
    canvas.height = Math.max(1, Math.round((picture.height * canvas.width) / picture.width))
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height)
    const base64 = canvas.toDataURL('image/jpeg', QUALITY).split(',')[1]
    if (base64.length * 0.75 <= BYTES_MAX) return base64
  }
  return ''
}
