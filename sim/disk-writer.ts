// Owns how a page keeps its copy on its user's disk: how long batches take, and which are lost. What is in them, and
// when they go out, is the code of real pages. [PE12]

import { assert } from '../protocol/errors.ts'
import type { Peer } from '../peer/peer.ts'
import type { CompleteState } from '../replica/former-copy.ts'
import { Keeping, type KeepingInput } from '../storage/keeping.ts'
import { KeptBatches, type Batch, type Kept } from '../storage/kept-batches.ts'
import { PLACES, type Disk, type OnDisk, type Written } from './disk.ts'
import type { Random } from './random.ts'
import type { Scheduler } from './scheduler.ts'

const BATCH_MS = [0, 12] as const
const FAILS_ONE_IN = 25
/** Of a page that crashes the batch on its way is done, or it is not. */
const SURVIVES_ONE_IN = 2
/** A disk has one page at a time, so nobody else takes the fence. */
const FENCE = Uint8Array.of(0)

type OnWay = {
  readonly batch: Batch
  readonly written: Written
  readonly end: Peer['replica']['lastIndex']
}

export class DiskWriter {
  readonly #disk: Disk
  readonly #peer: Peer
  readonly #scheduler: Scheduler
  readonly #random: Random
  readonly #batches: KeptBatches
  readonly #keeping: Keeping
  #wakesAtMs = Infinity
  #onWay: OnWay | null = null
  #isGone = false

  constructor(disk: Disk, onDisk: OnDisk, peer: Peer, scheduler: Scheduler, random: Random) {
    this.#disk = disk
    this.#peer = peer
    this.#scheduler = scheduler
    this.#random = random
    this.#batches = new KeptBatches(keptOf(peer), PLACES, onDisk.outboxes)
    this.#batches.takePen(FENCE, onDisk.read)
    this.#keeping = new Keeping(scheduler.nowMs)
    const { type } = onDisk.read.found
    this.#feed({ type: 'opened', found: type })
  }

  /** After each input of the peer. */
  inputDone(): void {
    this.#feed({ type: 'looked', due: this.#batches.due })
  }

  /** The page goes, and its last batch is committed behind the one on its way. */
  left(): void {
    this.#arrive()
    this.#feed({ type: 'left', due: this.#batches.due })
    this.#isGone = true
    this.#check()
  }

  crashed(): void {
    if (this.#random.int(1, SURVIVES_ONE_IN) === 1) this.#arrive()
    this.#isGone = true
  }

  #feed(input: KeepingInput): void {
    if (this.#isGone) return
    for (const output of this.#keeping.handle(input, this.#scheduler.nowMs))
      if (output.type === 'write') this.#write(input.type === 'left')
    this.#wakeWhenDue()
  }

  #write(isLast: boolean): void {
    const { self, replica } = this.#peer
    const batch = isLast ? this.#batches.orderLast() : this.#batches.order()
    if (batch === null) return this.#feed({ type: 'written', due: this.#batches.due })
    const onWay = {
      batch,
      written: { by: self, atMs: this.#scheduler.nowMs },
      end: replica.lastIndex,
    }
    this.#onWay = onWay
    if (isLast) return this.#arrive()
    this.#scheduler.after(this.#random.int(...BATCH_MS), () => {
      if (!this.#isGone && this.#onWay === onWay) this.#done(batch)
    })
  }

  #done(batch: Batch): void {
    if (this.#random.int(1, FAILS_ONE_IN) === 1) {
      this.#onWay = null
      this.#batches.hasFailed(batch)
      return this.#feed({ type: 'refused', problem: 'failed' })
    }
    this.#arrive()
    this.#batches.wasWritten(batch)
    this.#feed({ type: 'written', due: this.#batches.due })
  }

  #arrive(): void {
    if (this.#onWay === null) return
    const { batch, written, end } = this.#onWay
    this.#onWay = null
    this.#disk.write(batch, written, end)
  }

  #wakeWhenDue(): void {
    const atMs = this.#keeping.wakeAtMs
    if (atMs === Infinity || atMs >= this.#wakesAtMs) return
    this.#wakesAtMs = atMs
    this.#scheduler.at(atMs, () => {
      if (this.#wakesAtMs !== atMs) return
      this.#wakesAtMs = Infinity
      this.#feed({ type: 'ticked' })
    })
  }

  /** What a page has stored that had time for it is what it was. */
  #check(): void {
    const { copy } = this.#peer
    const { found } = this.#disk.open().read
    if (copy === null || found.type !== 'copy' || found.copy.lives.at(-1) !== this.#peer.self)
      return
    if (found.copy.state.log.last !== copy.state.log.last) return
    assert(shownBy(found.copy.state) === shownBy(copy.state), 'a copy is its replica')
  }
}

function keptOf(peer: Peer): Kept {
  return {
    life: peer.self,
    replica: peer.replica,
    get copy() {
      return peer.copy
    },
    get outbox() {
      return peer.outbox
    },
    get outboxMark() {
      return peer.outboxMark
    },
    isAwaited: false,
    card: { token: '', topic: '', seq: 0, bytes: 0, usedAtMs: 0, unshared: false },
  }
}

/** All of a replica but its tail, as a text. */
function shownBy({ history, ops, lastSeq, engine, lacks, log }: CompleteState): string {
  const streams = [...engine.keys].toSorted().map((key) => [key, [...engine.messages(key, 0)]])
  return JSON.stringify(
    [history.reigns, ops.rows, lastSeq, lacks, log.last, streams],
    (_, value: unknown) => (value instanceof Uint8Array ? [...value] : value),
  )
}
