// Owns how each kind of fault is done to the world, and what of it is written into the history.

import {
  FAULTS,
  type Fault,
  type FaultKind,
  type LinkFaultKind,
  type PageFaultKind,
  type RoomFaultKind,
} from './faults.ts'
import { otherEnd, type Link } from './link.ts'
import type { Page, Pause } from './page.ts'
import { linkNamed, pageNamed } from './targets.ts'
import type { World } from './world.ts'

/** A clog holds few frames. */
const CLOG_FRAMES_MAX = 20
const CLOG_CLEARS_AFTER_MS = 3_000
const SLEEP_CUTS_AFTER_MS = 15_400
const PAGES_MAX = 8
const ALL_SIDES = [0, 1, 2]

/** The words behind the target, as numbers. */
type OnPage = (world: World, page: Page, ms: number, number: number) => void
type OnLink = (world: World, link: Link, page: Page, ms: number, number: number) => void
type OnRoom = (world: World, args: readonly string[]) => void

export function applyFault(world: World, { kind, args }: Fault): void {
  world.scribe.note(null, `${kind} ${args.join(' ')}`)
  if (isOnRoom(kind)) return ON_ROOM[kind](world, args)
  const page = pageNamed(world, args[0]!)
  if (page === null) return
  if (!isOnLink(kind)) return ON_PAGE[kind](world, page, Number(args[1] ?? 0), Number(args[2] ?? 0))
  const link = linkNamed(world, page, args[1]!)
  if (link === null) return
  const ms = Number(args[2] ?? 0)
  world.scribe.trouble('link-cut', link.pages, { forMs: ms })
  ON_LINK[kind](world, link, page, ms, Number(args[3] ?? 0))
}

function isOnRoom(kind: FaultKind): kind is RoomFaultKind {
  return FAULTS[kind][0] !== 'page'
}

function isOnLink(kind: PageFaultKind | LinkFaultKind): kind is LinkFaultKind {
  return FAULTS[kind][1] === 'other'
}

const ON_PAGE: { readonly [Kind in PageFaultKind]: OnPage } = {
  crash: (world, page) => world.crash(page),
  close: (world, page) => world.close(page),
  leave: (world, page) => world.leave(page),
  duplicate: (world, page) => {
    if (world.livePages.length >= PAGES_MAX) return
    world.mark('the same user had two tabs')
    page.twin = world.join()
  },
  reload: (world, page, ms) => {
    world.close(page)
    world.comesBack(page, ms)
  },
  'crash-back': (world, page, ms) => {
    world.crash(page)
    world.comesBack(page, ms)
  },
  hang: (world, page, ms) => {
    world.scribe.trouble('hang', [page], { forMs: ms })
    standStill(world, page, 'hung', ms)
  },
  freeze: (world, page, ms) => {
    world.scribe.trouble('freeze', [page], { forMs: ms })
    standStill(world, page, 'frozen', ms)
  },
  sleep: (world, page, ms) => {
    world.scribe.trouble('freeze', [page], { forMs: ms, signaling: 'unreachable' })
    for (const link of world.network.linksOf(page).values()) world.network.cut(link, ms, null)
    world.signaling.deafen(page, Math.min(ms, SLEEP_CUTS_AFTER_MS))
    standStill(world, page, 'asleep', ms)
  },
  hide: (world, page, ms, timerGrainMs) => {
    world.show(page, false, timerGrainMs)
    world.scheduler.after(ms, () => world.show(page, true, 1))
  },
  'hide-phone': (world, page, ms) => {
    world.show(page, false, 1_000)
    world.feed(page, { type: 'retiring' })
    world.scheduler.after(ms, () => world.show(page, true, 1))
  },
  'skip-clock': (_, page, ms) => page.clock.skip(ms),
  'drop-socket': (world, page, ms) => {
    world.scribe.trouble('socket-cut', [page], { forMs: ms, signaling: 'unreachable' })
    world.signaling.drop(page, ms)
  },
  'deafen-socket': (world, page, ms) => {
    world.scribe.trouble('socket-deaf', [page], { forMs: ms, signaling: 'unreachable' })
    world.signaling.deafen(page, ms)
  },
}

function standStill(world: World, page: Page, how: Pause['how'], ms: number): void {
  if (page.pause !== null) return
  world.pause(page, how)
  const { pause } = page
  world.scheduler.after(ms, () => {
    if (page.pause === pause) world.goOn(page)
  })
}

const ON_LINK: { readonly [Kind in LinkFaultKind]: OnLink } = {
  'lose-link': ({ network }, link) => network.close(link, [0, 20]),
  'lose-link-at-one-end': ({ network }, link, page) => network.closeOneEnd(link, page),
  'cut-link': ({ network }, link, _page, ms) => network.cut(link, ms, null),
  'cut-link-one-way': ({ network }, link, page, ms) => network.cut(link, ms, page),
  'clog-link': ({ network, scheduler }, link, page, ms) => {
    link.queueMax = CLOG_FRAMES_MAX
    network.cut(link, ms, otherEnd(link, page))
    scheduler.after(ms + CLOG_CLEARS_AFTER_MS, () => network.heal(link))
  },
  'slow-link': ({ network }, link, _page, ms, factor) => network.slow(link, factor, ms),
}

const ON_ROOM: { readonly [Kind in RoomFaultKind]: OnRoom } = {
  join: (world) => {
    if (world.livePages.length < PAGES_MAX) world.join()
  },
  'all-back': (world, [sides, ms]) => allBack(world, sides!, Number(ms), 0),
  'all-back-late': (world, [sides, ms]) => {
    allBack(world, sides!, Number(ms), Number(ms))
    world.joinToHost()
  },
  'restart-signaling': (world, [downMs]) => restartSignaling(world, Number(downMs)),
  'hang-signaling': ({ signaling, scribe, scheduler }, [ms]) => {
    if (!signaling.isUp) return
    scribe.trouble('signaling-down', [], { forMs: Number(ms) })
    signaling.hang()
    scheduler.after(Number(ms), () => signaling.goOn())
  },
  'restart-signaling-at-claim': (world, [afterMs, downMs]) =>
    world.traps.atNextClaim(() =>
      world.scheduler.after(Number(afterMs), () => restartSignaling(world, Number(downMs))),
    ),
  'crash-next-host': (world, [afterMs]) =>
    world.traps.atNextTakeover((page) =>
      world.scheduler.after(Number(afterMs), () => world.crash(page)),
    ),
  partition: (world, [sides, ms]) => partition(world, sides!, Number(ms), ALL_SIDES),
  'partition-half-off': (world, [sides, ms]) => partition(world, sides!, Number(ms), [0]),
  'partition-all-off': (world, [sides, ms]) => partition(world, sides!, Number(ms), []),
}

/** All go, by a crash (digit 0) or closed, and come back one after the other. */
function allBack(world: World, sides: string, ms: number, afterMs: number): void {
  for (const [at, page] of world.livePages.entries()) {
    if (sides[(page.number - 1) % sides.length] === '0') world.crash(page)
    else world.close(page)
    world.comesBack(page, afterMs + ms * (at + 1))
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
    if (!reachSignaling.includes(sideOf(page)))
      world.signaling.deafen(page, Math.min(ms, page.number % 2 === 0 ? 300 : 20_000))
}
