// Owns what apps saw of a room: one event a line, the only thing that checkers look at. The simulation, Node and
// browser pages all write it. What an app cannot observe is not in it.

import { fail, ok, type Result } from '../protocol/result.ts'

/** The actions, as an app calls them. */
export const ACTIONS = ['append', 'relay', 'replace', 'compact'] as const

/**
 * What was done to the room on purpose. Checkers judge by the kind; `what` is for people.
 *
 * `leave`: a page went and said so (tab closed, `room.leave()`). `crash`: it went without a word. `hang`: its scripts stood
 * still. `freeze`: the browser stopped it. `cut`: nothing reaches it or leaves it. `link-cut`: one link carries nothing, or
 * closed. `partition`: the pages are in parts that cannot reach each other. `socket-cut`: one page lost its signaling
 * socket. `signaling-down`: the service is gone. `signaling-restart`: it went and came back with nothing.
 */
export const TROUBLE_KINDS = [
  'leave',
  'crash',
  'hang',
  'freeze',
  'cut',
  'link-cut',
  'partition',
  'socket-cut',
  'signaling-down',
  'signaling-restart',
] as const
export type TroubleKind = (typeof TROUBLE_KINDS)[number]

/** A message as a stream or a replay shows it. */
export type Retained = readonly [seq: number, mid: string]

/**
 * A `mid` is `author/number`: unique in the run, the number rising per author, and also the message's value.
 * A `branch` is `term:hostId`, as the room's status said when it happened, and `0:` where it knew no host.
 * Events of one peer stand in the order in which it saw them. Faults belong to nobody: their peer is ''.
 */
export type HistoryEvent = { readonly atMs: number; readonly peer: string } & (
  | { readonly type: 'joined' }
  /** `seq`: of a compaction, up to where it folds. */
  | {
      readonly type: 'invoked'
      readonly mid: string
      readonly action: (typeof ACTIONS)[number]
      readonly key: string
      readonly seq?: number
    }
  /** `held`: who held it when its sender was told that it is safe, where the recorder knows. Without it nobody may lose it. */
  | {
      readonly type: 'acknowledged'
      readonly mid: string
      readonly seq: number
      readonly held?: readonly string[]
    }
  | { readonly type: 'refused'; readonly mid: string; readonly code: string }
  | {
      readonly type: 'delivered'
      readonly branch: string
      readonly seq: number
      readonly key: string
      readonly mid: string
    }
  /** `askedAtMs`: when the app asked, where messages may have come between the answer and its noting. */
  | {
      readonly type: 'replayed'
      readonly branch: string
      readonly key: string
      readonly after: number
      readonly entries: readonly Retained[]
      readonly askedAtMs?: number
    }
  /**
   * `headSeq`: the next message follows it, where the recorder knows. `avoidable`: the new host could have asked this peer,
   * over a link that stood and was quick, before it led.
   */
  | {
      readonly type: 'reset'
      readonly seq: number
      readonly headSeq?: number
      readonly keys: readonly string[] | 'all'
      readonly reason: 'missed' | 'rewound'
      readonly avoidable?: boolean
    }
  | { readonly type: 'conflict'; readonly mid: string; readonly code: string }
  | { readonly type: 'live'; readonly branch: string }
  /** This page says that it hosts the branch. */
  | { readonly type: 'hosting'; readonly branch: string }
  /** What the peer held is gone with it, unless it was only `frozen`. */
  | { readonly type: 'ended'; readonly how: 'crashed' | 'left' | 'frozen' }
  /** `peers`: whom it hits. `signaling: 'unreachable'`: some of them cannot reach the service while it lasts. */
  | {
      readonly type: 'fault'
      readonly kind: TroubleKind
      readonly what: string
      readonly peers?: readonly string[]
      readonly signaling?: 'unreachable'
    }
  /** The faults of this kind are over, or the one that says the same `what`; without a kind, all of them. */
  | { readonly type: 'healed'; readonly kind?: TroubleKind; readonly what?: string }
  /** Long after the last fault and the last operation: `pending` operations still have no outcome. */
  | { readonly type: 'quiet'; readonly pending: number }
  /** What something takes or holds: `what` names it, as `log`, `outbox`, `heap`. */
  | { readonly type: 'sample'; readonly what: string; readonly bytes: number }
  /** What a replay of the whole room answers at the end. */
  | {
      readonly type: 'final'
      readonly branch: string
      readonly lastSeq: number
      readonly pending: number
      readonly streams: readonly (readonly [key: string, messages: readonly Retained[]])[]
    }
)

/** One JSON object a line, in order. */
export function toJsonLines(events: Iterable<HistoryEvent>): string {
  let text = ''
  for (const event of events) text += `${JSON.stringify(event)}\n`
  return text
}

