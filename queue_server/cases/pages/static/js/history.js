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
    department: details.department ? t.named(details.department) : '',
    opinion: line.name === 'task_ended' ? [t(details.agreed ? 'task.agreed' : 'task.disagreed'), details.note].filter(Boolean).join('：') : '',
    fault: details.fault ? t(`fault.${details.fault}`) : '',
    mark: details.mark ? t(`mark.${details.mark}`) : t('mark.open'),
    reason: reasonWords(line, t),
    title: details.title ? t.named(details.title) : '',
    item: details.item ? t.named(details.item) : '',
    verdict: details.verdict ? t(`point.${details.verdict}`) : '',
    version: details.entry_version || '',
  })
  const judged = (details.points || []).map((point) => `${t.named(point.item)}：${t(point.passed ? 'point.passed' : 'point.failed')}`)
  return [t(keyOf(line), values), judged.join('，'), details.breach ? t('history.breach') : '', details.late ? t('history.late') : '', line.by].filter(Boolean).join(' · ')
}

function keyOf({ name, details }) {
  if (name === 'decided') return details.approved ? 'history.approved' : 'history.denied'
  if (name === 'opened' && details.channel) return `history.opened_${details.channel}`
  if (name === 'cited') return details.entry ? 'history.cited' : 'history.cited_answer'
  return `history.${name}`
}

function reasonWords(line, t) {
  if (line.name === 'refused') return t(`refusal.${line.details.reason}`)
  if (line.name === 'paused') return t(`pause.${line.details.reason}`)
  return line.details.reason || ''
}
