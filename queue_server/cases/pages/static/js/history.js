// A line of a case's history as a sentence.

/**
 * @param {{name: string, by: string, details: object}} line
 * @param {(key: string, values?: object) => string} t
 */
export function lineSentence(line, t) {
  const { details } = line
  const values = Object.assign({ by: line.by }, details, {
    material: details.material ? t.named(details.material) : '',
    matter: details.matter ? t.named(details.matter) : '',
    mark: details.mark ? t(`mark.${details.mark}`) : t('mark.open'),
    reason: reasonWords(line, t),
  })
  const key = line.name === 'decided' ? (details.approved ? 'history.approved' : 'history.denied') : `history.${line.name}`
  return [t(key, values), details.breach ? t('history.breach') : '', line.by].filter(Boolean).join(' · ')
}

function reasonWords(line, t) {
  if (line.name === 'refused') return t(`refusal.${line.details.reason}`)
  if (line.name === 'paused') return t(`pause.${line.details.reason}`)
  return line.details.reason || ''
}
