// Tabs that go and can say so: closed, navigated away, reloaded, out of the room, into the back/forward cache.

import type { RecordedWindow } from '../recorder.ts'
import type { Fault } from './fault.ts'

export const closed: Fault = {
  what: 'is closed',
  kind: 'leave',
  strike: (host) => host.page.close(),
}

export const navigated: Fault = {
  what: 'navigates away',
  kind: 'leave',
  isLong: true,
  strike: (host) => host.page.goto('about:blank'),
}

export const reloaded: Fault = {
  what: 'is reloaded, and joins again',
  kind: 'leave',
  strike: async (host) => {
    await host.page.navigate(() => host.page.send('Page.reload'))
    return () => host.joinHere()
  },
}

export const left: Fault = {
  what: 'leaves the room',
  kind: 'leave',
  strike: (host) =>
    host.page.evaluate(() => (window as unknown as RecordedWindow).recorder.room.leave()),
}

/** The page itself comes back, with its room and all that its scripts held. */
export const cached: Fault = {
  what: 'goes into the back/forward cache, and is restored',
  kind: 'leave',
  needsBrowser: true,
  strike: async (host, scene) => {
    const { page } = host
    const formerId = host.id
    await page.evaluate(() =>
      window.addEventListener('pageshow', ({ persisted }) =>
        Object.assign(window, { wasCached: persisted }),
      ),
    )
    // To another site, as a user would go: the cache keeps pages apart by it.
    await page.goto(scene.server.url.replace('127.0.0.1', 'localhost'))
    return async () => {
      const { currentIndex, entries } = await page.send<{
        currentIndex: number
        entries: readonly { id: number }[]
      }>('Page.getNavigationHistory')
      await page.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1]!.id })
      await host.until(
        'the page is back and in the room',
        () => host.id !== formerId && host.state!.status === 'live',
      )
      if (!(await page.evaluate(() => 'wasCached' in window && window.wasCached)))
        throw new Error('the page was loaded anew, and not restored from the cache')
    }
  },
}
