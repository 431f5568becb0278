import { describe, expect, test } from 'vitest'
import { COPY_BURST_BYTES, COPY_BYTES_PER_SECOND, COPY_REQUEST_BYTES } from '../protocol/limits.ts'
import type { Claim, Index, OpId, PeerId, Seq, Term } from '../protocol/ids.ts'
import { peer } from '../protocol/testing-ids.ts'
import { CopyDesk, type FetchAnswer, type FetchFrame } from './copy-desk.ts'
import { ReplicaWriter } from './replica-writer.ts'
import type { PartFrame } from './transfer.ts'

const HOST: Claim = { term: 3 as Term, host: peer('h') }
const MESSAGE_BYTES = 4 * 1024 * 1024 - 8
const [ann, ben] = [peer('a'), peer('b')]

function fetch(request: number): FetchFrame {
  return { type: 'fetch', request, ends: [], lacks: [] }
}

/** A desk over a room of two messages, and a clock. */
class DeskScene {
  readonly #writer = ReplicaWriter.empty(true)
  readonly #replica = this.#writer.replica
  readonly desk = new CopyDesk(this.#replica)
  nowMs = 0

  constructor() {
    this.#writer.append({ type: 'reign', index: 1 as Index, claim: HOST, inSync: [] })
    this.push()
    this.push()
  }

  push(key = 'k', size = MESSAGE_BYTES): void {
    const number = this.#replica.lastSeq + 1
    const op = {
      action: 'append',
      author: peer('h'),
      opId: number as OpId,
      key,
      value: new Uint8Array(size),
    } as const
    const index = (this.#replica.lastIndex + 1) as Index
    this.#writer.append({ type: 'message', index, seq: number as Seq, op })
  }

  /** What a copy of the room costs. */
  get copyBytes(): number {
    const scene = new CopyDesk(this.#replica)
    return this.finish(scene.asked(ann, fetch(1), 0), scene)
  }

  /** After so long one more copy may be made. */
  get turnMs(): number {
    return Math.ceil((this.copyBytes / COPY_BYTES_PER_SECOND) * 1_000)
  }

  /** Confirms part after part; returns what all of them cost. */
  finish(first: readonly PartFrame[], desk = this.desk): number {
    const parts = [...first]
    for (const { request, number } of parts)
      parts.push(...desk.confirmed(ann, request, number, this.nowMs))
    return parts.reduce((sum, { bytes }) => sum + bytes.length + COPY_REQUEST_BYTES, 0)
  }

  /** The requests that are answered, of so many in a row. */
  answered(from: PeerId, times: number): number[] {
    const requests: number[] = []
    for (let request = 1; request <= times; request++)
      if (this.desk.asked(from, fetch(request), this.nowMs).length > 0) requests.push(request)
    return requests
  }

  pass(ms: number): FetchAnswer | null {
    this.nowMs += ms
    return this.desk.ticked(this.nowMs)
  }
}

const requestsOf = (parts: readonly PartFrame[]) => [
  ...new Set(parts.map(({ request }) => request)),
]

test('[LK13d] of those whose turn has come one is answered at a tick', () => {
  const scene = new DeskScene()
  for (const asker of [ann, ben]) scene.answered(asker, 1_000)
  expect(scene.pass(60_000)?.to).toBe(ann)
  expect(scene.pass(0)?.to).toBe(ben)
  expect(scene.pass(0)).toBeNull()
})

describe('[LK12] fetches without end', () => {
  test('are answered up to a burst', () => {
    const scene = new DeskScene()
    const copies = Math.ceil(COPY_BURST_BYTES / scene.copyBytes)
    const answered = Array.from({ length: 100 }, (_, i) => {
      const first = scene.desk.asked(ann, fetch(i), scene.nowMs)
      scene.finish(first)
      return first.length > 0
    })
    expect(answered.filter(Boolean)).toHaveLength(copies)
  })

  test('hold nobody else up', () => {
    const scene = new DeskScene()
    scene.answered(ann, 1_000)
    expect(scene.answered(ben, 1)).toEqual([1])
  })

  test('[LK12a] leave one that waits, the newest, which is answered in its turn', () => {
    const scene = new DeskScene()
    scene.answered(ann, 1_000)
    expect(scene.pass(0)).toBeNull()
    const answer = scene.pass(scene.turnMs)
    expect([answer?.to, requestsOf(answer?.parts ?? [])]).toEqual([ann, [1_000]])
    expect(scene.pass(scene.turnMs)).toBeNull()
  })

  test('[LK12a] are answered with the room as it is then', () => {
    const scene = new DeskScene()
    scene.answered(ann, 1_000)
    const { copyBytes } = scene
    scene.push()
    const answer = scene.pass(60_000)
    let parts = answer?.parts ?? []
    let last = parts.at(-1)
    let bytes = 0
    while (last !== undefined) {
      for (const part of parts) bytes += part.bytes.length
      parts = scene.desk.confirmed(ann, last.request, last.number, scene.nowMs)
      last = parts.at(-1)
    }
    expect(bytes).toBeGreaterThan(copyBytes)
  })

  test('end what was under way before', () => {
    const scene = new DeskScene()
    const [first] = scene.desk.asked(ann, fetch(1), 0)
    scene.answered(ann, 1_000)
    expect(scene.desk.confirmed(ann, 1, first!.number, 0)).toEqual([])
  })

  test('are forgotten when their peer goes, but not what was copied for it', () => {
    const scene = new DeskScene()
    scene.answered(ann, 1_000)
    scene.desk.drop(ann)
    expect(scene.answered(ann, 1)).toEqual([])
    scene.desk.drop(ann)
    expect(scene.pass(60_000)).toBeNull()
    expect(scene.answered(ann, 1)).toEqual([1])
  })
})

test('[LK13c] to begin a copy again and again counts, whatever is confirmed of it', () => {
  const scene = new DeskScene()
  for (let i = 0; i < 1_000; i++) scene.push(`key ${i}`, 1)
  const beginning = 2 * 1_000 * 16
  const answered = scene.answered(ann, COPY_BURST_BYTES / beginning)
  expect(answered.length).toBeLessThan(COPY_BURST_BYTES / beginning)
})

test('an honest peer that asks again and again is never told to wait', () => {
  const scene = new DeskScene()
  for (let turn = 0; turn < 100; turn++) {
    expect(scene.answered(ann, 1)).toEqual([1])
    scene.pass(scene.turnMs)
  }
})
