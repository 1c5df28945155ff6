// What people come for: the catalogue of the hall, and finding something in it.

const SEARCH_AFTER_MS = 120
const FOUND_MAX = 12

export const NOTHING = { matters: [], themes: [], common: [] }

/**
 * Every matter of the hall, its themes, and what people ask for most; in a theme as well, that comes first.
 * `null` when there is no answer: what was known before is better than nothing.
 */
export async function loadMatters(hallId) {
  const answer = await askServer(hallId, '')
  if (answer === null) return null
  const { matters, most_asked: mostAsked } = answer
  const place = (matter) => (mostAsked.includes(matter.code) ? mostAsked.indexOf(matter.code) : mostAsked.length)
  return {
    matters: matters.slice().sort((one, other) => place(one) - place(other)),
    themes: Array.from(new Set(matters.map((matter) => matter.theme).filter(Boolean))),
    common: mostAsked.map((code) => matters.find((matter) => matter.code === code)).filter(Boolean),
  }
}

/**
 * Searches a moment after the last letter; an answer that was overtaken is dropped. `show` gets `null` when
 * there was no answer.
 */
export function finder(hallId, show) {
  let timer = null
  let last = ''
  return (words) => {
    const asked = words.trim()
    clearTimeout(timer)
    last = asked
    if (asked === '') {
      show([], '')
      return
    }
    timer = setTimeout(async () => {
      const answer = await askServer(hallId, asked)
      if (asked === last) show(answer && answer.matters.slice(0, FOUND_MAX), asked)
    }, SEARCH_AFTER_MS)
  }
}

/** Windows as people say them: "8 to 12" for neighbours, one by one for others. */
export function windowsInRuns(windows, run, comma) {
  const runs = []
  windows.forEach((desk) => {
    const last = runs[runs.length - 1]
    const isNext = last && /^\d+$/.test(desk.id) && Number(desk.id) === Number(last[last.length - 1].id) + 1
    if (isNext) last.push(desk)
    else runs.push([desk])
  })
  return runs
    .map((desks) => {
      const labels = desks.map((desk) => desk.label)
      return labels.length > 2 ? run(labels[0], labels[labels.length - 1]) : labels.join(comma)
    })
    .join(comma)
}

/** What the hall has written down about this kiosk, or `null`. */
export function loadKiosk(url) {
  return answerTo(url)
}

function askServer(hallId, words) {
  return answerTo(`/api/v1/halls/${hallId}/matters?q=${encodeURIComponent(words)}`)
}

async function answerTo(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: 'application/json' } })
    return answer.ok ? await answer.json() : null
  } catch (error) {
    return null
  }
}
