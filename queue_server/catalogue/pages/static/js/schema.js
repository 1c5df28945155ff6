// What a guide is made of, for the editor's form: every element with its kind, in the order in which it is read.

const WORDS = { kind: 'words' }
const LONG = { kind: 'words', long: true }
const TEXT = { kind: 'text' }
const FLAG = { kind: 'flag' }
const DAYS = { kind: 'number', least: 0, most: 999, empty: true }

/** @param {{sources: string[], forms: string[]}} choices */
export function schema({ sources, forms }) {
  return [
    ['conditions', LONG],
    ['questions', list({ code: '', text: { zh: '', en: '' }, options: [] }, [
      ['code', TEXT], ['text', WORDS],
      ['options', list({ code: '', text: { zh: '', en: '' } }, [['code', TEXT], ['text', WORDS]])],
    ])],
    ['scenarios', list({ code: '', name: { zh: '', en: '' }, when: {}, group: null }, [
      ['code', TEXT], ['name', WORDS], ['when', { kind: 'when' }],
    ])],
    ['materials', list({
      name: { zh: '', en: '' }, source: '', source_note: { zh: '', en: '' }, form: 'original', copies: 1, filled_in: false,
      blank: '', sample: '', tolerable: false, exempt: false, only: [],
    }, [
      ['name', WORDS], ['source', choice(sources, 'source')], ['source_note', WORDS], ['form', choice(forms, 'form')],
      ['copies', { kind: 'number', least: 0, most: 99 }], ['tolerable', FLAG], ['exempt', FLAG], ['filled_in', FLAG],
      ['blank', TEXT], ['sample', TEXT], ['only', { kind: 'only' }],
    ])],
    ['steps', list({ name: { zh: '', en: '' }, who: { zh: '', en: '' }, days: null }, [['name', WORDS], ['who', WORDS], ['days', DAYS]])],
    ['process', LONG], ['statutory_days', DAYS], ['committed_days', DAYS],
    ['place', WORDS], ['hours', WORDS], ['phone', TEXT], ['complaints', TEXT],
    ['charged', FLAG], ['fee', WORDS], ['fee_basis', WORDS],
    ['result', WORDS], ['result_is_document', FLAG], ['result_sample', TEXT],
    ['basis', LONG], ['visits', { kind: 'number', least: 0, most: 20 }], ['visits_because', WORDS],
  ]
}

function list(fresh, of) {
  return { kind: 'list', fresh, of }
}

function choice(options, words) {
  return { kind: 'choice', options, words }
}
