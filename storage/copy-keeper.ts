// Owns how the copy of a room is kept on the disk of its page: the store is opened and read, and the peer's batches are
// written. When to write is keeping.ts's, what kept-batches.ts's. The room never waits for the disk. [PE12 PE13 PE17]

import { NO_INDEX, type Claim, type Index } from '../protocol/ids.ts'
import type { OpenedCopy } from '../replica/copy.ts'
import type { CopyPlaces } from '../replica/copy-places.ts'
import { copyIn } from '../replica/copy-reader.ts'
import type { Outboxes } from '../replica/outbox-reader.ts'
import { takeFence } from './fence.ts'
import { Keeping, type KeepingInput, type KeepingOutput } from './keeping.ts'
import type { StorageErrorCode, StorageState } from './keeping.ts'
import type { Lives } from './lives.ts'
import { KeptBatches, type Kept, type Read } from './kept-batches.ts'
import { readNewest, type Asked, type Newest } from './read-newest.ts'
import { copyFrom, inheritedFrom, NOTHING, NO_OUTBOXES } from './opened-copy.ts'
import { StoreError, type Place, type Store, type StoreProblem } from './store.ts'
import type { TabChannel } from './tabs.ts'
import type { WriterLock } from './writer-lock.ts'

export type Surroundings = {
  readonly openStore: () => Promise<Store>
  readonly lock: WriterLock
  /** By this name tabs of the profile know the room. */
  readonly name: string
  readonly channel: TabChannel
  readonly lives: Lives
  readonly clock: KeeperClock
  /** The log is on this device up to there. */
  readonly onStored: (index: Index) => void
  readonly onState: (state: StorageState) => void
  readonly onError: (code: StorageErrorCode) => void
}

type KeeperClock = {
  now(): number
  wakeAt(at: number, call: () => void): void
  cancel(): void
}

/** What tabs tell each other. */
export type Told =
  /** The log is stored up to there. */
  | { readonly type: 'written'; readonly claim: Claim; readonly index: Index }
  /** The copy was deleted on purpose. */
  | { readonly type: 'forgotten' }

type Lock = { readonly isTaken: boolean; readonly giveUp: () => void }

type Opened = {
  readonly inherited: Outboxes
  readonly fence: Place | null
  readonly read: Read | null
}

export class CopyKeeper {
  readonly #places: CopyPlaces
  readonly #around: Surroundings
  readonly #keeping: Keeping
  readonly #answers = new Set<Promise<Newest | null>>()
  #opening: Promise<Store> | null = null
  #store: Store | null = null
  /** What was read, until there is a peer. */
  #opened: Opened = { inherited: NO_OUTBOXES, fence: null, read: null }
  /** Null until there is a peer. */
  #batches: KeptBatches | null = null
  /** Whether this tab is the one to write the copy. */
  #lock: Lock = { isTaken: false, giveUp: () => {} }
  #endLife = () => {}
  #isClosed = false
  /** Once nothing more is to come of the store that is being opened. */
  #givenUp = () => {}

