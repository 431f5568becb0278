// Owns the plain relay of DriftDB's messages, as a process and as a contender.

import { fileURLToPath } from 'node:url'
import type { BrowserTab } from '../../e2e/chromium.ts'
import { Service } from '../stage/service.ts'
import type { Stage } from '../stage/stage.ts'
import { served, type Way } from './way.ts'

const SCRIPT = fileURLToPath(new URL('../stage/drift-relay.mjs', import.meta.url))

export const startRelay = () => Service.start(SCRIPT)

/** The plain relay of DriftDB's messages, to as many pages as there are receivers. */
export function wsRelay(stage: Stage): Way {
  return {
    name: 'ws relay',
    kind: 'other',
    meet: async (receivers) => {
      const relay = await startRelay()
      const tabs: BrowserTab[] = []
      for (let i = 0; i < receivers; i++) tabs.push(await stage.openTab(null))
      for (const tab of tabs)
        await tab.evaluate((url: string) => window.bench.useSocket(url), relay.url)
      return served(tabs, relay, 'ws relay')
    },
  }
}
