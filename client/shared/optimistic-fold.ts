// Owns how a stream of actions is shared as the state that they make: what the room has confirmed, and on top what this
// page has done since, made anew whenever either changes. It knows when the stream is so long that this page is to fold
// it into one message. Pure; what actions mean and how they travel is the kind's.

import { BatonError } from '../../protocol/errors.ts'
import { decodeValue, encodeValue, type Value } from '../../protocol/value.ts'
import type { Message } from '../api.ts'
import type { Machine, Order } from './machine.ts'
import { OwnActions } from './own-actions.ts'
import { rememberFolded, type Folded, type Stored, type StoredState } from './records.ts'

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

export class OptimisticFold<S, A> implements Machine<S, A> {
  readonly #kind: Kind<S, A>
  /** Names this object among all that write to its key. */
  readonly #author: string
  readonly #own: OwnActions<A>
  readonly #orders: Order[] = []
  #confirmed: S
  /** The seqs of the messages that make the confirmed state, as far as nobody has folded them. */
  #seqs: number[] = []
  /** The last action of each author that is part of the confirmed state. */
  #folded = new Map<string, number>()
  /** The stream holds nothing that this page cannot read or apply: only then may it fold. */
  #isUnderstood = true
  /** Confirmed and pending; undefined while it is to be made anew. */
  #shown: S | undefined
  #isReading = true
  #folding: 'none' | 'due' | 'overdue' | 'ordered' = 'none'

  constructor(kind: Kind<S, A>, author: string) {
    this.#kind = kind
    this.#author = author
    this.#own = new OwnActions(author)
    this.#confirmed = kind.initial
  }

  get value(): S {
    // What fails here fails again once it is confirmed, and is reported then.
    this.#shown ??= this.#kind.fold(this.#confirmed, this.#own.pending, () => {})
    return this.#shown
  }

  act(given: A): number {
    const { write, read, fold, triesFirst } = this.#kind
    const number = this.#own.nextNumber
    // As it travels: what the app does later to what it gave changes nothing, and all pages apply the same.
    const value = asItTravels(write(given, this.#author, number))
    const stored = read(value)
    if (stored?.type !== 'action')
      throw new BatonError(
        'bad-value',
        `An action of type ${typeof given} cannot be sent; send null or JSON.`,
      )
    this.#shown = triesFirst ? fold(this.value, [stored.action], raise) : undefined
    this.#own.add(stored.action, value, this.#seqs.at(-1) ?? 0)
    this.#orders.push({ type: 'append', ticket: number, value })
    return number
  }

  reset(seq: number): void {
    this.#isReading = true
    this.#seqs = this.#seqs.filter((known) => known <= seq)
    this.#own.reset(seq)
  }

  replayed(messages: readonly Message[]): void {
    this.#isReading = false
    this.#confirmed = this.#kind.initial
    this.#seqs = []
    this.#folded = new Map()
    this.#isUnderstood = true
    if (this.#folding !== 'ordered') this.#folding = 'none'
    this.#own.readAnew()
    this.#shown = undefined
    this.#add(messages, () => {}) // whoever wrote these has seen to their folding
  }

  received(messages: readonly Message[], isHost: boolean): void {
    this.#add(messages, (isOwn, by) => {
      const isUnsigned = by === null
      this.#mindLength(isOwn || (isUnsigned && isHost))
    })
    this.#foldIfDue()
  }

  settled(ticket: number): void {
    if (this.#own.settled(ticket, this.#isReading)) this.#shown = undefined
    this.#foldIfDue()
  }

  refused(ticket: number): void {
    if (this.#own.refused(ticket)) this.#shown = undefined
    this.#foldIfDue()
  }

  compacted(): void {
    this.#folding = 'none'
  }

  close(): void {}

  drainOrders(): Order[] {
    return this.#orders.splice(0)
  }

  /** `confirmed` is told of each action, before it is applied. */
  #add(messages: readonly Message[], confirmed: (isOwn: boolean, by: string | null) => void): void {
    let actions: A[] = []
    /** This page showed just that already. */
    let isForeseen = true
    for (const { value, seq } of messages) {
      const stored = this.#kind.read(value)
      this.#seqs.push(seq)
      if (stored === null) {
        this.#isUnderstood = false
      } else if (stored.type === 'state') {
        actions = []
        isForeseen = false
        this.#startFrom(stored, seq)
      } else {
        actions.push(stored.action)
        const carried = this.#own.confirm(stored, value, seq)
        if (carried !== 'due') isForeseen = false
        if (stored.by !== null) rememberFolded(this.#folded, stored.by, stored.number)
        confirmed(carried !== 'not own', stored.by)
      }
    }
    this.#apply(actions, isForeseen)
  }

  #apply(actions: readonly A[], isForeseen: boolean): void {
    this.#confirmed = this.#kind.fold(this.#confirmed, actions, (error) => this.#failed(error))
    if (!isForeseen) this.#shown = undefined
    // Equal to what is shown, which the app knows: the value keeps its identity.
    else if (this.#shown !== undefined && this.#own.pending.length === 0)
      this.#confirmed = this.#shown
  }

  #startFrom({ state, folded }: StoredState<S>, seq: number): void {
    this.#confirmed = state
    this.#seqs = [seq]
    this.#folded = new Map(folded)
    this.#own.confirmUpTo(this.#folded.get(this.#author) ?? 0)
  }

  #failed(error: unknown): void {
    this.#isUnderstood = false
    this.#orders.push({ type: 'report', error })
  }

  // --- folding ---

  /**
   * The page whose action made the stream too long folds it: as soon as nothing of its own is on the way, or when that
   * happens again. All others take it for done: where it is not, the stream is soon too long for somebody else.
   */
  #mindLength(isMine: boolean): void {
    if (!this.#kind.isLong(this.#seqs.length, this.#confirmed)) return
    this.#seqs = this.#seqs.slice(-this.#kind.leaves)
    if (isMine && this.#folding !== 'ordered')
      this.#folding = this.#folding === 'none' ? 'due' : 'overdue'
  }

  get #mayFold(): boolean {
    if (this.#isReading || !this.#isUnderstood) return false
    return this.#folding === 'overdue' || (this.#folding === 'due' && this.#own.isEmpty)
  }

  /** What is folded is confirmed and nothing else; the room keeps what comes behind it. */
  #foldIfDue(): void {
    const seq = this.#seqs.at(-this.#kind.leaves)
    if (seq === undefined || !this.#mayFold) return
    try {
      this.#orders.push({ type: 'compact', seq, value: this.#foldedState() })
      this.#folding = 'ordered'
    } catch (error) {
      this.#orders.push({ type: 'report', error })
      this.#folding = 'none'
    }
  }

  /** @throws what keeps the state from travelling. */
  #foldedState(): Value {
    const value = asItTravels(this.#kind.folding(this.#confirmed, [...this.#folded]))
    if (this.#kind.read(value) !== null) return value
    throw new BatonError(
      'bad-value',
      'This state has no JSON form, so its stream cannot be folded. Use null for what is not there.',
    )
  }
}

/** @throws BatonError `bad-value` or `value-too-large` for what cannot travel. */
function asItTravels(value: Value): Value {
  return decodeValue(encodeValue(value))
}

function raise(error: unknown): never {
  throw error
}
