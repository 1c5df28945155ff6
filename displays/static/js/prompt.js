// The one voice of the house. It speaks at an accessible window, from that window's own screen, for somebody
// who asked to be called by voice, and for nobody else. The page loads this module only when the hall says so.

const CALL = 'jinghao-prompt'
const LANGUAGES = { zh: 'zh-CN', en: 'en-GB' }

document.addEventListener(CALL, (event) => {
  const { sentence, language } = event.detail
  if (!('speechSynthesis' in window)) return
  const words = new SpeechSynthesisUtterance(sentence)
  words.lang = LANGUAGES[language]
  words.rate = 0.9
  speechSynthesis.cancel() // One call at a time; a repeated one replaces the first.
  speechSynthesis.speak(words)
})
