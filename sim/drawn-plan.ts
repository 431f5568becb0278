// Owns how a seed draws a plan. What a seed means stays the same where that is cheap: each part of
// a plan is drawn from a fork of its own.

import { WAYS } from './app.ts'
import { FAULT_KINDS, type Fault, type FaultKind } from './faults.ts'
import type { Pace } from './pace.ts'
import type { Core, Plan, Work } from './plan.ts'
import { Random } from './random.ts'
import { USUAL, type RoomOptions } from './room-options.ts'
import { OBJECTS, PRESENCE } from './shared-objects.ts'

const SAFETY_MS_A_FAULT = 1_500
const START_MS = 4_500
/** One seed in so many has pages that stand still for minutes. */
const LONG_ONE_IN = 40
/** One seed in so many has pages that ask for something, for each thing that they may ask for. */
const OPTION_ONE_IN = 6

/**
 * Draws which faults exist in this run at all, then how many and when: a uniform mix hides what
 * needs one to be absent.
 */
export function planOf(seed: number): Plan {
  const random = new Random(seed).fork('plan')
  const kinds = kindsOf(random.fork('kinds'))
  const count = kinds.length === 0 ? 0 : random.int(1, 12)
  const isLong = random.int(1, LONG_ONE_IN) === 1
  const safetyMs =
    START_MS +
    Math.max(6_000, count * SAFETY_MS_A_FAULT) +
    (isLong ? random.int(20_000, 600_000) : 0)
  const faults = Array.from({ length: count }, (_, i) =>
    faultOf(
      random.fork(`fault${i}`),
      random.fork('kinds in use').pick(kinds),
      random.pick(kinds),
      safetyMs,
      isLong,
    ),
  )
  const pages = random.int(2, 6)
  const starts = random.fork('starts')
  return {
    seed,
    tight: random.chance(0.25),
    pace: paceOf(random.fork('pace')),
    options: optionsOf(random.fork('options')),
    disks: false,
    joinsAtMs: Array.from({ length: pages }, (_, i) => (i === 0 ? 0 : starts.int(0, START_MS))),
    faults: faults.sort((a, b) => a.atMs - b.atMs),
    work: workOf(
      random.fork('work'),
      random.pick([2, 10, 40]),
      random.int(3_000, Math.min(safetyMs, 24_000)),
    ),
    endsAtMs: safetyMs,
    core: coreOf(random.fork('core')),
    oneSide: false,
    stays: [],
  }
}

/**
 * The same room, in which pages also have shared objects and presence; drawn apart, so that what
 * the seed means stays the same.
 */
export function withObjects(plan: Plan): Plan {
  const random = new Random(plan.seed).fork('objects')
  const untilMs = Math.min(plan.endsAtMs, 24_000)
  const changes: Work[] = []
  for (let atMs = 300; atMs < untilMs; atMs += random.int(1, 500)) {
    changes.push({
      atMs,
      who: random.chance(0.1) ? 'all' : `~${random.int(0, 9)}`,
      action: 'change',
      key: random.pick(OBJECTS),
      times: random.chance(0.1) ? random.int(2, 20) : 1,
    })
  }
  for (let atMs = 300; atMs < untilMs; atMs += random.int(1, 2_000))
    changes.push({ atMs, who: `~${random.int(0, 9)}`, action: 'change', key: PRESENCE, times: 1 })
  return { ...plan, work: [...plan.work, ...changes].sort((a, b) => a.atMs - b.atMs) }
}

/** The same room, in which apps have what real pages have: a room each. They listen in every way. */
export function withRooms(plan: Plan): Plan {
  const random = new Random(plan.seed).fork('rooms')
  const untilMs = Math.min(plan.endsAtMs, 24_000)
  const acts: Work[] = []
  for (let atMs = 200; atMs < untilMs; atMs += random.int(1, 1_500)) {
    acts.push({
      atMs,
      who: random.chance(0.1) ? 'all' : `~${random.int(0, 9)}`,
      action: random.pick([...WAYS, 'stop-listening'] as const),
      key: random.pick(['log', 'log2', 'a', 'b', '']),
      times: random.int(1, 40),
    })
  }
  acts.push({ atMs: 200, who: 'all', action: 'listen', key: 'log', times: 1 })
  return { ...plan, work: [...plan.work, ...acts].sort((a, b) => a.atMs - b.atMs) }
}

/** The same room, whose pages have disks: they go and come back with what they held. */
export function withDisks(plan: Plan): Plan {
  const random = new Random(plan.seed).fork('disks')
  const count = random.int(1, 5)
  const faults = Array.from({ length: count }, (): Fault => {
    const kind = random.pick<FaultKind>(['reload', 'crash-back', 'all-back', 'all-back-late'])
    const args = argsOf(random, kind, false)
    return { atMs: random.int(1_500, plan.endsAtMs), kind, args }
  })
  const all = [...plan.faults, ...faults].sort((a, b) => a.atMs - b.atMs)
  // Many branches meet. Where parts have a few bytes and frames come late, to fetch them takes minutes.
  const pace = plan.tight ? { ...plan.pace, spikes: 0 } : plan.pace
  return { ...plan, disks: true, pace, faults: all }
}

/** The same room, of which one side goes on at most where it is split. */
export function pausing(plan: Plan): Plan {
  return { ...plan, options: { ...plan.options, partition: 'pause' } }
}

function kindsOf(random: Random): FaultKind[] {
  const common = random.pick([0.15, 0.5])
  return FAULT_KINDS.filter(() => random.chance(common))
}

