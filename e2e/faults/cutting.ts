// A page that the network does not carry anything to or from: no data channel and no signaling.

import type { BrowserTab } from '../chromium.ts'
import type { Fault } from './fault.ts'

/** Nothing reaches the page by WebRTC, nor by its sockets, and nothing says so to it. */
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
    // It works on connections only that are made while it is on.
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
