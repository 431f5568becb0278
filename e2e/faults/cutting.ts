// A page without a network: no data channel and no signaling.

import type { BrowserTab } from '../chromium.ts'
import type { Fault } from './fault.ts'

/** Loses every packet of the page, by WebRTC and by its sockets. The page is not told. */
async function setCut(page: BrowserTab, isCut: boolean): Promise<void> {
  await page.send('Network.emulateNetworkConditionsByRule', {
    offline: isCut,
    matchedNetworkConditions: [
      {
        urlPattern: '',
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput: -1,
        packetLoss: isCut ? 100 : 0,
      },
    ],
  })
}

function cutFor(seconds: number): Fault {
  return {
    what: `has no network for ${seconds} s`,
    kind: 'cut',
    ...(seconds > 10 ? { isLong: true } : {}),
    lastsMs: seconds * 1_000,
    // Only connections that are made while the emulation is on lose packets later.
    prepare: (page) => setCut(page, false),
    strike: async (host) => {
      await setCut(host.page, true)
      return () => setCut(host.page, false)
    },
  }
}

export const cutFor4s = cutFor(4)
export const cutFor12s = cutFor(12)
export const cutFor30s = cutFor(30)
