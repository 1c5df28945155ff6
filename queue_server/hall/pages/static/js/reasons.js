// Reasons as people read them, and those everybody gives. They have codes, so that reports can count them;
// anything else is said in words.

const REASONS = {
  hold: ['fetch_material', 'fill_form', 'copy', 'payment', 'system', 'other'],
  transfer: ['other_service', 'next_matter', 'green_channel', 'clerk_skill', 'other'],
  pause: ['papers', 'break', 'meal', 'meeting', 'technical', 'other'],
  pick: ['guide_asks', 'came_back', 'urgent', 'group_case', 'other'],
  overrun: ['many_materials', 'slow_system', 'complex', 'talking', 'other'],
}

/** The sentence of a reason's code, or the words somebody typed instead. */
export function reasonWord(t, reason) {
  return reason && t.has(`reason.${reason}`) ? t(`reason.${reason}`) : reason || ''
}

/** What can be chosen before a deed. */
export function reasonsFor(deed, t) {
  return REASONS[deed].map((reason) => ({ value: reason, text: reasonWord(t, reason) }))
}
