// Owns how the copy of a room is kept on the disk of its page: the store is opened and read, and the peer's batches are
// written. When to write is keeping.ts's, what kept-batches.ts's. The room never waits for the disk. [PE12 PE13 PE17]

import { NO_INDEX, type Claim, type Index, type PeerId } from '../protocol/ids.ts'
import type { PromisedOp, StoredCopy } from '../replica/copy.ts'
import type { CopyPlaces } from '../replica/copy-places.ts'
import { copyIn } from '../replica/copy-reader.ts'
import type { CompleteState } from '../replica/former-copy.ts'
import { outboxesIn, type Outboxes } from '../replica/outbox-reader.ts'
import { takeFence } from './fence.ts'
import { Keeping, type KeepingInput, type KeepingOutput } from './keeping.ts'
import type { StorageErrorCode, StorageState } from './keeping.ts'
import { KeptBatches, type Kept, type Read } from './kept-batches.ts'
import { StoreError, type Place, type Store, type StoreProblem } from './store.ts'
import type { TabChannel } from './tabs.ts'
import type { WriterSeat } from './writer-seat.ts'

export type Surroundings = {
  readonly openStore: () => Promise<Store>
  readonly seat: WriterSeat
  /** By this name tabs of the profile know the room. */
  readonly name: string
  readonly channel: TabChannel
  /** Lives that other tabs of the profile have now. */
  readonly livesElsewhere: () => Promise<ReadonlySet<PeerId>>
  readonly clock: KeeperClock
  readonly onState: (state: StorageState) => void
  readonly onError: (code: StorageErrorCode) => void
}

type KeeperClock = {
  now(): number
  wakeAt(at: number, call: () => void): void
  cancel(): void
}

/** What lay there. Without a copy there may be ops of earlier lives all the same. */
export type OpenedCopy = Omit<StoredCopy, 'state'> & { readonly state: CompleteState | null }

/** What the tab that writes tells the others: the log is stored up to there. */
type Written = { readonly claim: Claim; readonly index: Index }

const NOTHING: OpenedCopy = { state: null, stable: NO_INDEX, promised: [], over: [], lives: [] }

export class CopyKeeper {
  readonly #places: CopyPlaces
  readonly #around: Surroundings
  readonly #keeping: Keeping
  #store: Store | null = null
  #inherited: Outboxes = { promisedByLife: new Map(), over: [], damaged: 0 }
  /** Null until there is a peer. */
  #batches: KeptBatches | null = null
  #kept: Kept | null = null
  /** What was read when this tab could write already. */
  #readBehindFence: { readonly fence: Place; readonly read: Read } | null = null
  /** This tab is the one to write the copy. */
  #hasSeat = false
  #giveUpSeat = () => {}
  /** Once nothing more is to come of the store that is being opened. */
  #givenUp = () => {}

