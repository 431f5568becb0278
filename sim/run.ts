// Owns one run: the world plays a plan in three phases. In the first, things go wrong. In the second a part of the
// pages is healed for good, and must have its room back while the others stay away. In the third everything heals, and
// the checkers read what the apps saw.

import { POSITIONS_WAIT_MS, PRESENCE_INTERVAL_MS, PRESENCE_TIMEOUT_MS } from '../protocol/limits.ts'
import { CHECKERS } from '../checks/index.ts'
import { applyFault, pageNamed } from './faults.ts'
import type { HistoryEvent } from '../checks/history.ts'
import type { Mark } from './marks.ts'
import { branchOf, type Page } from './page.ts'
import { objectsEqual } from '../checks/objects-equal.ts'
import { presenceRight } from '../checks/presence-right.ts'
import { isCalm, isPlain, sharesOf, type Plan, type Work } from './plan.ts'
import { Random } from './random.ts'
import type { ShareName } from './shared-objects.ts'
import { World } from './world.ts'

export type Failure = { readonly checker: string; readonly what: string }

export type Outcome = {
  readonly plan: Plan
  readonly failure: Failure | null
  readonly history: readonly HistoryEvent[]
  /** Null unless it was asked for. */
  readonly timeline: readonly string[] | null
  readonly marks: ReadonlyMap<Mark, number>
  readonly simulatedMs: number
}

/** A host that froze says nothing; its socket falls idle after 35 s. Whoever is healed by then waits for nothing else. */
const SETTLES_WITHIN_MS = 60_000
/** As many times as that the longest queue of what a branch left behind may take. */
const LONGEST_QUEUES = 10
const LOOK_EVERY_MS = 250
/** What seems settled must stay so for a moment. */
const CALM_LOOKS = 8
/** What a link that was lost at one end needs to be found out. */
const LAST_STAND_MS = 20_000
/** Who is silent for three questions is gone, and the third may have an answer on its way. */
const GONE_WITHIN_MS = PRESENCE_TIMEOUT_MS + 2 * PRESENCE_INTERVAL_MS

export function run(plan: Plan, withTimeline = false): Outcome {
  const random = new Random(plan.seed)
  const { pace } = plan
  const isSteady = pace.spikes === 0 && pace.failedConnects === 0
  const isQuick = isSteady && pace.link[1] * pace.slowness[1] * 2 < POSITIONS_WAIT_MS
  const world = new World(
    random.fork('world'),
    pace,
    isCalm(plan) && isQuick,
    withTimeline,
    sharesOf(plan),
  )
  let failure: Failure | null = null
  try {
    failure = play(world, plan, random)
  } catch (error) {
    failure = { checker: 'noCrash', what: (error as Error).stack ?? String(error) }
  }
  failure ??= check(world.history, isQuick && isPlain(plan))
  failure ??= checkObjects(world)
  failure ??= checkPresence(world, isCalm(plan) && isSteady)
  world.marks.close(world.history)
  return {
    plan,
    failure,
    history: world.history,
    timeline: world.timeline,
    marks: world.marks.counts,
    simulatedMs: world.nowMs,
  }
}

function play(world: World, plan: Plan, random: Random): Failure | null {
  const { scheduler } = world
  for (const atMs of plan.joinsAtMs) scheduler.at(atMs, () => world.join())
  for (const fault of plan.faults)
    scheduler.at(fault.atMs, () =>
      world.nowMs <= plan.endsAtMs ? applyFault(world, fault) : undefined,
    )
  for (const act of plan.work) scheduler.at(act.atMs, () => work(world, act))
  scheduler.runUntil(plan.endsAtMs)
  const core = saveCore(world, plan)
  if (core !== null) {
    const waiting = settle(world, core)
    if (waiting !== null) return { checker: 'live core', what: waiting }
  }
  healAll(world)
  settle(world, null)
  noteQuiet(world)
  lastStand(world, random.fork('last stand'))
  settle(world, null, LAST_STAND_MS)
  noteQuiet(world)
  if (world.livePages.length === 0) world.join()
  const newcomer = world.join()
  settle(world, null)
  if (world.sharedOf(newcomer)?.presence) {
    scheduler.runUntil(world.nowMs + GONE_WITHIN_MS)
    settle(world, null)
  }
  for (const page of world.livePages) world.finish(page)
  return newcomer.peer.isLive
    ? null
    : { checker: 'converged', what: `a newcomer, ${newcomer.name}, gets no room` }
}

function work(world: World, { who, action, key, times }: Work): void {
  for (const page of who === 'all' ? world.livePages : [pageNamed(world, who)]) {
    if (page === null) continue
    if (action === 'replay') {
      world.ask(page, key, times === 1 ? 0 : Math.max(0, page.peer.lastSeq - times))
      continue
    }
    if (action === 'change') {
      for (let i = 0; i < times; i++)
        if (page.pause === null && !page.isLeaving) world.sharedOf(page)?.change(key as ShareName)
      world.serve(page)
      continue
    }
    for (let i = 0; i < times; i++) {
      world.invoke(page, action, key)
      if (page.twin !== null) world.invoke(page.twin, action, key)
    }
  }
}

