// Sentences in the language of the reader. Both languages travel with the page, so that changing it
// needs no server and works while there is none.

const LANGUAGES = ['zh', 'en']
const COOKIE_DAYS = 365

/**
 * @param {Object<string, Object<string, string>>} texts by language, then by key
 * @param {string} language 'zh' or 'en'
 */
export function speaker(texts, language) {
  const t = (key, values) => filled(texts[t.language][key] || key, values || {})
  t.language = language
  t.has = (key) => key in texts[t.language]
  t.other = () => LANGUAGES[1 - LANGUAGES.indexOf(t.language)]

  /** The name of a hall, group, window or matter: `{zh, en}`, or plain text from an older server. */
  t.named = (thing) => (typeof thing === 'string' ? thing : (thing && (thing[t.language] || thing.zh)) || '')

  /** What a refusal says, from its problem+json. */
  t.problem = (problem) => (t.language === 'zh' ? problem.title_zh : problem.title) || t('problem.unknown')

  /** A range of minutes: "12–18 分钟". */
  t.minutes = (estimate) => {
    if (!estimate) return t('minutes.unknown')
    return t(estimate.low_minutes > 0 ? 'minutes.range' : 'minutes.upto', { low: estimate.low_minutes, high: estimate.high_minutes })
  }

  return t
}

/** Writes the sentences of `t` into everything below `root` that names one. */
export function relabel(root, t) {
  document.documentElement.lang = t.language === 'zh' ? 'zh-CN' : 'en'
  root.querySelectorAll('[data-text]').forEach((node) => {
    node.textContent = t(node.dataset.text)
  })
  root.querySelectorAll('[data-label]').forEach((node) => {
    node.setAttribute('aria-label', t(node.dataset.label))
  })
  root.querySelectorAll('[data-placeholder]').forEach((node) => {
    node.placeholder = t(node.dataset.placeholder)
  })
}

/** "9" for the window "09": as people say it. */
export function shortNumber(windowId) {
  return windowId.replace(/^0+(?=\d)/, '')
}

/** Keeps the choice of language for the next page. It says nothing about who chose it. */
export function rememberLanguage(language) {
  document.cookie = `lang=${language}; path=/; max-age=${COOKIE_DAYS * 86400}; samesite=lax`
}

function filled(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole))
}
