// A stage for tests of the takeover: peer `m` was granted term 9, the others are what the test says
// they hold.

import { expect } from 'vitest'
import { NO_INDEX, type Index } from '../protocol/ids.ts'
import type { FrameBody } from '../protocol/frames.ts'
import { claimOf, letter, peer } from '../protocol/testing-ids.ts'
import type { Replica } from '../replica/replica.ts'
import { snapshotFor } from '../replica/snapshot.ts'
import { writerOf } from '../replica/testing-words.ts'
import { Sources } from '../replica/transfer.ts'
import type { Hello } from './follower.ts'
import { Takeover, type TakeoverOutput } from './takeover.ts'

type Fetch = Extract<FrameBody, { type: 'fetch' }>
type Part = Extract<FrameBody, { type: 'part' }>

/** The messages that a room made of this replica would hold. */
export function contents(replica: Replica): string[] {
  const run = replica.engine?.replay('k', 0)
  return Array.from(
    run?.opIds ?? [],
    (opId, i) => `${letter(replica.engine!.authorName(run!.authors[i]!))}${opId}`,
  )
}

/** The hello of a peer that holds this, as far as the test does not say otherwise. */
export function helloOf(replica: Replica, more: Partial<Hello> = {}): Hello {
  const { position, lastSeq, complete, cannotGive } = replica
  return {
    type: 'hello',
    claim: claimOf(9, 'm'),
    nonce: 1,
    position,
    headSeq: lastSeq,
    stable: NO_INDEX,
    past: NO_INDEX,
    complete,
    lacks: cannotGive,
    canHost: true,
    visible: true,
    replay: null,
    ...more,
  }
}

/** Peer `m` was granted term 9. The others are what the test says they hold; time is the test's. */
export class TakeoverScene {
  readonly takeover: Takeover
  readonly mine: Replica
  nowMs = 0
  ready = 0
  readonly setAside: string[] = []
  readonly #fetches: { readonly from: string; readonly fetch: Fetch }[] = []

  constructor(mine: Replica, reachable: string, branchPeers = '', stable = 0) {
    this.mine = mine
    this.takeover = new Takeover(
      claimOf(9, 'm'),
      writerOf(mine),
      { stable: stable as Index, past: NO_INDEX },
      [...reachable].map(peer),
      [...branchPeers].map(peer),
      0,
    )
  }

  take(outputs: readonly TakeoverOutput[]): void {
    for (const output of outputs) {
      if (output.type === 'ready') this.ready++
      else if (output.type === 'set-aside')
        this.setAside.push(...output.ops.map((op) => `${letter(op.author)}${op.opId}`))
      else if (output.body.type === 'fetch')
        this.#fetches.push({ from: letter(output.to[0]!), fetch: output.body })
    }
  }

  greets(name: string, replica: Replica, stable = 0): void {
    const hello = helloOf(replica, { stable: stable as Index })
    this.take(this.takeover.hello(peer(name), hello, this.nowMs))
  }

  leaves(name: string): void {
    this.take(this.takeover.left(peer(name), this.nowMs))
  }

  pass(ms: number): void {
    this.nowMs += ms
    this.take(this.takeover.ticked(this.nowMs))
  }

  /** Whom the replica is being fetched from since this was last asked. */
  asked(): string {
    return this.#fetches
      .splice(0)
      .map(({ from }) => from)
      .join('')
  }

  part(from: string, part: Part): void {
    this.take(this.takeover.part(peer(from), part, this.nowMs))
  }

  /** The parts that this source answers with, the one fetch open being to it. */
  partsOf(source: Replica): Part[] {
    expect(this.#fetches).toHaveLength(1)
    const { fetch } = this.#fetches.pop()!
    const { parts } = snapshotFor(source, fetch.ends, fetch.lacks)
    const sources = new Sources()
    const sent = sources.start(peer('m'), fetch.request, parts)
    for (const { request, number } of sent)
      sent.push(...sources.confirmed(peer('m'), request, number))
    return sent
  }

  answers(from: string, source: Replica): void {
    for (const part of this.partsOf(source)) this.part(from, part)
  }
}

/** Its takeover fetches once, from one peer, and leads. */
export function takesOverWith(mine: Replica, source: Replica): TakeoverScene {
  const scene = new TakeoverScene(mine, 'ma')
  scene.greets('m', mine)
  scene.greets('a', source)
  scene.answers('a', source)
  expect(scene.ready).toBe(1)
  return scene
}

/** What the logs that gave way had ordered, for the reign to order again. */
export function surplusesOf({ takeover }: TakeoverScene): string[] {
  return takeover.surpluses.map(({ entries, forkSeq }) => {
    const names = entries.map((entry) =>
      'op' in entry ? `${letter(entry.op.author)}${entry.op.opId}` : entry.type,
    )
    return `${names.join(' ')} after ${forkSeq}`
  })
}
