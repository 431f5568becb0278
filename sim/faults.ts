// Owns what a schedule can do to the world: one line each, `kind` and its words. A page is named by number (`p2`), by
// office (`host`, `standby`) or by place among those that live now (`~3`, counted round and round).

import type { Link } from './network.ts'
import { otherEnd } from './network.ts'
import type { Page } from './page.ts'
import type { World } from './world.ts'

export type Fault = {
  readonly atMs: number
  readonly kind: FaultKind
  readonly args: readonly string[]
}

type Word = 'page' | 'other' | 'ms' | 'number' | 'sides'

/** What each kind takes. `other`: a page that the one before has a link to. `sides`: a digit for each page, by number. */
export const FAULTS = {
  join: [],
  duplicate: ['page'],
  crash: ['page'],
  close: ['page'],
  leave: ['page'],
  reload: ['page', 'ms'],
  hang: ['page', 'ms'],
  freeze: ['page', 'ms'],
  sleep: ['page', 'ms'],
  hide: ['page', 'ms', 'number'],
  'hide-phone': ['page', 'ms'],
  'skip-clock': ['page', 'ms'],
  'lose-link': ['page', 'other'],
  'lose-link-at-one-end': ['page', 'other'],
  'cut-link': ['page', 'other', 'ms'],
  'cut-link-one-way': ['page', 'other', 'ms'],
  'clog-link': ['page', 'other', 'ms'],
  'slow-link': ['page', 'other', 'ms', 'number'],
  'drop-socket': ['page', 'ms'],
  'deafen-socket': ['page', 'ms'],
  'restart-signaling': ['ms'],
  'hang-signaling': ['ms'],
  'crash-next-host': ['ms'],
  'restart-signaling-at-claim': ['ms', 'ms'],
  partition: ['sides', 'ms'],
  'partition-half-off': ['sides', 'ms'],
  'partition-all-off': ['sides', 'ms'],
} as const satisfies { readonly [kind: string]: readonly Word[] }
export type FaultKind = keyof typeof FAULTS
export const FAULT_KINDS = Object.keys(FAULTS) as FaultKind[]

/** Pages come and go, but what is between them works. */
export const CALM_KINDS: readonly FaultKind[] = [
  'join',
  'duplicate',
  'crash',
  'close',
  'leave',
  'reload',
  'crash-next-host',
]
/** A clog holds few frames. */
const CLOG_FRAMES_MAX = 20
const SLEEP_CUTS_AFTER_MS = 15_400
const PAGES_MAX = 8
const ALL_SIDES = [0, 1, 2]

/** Null for a target that is not there: its fault does not happen. */
export function pageNamed(world: World, name: string): Page | null {
  if (name === 'host') return world.host ?? null
  if (name === 'standby')
    return (
      (world.host?.peer.replica.inSync ?? [])
        .map((id) => world.pageOf(id))
        .find((page) => page?.alive === true) ?? null
    )
  if (name.startsWith('p'))
    return world.pages.find((page) => page.name === name && page.alive) ?? null
  const pages = world.livePages
  return pages[Number(name.slice(1)) % Math.max(1, pages.length)] ?? null
}

function linkNamed(world: World, page: Page, name: string): Link | null {
  const links = [...world.network.linksOf(page).values()]
  if (name.startsWith('~')) return links[Number(name.slice(1)) % Math.max(1, links.length)] ?? null
  const other = pageNamed(world, name)
  return other === null ? null : (world.network.linksOf(page).get(other.id) ?? null)
}

export function applyFault(world: World, fault: Fault): void {
  world.scribe.note(null, `${fault.kind} ${fault.args.join(' ')}`)
  if (FAULTS[fault.kind][0] !== 'page') return applyToAll(world, fault)
  const page = pageNamed(world, fault.args[0]!)
  if (page === null) return
  if (FAULTS[fault.kind].some((word: Word) => word === 'other')) {
    const link = linkNamed(world, page, fault.args[1]!)
    return link === null ? undefined : applyToLink(world, fault, page, link)
  }
  applyToPage(world, fault, page)
}

