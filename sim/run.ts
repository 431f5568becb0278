// Owns one run: a seed becomes a schedule of pages, work and faults; the world plays it; everything heals; the
// checkers read what the apps saw.

import type { MessageAction } from '../protocol/entry.ts'
import { POSITIONS_WAIT_MS } from '../protocol/limits.ts'
import { CHECKERS } from './checkers/index.ts'
import type { HistoryEvent } from './history.ts'
import { Random } from './random.ts'
import type { Page } from './page.ts'
import { World, type Pace } from './world.ts'

/** A line of the schedule. Targets are drawn when it happens, from the line's own seed. */
export type Fault = { readonly atMs: number; readonly kind: FaultKind; readonly seed: number }
export const FAULT_KINDS = ['join', 'crash-host', 'crash', 'close-host', 'close', 'leave-host', 'lose-link', 'lose-host-link', 'stall-link', 'drop-socket', 'restart-signaling', 'hang-host', 'hang'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export type Plan = { readonly seed: number; readonly pages: number; readonly durationMs: number; readonly pace: Pace; readonly faults: readonly Fault[]; readonly opsPerSecond: number; readonly workEndsMs: number }

export type Outcome = {
  readonly plan: Plan
  readonly failure: { readonly checker: string; readonly what: string } | null
  readonly history: readonly HistoryEvent[]
  readonly trace: readonly string[]
  readonly simulatedMs: number
  readonly reigns: number
  readonly acknowledged: number
}

const HEAL_MS = 30_000
const LAST_STAND_MS = 10_000
const SAFETY_MS_A_FAULT = 1_500

/** Draws which faults exist in this run at all, then how many and when: a uniform mix hides what needs one to be absent. */
export function planOf(seed: number): Plan {
  const random = new Random(seed).fork('plan')
  const common = random.pick([0.2, 0.5])
  const kinds = FAULT_KINDS.filter(() => random.chance(common))
  const count = kinds.length === 0 ? 0 : random.int(1, 12)
  const durationMs = Math.max(8_000, count * SAFETY_MS_A_FAULT)
  const faults = Array.from({ length: count }, (): Fault => ({ atMs: random.int(1_500, durationMs), kind: random.pick(kinds), seed: random.int(0, 2 ** 31) })).sort((a, b) => a.atMs - b.atMs)
  const slow = random.chance(0.3)
  const pace: Pace = {
    link: slow ? [5, 120] : [1, random.int(1, 12)],
    socket: slow ? [10, 150] : [1, random.int(1, 20)],
    connect: [20, random.int(30, 400)],
    deathNotice: [10, random.int(10, 80)],
    slowness: [1, slow ? 2 : 10],
  }
  return { seed, pages: random.int(2, 6), durationMs, pace, faults, opsPerSecond: random.pick([2, 10, 40]), workEndsMs: random.int(3_000, durationMs + 3_000) }
}

export function run(plan: Plan): Outcome {
  const random = new Random(plan.seed)
  const world = new World(random.fork('world'), plan.pace, isCalm(plan))
  const starts = random.fork('starts')
  for (let i = 0; i < plan.pages; i++) world.scheduler.at(i === 0 ? 0 : starts.int(0, 4_500), () => world.join())
  for (const fault of plan.faults) world.scheduler.at(fault.atMs + 3_000, () => apply(world, fault))
  work(world, random.fork('work'), plan)
  let failure: Outcome['failure'] = null
  try {
    world.scheduler.runUntil(plan.durationMs + 3_000 + HEAL_MS)
    noteQuiet(world)
    lastStand(world, random.fork('last stand'))
    world.scheduler.runUntil(world.nowMs + LAST_STAND_MS)
    noteQuiet(world)
    if (world.livePages.length === 0) world.join()
    const newcomer = world.join()
    world.scheduler.runUntil(world.nowMs + 10_000)
    for (const page of world.livePages) world.finish(page)
    if (!newcomer.peer.isLive) failure = { checker: 'converged', what: 'a newcomer gets no room' }
    failure ??= check(world.history)
  } catch (error) {
    failure = { checker: 'no crash', what: (error as Error).stack ?? String(error) }
  }
  const reigns = new Set(world.history.flatMap((event) => (event.type === 'live' ? [event.branch] : []))).size
  const acknowledged = world.history.filter(({ type }) => type === 'acknowledged').length
  return { plan, failure, history: world.history, trace: world.trace, simulatedMs: world.nowMs, reigns, acknowledged }
}

/** Whether links and pages work as they should while they last, and an answer comes well within a takeover's patience. */
function isCalm({ faults, pace }: Plan): boolean {
  const unsettling: readonly FaultKind[] = ['lose-link', 'lose-host-link', 'stall-link', 'drop-socket', 'restart-signaling', 'hang', 'hang-host']
  return !faults.some(({ kind }) => unsettling.includes(kind)) && pace.link[1] * pace.slowness[1] * 2 < POSITIONS_WAIT_MS
}

/** By now nothing has happened for long: who still waits would wait for ever. */
function noteQuiet(world: World): void {
  for (const page of world.livePages) world.history.push({ atMs: world.nowMs, peer: page.id, type: 'quiet', pending: page.peer.pending })
}

/** Some speak at once, the host dies before it can answer, and then nobody says anything that might wake the room. */
function lastStand(world: World, random: Random): void {
  for (const page of world.livePages) if (random.chance(0.5)) world.invoke(page, 'append', 'log')
  const { host } = world
  if (host !== undefined && world.livePages.length > 1) world.scheduler.after(random.int(0, 60), () => world.crash(host))
}

function check(history: readonly HistoryEvent[]): Outcome['failure'] {
  for (const [checker, find] of Object.entries(CHECKERS)) {
    const what = find(history)
    if (what !== null) return { checker, what }
  }
  return null
}

function apply(world: World, fault: Fault): void {
  const random = new Random(fault.seed)
  const pages = world.livePages
  const { host } = world
  const other = pages.length === 0 ? undefined : random.pick(pages)
  switch (fault.kind) {
    case 'join':
      if (pages.length < 8) world.join()
      return
    case 'crash-host':
      return host && world.crash(host)
    case 'crash':
      return other && world.crash(other)
    case 'close-host':
      return host && world.close(host)
    case 'close':
      return other && world.close(other)
    case 'leave-host':
      return host && world.leave(host)
    case 'lose-link':
      return other && withLinked(other, random, (to) => world.loseLink(other, to))
    case 'lose-host-link':
      return host && withLinked(host, random, (to) => world.loseLink(host, to))
    case 'stall-link':
      return other && withLinked(other, random, (to) => world.stallLink(other, to, random.int(100, 6_000)))
    case 'drop-socket':
      return other && world.dropSocket(other)
    case 'hang-host':
      return host && world.hang(host, random.int(200, 8_000))
    case 'hang':
      return other && world.hang(other, random.int(200, 8_000))
    case 'restart-signaling':
      return world.restartSignaling(random.int(50, 5_000))
  }
}

function withLinked(page: Page, random: Random, act: (to: Page) => void): void {
  const links = [...page.links.values()]
  if (links.length === 0) return
  const link = random.pick(links)
  act(link.peers[0] === page ? link.peers[1] : link.peers[0])
}

/** Every page sends now and then; in some runs the last fault comes long after the last word. Keys named `log…` are only ever appended to. */
function work(world: World, random: Random, plan: Plan): void {
  const step = () => {
    const pages = world.livePages
    if (pages.length > 0) {
      const page = random.pick(pages)
      const action = random.pick<MessageAction | 'compact'>(['append', 'append', 'append', 'relay', 'replace', 'compact'])
      const key = action === 'append' && random.chance(0.7) ? random.pick(['log', 'log2']) : random.pick(['a', 'b', ''])
      const burst = random.chance(0.05) ? random.int(2, 60) : 1
      for (let i = 0; i < burst; i++) world.invoke(page, action, key)
    }
    if (world.nowMs < plan.workEndsMs) world.scheduler.after(random.int(1, Math.ceil(2_000 / plan.opsPerSecond)), step)
  }
  world.scheduler.at(500, step)
}

/** A failure on one screen: what broke, how to see it again, what happened. */
export function describe(outcome: Outcome): string {
  const { plan, failure, trace } = outcome
  return [
    `${failure?.checker}: ${failure?.what}`,
    `seed ${plan.seed}, ${plan.pages} pages, ${plan.opsPerSecond} ops a second; again: FIRST_SEED=${plan.seed} SEEDS=1 npm run sim`,
    ...plan.faults.map((fault) => `fault at ${fault.atMs + 3_000}: ${fault.kind}`),
    '--- what happened ---',
    ...trace.slice(-80),
  ].join('\n')
}

/** The shortest part of the schedule that still breaks the same promise. */
export function shrink(outcome: Outcome): Outcome {
  let best = outcome
  for (let i = best.plan.faults.length - 1; i >= 0; i--) {
    const faults = best.plan.faults.filter((_, at) => at !== i)
    const again = run({ ...best.plan, faults })
    if (again.failure?.checker === best.failure?.checker) best = again
  }
  return best
}
