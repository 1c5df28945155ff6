// Messages in WeChat, for whoever has opened the ticket there: one tap leads to WeChat and back, with scripts off too.

import { hook, say } from '/static/js/dom.js'
import { HEARS } from './bind.js'

/**
 * @param {HTMLElement | null} part where it is offered; on most phones it is not
 * @param {object} t
 */
export function wechatOffer(part, t) {
  return (view) => {
    if (part === null) return
    part.hidden = !HEARS.includes(view.state)
    hook(part, 'wechat-do').hidden = view.in_wechat
    say(hook(part, 'wechat-state'), t(view.in_wechat ? 'phone.reach_own' : 'phone.reach_none'))
  }
}
