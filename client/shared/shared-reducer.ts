// Owns what an app gets as a shared reducer: a state, and the app's own function from one state to the next.

import { BatonError } from '../../protocol/errors.ts'
import { toBase64Url } from '../../protocol/base64url.ts'
import { FOLD_AFTER_MESSAGES } from '../../protocol/limits.ts'
import { randomBytes } from '../../transport/clock.ts'
import type { Room } from '../api.ts'
import { checkOptions, checkValue } from '../argument-checks.ts'
import type { SharedReducer } from './api.ts'
import { Binding } from './binding.ts'
import { reducerKind } from './kinds.ts'
import { OptimisticFold } from './optimistic-fold.ts'

export type SharedReducerOptions = {
  /** From so many messages on, the page that sent the last one folds the stream into its state. Default 256. */
  readonly compactAfter?: number | undefined
}

/**
 * Shares a state that actions change: every page applies the same actions in the room's order. An action of this page
 * shows at once; when others turn out to stand before it, it is taken back, and applied again after them.
 *
 * @param reducer Pure: the same state and action make the same state on every page. It never changes the state it is
 * given. An action on which it throws is not dispatched, and changes nothing if another page has dispatched it.
 * @param initial The same on every page. States and actions are JSON.
 * @throws BatonError for a key that a room does not take, `bad-argument` for a `compactAfter` that is no whole number
 * from 2 on.
 * @example
 * const count = sharedReducer(room, 'count', (sum: number, step: number) => sum + step, 0)
 * count.subscribe((sum) => (label.textContent = String(sum)))
 * await count.dispatch(1)
 */
export function sharedReducer<S, A>(
  room: Room,
  key: string,
  reducer: (state: S, action: A) => S,
  initial: S,
  options: SharedReducerOptions = {},
): SharedReducer<S, A> {
  checkValue('A reducer', reducer, 'function')
  checkOptions('sharedReducer', options, { compactAfter: 'number' })
  const { compactAfter = FOLD_AFTER_MESSAGES } = options
  if (!Number.isSafeInteger(compactAfter) || compactAfter < 2)
    throw new BatonError(
      'bad-argument',
      `A stream is folded from 2 messages on; compactAfter is ${compactAfter}.`,
    )
  return new ReducerBinding(
    room,
    key,
    new OptimisticFold(reducerKind(reducer, initial, compactAfter), freshAuthor()),
  )
}

class ReducerBinding<S, A> extends Binding<S, A> implements SharedReducer<S, A> {
  dispatch(action: A): Promise<void> {
    return this.act(() => action)
  }
}

/** One object among all that write to a key: 48 random bits. */
export function freshAuthor(): string {
  return toBase64Url(randomBytes(6))
}
