// Owns one run: the world plays a plan in three phases. In the first, things go wrong. In the
// second a part of the pages is healed for good, and must have its room back while the others stay
// away. In the third everything heals, and the checkers read what the apps saw.

import { POSITIONS_WAIT_MS, PRESENCE_INTERVAL_MS, PRESENCE_TIMEOUT_MS } from '../protocol/limits.ts'
import type { HistoryEvent } from '../checks/history.ts'
import { runUntilCalm } from './calm.ts'
import { isWay } from './app.ts'
import { applyFault } from './apply-fault.ts'
import { showFinalStates } from './final-states.ts'
import {
  judgeHistory,
  judgeObjects,
  judgePresence,
  judgeRooms,
  judgeScene,
  type Failure,
} from './judgement.ts'
import type { Mark } from './marks.ts'
import type { Page } from './page.ts'
import { hasRooms, isCalm, isPlain, sharesOf, type Plan, type Work } from './plan.ts'
import { Random } from './random.ts'
import type { ShareName } from './shared-objects.ts'
import { pageNamed } from './targets.ts'
import { takeSteps, takeStepsInTurns, type Steps, type Turns } from './turns.ts'
import { World } from './world.ts'

export type Outcome = {
  readonly plan: Plan
  readonly failure: Failure | null
  readonly history: readonly HistoryEvent[]
  /** Null unless it was asked for. */
  readonly timeline: readonly string[] | null
  readonly marks: ReadonlyMap<Mark, number>
  readonly simulatedMs: number
}

/**
 * What a link that was lost at one end needs to be found out. Or a new host to fetch a room over a slow link, where
 * each part has a few bytes.
 */
const LAST_STAND_MS = 40_000
/** Who is silent for three questions is gone, and the third may have an answer on its way. */
const GONE_WITHIN_MS = PRESENCE_TIMEOUT_MS + 2 * PRESENCE_INTERVAL_MS
const FOR_EVER_MS = Number.MAX_SAFE_INTEGER

/** Plays a plan of pages without rooms. */
export function run(plan: Plan, withTimeline = false): Outcome {
  return takeSteps(stepsOf(plan, withTimeline, null))
}

/** Plays any plan. */
export async function runInTurns(plan: Plan, turns: Turns, withTimeline = false): Promise<Outcome> {
  if (!hasRooms(plan)) return run(plan, withTimeline)
  return takeStepsInTurns(stepsOf(plan, withTimeline, turns), turns)
}

function* stepsOf(plan: Plan, withTimeline: boolean, turns: Turns | null): Steps<Outcome> {
  const random = new Random(plan.seed)
  const { pace } = plan
  const isSteady = pace.spikes === 0 && pace.failedConnects === 0
  const isQuick = isSteady && pace.link[1] * pace.slowness[1] * 2 < POSITIONS_WAIT_MS
  const world = new World(random.fork('world'), {
    pace,
    options: plan.options,
    disks: plan.disks,
    shares: sharesOf(plan),
    isCalm: isCalm(plan) && isQuick,
    withTimeline,
    turns,
  })
  const { history, timeline } = world.scribe
  const failure =
    (yield* tryToPlay(world, plan, random)) ??
    judgeHistory(history, isQuick && isPlain(plan)) ??
    judgeScene(world, plan) ??
    judgeObjects(world) ??
    judgePresence(world, isCalm(plan) && isSteady) ??
    judgeRooms(world)
  world.marks.close(history)
  const marks = world.marks.counts
  return { plan, failure, history, timeline, marks, simulatedMs: world.nowMs }
}

function* tryToPlay(world: World, plan: Plan, random: Random): Steps<Failure | null> {
  try {
    return yield* play(world, plan, random)
  } catch (error) {
    return { checker: 'noCrash', what: (error as Error).stack ?? String(error) }
  }
}

function* play(world: World, plan: Plan, random: Random): Steps<Failure | null> {
  schedule(world, plan)
  yield* world.scheduler.runUntil(plan.endsAtMs)
  const core = saveCore(world, plan)
  const waiting = core === null ? null : yield* runUntilCalm(world, core)
  if (waiting !== null) return { checker: 'live core', what: waiting }
  healAll(world)
  yield* runUntilCalm(world, null)
  // Meanwhile a page may have left that was frozen, or one come back by a reload that may not host.
  if (lacksHosts(world)) {
    world.joinToHost()
    yield* runUntilCalm(world, null)
  }
  noteQuiet(world)
  lastStand(world, random.fork('last stand'))
  yield* runUntilCalm(world, null, LAST_STAND_MS)
  noteQuiet(world)
  const newcomer = yield* greetNewcomer(world)
  for (const page of world.livePages) world.mirrorOf(page).check()
  const unanswered = newcomer.peer.isLive
    ? yield* showFinalStates(world)
    : `a newcomer, ${newcomer.name}, gets no room`
  return unanswered === null ? null : { checker: 'converged', what: unanswered }
}

