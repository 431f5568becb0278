// Owns what this page did to a folded object and the room has not wholly answered: which action has no outcome yet,
// which is not part of what was confirmed, and which message carries which. What actions mean is the kind's.

import type { Value } from '../../protocol/value.ts'
import type { StoredAction } from './records.ts'
import { textOf } from './text-of.ts'

/** An action of this page that has no outcome yet, or whose outcome is not yet part of what was read. */
type Own<A> = {
  readonly number: number
  readonly action: A
  /** Equal for the very message that carries it. */
  readonly text: string
  /** The message that carries it has a greater seq. */
  afterSeq: number
  isSettled: boolean
}

export class OwnActions<A> {
  /** Names this object among all that write to its key. */
  readonly #author: string
  readonly #byNumber = new Map<number, Own<A>>()
  /** Of these, what is not part of the confirmed state, in order. */
  #pending: Own<A>[] = []
  #lastNumber = 0

  constructor(author: string) {
    this.#author = author
  }

  /** Every action has its outcome, and that is part of what was read. */
  get isEmpty(): boolean {
    return this.#byNumber.size === 0
  }

  /** What is not part of the confirmed state, in order. */
  get pending(): readonly A[] {
    return this.#pending.map(({ action }) => action)
  }

  get nextNumber(): number {
    return this.#lastNumber + 1
  }

  /** The next action, as it travels. */
  add(action: A, value: Value, afterSeq: number): void {
    this.#lastNumber++
    const number = this.#lastNumber
    const own = { number, action, text: textOf(value), afterSeq, isSettled: false }
    this.#byNumber.set(number, own)
    this.#pending.push(own)
  }

  /** What came after `seq` no longer stands: what carries an own action may come at any place after that. */
  reset(seq: number): void {
    for (const own of this.#byNumber.values()) own.afterSeq = Math.min(own.afterSeq, seq)
  }

  /** The stream is read anew. What has settled is part of it; all else may be, or may come. */
  readAnew(): void {
    for (const own of this.#byNumber.values()) if (own.isSettled) this.#byNumber.delete(own.number)
    this.#pending = [...this.#byNumber.values()]
  }

  /**
   * The room has an action. While the stream is read anew, an action that was not heard is part of the answer that is
   * awaited, and stays pending until then. Says whether this changes what is pending.
   */
  settled(number: number, isReading: boolean): boolean {
    const own = this.#byNumber.get(number)
    if (own === undefined) return false
    own.isSettled = true
    const isAwaited = isReading && this.#pending.includes(own)
    return isAwaited ? false : this.#forget(own)
  }

  /** The room does not have it. Says whether this changes what is pending. */
  refused(number: number): boolean {
    const own = this.#byNumber.get(number)
    return own !== undefined && this.#forget(own)
  }

  /** A message carries this action: whether it is an own one that was pending, and if so, the one that was due. */
  confirm(stored: StoredAction<A>, value: Value, seq: number): 'due' | 'early' | 'not own' {
    const own = this.#carriedBy(stored, value, seq)
    if (own === undefined) return 'not own'
    const isDue = own === this.#pending[0]
    this.#drop(own)
    return isDue ? 'due' : 'early'
  }

  /** A state holds the actions up to this number. */
  confirmUpTo(last: number): void {
    this.#pending = this.#pending.filter(({ number }) => number > last)
  }

  #carriedBy({ by }: StoredAction<A>, value: Value, seq: number): Own<A> | undefined {
    const isOfAnother = by !== null && by !== this.#author
    if (isOfAnother || this.#pending.length === 0) return undefined
    const text = textOf(value)
    return this.#pending.find((own) => own.text === text && seq > own.afterSeq)
  }

  #forget(own: Own<A>): boolean {
    this.#byNumber.delete(own.number)
    return this.#drop(own)
  }

  /** Not pending any more. False where it was not. */
  #drop(own: Own<A>): boolean {
    const at = this.#pending.indexOf(own)
    if (at >= 0) this.#pending.splice(at, 1)
    return at >= 0
  }
}