  constructor(places: CopyPlaces, around: Surroundings) {
    this.#places = places
    this.#around = around
    this.#keeping = new Keeping(around.clock.now())
    around.channel.listen((message) => this.#heard(message as Written))
    this.#requestSeat()
  }

  get state(): StorageState {
    return this.#keeping.state
  }

  /** Up to here the log is on this device; 0 where no copy of it is. */
  get storedUpTo(): Index {
    return this.#batches?.storedUpTo ?? NO_INDEX
  }

  /** What lies there. It waits for OPEN_WAIT_MS at most. */
  open(): Promise<OpenedCopy> {
    const givenUp = new Promise<OpenedCopy>((resolve) => {
      this.#givenUp = () => resolve(NOTHING)
    })
    this.#wakeWhenDue()
    return Promise.race([this.#open(), givenUp])
  }

  /** The peer that came of it, from now on. */
  keep(kept: Kept): void {
    this.#kept = kept
    const batches = new KeptBatches(kept, this.#places, this.#inherited)
    this.#batches = batches
    const before = this.#readBehindFence
    this.#readBehindFence = null
    if (before !== null) batches.takePen(before.fence, before.read)
    else if (this.#hasSeat) this.#guard(this.#takePen())
  }

  /** After each input of the peer. */
  inputDone(): void {
    if (this.#batches !== null) this.#feed({ type: 'looked', due: this.#batches.due })
  }

  hidden(): void {
    if (this.#batches !== null) this.#feed({ type: 'hidden', due: this.#batches.due })
  }

  left(): void {
    if (this.#batches !== null) this.#feed({ type: 'left', due: this.#batches.due })
  }

  restored(): void {
    this.#feed({ type: 'restored' })
  }

  /** The room is left: what is due is written, and the seat is another tab's. */
  close(): void {
    this.left()
    this.#around.clock.cancel()
    this.#around.channel.close()
    this.#giveUpSeat()
  }

  // --- opening ---

  async #open(): Promise<OpenedCopy> {
    try {
      const store = await this.#around.openStore()
      if (this.state !== 'opening') {
        await store.close()
        return NOTHING
      }
      this.#store = store
      const fence = this.#hasSeat ? await takeFence(store, this.#places.fence) : null
      const read = await this.#read(store)
      if (fence !== null) this.#readBehindFence = { fence, read }
      const elsewhere = await this.#around.livesElsewhere()
      const opened = this.#openedFrom(read, elsewhere)
      this.#feed({ type: 'opened', found: read.found.type })
      return opened
    } catch {
      this.#feed({ type: 'open-failed' })
      return NOTHING
    }
  }

  /** Outboxes of lives that no tab has are this life's from now on. */
  #openedFrom({ rows, found }: Read, elsewhere: ReadonlySet<PeerId>): OpenedCopy {
    if (found.type === 'newer') return NOTHING
    const { promisedByLife, over, damaged } = outboxesIn(rows, this.#places)
    const orphans = [...promisedByLife].filter(([life]) => !elsewhere.has(life))
    this.#inherited = { promisedByLife: new Map(orphans), over, damaged }
    const promised = eachOnce(orphans.flatMap(([, ofLife]) => ofLife))
    if (found.type !== 'copy') return { ...NOTHING, promised, over }
    const { state, stable, lives } = found.copy
    return { state, stable, lives, promised, over }
  }

  async #read(store: Store): Promise<Read> {
    const rows = await store.read(this.#places.start, this.#places.end)
    return { rows, found: copyIn(rows, this.#places) }
  }

  async #openAgain(): Promise<void> {
    const store = await this.#around.openStore()
    this.#store = store
    const { found } = await this.#read(store)
    if (found.type === 'none') this.#batches?.wasEmptied()
    if (this.#hasSeat) await this.#takePen()
    this.#feed({ type: 'opened', found: found.type })
  }

  // --- who writes ---

  #requestSeat(): void {
    this.#giveUpSeat = this.#around.seat.request(this.#around.name, () => {
      this.#hasSeat = true
      if (this.#batches !== null) this.#guard(this.#takePen())
    })
  }

  /** What lies there is read behind the fence: from then on nobody else changes it. */
  async #takePen(): Promise<void> {
    const store = this.#store
    if (store === null) return
    const fence: Place = await takeFence(store, this.#places.fence)
    this.#batches?.takePen(fence, await this.#read(store))
    this.inputDone()
  }

  #deposed(): void {
    this.#batches?.dropPen()
    this.#hasSeat = false
    this.#giveUpSeat()
    this.#requestSeat()
  }

  #heard({ claim, index }: Written): void {
    this.#batches?.wasStored(claim, index)
  }

  // --- writing ---

  #feed(input: KeepingInput): void {
    for (const output of this.#keeping.handle(input, this.#around.clock.now()))
      this.#carryOut(output, input.type === 'left')
    this.#wakeWhenDue()
  }

  #carryOut(output: KeepingOutput, isLast: boolean): void {
    switch (output.type) {
      case 'write':
        return this.#write(isLast)
      case 'open':
        return this.#guard(this.#openAgain())
      case 'close':
        return this.#guard(this.#store?.close())
      case 'deposed':
        return this.#deposed()
      case 'state':
        if (output.state !== 'on' && output.state !== 'damaged') this.#givenUp()
        return this.#around.onState(output.state)
      case 'error':
        return this.#around.onError(output.code)
    }
  }

  #write(isLast: boolean): void {
    const batches = this.#batches
    const store = this.#store
    if (batches === null || store === null) return
    if (this.#hasSeat && !batches.writes) this.#guard(this.#takePen())
    const batch = isLast ? batches.orderLast() : batches.order()
    if (batch === null) return this.#feed({ type: 'written', due: batches.due })
    store.write(batch.writes, batch.unless).then(
      () => {
        batches.written(batch)
        this.#tellOthers()
        this.#feed({ type: 'written', due: batches.due })
      },
      (error: unknown) => {
        batches.failed(batch)
        this.#feed({ type: 'refused', problem: problemOf(error) })
      },
    )
  }

  #tellOthers(): void {
    const claim = this.#kept?.replica.history.latest ?? null
    if (this.#batches?.writes !== true || claim === null) return
    this.#around.channel.say({ claim, index: this.storedUpTo } satisfies Written)
  }

  #wakeWhenDue(): void {
    this.#around.clock.wakeAt(this.#keeping.wakeAtMs, () => this.#feed({ type: 'ticked' }))
  }

  /** What fails between batches is as a batch that fails. */
  #guard(done: Promise<void> | undefined): void {
    done?.catch((error: unknown) => this.#feed({ type: 'refused', problem: problemOf(error) }))
  }
}

function problemOf(error: unknown): StoreProblem {
  return error instanceof StoreError ? error.problem : 'failed'
}

/** Two lives may have promised one op. */
function eachOnce(promised: readonly PromisedOp[]): readonly PromisedOp[] {
  const byName = new Map(promised.map((item) => [`${item.op.author} ${item.op.opId}`, item]))
  return [...byName.values()]
}
