// Owns what becomes of an op: whether it is the next of its author, and which entry it makes. It looks at the room
// alone; it writes nothing and sends nothing.

import {
  NO_INDEX,
  NO_OP,
  NO_SEQ,
  NO_TERM,
  type Index,
  type OpId,
  type PeerId,
  type Seq,
} from '../protocol/ids.ts'
import type { CompactOp, Entry, MessageOp, Op, RefusalCode } from '../protocol/entry.ts'
import type { Repeat } from '../protocol/frames.ts'
import { KeptValues } from '../protocol/kept-values.ts'
import type { Replica } from '../replica/replica.ts'

/** How a submitted op stands to what its author has got in. [MG3] */
export type OpStanding =
  | { readonly type: 'next' }
  /** It was taken before. */
  | { readonly type: 'repeat'; readonly repeat: Repeat }
  /** The author's op of this number is lacking. */
  | { readonly type: 'gap'; readonly expected: OpId }

export class Ordering {
  readonly #replica: Replica
  readonly #isHere: (author: PeerId) => boolean
  readonly #values = new KeptValues()

  /** `isHere`: whether an author follows this host, and so brings its own ops. */
  constructor(replica: Replica, isHere: (author: PeerId) => boolean) {
    this.#replica = replica
    this.#isHere = isHere
  }

  /** `floor`: the lowest own op that the sender can still supply. */
  standingOf(op: Op, from: PeerId, floor: OpId): OpStanding {
    const { ops } = this.#replica
    if (ops.has(op.author, op.opId)) return { type: 'repeat', repeat: this.#repeatOf(op) }
    const expected = ((ops.last(op.author) ?? NO_OP) + 1) as OpId
    if (op.opId <= expected || this.#mayLeaveGap(op, from, floor)) return { type: 'next' }
    return { type: 'gap', expected }
  }

  /** What an op that is next becomes. */
  entryOf(op: Op): Entry {
    const index = (this.#replica.lastIndex + 1) as Index
    const { author, opId } = op
    if (op.action === 'void') return { type: 'refusal', index, author, opId, code: op.code }
    const code = this.#refusalOf(op)
    if (code !== null) return { type: 'refusal', index, author, opId, code }
    const value = this.#values.keep(op.value)
    if (op.action === 'compact') return { type: 'compaction', index, op: { ...op, value } }
    const { action, key } = op
    const seq = (this.#replica.lastSeq + 1) as Seq
    return { type: 'message', index, seq, op: { action, author, opId, key, value } }
  }

  /**
   * Who may leave a gap: [MG3c MG3d]
   * - a sender before its own lowest op: it cannot fill the gap any more;
   * - an author that is not here to bring its own: nobody else may ever have what is lacking.
   */
  #mayLeaveGap(op: Op, from: PeerId, floor: OpId): boolean {
    return op.author === from ? op.opId === floor : !this.#isHere(op.author)
  }

  #repeatOf({ author, opId }: Op): Repeat {
    const entry = this.#replica.log.find(author, opId)
    const code = entry?.type === 'refusal' ? entry.code : null
    return { author, opId, index: entry?.index ?? NO_INDEX, seq: seqOf(entry), code }
  }

  #refusalOf(op: MessageOp | CompactOp): RefusalCode | null {
    const code = this.#replica.engine?.refusalOf(op) ?? null
    if (code !== null || op.action !== 'compact') return code
    return this.#replica.mayBeFilled || this.#isOutdated(op) ? 'compact-outdated' : null
  }

  /**
   * A compaction names messages by the numbers of its sender's host; here these may be others. A sender that had met
   * no host yet has its numbers from elsewhere, and means this room's.
   */
  #isOutdated(op: CompactOp): boolean {
    if (op.basis.term === NO_TERM) return false
    const end = this.#replica.endOf(op.basis)
    return end === null || op.seq > end.seq
  }
}

/** The seq that a receipt names. */
function seqOf(entry: Entry | null): Seq {
  switch (entry?.type) {
    case 'message':
      return entry.seq
    case 'compaction':
      return entry.op.seq
    case 'refusal':
    case 'reign':
    case 'in-sync':
    case undefined:
      return NO_SEQ
  }
}
