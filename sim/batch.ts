// Owns many runs: which seeds failed, and what all of them together went through.

import { toJsonLines, type HistoryEvent } from '../checks/history.ts'
import { EXPECTED_MARKS, type Mark } from './marks.ts'
import { pausing, planOf, withDisks, withObjects, withRooms } from './drawn-plan.ts'
import type { Plan } from './plan.ts'
import type { Outcome } from './run.ts'

export type Play = (plan: Plan, withTimeline?: boolean) => Outcome | Promise<Outcome>

/**
 * What apps have besides their peers: nothing, shared objects and presence, or rooms. Or a plain room
 * that pauses in a split.
 */
export type Variant = 'plain' | 'objects' | 'rooms' | 'pausing' | 'disks'

export type FailedSeed = {
  readonly seed: number
  readonly variant: Variant
  readonly checker: string
  readonly what: string
}

/** Plain data: it travels between threads. */
export type Totals = {
  seeds: number
  withObjects: number
  withRooms: number
  pausing: number
  simulatedMs: number
  reigns: number
  invoked: number
  acknowledged: number
  readonly marks: Map<Mark, number>
  readonly failures: FailedSeed[]
  /** Of the seeds that are run a second time elsewhere. */
  readonly hashes: { readonly seed: number; readonly hash: string }[]
}

/** Every fifth seed is also played with shared objects and presence on every page. */
const OBJECTS_ONE_IN = 5
/** Every tenth seed is also played with a room on every page. */
const ROOMS_ONE_IN = 10
/** Every tenth seed is also played in a room that pauses in a split. */
const PAUSING_ONE_IN = 10
/** Every hundredth seed is run a second time, in a fresh thread. */
const HASHED_ONE_IN = 100
/** A batch in which less was acknowledged, or fewer reigns were seen, proves nothing. */
const ACKNOWLEDGED_SHARE_MIN = 0.75
const REIGNS_A_SEED_MIN = 1.5
/** A mark may be missing from a smaller batch. */
const MARKED_SEEDS_MIN = 1_500

export function noTotals(): Totals {
  return {
    seeds: 0,
    withObjects: 0,
    withRooms: 0,
    pausing: 0,
    simulatedMs: 0,
    reigns: 0,
    invoked: 0,
    acknowledged: 0,
    marks: new Map(),
    failures: [],
    hashes: [],
  }
}

export function planFor(seed: number, variant: Variant): Plan {
  return asVariant(planOf(seed), variant)
}

export function asVariant(plan: Plan, variant: Variant): Plan {
  switch (variant) {
    case 'plain':
      return plan
    case 'objects':
      return withObjects(plan)
    case 'rooms':
      return withRooms(plan)
    case 'pausing':
      return pausing(plan)
    case 'disks':
      return withDisks(plan)
  }
}

/** How a seed is played once more. */
function moreOf(seed: number): Variant[] {
  return [
    ...(seed % OBJECTS_ONE_IN === 0 ? (['objects'] as const) : []),
    ...(seed % ROOMS_ONE_IN === 0 ? (['rooms'] as const) : []),
    ...(seed % PAUSING_ONE_IN === 1 ? (['pausing'] as const) : []),
  ]
}

export async function runSeeds(from: number, count: number, play: Play): Promise<Totals> {
  const totals = noTotals()
  for (let seed = from; seed < from + count; seed++) {
    const outcome = await play(planOf(seed))
    addOutcome(totals, outcome)
    if (outcome.failure !== null)
      totals.failures.push({ seed, variant: 'plain', ...outcome.failure })
    if (seed % HASHED_ONE_IN === 0) totals.hashes.push({ seed, hash: hashOf(outcome.history) })
    for (const variant of moreOf(seed)) await playMore(totals, seed, variant, play)
  }
  return totals
}

/** It counts for the seeds that broke a promise, and for nothing else: a batch is measured by its seeds alone. */
async function playMore(totals: Totals, seed: number, variant: Variant, play: Play): Promise<void> {
  const { failure } = await play(planFor(seed, variant))
  if (failure !== null) totals.failures.push({ seed, variant, ...failure })
  if (variant === 'objects') totals.withObjects++
  if (variant === 'rooms') totals.withRooms++
  if (variant === 'pausing') totals.pausing++
}

function addOutcome(totals: Totals, { history, simulatedMs, marks }: Outcome): void {
  totals.seeds++
  totals.simulatedMs += simulatedMs
  const branches = new Set<string>()
  for (const event of history) {
    if (event.type === 'live') branches.add(event.branch)
    else if (event.type === 'invoked') totals.invoked++
    else if (event.type === 'acknowledged') totals.acknowledged++
  }
  totals.reigns += branches.size
  for (const [mark, count] of marks) totals.marks.set(mark, (totals.marks.get(mark) ?? 0) + count)
}

/** The hashes of each seed's histories, in order. */
export async function hashesOf(from: number, count: number, play: Play): Promise<string[]> {
  const hashes: string[] = []
  for (let seed = from; seed < from + count; seed++)
    for (const variant of ['plain', ...moreOf(seed)] as const)
      hashes.push(hashOf((await play(planFor(seed, variant))).history))
  return hashes
}

export function addTotals(totals: Totals, more: Totals): void {
  totals.seeds += more.seeds
  totals.withObjects += more.withObjects
  totals.withRooms += more.withRooms
  totals.pausing += more.pausing
  totals.simulatedMs += more.simulatedMs
  totals.reigns += more.reigns
  totals.invoked += more.invoked
  totals.acknowledged += more.acknowledged
  for (const [mark, count] of more.marks)
    totals.marks.set(mark, (totals.marks.get(mark) ?? 0) + count)
  totals.failures.push(...more.failures)
  totals.hashes.push(...more.hashes)
}

/** Why these runs prove little, or nothing; null where they prove something. */
export function whatIsMissing(totals: Totals): string | null {
  if (totals.acknowledged < totals.invoked * ACKNOWLEDGED_SHARE_MIN)
    return `only ${totals.acknowledged} of ${totals.invoked} operations were acknowledged`
  if (totals.reigns < totals.seeds * REIGNS_A_SEED_MIN)
    return `only ${totals.reigns} reigns were seen in ${totals.seeds} rooms`
  const unseen = EXPECTED_MARKS.filter((mark) => !totals.marks.has(mark))
  return totals.seeds >= MARKED_SEEDS_MIN && unseen.length > 0
    ? `never met: ${unseen.join('; ')}`
    : null
}

export function describeTotals(totals: Totals): string {
  const hours = (totals.simulatedMs / 3_600_000).toFixed(1)
  const operations = `${totals.acknowledged} of ${totals.invoked} operations acknowledged`
  const counted = (count: number, what: string) => `  ${String(count).padStart(6)}  ${what}`
  return [
    `${totals.seeds} seeds: ${hours} simulated hours, ${totals.reigns} reigns, ${operations}`,
    counted(totals.withObjects, 'of them once more, with shared objects and presence'),
    counted(totals.withRooms, 'of them once more, with rooms'),
    counted(totals.pausing, 'of them once more, pausing in a split'),
    ...EXPECTED_MARKS.map((mark) => counted(totals.marks.get(mark) ?? 0, mark)),
  ].join('\n')
}

/** The same history, the same eight digits (FNV-1a). */
export function hashOf(history: readonly HistoryEvent[]): string {
  let hash = 0x811c9dc5
  const text = toJsonLines(history)
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}
