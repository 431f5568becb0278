// Owns when a simulated room is calm: nobody waits for anything, and it stays so for a moment.

import { branchOf, type Page } from './page.ts'
import type { Steps } from './turns.ts'
import type { World } from './world.ts'

/**
 * A host that froze says nothing; its socket falls idle after 35 s. Whoever is healed by then waits
 * for nothing else.
 */
export const CALM_WITHIN_MS = 60_000
/** As many times that long the longest queue of what a branch left behind may take. */
const LONGEST_QUEUES = 10
const LOOK_EVERY_MS = 250
/** What seems calm must stay so for a moment. */
const CALM_LOOKS = 8

/**
 * Runs until nobody waits for anything. Where nothing comes of it for too long, says who waits, and
 * for what.
 */
export function* runUntilCalm(
  world: World,
  core: readonly Page[] | null,
  withinMs = CALM_WITHIN_MS,
): Steps<string | null> {
  const patience = new Patience(world.nowMs, withinMs)
  for (let calm = 0; calm < CALM_LOOKS;) {
    yield* world.scheduler.runUntil(world.nowMs + LOOK_EVERY_MS)
    const pages = core === null ? world.livePages : core.filter(({ alive }) => alive)
    const isWorking = patience.look(pages, world.nowMs)
    const waiting = whatWaits(pages)
    if (waiting !== null && patience.isOver(world.nowMs)) return waiting
    if (waiting !== null) calm = 0
    else calm = isWorking ? 1 : calm + 1
  }
  return null
}

/** How long to wait: longer while there is less and less to wait for. */
class Patience {
  readonly #withinMs: number
  readonly #atLastMs: number
  #untilMs: number
  #leastPending = Infinity
  #aside = 0

  constructor(nowMs: number, withinMs: number) {
    this.#withinMs = withinMs
    this.#untilMs = nowMs + withinMs
    this.#atLastMs = nowMs + LONGEST_QUEUES * withinMs
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#untilMs
  }

  /** Whether what was set aside got less since the last look: then the room is not calm yet. */
  look(pages: readonly Page[], nowMs: number): boolean {
    const pending = pages.reduce((sum, { peer }) => sum + peer.pending, 0)
    // A long queue over a slow network.
    if (pending < this.#leastPending) this.#untilMs = nowMs + this.#withinMs
    this.#leastPending = Math.min(this.#leastPending, pending)
    // What was set aside may have to wait for an author that is gone; as long as it gets less, it
    // does not.
    const aside = pages.reduce((sum, { peer }) => sum + peer.aside, 0)
    const isLess = aside < this.#aside
    // Own ops come behind it.
    if (isLess) this.#untilMs = Math.min(this.#atLastMs, nowMs + this.#withinMs)
    this.#aside = aside
    return isLess
  }
}

/** Who waits, and for what; null where nobody does. */
export function whatWaits(pages: readonly Page[]): string | null {
  const [first] = pages
  if (first === undefined) return null
  for (const page of pages) {
    const { peer, name } = page
    if (page.pause !== null) return `${name} stands still`
    if (!peer.isLive) return `${name} is not live`
    if (peer.pending > 0) return `${name} waits for ${peer.pending} receipts`
    if (branchOf(page) !== branchOf(first))
      return `${name} follows ${branchOf(page)}, ${first.name} follows ${branchOf(first)}`
    if (peer.lastSeq !== first.peer.lastSeq)
      return `${name} ends at ${peer.lastSeq}, ${first.name} at ${first.peer.lastSeq}`
    if (page.options.canHost && !peer.replica.complete) return `${name} has no streams`
  }
  return null
}
