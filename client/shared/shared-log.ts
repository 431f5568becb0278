// Owns what an app gets as a shared log.

import { BatonError } from '../../protocol/errors.ts'
import type { Room } from '../api.ts'
import { checkOptions } from '../argument-checks.ts'
import type { SharedLog } from './api.ts'
import { Binding } from './binding.ts'
import { logKind } from './kinds.ts'
import { OptimisticFold } from './optimistic-fold.ts'
import { freshAuthor } from './shared-reducer.ts'

export type SharedLogOptions = {
  /** How many of the last values are kept; the room lets older ones go before they are twice as many. Default: all. */
  readonly keep?: number | undefined
}

/**
 * Shares a list that grows at its end, in the room's order. Its values are the key's retained messages as they are, so
 * `room.append(key, value)` and other programs may add to it, too.
 *
 * Values are null, JSON or Uint8Arrays. Every page gives the same `keep`.
 * @throws BatonError for a key that a room does not take, `bad-argument` for a `keep` that is no whole number from 1
 * on.
 * @example
 * const chat = sharedLog<{ from: string; text: string }>(room, 'chat', { keep: 500 })
 * chat.subscribe((lines) => show(lines))
 * await chat.append({ from: 'Ada', text: 'Hello' })
 */
export function sharedLog<T>(
  room: Room,
  key: string,
  options: SharedLogOptions = {},
): SharedLog<T> {
  checkOptions('sharedLog', options, { keep: 'number' })
  const { keep = Infinity } = options
  if (keep !== Infinity && !(Number.isSafeInteger(keep) && keep >= 1))
    throw new BatonError('bad-argument', `A log keeps 1 value or more; keep is ${keep}.`)
  return new LogBinding<T>(room, key, new OptimisticFold(logKind<T>(keep), freshAuthor()))
}

class LogBinding<T> extends Binding<readonly T[], T> implements SharedLog<T> {
  append(value: T): Promise<void> {
    return this.act(() => value)
  }
}
