// Reasons as people read them.

/** The sentence of a reason's code, or the words somebody typed instead. */
export function reasonWord(t, reason) {
  return reason && t.has(`reason.${reason}`) ? t(`reason.${reason}`) : reason || ''
}
