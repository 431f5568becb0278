// Owns Baton's contenders: a room of each build.

import type { BrowserTab } from '../../e2e/chromium.ts'
import { until, type Build, type Stage } from '../stage/stage.ts'
import type { Contender } from '../row.ts'
import { around, closeAll, type Way } from './way.ts'

/** A room of each build: its host, and as many others as there are receivers, the author among them. */
export function rooms(stage: Stage, action: 'append' | 'relay'): readonly Way[] {
  return stage.builds.map((build) => ({
    name: build.name,
    kind: build.kind,
    meet: async (receivers) => {
      const tabs = await openRoom(stage, build, receivers + 1)
      for (const tab of tabs)
        await tab.evaluate((way: 'append' | 'relay') => window.bench.useRoom(way), action)
      const service = { name: 'service', pid: (await stage.serviceOf(build)).pid }
      return { ...around(tabs), beside: [service] }
    },
  }))
}

/** The host comes first. */
async function openRoom(
  stage: Stage,
  build: Build,
  pages: number,
  token = stage.freshToken(),
): Promise<readonly BrowserTab[]> {
  const tabs: BrowserTab[] = []
  for (let i = 0; i < pages; i++) {
    const tab = await stage.openTab(build)
    tabs.push(tab)
    await tab.evaluate((token: string) => window.bench.joinRoom(token), token)
  }
  for (const tab of tabs)
    await until(tab, 'the room is whole', (n) => window.bench.isWhole(n), pages)
  const areHosts = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.bench.isHost())))
  const host = tabs[areHosts.indexOf(true)]
  if (host === undefined) throw new Error('no page hosts')
  return [host, ...tabs.filter((tab) => tab !== host)]
}

/** A newcomer a round, to a room of two pages with so many messages. `join` tells the milliseconds. */
export function newcomers(
  stage: Stage,
  messages: number,
  join: (tab: BrowserTab, token: string) => Promise<number>,
): readonly Contender[] {
  return stage.builds.map((build) => {
    const open = async () => {
      const token = stage.freshToken()
      const tabs = await openRoom(stage, build, 2, token)
      await tabs[0]!.evaluate((n: number) => window.bench.fillStreams(n, 1), messages)
      const measure = async () => {
        const newcomer = await stage.openTab(build)
        const ms = await join(newcomer, token)
        await newcomer.evaluate(() => window.bench.leaveRoom())
        await newcomer.close()
        return { ms: [ms] }
      }
      return { measure, close: () => closeAll(tabs) }
    }
    return { name: build.name, kind: build.kind, open }
  })
}
