// Owns how long a room may need to recover from each kind of fault, and the stretches of a run in
// which it may still be recovering. A fault inside the time of another extends it.

import type { TroubleKind } from './history.ts'
import { only, type EventOf } from './checker.ts'
import { foundOnce } from './found-once.ts'

/** With these some page cannot reach the service, whatever the fault says. */
const BLINDING: readonly TroubleKind[] = [
  'cut',
  'socket-cut',
  'socket-deaf',
  'signaling-down',
  'signaling-restart',
]

/** One without an end was over at once; any other lasts to the end of the run. */
const MAY_BE_OVER_AT_ONCE: readonly TroubleKind[] = ['socket-cut', 'signaling-restart']

type Recovery = {
  /** From where the time counts: `start` of the fault, or from when it is `healed`. */
  readonly from: 'start' | 'healed'
  readonly withinMs: number
  /** Receipts go on all the while. */
  readonly isSilent?: true
}

/**
 * A link is rebuilt where it was cut for longer than this: ICE gives up after 15 to 17 s, and does
 * not come back by itself.
 */
const LINK_GIVEN_UP_MS = 15_000
const LINK_REBUILT_MS = 5_000

export const RECOVERIES: { readonly [Kind in TroubleKind]: Recovery } = {
  // The goodbye takes 1 to 32 ms, the grant and the takeover the rest.
  leave: { from: 'start', withinMs: 1_000 },
  // The service sees the socket close after some 40 ms; then a probe, a claim, and links that may
  // have to be made.
  crash: { from: 'start', withinMs: 2_500 },
  // Nobody says that the host is gone: heartbeats have to run out, and those who suspect it have to
  // agree.
  hang: { from: 'start', withinMs: 6_000 },
  freeze: { from: 'start', withinMs: 6_000 },
  cut: { from: 'start', withinMs: 6_000 },
  // The channel sends again after 1.9 to 2.9 s, since it backs off meanwhile.
  'link-cut': { from: 'healed', withinMs: 3_000 },
  // The parts have to meet, compare and take over one log.
  partition: { from: 'healed', withinMs: 10_000 },
  // A running room does not notice; those who are new, or dialled meanwhile, wait for back-off and
  // the service's patience.
  'socket-cut': { from: 'healed', withinMs: 4_000, isSilent: true },
  'socket-deaf': { from: 'healed', withinMs: 4_000, isSilent: true },
  'signaling-down': { from: 'healed', withinMs: 4_000, isSilent: true },
  'signaling-restart': { from: 'healed', withinMs: 4_000, isSilent: true },
}

/** The signaling service itself fails. */
export function isOfService(kind: TroubleKind): boolean {
  return kind === 'signaling-down' || kind === 'signaling-restart'
}

export type Trouble = {
  readonly kind: TroubleKind
  readonly peers: readonly string[]
  readonly fromMs: number
  /** null: it lasts to the end of the run, or never had an end. */
  readonly healedAtMs: number | null
  /** When the time to recover begins, and when it is over. */
  readonly countsFromMs: number
  readonly dueMs: number
  readonly isSilent: boolean
  /**
   * Until when somebody may be out of the signaling service's reach, or not know yet what happened
   * meanwhile; null if nobody is.
   */
  readonly blindUntilMs: number | null
}

/** Faults of which each began before the others were over. */
export type Stretch = {
  readonly troubles: readonly Trouble[]
  readonly fromMs: number
  readonly countsFromMs: number
  readonly dueMs: number
}

export const troublesOf = foundOnce((history): readonly Trouble[] => {
  const healed = only(history, 'healed')
  const troubles: Trouble[] = []
  for (const fault of only(history, 'fault')) {
    const end = healed.find((event) => event.atMs >= fault.atMs && isAbout(event, fault))
    const { from, withinMs, isSilent = false } = RECOVERIES[fault.kind]
    const healedAtMs = end?.atMs ?? (MAY_BE_OVER_AT_ONCE.includes(fault.kind) ? fault.atMs : null)
    const countsFromMs = from === 'start' ? fault.atMs : (healedAtMs ?? Infinity)
    const isBlinding = fault.signaling === 'unreachable' || BLINDING.includes(fault.kind)
    const isLong = fault.kind === 'link-cut' && countsFromMs - fault.atMs >= LINK_GIVEN_UP_MS
    troubles.push({
      kind: fault.kind,
      peers: fault.peers ?? [],
      fromMs: fault.atMs,
      healedAtMs,
      countsFromMs,
      dueMs: countsFromMs + (isLong ? LINK_REBUILT_MS : withinMs),
      isSilent,
      blindUntilMs: isBlinding ? (healedAtMs ?? Infinity) + RECOVERIES.partition.withinMs : null,
    })
  }
  return troubles.sort((a, b) => a.fromMs - b.fromMs)
})

function isAbout({ kind, what }: EventOf<'healed'>, fault: EventOf<'fault'>): boolean {
  return (kind ?? fault.kind) === fault.kind && (what ?? fault.what) === fault.what
}

/** The disturbed stretches of a run, apart from each other, in order. */
export function stretchesOf(troubles: readonly Trouble[]): Stretch[] {
  const stretches: Stretch[] = []
  for (const trouble of troubles) {
    const last = stretches.at(-1)
    if (last === undefined || trouble.fromMs > last.dueMs)
      stretches.push({
        troubles: [trouble],
        fromMs: trouble.fromMs,
        countsFromMs: trouble.countsFromMs,
        dueMs: trouble.dueMs,
      })
    else {
      const countsFromMs = Math.max(last.countsFromMs, trouble.countsFromMs)
      stretches[stretches.length - 1] = {
        troubles: [...last.troubles, trouble],
        fromMs: last.fromMs,
        countsFromMs,
        dueMs: Math.max(last.dueMs, trouble.dueMs),
      }
    }
  }
  return stretches
}
