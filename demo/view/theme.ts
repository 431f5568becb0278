// Owns light and dark: the system decides until somebody does.

import { button } from './dom.ts'

const STORED_AS = 'baton-demo-theme'

export function listenToTheme(): void {
  const toggle = button('theme-toggle')
  const system = matchMedia('(prefers-color-scheme: dark)')

  function isDark(): boolean {
    const chosen = document.documentElement.dataset['theme']
    return chosen === 'dark' || (chosen !== 'light' && system.matches)
  }

  function label(): void {
    const text = isDark() ? 'Switch to light colours' : 'Switch to dark colours'
    toggle.setAttribute('aria-label', text)
    toggle.title = text
  }

  toggle.addEventListener('click', () => {
    const theme = isDark() ? 'light' : 'dark'
    document.documentElement.dataset['theme'] = theme
    label()
    try {
      localStorage.setItem(STORED_AS, theme)
    } catch {
      // Storage may be closed; the choice then lasts as long as the page.
    }
  })
  system.addEventListener('change', label)
  label()
}
