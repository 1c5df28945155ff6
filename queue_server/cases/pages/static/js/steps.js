// What is next for a case: one step in colour, what else can be done, and a sentence that says why.

const GAPS = ['missing', 'defective']

/** The materials that are missing or cannot be used. */
export function gapsOf(one) {
  return one.items.filter((item) => GAPS.includes(item.mark))
}

/** Whether somebody still has to look at a material: an agent may have left it for the window to check. */
export function isOpen(item) {
  return item.mark === null || item.mark === 'to_check'
}

/** How many materials nobody has looked at. */
export function unchecked(one) {
  return one.items.filter(isOpen).length
}

/**
 * @param {object} one a case
 * @param {object|null} account who is asking
 * @param {object|undefined} matter as the catalogue has it
 * @returns {{primary: string|null, others: string[], sentence: string, values: object}}
 */
export function nextSteps(one, account, matter) {
  switch (one.stage) {
    case 'draft':
      return beforeReceipt(one, matter)
    case 'received':
    case 'notified':
      return atIntake(one, account)
    case 'accepted':
    case 'in_review':
    case 'in_chain':
      return underWay(one, account)
    default:
      return step(`now.${one.stage}`)
  }
}

function beforeReceipt(one, matter) {
  const hasScenarios = matter !== undefined && matter.scenarios.length > 0
  if (hasScenarios && one.subject.scenario === null) return step('now.scenario', null, ['withdraw'])
  const left = unchecked(one)
  if (left > 0) return step('now.look', null, ['withdraw'], { count: left })
  if (!one.has_applicant) return step('now.applicant', 'applicant', ['withdraw'])
  return step('now.receive', 'receive', ['withdraw'])
}

function atIntake(one, account) {
  const gaps = gapsOf(one)
  const values = { count: gaps.length }
  const left = unchecked(one)
  if (left > 0) return step('now.look', null, ['refuse', 'withdraw'], { count: left })
  const isManager = account !== null && ['manager', 'admin'].includes(account.role)
  if (gaps.length === 0) return step('now.accept', 'accept', ['refuse', 'withdraw'])
  const isTolerable = gaps.every((item) => item.tolerable)
  const mayNotify = one.notices.length === 0 || one.second_notice_approved
  if (isTolerable) return step('now.tolerate', 'tolerate', mayNotify ? ['notice', 'refuse', 'withdraw'] : ['refuse', 'withdraw'], values)
  if (mayNotify) return step('now.notice', 'notice', ['refuse', 'withdraw'], values)
  const due = one.notices[one.notices.length - 1].due_on
  const sentence = one.stage === 'received' ? 'now.supplemented' : 'now.supplement'
  return step(sentence, null, isManager ? ['second', 'refuse', 'withdraw'] : ['refuse', 'withdraw'], { count: gaps.length, date: due })
}

function underWay(one, account) {
  const isReviewer = account !== null && account.role === 'reviewer'
  const owed = one.promise === null ? 0 : one.promise.owed.length
  const isAtDesk = account !== null && ['clerk', 'manager', 'admin'].includes(account.role)
  const apart = isAtDesk && one.part_of === null ? ['withdraw'] : [] // A member is taken back with the whole.
  if (owed > 0) return step('now.debts', null, apart, { count: owed, date: one.promise.due_on })
  if (one.stage === 'in_chain') return step('now.in_chain', null, apart)
  if (one.subject.immediate) return step('now.finish', 'finish', ['deny', 'withdraw'])
  if (!isReviewer && one.wanted.length > 0) return step('now.wanted', null, apart, { count: one.wanted.length })
  if (!isReviewer) return step(`now.${one.stage}`, null, apart)
  if (one.stage === 'accepted') return step('now.review', 'review')
  const last = one.pauses[one.pauses.length - 1]
  if (one.wanted.length > 0) return step('now.wanted', null, [], { count: one.wanted.length })
  if (last !== undefined && last.until_on === null) return step('now.paused', 'resume')
  const open = one.tasks.filter((task) => task.opinion === null)
  const silent = open.filter((task) => task.lacks.length === 0).length
  if (open.length > 0 && silent === 0) return step('now.joint', 'joint', ['pause'])
  if (open.length > 0) return step('now.tasks', null, ['pause'], { count: open.length })
  if (one.tasks.some((task) => !task.opinion.agreed)) return step('now.disagreed', 'deny', ['pause'])
  const unjudged = one.points.filter((point) => point.passed === null).length
  if (unjudged > 0) return step('now.judge', null, ['pause'], { count: unjudged })
  if (one.points.some((point) => !point.passed)) return step('now.failed', 'deny', ['pause'])
  return step('now.decide', 'approve', ['deny', 'pause'])
}

function step(sentence, primary = null, others = [], values = {}) {
  return { primary, others, sentence, values }
}
