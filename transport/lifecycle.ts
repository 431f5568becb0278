// Owns the port for what a browser does with its page, and the browser's side of it. What follows from that is the
// room's to decide. [EL2 EL5]

/**
 * `visible`, `hidden`: the tab was switched to or away. `frozen`, `resumed`: its scripts were stopped, and run again.
 * `leaving`: the page goes, for good or into the back/forward cache, from where it may come back `restored`.
 */
export type PageState = 'visible' | 'hidden' | 'frozen' | 'resumed' | 'leaving' | 'restored'

export interface Lifecycle {
  /** Tells every change from now on. Returns its unsubscribe. */
  onLifecycle(listener: (state: PageState) => void): () => void
  isHidden(): boolean
  /** Phones and tablets suspend a hidden tab within seconds. */
  isPhone(): boolean
}

export const browserLifecycle: Lifecycle = { onLifecycle, isHidden: () => document.hidden, isPhone }

function onLifecycle(listener: (state: PageState) => void): () => void {
  const removal = new AbortController()
  const { signal } = removal
  document.addEventListener(
    'visibilitychange',
    () => listener(document.hidden ? 'hidden' : 'visible'),
    { signal },
  )
  document.addEventListener('freeze', () => listener('frozen'), { signal })
  document.addEventListener('resume', () => listener('resumed'), { signal })
  window.addEventListener('pagehide', () => listener('leaving'), { signal })
  window.addEventListener(
    'pageshow',
    ({ persisted }) => {
      if (persisted) listener('restored') // a page that just loads is shown, too
    },
    { signal },
  )
  return () => removal.abort()
}

function isPhone(): boolean {
  // An iPad says that it is a Mac, and is the only one that can be touched in several places.
  const isIpad = navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1
  return isIpad || /Android|iPhone|iPad|Mobile/.test(navigator.userAgent)
}
