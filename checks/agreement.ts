// Owns the promise that one place is one message: on a branch everybody is given, shown and told
// the same under the same seq, also in the part that the branch shares with those it continues. The
// receipt of a compaction names the seq that it was given; where its sender had to leave a branch
// longer than a tail meanwhile, that of the message it became. [MG5e]

import { branchOf, entryOf, invokedByMid, streamsIn, type Checker } from './checker.ts'
import { lineageOf, type Lineage } from './lineage.ts'
import { longBranchesLeft } from './taken-back.ts'

type Place = { readonly mid: string; readonly peer: string }

export const agreement: Checker = (history) => {
  const invoked = invokedByMid(history)
  const lineage = lineageOf(history)
  const places = new Map<string, Map<number, Place>>()
  const receipts = new Receipts()
  const leftAt = longBranchesLeft(history)
  const differs = (
    branch: string,
    seq: number,
    mid: string,
    peer: string,
    atMs: number,
  ): string | null => {
    const bySeq = entryOf(places, branch, () => new Map<number, Place>())
    const place = entryOf(bySeq, seq, () => ({ mid, peer }))
    return place.mid === mid
      ? null
      : `${peer} at ${atMs} ms has ${mid} as ${seq} on ${branch}, where ${place.peer} has ${place.mid}`
  }
  for (const [at, event] of history.entries()) {
    const { peer, atMs } = event
    const branch = branchOf(event)
    let wrong: string | null = null
    if (event.type === 'delivered')
      wrong =
        (branch && differs(branch, event.seq, event.mid, peer, atMs)) ??
        receipts.given(peer, event.mid, event.seq, atMs)
    if (event.type === 'reset') receipts.forget(peer)
    if (event.type === 'acknowledged') {
      const op = invoked.get(event.mid)
      const isMoved = (leftAt.get(peer) ?? Infinity) < at
      if (op?.action !== 'compact') wrong = receipts.told(peer, event.mid, event.seq, atMs)
      else if (!isMoved && (op.seq ?? event.seq) !== event.seq)
        wrong = `${event.mid} folds up to ${op.seq}, and its receipt at ${atMs} ms says ${event.seq}`
    }
    const streams = branch === null ? [] : streamsIn(event)
    for (const [seq, mid] of streams.flatMap(([, messages]) => messages)) {
      if (invoked.get(mid)?.action !== 'compact')
        wrong ??=
          differs(branch!, seq, mid, peer, atMs) ??
          inherited(lineage, branch!, seq, mid, peer, atMs)
    }
    if (wrong !== null) return wrong
  }
  for (const branch of lineage.branches) lineage.log(branch)
  return lineage.contradiction
}

/** What a branch took over from those that it continues. */
function inherited(
  lineage: Lineage,
  branch: string,
  seq: number,
  mid: string,
  peer: string,
  atMs: number,
): string | null {
  const given = lineage.log(branch).at(seq)
  return given === undefined || given.mid === mid
    ? null
    : `${peer} at ${atMs} ms has ${mid} as ${seq} on ${branch}, ` +
        `which continues one where ${given.mid} was given as that`
}

/**
 * A receipt names the place under which its sender was itself given the message, whichever comes
 * first.
 */
class Receipts {
  readonly #toldByPeer = new Map<string, Map<string, number>>()
  readonly #givenByPeer = new Map<string, Map<string, number>>()

  told(peer: string, mid: string, seq: number, atMs: number): string | null {
    entryOf(this.#toldByPeer, peer, () => new Map<string, number>()).set(mid, seq)
    return this.#compare(peer, mid, atMs)
  }

  given(peer: string, mid: string, seq: number, atMs: number): string | null {
    entryOf(this.#givenByPeer, peer, () => new Map<string, number>()).set(mid, seq)
    return this.#compare(peer, mid, atMs)
  }

  /** The numbers of before mean nothing any more. */
  forget(peer: string): void {
    this.#toldByPeer.delete(peer)
    this.#givenByPeer.delete(peer)
  }

  #compare(peer: string, mid: string, atMs: number): string | null {
    const told = this.#toldByPeer.get(peer)?.get(mid)
    const given = this.#givenByPeer.get(peer)?.get(mid)
    return told === undefined || given === undefined || told === given
      ? null
      : `${peer} at ${atMs} ms has ${mid} as ${given}, and a receipt for it that says ${told}`
  }
}