function applyToPage(world: World, { kind, args }: Fault, page: Page): void {
  const ms = Number(args[1] ?? 0)
  const { scheduler } = world
  switch (kind) {
    case 'crash':
      return world.crash(page)
    case 'close':
      return world.close(page)
    case 'leave':
      return world.leave(page)
    case 'duplicate':
      if (world.livePages.length >= PAGES_MAX) return
      world.mark('the same user had two tabs')
      page.twin = world.join()
      return
    case 'reload':
      world.close(page)
      return scheduler.after(ms, () => world.join())
    case 'hang':
      world.scribe.trouble('hang', [page], { forMs: ms })
      return standStill(world, page, 'hung', ms)
    case 'freeze':
      world.scribe.trouble('freeze', [page], { forMs: ms })
      return standStill(world, page, 'frozen', ms)
    case 'sleep':
      world.scribe.trouble('freeze', [page], { forMs: ms, signaling: 'unreachable' })
      for (const link of world.network.linksOf(page).values()) world.network.cut(link, ms, null)
      world.signaling.deafen(page, Math.min(ms, SLEEP_CUTS_AFTER_MS))
      return standStill(world, page, 'asleep', ms)
    case 'hide':
      world.show(page, false, Number(args[2]))
      return scheduler.after(ms, () => world.show(page, true, 1))
    case 'hide-phone':
      world.show(page, false, 1_000)
      world.feed(page, { type: 'retiring' })
      return scheduler.after(ms, () => world.show(page, true, 1))
    case 'skip-clock':
      return page.clock.skip(ms)
    case 'drop-socket':
      world.scribe.trouble('socket-cut', [page], { forMs: ms, signaling: 'unreachable' })
      return world.signaling.drop(page, ms)
    case 'deafen-socket':
      world.scribe.trouble('socket-cut', [page], { forMs: ms, signaling: 'unreachable' })
      return world.signaling.deafen(page, ms)
    default:
  }
}

function standStill(world: World, page: Page, how: 'hung' | 'frozen' | 'asleep', ms: number): void {
  if (page.pause !== null) return
  world.pause(page, how)
  const { pause } = page
  world.scheduler.after(ms, () => (page.pause === pause ? world.goOn(page) : undefined))
}

function applyToLink(world: World, { kind, args }: Fault, page: Page, link: Link): void {
  const { network } = world
  const ms = Number(args[2] ?? 0)
  world.scribe.trouble('link-cut', link.pages, { forMs: ms })
  switch (kind) {
    case 'lose-link':
      return network.close(link, [0, 20])
    case 'lose-link-at-one-end':
      return network.closeOneEnd(link, page)
    case 'cut-link':
      return network.cut(link, ms, null)
    case 'cut-link-one-way':
      return network.cut(link, ms, page)
    case 'clog-link':
      link.queueMax = CLOG_FRAMES_MAX
      network.cut(link, ms, otherEnd(link, page))
      return world.scheduler.after(ms + 3_000, () => network.heal(link))
    case 'slow-link':
      return network.slow(link, Number(args[3]), ms)
    default:
  }
}

function applyToAll(world: World, { kind, args }: Fault): void {
  const { scheduler, signaling } = world
  switch (kind) {
    case 'join':
      if (world.livePages.length < PAGES_MAX) world.join()
      return
    case 'restart-signaling':
      return restartSignaling(world, Number(args[0]))
    case 'hang-signaling':
      if (!signaling.isUp) return
      world.scribe.trouble('signaling-down', [], { forMs: Number(args[0]) })
      signaling.hang()
      return scheduler.after(Number(args[0]), () => signaling.goOn())
    case 'restart-signaling-at-claim':
      return world.traps.atNextClaim(() =>
        scheduler.after(Number(args[0]), () => restartSignaling(world, Number(args[1]))),
      )
    case 'crash-next-host':
      return world.traps.atNextTakeover((page) =>
        scheduler.after(Number(args[0]), () => world.crash(page)),
      )
    case 'partition':
      return partition(world, args[0]!, Number(args[1]), ALL_SIDES)
    case 'partition-half-off':
      return partition(world, args[0]!, Number(args[1]), [0])
    case 'partition-all-off':
      return partition(world, args[0]!, Number(args[1]), [])
    default:
  }
}

function restartSignaling(world: World, downMs: number): void {
  if (!world.signaling.isUp) return
  world.marks.signalingStops(world)
  world.scribe.trouble('signaling-restart', [], { forMs: downMs })
  world.signaling.stop()
  world.scheduler.after(downMs, () => world.signaling.start())
}

function partition(
  world: World,
  sides: string,
  ms: number,
  reachSignaling: readonly number[],
): void {
  const sideOf = ({ number }: Page) => Number(sides[(number - 1) % sides.length])
  const isCutOff = (page: Page) => !reachSignaling.includes(sideOf(page))
  const isSomeoneOff = reachSignaling.length < ALL_SIDES.length
  world.scribe.trouble('partition', world.livePages, {
    forMs: ms,
    ...(isSomeoneOff && { signaling: 'unreachable' }),
  })
  world.walls.raise({ sideOf, reachSignaling, untilMs: world.nowMs + ms })
  const links = new Set(
    world.livePages.flatMap((page) => [...world.network.linksOf(page).values()]),
  )
  for (const link of links)
    if (sideOf(link.pages[0]) !== sideOf(link.pages[1])) world.network.cut(link, ms, null)
  for (const page of world.livePages)
    if (isCutOff(page))
      world.signaling.deafen(page, Math.min(ms, page.number % 2 === 0 ? 300 : 20_000))
}
