// Until when a case is to be decided, in words.

/** @param {{on: string|null, left_days: number|null, unknown_year: number|null, color: string}} due */
export function dueWords(t, due) {
  if (due.color === 'paused') return t('inbox.paused')
  if (due.on === null) return t('inbox.unknown', { year: due.unknown_year })
  return t(due.color === 'late' ? 'inbox.late' : 'inbox.left', { date: due.on, days: due.left_days })
}
