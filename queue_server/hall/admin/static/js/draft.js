// A hall on paper while somebody changes it: what was saved, what it is to become, and where they differ.

/** @param view the newest version, as the API has it */
export function draftOf(view) {
  const draft = { hall: view.hall, version: view.version, base: view.configuration, paper: copy(view.configuration) }

  /** The value at a place such as `groups.2.name.zh`; undefined where nothing is. */
  draft.get = (where) => where.split('.').reduce((value, step) => (value === null || value === undefined ? undefined : value[step]), draft.paper)

  draft.set = (where, value) => {
    const steps = where.split('.')
    const last = steps.pop()
    draft.get(steps.join('.'))[last] = value
  }

  draft.isChanged = () => !same(draft.base, draft.paper)

  /** Takes over what was saved. */
  draft.settle = (saved) => {
    draft.version = saved.version
    draft.base = saved.configuration
    draft.paper = copy(saved.configuration)
  }

  /**
   * Puts these changes on top of what somebody else saved meanwhile. Returns the parts that both changed:
   * there ours stands, and the review shows it.
   */
  draft.rebase = (newest) => {
    const theirs = newest.configuration
    const both = []
    Object.keys(draft.paper).forEach((part) => {
      if (same(draft.paper[part], draft.base[part])) draft.paper[part] = copy(theirs[part])
      else if (!same(theirs[part], draft.base[part])) both.push(part)
    })
    draft.version = newest.version
    draft.base = theirs
    return both
  }

  return draft
}

export function copy(value) {
  return JSON.parse(JSON.stringify(value))
}

export function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other)
}