  constructor(places: CopyPlaces, around: Surroundings) {
    this.#places = places
    this.#around = around
    this.#keeping = new Keeping(around.clock.now())
    around.channel.listen((message) => this.#heard(message as Told))
    this.#requestLock()
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

  /** The newest messages of a key; null where there is no copy. What is asked before the store is open comes first. */
  newest(key: string, asked: Asked): Promise<Newest | null> {
    const answer = this.#readNewest(key, asked).catch(() => null)
    this.#answers.add(answer)
    return answer
  }

  async #readNewest(key: string, asked: Asked): Promise<Newest | null> {
    return readNewest(await this.#opensStore(), this.#places, key, asked)
  }

  /** The peer that came of it, from now on. */
  keep(kept: Kept): void {
    this.#endLife = this.#around.lives.hold(kept.life)
    const { inherited, fence, read } = this.#opened
    const batches = new KeptBatches(kept, this.#places, inherited)
    this.#batches = batches
    this.#opened = { inherited: NO_OUTBOXES, fence: null, read: null }
    // Behind the fence nobody else has changed what was read.
    if (fence !== null && read !== null) batches.takePen(fence, read)
    else if (this.#lock.isTaken) this.#guard(this.#takePen())
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
    if (this.#batches === null) return
    this.#endLife = this.#around.lives.hold(this.#batches.life)
    this.#requestLock()
    this.#feed({ type: 'restored' })
  }

  /** The room is left: what is due is written. */
  close(): void {
    this.#isClosed = true
    this.left()
    this.#around.clock.cancel()
    this.#around.channel.close()
    this.#letOthers()
  }

  /** A page that holds a lock is not kept in the back/forward cache. */
  #letOthers(): void {
    this.#lock.giveUp()
    this.#lock = { isTaken: false, giveUp: () => {} }
    this.#endLife()
    this.#batches?.dropPen()
  }

  // --- opening ---

  /** Once, for whoever asks first. */
  #opensStore(): Promise<Store> {
    this.#opening ??= this.#around.openStore()
    return this.#opening
  }

  async #open(): Promise<OpenedCopy> {
    try {
      const store = await this.#opensStore()
      if (this.state !== 'opening') {
        await store.close()
        return NOTHING
      }
      this.#store = store
      await Promise.all(this.#answers)
      const fence = this.#lock.isTaken ? await takeFence(store, this.#places.fence) : null
      const read = await this.#read(store)
      const elsewhere = await this.#around.lives.elsewhere()
      const inherited = inheritedFrom(read, elsewhere, this.#places)
      this.#opened = { inherited, fence, read }
      const opened = copyFrom(read, inherited)
      this.#feed({ type: 'opened', found: read.found.type })
      return opened
    } catch {
      this.#feed({ type: 'open-failed' })
      return NOTHING
    }
  }

  async #read(store: Store): Promise<Read> {
    const rows = await store.read(this.#places.start, this.#places.end)
    return { rows, found: copyIn(rows, this.#places) }
  }

  async #openAgain(): Promise<void> {
    this.#opening = null
    const store = await this.#opensStore()
    this.#store = store
    const { found } = await this.#read(store)
    if (found.type === 'none') this.#batches?.wasEmptied()
    if (this.#lock.isTaken) await this.#takePen()
    this.#feed({ type: 'opened', found: found.type })
  }

  // --- who writes ---

  #requestLock(): void {
    let isTaken = false
    const giveUp = this.#around.lock.request(this.#around.name, () => {
      isTaken = true
      this.#lock = { ...this.#lock, isTaken }
      if (this.#batches !== null) this.#guard(this.#takePen())
    })
    this.#lock = { isTaken, giveUp }
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
    this.#lock.giveUp()
    this.#requestLock()
  }

  #heard(told: Told): void {
    if (told.type === 'written') return this.#wasStored(told.claim, told.index)
    this.#feed({ type: 'forgotten' })
    this.#guard(this.#store?.close())
  }

  #wasStored(claim: Claim, index: Index): void {
    this.#batches?.wasStored(claim, index)
    this.#around.onStored(this.storedUpTo)
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
        this.#guard(this.#store?.close())
        return this.#letOthers()
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
    if (this.#lock.isTaken && !batches.writes) this.#guard(this.#takePen())
    const batch = isLast ? batches.orderLast() : batches.order()
    if (batch === null) return this.#feed({ type: 'written', due: batches.due })
    store.write(batch.writes, batch.unless).then(
      () => {
        batches.wasWritten(batch)
        this.#tell()
        this.#feed({ type: 'written', due: batches.due })
      },
      (error: unknown) => {
        batches.hasFailed(batch)
        this.#feed({ type: 'refused', problem: problemOf(error) })
      },
    )
  }

  #tell(): void {
    const written = this.#batches?.written ?? null
    if (written === null) return
    this.#around.onStored(written.index)
    if (!this.#isClosed) this.#around.channel.say({ type: 'written', ...written } satisfies Told)
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
