// Owns the promise that what was compacted away never returns: not in a later replay, not through a
// migration, not in the end. A compaction that its sender was told is in conflict is undone aloud,
// and promises nothing; nor does one of a branch longer than a tail, once its sender is told of the
// reset that takes it back.

import { branchOf, entryOf, invokedByMid, only, streamsIn, type Checker } from './checker.ts'
import { survivorsOf } from './survivors.ts'
import { longBranchesLeft } from './taken-back.ts'

type Compaction = { readonly mid: string; readonly key: string; readonly upTo: number }

export const noGhosts: Checker = (history) => {
  const invoked = invokedByMid(history)
  const conflicts = new Set(only(history, 'conflict').map(({ mid }) => mid))
  const survivors = survivorsOf(history)
  const lastRewind = history.findLastIndex(
    (event) => event.type === 'reset' && event.reason === 'rewound',
  )
  const compactionOf = (mid: string): Compaction | null => {
    const op = invoked.get(mid)
    return op?.action !== 'compact' || op.seq === undefined || conflicts.has(mid)
      ? null
      : { mid, key: op.key, upTo: op.seq }
  }
  const leftAt = longBranchesLeft(history)
  const isCompaction = (mid: string) => invoked.get(mid)?.action === 'compact'
  const kept = new Foremost()
  const seenByPeer = new Map<string, Foremost>()
  const places = new BranchCompactions()
  const seqByPeer = new Map<string, number>()
  for (const [at, event] of history.entries()) {
    const { peer } = event
    const branch = branchOf(event)
    const seen = entryOf(seenByPeer, peer, () => new Foremost())
    if (branch !== null) places.isOn(peer, branch)
    if (event.type === 'delivered') seqByPeer.set(peer, event.seq)
    if (event.type === 'reset') {
      if (event.headSeq === undefined) seqByPeer.delete(peer)
      else seqByPeer.set(peer, event.headSeq)
      if (event.reason === 'rewound') seenByPeer.delete(peer)
    }
    if (event.type === 'acknowledged') {
      const compaction = compactionOf(event.mid)
      // Elsewhere it is a message now, which a long branch left.
      if (compaction === null || compaction.upTo !== event.seq) continue
      seen.add(compaction)
      places.add(peer, compaction, seqByPeer.get(peer))
      // A branch that was left takes its compactions along, and an author that is gone cannot be
      // told.
      const isMoot = (at < lastRewind && !survivors.knowOf(event)) || at < (leftAt.get(peer) ?? -1)
      if (survivors.holds(event) && !isMoot) kept.add(compaction)
    }
    for (const [key, messages] of streamsIn(event)) {
      const done = [
        seen.of(key),
        event.type === 'final'
          ? kept.of(key)
          : places.before(branch, key, seqAt(event, seqByPeer.get(peer))),
      ]
      for (const compaction of done) {
        if (compaction === undefined) continue
        const { upTo } = compaction
        const ghost = messages.find(
          ([seq, mid]) => seq < upTo || (seq === upTo && !isCompaction(mid)),
        )
        if (ghost === undefined) continue
        const what = `${ghost[1]} as ${ghost[0]} under "${key}"`
        return `${peer} at ${event.atMs} ms has ${what}, which ${compaction.mid} had folded up to ${upTo}`
      }
      for (const [seq, mid] of messages.slice(0, 1)) {
        const compaction = compactionOf(mid)
        if (compaction?.upTo === seq) seen.add(compaction) // elsewhere it is a message that a long branch left
      }
    }
  }
  return null
}

/** How far the room had come for certain when the answer was made. */
function seqAt(
  event: { readonly type: string; readonly askedAtMs?: number },
  seq: number | undefined,
): number {
  return event.askedAtMs === undefined ? (seq ?? 0) : 0
}

/** The compaction of each key that reaches furthest. */
class Foremost {
  readonly #byKey = new Map<string, Compaction>()

  add(compaction: Compaction): void {
    const known = this.#byKey.get(compaction.key)
    if (known === undefined || known.upTo < compaction.upTo)
      this.#byKey.set(compaction.key, compaction)
  }

  of(key: string): Compaction | undefined {
    return this.#byKey.get(key)
  }
}

/**
 * What stands in the log of each branch before a seq: a sender that has its receipt had come no
 * further than there.
 */
class BranchCompactions {
  readonly #branchByPeer = new Map<string, string>()
  readonly #byBranch = new Map<
    string,
    Map<string, { readonly seq: number; readonly furthest: Compaction }[]>
  >()

  isOn(peer: string, branch: string): void {
    this.#branchByPeer.set(peer, branch)
  }

  add(peer: string, compaction: Compaction, seq: number | undefined): void {
    const branch = this.#branchByPeer.get(peer)
    if (branch === undefined || seq === undefined) return
    const byKey = entryOf(
      this.#byBranch,
      branch,
      () => new Map<string, { seq: number; furthest: Compaction }[]>(),
    )
    const steps = entryOf(byKey, compaction.key, () => [])
    // Seqs that fall are those of a peer that lags: what it knows others knew before.
    const last = steps.at(-1)
    const furthest =
      last === undefined || last.furthest.upTo < compaction.upTo ? compaction : last.furthest
    steps.push({ seq: Math.max(seq, last?.seq ?? 0), furthest })
  }

  /** What was in the log for certain before the message with this seq. */
  before(branch: string | null, key: string, seq: number): Compaction | undefined {
    const steps = branch === null ? [] : (this.#byBranch.get(branch)?.get(key) ?? [])
    let low = 0
    let high = steps.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (steps[middle]!.seq < seq) low = middle + 1
      else high = middle
    }
    return steps[low - 1]?.furthest
  }
}
