// The kiosks' printers: which of them needs a hand, and which can print a slip for somebody.

import { el, hook, keep, say, set } from '/static/js/dom.js'

const LOOK_MS = 30000
const PRINTS = ['ready', 'paper_low']

export function printers({ t, url, ask }) {
  let known = []
  let lookedAt = -LOOK_MS
  let issued = null

  // A hall without printers, or a server that knows of none, has nothing to say here.
  async function look() {
    lookedAt = performance.now()
    const answer = await fetch(`${url}/printers`, { headers: { Accept: 'application/json' } }).catch(() => null)
    if (answer === null || !answer.ok) return
    known = (await answer.json()).printers
    show()
  }

  function show() {
    const trouble = known.filter((printer) => !['ready', 'none'].includes(printer.state))
    const line = hook(document, 'printers')
    line.hidden = trouble.length === 0
    const state = (printer) => t(`guide.printer_${printer.state}`)
    say(line, trouble.map((printer) => t('guide.printer', { name: t.named(printer.name), state: state(printer) })).join(' · '))
    const able = issued === null ? [] : known.filter((printer) => PRINTS.includes(printer.state))
    keep(hook(document, 'print'), able, (printer) => printer.device, create, (button, printer) => {
      say(button, t('guide.print_at', { name: t.named(printer.name) }))
    })
  }

  function create(printer) {
    const button = el('button', { class: 'button', type: 'button' })
    button.addEventListener('click', async () => {
      set(button, { disabled: true })
      const slip = await ask('POST', `kiosks/${printer.device}/slips`, { link_token: issued.link_token })
      set(button, { disabled: false })
      if (slip !== null) say(hook(document, 'printed'), t(slip.printed ? 'guide.printed' : 'guide.not_printed'))
      look()
    })
    return button
  }

  document.addEventListener('issued', (event) => {
    issued = event.detail
    say(hook(document, 'printed'), '')
    show()
  })

  return {
    render: show,
    tick() {
      if (performance.now() - lookedAt >= LOOK_MS) look()
    },
  }
}