/** Heals some pages for good, and takes the others out for now; null where all are to be healed anyway. */
function saveCore(world: World, { core: { sides, fate } }: Plan): Page[] | null {
  const core = world.livePages.filter(({ number }) => sides[(number - 1) % sides.length] === '1')
  const others = world.livePages.filter((page) => !core.includes(page))
  if (core.length === 0 || others.length === 0) return null
  world.note(
    null,
    `from here on ${core.map(({ name }) => name).join(' ')} are well, and the others are gone: ${fate}`,
  )
  healSurroundings(world)
  // Frozen pages keep their sockets: only where most can say that the host is silent may another lead.
  const isFreeze = fate === 'freeze' && core.length > others.length
  const forEver = Number.MAX_SAFE_INTEGER
  for (const page of others) {
    if (fate === 'cut')
      for (const link of world.network.linksOf(page).values())
        world.network.cut(link, forEver - world.nowMs, null)
    else if (isFreeze && page.pause === null) world.pause(page, 'frozen')
    else if (!isFreeze) world.crash(page)
  }
  if (fate === 'cut') {
    world.fault('partition', others, undefined, true)
    world.raise({
      sideOf: (page) => (others.includes(page) ? 1 : 0),
      reachSignaling: [0],
      untilMs: Infinity,
    })
    for (const page of others) world.signaling.deafen(page, 500)
  }
  for (const page of core) heal(world, page, core)
  for (const page of core) world.invoke(page, 'append', 'log')
  return core
}

function healSurroundings(world: World): void {
  world.disarm()
  world.clearWalls()
  world.signaling.start()
  world.network.healAttempts()
}

function heal(world: World, page: Page, pages: readonly Page[]): void {
  if (page.pause !== null) world.goOn(page)
  world.show(page, true, 1)
  world.signaling.heal(page)
  for (const [, link] of world.network.linksOf(page))
    if (link.pages.every((end) => pages.includes(end))) world.network.heal(link)
}

function healAll(world: World): void {
  world.note(null, 'everything heals')
  world.healed()
  healSurroundings(world)
  const pages = world.livePages
  for (const page of pages) heal(world, page, pages)
}

/** Runs until nobody waits for anything; says who does where nothing comes of it for too long. */
function settle(
  world: World,
  core: readonly Page[] | null,
  withinMs = SETTLES_WITHIN_MS,
): string | null {
  let untilMs = world.nowMs + withinMs
  const atLastMs = world.nowMs + LONGEST_QUEUES * withinMs
  let leastPending = Infinity
  let lastAside = 0
  let waiting: string | null = null
  for (let calm = 0; calm < CALM_LOOKS;) {
    world.scheduler.runUntil(world.nowMs + LOOK_EVERY_MS)
    const pages = core === null ? world.livePages : core.filter(({ alive }) => alive)
    const pending = pages.reduce((sum, { peer }) => sum + peer.pending, 0)
    if (pending < leastPending) untilMs = world.nowMs + withinMs // a long queue over a slow network
    leastPending = Math.min(leastPending, pending)
    // What was set aside may have to wait for an author that is gone; as long as it gets less, it does not.
    const aside = pages.reduce((sum, { peer }) => sum + peer.aside, 0)
    if (aside < lastAside) {
      calm = 0
      untilMs = Math.min(atLastMs, world.nowMs + withinMs) // own ops come behind it
    }
    lastAside = aside
    waiting = whatWaits(pages)
    if (waiting === null) calm++
    else if (world.nowMs >= untilMs) return waiting
    else calm = 0
  }
  return null
}

function whatWaits(pages: readonly Page[]): string | null {
  const [first] = pages
  if (first === undefined) return null
  for (const page of pages) {
    if (page.pause !== null) return `${page.name} stands still`
    if (!page.peer.isLive) return `${page.name} is not live`
    if (page.peer.pending > 0) return `${page.name} waits for ${page.peer.pending} receipts`
    if (branchOf(page) !== branchOf(first))
      return `${page.name} follows ${branchOf(page)}, ${first.name} follows ${branchOf(first)}`
    if (page.peer.lastSeq !== first.peer.lastSeq)
      return `${page.name} ends at ${page.peer.lastSeq}, ${first.name} at ${first.peer.lastSeq}`
    if (!page.peer.replica.complete) return `${page.name} has no streams`
  }
  return null
}

/** By now nothing has happened for long: who still waits would wait for ever. */
function noteQuiet(world: World): void {
  for (const page of world.livePages)
    world.history.push({
      atMs: world.nowMs,
      peer: page.id,
      type: 'quiet',
      pending: page.peer.pending,
    })
}

/** Some speak at once, the host dies before it can answer, and then nobody says anything that might wake the room. */
function lastStand(world: World, random: Random): void {
  for (const page of world.livePages) if (random.chance(0.5)) world.invoke(page, 'append', 'log')
  const { host } = world
  if (host !== undefined && world.livePages.length > 1)
    world.scheduler.after(random.int(0, 60), () => world.crash(host))
}

function checkObjects(world: World): Failure | null {
  const shown = world.livePages.flatMap((page) => {
    const shared = world.sharedOf(page)
    return shared === null ? [] : [{ page: page.name, objects: shared.shown }]
  })
  const midById = new Map(world.pages.flatMap((page) => [...(world.sharedOf(page)?.midById ?? [])]))
  const what = objectsEqual(shown, midById, world.history)
  return what === null ? null : { checker: 'objects equal', what }
}

/** `isCalm`: no page that is here had a reason to go from a board. */
function checkPresence(world: World, isCalm: boolean): Failure | null {
  const boards = world.livePages.flatMap((page) => {
    const presence = world.sharedOf(page)?.presence
    return presence
      ? [
          {
            id: page.id,
            name: page.name,
            mine: presence.mine,
            others: presence.others,
            flickered: isCalm ? presence.flickered : null,
          },
        ]
      : []
  })
  const what = presenceRight(boards)
  return what === null ? null : { checker: 'presence', what }
}

/** `isPlain`: so little went wrong, and so quick is everything, that the room owes its figures. */
function check(history: readonly HistoryEvent[], isPlain: boolean): Failure | null {
  for (const [checker, find] of Object.entries(CHECKERS)) {
    if (checker === 'availability' && !isPlain) continue
    const what = find(history)
    if (what !== null) return { checker, what }
  }
  return null
}
