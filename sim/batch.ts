// Owns many runs: which seeds failed, and what all of them together went through.

import { toJsonLines, type HistoryEvent } from '../checks/history.ts'
import { EXPECTED_MARKS, type Mark } from './marks.ts'
import { planOf, withObjects } from './drawn-plan.ts'
import type { Plan } from './plan.ts'
import type { Outcome } from './run.ts'

export type Play = (plan: Plan, withTimeline?: boolean) => Outcome

/** `hasObjects`: of the seed's plan with shared objects and presence. */
export type FailedSeed = {
  readonly seed: number
  readonly hasObjects: boolean
  readonly checker: string
  readonly what: string
}

/** Plain data: it travels between threads. */
export type Totals = {
  seeds: number
  withObjects: number
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
/** Every hundredth seed is run a second time, in a fresh thread. */
const HASHED_ONE_IN = 100
/** A batch in which less was acknowledged, or fewer reigns were seen, proves nothing. */
const ACKNOWLEDGED_SHARE_MIN = 0.75
const REIGNS_A_SEED_MIN = 1.5
/** A mark may be missing from a smaller batch. */
const MARKED_SEEDS_MIN = 5_000

export function noTotals(): Totals {
  return {
    seeds: 0,
    withObjects: 0,
    simulatedMs: 0,
    reigns: 0,
    invoked: 0,
    acknowledged: 0,
    marks: new Map(),
    failures: [],
    hashes: [],
  }
}

export function runSeeds(from: number, count: number, play: Play): Totals {
  const totals = noTotals()
  for (let seed = from; seed < from + count; seed++) {
    const outcome = play(planOf(seed))
    addOutcome(totals, outcome)
    if (outcome.failure !== null)
      totals.failures.push({ seed, hasObjects: false, ...outcome.failure })
    if (seed % OBJECTS_ONE_IN === 0) playWithObjects(totals, seed, play)
    if (seed % HASHED_ONE_IN === 0) totals.hashes.push({ seed, hash: hashOf(outcome.history) })
  }
  return totals
}

/**
 * It counts for the seeds that broke a promise, and for nothing else: a batch is measured by its
 * seeds alone.
 */
function playWithObjects(totals: Totals, seed: number, play: Play): void {
  const { failure } = play(withObjects(planOf(seed)))
  if (failure !== null) totals.failures.push({ seed, hasObjects: true, ...failure })
  totals.withObjects++
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

/** The hash of each seed's history, and of a fifth of them once more with objects, in order. */
export function hashesOf(from: number, count: number, play: Play): string[] {
  const hashes: string[] = []
  for (let seed = from; seed < from + count; seed++) {
    hashes.push(hashOf(play(planOf(seed)).history))
    if (seed % OBJECTS_ONE_IN === 0) hashes.push(hashOf(play(withObjects(planOf(seed))).history))
  }
  return hashes
}

export function addTotals(totals: Totals, more: Totals): void {
  totals.seeds += more.seeds
  totals.withObjects += more.withObjects
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
