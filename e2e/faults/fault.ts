// Owns what a fault is, and one way to live through it: others write without pause, it strikes the host, somebody
// else leads, and who is still there follows.

import type { TroubleKind } from '../../checks/history.ts'
import type { BrowserTab, Chromium } from '../chromium.ts'
import type { RoomTab } from '../room-tab.ts'
import type { Scene } from './scene.ts'

export type Fault = {
  /** What happens to the host's tab, as the end of "the host's tab …". */
  readonly what: string
  readonly kind: TroubleKind
  /** Whether the host must be alone in its browser. */
  readonly needsBrowser?: true
  /** Done to the host's page before it joins. */
  readonly prepare?: (page: BrowserTab) => Promise<unknown>
  /** Resolves when the fault is there; with how to end it where the page comes back into the room. */
  readonly strike: (host: RoomTab, scene: Scene) => Promise<(() => Promise<unknown>) | void>
  /** How long the host suffers it, where the others go on sooner. */
  readonly lastsMs?: number
  /** Left to `npm run faults`: it takes long, or another fault does much the same. */
  readonly isLong?: true
}

/** Receipts of each writer before and after a fault. */
const RECEIPTS = 20

export async function openPage(fault: Fault, scene: Scene): Promise<BrowserTab> {
  const browser: Chromium = fault.needsBrowser ? await scene.ownBrowser() : scene.shared
  const page = await browser.openTab()
  await fault.prepare?.(page)
  return page
}

/** Strikes the host once. Resolves when the room is well again, with the longest wait of a writer that was not hit. */
export async function endure(fault: Fault, scene: Scene): Promise<number> {
  const { host } = scene
  const { id, term } = host
  const others = scene.tabs.filter((tab) => tab !== host)
  for (const tab of others) await tab.startWriting()
  for (const tab of others) await tab.untilAcked(RECEIPTS)

  const struckAtMs = Date.now()
  scene.begin(fault.kind, fault.what, [host])
  const end = await fault.strike(host, scene)
  const isOver = wait(fault.lastsMs ?? 0)
  if (end === undefined) scene.remove(host, fault.kind === 'crash' ? 'crashed' : 'left')
  for (const tab of others)
    await tab.until('somebody else leads', () => tab.term > term && tab.state!.status === 'live')
  for (const tab of others) await tab.untilAcked(RECEIPTS)

  if (end !== undefined) {
    await isOver
    await end()
    scene.heal(fault.kind, fault.what)
    if (host.id !== id) host.noteEnd(id, 'left')
    await host.until(
      'it follows the new host',
      () => host.state!.status === 'live' && host.term > term && !host.isHost,
    )
    for (const tab of others) await tab.untilAcked(RECEIPTS)
  }
  for (const tab of others) await tab.stopWriting()
  return gapAfter(struckAtMs, others)
}

/** The longest wait between two receipts of one tab since a moment: what its user could have noticed. */
export function gapAfter(momentMs: number, tabs: readonly RoomTab[]): number {
  const waits = tabs.flatMap(({ ackedAtMs }) =>
    ackedAtMs.slice(1).map((atMs, i) => (atMs > momentMs ? atMs - ackedAtMs[i]! : 0)),
  )
  return Math.round(Math.max(...waits))
}

/** How long a fault lasts is part of what it is. */
export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