function schedule(world: World, plan: Plan): void {
  const { scheduler } = world
  for (const atMs of plan.joinsAtMs) scheduler.at(atMs, () => world.join())
  for (const fault of plan.faults)
    scheduler.at(fault.atMs, () => {
      if (world.nowMs <= plan.endsAtMs) applyFault(world, fault)
    })
  for (const act of plan.work) scheduler.at(act.atMs, () => work(world, act))
}

function work(world: World, act: Work): void {
  const pages = act.who === 'all' ? world.livePages : [pageNamed(world, act.who)]
  for (const page of pages) if (page !== null) workOn(world, page, act)
}

function workOn(world: World, page: Page, { action, key, times }: Work): void {
  const app = world.appOf(page)
  if (action === 'replay')
    return app.ask(key, times === 1 ? 0 : Math.max(0, page.peer.lastSeq - times))
  if (action === 'change') return app.change(key as ShareName, times)
  if (action === 'stop-listening') return app.stopListening()
  if (isWay(action)) return app.listen(action, key, times)
  const { twin } = page
  for (let i = 0; i < times; i++) {
    app.send(action, key)
    if (twin !== null) world.appOf(twin).send(action, key)
  }
}

/**
 * Heals some pages for good, and takes the others out for now; null where all are to be healed
 * anyway.
 */
function saveCore(world: World, { core: { sides, fate } }: Plan): Page[] | null {
  const core = world.livePages.filter(({ number }) => sides[(number - 1) % sides.length] === '1')
  const others = world.livePages.filter((page) => !core.includes(page))
  const willHost = (page: Page) => mayHost(page) && !page.isLeaving
  if (!core.some(willHost) || others.length === 0) return null
  const names = core.map(({ name }) => name).join(' ')
  world.scribe.note(null, `from here on ${names} are well, and the others are gone: ${fate}`)
  healSurroundings(world)
  // Frozen pages keep their sockets: only where most can say that the host is silent may another
  // lead.
  if (fate === 'cut') cutOff(world, others)
  else if (fate === 'freeze' && core.length > others.length) freeze(world, others)
  else for (const page of others) world.crash(page)
  for (const page of core) heal(world, page, core)
  for (const page of core) world.appOf(page).send('append', 'log')
  return core
}

function cutOff(world: World, pages: readonly Page[]): void {
  for (const page of pages)
    for (const link of world.network.linksOf(page).values())
      world.network.cut(link, FOR_EVER_MS - world.nowMs, null)
  world.scribe.trouble('partition', pages, { signaling: 'unreachable' })
  world.walls.raise({
    sideOf: (page) => (pages.includes(page) ? 1 : 0),
    reachSignaling: [0],
    untilMs: Infinity,
  })
  for (const page of pages) world.signaling.deafen(page, 500)
}

function freeze(world: World, pages: readonly Page[]): void {
  world.scribe.trouble('freeze', pages)
  for (const page of pages) world.pause(page, 'frozen')
}

function healSurroundings(world: World): void {
  world.traps.disarm()
  world.walls.clear()
  world.signaling.start()
  world.network.healAttempts()
}

function heal(world: World, page: Page, pages: readonly Page[]): void {
  if (page.pause !== null) world.goOn(page)
  world.show(page, true, 1)
  world.signaling.heal(page)
  for (const link of world.network.linksOf(page).values())
    if (link.pages.every((end) => pages.includes(end))) world.network.heal(link)
}

function mayHost({ options }: Page): boolean {
  return options.canHost
}

/** Where all that might have hosted are gone, somebody comes who may. */
function healAll(world: World): void {
  world.scribe.note(null, 'everything heals')
  world.scribe.allHealed()
  healSurroundings(world)
  world.bringBack()
  const pages = world.livePages
  for (const page of pages) heal(world, page, pages)
  if (!lacksHosts(world)) return
  world.mark('nobody was left that might host')
  world.joinToHost()
}

/** Pages are here, and none of them may host. */
function lacksHosts({ livePages }: World): boolean {
  return livePages.length > 0 && !livePages.some(mayHost)
}

/** By now nothing has happened for long: who still waits would wait for ever. */
function noteQuiet(world: World): void {
  for (const page of world.livePages) world.scribe.quiet(page)
}

/**
 * Some speak at once, the host dies before it can answer, and then nobody says anything that might
 * wake the room.
 */
function lastStand(world: World, random: Random): void {
  for (const page of world.livePages)
    if (random.chance(0.5)) world.appOf(page).send('append', 'log')
  const { host } = world
  if (host !== undefined && world.livePages.filter(mayHost).length > 1)
    world.scheduler.after(random.int(0, 60), () => world.crash(host))
}

/** Whoever comes to a room that works gets it; where nobody is left, it meets another newcomer. */
function* greetNewcomer(world: World): Steps<Page> {
  if (world.livePages.length === 0) world.joinToHost()
  const newcomer = world.join()
  yield* runUntilCalm(world, null)
  if (world.appOf(newcomer).shared?.presence) {
    yield* world.scheduler.runUntil(world.nowMs + GONE_WITHIN_MS)
    yield* runUntilCalm(world, null)
  }
  return newcomer
}
