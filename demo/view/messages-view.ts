// Owns what pops up: toasts that go by themselves, and the banner of the last problem, which stays until dismissed.

import { TOAST_MS } from '../board-limits.ts'
import type { Model } from '../model.ts'
import { button, byId, make, setText } from './dom.ts'

/** More than this at once is a wall. */
const TOASTS_MAX = 3

export function toast(text: string): void {
  const toasts = byId('toasts', HTMLElement)
  const element = make(
    'p',
    { class: 'toast' },
    make('span', { class: 'baton', 'aria-hidden': 'true' }),
    text,
  )
  toasts.append(element)
  while (toasts.childElementCount > TOASTS_MAX) toasts.firstElementChild?.remove()
  setTimeout(() => element.remove(), TOAST_MS)
}

/** Says something to screen readers only. */
export function announce(text: string): void {
  setText(byId('announcer', HTMLElement), text)
}

export function createBanner(dismissed: () => void): { draw(model: Model): void } {
  button('banner-close').addEventListener('click', dismissed)
  return {
    draw({ problem }) {
      byId('banner', HTMLElement).hidden = problem === null
      setText(byId('banner-text', HTMLElement), problem ?? '')
    },
  }
}