function faultOf(
  random: Random,
  favourite: FaultKind,
  other: FaultKind,
  safetyMs: number,
  isLong: boolean,
): Fault {
  const kind = random.chance(0.2) ? favourite : other
  return { atMs: random.int(1_500, safetyMs), kind, args: argsOf(random, kind, isLong) }
}

function argsOf(random: Random, kind: FaultKind, isLong: boolean): string[] {
  const page = random
    .pick(['host', 'host', 'standby', '~', '~'])
    .replace('~', `~${random.int(0, 9)}`)
  const other = random.chance(0.25) ? 'host' : `~${random.int(0, 9)}`
  const ms = (low: number, high: number) => String(logarithmic(random, low, high))
  switch (kind) {
    case 'join':
      return []
    case 'duplicate':
    case 'crash':
    case 'close':
    case 'leave':
      return [page]
    case 'reload':
      return [page, ms(50, 2_000)]
    case 'hang':
      return [page, ms(100, 20_000)]
    case 'freeze':
    case 'sleep':
      return [page, isLong ? ms(1_000, 600_000) : ms(100, 20_000)]
    case 'hide':
      return [page, ms(1_000, 20_000), random.pick(['1000', '60000'])]
    case 'hide-phone':
      return [page, ms(1_000, 20_000)]
    case 'skip-clock':
      return [page, ms(100, 86_400_000)]
    case 'lose-link':
    case 'lose-link-at-one-end':
      return [page, other]
    case 'cut-link':
    case 'cut-link-one-way':
    case 'clog-link':
      return [page, other, random.chance(0.3) ? ms(14_000, 40_000) : ms(50, 14_000)]
    case 'slow-link':
      return [page, other, ms(500, 15_000), String(random.int(3, 60))]
    case 'drop-socket':
      return [page, ms(10, 5_000)]
    case 'deafen-socket':
      return [page, random.chance(0.3) ? ms(20_000, 120_000) : ms(500, 20_000)]
    case 'restart-signaling':
    case 'hang-signaling':
      return [ms(50, 8_000)]
    case 'crash-next-host':
      return [String(random.pick([0, 0, 5, 50, 250]))]
    case 'restart-signaling-at-claim':
      return [String(random.int(0, 40)), ms(50, 3_000)]
    case 'crash-back':
      return [page, ms(20, 8_000)]
    case 'all-back':
    case 'all-back-late':
      return [sidesOf(random), ms(20, 4_000)]
    case 'partition':
    case 'partition-half-off':
    case 'partition-all-off':
      return [sidesOf(random), random.chance(0.3) ? ms(14_000, 40_000) : ms(500, 14_000)]
  }
}

function sidesOf(random: Random): string {
  const parts = random.chance(0.15) ? 2 : 1
  return Array.from({ length: 8 }, () => random.int(0, parts)).join('')
}

/** Short and long are equally likely, whatever the range. */
function logarithmic(random: Random, low: number, high: number): number {
  return Math.round(low * (high / low) ** random.next())
}

function paceOf(random: Random): Pace {
  const slow = random.chance(0.3)
  const clocks = random.chance(0.5)
  return {
    link: slow ? [5, 120] : [1, random.int(1, 12)],
    socket: slow ? [10, 150] : [1, random.int(1, 20)],
    connect: [20, random.int(30, 400)],
    notice: [10, random.int(10, 80)],
    slowness: [1, slow ? 2 : 10],
    spikes: random.chance(0.2) ? random.int(1, 30) / 100 : 0,
    failedConnects: random.chance(0.2) ? random.int(1, 30) / 100 : 0,
    clockOffset: clocks ? 86_400_000 : 0,
    clockDrift: clocks ? 10 : 0,
  }
}

/** Mostly pages that ask for nothing; the first page may always host, or there were no room. */
function optionsOf(random: Random): RoomOptions {
  const digits = (first: string) =>
    first + Array.from({ length: 7 }, () => random.int(0, 1)).join('')
  return {
    mayHost: random.int(1, OPTION_ONE_IN) === 1 ? digits('1') : USUAL.mayHost,
    early: random.int(1, OPTION_ONE_IN) === 1 ? digits(random.pick(['0', '1'])) : USUAL.early,
    partition: USUAL.partition,
  }
}

function coreOf(random: Random): Core {
  const sides = random.chance(0.5)
    ? '1'
    : Array.from({ length: 8 }, () => random.int(0, 1)).join('')
  return { sides, fate: random.pick<Core['fate']>(['crash', 'crash', 'freeze', 'cut']) }
}

/**
 * Every page sends now and then; in some runs the last fault comes long after the last word. Keys
 * named `log…` are only ever appended to.
 */
export function workOf(
  random: Random,
  opsPerSecond: number,
  untilMs: number,
  fromMs = 500,
): Work[] {
  const work: Work[] = []
  for (let atMs = fromMs; atMs < untilMs; atMs += random.int(1, Math.ceil(2_000 / opsPerSecond))) {
    const action = random.pick<Work['action']>([
      'append',
      'append',
      'append',
      'append',
      'relay',
      'replace',
      'compact',
      'replay',
    ])
    const key =
      action === 'append' && random.chance(0.7)
        ? random.pick(['log', 'log2'])
        : random.pick(['a', 'b', ''])
    const who = action === 'compact' && random.chance(0.1) ? 'all' : `~${random.int(0, 9)}`
    work.push({ atMs, who, action, key, times: random.chance(0.05) ? random.int(2, 60) : 1 })
  }
  return work
}
