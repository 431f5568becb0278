// Owns the ways from page to pages that are compared, each as who meets over it. All ways have one author and so many
// receivers; where the author hears its own values it is one of them.

import { fileURLToPath } from 'node:url'
import type { BrowserTab } from '../../e2e/chromium.ts'
import type { Contender, Running } from '../row.ts'
import { Service } from '../stage/service.ts'
import { until, type Build, type Stage } from '../stage/stage.ts'
import type { Meeting } from './meeting.ts'

export const RELAY = fileURLToPath(new URL('../stage/drift-relay.mjs', import.meta.url))

export type Way = Pick<Contender, 'name' | 'kind'> & {
  readonly meet: (receivers: number) => Promise<Meeting>
}

/** A way at one job. `warmUp` is done once it is open. */
export function at(
  way: Way,
  receivers: number,
  measure: (meeting: Meeting) => ReturnType<Running['measure']>,
  warmUp: (meeting: Meeting) => Promise<unknown>,
): Contender {
  const { name, kind, meet } = way
  const open = async () => {
    const meeting = await meet(receivers)
    await warmUp(meeting)
    return { measure: () => measure(meeting), close: () => meeting.close() }
  }
  return { name, kind, open }
}

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
      return { ...meetingOf(tabs), beside: [service] }
    },
  }))
}

/** The host comes first. */
export async function openRoom(
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

/** One page in the middle batches and passes on, and does nothing else. */
export function floor(stage: Stage): Way {
  return {
    name: 'floor',
    kind: 'floor',
    meet: async (receivers) => {
      const tabs = await openStar(stage, receivers + 1)
      for (const tab of tabs)
        await tab.evaluate((isHost: boolean) => window.bench.useFloor(isHost), tab === tabs[0])
      return meetingOf(tabs)
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
      const { close, parts, beside } = meetingOf([host, author])
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
      return { ...meetingOf(tabs), receivers: tabs.slice(2) }
    },
  }
}

export const twoHops = (stage: Stage) => rawHops(stage, 'two raw hops')

/** The plain relay of DriftDB's messages, to as many pages as there are receivers. */
export function wsRelay(stage: Stage): Way {
  return {
    name: 'ws relay',
    kind: 'other',
    meet: async (receivers) => {
      const relay = await Service.start(RELAY)
      const tabs: BrowserTab[] = []
      for (let i = 0; i < receivers; i++) tabs.push(await stage.openTab(null))
      for (const tab of tabs)
        await tab.evaluate((url: string) => window.bench.useSocket(url), relay.url)
      return served(tabs, relay, 'ws relay')
    },
  }
}

/** Pages around a process that relays between them. */
export function served(tabs: readonly BrowserTab[], relay: Service, name: string): Meeting {
  const close = async () => {
    await closeAll(tabs)
    await relay.stop()
  }
  const parts = partsOf(['author', 'reader'], tabs)
  return { author: tabs[0]!, receivers: tabs, parts, beside: [{ name, pid: relay.pid }], close }
}

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

function meetingOf(tabs: readonly BrowserTab[]): Meeting {
  const [, ...others] = tabs
  return {
    author: others[0]!,
    receivers: others,
    parts: partsOf(['host', 'author', 'reader'], tabs),
    beside: [],
    close: () => closeAll(tabs),
  }
}

function partsOf(names: readonly string[], tabs: readonly BrowserTab[]): Meeting['parts'] {
  return names.slice(0, tabs.length).map((name, i) => ({ name, tab: tabs[i]! }))
}

export async function closeAll(tabs: readonly BrowserTab[]): Promise<void> {
  await Promise.all(tabs.map((tab) => tab.close()))
}
