import { expect, test } from 'vitest'
import {
  BRANCH_WAIT_MS,
  FETCH_TIMEOUT_MS,
  HELLO_TIMEOUT_MS,
  MEETINGS_MAX,
  MEETING_PAUSE_MAX_MS,
} from '../protocol/limits.ts'
import type { Index, Seq } from '../protocol/ids.ts'
import { claimOf, peer } from '../protocol/testing-ids.ts'
import type { Hello } from './follower.ts'
import { Leadership, type LeadershipOutput } from './leadership.ts'
import { emptyReplica, writerOf } from '../replica/testing-words.ts'
import { NO_MOMENTS } from '../replica/surplus.ts'

/** Peer `m` leads without streams, five messages late; `z` has them all. Time is the test's. */
class Scene {
  nowMs = 0
  /** When `z` was met. */
  readonly metAtMs: number[] = []
  readonly #replica = emptyReplica(false)
  readonly #leadership = new Leadership(peer('m'), this.#replica, () => false)
  #term = 1

  constructor() {
    writerOf(this.#replica).startOver(
      6 as Index,
      5 as Seq,
      [{ number: 1, claim: claimOf(1, 'z'), index: 1 as Index, seq: 0 as Seq }],
      [],
      NO_MOMENTS,
    )
    this.leads()
  }

  /** Signaling grants it the next reign, and nobody gives anything. */
  leads(): void {
    this.#take(
      this.#leadership.begin(
        claimOf(++this.#term, 'm'),
        writerOf(this.#replica),
        NO_MOMENTS,
        [peer('m')],
        this.nowMs,
      ),
    )
    this.greets('m', {
      position: this.#replica.position,
      complete: this.#replica.complete,
      lacks: this.#replica.cannotGive,
    })
    if (this.metAtMs.length > 0) this.greets('z')
    this.pass(FETCH_TIMEOUT_MS)
    expect(this.#leadership.isHosting).toBe(true)
  }

  greets(
    from: string,
    more: Partial<Hello> = {
      position: { claim: claimOf(1, 'z'), index: 6 as Index },
      complete: true,
      lacks: [],
    },
  ): void {
    this.#take(
      this.#leadership.receive(
        peer(from),
        {
          type: 'hello',
          claim: claimOf(this.#term, 'm'),
          nonce: 1,
          position: null,
          headSeq: 5 as Seq,
          stable: 0 as Index,
          past: 0 as Index,
          complete: false,
          lacks: [],
          canHost: true,
          visible: true,
          replay: null,
          ...more,
        },
        this.nowMs,
      ),
    )
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.#take(this.#leadership.ticked(this.nowMs))
  }

  #take(outputs: readonly LeadershipOutput[]): void {
    if (outputs.some(({ type }) => type === 'met')) this.metAtMs.push(this.nowMs)
  }
}

test('[MG5g] a peer that greets with the streams and gives nothing is met without end, and ever more seldom', () => {
  const scene = new Scene()
  const wanted = MEETINGS_MAX + 8
  for (let greetings = 0; greetings < 1_000 && scene.metAtMs.length < wanted; greetings++) {
    const { length } = scene.metAtMs
    scene.greets('z')
    if (scene.metAtMs.length > length) scene.leads()
    else scene.pass(HELLO_TIMEOUT_MS)
  }
  const pausesMs = scene.metAtMs.slice(1).map((atMs, i) => atMs - scene.metAtMs[i]!)
  expect(pausesMs).toHaveLength(wanted - 1)
  for (const [i, pauseMs] of pausesMs.entries()) {
    const leastMs =
      i < MEETINGS_MAX
        ? BRANCH_WAIT_MS
        : Math.min(MEETING_PAUSE_MAX_MS, BRANCH_WAIT_MS * 2 ** (i - MEETINGS_MAX + 1))
    expect(pauseMs).toBeGreaterThanOrEqual(leastMs)
    expect(pauseMs).toBeLessThanOrEqual(Math.max(leastMs, FETCH_TIMEOUT_MS) + HELLO_TIMEOUT_MS)
  }
  expect(pausesMs.at(-1)).toBeGreaterThanOrEqual(MEETING_PAUSE_MAX_MS)
})
