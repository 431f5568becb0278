// Owns how a stream of actions is shared as the state that they make: what the room has confirmed, and on top, made anew
// whenever that changes, what this page has done since. It knows when the stream has grown so long that this page is to
// fold it into one message. Pure; what actions mean and how they travel is its kind's.

import { BatonError } from '../../protocol/errors.ts'
import { decodeValue, encodeValue, type Value } from '../../protocol/value.ts'
import type { Message } from '../api.ts'
import type { Machine, Order } from './machine.ts'
import { rememberFolded, type Folded, type Stored } from './records.ts'
import { textOf } from './text-of.ts'

export type Kind<S, A> = {
  readonly initial: S
  /** Applies actions in order; one that fails changes nothing, and `failed` is told why. */
  readonly fold: (state: S, actions: readonly A[], failed: (error: unknown) => void) => S
  /** The app's own code applies the actions, and may fail on one: it is tried before it travels. */
  readonly triesFirst: boolean
  readonly write: (action: A, author: string, number: number) => Value
  /** Null for what no object of this kind has written. */
  readonly read: (value: Value) => Stored<S, A> | null
  /** Whether a stream of so many messages is to be folded. */
  readonly isLong: (messages: number, state: S) => boolean
  /** How many of the last messages a folding leaves, the folded one included. */
  readonly leaves: number
  /** What the folded one holds. */
  readonly folding: (state: S, folded: Folded) => Value
}

/** An action of this page that has no outcome yet, or whose outcome is not yet part of what was read. */
type Own<A> = {
  readonly number: number
  readonly action: A
  /** Equal for the very message that carries it. */
  readonly text: string
  /** It stands behind this place of the room. */
  afterSeq: number
  isSettled: boolean
}

export class OptimisticFold<S, A> implements Machine<S, A> {
  readonly #kind: Kind<S, A>
  /** Names this object among all that write to its key. */
  readonly #author: string
  #confirmed: S
  /** Where the messages stand that make the confirmed state, as far as nobody has folded them. */
  #seqs: number[] = []
  /** The last action of each author that is part of the confirmed state. */
  #folded = new Map<string, number>()
  /** The stream holds nothing that this page cannot read or apply: only then may it fold. */
  #isUnderstood = true
  readonly #own = new Map<number, Own<A>>()
  /** Of these, what is not part of the confirmed state, in order. */
  #pending: Own<A>[] = []
  #lastNumber = 0
  /** Confirmed and pending; undefined while it is to be made anew. */
  #shown: S | undefined
  #isReading = true
  #folding: 'none' | 'due' | 'overdue' | 'ordered' = 'none'
  #orders: Order[] = []

  constructor(kind: Kind<S, A>, author: string) {
    this.#kind = kind
    this.#author = author
    this.#confirmed = kind.initial
  }

