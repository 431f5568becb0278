// Owns how a recorded history is read: one JSON object a line. What is no event is refused, with the
// number of its line.

import { fail, ok, type Result } from '../protocol/result.ts'
import { ACTIONS, TROUBLE_KINDS, type HistoryEvent } from './history.ts'

/**
 * Reads what `toJsonLines` wrote. Empty lines are skipped; anything else that is no event is
 * refused, with its line number.
 */
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
  (...checks: readonly [Check, Check]): Check =>
  (value) =>
    Array.isArray(value) && value.length === 2 && checks.every((check, i) => check(value[i]))
const isOpened: Check = (value) => {
  const { life, seq, atMs } = Object(value) as { readonly [name: string]: unknown }
  return isText(life) && isCount(seq) && isTime(atMs)
}
const isRetained = isListOf(isPair(isCount, isMid))

/** What an event of each type must hold, and what it may hold besides. */
const FIELDS: {
  readonly [Type in HistoryEvent['type']]: { readonly must: Fields; readonly may?: Fields }
} = {
  joined: {
    must: {},
    may: {
      canHost: (value) => value === false,
      durability: isOneOf(['host']),
      partition: isOneOf(['pause']),
      opened: isOpened,
    },
  },
  invoked: { must: { mid: isMid, action: isOneOf(ACTIONS), key: isText }, may: { seq: isCount } },
  acknowledged: {
    must: { mid: isMid, seq: isCount },
    may: { held: isListOf(isText), aloneMs: isCount },
  },
  refused: { must: { mid: isMid, code: isText }, may: { branch: isBranch } },
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
  live: { must: { branch: isBranch }, may: { seq: isCount } },
  hosting: { must: { branch: isBranch } },
  signaling: { must: { status: isOneOf(['connected', 'disconnected']) } },
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
  const isNobodys = type === 'fault' || type === 'healed'
  if (!isText(peer) || (peer === '') !== isNobodys)
    return `a ${type} event has the peer ${JSON.stringify(peer)}`
  const { must, may = {} } = FIELDS[type as HistoryEvent['type']]
  for (const name of Object.keys(must))
    if (!Object.hasOwn(fields, name)) return `a ${type} event has no ${name}`
  const checks: Fields = { ...must, ...may }
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(checks, name)) return `a ${type} event has a ${name}`
    if (!checks[name]!(value)) return `${name} of a ${type} event is ${JSON.stringify(value)}`
  }
  return null
}
