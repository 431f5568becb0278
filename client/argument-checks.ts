// Owns which arguments of an app make sense in themselves. What they lead to is the room's business.

import { BatonError } from '../protocol/errors.ts'
import { whyNoKey } from '../protocol/key.ts'
import type { ReplayQuery, RoomEvents } from './api.ts'

/** What a value is: of one type, or one of a few words. */
export type Allowed = 'string' | 'boolean' | 'number' | 'function' | 'list' | readonly string[]

/** @throws BatonError `bad-argument` for no object, an option that `call` does not have, or a value that is none. */
export function checkOptions(
  call: string,
  options: object,
  allowed: Readonly<Record<string, Allowed>>,
): void {
  const names = Object.keys(allowed).join(', ')
  if (typeOf(options) !== 'object')
    throw badArgument(
      `The options of ${call} are an object with any of ${names}; this is ${typeOf(options)}.`,
    )
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(allowed, name))
      throw badArgument(`${call} has no option "${name}". Its options are ${names}.`)
    if (value !== undefined) checkValue(`\`${name}\` of ${call}`, value, allowed[name]!)
  }
}

/** @throws BatonError `bad-argument` for a value that is not what it has to be; `what` begins the sentence. */
export function checkValue(what: string, value: unknown, allowed: Allowed, hint = ''): void {
  const isWord = typeof allowed !== 'string'
  const isAllowed = isWord ? allowed.includes(value as string) : typeOf(value) === allowed
  if (isAllowed) return
  const wanted = isWord ? allowed.map((word) => `"${word}"`).join(' or ') : `a ${allowed}`
  const given = isWord && typeof value === 'string' ? `"${value}"` : typeOf(value)
  throw badArgument(`${what} is ${wanted}; this one is ${given}.${hint}`)
}

/** @throws BatonError `bad-argument` for what nobody can call. */
export function checkListener(listener: unknown): void {
  checkValue('A listener', listener, 'function')
}

const EVENTS = Object.keys({
  status: true,
  peers: true,
  host: true,
  reset: true,
  conflict: true,
  error: true,
} satisfies Record<keyof RoomEvents, true>)

/** @throws BatonError `bad-argument` for what is no event of a room, and for what nobody can call. */
export function checkEvent(event: unknown, listener: unknown): void {
  const hint = ' Messages come through subscribe and onMessage.'
  checkValue('An event of a room', event, EVENTS, hint)
  checkListener(listener)
}

/** @throws BatonError `bad-argument` for what nobody can call, and for options that a subscription does not have. */
export function checkSubscription(listener: unknown, options: object): void {
  checkListener(listener)
  checkOptions('subscribe', options, { replay: 'boolean', after: 'number', onReplay: 'function' })
}

/** What a replay asks for, in one form. */
export type Query = { readonly key: string; readonly after: number }

/** The queries of a replay. @throws BatonError `bad-argument` for what asks for none. */
export function queriesOf(
  what: string | readonly ReplayQuery[],
  query: { readonly after?: number | undefined },
): readonly Query[] {
  if (typeof what === 'string') {
    checkOptions('replay', query, { after: 'number' })
    return [wholeQuery({ ...query, key: what })]
  }
  if (!Array.isArray(what))
    throw badArgument(`replay takes a key, or a list of { key, after }; this is ${typeOf(what)}.`)
  for (const query of what) checkOptions('replay', query, { key: 'string', after: 'number' })
  return what.map(wholeQuery)
}

function wholeQuery({ key, after = 0 }: ReplayQuery): Query {
  return { key, after }
}

/** @throws BatonError `bad-argument` for what is no room. */
export function checkRoom(call: string, room: { readonly subscribe: unknown }): void {
  if (typeof room?.subscribe === 'function') return
  throw badArgument(`${call} needs a room first, such as joinRoom() gives.`)
}

/** @throws BatonError `bad-argument` or `key-too-long` for what can be no key. */
export function checkKey(key: unknown): void {
  checkValue('A key', key, 'string')
  const refusal = whyNoKey(key as string)
  if (refusal !== null) throw new BatonError(refusal.code, refusal.message)
}

/** @throws BatonError `compact-out-of-range` for what can be no seq of a message. */
export function checkFoldEnd(seq: number): void {
  if (Number.isSafeInteger(seq) && seq >= 1) return
  throw new BatonError(
    'compact-out-of-range',
    `The seq of a compaction is a whole number, 1 or more; this one is ${seq}.`,
  )
}

/** @throws BatonError `bad-argument` or `key-too-long` for what asks for no part of a stream. */
export function checkQuery({ key, after }: Query): void {
  checkKey(key)
  if (Number.isSafeInteger(after) && after >= 0) return
  throw badArgument(`\`after\` is a whole number, 0 or more; this one is ${after}.`)
}

export function badArgument(message: string): BatonError {
  return new BatonError('bad-argument', message)
}

/** As people say it: `typeof` takes null and lists for objects. */
function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'list' : typeof value
}