  get value(): S {
    // What fails here fails again once it is confirmed, and is reported then.
    return (this.#shown ??= this.#kind.fold(
      this.#confirmed,
      this.#pending.map(({ action }) => action),
      () => {},
    ))
  }

  act(given: A): number {
    const { write, read, fold, triesFirst } = this.#kind
    const number = this.#lastNumber + 1
    // As it travels: what the app does later to what it gave changes nothing, and all pages apply the same.
    const value = asItTravels(write(given, this.#author, number))
    const stored = read(value)
    if (stored?.type !== 'action')
      throw new BatonError(
        'bad-value',
        `An action of type ${typeof given} cannot be sent; send null or JSON.`,
      )
    this.#shown = triesFirst ? fold(this.value, [stored.action], raise) : undefined
    this.#lastNumber = number
    const own: Own<A> = {
      number,
      action: stored.action,
      text: textOf(value),
      afterSeq: this.#seqs.at(-1) ?? 0,
      isSettled: false,
    }
    this.#own.set(number, own)
    this.#pending.push(own)
    this.#orders.push({ type: 'append', ticket: number, value })
    return number
  }

  reset(seq: number): void {
    this.#isReading = true
    this.#seqs = this.#seqs.filter((known) => known <= seq)
    for (const own of this.#own.values()) own.afterSeq = Math.min(own.afterSeq, seq)
  }

  replayed(messages: readonly Message[]): void {
    this.#isReading = false
    this.#confirmed = this.#kind.initial
    this.#seqs = []
    this.#folded = new Map()
    this.#isUnderstood = true
    if (this.#folding !== 'ordered') this.#folding = 'none'
    for (const own of this.#own.values()) if (own.isSettled) this.#own.delete(own.number) // its outcome is part of this
    this.#pending = [...this.#own.values()]
    this.#shown = undefined
    this.#take(messages)
  }

  received(messages: readonly Message[], isHost: boolean): void {
    this.#take(messages, isHost)
    this.#foldIfDue()
  }

  settled(ticket: number): void {
    const own = this.#own.get(ticket)
    if (own === undefined) return
    own.isSettled = true
    // What settles unseen was missed, and is part of the answer that is awaited.
    if (!this.#isReading || !this.#pending.includes(own)) this.#forget(own)
    this.#foldIfDue()
  }

  refused(ticket: number): void {
    const own = this.#own.get(ticket)
    if (own !== undefined) this.#forget(own)
    this.#foldIfDue()
  }

  compacted(): void {
    this.#folding = 'none'
  }

  close(): void {}

  takeOrders(): Order[] {
    return this.#orders.splice(0)
  }

  #forget(own: Own<A>): void {
    this.#own.delete(own.number)
    if (this.#confirm(own)) this.#shown = undefined
  }

  /** It is not pending any more; false where it was not. */
  #confirm(own: Own<A>): boolean {
    const at = this.#pending.indexOf(own)
    if (at >= 0) this.#pending.splice(at, 1)
    return at >= 0
  }

  /** `isHost` undefined: these were read, and whoever wrote them has seen to their folding. */
  #take(messages: readonly Message[], isHost?: boolean): void {
    let actions: A[] = []
    let isForeseen = true
    for (const { value, seq } of messages) {
      this.#seqs.push(seq)
      const stored = this.#kind.read(value)
      if (stored === null) {
        this.#isUnderstood = false
      } else if (stored.type === 'state') {
        actions = []
        isForeseen = false
        this.#startFrom(stored, seq)
      } else {
        actions.push(stored.action)
        const own = this.#ownOf(stored, value, seq)
        if (own === undefined || own !== this.#pending[0]) isForeseen = false
        if (own !== undefined) this.#confirm(own)
        if (stored.by !== null) rememberFolded(this.#folded, stored.by, stored.number)
        if (isHost !== undefined)
          this.#mindLength(own !== undefined || (stored.by === null && isHost))
      }
    }
    this.#confirmed = this.#kind.fold(this.#confirmed, actions, (error) => this.#failed(error))
    if (!isForeseen) this.#shown = undefined
    else if (this.#pending.length === 0 && this.#shown !== undefined) this.#confirmed = this.#shown // the same, and the app knows it
  }

  #startFrom(stored: Extract<Stored<S, A>, { type: 'state' }>, seq: number): void {
    this.#confirmed = stored.state
    this.#seqs = [seq]
    this.#folded = new Map(stored.folded)
    const lastOwn = this.#folded.get(this.#author) ?? 0
    this.#pending = this.#pending.filter(({ number }) => number > lastOwn)
  }

  #ownOf(
    stored: Extract<Stored<S, A>, { type: 'action' }>,
    value: Value,
    seq: number,
  ): Own<A> | undefined {
    if (this.#pending.length === 0 || (stored.by !== null && stored.by !== this.#author))
      return undefined
    const text = textOf(value)
    return this.#pending.find((own) => own.text === text && seq > own.afterSeq)
  }

  #failed(error: unknown): void {
    this.#isUnderstood = false
    this.#orders.push({ type: 'report', error })
  }

  // --- folding ---

  /**
   * The page whose action made the stream too long folds it, as soon as nothing of its own is on the way, or when it
   * happens again. All others take it for done: where it is not, the stream is too long for somebody again before long.
   */
  #mindLength(isMine: boolean): void {
    if (!this.#kind.isLong(this.#seqs.length, this.#confirmed)) return
    this.#seqs = this.#seqs.slice(-this.#kind.leaves)
    if (isMine && this.#folding !== 'ordered')
      this.#folding = this.#folding === 'none' ? 'due' : 'overdue'
  }

  /** What is folded is confirmed and nothing else; the room keeps what comes behind it. */
  #foldIfDue(): void {
    const isTime = this.#folding === 'overdue' || (this.#folding === 'due' && this.#own.size === 0)
    const seq = this.#seqs.at(-this.#kind.leaves)
    if (!isTime || this.#isReading || !this.#isUnderstood || seq === undefined) return
    this.#folding = 'none'
    try {
      const value = asItTravels(this.#kind.folding(this.#confirmed, [...this.#folded]))
      if (this.#kind.read(value) === null)
        throw new BatonError(
          'bad-value',
          'This state has no JSON form, so its stream cannot be folded. Use null for what is not there.',
        )
      this.#orders.push({ type: 'compact', seq, value })
      this.#folding = 'ordered'
    } catch (error) {
      this.#orders.push({ type: 'report', error })
    }
  }
}

/** @throws BatonError `bad-value` or `value-too-large` for what cannot travel. */
function asItTravels(value: Value): Value {
  return decodeValue(encodeValue(value))
}

function raise(error: unknown): never {
  throw error
}
