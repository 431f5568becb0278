// Owns who greeted a peer that takes over: whom it still waits for, whom it can still ask, whom it
// welcomes in the end. What they gave is not known here. [MG2]

import { BRANCH_WAIT_MS, POSITIONS_WAIT_MS } from '../protocol/limits.ts'
import type { PeerId } from '../protocol/ids.ts'
import type { SeqRun } from '../protocol/frames.ts'
import { comparePositions } from '../replica/history.ts'
import type { Replica } from '../replica/replica.ts'
import type { Hello } from './follower.ts'
import { isWanted } from './offers.ts'

export type Source = { readonly peer: PeerId; readonly hello: Hello }

export class Greeters {
  readonly #awaited: Set<PeerId>
  /** Peers whose branch is the reason for this reign. */
  readonly #branchPeers: ReadonlySet<PeerId>
  readonly #hellos = new Map<PeerId, Hello>()
  /** Sources that are not asked again while they stay: they have given what they can. */
  readonly #exhausted = new Set<PeerId>()
  /** Sources that did not answer, and are not asked again: they may hold what is lacking here. */
  readonly #silent = new Set<PeerId>()

  constructor(awaited: Iterable<PeerId>, branchPeers: Iterable<PeerId>) {
    this.#awaited = new Set(awaited)
    this.#branchPeers = new Set(branchPeers)
  }

  /** Whether everyone who is waited for has greeted, or left. */
  get areAllHere(): boolean {
    return this.#awaited.size === 0
  }

  /** How long to wait for the others, counted from the grant. */
  get waitMs(): number {
    const awaitsBranch = [...this.#branchPeers].some((peer) => this.#awaited.has(peer))
    return awaitsBranch ? BRANCH_WAIT_MS : POSITIONS_WAIT_MS
  }

  /** Whom to welcome. A silent source is met like a branch, once it greets again. */
  get welcome(): { readonly from: PeerId; readonly hello: Hello }[] {
    return Array.from(this.#hellos, ([from, hello]) => ({ from, hello })).filter(
      ({ from }) => !this.#silent.has(from),
    )
  }

  helloOf(peer: PeerId): Hello | undefined {
    return this.#hellos.get(peer)
  }

  greeted(peer: PeerId, hello: Hello): void {
    this.#hellos.set(peer, hello)
    this.#awaited.delete(peer)
  }

  left(peer: PeerId): void {
    this.#hellos.delete(peer)
    this.#awaited.delete(peer)
    this.#exhausted.delete(peer)
  }

  exhausted(peer: PeerId): void {
    this.#exhausted.add(peer)
  }

  silent(peer: PeerId): void {
    this.#silent.add(peer)
  }

  /** The furthest peer, other than this one, that has something to give; null where nobody has. */
  bestSource(self: PeerId, replica: Replica, lacked: readonly SeqRun[]): Source | null {
    let best: Source | null = null
    for (const [peer, hello] of this.#hellos) {
      if (peer === self || this.#isPassedOver(peer)) continue
      if (!isWanted(hello, replica, lacked)) continue
      const isFurther = best === null || comparePositions(hello.position, best.hello.position) > 0
      if (isFurther) best = { peer, hello }
    }
    return best
  }

  #isPassedOver(peer: PeerId): boolean {
    return this.#exhausted.has(peer) || this.#silent.has(peer)
  }
}
