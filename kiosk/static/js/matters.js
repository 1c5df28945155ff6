// What people come for: the catalogue of the hall, and finding something in it.

const SEARCH_AFTER_MS = 120
const FOUND_MAX = 12

/**
 * Every matter of the hall, its themes, and what to offer first: what the hall marks as common, then the
 * first of each theme. Nothing when there is no answer.
 */
export async function loadMatters(hallId) {
  const matters = (await askServer(hallId, '')) || []
  const themes = Array.from(new Set(matters.map((matter) => matter.theme).filter(Boolean)))
  const firsts = themes.map((theme) => matters.find((matter) => matter.theme === theme))
  const common = new Set(matters.filter((matter) => matter.tags.includes('common')).concat(firsts))
  return { matters, themes, common: Array.from(common) }
}

/** Searches a moment after the last letter; an answer that was overtaken is dropped. */
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
      const found = await askServer(hallId, asked)
      if (asked === last && found !== null) show(found.slice(0, FOUND_MAX), asked)
    }, SEARCH_AFTER_MS)
  }
}

async function askServer(hallId, words) {
  try {
    const answer = await fetch(`/api/v1/halls/${hallId}/matters?q=${encodeURIComponent(words)}`, {
      headers: { Accept: 'application/json' },
    })
    return answer.ok ? (await answer.json()).matters : null
  } catch (error) {
    return null
  }
}
