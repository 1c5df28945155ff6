// Name, time zone, general business, and what makes the pages of this hall its own.

import { el } from '/static/js/dom.js'
import { choice, field, names, text } from '../fields.js'

const SUGGESTED = ['', '#8c2f39', '#2f5d50', '#2b4c7e', '#6b4a2b', '#5a3e6b']
const HOUSE_ACCENT = '#a32d1b'
const LOGO_BYTES_MAX = 65536
const ZONES = ['Asia/Shanghai', 'Asia/Hong_Kong', 'Asia/Macau', 'Asia/Urumqi', 'Europe/Warsaw', 'UTC']

export function draw(ctx) {
  const { t, draft } = ctx
  const groups = draft.paper.groups.map((group) => ({ value: group.id, label: `${group.id} ${t.named(group.name)}` }))
  const about = el(
    'section',
    { class: 'card' },
    el('h2', {}, t('admin.look_about')),
    el(
      'div',
      { class: 'fields' },
      names(ctx, 'about.name', t('admin.hall_name')),
      text(ctx, 'about.timezone', t('admin.timezone'), { hint: t('admin.timezone_hint'), list: 'timezones' }),
      el('datalist', { id: 'timezones' }, ...ZONES.map((zone) => el('option', { value: zone }))),
      choice(ctx, 'about.general_group_id', t('admin.general_group'), [{ value: null, label: t('admin.first_group') }, ...groups], t('admin.general_group_hint')),
    ),
  )
  const sample = preview(ctx)
  const looks = el(
    'section',
    { class: 'card' },
    el('h2', {}, t('admin.look_looks')),
    el('div', { class: 'fields' }, text(ctx, 'look.seal', t('admin.seal'), { hint: t('admin.seal_hint'), max: 2, lang: 'zh-CN' }), accent(ctx), logo(ctx)),
    sample,
  )
  paint(ctx, sample)
  ctx.paint = () => paint(ctx, sample)
  return el('div', { class: 'columns' }, about, looks)
}

export function looked(ctx) {
  ctx.paint()
}

function accent(ctx) {
  const { t, draft } = ctx
  const written = el('input', { type: 'text', value: draft.get('look.accent'), maxlength: 7, autocomplete: 'off', spellcheck: 'false', placeholder: HOUSE_ACCENT, class: 'colour__code' })
  const picked = el('input', { type: 'color', value: isColour(draft.get('look.accent')) ? draft.get('look.accent') : HOUSE_ACCENT, 'aria-label': t('admin.accent_pick') })
  const change = (value) => {
    ctx.put('look.accent', value)
    written.value = value
    if (isColour(value)) picked.value = value
    ctx.paint()
  }
  written.addEventListener('input', () => change(written.value.trim().toLowerCase()))
  picked.addEventListener('input', () => change(picked.value))
  const suggestions = SUGGESTED.map((value) => {
    const name = value === '' ? t('admin.accent_house') : value
    const button = el('button', { class: 'swatch', type: 'button', 'aria-label': name, title: name })
    button.style.backgroundColor = value || HOUSE_ACCENT
    button.addEventListener('click', () => change(value))
    return button
  })
  const after = el('span', { class: 'colour' }, picked, el('span', { class: 'swatches', role: 'group', 'aria-label': t('admin.accent_some') }, ...suggestions))
  return field('look.accent', t('admin.accent'), written, t('admin.accent_hint'), after)
}

function logo(ctx) {
  const { t, draft } = ctx
  const file = el('input', { type: 'file', accept: 'image/png' })
  const remove = el('button', { class: 'button button--small', type: 'button', hidden: draft.get('look.logo') === '' }, t('admin.logo_remove'))
  file.addEventListener('change', async () => {
    const [picture] = file.files
    if (picture === undefined) return
    if (picture.size > LOGO_BYTES_MAX) {
      ctx.put('look.logo', 'too-large')
      return
    }
    ctx.put('look.logo', inBase64(new Uint8Array(await picture.arrayBuffer())))
    remove.hidden = false
    ctx.paint()
  })
  remove.addEventListener('click', () => {
    file.value = ''
    remove.hidden = true
    ctx.put('look.logo', '')
    ctx.paint()
  })
  return field('look.logo', t('admin.logo'), file, t('admin.logo_hint'), remove)
}

function inBase64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function preview(ctx) {
  const { t } = ctx
  return el(
    'div',
    { class: 'sample', role: 'img', 'aria-label': t('admin.sample') },
    el('div', { class: 'sample__head' }, el('span', { class: 'sample__seal' }), el('strong', { class: 'sample__name' })),
    el('div', { class: 'sample__call' }, el('span', {}, 'A007'), el('span', {}, t('admin.sample_call'))),
    el('div', { class: 'sample__tint' }, t('admin.sample_words')),
  )
}

/** Shows the colours as they will be. The server derives the same ones, and has the last word. */
function paint(ctx, sample) {
  const { draft, t } = ctx
  const written = draft.get('look.accent')
  const colour = isColour(written) ? written : HOUSE_ACCENT
  const seal = sample.querySelector('.sample__seal')
  const picture = draft.get('look.logo')
  const isPicture = picture.length > 20
  seal.textContent = isPicture ? '' : draft.get('look.seal') || ''
  seal.classList.toggle('sample__seal--two', (draft.get('look.seal') || '').length > 1)
  seal.style.background = isPicture ? `url("data:image/png;base64,${picture}") center / contain no-repeat` : colour
  sample.querySelector('.sample__name').textContent = t.named(draft.get('about.name'))
  sample.querySelector('.sample__call').style.backgroundColor = colour
  const tint = sample.querySelector('.sample__tint')
  tint.style.color = colour
  tint.style.backgroundColor = mixed('#fffdf7', colour, 0.14)
}

function isColour(written) {
  return /^#[0-9a-f]{6}$/.test(written)
}

function mixed(one, other, share) {
  const channels = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
  const [a, b] = [channels(one), channels(other)]
  return `#${a.map((channel, at) => Math.round(channel + (b[at] - channel) * share).toString(16).padStart(2, '0')).join('')}`
}
