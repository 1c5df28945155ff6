// Lists that are longer than their place take turns, a page after the other, by the clock and without a timer.

const TURN_MS = 12000

/**
 * The page of a list whose turn it is.
 *
 * @returns {{items: Array, sign: string}} `sign`: "2/3", or nothing for a list that has room
 */
export function turnOf(list, size, atMs) {
  const pages = Math.ceil(list.length / size)
  if (pages <= 1) return { items: list, sign: '' }
  const page = Math.floor(atMs / TURN_MS) % pages
  return { items: list.slice(page * size, (page + 1) * size), sign: `${page + 1}/${pages}` }
}