/** Reads what `toJsonLines` wrote. Empty lines are skipped; anything else that is no event is refused, with its line number. */
export function parseHistory(text: string): Result<HistoryEvent[]> {
  const events: HistoryEvent[] = []
  for (const [at, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const refuse = (why: string) => fail(`line ${at + 1}: ${why}`)
    let raw: unknown
    try {
      raw = JSON.parse(line)
    } catch (error) {
      return refuse((error as Error).message)
    }
    const wrong = wrongWith(raw)
    if (wrong !== null) return refuse(wrong)
    events.push(raw as HistoryEvent)
  }
  return ok(events)
}

/** One history of what several recorders wrote: in order of time, and each recorder's events in its own order. */
export function mergeHistories(histories: readonly (readonly HistoryEvent[])[]): HistoryEvent[] {
  const timed = histories.flatMap((events) => {
    // A clock that was set back does not move what came later to before.
    let latestMs = 0
    return events.map((event) => ({ event, atMs: (latestMs = Math.max(latestMs, event.atMs)) }))
  })
  return timed.sort((a, b) => a.atMs - b.atMs).map(({ event }) => event)
}

type Check = (value: unknown) => boolean
type Fields = { readonly [name: string]: Check }

const isText: Check = (value) => typeof value === 'string'
const isTime: Check = (value) => typeof value === 'number' && value >= 0
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isMid: Check = (value) => typeof value === 'string' && /^[^/]+\/[1-9]\d*$/.test(value)
const isBranch: Check = (value) => typeof value === 'string' && /^(0:|[1-9]\d*:.+)$/.test(value)
const isFlag: Check = (value) => typeof value === 'boolean'
const isOneOf =
  (words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string)
const isListOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check)
const isPair =
  (first: Check, second: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && first(value[0]) && second(value[1])
const isRetained = isListOf(isPair(isCount, isMid))

/** What an event of each type must hold, and what it may hold besides. */
const FIELDS: {
  readonly [Type in HistoryEvent['type']]: { readonly must: Fields; readonly may?: Fields }
} = {
  joined: { must: {} },
  invoked: { must: { mid: isMid, action: isOneOf(ACTIONS), key: isText }, may: { seq: isCount } },
  acknowledged: { must: { mid: isMid, seq: isCount }, may: { held: isListOf(isText) } },
  refused: { must: { mid: isMid, code: isText } },
  delivered: { must: { branch: isBranch, seq: isCount, key: isText, mid: isMid } },
  replayed: {
    must: { branch: isBranch, key: isText, after: isCount, entries: isRetained },
    may: { askedAtMs: isTime },
  },
  reset: {
    must: {
      seq: isCount,
      keys: (value) => value === 'all' || isListOf(isText)(value),
      reason: isOneOf(['missed', 'rewound']),
    },
    may: { headSeq: isCount, avoidable: isFlag },
  },
  conflict: { must: { mid: isMid, code: isText } },
  live: { must: { branch: isBranch } },
  hosting: { must: { branch: isBranch } },
  ended: { must: { how: isOneOf(['crashed', 'left', 'frozen']) } },
  fault: {
    must: { kind: isOneOf(TROUBLE_KINDS), what: isText },
    may: { peers: isListOf(isText), signaling: isOneOf(['unreachable']) },
  },
  healed: { must: {}, may: { kind: isOneOf(TROUBLE_KINDS), what: isText } },
  quiet: { must: { pending: isCount } },
  sample: { must: { what: isText, bytes: isCount } },
  final: {
    must: {
      branch: isBranch,
      lastSeq: isCount,
      pending: isCount,
      streams: isListOf(isPair(isText, isRetained)),
    },
  },
}

function wrongWith(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return 'no object'
  const { type, atMs, peer, ...fields } = raw as { readonly [name: string]: unknown }
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type))
    return `no event is of type ${JSON.stringify(type)}`
  if (!isTime(atMs)) return `atMs is ${JSON.stringify(atMs)}`
  if (!isText(peer) || (peer === '') !== (type === 'fault' || type === 'healed'))
    return `a ${type} event has the peer ${JSON.stringify(peer)}`
  const { must, may = {} } = FIELDS[type as HistoryEvent['type']]
  for (const name of Object.keys(must))
    if (!Object.hasOwn(fields, name)) return `a ${type} event has no ${name}`
  for (const [name, value] of Object.entries(fields)) {
    const check = Object.hasOwn(must, name)
      ? must[name]
      : Object.hasOwn(may, name)
        ? may[name]
        : undefined
    if (check === undefined) return `a ${type} event has a ${name}`
    if (!check(value)) return `${name} of a ${type} event is ${JSON.stringify(value)}`
  }
  return null
}
