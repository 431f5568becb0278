// Owns contenders of bare data channels around one page: the limits, which send each value by itself, and the floor.

import type { BrowserTab } from '../../e2e/chromium.ts'
import type { Stage } from '../stage/stage.ts'
import { around, type Way } from './way.ts'

/** One page in the middle batches and passes on, and does nothing else. */
export function floor(stage: Stage): Way {
  return {
    name: 'floor',
    kind: 'floor',
    meet: async (receivers) => {
      const tabs = await openStar(stage, receivers + 1)
      for (const tab of tabs)
        await tab.evaluate((isHost: boolean) => window.bench.useFloor(isHost), tab === tabs[0])
      return around(tabs)
    },
  }
}

/** From the author to the one in the middle. */
export function oneChannel(stage: Stage): Way {
  return {
    name: 'one raw channel',
    kind: 'limit',
    meet: async () => {
      const [host, author] = (await openStar(stage, 2)) as [BrowserTab, BrowserTab]
      for (const tab of [host, author]) await tab.evaluate(() => window.bench.useRaw())
      const { close, parts, beside } = around([host, author])
      return { author, receivers: [host], parts, beside, close }
    },
  }
}

/** From the author through the one in the middle, each value by itself, to all other pages. */
export function rawHops(stage: Stage, name = 'raw hops'): Way {
  return {
    name,
    kind: 'limit',
    meet: async (receivers) => {
      const tabs = await openStar(stage, receivers + 1)
      for (const tab of tabs) await tab.evaluate(() => window.bench.useRaw())
      return { ...around(tabs), receivers: tabs.slice(2) }
    },
  }
}

export const twoHops = (stage: Stage) => rawHops(stage, 'two raw hops')

/** The page in the middle comes first. */
async function openStar(stage: Stage, pages: number): Promise<readonly BrowserTab[]> {
  const tabs: BrowserTab[] = []
  for (let i = 0; i < pages; i++) tabs.push(await stage.openTab(null))
  const [host, ...others] = tabs as [BrowserTab, ...BrowserTab[]]
  for (const other of others) {
    const offer = await other.evaluate(() => window.bench.offer())
    const answer = await host.evaluate((sdp: string) => window.bench.answer(sdp), offer)
    await other.evaluate((sdp: string) => window.bench.accept(sdp), answer)
    for (const tab of [host, other]) await tab.evaluate(() => window.bench.untilOpen())
  }
  return tabs
}
