// Owns others' ways, each as who meets over it and who joins it. Without `--peers` there are none.

import { join } from 'node:path'
import type { BrowserTab } from '../../e2e/chromium.ts'
import type { Contender } from '../row.ts'
import { Service } from '../stage/service.ts'
import type { Stage } from '../stage/stage.ts'
import type { Meeting } from './meeting.ts'
import { closeAll, served, type Way } from './way.ts'

export type PeerName = 'socket.io' | 'peerjs' | 'y-websocket' | 'y-webrtc'

type Where = { readonly name: PeerName; readonly url: string; readonly room: string }
type Role = 'host' | 'other'

declare global {
  interface Window {
    peers: {
      open(where: Where & { role: Role }): Promise<void>
      untilConnected(others: number): Promise<void>
      fill(count: number): Promise<void>
      joinMs(where: Where & { role: Role; count: number }): Promise<number>
    }
  }
}

/** Pages of theirs, as many as there are receivers; where one of them passes on, one more. */
export function peerWays(stage: Stage, names: readonly PeerName[]): readonly Way[] {
  if (stage.peersFolder === null) return []
  return names.map((name) => ({
    name,
    kind: 'other',
    meet: (receivers) => meet(stage, name, receivers),
  }))
}

async function meet(stage: Stage, name: PeerName, receivers: number): Promise<Meeting> {
  const { service, where } = await start(stage, name)
  const hasHost = name === 'peerjs'
  const tabs: BrowserTab[] = []
  for (let i = 0; i < receivers + (hasHost ? 1 : 0); i++)
    tabs.push(await openThere(stage, where, i === 0 ? 'host' : 'other'))
  for (const tab of tabs)
    await tab.evaluate((n: number) => window.peers.untilConnected(n), tabs.length - 1)
  const members = hasHost ? tabs.slice(1) : tabs
  const { beside, close, parts } = served(members, service, `${name} relay`)
  const host = hasHost ? [{ name: 'host', tab: tabs[0]! }] : []
  return {
    author: members[0]!,
    // An author of Yjs has its own values before they travel.
    receivers: name.startsWith('y-') ? members.slice(1) : members,
    parts: [...host, ...parts],
    beside,
    close: async () => {
      await close()
      if (hasHost) await closeAll([tabs[0]!])
    },
  }
}

/** Joins a room in which another page has put so many messages. */
export function peerJoins(
  stage: Stage,
  names: readonly PeerName[],
  messages: number,
): readonly Contender[] {
  if (stage.peersFolder === null) return []
  return names.map((name) => ({ name, kind: 'other', open: () => openJoin(stage, name, messages) }))
}

async function openJoin(stage: Stage, name: PeerName, count: number) {
  const { service, where } = await start(stage, name)
  const filler = await openThere(stage, where, 'host')
  await filler.evaluate((n: number) => window.peers.fill(n), count)
  const measure = async () => {
    const newcomer = await stage.openTab(null, 'peers.html')
    const ms = await newcomer.evaluate(
      (asked: Where & { role: Role; count: number }) => window.peers.joinMs(asked),
      { ...where, role: 'other' as const, count },
    )
    await newcomer.close()
    return { ms: [ms] }
  }
  // The first one waits until the filler's values have reached wherever they are retained.
  await measure()
  const close = async () => {
    await filler.close()
    await service.stop()
  }
  return { measure, close }
}

async function start(stage: Stage, name: PeerName) {
  const service = await Service.start(join(stage.peersFolder!, 'server.mjs'), [name])
  const where: Where = { name, url: service.url, room: stage.freshToken() }
  return { service, where }
}

async function openThere(stage: Stage, where: Where, role: Role): Promise<BrowserTab> {
  const tab = await stage.openTab(null, 'peers.html')
  await tab.evaluate((asked: Where & { role: Role }) => window.peers.open(asked), {
    ...where,
    role,
  })
  return tab
}
